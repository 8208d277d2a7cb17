"""The golden numbers of the rulebook (b2), one test each, through the real engine."""

from __future__ import annotations

import calendar
from itertools import permutations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.said import CASH, DAY, RECEIVABLE, REVENUE, ROUNDING, VAT

CHARGES = ("3.76", "3.84", "3.84")
NETS = ("25.06", "25.61", "25.63")


@covers("I7")
@pytest.mark.parametrize(("taxes", "tax", "gross"), [(CHARGES, "11.44", "87.74"), (("3.76", "3.84", "3.85"), "11.45", "87.75")])
def test_number_1_the_tax_charged_is_the_tax_posted(taxes: tuple[str, ...], tax: str, gross: str) -> None:
    """Per line 15 % is 11.44, on the total it is 11.45: whichever the till charged is posted, and it balances."""
    lines = [said.line(net, tax=charged) for net, charged in zip(NETS, taxes, strict=True)]
    story = Story().shop().invoice("i1", lines=lines)
    assert story.postings("i1") == [("D", RECEIVABLE, "acme", gross), ("C", REVENUE, "", "76.30"), ("C", VAT, "", tax)]


def test_number_2_rounded_documents_add_up_to_what_was_paid() -> None:
    """250.50 and 50.50 rounded to 250 and 50 are 300 owed, with 1.00 of rounding; 300 paid leaves nothing open."""
    story = Story().shop(rounding_max="0.50")
    story.invoice("i1", "250.50", totals={"rounding": "-0.50"}).invoice("i2", "50.50", totals={"rounding": "-0.50"})
    assert story.postings("i1") == [
        ("D", ROUNDING, "", "0.50"),
        ("D", RECEIVABLE, "acme", "250.00"),
        ("C", REVENUE, "", "250.50"),
    ]
    assert story.ledger() == {(RECEIVABLE, "acme"): "300.00", (ROUNDING, ""): "1.00", (REVENUE, ""): "-301.00"}
    story.payment("p1", "300.00", on={"i1": "250.00", "i2": "50.00"})
    assert (RECEIVABLE, "acme") not in story.ledger()


@covers("J6")
def test_number_2_a_batch_adds_rounded_documents_up() -> None:
    """As one batch the same two ask for 300, not 301, with one rounding line of 1.00; 300 paid leaves nothing open."""
    story = Story().shop(rounding_max="0.50").defined("HOUSE", version=2, batch_billing=True)
    story.invoice("i1", "250.50", totals={"rounding": "-0.50"}).invoice("i2", "50.50", totals={"rounding": "-0.50"})
    story.said("batch.run", batch="b1", class_="HOUSE", cut_off=DAY, date=DAY, by="Ada")
    assert story.postings("b1") == [
        ("D", RECEIVABLE, "acme", "300.00"),
        ("D", ROUNDING, "", "1.00"),
        ("C", REVENUE, "", "301.00"),
    ]
    story.payment("p1", "300.00", on={"i1": "250.00", "i2": "50.00"})
    assert (story.receivables("acme"), (RECEIVABLE, "acme") in story.ledger()) == ({}, False)


@covers("I6")
def test_number_3_the_receivable_is_the_sum_of_converted_lines() -> None:
    """20.00 and 3.00 at 0.4007 are 8.01 and 1.20 in the book's currency, so 9.21 is owed, not 9.22."""
    story = Story().shop().invoice("i1", "20.00", tax="3.00", currency="USD", exchange_rate="0.4007")
    assert story.postings("i1") == [("D", RECEIVABLE, "acme", "23.00"), ("C", REVENUE, "", "20.00"), ("C", VAT, "", "3.00")]
    assert [(line.account, line.base_amount) for line in story.journals("i1")[0].lines] == [
        (RECEIVABLE, 921),
        (REVENUE, 801),
        (VAT, 120),
    ]


def test_number_4_an_unpaid_generic_sale_is_held_until_it_is_paid() -> None:
    """100 on a shared debtor with 60 paid is held; 40 more release it, and both payments, in the same transaction."""
    story = Story().counter().invoice("i1").payment("p1", "60.00", on="i1")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["PAYMENT_REQUIRED_FOR_GENERIC"])
    assert (story.state("p1"), story.ledger()) == ("WAITING", {})
    story.then_released_by("i1", said.payment("p2", "40.00", on="i1"))
    assert story.posted_now() == ["i1", "p1", "p2"]
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


@covers("K4")
def test_number_5_a_credit_beyond_what_is_open_stays_with_the_customer() -> None:
    """100 with 80 paid and a credit of 50: 20 settle the invoice, 30 stay as a credit on the account."""
    story = Story().shop().invoice("i1").payment("p1", "80.00", on="i1")
    assert story.ledger()[RECEIVABLE, "acme"] == "20.00"
    assert story.receivables("acme") == {"i1": "20.00"}
    story.credit_note("k1", "50.00", original="i1")
    assert (story.state("k1"), story.codes("k1")) == ("POSTED", ["CREDIT_UNALLOCATED"])
    assert story.postings("k1") == [("D", REVENUE, "", "50.00"), ("C", RECEIVABLE, "acme", "50.00")]
    assert story.ledger() == {(CASH, ""): "80.00", (RECEIVABLE, "acme"): "-30.00", (REVENUE, ""): "-50.00"}
    assert story.receivables("acme") == {"i1": "-30.00"}


