"""Deliveries: the last word of an accounting system about a posting."""

from __future__ import annotations

from engine.deliveries import DELIVERIES, Answered
from schemas.inbound import PostingAcknowledged, PostingRefused
from tests.decisions.specification import Specification

DELIVERY = Specification(DELIVERIES)
BOOKED = PostingAcknowledged(posting_key="k", target="t", external_id="X-1")
REFUSED = PostingRefused(posting_key="k", target="t", code="400", text="archived")


def test_a_posting_is_booked_or_refused() -> None:
    """Either answer is recorded."""
    booked = DELIVERY.when(BOOKED).then_it_is_recorded()
    assert isinstance(booked, Answered)
    assert booked.confirmed
    refused = DELIVERY.when(REFUSED).then_it_is_recorded()
    assert isinstance(refused, Answered)
    assert not refused.confirmed


def test_a_refused_posting_may_be_booked_later() -> None:
    """And refused again for another reason."""
    DELIVERY.given(REFUSED).when(BOOKED).then_it_is_recorded()
    DELIVERY.given(REFUSED).when(REFUSED.model_copy(update={"text": "locked"})).then_it_is_recorded()


def test_the_same_booking_in_more_words_is_silent() -> None:
    """The identity over there is what counts (N5)."""
    DELIVERY.given(BOOKED).when(BOOKED.model_copy(update={"text": "again"})).then_nothing()


def test_a_booking_that_changes_is_refused() -> None:
    """A second identity, or a refusal after the booking, needs a person (N6)."""
    DELIVERY.given(BOOKED).when(BOOKED.model_copy(update={"external_id": "X-2"})).then_refused("TARGET_CONFLICT")
    DELIVERY.given(BOOKED).when(REFUSED).then_refused("TARGET_CONFLICT")
