"""Sources: what an operator says about the places that messages are read from."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.shape import Shape
from schemas.values import Name, ReadFrom, Text

Position = Annotated[int, Field(ge=1, le=2**63 - 1)]


class SourceGapDeclared(Shape):
    """Positions `from`..`to` of a source, both included, are lost for good; reading goes on after them.

    A position counts from 1, so a Kafka record at offset n stands at position n + 1.
    """

    source: ReadFrom
    from_: Annotated[Position, Field(alias="from")]
    to: Position
    by: Name
    reason: Text

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> SourceGapDeclared:
        """Refuse positions that run backwards."""
        if self.to < self.from_:
            raise PydanticCustomError("POSITION", "the gap ends before it begins", {"place": "to"})
        return self