@covers("J2")
def test_number_6_the_cut_off_of_a_batch() -> None:
    """Jobs of 31 January are billed by the run up to that day; one of 1 February is excluded and goes on accumulating."""
    story = Story(on="2026-02-01").shop().defined("HOUSE", version=2, batch_billing=True)
    story.invoice("i1", date="2026-01-31").invoice("i2", date="2026-02-01")
    run = {"batch": "jobs", "class_": "HOUSE", "cut_off": "2026-01-31", "date": "2026-02-01", "by": "Ada"}
    assert story.said("batch.run", **run).verdict == ("ACCEPTED", "ACCEPTED")
    assert [(story.row(name).business_date, story.state(name)) for name in ("i1", "i2")] == [
        ("2026-01-31", "POSTED"),
        ("2026-02-01", "ACCUMULATING"),
    ]
    assert [(posting.number, posting.sources) for posting in story.journals()] == [("jobs", ["i1"])]


def test_number_7_seven_periods_are_open() -> None:
    """In period 006 with three on either side open, 003 to 009 of 2021 post into their own period, 002 and 010 are held."""
    story = Story(on="2021-10-31").shop(period_control="CLOSED_UNLESS_OPENED")
    for month in range(3, 10):
        last = 30 if month in (4, 6, 9) else 31
        story.period(f"{month:03}/2021", f"2021-{month:02}-01", f"2021-{month:02}-{last}")
    days = {month: f"2021-{month:02}-15" for month in range(2, 11)}
    for month, day in days.items():
        story.invoice(f"i{month}", date=day)
    posted = {month: story.journals(f"i{month}")[0].period for month in days if story.journals(f"i{month}")}
    assert posted == {month: f"{month:03}/2021" for month in range(3, 10)}
    assert [story.codes(name) for name in ("i2", "i10")] == [["PERIOD_CLOSED"]] * 2


def test_number_7_the_window_moves_with_the_months() -> None:
    """The same by policy, with a year declared: three periods on either side of the present one are open, and move with it."""
    story = Story(on="2021-06-15").shop(open_periods="-3..+3", future_days_max=365)
    for month in range(1, 13):
        last = calendar.monthrange(2021, month)[1]
        story.period(f"{month:03}/2021", f"2021-{month:02}-01", f"2021-{month:02}-{last}")
    months = range(1, 13)
    for month in months:
        story.invoice(f"i{month}", date=f"2021-{month:02}-15")
    assert [month for month in months if story.state(f"i{month}") == "POSTED"] == list(range(3, 10))
    assert [story.codes(f"i{month}") for month in (2, 10)] == [["PERIOD_CLOSED"]] * 2
    story.until("2021-07-01")
    assert story.posted_now() == ["i10"]
    assert [month for month in months if story.state(f"i{month}") == "POSTED"] == list(range(3, 11))


FACTS = (
    said.account("acme"),
    said.say("class.assigned", account="acme", class_="HOUSE"),
    said.customer("c1"),
    said.link("c1", "acme"),
    said.invoice("i1", tax="20.00"),
)


def test_number_8_the_order_of_facts_does_not_matter() -> None:
    """In each of the 120 orders of account, class, customer, link and invoice the same one posting comes out."""
    outcomes = set()
    for order in permutations(FACTS):
        story = Story().book().defined("HOUSE").each(*order)
        assert story.state("i1") == "POSTED"
        outcomes.add((tuple(posting.posting_key for posting in story.journals()), *story.postings("i1")))
    assert len(outcomes) == 1
    (keys, *lines), *_ = outcomes
    assert (len(keys), lines) == (1, [("D", RECEIVABLE, "acme", "120.00"), ("C", REVENUE, "", "100.00"), ("C", VAT, "", "20.00")])


def test_number_8_the_order_does_not_matter_within_one_batch() -> None:
    """The same 120 orders, each in one transaction, give the same posting too."""
    keys = set()
    for order in permutations(FACTS):
        story = Story().book().defined("HOUSE").say(*order)
        assert [receipt.verdict for receipt in story.last.receipts] == ["ACCEPTED"] * 5
        keys.add(tuple(posting.posting_key for posting in story.journals()))
    assert len(keys) == 1


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_number_9_a_storm_of_duplicates_is_one_posting(*, at_once: bool) -> None:
    """The same document under five message ids is accepted once and posted once."""
    story, storm = Story().shop(), [said.invoice("i1").under(f"m-{number}") for number in range(5)]
    verdicts = []
    for messages in [storm] if at_once else [[message] for message in storm]:
        verdicts += [receipt.code for receipt in story.say(*messages).last.receipts]
    assert verdicts == ["ACCEPTED", *["DUPLICATE_DOCUMENT"] * 4]
    assert (len(story.journals()), story.state("i1")) == (1, "POSTED")


@covers("N5", "N6")
def test_number_10_a_posting_confirmed_twice_is_silent_if_equal_and_a_conflict_if_not() -> None:
    """Said again, it is no news; under another document of the accounting system it is a conflict, and the posting stands."""
    story = Story().shop().invoice("i1")
    answer = {"posting_key": story.journals("i1")[0].posting_key, "target": "books"}
    assert story.said("posting.acknowledged", **answer, external_id="INV-1").verdict == ("ACCEPTED", "ACCEPTED")
    story.said("posting.acknowledged", **answer, external_id="INV-1")
    assert (story.verdict, story.last.happened) == (("DUPLICATE", "DUPLICATE_DOCUMENT"), [])
    assert story.said("posting.acknowledged", **answer, external_id="INV-2").verdict == ("QUARANTINED", "TARGET_CONFLICT")
    assert (story.state("i1"), len(story.journals("i1"))) == ("POSTED", 1)
