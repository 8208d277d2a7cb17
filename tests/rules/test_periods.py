"""Periods and days as the rulebook has them: windows that move, reversals that find a place, closing over what is open."""

from __future__ import annotations

import pytest

from adapters import clock
from schemas.events import PostingReversed
from schemas.values import instant
from tests import said
from tests.given import Story
from tests.rules.calendar import MARCH, MONTHS, QUARTER
from tests.rules.case import covers
from tests.said import Saying

FEBRUARY = ("2026-02", "2026-02-01", "2026-02-28")
APRIL = ("2026-04", "2026-04-01", "2026-04-30")


def reversal(story: Story) -> PostingReversed:
    """Return the one reversal of the last transaction."""
    (found,) = [each.event for each in story.last.happened if isinstance(each.event, PostingReversed)]
    return found


@covers("H4")
@pytest.mark.parametrize(
    ("window", "first", "last"), [("C", 3, 3), ("-0..+0", 3, 3), ("-2..+0", 1, 3), ("+1..+2", 4, 5), ("-12..+12", 1, 12)]
)
def test_a_window_counts_periods_from_the_present_one(window: str, first: int, last: int) -> None:
    """Of twelve months, those from the first to the last of the window take a sale in March."""
    story = Story().shop(open_periods=window, future_days_max=365).say(*MONTHS)
    for month in range(1, 13):
        story.invoice(f"i{month}", date=f"2026-{month:02}-15")
    assert [month for month in range(1, 13) if story.state(f"i{month}") == "POSTED"] == list(range(first, last + 1))


@covers("H4")
@pytest.mark.parametrize("periods_first", [True, False])
def test_it_does_not_matter_whether_the_periods_or_the_sale_came_first(*, periods_first: bool) -> None:
    """A window over periods that nobody declared is empty; when they are declared, what waited posts (law 5)."""
    story = Story().shop(open_periods="-1..+0")
    story = story.say(*MONTHS).invoice("i1") if periods_first else story.invoice("i1").say(*MONTHS)
    assert [(posting.period, posting.posting_key) for posting in story.journals("i1")] == [
        (posting.period, posting.posting_key) for posting in Story().shop().say(*MONTHS).invoice("i1").journals("i1")
    ]


def test_a_rolled_forward_sale_waits_for_a_period_to_come() -> None:
    """With a window that begins a month ahead and nothing declared there, a late sale waits, and posts when it is."""
    story = Story().shop(open_periods="+1..+1", closed_period="ROLL_FORWARD").period(*MARCH).invoice("i1")
    assert (story.codes("i1"), story.waits("i1")[:2]) == (["PERIOD_CLOSED"], ["account:acme", "class:HOUSE"])
    story.then_released_by("i1", said.period(*APRIL))
    assert [posting.period for posting in story.journals("i1")] == ["2026-04"]


@covers("H7")
def test_a_sale_rolled_forward_is_still_in_its_tax_period() -> None:
    """The books let it into April, the tax return of March was made: which return it belongs to is somebody's decision."""
    story = Story().shop(closed_period="ROLL_FORWARD").period(*MARCH, verb="closed").period(*APRIL)
    story.said("tax_period.closed", **QUARTER).invoice("i1").payment("p1")
    assert story.codes("i1") == ["PERIOD_ROLLED_FORWARD", "TAX_PERIOD_CLOSED"]
    assert story.codes("p1") == ["PERIOD_ROLLED_FORWARD"]
    assert story.released("i1", "TAX_PERIOD_CLOSED").state("i1") == "POSTED"


def test_a_tax_period_said_twice_is_no_news() -> None:
    """Closed is closed, and reopened is open; another period over the same days contradicts it."""
    story = Story().said("tax_period.closed", **QUARTER).said("tax_period.closed", **QUARTER)
    assert story.verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert story.said("tax_period.closed", **QUARTER | {"period": "Q1"}).verdict == ("QUARANTINED", "PERIOD_INVALID")
    assert story.said("tax_period.reopened", **QUARTER).said("tax_period.reopened", **QUARTER).receipt.verdict == "DUPLICATE"


