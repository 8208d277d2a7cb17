"""What billing decides: which documents post together, and what a batch or a business day came to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.decided import Decided, PostingLine, Reason, Route
from schemas.shape import Shape


class BilledPart(Shape):
    """What one document adds to one journal of a batch or summary: its own lines, as they were added up."""

    leg: str
    posting_key: str
    lines: list[PostingLine]


class DocumentBilled(Decided):
    """A version that accumulated is part of a posted batch or summary: posting, debtor and class are those of the whole.

    `receivable` names what is open of the whole; money and credits of the document settle that.
    """

    version: int
    batch: str
    posting_key: str
    receivable: str
    route: Route
    account: str
    control: str
    class_: Annotated[str | None, Field(alias="class")] = None
    class_version: int | None = None
    kind: str
    number: str
    business_date: str
    currency: str
    gross: int
    parts: list[BilledPart]


class DocumentUnbilled(Decided):
    """The batch or summary that a version was part of was reversed; the version accumulates again."""

    version: int
    batch: str
    route: Route


class Billed(Decided):
    """A batch was run or a business day closed: how many documents it took, and what is to be said of it.

    `unresolved` are documents of its scope that are held or wait, and were acknowledged; sums by tender are minor units.
    """

    members: int
    unresolved: list[str] = []
    acknowledged_by: str | None = None
    reasons: list[Reason] = []
    tendered: dict[str, int] = {}
    version: int = 1
    rulebook: str


BILLED: tuple[type[Shape], ...] = (DocumentBilled, DocumentUnbilled, Billed)
