"""The subject: the document that is judged, with its amounts as it states them and as its lines add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.streams.charges import Charging
from schemas.inbound import CreditNoteIssued, InvoiceIssued, PaymentReceived, RefundPaid
from schemas.inbound.documents import Line
from schemas.values import minor

Kind = Literal["INVOICE", "CREDIT_NOTE", "PAYMENT", "REFUND", "INTEREST"]


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
    cash_rounding: int = 0
    tendered: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """The document that is judged, with `invoice` or `payment` set, the fields `mentioned` by any line, and its `rate`."""

    kind: Kind
    document: str
    version: int
    number: str
    date: str
    business_date: str
    currency: str
    sums: Sums
    said: InvoiceIssued | PaymentReceived | Charging
    invoice: InvoiceIssued | None = None
    payment: PaymentReceived | None = None
    lines: tuple[Line, ...] = ()
    mentioned: frozenset[str] = frozenset()
    rate: str | None = None


def invoice_subject(said: InvoiceIssued) -> Subject:
    """Return an invoice or credit note as a subject; the lines that count are those not voided."""
    kind: Kind = "CREDIT_NOTE" if isinstance(said, CreditNoteIssued) else "INVOICE"
    lines = tuple([line for line in said.lines if not line.voided])
    name, day, sums = said.document, said.business_date, _sums(said, lines)
    mentioned = frozenset[str]().union(*[line.model_fields_set for line in lines])
    head = (kind, name, said.version, said.number, said.date, day, said.currency)
    return Subject(*head, sums, said, said, None, lines, mentioned, said.exchange_rate)


def payment_subject(said: PaymentReceived) -> Subject:
    """Return a payment or refund as a subject."""
    kind: Kind = "REFUND" if isinstance(said, RefundPaid) else "PAYMENT"
    name, day, sums = said.payment, said.date, Sums(gross=minor(said.amount, said.currency))
    return Subject(kind, name, 1, name, day, day, said.currency, sums, said, payment=said, rate=said.exchange_rate)


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
        cash_rounding=minor(totals.cash_rounding, currency) if totals.cash_rounding else 0,
        tendered=sum([minor(tender.amount, currency) for tender in said.tenders]),
    )
