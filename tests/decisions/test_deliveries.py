"""Deliveries: the last word of an accounting system about a posting, and what a person made of it."""

from __future__ import annotations

import pytest

from engine.streams.deliveries import DELIVERIES, Confirmed, Drifted, Failed, Pending, Stopped, Unanswered
from schemas.inbound import DriftResolved, PostingAcknowledged, PostingDrifted, PostingRefused, PostingUnanswered
from tests.decisions.specification import Specification
from tests.rules.case import covers

DELIVERY = Specification(DELIVERIES)
BOOKED = PostingAcknowledged(posting_key="k", target="t", external_id="X-1")
REFUSED = PostingRefused(posting_key="k", target="t", code="400", text="archived")
LOST = PostingUnanswered(posting_key="k", target="t", code="TIMEOUT")
CHANGED = PostingDrifted(posting_key="k", target="t", finding="CHANGED", text="the total is 90.00")


def resolved(resolution: str) -> DriftResolved:
    """Return what a person decided."""
    return DriftResolved.model_validate({"posting_key": "k", "target": "t", "resolution": resolution, "by": "ann"})


def test_a_posting_is_booked_or_refused() -> None:
    """Either answer is recorded."""
    assert DELIVERY.when(BOOKED).then_it_is_recorded() == Confirmed(BOOKED)
    assert DELIVERY.when(REFUSED).then_it_is_recorded() == Failed(REFUSED)


def test_a_refused_posting_may_be_booked_later() -> None:
    """And refused again for another reason."""
    DELIVERY.given(REFUSED).when(BOOKED).then_it_is_recorded()
    DELIVERY.given(REFUSED).when(REFUSED.model_copy(update={"text": "locked"})).then_it_is_recorded()


@covers("N5")
def test_the_same_booking_in_more_words_is_silent() -> None:
    """The identity over there is what counts (N5)."""
    DELIVERY.given(BOOKED).when(BOOKED.model_copy(update={"text": "again"})).then_nothing()


def test_a_booking_that_changes_is_refused() -> None:
    """A second identity, or a refusal after the booking, needs a person (N6)."""
    DELIVERY.given(BOOKED).when(BOOKED.model_copy(update={"external_id": "X-2"})).then_refused("TARGET_CONFLICT")
    DELIVERY.given(BOOKED).when(REFUSED).then_refused("TARGET_CONFLICT")
    DELIVERY.given(BOOKED, CHANGED).when(REFUSED).then_refused("TARGET_CONFLICT")


@covers("N12")
def test_an_answer_that_names_the_lines_is_news() -> None:
    """The ids of the lines are kept from whichever answer has them."""
    lined = BOOKED.model_copy(update={"external_lines": ["L-1", "L-2"]})
    assert DELIVERY.given(BOOKED).when(lined).then_it_is_recorded() == Confirmed(lined)
    DELIVERY.given(lined).when(BOOKED).then_nothing()


@covers("N4")
def test_an_answer_that_was_lost_is_looked_up() -> None:
    """Until the look-up has its answer the delivery is unknown; said twice, that is no news, and after a booking it is none."""
    assert DELIVERY.when(LOST).then_it_is_recorded() == Unanswered(LOST)
    DELIVERY.given(LOST).when(LOST).then_nothing()
    assert DELIVERY.given(LOST).when(BOOKED).then_it_is_recorded() == Confirmed(BOOKED)
    assert DELIVERY.given(LOST).when(REFUSED).then_it_is_recorded() == Failed(REFUSED)
    DELIVERY.given(BOOKED).when(LOST).then_nothing()


def test_a_drift_is_told_once_and_again_when_it_differs() -> None:
    """It may even come before the booking it is about, which does not hide it."""
    assert DELIVERY.given(BOOKED).when(CHANGED).then_it_is_recorded() == Drifted(CHANGED, BOOKED)
    DELIVERY.given(BOOKED, CHANGED).when(CHANGED).then_nothing()
    gone = CHANGED.model_copy(update={"finding": "MISSING"})
    assert DELIVERY.given(BOOKED, CHANGED).when(gone).then_it_is_recorded() == Drifted(gone, BOOKED)
    assert DELIVERY.given(CHANGED).when(BOOKED).then_it_is_recorded() == Drifted(CHANGED, BOOKED)


def test_a_person_resolves_a_drift() -> None:
    """Theirs counts, ours is sent again, or nothing more is sent."""
    drifted = DELIVERY.given(BOOKED, CHANGED)
    assert drifted.when(resolved("ACCEPT_THEIRS")).then_it_is_recorded() == Confirmed(BOOKED, CHANGED)
    assert drifted.when(resolved("SEND_OURS")).then_it_is_recorded() == Pending()
    assert drifted.when(resolved("STOP")).then_it_is_recorded() == Stopped()


def test_what_was_let_stand_is_not_told_again() -> None:
    """A comparison that finds the accepted difference every night says nothing new; another difference is."""
    accepted = DELIVERY.given(BOOKED, CHANGED, resolved("ACCEPT_THEIRS"))
    accepted.when(CHANGED).then_nothing()
    accepted.when(CHANGED.model_copy(update={"text": "the total is 80.00"})).then_it_is_recorded()
    DELIVERY.given(BOOKED, CHANGED, resolved("STOP")).when(CHANGED).then_nothing()


def test_what_is_sent_again_may_have_another_identity() -> None:
    """The booking that went missing does not count any more."""
    again = DELIVERY.given(BOOKED, CHANGED, resolved("SEND_OURS"))
    again.when(BOOKED.model_copy(update={"external_id": "X-2"})).then_it_is_recorded()
    again.when(resolved("SEND_OURS")).then_nothing()


def test_a_posting_may_be_kept_from_an_accounting_system() -> None:
    """And be sent after all."""
    assert DELIVERY.when(resolved("STOP")).then_it_is_recorded() == Stopped()
    DELIVERY.given(resolved("STOP")).when(resolved("STOP")).then_nothing()
    assert DELIVERY.given(resolved("STOP")).when(resolved("SEND_OURS")).then_it_is_recorded() == Pending()


def test_an_answer_that_comes_late_does_not_begin_again_what_was_stopped() -> None:
    """A loss or a refusal is silent then; that it was booked after all is told."""
    stopped = DELIVERY.given(LOST, resolved("STOP"))
    stopped.when(LOST).then_nothing()
    stopped.when(REFUSED).then_nothing()
    assert stopped.when(BOOKED).then_it_is_recorded() == Confirmed(BOOKED)


@pytest.mark.parametrize("before", [LOST, REFUSED])
def test_what_a_person_took_as_booked_may_get_its_identity_later(before: PostingAcknowledged) -> None:
    """Nobody knew under what it was booked, so the first identity is news, and a second one a conflict."""
    theirs = DELIVERY.given(before, resolved("ACCEPT_THEIRS"))
    assert theirs.when(BOOKED).then_it_is_recorded() == Confirmed(BOOKED)
    other = BOOKED.model_copy(update={"external_id": "X-2"})
    DELIVERY.given(before, resolved("ACCEPT_THEIRS"), BOOKED).when(other).then_refused("TARGET_CONFLICT")


@pytest.mark.parametrize("resolution", ["SEND_OURS", "STOP"])
def test_what_stands_as_told_needs_no_decision(resolution: str) -> None:
    """A confirmed posting that did not drift is nobody's question."""
    DELIVERY.given(BOOKED).when(resolved(resolution)).then_refused("NOTHING_TO_RESOLVE")
