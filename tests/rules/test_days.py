"""Summaries: what a branch sells over the counter on a day posts as one, with every sale to be found behind it."""

from __future__ import annotations

import pytest

from projections.billing import DAYS, MEMBERS
from schemas.events import Billed, DocumentUnbilled, PostingAuthorised
from tests import said
from tests.given import Story, lines_of
from tests.rules.accumulation import closed, sold, till
from tests.rules.case import covers
from tests.rules.test_batches import checked, states
from tests.said import CARD, CASH, DAY, RECEIVABLE, REVENUE, VAT

WINDOW = f"north:{DAY}:EUR"


def remarks(story: Story) -> list[tuple[str, str]]:
    """Return what the day said when it was closed: code and tender."""
    (billed,) = [each.event for each in story.last.happened if isinstance(each.event, Billed)]
    return [(reason.code, reason.path or "") for reason in billed.reasons]


@covers("J9", "J13")
def test_a_day_posts_as_one_when_it_is_closed() -> None:
    """Sales add up per account and tax, each tender is a journal of its own, and the sources are the sales."""
    story = sold(sold(till(), "i1", "10.00", tax="2.00", tenders=[said.tender("CASH", "12.00")]), "i2", "20.00", "CARD")
    sold(story, "i3", "30.00", tenders=[said.tender("CASH", "5.00"), said.tender("CARD", "25.00")])
    assert states(story, "i1", "i2", "i3") == ["ACCUMULATING"] * 3
    assert (story.codes("i1"), story.journals()) == (["AGGREGATE_WINDOW_OPEN"], [])
    assert story.say(closed()).verdict == ("ACCEPTED", "ACCEPTED")
    told = [(p.kind, p.leg, p.sources, lines_of(p)) for p in story.journals(WINDOW)]
    assert told == [
        (
            "INVOICE",
            "document",
            ["i1", "i2", "i3"],
            [
                ("D", RECEIVABLE, "counter", "62.00"),
                ("C", VAT, "", "2.00"),
                ("C", REVENUE, "", "50.00"),
                ("C", REVENUE, "", "10.00"),
            ],
        ),
        ("PAYMENT", "settlement:CASH", ["i1", "i3"], [("D", CASH, "", "17.00"), ("C", RECEIVABLE, "counter", "17.00")]),
        ("PAYMENT", "settlement:CARD", ["i2", "i3"], [("D", CARD, "", "45.00"), ("C", RECEIVABLE, "counter", "45.00")]),
    ]
    assert {(p.route, p.account, p.business_date, p.number) for p in story.journals()} == {("SUMMARY", "counter", DAY, WINDOW)}
    assert (states(story, "i1", "i2", "i3"), story.codes("i1")) == (["POSTED"] * 3, [])
    assert (story.decision("i1").batch, story.decision("i1").route) == (WINDOW, "SUMMARY")
    assert (story.receivables("counter"), checked(story.log)) == ({}, [])


@covers("J9")
def test_each_branch_day_and_currency_is_a_window_of_its_own() -> None:
    """Closing one leaves the others open."""
    story = sold(sold(till(), "i1"), "i2", branch="south")
    sold(sold(story, "i3", date="2026-03-09"), "i4", currency="USD", exchange_rate="0.9")
    story.say(closed())
    assert states(story, "i1", "i2", "i3", "i4") == ["POSTED", "ACCUMULATING", "ACCUMULATING", "ACCUMULATING"]
    story.say(closed("south"), closed(day="2026-03-09"), closed(currency="USD"))
    assert states(story, "i2", "i3", "i4") == ["POSTED"] * 3
    assert checked(story.log) == []


@covers("J9")
def test_a_day_is_closed_once() -> None:
    """Said again it changes nothing, even when it had no sale."""
    story = till().say(closed())
    assert ([row.members for row in story.log.views.rows(DAYS)], story.journals()) == ([0], [])
    assert story.say(closed()).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert story.say(closed(CASH="1.00")).verdict == ("QUARANTINED", "DAY_ALREADY_CLOSED")


