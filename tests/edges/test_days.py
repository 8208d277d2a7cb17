"""Days and periods: closed ones, late money, trading after midnight, where history begins (edge cases 28 to 32, 62, 67, 74)."""

from __future__ import annotations

import pytest

from projections.completeness import COMPLETENESS, RECEIVED
from projections.ledger import DELIVERIES
from schemas.events import PostingReversed
from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import CASH, RECEIVABLE, REVENUE, Saying

MARCH = ("2026-03", "2026-03-01", "2026-03-31")
APRIL = ("2026-04", "2026-04-01", "2026-04-30")


@tells(28)
def test_no_sale_of_a_day_is_lost_in_silence() -> None:
    """Of four sales of a day one posts, one is held, one waits and one is excluded: the day's counts add up (M12)."""
    story = Story().shop().customer("c2").invoice("i1").invoice("i2", customer="c2")
    story.invoice("i3", status="DRAFT").invoice("i4", "0.00")
    counts = {row.state: (row.documents, row.gross) for row in story.log.views.rows(COMPLETENESS) if row.documents}
    assert counts == {
        RECEIVED: (4, 30_000),
        "POSTED": (1, 10_000),
        "REQUIRES_ATTENTION": (1, 10_000),
        "WAITING": (1, 10_000),
        "EXCLUDED": (1, 0),
    }


@tells(29)
def test_a_failed_export_hides_nothing_in_the_books() -> None:
    """The accounting system refuses a posting: its delivery says so, while document and ledger stay as they are (N1, N3)."""
    story = Story().shop().invoice("i1").invoice("i2")
    before, key = story.ledger(), story.journals("i1")[0].posting_key
    story.said("posting.refused", posting_key=key, target="books", code="E42", text="unknown account 4000")
    assert (story.state("i1"), story.ledger()) == ("POSTED", before)
    assert [(row.posting_key, row.state, row.code) for row in story.log.views.rows(DELIVERIES)] == [(key, "FAILED", "E42")]
    story.said("posting.acknowledged", posting_key=key, target="books", external_id="INV-1")
    assert [row.state for row in story.log.views.rows(DELIVERIES)] == ["CONFIRMED"]


WAYS: dict[str, Saying] = {
    "a sale": said.invoice("i1"),
    "a credit note": said.credit_note("i1", original="i0"),
    "a payment": said.payment("i1"),
    "a deposit": said.payment("i1", kind="DEPOSIT"),
    "an amended sale": said.invoice("i0", "90.00", version=2),
}


@tells(30)
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_into_a_closed_period(way: str) -> None:
    """Sale, credit, money or edit, each passes the same gate: held in a closed period, posted when it is open again (H1, H11)."""
    story = Story().shop().period(*MARCH).invoice("i0").period(*MARCH, verb="closed").say(WAYS[way])
    document = "i0" if way == "an amended sale" else "i1"
    assert (story.state(document), story.codes(document)) == ("REQUIRES_ATTENTION", ["PERIOD_CLOSED"])
    story.period(*MARCH, verb="reopened")
    assert story.state(document) == "POSTED"


@tells(30)
def test_a_book_may_roll_a_late_sale_forward() -> None:
    """The sale keeps its date and goes into the first open period, and says so (H2)."""
    story = Story().shop(closed_period="ROLL_FORWARD").period(*MARCH, verb="closed").period(*APRIL).invoice("i1")
    posting = story.journals("i1")[0]
    assert (posting.period, posting.date, posting.business_date) == ("2026-04", "2026-03-10", "2026-03-10")
    assert story.codes("i1") == ["PERIOD_ROLLED_FORWARD"]


@tells(31)
def test_what_was_posted_into_a_closed_period_is_reversed_in_the_current_one() -> None:
    """The void comes in April: March stays as it was closed, the reversal is April's (H10)."""
    story = Story().shop().period(*MARCH).period(*APRIL).invoice("i1").period(*MARCH, verb="closed")
    (original,) = story.journals("i1")
    story.until("2026-04-02").voided("i1")
    (reversal,) = [each.event for each in story.last.happened if isinstance(each.event, PostingReversed)]
    assert (original.period, reversal.period, reversal.reverses) == ("2026-03", "2026-04", original.posting_key)
    assert (story.state("i1"), story.ledger()) == ("REVERSED", {})


