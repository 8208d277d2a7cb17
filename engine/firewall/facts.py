"""Facts: everything the rules may look at when they judge one version of one document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.facts.exposure import Exposure
from engine.facts.mapping import Place, Sold
from engine.facts.subject import Subject
from engine.facts.tracing import sold_as
from engine.streams.accounts import Account
from engine.streams.books import Book
from engine.streams.classes import CustomerClass
from engine.streams.customers import Customer
from engine.streams.days import BusinessDay
from engine.streams.documents import Document
from engine.streams.followed import Followed
from engine.streams.links import Link, Unlinked
from engine.streams.periods import Period
from engine.streams.release import Released
from schemas.inbound import AccountOpened, PaymentReversed
from schemas.values import major


@dataclass(frozen=True, slots=True)
class Party:
    """One operational customer on the way to an account: the one named, its survivor, or the one invoiced."""

    id: str
    customer: Customer
    link: Link = field(default_factory=Unlinked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A snapshot for one judgement: `now` in microseconds, `today` and `since` days of the book, `sale` true for lines."""

    book: Book
    subject: Subject
    today: str
    now: int
    since: str
    period: Period
    sale: bool
    parties: tuple[Party, ...] = ()
    redirected: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    """Customers merged away on the way that have a link of their own, with the account it leads to."""
    account_id: str | None = None
    account: Account = field(default_factory=Account)
    class_id: str | None = None
    class_: CustomerClass = field(default_factory=CustomerClass)
    places: tuple[Place | None, ...] = ()
    generic: Account = field(default_factory=Account)
    generic_id: str | None = None
    twin: Account | None = None
    original: Document | None = None
    follows: Followed | None = None
    settles: Mapping[str, Document] = field(default_factory=dict)
    paid: int = 0
    opens: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    deposited_with: str | None = None
    payer: str | None = None
    window: BusinessDay | None = None
    pulled: bool = False
    number_used_by: str | None = None
    order_number_used_by: str | None = None
    formerly: str | None = None
    returned: Mapping[str, int] = field(default_factory=dict)
    conflicted: bool = False
    reversed: bool = False
    reversal: PaymentReversed | None = None
    exposure: Exposure | None = None
    offices: Mapping[str, AccountOpened] = field(default_factory=dict)
    released: Released = frozenset()

    @property
    def anonymous(self) -> bool:
        """True when the document names no customer."""
        return self.subject.said.customer is None

    @property
    def foreign(self) -> bool:
        """True when the document is in another currency than the book."""
        return self.book.opened is not None and self.subject.currency != self.book.opened.base_currency

    @property
    def sold(self) -> Sold:
        """What decides where the lines post: day, branch, channel and debtor; a credit note was sold as its original was."""
        return sold_as(self.subject, self.generic if self.generic_id else self.account, self.original if self.follows else None)

    @property
    def number(self) -> str:
        """The number the document has in the books: as said, behind the prefix of its class; a correction keeps its own (C13).

        A deposit follows itself once it stands, and keeps the number under which it does.
        """
        payment = self.subject.payment
        own = not self.follows or (payment is not None and payment.kind == "DEPOSIT")
        prefix = self.class_.record.invoice_prefix if self.class_.record and own else None
        return f"{prefix or ''}{self.subject.number}"

    def told(self, units: int) -> str:
        """Write minor units of the document as a person reads them: `12.50 EUR`."""
        return f"{major(units, self.subject.currency)} {self.subject.currency}"

    @property
    def outstanding(self) -> int:
        """What is left to pay of the document, in minor units; negative when overpaid."""
        return self.subject.sums.gross + self.subject.sums.cash_rounding - self.subject.sums.tendered - self.paid