@covers("J8")
def test_what_comes_late_posts_beside_the_summary() -> None:
    """A sale that was held, or never heard of, when the day was closed posts by itself; the summary is never edited."""
    story = sold(sold(till(), "i1"), "i2", tenders=[])
    assert (story.state("i2"), story.codes("i2")) == ("REQUIRES_ATTENTION", ["PAYMENT_REQUIRED_FOR_GENERIC"])
    story.say(closed())
    keys = {posting.posting_key for posting in story.journals()}
    story.payment("p2", "100.00", on="i2")
    sold(story, "i3")
    assert (states(story, "i2", "p2", "i3"), story.codes("i2"), story.codes("i3")) == (
        ["POSTED"] * 3,
        ["LATE_FOR_WINDOW"],
        ["LATE_FOR_WINDOW"],
    )
    assert [(p.route, p.account) for p in story.journals("i3")] == [("SUMMARY", "counter")] * 2
    assert keys <= {posting.posting_key for posting in story.journals()}
    members = {row.document: row.state for row in story.log.views.rows(MEMBERS) if row.whole == f"shop|day|{WINDOW}"}
    assert members == {"i1": "BILLED", "i2": "LATE", "i3": "LATE"}
    assert checked(story.log) == []


@covers("J9")
def test_a_day_says_what_it_left_behind() -> None:
    """Sales of the day that are held are named when it is closed, and their remark changes from open to late."""
    story = sold(till(), "i1").credit_note("k1", branch="north", tenders=[said.tender("CASH", "100.00")])
    assert story.codes("k1") == ["CREDIT_UNREFERENCED", "AGGREGATE_WINDOW_OPEN"]
    story.say(closed())
    assert [row.unresolved for row in story.log.views.rows(DAYS)] == ["k1"]
    assert (story.state("k1"), story.codes("k1")) == ("REQUIRES_ATTENTION", ["CREDIT_UNREFERENCED", "LATE_FOR_WINDOW"])


@covers("J10")
def test_a_sale_on_account_is_never_in_a_summary() -> None:
    """Another customer of the same branch and day owes by name, and posts at once; so does a sale without a branch."""
    story = sold(till(), "i1").invoice("i2", customer="c2", branch="north").invoice("i3", tenders=[said.tender("CASH", "100.00")])
    assert states(story, "i1", "i2", "i3") == ["ACCUMULATING", "POSTED", "POSTED"]
    story.say(closed())
    assert [(p.account, p.route) for p in story.journals("i2")] == [("acme", "ACCOUNT")]
    assert {document for p in story.journals(WINDOW) for document in p.sources} == {"i1"}


@covers("J10")
def test_an_unpaid_sale_is_not_in_a_summary_where_none_need_be_paid() -> None:
    """A class that does not ask for payment posts what is owed sale by sale."""
    story = sold(sold(till(payment_required=False), "i1"), "i2", tenders=[])
    assert states(story, "i1", "i2") == ["ACCUMULATING", "POSTED"]


@covers("J11")
def test_returns_are_a_journal_of_their_own() -> None:
    """Money given back over the counter does not melt into the day's sales."""
    story = Story().counter(unreferenced_credit="POST").mapped("branch", "north")
    story.defined("COUNTER", "GENERIC", version=2, generic_account="counter", detail="SUMMARY")
    sold(story, "i1").credit_note("k1", "30.00", branch="north", tenders=[said.tender("CASH", "30.00")]).say(closed())
    told = [(p.kind, p.sources, lines_of(p)) for p in story.journals()]
    assert told == [
        ("INVOICE", ["i1"], [("D", RECEIVABLE, "counter", "100.00"), ("C", REVENUE, "", "100.00")]),
        ("PAYMENT", ["i1"], [("D", CASH, "", "100.00"), ("C", RECEIVABLE, "counter", "100.00")]),
        ("CREDIT_NOTE", ["k1"], [("D", REVENUE, "", "30.00"), ("C", RECEIVABLE, "counter", "30.00")]),
        ("PAYMENT", ["k1"], [("D", RECEIVABLE, "counter", "30.00"), ("C", CASH, "", "30.00")]),
    ]


