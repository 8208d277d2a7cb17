"""What decisions are told in: outcomes and states, reasons, and the lines of a journal."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from schemas.shape import Shape

Outcome = Literal["POST", "ACCUMULATE", "EXCLUDE", "WAIT", "HOLD", "REJECT"]
State = Literal["POSTED", "ACCUMULATING", "EXCLUDED", "WAITING", "REQUIRES_ATTENTION", "CANCELLED", "REVERSED"]
Route = Literal["ACCOUNT", "GENERIC", "BATCH", "SUMMARY"]
Severity = Literal["WARN", "EXCLUDE", "WAIT", "HOLD", "REJECT"]


class Decided(Shape):
    """What the engine records of its own; a field whose name Python keeps for itself may be given by either name."""

    model_config = ConfigDict(populate_by_name=True)


class Reason(Shape):
    """Why a document does not post, or posts with a remark: stable code, plain words, and how to mend it."""

    code: str
    severity: Severity
    message: str
    remedy: str
    path: str | None = None
    waits_for: list[str] = []
    overridable: bool = False


class PostingLine(Shape):
    """One side of a journal; amounts are integer minor units above zero, of the document's and of the book's currency."""

    account: str
    side: Literal["D", "C"]
    amount: int
    base_amount: int
    party: str | None = None
    tax_code: str | None = None
    memo: str = ""
    dimensions: dict[str, str] = {}
    customer: str | None = None
