"""Said again, said late, said in the wrong order: what counts once is posted once (edge cases 1, 2, 12, 59, 60, 61, 68)."""

from __future__ import annotations

import pytest

from engine.record import decode
from projections.memory import MemoryViews
from projections.views import VIEWS
from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.properties.telling import faults
from tests.said import CASH, RECEIVABLE, REVENUE, Saying

PAID = [said.tender("CASH", "100.00")]


@tells(1)
@pytest.mark.parametrize("same_id", [True, False], ids=["the same message", "the same sale in another message"])
def test_a_till_that_sends_a_sale_twice_makes_one_sale(*, same_id: bool) -> None:
    """An offline till sends what it sent before: the repeat has a receipt and changes nothing (A1, A2, M10)."""
    sale = said.invoice("i1", tenders=PAID)
    story = Story().shop().say(sale.under("sale-1"))
    keys = [posting.posting_key for posting in story.journals()]
    story.say(sale.under("sale-1" if same_id else "sale-1-again"))
    assert story.verdict == ("DUPLICATE", "DUPLICATE_EVENT" if same_id else "DUPLICATE_DOCUMENT")
    assert (story.last.happened, [posting.posting_key for posting in story.journals()]) == ([], keys)
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


@tells(1)
def test_a_sale_that_was_changed_by_hand_before_it_was_sent_again_is_held() -> None:
    """The same version with another amount: what was posted is taken back and a person decides; nobody guesses (A3)."""
    story = Story().shop().say(said.invoice("i1", "100.00"), said.invoice("i1", "90.00"))
    assert [receipt.code for receipt in story.last.receipts] == ["ACCEPTED", "DOCUMENT_CONFLICT"]
    assert (story.state("i1"), story.codes("i1"), story.ledger()) == ("REQUIRES_ATTENTION", ["DOCUMENT_CONFLICT"], {})
    story.say(said.invoice("i1", "90.00", version=2))
    assert story.ledger() == {(RECEIVABLE, "acme"): "90.00", (REVENUE, ""): "-90.00"}


TRADING: tuple[Saying, ...] = (
    said.invoice("i1"),
    said.payment("p1", "40.00", on="i1"),
    said.credit_note("k1", "10.00", original="i1"),
    said.invoice("i2", "50.00", tenders=[said.tender("CARD", "50.00")]),
    said.say("invoice.voided", document="i2", version=2),
    said.payment("d1", "30.00", kind="DEPOSIT", on="i3"),
)


@tells(2)
def test_everything_sent_again_after_an_outage_changes_nothing() -> None:
    """A publisher that begins from the start after an outage sends all it ever sent: not one record is added."""
    setting = (said.book(), *said.mappings(), said.account("acme"), said.class_("HOUSE"))
    parties = (said.say("class.assigned", account="acme", class_="HOUSE"), said.customer("c1"), said.link("c1", "acme"))
    story = Story().each(*setting, *parties, *TRADING)
    head, before = story.log.head(), story.ledger()
    story.each(*setting, *parties, *TRADING)
    later = list(story.log.receipts.values())[-len((*setting, *parties, *TRADING)) :]
    assert {receipt.verdict for receipt in later} <= {"DUPLICATE", "STALE"}
    assert (story.log.head(), story.ledger()) == (head, before)