@covers("J11")
def test_a_return_follows_the_summary_of_its_sale() -> None:
    """Edge case 40: each return names one sale and goes back where that went, even when several days are meant."""
    story = sold(sold(till(), "i1", date="2026-03-09"), "i2").say(closed(day="2026-03-09")).say(closed())
    for number, name in enumerate(("i1", "i2"), 1):
        story.credit_note(f"k{number}", "40.00", original=name, branch="north", tenders=[said.tender("CASH", "40.00")])
    assert states(story, "k1", "k2") == ["POSTED", "POSTED"]
    assert [(p.route, p.account, p.class_) for p in story.journals("k1")] == [("GENERIC", "counter", "COUNTER")] * 2
    assert story.ledger() == {(CASH, ""): "120.00", (REVENUE, ""): "-120.00"}
    assert (story.receivables("counter"), checked(story.log)) == ({}, [])


@covers("J12")
@pytest.mark.parametrize(
    ("counted", "wanted"),
    [
        ({}, []),
        ({"CASH": "30.00", "CARD": "20.00"}, []),
        ({"CASH": "29.99", "CARD": "20.00"}, [("CLEARING_NOT_ZERO", "CASH")]),
        ({"CASH": "30.00"}, [("CLEARING_NOT_ZERO", "CARD")]),
        ({"CASH": "30.00", "CARD": "20.00", "CHEQUE": "1.00"}, [("CLEARING_NOT_ZERO", "CHEQUE")]),
    ],
)
def test_what_was_counted_is_compared(counted: dict[str, str], wanted: list[tuple[str, str]]) -> None:
    """Each tender whose count differs from the summary is a remark on the day; a day without counts is not compared."""
    story = sold(sold(sold(till(), "i1", "10.00"), "i2", "20.00"), "i3", "20.00", "CARD").say(closed(**counted))
    assert remarks(story) == wanted
    (row,) = story.log.views.rows(DAYS)
    assert row.codes == ("CLEARING_NOT_ZERO" if wanted else "")
    assert states(story, "i1", "i2", "i3") == ["POSTED"] * 3


@covers("J7")
def test_a_sale_that_a_customer_claims_is_taken_out_of_the_summary() -> None:
    """Edge case 17: it leaves by journals of its own and posts by name; the summary stays as it was."""
    story = sold(sold(till(), "i1", "10.00"), "i2", "20.00").say(closed())
    before = [(p.posting_key, lines_of(p)) for p in story.journals()]
    story.amended("i2", customer="c2")
    assert [story.state("i2", version) for version in (1, 2)] == ["REVERSED", "POSTED"]
    assert [(p.posting_key, lines_of(p)) for p in story.journals(WINDOW)] == before
    told = [(p.kind, p.route, lines_of(p)) for p in story.journals("i2")]
    assert told == [
        ("WITHDRAWAL", "SUMMARY", [("C", RECEIVABLE, "counter", "20.00"), ("D", REVENUE, "", "20.00")]),
        ("WITHDRAWAL", "SUMMARY", [("C", CASH, "", "20.00"), ("D", RECEIVABLE, "counter", "20.00")]),
        ("INVOICE", "ACCOUNT", [("D", RECEIVABLE, "acme", "20.00"), ("C", REVENUE, "", "20.00")]),
        ("PAYMENT", "ACCOUNT", [("D", CASH, "", "20.00"), ("C", RECEIVABLE, "acme", "20.00")]),
    ]
    assert story.ledger() == {(CASH, ""): "30.00", (REVENUE, ""): "-30.00"}
    assert {row.document: row.state for row in story.log.views.rows(MEMBERS)} == {"i1": "BILLED", "i2": "WITHDRAWN"}
    assert (story.receivables("counter"), story.receivables("acme"), checked(story.log)) == ({}, {}, [])


@covers("J7")
def test_a_void_takes_a_sale_out_of_the_summary() -> None:
    """Only its own amounts leave the ledger, in the period of the day."""
    story = sold(sold(till(), "i1", "10.00"), "i2", "20.00").say(closed()).voided("i1")
    assert (story.state("i1"), story.ledger()) == ("REVERSED", {(CASH, ""): "20.00", (REVENUE, ""): "-20.00"})
    out = [e.event for e in story.last.happened if isinstance(e.event, PostingAuthorised)]
    assert [(event.leg, event.period, event.route) for event in out] == [
        ("document/withdrawn", "2026-03", "SUMMARY"),
        ("settlement:CASH/withdrawn", "2026-03", "SUMMARY"),
    ]
    assert [e.key for e in story.last.happened if isinstance(e.event, DocumentUnbilled)] == ["i1"]
    assert checked(story.log) == []


