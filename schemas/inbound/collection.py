"""Collection: statements, interest and dunning letters of the account customers of a class (rulebook Q)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.shape import Shape
from schemas.values import Day, Id, Name


class StatementRun(Shape):
    """The accounts of a class are sent what is open on them as of a day."""

    class_: Annotated[Id, Field(alias="class")]
    as_of: Day
    by: Name


class InterestRun(Shape):
    """The accounts of a class are charged interest on what is overdue, up to and including a day."""

    class_: Annotated[Id, Field(alias="class")]
    to: Day
    by: Name


class DunningRun(Shape):
    """The accounts of a class are sent letters about what is overdue on a day, by the levels of the class."""

    class_: Annotated[Id, Field(alias="class")]
    as_of: Day
    by: Name