@covers("H8")
def test_the_day_of_a_book_begins_at_its_hour() -> None:
    """At three in the morning it is still yesterday for a book whose day begins at four, and a sale of today waits an hour."""
    story = Story(on="2026-03-09").shop(day_begins="04:00", future_days_max=0, timezone="Europe/Vienna")
    story.until("2026-03-10T02:59:00Z").invoice("i1")
    assert (story.codes("i1"), story.decision("i1").today) == (["FUTURE_DATED"], "2026-03-09")
    story.until("2026-03-10T03:00:00Z")
    assert (story.state("i1"), story.decision("i1").today, story.decision("i1").since) == ("POSTED", "2026-03-10", "2026-03-09")


@covers("H8")
@pytest.mark.parametrize(
    ("zone", "time", "begins", "day"),
    [
        ("UTC", "2026-03-10T00:00:00Z", "00:00", "2026-03-10"),
        ("UTC", "2026-03-10T03:59:59Z", "04:00", "2026-03-09"),
        ("UTC", "2026-03-10T04:00:00Z", "04:00", "2026-03-10"),
        # The clocks of Vienna go from two to three on 29 March, and from three back to two on 25 October.
        ("Europe/Vienna", "2026-03-29T01:59:00Z", "04:00", "2026-03-28"),
        ("Europe/Vienna", "2026-03-29T02:00:00Z", "04:00", "2026-03-29"),
        ("Europe/Vienna", "2026-10-25T00:29:00Z", "02:30", "2026-10-24"),
        ("Europe/Vienna", "2026-10-25T00:30:00Z", "02:30", "2026-10-25"),
        ("Europe/Vienna", "2026-10-25T01:10:00Z", "02:30", "2026-10-25"),
    ],
)
def test_the_clock_tells_the_day_by_the_hour_it_begins(zone: str, time: str, begins: str, day: str) -> None:
    """Also when clocks change: an hour that is shown twice does not end the day that it began."""
    assert clock.day(zone, instant(time), begins) == day


@covers("H9")
def test_a_period_closes_over_open_documents_when_nobody_asked_to_be_told() -> None:
    """Without the policy the fact is recorded as said, whatever is open."""
    story = Story().shop().customer("c2").invoice("i1", customer="c2").period(*MARCH, verb="closed")
    assert story.verdict == ("ACCEPTED", "ACCEPTED")


@covers("H9")
@pytest.mark.parametrize("at_once", [True, False])
def test_what_a_batch_holds_or_posts_counts_before_the_period_closes(*, at_once: bool) -> None:
    """An invoice that is held in the batch that closes its period keeps it open; a link in that batch lets it close."""
    held = said.invoice("i1", customer="c2")
    for facts, verdict in (((held,), "QUARANTINED"), ((held, said.link("c2", "acme")), "ACCEPTED")):
        story = Story().shop(period_close="ACKNOWLEDGE").customer("c2")
        batch = (*facts, said.period(*MARCH, verb="closed"))
        assert (story.say(*batch) if at_once else story.each(*batch)).receipt.verdict == verdict


@covers("H9")
def test_a_closed_period_is_closed_again_without_a_question() -> None:
    """Said again without acknowledgement it is no news, whatever is open in it; reopened, the question is asked again."""
    closing = said.say("period.closed", period="2026-03", from_="2026-03-01", to="2026-03-31", acknowledged=True)
    story = Story().shop(period_close="ACKNOWLEDGE").invoice("i1", customer="c2").say(closing)
    assert (story.verdict[0], story.state("i1")) == ("ACCEPTED", "REQUIRES_ATTENTION")
    assert story.say(said.period(*MARCH, verb="closed")).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    shorter = said.period("2026-03", "2026-03-01", "2026-03-30", verb="closed")
    assert story.say(shorter).verdict == ("QUARANTINED", "PERIOD_INVALID")
    story.say(said.period(*MARCH, verb="reopened"), said.period(*MARCH, verb="closed"))
    assert story.verdict == ("QUARANTINED", "PERIOD_HAS_OPEN_ITEMS")


@covers("H10")
@pytest.mark.parametrize(
    ("declared", "period"),
    [
        ((), "2026-03"),
        ((said.period(*MARCH, verb="closed"),), "2026-04"),
        ((said.period(*MARCH, verb="closed"), said.period(*APRIL)), "2026-04"),
        ((said.period(*MARCH, verb="closed"), said.period(*APRIL, verb="closed")), "2026-05"),
        ((said.period("2026", "2026-01-01", "2026-12-31", verb="closed"),), "2027-01"),
        ((said.period(*FEBRUARY), said.period(*MARCH, verb="closed")), "2026-02"),
    ],
    ids=["open", "closed", "next", "all closed", "year", "only an earlier one"],
)
def test_a_reversal_never_goes_into_a_closed_period(declared: tuple[Saying, ...], period: str) -> None:
    """It is not lost and does not wait: it goes into an open period or, where none is, into the first that is yet to come."""
    story = Story().shop().invoice("i1").each(*declared).voided("i1")
    assert (reversal(story).period, story.state("i1"), story.ledger()) == (period, "REVERSED", {})


