"""Payments: money is recorded once, and taken back once."""

from __future__ import annotations

from engine.streams.payments import PAYMENTS
from schemas.events import DocumentConflicted
from schemas.inbound import PaymentReceived, PaymentReversed, RefundPaid, ReleaseGranted
from tests.decisions.decided import held, posted
from tests.decisions.specification import Specification

PAYMENT = Specification(PAYMENTS)
CONTENT = {"payment": "p1", "date": "2026-01-15", "currency": "EUR", "amount": "12.00", "tender": "cash"}
RECEIVED = PaymentReceived.model_validate(CONTENT)
OTHER = PaymentReceived.model_validate({**CONTENT, "amount": "7.00"})
REVERSED = PaymentReversed.model_validate(CONTENT)
REFUND = RefundPaid.model_validate(CONTENT)
RELEASE = ReleaseGranted(
    document="payment:p1", version=1, reasons=["CUSTOMER_BLOCKED"], by="Ann", role="accountant", note="agreed"
)


def test_money_is_received_once() -> None:
    """The same payment again is silence."""
    assert PAYMENT.when(RECEIVED).then_it_is_recorded().content == RECEIVED


def test_money_is_paid_back_once() -> None:
    """A refund is a payment in the other direction."""
    PAYMENT.when(REFUND).then_it_is_recorded()


def test_another_content_is_a_conflict() -> None:
    """It is recorded once, with what was said (A3)."""
    (event,) = PAYMENTS.decide(OTHER, PAYMENT.given(RECEIVED).state)
    assert isinstance(event, DocumentConflicted)
    assert PAYMENT.given(RECEIVED).when(OTHER).then(event).conflicted
    PAYMENT.given(RECEIVED, event).when(RECEIVED).then_nothing()


def test_a_payment_keeps_its_direction() -> None:
    """Money in never becomes money out."""
    PAYMENT.given(RECEIVED).when(REFUND).then_refused("DOCUMENT_KIND_CHANGED")
    PAYMENT.given(REFUND).when(RECEIVED).then_refused("DOCUMENT_KIND_CHANGED")


def test_a_payment_is_reversed_once_even_before_it_is_known() -> None:
    """The reversal may come first."""
    PAYMENT.given(RECEIVED).when(REVERSED).then_it_is_recorded()
    assert PAYMENT.when(REVERSED).then_it_is_recorded().content is None
    PAYMENT.given(REVERSED).when(RECEIVED).then_it_is_recorded()


def test_somebody_releases_a_payment() -> None:
    """What may be passed is passed, and said again it is no news."""
    released = PAYMENT.given(RECEIVED, held("CUSTOMER_BLOCKED")).when(RELEASE).then_it_is_recorded().released
    assert released == {("CUSTOMER_BLOCKED", None)}


def test_a_release_that_may_not_be_is_refused() -> None:
    """Of what must be mended, of nothing, or of what is posted."""
    PAYMENT.given(RECEIVED, held("CUSTOMER_BLOCKED", overridable=False)).when(RELEASE).then_refused("RELEASE_NOT_ALLOWED")
    PAYMENT.when(RELEASE).then_refused("RELEASE_NOT_ALLOWED")
    done = PAYMENT.given(RECEIVED, held("CUSTOMER_BLOCKED"), posted())
    done.when(RELEASE).then_refused("RELEASE_NOT_ALLOWED")
