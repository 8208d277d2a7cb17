"""The base of every shape: frozen, strict, and closed to unknown fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

AT_THE_DOOR = {"door": True}
"""The context in which a message is read that is not taken yet; what was taken once is read without it, for ever."""


class Shape(BaseModel):
    """A message or event shape. What is not declared is refused; what is declared is never coerced."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
