"""Who may let what pass: reasons that nobody releases, roles, four eyes, versions that are passed over, and what is pinned."""

from __future__ import annotations

import pytest

from adapters import clock
from engine.audit.recheck import Recheck
from engine.firewall.rulebook import RULEBOOK, RULES
from engine.record import decode
from projections.documents import DOCUMENTS
from schemas.codes import ADMISSION, DOOR
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.test_rules import Past
from tests.said import Saying

NEVER = ("UNBALANCED", "LINK_MISSING", "CLASS_MISSING", "PERIOD_CLOSED")
"""Reasons of rule P2 that hold a document; the other codes of P2 are refusals of the door, or of a release."""


def grant(by: str, role: str = "accountant", *, document: str = "i1", code: str = "CUSTOMER_ON_HOLD") -> Saying:
    """Return a release by somebody."""
    fields = {"document": document, "version": 1, "reasons": [code], "note": "agreed"}
    return said.say("release.granted", by=by, role=role, **fields)


def held(**policies: object) -> Story:
    """Return an invoice of a customer on hold, linked by ann to an account that bob classified."""
    story = Story().book(**policies).account("acme").defined("HOUSE").customer("c1")
    story.said("class.assigned", account="acme", class_="HOUSE", by="bob")
    story.said("link.made", customer="c1", account="acme", by="ann")
    return story.said("customer.held", customer="c1").invoice("i1")


@covers("P2")
def test_some_reasons_are_released_by_nobody() -> None:
    """No rule that gives one of these codes may be overridden, and what the door refuses never becomes a document."""
    given = {code: [rule.overridable for rule in RULES if rule.code == code] for code in NEVER}
    assert {code: set(overridable) for code, overridable in given.items()} == {code: {False} for code in NEVER}
    assert {"SCHEMA_INVALID"} <= DOOR.keys()
    assert {"EXTERNAL_REF_IN_USE"} <= ADMISSION.keys()
    assert not {rule.code for rule in RULES} & {"SCHEMA_INVALID", "EXTERNAL_REF_IN_USE", "ALREADY_POSTED"}


@covers("P2")
def test_what_is_posted_already_is_not_released_into_a_second_posting() -> None:
    """A release of a document that stands in the ledger is refused, whoever gives it."""
    story = held().say(grant("cyd"))
    assert story.state("i1") == "POSTED"
    assert story.say(grant("dan")).verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert len(story.journals("i1")) == 1


@covers("P1")
def test_a_book_leaves_a_reason_to_some_roles() -> None:
    """A role that may not release it is refused, one that may is taken, and other reasons are anybody's."""
    story = held(release_roles={"CUSTOMER_ON_HOLD": ["credit controller", "chief"]})
    assert story.say(grant("cyd", "clerk")).verdict == ("QUARANTINED", "RELEASE_ROLE_REQUIRED")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["CUSTOMER_ON_HOLD"])
    assert story.say(grant("cyd", "chief")).state("i1") == "POSTED"
    other = held(release_roles={"STOP_CREDIT": ["chief"]})
    assert other.say(grant("cyd", "clerk")).state("i1") == "POSTED"


@covers("P6")
@pytest.mark.parametrize(("by", "verdict"), [("ann", "FOUR_EYES_REQUIRED"), ("bob", "FOUR_EYES_REQUIRED"), ("cyd", "ACCEPTED")])
def test_who_linked_or_classified_does_not_release(by: str, verdict: str) -> None:
    """Where a book asks for four eyes, neither who linked the customer nor who classified the account may release."""
    assert held(four_eyes=True).say(grant(by)).verdict[1] == verdict
    assert held().say(grant(by)).verdict[1] == "ACCEPTED"


@covers("P6")
@pytest.mark.parametrize("by", ["Ann", " ann ", "ANN", "a nn"])
def test_the_same_person_written_otherwise_is_no_second_pair_of_eyes(by: str) -> None:
    """Neither case nor spaces make another person of whoever linked the customer."""
    assert held(four_eyes=True).say(grant(by)).verdict[1] == "FOUR_EYES_REQUIRED"


