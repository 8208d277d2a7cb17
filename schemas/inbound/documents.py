"""Documents: invoices, credit notes, payments and refunds, as the publishing system states them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.inbound.amounts import checked_document, checked_payment
from schemas.inbound.customers import Channel
from schemas.shape import Shape
from schemas.values import (
    ALLOCATIONS_MAX,
    LINES_MAX,
    TAXES_PER_LINE_MAX,
    TENDERS_MAX,
    Amount,
    Code,
    Currency,
    Day,
    Decimal,
    Id,
    Name,
    Text,
    Version,
)


class Tax(Shape):
    """One tax component of a line, as the customer was charged it."""

    code: Id
    amount: Amount
    rate: Decimal | None = None


class Line(Shape):
    """One line of a document; `net` is without tax."""

    line: Annotated[int, Field(ge=1, le=1_000_000)]
    description: Text
    net: Amount
    tax: Annotated[list[Tax], Field(max_length=TAXES_PER_LINE_MAX)]
    product: Id | None = None
    product_class: Id | None = None
    quantity: Decimal | None = None
    unit: Id | None = None
    unit_price: Decimal | None = None
    discount: Amount | None = None
    discounts: Annotated[list[Amount], Field(max_length=10)] | None = None
    tax_total: Amount | None = None
    prices_include_tax: bool | None = None
    exempted_tax: Amount | None = None
    price_before_exemption: Amount | None = None
    tax_groups: Annotated[list[Id], Field(max_length=10)] | None = None
    gift_card: bool = False
    voided: bool = False
    original_line: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    revenue_account: Id | None = None
    dimensions: Annotated[dict[Id, Id], Field(max_length=10)] | None = None


class Totals(Shape):
    """What the document says its lines add up to; gross = net + tax + charges + rounding."""

    net: Amount
    tax: Amount
    gross: Amount
    charges: Amount | None = None
    rounding: Amount | None = None
    cash_rounding: Amount | None = None
    discount: Amount | None = None
    paid: Amount | None = None
    quantity: Decimal | None = None


class Tender(Shape):
    """Part of a document paid at the till, and how."""

    tender: Id
    amount: Amount
    reference: Name | None = None
    fee: Amount | None = None


class WalkIn(Shape):
    """Who an anonymous customer said to be."""

    name: Name | None = None
    address: Text | None = None
    email: Name | None = None
    tax_id: Name | None = None


class InvoiceIssued(Shape):
    """A sale, whole: amounts positive unless a line takes something back."""

    document: Id
    version: Version
    number: Id
    date: Day
    business_date: Day
    currency: Currency
    prices_include_tax: bool
    lines: Annotated[list[Line], Field(min_length=1, max_length=LINES_MAX)]
    totals: Totals
    customer: Id | None = None
    walk_in: WalkIn | None = None
    branch: Id | None = None
    channel: Channel | None = None
    due_date: Day | None = None
    tenders: Annotated[list[Tender], Field(max_length=TENDERS_MAX)] = []
    order_number: Name | None = None
    tax_date: Day | None = None
    session: Id | None = None
    job: Id | None = None
    exchange_rate: Decimal | None = None
    status: Literal["DRAFT", "FINAL", "PAID"] = "FINAL"
    do_not_post: bool = False

    @model_validator(mode="after")
    def amounts_fit_the_currency(self) -> InvoiceIssued:
        """Refuse an amount that has more digits than its currency, or is out of range."""
        checked_document(self)
        return self


class InvoiceAmended(InvoiceIssued):
    """The sale as it should have been, whole, under the next version."""


class CreditNoteIssued(InvoiceIssued):
    """A sale taken back, amounts positive; `original` is the invoice it corrects."""

    original: Id | None = None
    reason: Text | None = None


class CreditNoteAmended(CreditNoteIssued):
    """The credit note as it should have been, whole, under the next version."""


class InvoiceVoided(Shape):
    """The sale did not happen; what was posted is reversed."""

    document: Id
    version: Version
    reason: Text | None = None


class CreditNoteVoided(InvoiceVoided):
    """The credit note did not happen; what was posted is reversed."""


class Allocation(Shape):
    """How much of a payment settles which document."""

    document: Id
    amount: Amount


class PaymentReceived(Shape):
    """Money came in; a DEPOSIT comes before its invoice and is a liability until then."""

    payment: Id
    date: Day
    currency: Currency
    amount: Amount
    tender: Id
    customer: Id | None = None
    allocations: Annotated[list[Allocation], Field(max_length=ALLOCATIONS_MAX)] = []
    fee: Amount | None = None
    kind: Literal["PAYMENT", "DEPOSIT"] = "PAYMENT"
    reference: Name | None = None
    branch: Id | None = None
    exchange_rate: Decimal | None = None
    origin: Literal["OPERATIONAL", "ACCOUNTING"] = "OPERATIONAL"

    @model_validator(mode="after")
    def amounts_fit_the_currency(self) -> PaymentReceived:
        """Refuse an amount that has more digits than its currency, is not positive, or is over-allocated."""
        checked_payment(self)
        return self


class RefundPaid(PaymentReceived):
    """Money went back to a customer; there is no deposit to pay."""

    kind: Literal["PAYMENT"] = "PAYMENT"


class PaymentReversed(PaymentReceived):
    """A payment did not stand: bounced, charged back or taken by mistake."""


class ReleaseGranted(Shape):
    """Somebody with the role lets one version of a document pass the reasons named."""

    document: Id
    version: Version
    reasons: Annotated[list[Code], Field(min_length=1, max_length=50)]
    by: Name
    role: Name
    note: Annotated[str, Field(min_length=1, max_length=1_000)]


class DocumentPulled(Shape):
    """A document that accumulates for a batch or a summary is to be posted alone."""

    document: Id
    version: Version
    by: Name
    reason: Text | None = None
