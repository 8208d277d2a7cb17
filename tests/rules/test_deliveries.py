"""Deliveries beside the ledger: what an accounting system makes of a posting changes no document, and is shown with a remedy."""

from __future__ import annotations

import json

import pytest

from projections.ledger import DELIVERIES, DeliveryRow
from schemas import codes
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.said import Saying

Answers = tuple[Saying, ...]


def answer(kind: str, **fields: object) -> Saying:
    """Say something about the posting of the story."""
    return said.say(kind, posting_key="{key}", target="books", **fields)


BOOKED = answer("posting.acknowledged", external_id="INV-1", external_lines=["L-1", "L-2"])
GONE, CHANGED, PAID = (answer("posting.drifted", finding=finding) for finding in ("MISSING", "CHANGED", "PAID"))
LOST = answer("posting.unanswered", code="TIMEOUT")
REFUSED = answer("posting.refused", code="E17", text="the contact is archived")


def resolved(resolution: str) -> Saying:
    """Say what a person decided."""
    return answer("drift.resolved", resolution=resolution, by="ann", note="looked")


def told(*answers: Saying) -> tuple[Story, DeliveryRow]:
    """Return a story with one posting, after these answers about it, and the posting's delivery."""
    story = Story().shop().invoice("i1")
    key = story.journals("i1")[0].posting_key
    story.each(*(Saying(saying.kind, {**saying.fields, "posting_key": key}) for saying in answers))
    (row,) = story.log.views.rows(DELIVERIES)
    return story, row


STATES: dict[str, tuple[Answers, str, str | None]] = {
    "booked": ((BOOKED,), "CONFIRMED", None),
    "refused": ((REFUSED,), "FAILED", "TARGET_REJECTED:E17"),
    "refused without a code": ((answer("posting.refused"),), "FAILED", "TARGET_REJECTED"),
    "lost": ((LOST,), "UNKNOWN", "DELIVERY_UNKNOWN"),
    "lost and found": ((LOST, BOOKED), "CONFIRMED", None),
    "gone": ((BOOKED, GONE), "DRIFTED", "TARGET_DOCUMENT_MISSING"),
    "changed": ((BOOKED, CHANGED), "DRIFTED", "TARGET_DRIFT"),
    "paid": ((BOOKED, PAID), "DRIFTED", "TARGET_ALREADY_PAID"),
    "changed before it was known to be booked": ((CHANGED, BOOKED), "DRIFTED", "TARGET_DRIFT"),
    "theirs accepted": ((BOOKED, CHANGED, resolved("ACCEPT_THEIRS")), "CONFIRMED", None),
    "to be sent again": ((BOOKED, GONE, resolved("SEND_OURS")), "PENDING", None),
    "stopped": ((REFUSED, resolved("STOP")), "STOPPED", None),
}


@covers("N1", "N3", "N4", "N5", "N9", "N10", "L5")
@pytest.mark.parametrize(("answers", "state", "reason"), STATES.values(), ids=STATES)
def test_a_delivery_has_a_state_of_its_own(answers: Answers, state: str, reason: str | None) -> None:
    """Whatever is said of a posting, its document stays posted and the ledger as it is; the delivery says where it stands."""
    before = Story().shop().invoice("i1").ledger()
    story, row = told(*answers)
    assert (row.state, row.reason) == (state, reason)
    assert (story.state("i1"), story.ledger(), len(story.journals("i1"))) == ("POSTED", before, 1)
    assert reason is None or reason.partition(":")[0] in codes.DELIVERIES


@covers("N11", "N12")
def test_the_identities_of_document_and_lines_are_kept() -> None:
    """Every line has the id that it has over there, also when a later answer does not repeat them."""
    row = told(BOOKED, answer("posting.acknowledged", external_id="INV-1"))[1]
    assert (row.external_id, json.loads(row.external_lines)) == ("INV-1", ["L-1", "L-2"])
    row = told(answer("posting.acknowledged", external_id="INV-1"), BOOKED, CHANGED)[1]
    assert (row.external_id, json.loads(row.external_lines)) == ("INV-1", ["L-1", "L-2"])


def test_what_is_sent_again_gets_new_identities() -> None:
    """Those of the booking that went missing do not count any more."""
    row = told(BOOKED, GONE, resolved("SEND_OURS"))[1]
    assert (row.external_id, row.external_lines) == (None, "[]")
    row = told(BOOKED, GONE, resolved("SEND_OURS"), answer("posting.acknowledged", external_id="INV-2"))[1]
    assert (row.state, row.external_id) == ("CONFIRMED", "INV-2")


@covers("N8")
def test_one_target_knows_nothing_of_another() -> None:
    """What one accounting system refuses another books."""
    story = Story().shop().invoice("i1")
    key = story.journals("i1")[0].posting_key
    story.said("posting.refused", posting_key=key, target="north", code="E1")
    story.said("posting.acknowledged", posting_key=key, target="south", external_id="S-1")
    assert [(row.target, row.state) for row in story.log.views.rows(DELIVERIES)] == [("north", "FAILED"), ("south", "CONFIRMED")]