@covers("P1", "P6")
def test_nobody_releases_before_the_book_says_who_may() -> None:
    """A release that comes before its book is refused, and the book's rules are asked of the one that comes after."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.said("customer.held", customer="c1").invoice("i1").say(grant("cyd"))
    assert story.verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    story.say(said.book(release_roles={"CUSTOMER_ON_HOLD": ["chief"]}))
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["CUSTOMER_ON_HOLD"])
    assert story.say(grant("dan")).verdict == ("QUARANTINED", "RELEASE_ROLE_REQUIRED")


@covers("P6")
def test_four_eyes_look_at_money_too() -> None:
    """A payment is released by the same rule."""
    story = held(four_eyes=True).said("customer.hold_released", customer="c1")
    story.account("acme", version=2, block="ALL").payment("p1")
    assert story.codes("p1") == ["CUSTOMER_BLOCKED"]
    ask = {"document": "payment:p1", "code": "CUSTOMER_BLOCKED"}
    assert story.say(grant("ann", **ask)).verdict == ("QUARANTINED", "FOUR_EYES_REQUIRED")
    assert story.say(grant("cyd", **ask)).state("p1") == "POSTED"


@covers("A6")
@pytest.mark.parametrize("posted_before", [True, False])
def test_a_version_that_never_comes_may_be_passed_over(*, posted_before: bool) -> None:
    """Released, a version that waits comes in force without those before it; what comes late is stale."""
    story = Story().shop().invoice("i1")
    second, third, fourth = (story.amendment("i1", net=net) for net in ("90.00", "80.00", "70.00"))
    story = story if posted_before else Story().shop()
    story.say(third)
    assert story.codes("i1", 3) == ["WAITING_FOR_VERSION"]
    story.released("i1", "WAITING_FOR_VERSION", version=3)
    assert (story.state("i1", 3), story.posted_now()) == ("POSTED", ["i1"])
    assert story.ledger()[said.RECEIVABLE, "acme"] == "80.00"
    assert story.say(second).verdict == ("STALE", "STALE_VERSION")
    assert story.say(fourth).ledger()[said.RECEIVABLE, "acme"] == "70.00"


@covers("A6")
def test_versions_between_are_cancelled_and_those_after_follow() -> None:
    """Of versions 3, 5 and 6 that wait, releasing 5 leaves 3 out and takes 6 in at once."""
    story = Story().shop().invoice("i1")
    _, third, _, fifth, sixth = (story.amendment("i1", net=net) for net in ("90.00", "80.00", "70.00", "60.00", "50.00"))
    story.say(sixth, third, fifth).released("i1", "WAITING_FOR_VERSION", version=5)
    states = {row.version: row.state for row in story.log.views.rows(DOCUMENTS) if row.document == "i1"}
    assert states == {1: "REVERSED", 3: "CANCELLED", 5: "REVERSED", 6: "POSTED"}
    assert story.ledger()[said.RECEIVABLE, "acme"] == "50.00"


@covers("P5")
def test_a_decision_pins_what_it_looked_at() -> None:
    """Link, class, account, book and document are named with the versions that were read, and the rulebook with its own."""
    story = held().defined("HOUSE", version=2).mapped("revenue", "default", account="4001").say(grant("cyd"))
    decision = story.decision("i1")
    read = {name: decision.read[name] for name in ("link|c1", "class|HOUSE", "customer|c1", "book|")}
    assert read == {"link|c1": 1, "class|HOUSE": 2, "customer|c1": 2, "book|": 7}
    assert (decision.rulebook, decision.class_, decision.class_version) == (RULEBOOK, "HOUSE", 2)
    assert [(reason.code, reason.message[:9]) for reason in decision.reasons] == [("CUSTOMER_ON_HOLD", "released:")]


@covers("P4")
def test_hearing_history_again_says_nothing_new() -> None:
    """The same decisions and postings come out of the records alone, and nothing is recorded while they do."""
    story = held().say(grant("cyd")).payment("p1", on="i1").voided("i1")
    before = list(story.log.records)
    recheck = Recheck(Past(story.log), clock.day)
    faults = [fault for recorded in story.log.records for fault in recheck.check(decode(recorded))]
    assert [*faults, *recheck.at_the_end(story.log.head())] == []
    assert (story.log.records, recheck.decisions > 0) == (before, True)