@tells(32)
def test_a_sale_after_midnight_belongs_to_the_day_it_was_traded_on() -> None:
    """Sold at one in the morning of 1 April and taken in on the 3rd, it is in March, where the till says it belongs (H8)."""
    story = Story(on="2026-04-03").shop().period(*MARCH).period(*APRIL)
    story.invoice("i1", date="2026-04-01", business_date="2026-03-31")
    posting = story.journals("i1")[0]
    assert (posting.date, posting.business_date, posting.period) == ("2026-04-01", "2026-03-31", "2026-03")


@tells(62)
def test_period_and_days_are_said_in_one_way() -> None:
    """A posting names its period as the book declared it, and days as ISO dates; a book without periods gives the month.

    How an accounting system writes periods and days, 2026003 or 0032026, is its adapter's, from these.
    """
    story = Story().shop().period("003/2026", *MARCH[1:]).invoice("i1", due_date="2026-04-09").invoice("i2", date="2026-02-28")
    one, two = story.journals("i1")[0], story.journals("i2")[0]
    assert (one.period, one.date, one.business_date, one.due_date) == ("003/2026", "2026-03-10", "2026-03-10", "2026-04-09")
    assert (two.period, two.date) == ("2026-02", "2026-02-28")


@tells(67)
def test_what_the_books_held_before_the_cut_over_is_not_posted_again() -> None:
    """An old sale is excluded, on record; it does not matter when it comes or how often it is amended (A9)."""
    story = Story().shop(cutover="2026-03-01").invoice("i1", date="2026-02-28").invoice("i2", date="2026-03-01")
    assert [(story.state(name), story.codes(name)) for name in ("i1", "i2")] == [("EXCLUDED", ["BEFORE_CUTOVER"]), ("POSTED", [])]
    assert story.amended("i1", net="90.00").state("i1") == "EXCLUDED"
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-100.00"}


@tells(67)
def test_money_for_what_the_books_held_before_goes_to_an_account_of_its_own() -> None:
    """The old invoice is not here, its payment is: it is posted against the account that the book names for the cut-over."""
    control = {"receivable": RECEIVABLE, "deposits": "2300", "rounding": "8900", "cutover": "1199"}
    opened = said.say(
        "book.opened", base_currency="EUR", control_accounts=control, timezone="UTC", policies={"cutover": "2026-03-01"}
    )
    story = Story().say(opened, *said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.invoice("i1", date="2026-02-28").payment("p1", on="i1")
    assert [story.state(name) for name in ("i1", "p1")] == ["EXCLUDED", "POSTED"]
    assert story.ledger() == {(CASH, ""): "100.00", ("1199", ""): "-100.00"}


@tells(74)
def test_late_money_releases_a_sale_of_a_closed_period() -> None:
    """Unpaid on a shared debtor in March, paid in April, after March was closed: posted into April, dated in March (H2)."""
    story = (
        Story().counter(closed_period="ROLL_FORWARD").period(*MARCH).period(*APRIL).invoice("i1").period(*MARCH, verb="closed")
    )
    assert "PAYMENT_REQUIRED_FOR_GENERIC" in story.codes("i1")
    story.until("2026-04-02").then_released_by("i1", said.payment("p1", on="i1", date="2026-04-02"))
    assert {(posting.period, posting.date) for posting in story.journals("i1")} == {("2026-04", "2026-03-10")}
    assert {posting.period for posting in story.journals("p1")} == {"2026-04"}
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


@tells(74)
def test_late_money_does_not_open_a_closed_period() -> None:
    """Where the book does not roll forward, the money is there but the period is not: only that is left to mend."""
    story = Story().counter().period(*MARCH).invoice("i1").period(*MARCH, verb="closed").until("2026-04-02")
    story.payment("p1", on="i1", date="2026-04-02")
    assert (story.state("i1"), story.codes("i1"), story.ledger()) == ("REQUIRES_ATTENTION", ["PERIOD_CLOSED"], {})
    story.then_released_by("i1", said.period(*MARCH, verb="reopened"))
    assert {posting.period for posting in story.journals("i1")} == {"2026-03"}