WAYS = {
    "amended": (said.invoice("i0", "90.00", version=2), "i0"),
    "a credit note": (said.credit_note("k1", original="i0"), "k1"),
    "money": (said.payment("p1", on="i0"), "p1"),
    "imported again under another id": (said.invoice("i9"), "i9"),
    "a link": (said.link("c2", "acme"), "late"),
}


@covers("H11", "O10")
@pytest.mark.parametrize(("saying", "document"), WAYS.values(), ids=WAYS)
def test_every_way_meets_the_same_gate(saying: Saying, document: str) -> None:
    """Amended, credited, paid, imported or released after its period closed, a document is held for that (O10).

    Deciding and posting are one transaction, so nothing can be accepted before the close and posted after it.
    """
    story = Story().shop().customer("c2").invoice("i0").invoice("late", customer="c2").period(*MARCH, verb="closed")
    story.say(saying)
    assert (story.state(document), story.codes(document), story.posted_now()) == ("REQUIRES_ATTENTION", ["PERIOD_CLOSED"], [])


@covers("H5", "H11")
def test_a_release_opens_a_locked_period_but_no_closed_one() -> None:
    """What an accountant may let into a locked period nobody lets into a closed one, however it was released before."""
    story = Story().shop(release_roles={"PERIOD_LOCKED": ["accountant"]}).period(*MARCH, verb="locked")
    story.invoice("i1").invoice("i2")
    assert story.released("i1", "PERIOD_LOCKED").state("i1") == "POSTED"
    assert story.period(*MARCH, verb="closed").state("i2") == "REQUIRES_ATTENTION"
    assert story.released("i2", "PERIOD_LOCKED").verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert story.codes("i2") == ["PERIOD_CLOSED"]


@covers("I2")
def test_the_journal_is_converted_at_the_rate_of_the_table() -> None:
    """A document without a rate is booked at the table's of its day; one with a rate at its own."""
    story = Story().shop(rate_source="TABLE").mapped("rate", "USD", rate="0.5")
    story.mapped("rate", "USD", rate="0.6", effective_from="2026-03-10").invoice("i1", currency="USD", date="2026-03-09")
    story.invoice("i2", currency="USD").invoice("i3", currency="USD", exchange_rate="0.7")
    booked = [[line.base_amount for posting in story.journals(name) for line in posting.lines] for name in ("i1", "i2", "i3")]
    assert booked == [[5_000, 5_000], [6_000, 6_000], [7_000, 7_000]]


@covers("I10")
@pytest.mark.parametrize(("amount", "code"), [(100, "AMOUNT_NOT_STRING"), (1.5, "AMOUNT_NOT_STRING"), ("1.005", "SCALE")])
def test_an_amount_is_decimal_text_in_the_scale_of_its_currency(amount: object, code: str) -> None:
    """A JSON number is refused, whole or not, and so is a digit that the currency does not have: nothing is rounded."""
    fields = {**said.payment("p1").fields, "amount": amount}
    assert Story().shop().say(Saying("payment.received", fields)).verdict == ("QUARANTINED", code)


@covers("H1", "H10")
def test_a_month_is_no_period_of_that_name() -> None:
    """Years that begin in July have a `2026-03` of September: a sale of an undeclared March does not post into it."""
    story = Story().shop().period("2026-03", "2025-09-01", "2025-09-30", verb="closed").invoice("i1")
    assert [posting.period for posting in story.journals("i1")] == ["month:2026-03"]
    story.voided("i1")
    assert reversal(story).period == "month:2026-03"


@covers("H10")
def test_what_comes_after_all_periods_has_a_name_that_none_has() -> None:
    """Everything declared is closed, and the month after it is the name of one of them."""
    named = ("2026-04", "2026-02-01", "2026-03-31")
    story = Story().shop().period(*named).invoice("i1").period(*named, verb="closed").voided("i1")
    assert reversal(story).period == "month:2026-04"