def test_a_withdrawal_from_a_closed_period_goes_into_an_open_one() -> None:
    """What is closed stays as it is (H10)."""
    story = sold(till(), "i1", date="2026-02-27").say(closed(day="2026-02-27"))
    story.period("2026-02", "2026-02-01", "2026-02-28", verb="closed").period("2026-03", "2026-03-01", "2026-03-31")
    story.voided("i1")
    assert [p.period for p in story.journals("i1")] == ["2026-03", "2026-03"]


@covers("J4")
def test_a_sale_is_pulled_out_of_its_day() -> None:
    """It posts alone before the day is closed."""
    story = sold(sold(till(), "i1"), "i2").said("document.pulled", document="i1", version=1, by="Ada")
    assert [(p.route, p.number) for p in story.journals("i1")] == [("GENERIC", "N-i1")] * 2
    story.say(closed())
    assert story.journals(WINDOW)[0].sources == ["i2"]


def test_two_classes_of_one_day_are_two_bills() -> None:
    """Each shared debtor has a summary of its own; suffixes tell them apart."""
    story = till().account("kiosk", generic=True).account("passers").customer("c3").linked("c3", "passers")
    story.classified("passers", "KIOSK", "GENERIC", generic_account="kiosk", detail="SUMMARY")
    sold(sold(story, "i1"), "i2", customer="c3").say(closed())
    told = [(p.number, p.leg, p.account, p.sources) for p in story.journals()]
    assert told == [
        (f"{WINDOW}-1", "document#1", "counter", ["i1"]),
        (f"{WINDOW}-1", "settlement:CASH#1", "counter", ["i1"]),
        (f"{WINDOW}-2", "document#2", "kiosk", ["i2"]),
        (f"{WINDOW}-2", "settlement:CASH#2", "kiosk", ["i2"]),
    ]
    assert checked(story.log) == []


def test_cash_rounding_and_several_tenders_add_up() -> None:
    """What cash was rounded by is in the summary once, with the first tender of its sale."""
    story = Story().counter(rounding_max="0.02", control={"cash_rounding": "8910"}).mapped("branch", "north")
    story.defined("COUNTER", "GENERIC", version=2, generic_account="counter", detail="SUMMARY")
    paid = [said.tender("CASH", "5.00"), said.tender("CARD", "4.98")]
    sold(story, "i1", "9.99", tenders=paid, totals={"cash_rounding": "-0.01"})
    assert story.say(closed()).state("i1") == "POSTED"
    assert story.ledger() == {(CASH, ""): "5.00", (CARD, ""): "4.98", (REVENUE, ""): "-9.99", ("8910", ""): "0.01"}
    assert checked(story.log) == []


@covers("C6", "J9")
def test_money_that_would_be_held_lets_nothing_into_the_summary() -> None:
    """It is judged before the sale it pays: the day of the money was closed meanwhile, so the sale is held with it."""
    story = till().period("2026-02", "2026-02-01", "2026-02-28").invoice("i1", branch="north")
    sold(story.payment("p1", "100.00", on="i1", date="2026-02-27"), "i2")
    story.period("2026-02", "2026-02-01", "2026-02-28", verb="closed").say(closed())
    assert states(story, "i1", "p1", "i2") == ["REQUIRES_ATTENTION", "REQUIRES_ATTENTION", "POSTED"]
    assert (story.codes("i1"), story.codes("p1")) == (
        ["PAYMENT_REQUIRED_FOR_GENERIC"],
        ["PERIOD_CLOSED", "WAITING_FOR_DEPENDENCY"],
    )
    (row,) = story.log.views.rows(DAYS)
    assert (row.members, row.unresolved, story.receivables("counter")) == (1, "i1", {})
    assert checked(story.log) == []
    story.period("2026-02", "2026-02-01", "2026-02-28", verb="reopened")
    assert (states(story, "i1", "p1"), story.codes("i1")) == (["POSTED", "POSTED"], ["LATE_FOR_WINDOW"])
