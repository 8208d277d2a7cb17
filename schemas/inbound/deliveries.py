"""Acknowledgements: what an accounting system made of a posting."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.shape import Shape
from schemas.values import Id, Name, Text


class PostingAcknowledged(Shape):
    """The accounting system booked the posting, and under which of its own identities."""

    posting_key: Id
    target: Id
    external_id: Name | None = None
    external_lines: Annotated[list[Name], Field(max_length=2_000)] = []
    code: Name | None = None
    text: Text | None = None


class PostingRefused(PostingAcknowledged):
    """The accounting system refused the posting, with its code and text."""
