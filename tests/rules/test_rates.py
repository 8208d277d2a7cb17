"""Rates of the book's table: what is none is refused at the door, and what was taken in before stays as it was taken."""

from __future__ import annotations

import json

import pytest

from adapters import clock
from adapters.eventlog.memory import MemoryLog
from adapters.ingest import Ingester, incoming
from engine.audit.recheck import Recheck
from engine.handling.transaction import Incoming
from engine.record import decode
from projections.documents import DOCUMENTS
from projections.memory import MemoryViews
from projections.views import VIEWS
from schemas.envelope import Envelope, Message, read_structured
from schemas.gate import Unreadable
from schemas.inbound import TYPES
from schemas.values import instant
from tests import said
from tests.given import Story
from tests.rules.test_rules import Past
from tests.said import Saying

NO_RATE = "data.value.rate: is required for a rate; write what one unit of the currency is worth in the book's, such as 0.8526"
WORTHLESS = "data.value.rate: must be above zero: one unit of the currency is worth something"
REFUSED = [
    (said.mapping("rate", "USD", account="4900"), "SCHEMA_INVALID", NO_RATE),
    (said.mapping("rate", "USD", rate="0.00"), "AMOUNT_RANGE", WORTHLESS),
    (said.mapping("rate", "USD", rate="-0.4"), "AMOUNT_RANGE", WORTHLESS),
    (
        said.book(rate_tolerance="-0.05"),
        "AMOUNT_RANGE",
        "data.policies.rate_tolerance: must not be below zero; 0 takes the rate of the table alone",
    ),
]


@pytest.mark.parametrize(("saying", "code", "told"), REFUSED, ids=["no rate", "zero", "below zero", "tolerance"])
def test_what_is_no_rate_is_refused_with_its_place_and_remedy(saying: Saying, code: str, told: str) -> None:
    """A currency of the table is worth something, and a tolerance is not below zero (I2, I3)."""
    with pytest.raises(Unreadable) as refused:
        read_structured(saying.written("shop", "m1"))
    assert (refused.value.code, str(refused.value.message)) == (code, told)
    story = Story().say(saying)
    assert [(receipt.verdict, receipt.code) for receipt in story.last.receipts] == [("QUARANTINED", code)]


@pytest.mark.parametrize(
    "saying",
    [
        said.mapping("rate", "USD", rate="0.000000000001"),
        said.mapping("tender", "CARD", account="1020"),
        said.book(rate_tolerance="0"),
        said.book(rate_tolerance="-0"),
    ],
    ids=["smallest", "other kind", "no tolerance", "signed zero"],
)
def test_what_is_beside_it_is_taken(saying: Saying) -> None:
    """The smallest rate is one, other mappings need none, and a tolerance of zero is one."""
    assert [receipt.verdict for receipt in Story().say(saying).last.receipts] == ["ACCEPTED"]


def taken_before(raw: bytes, position: int) -> Incoming:
    """Return a message as a release read it that did not look at rates."""
    attributes = json.loads(raw)
    fact = TYPES[attributes["type"]].model_validate(attributes.pop("data"))
    return Incoming("till", position, raw, Message(Envelope.model_validate(attributes), fact, raw))


def test_what_was_taken_in_before_is_read_and_verified_as_it_was() -> None:
    """A log with a rate that is none, and a tolerance below zero, decides, replays and verifies as when it was written."""
    dollars = {"currency": "USD", "exchange_rate": "0.5"}
    story = Story().shop().invoice("i1", **dollars)
    before = [
        said.book(rate_tolerance="-0.1"),
        said.mapping("rate", "USD", account="4900"),
        said.mapping("rate", "CHF", rate="0"),
    ]
    log = MemoryLog()
    ingester = Ingester(log, now=lambda: instant("2026-03-10T12:00:00Z"))
    old = [taken_before(saying.written("shop", f"old{n}"), n) for n, saying in enumerate(before, 1)]
    ingester.take([*old, *(incoming("till", n, raw) for n, raw in enumerate(story.messages[1:], len(old) + 1))])
    assert {receipt.verdict for receipt in log.receipts.values()} == {"ACCEPTED"}
    assert [(row.document, row.state, row.codes) for row in log.views.rows(DOCUMENTS)] == [("i1", "POSTED", "")]
    recheck = Recheck(Past(log), clock.day)
    assert [fault for recorded in log.records for fault in recheck.check(decode(recorded))] == []
    assert recheck.at_the_end(log.head()) == []
    anew = MemoryViews()
    anew.fold([decode(recorded) for recorded in log.records])
    assert [list(anew.rows(view)) for view in VIEWS] == [list(log.views.rows(view)) for view in VIEWS]
