"""Stored events: the facts as said (every inbound shape) and what the engine decided about them.

A stored kind is a contract: `InvoiceIssued.v1` never becomes a Python path, and a kind once shipped replays for ever.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.billed import BILLED, Billed, BilledPart, DocumentBilled, DocumentUnbilled
from schemas.collected import COLLECTED
from schemas.decided import Decided, Outcome, PostingLine, Reason, Route, Severity, State
from schemas.inbound import TYPES
from schemas.shape import Shape
from schemas.transferred import DocumentTransferred, TransferDecided


class CreditChecked(Shape):
    """What the account of an invoice owed when it was judged, and its limits, in minor units of the book's currency."""

    mode: str
    open: int
    pending: int
    asked: int
    overdue: int = 0
    overdue_days: int = 0
    limit: int | None = None
    warning: int | None = None
    overdue_limit: int | None = None
    days_max: int | None = None


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
    base_gross: int | None = None
    batch: str | None = None
    credit: CreditChecked | None = None
    posting_key: str | None = None
    revenue_account: str | None = None
    read: dict[str, int] = {}
    rulebook: str


class Settled(Shape):
    """How much of a posting settles which document, in minor units of the posting's and of the book's currency.

    Above zero it lowers what is open on the document, below zero it raises it; the account is the posting's unless named.
    """

    document: str
    amount: int
    base_amount: int
    account: str | None = None


class PostingAuthorised(Decided):
    """A journal the ledger may take, exactly once, under its derived key.

    `settles` names the open items that its receivable belongs to; what they leave, or all of it, is an item of its own.
    """

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
    settles: list[Settled] = []
    mode: Literal["PERMANENT", "PROVISIONAL", "HELD"] = "PERMANENT"
    account_code: str | None = None


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
    """A credit note that names this invoice was received; minor units, zero when it is withdrawn.

    `lines` says how much of it, with its tax, is for which line of the invoice, where the credit note says so.
    """

    credit_note: str
    amount: int
    currency: str
    lines: dict[str, int] = {}


class SettlementBooked(Decided):
    """Documents are settled and nothing is posted: their money is in the accounting system already; below zero undone.

    What `settles` leaves of the amount stands under the payment's own id. On a document, with an amount of zero, it carries what
    was settled of a member over to its batch, or back.
    """

    account: str
    kind: str
    number: str
    date: str
    due_date: str | None = None
    currency: str
    amount: int
    base_amount: int
    settles: list[Settled] = []


class TermsDefaulted(Decided):
    """Terms, credit limit and prefix were copied, once, from the class the account was first given."""

    class_: Annotated[str, Field(alias="class")]
    class_version: int
    days: int | None = None
    rule: str | None = None
    credit_limit: str | None = None
    account_prefix: str | None = None


class AccountLikened(Decided):
    """An account is like one that was opened before: by its name or its tax id, as the records of both were then."""

    other: str
    by: Literal["NAME", "TAX_ID"]


class AccountAbsorbed(Decided):
    """Another account was merged into this one, which from now on answers for what that one owes."""

    other: str


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
    DocumentTransferred,
    TransferDecided,
    SettlementBooked,
    *BILLED,
    TermsDefaulted,
    AccountLikened,
    AccountAbsorbed,
    MessageQuarantined,
    MessageRequeued,
    *COLLECTED,
)

KINDS: dict[str, type[Shape]] = {f"{shape.__name__}.v1": shape for shape in (*TYPES.values(), *DECIDED)}
"""Stored kind -> shape. Kinds are explicit and final."""

KIND_OF: dict[type[Shape], str] = {shape: kind for kind, shape in KINDS.items()}

__all__ = [
    "DECIDED",
    "KINDS",
    "KIND_OF",
    "AccountAbsorbed",
    "AccountLikened",
    "Billed",
    "BilledPart",
    "CreditChecked",
    "CreditNoted",
    "Decided",
    "DocumentAdvanced",
    "DocumentBilled",
    "DocumentConflicted",
    "DocumentDecided",
    "DocumentSuperseded",
    "DocumentTransferred",
    "DocumentUnbilled",
    "MessageQuarantined",
    "MessageRequeued",
    "Outcome",
    "PostingAuthorised",
    "PostingLine",
    "PostingReversed",
    "Reason",
    "Route",
    "Settled",
    "SettlementBooked",
    "SettlementNoted",
    "SettlementWithdrawn",
    "Severity",
    "State",
    "TermsDefaulted",
    "TransferDecided",
]