@tells(12)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
def test_two_operators_who_link_at_once_make_one_link(*, at_once: bool) -> None:
    """The second link is refused and kept, with the reason; sales go to the account that was linked first (B4)."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2")
    links = (said.link("c2", "acme"), said.link("c2", "globex"))
    receipts = story.say(*links).last.receipts if at_once else [story.say(link).receipt for link in links]
    assert [(receipt.verdict, receipt.code) for receipt in receipts] == [
        ("ACCEPTED", "ACCEPTED"),
        ("QUARANTINED", "LINK_ALREADY_EXISTS"),
    ]
    story.invoice("i1", customer="c2")
    assert story.postings("i1")[0] == ("D", RECEIVABLE, "acme", "100.00")


@tells(59)
def test_an_older_record_never_overwrites_a_newer_one() -> None:
    """Version 2 of an account comes after version 3: it is outdated, and what version 3 said stays (A5)."""
    story = Story().shop().account("acme", version=3, status="CLOSED").account("acme", version=2, status="OPEN")
    assert (story.verdict, story.last.happened) == (("STALE", "STALE_VERSION"), [])
    assert story.invoice("i1").codes("i1") == ["ACCOUNT_CLOSED"]


@tells(59)
def test_an_older_version_of_a_sale_never_overwrites_a_newer_one() -> None:
    """The first version comes again, after its amendment: the amendment stands."""
    story = Story().shop().invoice("i1", "100.00").amended("i1", net="70.00")
    story.say(said.invoice("i1", "100.00"))
    assert (story.verdict, story.ledger()) == (
        ("STALE", "STALE_VERSION"),
        {(RECEIVABLE, "acme"): "70.00", (REVENUE, ""): "-70.00"},
    )


@tells(59)
def test_an_amendment_that_comes_first_waits_for_what_it_amends() -> None:
    """Version 2 of a sale waits for version 1, then both take their places, and the second stands (A6)."""
    story = Story().shop().say(said.invoice("i1", "70.00", version=2))
    assert (story.state("i1"), story.codes("i1"), story.journals()) == ("WAITING", ["WAITING_FOR_VERSION"], [])
    story.say(said.invoice("i1", "100.00"))
    assert [story.state("i1", version) for version in (1, 2)] == ["REVERSED", "POSTED"]
    assert story.ledger() == {(RECEIVABLE, "acme"): "70.00", (REVENUE, ""): "-70.00"}


@tells(60)
def test_one_bad_record_stops_nobody_else() -> None:
    """Unreadable, contradictory and held messages stand between good ones: each has its receipt, the good ones post (A12)."""
    story = Story().shop().customer("c2")
    broken = said.say("invoice.issued", document="i2")
    story.say(said.invoice("i1"), broken, said.invoice("i3", customer="c2"), said.link("c1", "globex"), said.invoice("i4"))
    assert [receipt.code for receipt in story.last.receipts] == [
        "ACCEPTED",
        "SCHEMA_INVALID",
        "ACCEPTED",
        "LINK_ALREADY_EXISTS",
        "ACCEPTED",
    ]
    assert [story.state(name) for name in ("i1", "i3", "i4")] == ["POSTED", "REQUIRES_ATTENTION", "POSTED"]


@tells(61)
def test_a_batch_that_succeeds_in_part_says_so_for_each_message() -> None:
    """Each message of a batch has a receipt of its own; what is not posted is not hidden behind the first success (N11)."""
    lines = [said.line("60.00"), said.line("40.00", tax={"GST": "2.00"})]
    story = Story().shop().say(said.invoice("i1"), said.invoice("i2", lines=lines), said.invoice("i3"))
    assert [receipt.code for receipt in story.last.receipts] == ["ACCEPTED"] * 3
    assert [(story.state(name), story.codes(name)) for name in ("i1", "i2", "i3")] == [
        ("POSTED", []),
        ("REQUIRES_ATTENTION", ["TAX_CODE_UNMAPPED"]),
        ("POSTED", []),
    ]
    assert (len(story.journals("i2")), story.posted_now()) == (0, ["i1", "i3"])


@tells(61)
def test_each_posting_has_an_answer_of_its_own() -> None:
    """The accounting system takes two of three postings: the third alone is refused, and its document stays posted here."""
    story = Story().shop().invoice("i1").invoice("i2").invoice("i3")
    one, two, three = (posting.posting_key for posting in story.journals())
    answers = [said.say("posting.acknowledged", posting_key=key, target="books", external_id=f"X-{key}") for key in (one, three)]
    story.say(answers[0], said.say("posting.refused", posting_key=two, target="books", code="E17"), answers[1])
    view = next(view for view in VIEWS if view.name == "deliveries")
    rows = {getattr(row, "posting_key", ""): getattr(row, "state", "") for row in story.log.views.rows(view)}
    assert rows == {one: "CONFIRMED", two: "FAILED", three: "CONFIRMED"}
    assert [story.state(name) for name in ("i1", "i2", "i3")] == ["POSTED"] * 3


@tells(68)
def test_rebuilding_and_replaying_sends_nothing() -> None:
    """All of history heard again gives the decisions and views that stand, and not one record more (P4)."""
    story = Story().shop().each(*TRADING)
    head, heads = story.log.head(), dict(story.log.heads)
    anew = MemoryViews()
    anew.fold([decode(recorded) for recorded in story.log.records])
    assert faults(story.log) == []
    assert all(list(anew.rows(view)) == list(story.log.views.rows(view)) for view in VIEWS)
    assert (story.log.head(), story.log.heads) == (head, heads)
