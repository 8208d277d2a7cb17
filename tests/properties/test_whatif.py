"""What would release a document does release it, and nothing of it may be left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import clock
from engine.decider import stream
from engine.explain.supposing import ACCOUNT, CLASS, CUSTOMER, Fact, World
from engine.explain.whatif import Release, what_if
from engine.states import States
from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.rules.table import CASES
from tests.rules.test_rules import named
from tests.said import Saying

HELD = [case for case in CASES if case.state not in ("POSTED", "ACCUMULATING")]
NOUNS = ("document", "payment", "charge")
THROUGH = ("POSTED", "ACCUMULATING")
UNMENDED = {
    "BOOKED_IN_ACCOUNTING",
    "CURRENCY_MISMATCH",
    "EMPTY_DOCUMENT",
    "NEGATIVE_INVOICE",
    "PAYMENT_CUSTOMER_MISMATCH",
    "PAYMENT_REVERSED",
    "PERIOD_CLOSED",
    "ZERO_VALUE",
}
"""Reasons that no fact about the document takes away: it is of nothing, or something else must be published."""


def chosen() -> tuple[Saying, ...]:
    """Return what a person chooses from: an account that is open, with a class that posts to it, and a customer of it."""
    party = (said.class_(CLASS), said.account(ACCOUNT), said.say("class.assigned", account=ACCOUNT, class_=CLASS))
    return (*party, said.customer(CUSTOMER), said.link(CUSTOMER, ACCOUNT))


def asked(story: Story, document: str) -> Release | None:
    """Ask what would release a document of a story."""
    states = States()
    with story.log.writing(dry=True) as writing:
        states.begin(writing)
        names = [stream(story.name, noun, document) for noun in NOUNS]
        name = next(name for name in names if writing.events_of([name]))
        return what_if(World(states, writing, story.now, clock.day, name))


def saying(fact: Fact) -> Saying:
    """Return a fact as a message, with what stands in for a person's choice."""
    return Saying(fact.kind, dict(fact.fields))


def proven(told: Callable[[], Story], document: str) -> Release | None:
    """Ask, say what is named and see the document released; leave each fact out and see that it is not."""
    story = told().say(*chosen())
    release = asked(story, document)
    if release is None or not release.complete:
        return release
    assert story.state(document) not in THROUGH
    story.each(*map(saying, release.facts))
    assert story.state(document) in THROUGH, story.codes(document)
    for fact in release.facts:
        other = told().say(*chosen()).each(*(saying(each) for each in release.facts if each is not fact))
        assert other.state(document) not in THROUGH
    return release


