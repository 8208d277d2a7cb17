"""Billing: documents that accumulate become one posting, by a batch run or at the close of a business day."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.shape import Shape
from schemas.values import TENDERS_MAX, Amount, Currency, Day, Id, Name, Text


class BatchRun(Shape):
    """Documents up to `cut_off` that accumulate for a class or one account become batch invoices dated `date`.

    Documents of these accounts up to the cut-off that are held must be acknowledged: they will not be in the batch.
    """

    batch: Id
    cut_off: Day
    date: Day
    by: Name
    class_: Annotated[Id | None, Field(alias="class")] = None
    account: Id | None = None
    acknowledged: bool = False

    @model_validator(mode="after")
    def names_one_scope(self) -> BatchRun:
        """Refuse a run that names neither a class nor an account, or both."""
        if (self.class_ is None) == (self.account is None):
            raise PydanticCustomError("SCHEMA_INVALID", "name a class or an account, not both", {"place": "class"})
        return self


class BatchReversed(Shape):
    """A batch is undone: its invoices are reversed and its members accumulate again."""

    batch: Id
    by: Name
    reason: Text | None = None


class Counted(Shape):
    """What was counted of one tender at the end of the day."""

    tender: Id
    amount: Amount


class DayClosed(Shape):
    """A branch has closed a business day: what accumulated for its summary posts, what comes later posts apart."""

    branch: Id
    day: Day
    currency: Currency
    counted: Annotated[list[Counted], Field(max_length=TENDERS_MAX)] = []
    by: Name | None = None
