"""Acknowledgements: what an accounting system made of a posting."""

from __future__ import annotations

from typing import Annotated, Literal

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


class PostingUnanswered(PostingAcknowledged):
    """The posting was sent and nobody knows what became of it: it is looked up before it is sent again."""


class PostingDrifted(Shape):
    """What the accounting system has is no longer what was confirmed: it is gone, was changed, or was settled there."""

    posting_key: Id
    target: Id
    finding: Literal["MISSING", "CHANGED", "PAID"]
    external_id: Name | None = None
    text: Text | None = None


class DriftResolved(Shape):
    """A person decided what counts: theirs, ours (it is to be sent again), or neither any more."""

    posting_key: Id
    target: Id
    resolution: Literal["ACCEPT_THEIRS", "SEND_OURS", "STOP"]
    by: Name
    note: Text | None = None
