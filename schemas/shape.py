"""The base of every shape: frozen, strict, and closed to unknown fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A message or event shape. What is not declared is refused; what is declared is never coerced."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
