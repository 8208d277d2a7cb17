"""Stored events: the facts as said (every inbound shape) and what the engine decided about them.

A stored kind is a contract: `InvoiceIssued.v1` never becomes a Python path, and a kind once shipped replays for ever.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.inbound import TYPES
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


class DocumentDecided(Decided):
    """What the firewall decided about one version of a document, and everything it looked at.

    Amounts are minor units. `received` is the book's sequence number of the fact that brought the version, `was` the
    state before, `waits_no_more_for` what an earlier decision waited for and this one does not: with them every view
    is a fold of single events.
    """

    version: int
    outcome: Outcome
    state: State
    reasons: list[Reason] = []
    waits_for: list[str] = []
    waits_no_more_for: list[str] = []
    was: State | None = None
    kind: str
    number: str
    date: str
    business_date: str
    currency: str
    gross: int
    customer: str | None = None
    order_number: str | None = None
    route: Route | None = None
    account: str | None = None
    class_: Annotated[str | None, Field(alias="class")] = None
    class_version: int | None = None
    received: int
    since: str
    today: str
    read: dict[str, int] = {}
    rulebook: str


class PostingAuthorised(Decided):
    """A journal the ledger may take, exactly once, under its derived key."""

    posting_key: str
    version: int
    leg: str
    kind: str
    number: str
    route: Route
    account: str
    class_: Annotated[str | None, Field(alias="class")] = None
    class_version: int | None = None
    date: str
    business_date: str
    period: str
    due_date: str | None = None
    currency: str
    base_currency: str
    lines: list[PostingLine]
    sources: list[str] = []


class PostingReversed(PostingAuthorised):
    """A journal that undoes an earlier one, line by line with the sides exchanged."""

    reverses: str


class DocumentConflicted(Shape):
    """One version was said twice with different content, the second kept here as JSON; nobody may guess which is true."""

    version: int
    content: str


class DocumentAdvanced(Shape):
    """A version that waited for its predecessors is now the one in force."""

    version: int


class DocumentSuperseded(Shape):
    """A version was overtaken by a later one, voided or taken back; REVERSED when it had been posted."""

    version: int
    state: Literal["REVERSED", "CANCELLED"]
    was: State
    by: int
    business_date: str
    currency: str
    gross: int
    waits_no_more_for: list[str] = []


class SettlementNoted(Shape):
    """A payment (or, negative, a refund) that names this document was received; minor units of its currency."""

    payment: str
    amount: int
    currency: str


class SettlementWithdrawn(Shape):
    """A payment that named this document was reversed."""

    payment: str


class CreditNoted(Shape):
    """A credit note that names this invoice was received; minor units, zero when it is withdrawn."""

    credit_note: str
    amount: int
    currency: str


class TermsDefaulted(Decided):
    """Terms and credit limit were copied, once, from the class the account was first given."""

    class_: Annotated[str, Field(alias="class")]
    class_version: int
    days: int | None = None
    rule: str | None = None
    credit_limit: str | None = None


class MessageQuarantined(Shape):
    """A message that could not be taken as said, with its bytes in base64 (the first 64 KiB of one over the limit)."""

    locator: str
    code: str
    message: str
    size: int
    digest: str
    head: str


class MessageRequeued(Shape):
    """A quarantined message was offered again, and what became of it."""

    locator: str
    verdict: str


DECIDED: tuple[type[Shape], ...] = (
    DocumentDecided,
    PostingAuthorised,
    PostingReversed,
    DocumentConflicted,
    DocumentAdvanced,
    DocumentSuperseded,
    SettlementNoted,
    SettlementWithdrawn,
    CreditNoted,
    TermsDefaulted,
    MessageQuarantined,
    MessageRequeued,
)

KINDS: dict[str, type[Shape]] = {f"{shape.__name__}.v1": shape for shape in (*TYPES.values(), *DECIDED)}
"""Stored kind -> shape. Kinds are explicit and final."""

KIND_OF: dict[type[Shape], str] = {shape: kind for kind, shape in KINDS.items()}