@pytest.mark.parametrize("case", HELD, ids=named(HELD))
def test_what_is_named_releases_the_document(case: Case) -> None:
    """For every case of the rulebook; where nothing helps, that is said with the reasons that stay."""
    release = proven(case.fires, case.document)
    assert release is not None
    if not release.complete:
        assert release.left
        assert case.code in UNMENDED


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: what is said before the invoice comes, or a field of the invoice."""

    name: str
    before: tuple[Saying, ...] = ()
    fields: dict[str, object] = field(default_factory=dict)


MARCH = ("2026-03", "2026-03-01", "2026-03-31")
WRONG = (
    Wrong("unlinked", (said.say("link.removed", customer="c1"),)),
    Wrong("unclassed", (said.say("class.unassigned", account="acme", class_="HOUSE"),)),
    Wrong("on hold", (said.say("customer.held", customer="c1"),)),
    Wrong("closed account", (said.account("acme", version=2, status="CLOSED"),)),
    Wrong("blocked customer", (said.customer("c1", version=2, block="ALL"),)),
    Wrong("deactivated", (said.say("customer.deactivated", customer="c1"),)),
    Wrong("retired class", (said.say("class.deactivated", class_="HOUSE"),)),
    Wrong("another channel", (said.class_("HOUSE", version=2, channels=["WEB"]),), {"channel": "POS"}),
    Wrong("closed period", (said.period(*MARCH, verb="closed"),)),
    Wrong("closed ledger account", (said.mapping("ledger_account", "4000", status="CLOSED"),)),
    Wrong("unmapped branch", (said.mapping("branch", "north"),), {"branch": "south"}),
    Wrong("unmapped tax", fields={"tax": {"GST": "5.00"}}),
    Wrong("unmapped tender", fields={"tenders": [said.tender("VOUCHER", "1.00")]}),
    Wrong("wrong total", fields={"totals": {"gross": "1.00"}}),
    Wrong("draft", fields={"status": "DRAFT"}),
    Wrong("marked", fields={"do_not_post": True}),
    Wrong("future", fields={"date": "2027-03-10"}),
)


def story_of(wrong: tuple[Wrong, ...]) -> Story:
    """Tell a shop in which several things are wrong, and an invoice that meets them all."""
    story = Story().shop()
    fields: dict[str, object] = {}
    for each in wrong:
        story.say(*each.before)
        fields |= each.fields
    return story.say(said.invoice("i1", "100.00", **fields))


@given(st.lists(st.sampled_from(WRONG), min_size=2, max_size=3, unique_by=lambda each: each.name))
def test_several_faults_are_released_together(wrong: list[Wrong]) -> None:
    """Whatever two or three things are wrong, the facts named release the document, and each of them is needed."""
    release = proven(lambda: story_of(tuple(wrong)), "i1")
    assert release is not None
    assert (release.complete, release.left) == (True, ())
    assert len(release.facts) <= len(wrong) + 1


@pytest.mark.parametrize(
    ("wrong", "kinds"),
    [
        (("unlinked", "unmapped tax"), ["link.made", "mapping.defined"]),
        (("wrong total", "draft", "marked"), ["invoice.amended"]),
        (("on hold", "retired class"), ["release.granted"]),
        (("unlinked", "unclassed"), ["link.made"]),
        (("closed period", "unmapped branch", "on hold"), ["mapping.defined", "customer.hold_released", "period.reopened"]),
    ],
    ids=" and ".join,
)
def test_the_set_is_the_smallest(wrong: tuple[str, ...], kinds: list[str]) -> None:
    """One fact that mends several things is named alone; mending goes before releasing where both are as short."""
    release = proven(lambda: story_of(tuple(each for each in WRONG if each.name in wrong)), "i1")
    assert release is not None
    assert sorted(fact.kind for fact in release.facts) == sorted(kinds)


def test_a_document_that_posts_needs_nothing() -> None:
    """Nothing is supposed where nothing is against it."""
    assert asked(Story().shop().invoice("i1"), "i1") is None


def test_what_a_person_chooses_is_left_open() -> None:
    """The message shows `?` for it, and of a record that is said anew what is changed."""
    story = Story().shop().said("link.removed", customer="c1").account("acme", version=2, status="CLOSED", block="ALL")
    release = asked(story.invoice("i1"), "i1")
    assert release is not None
    (fact,) = release.facts
    assert (fact.type, fact.shown) == ("postgate.link.made.v1", {"customer": "c1", "account": "?"})
    assert fact.command == "postgate link c1 ACCOUNT"
    closed = asked(Story().shop().account("acme", version=2, status="CLOSED", remarks="no").invoice("i1"), "i1")
    assert closed is not None
    (fact,) = closed.facts
    assert fact.shown == {"account": "acme", "version": 3, "status": None}
    assert fact.sentence == "change account acme without status CLOSED"


def test_a_version_that_never_came_is_asked_for() -> None:
    """A document that waits for its first version is released by that version; one whose later version waits stands."""
    release = proven(lambda: Story().shop().invoice("i1", version=2), "i1")
    assert release is not None
    assert [(fact.kind, fact.fields["version"]) for fact in release.facts] == [("invoice.issued", 1)]


def test_a_release_is_named_for_a_role_that_may_give_it() -> None:
    """Where the book leaves a reason to certain roles, one of them is named; where no role may release both, they are mended."""
    roles = {"CUSTOMER_ON_HOLD": ["controller"], "STOP_CREDIT": ["director"]}
    story = Story().shop(release_roles=roles).said("customer.held", customer="c1").account("acme", version=2, stop_credit=True)
    release = asked(story.invoice("i1"), "i1")
    assert release is not None
    assert [fact.kind for fact in release.facts] == ["customer.hold_released", "account.changed"]
    late = asked(Story().shop(release_roles={"FUTURE_DATED": ["controller"]}).invoice("i1", date="2027-01-01"), "i1")
    assert late is not None
    assert [fact.shown["role"] for fact in late.facts] == ["controller"]


def test_what_waits_for_another_is_told_what_releases_that() -> None:
    """A credit note whose original is held needs what the original needs, and nothing of its own."""
    release = proven(
        lambda: Story().shop().said("link.removed", customer="c1").invoice("i1").credit_note("k1", original="i1"), "k1"
    )
    assert release is not None
    assert [fact.command for fact in release.facts] == ["postgate link c1 ACCOUNT"]
