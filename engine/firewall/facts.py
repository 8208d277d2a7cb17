"""Facts: everything the rules may look at when they judge one version of one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.accounts import Account
from engine.books import Book, Period
from engine.classes import CustomerClass
from engine.customers import Customer
from engine.documents import Document
from engine.links import Link, Unlinked
from engine.mapping import Place
from engine.release import Released
from schemas.events import PostingAuthorised
from schemas.inbound import CreditNoteIssued, InvoiceIssued, PaymentReceived, RefundPaid
from schemas.inbound.documents import Line
from schemas.values import major, minor

Kind = Literal["INVOICE", "CREDIT_NOTE", "PAYMENT", "REFUND"]


@dataclass(frozen=True, slots=True)
class Sums:
    """The amounts of a document as it states them and as its lines add up, in minor units."""

    nets: tuple[int, ...] = ()
    taxes: tuple[int, ...] = ()
    net: int = 0
    tax: int = 0
    gross: int = 0
    charges: int = 0
    rounding: int = 0
    tendered: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """The document that is judged, with `invoice` or `payment` set; `mentioned` names the fields that any line gives."""

    kind: Kind
    document: str
    version: int
    number: str
    date: str
    business_date: str
    currency: str
    sums: Sums
    said: InvoiceIssued | PaymentReceived
    invoice: InvoiceIssued | None = None
    payment: PaymentReceived | None = None
    lines: tuple[Line, ...] = ()
    mentioned: frozenset[str] = frozenset()


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
    account_id: str | None = None
    account: Account = field(default_factory=Account)
    class_id: str | None = None
    class_: CustomerClass = field(default_factory=CustomerClass)
    places: tuple[Place | None, ...] = ()
    generic: Account = field(default_factory=Account)
    generic_id: str | None = None
    original: Document | None = None
    follows: PostingAuthorised | None = None
    settles: Mapping[str, Document] = field(default_factory=dict)
    paid: int = 0
    deposited_with: str | None = None
    payer: str | None = None
    number_used_by: str | None = None
    order_number_used_by: str | None = None
    conflicted: bool = False
    reversed: bool = False
    released: Released = frozenset()

    @property
    def anonymous(self) -> bool:
        """True when the document names no customer."""
        return self.subject.said.customer is None

    def told(self, units: int) -> str:
        """Write minor units of the document as a person reads them: `12.50 EUR`."""
        return f"{major(units, self.subject.currency)} {self.subject.currency}"

    @property
    def outstanding(self) -> int:
        """What is left to pay of the document, in minor units; negative when overpaid."""
        return self.subject.sums.gross - self.subject.sums.tendered - self.paid


def invoice_subject(said: InvoiceIssued) -> Subject:
    """Return an invoice or credit note as a subject; the lines that count are those not voided."""
    kind: Kind = "CREDIT_NOTE" if isinstance(said, CreditNoteIssued) else "INVOICE"
    lines = tuple([line for line in said.lines if not line.voided])
    name, day, sums = said.document, said.business_date, _sums(said, lines)
    mentioned = frozenset[str]().union(*[line.model_fields_set for line in lines])
    return Subject(kind, name, said.version, said.number, said.date, day, said.currency, sums, said, said, None, lines, mentioned)


def payment_subject(said: PaymentReceived) -> Subject:
    """Return a payment or refund as a subject."""
    kind: Kind = "REFUND" if isinstance(said, RefundPaid) else "PAYMENT"
    name, day, sums = said.payment, said.date, Sums(gross=minor(said.amount, said.currency))
    return Subject(kind, name, 1, name, day, day, said.currency, sums, said, payment=said)


def _sums(said: InvoiceIssued, lines: Sequence[Line]) -> Sums:
    currency, totals = said.currency, said.totals
    return Sums(
        nets=tuple([minor(line.net, currency) for line in lines]),
        taxes=tuple([sum([minor(tax.amount, currency) for tax in line.tax]) if line.tax else 0 for line in lines]),
        net=minor(totals.net, currency),
        tax=minor(totals.tax, currency),
        gross=minor(totals.gross, currency),
        charges=minor(totals.charges, currency) if totals.charges else 0,
        rounding=minor(totals.rounding, currency) if totals.rounding else 0,
        tendered=sum([minor(tender.amount, currency) for tender in said.tenders]),
    )
