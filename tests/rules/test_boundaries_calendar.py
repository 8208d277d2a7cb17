"""Days at their boundaries: which change of the calendar lets a document in, and what is said of the day."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.rules.calendar import APRIL, MARCH, MONTHS, QUARTER
from tests.said import DAY

DAY_KEY = f"period:{DAY}"


@pytest.mark.parametrize(
    ("verb", "code", "message"), [("closed", "PERIOD_CLOSED", "is closed"), ("locked", "PERIOD_LOCKED", "is locked")]
)
def test_a_period_that_takes_nothing_waits_for_its_own_change(verb: str, code: str, message: str) -> None:
    """Where nothing rolls forward, no other period matters."""
    story = Story().shop().period(*MARCH, verb=verb).period(*APRIL).invoice("i1")
    assert objections(story) == [(code, "HOLD", "business_date", [DAY_KEY])]
    assert messages(story) == [f"period 2026-03 {message}"]


def test_a_period_nobody_declared_is_told_as_that() -> None:
    """Where only declared periods are open, the month of the day has its name."""
    story = Story().shop(period_control="CLOSED_UNLESS_OPENED").invoice("i1")
    assert objections(story) == [("PERIOD_CLOSED", "HOLD", "business_date", [DAY_KEY])]
    assert messages(story) == ["period 2026-03 is not declared"]


@pytest.mark.parametrize(("verb", "code"), [("closed", "PERIOD_CLOSED"), ("locked", "PERIOD_LOCKED")])
def test_where_documents_roll_forward_any_later_period_lets_them_in(verb: str, code: str) -> None:
    """It waits for its own period and for every other; as soon as one is open it is a remark."""
    story = Story().shop(closed_period="ROLL_FORWARD").period(*MARCH, verb=verb).invoice("i1")
    assert objections(story) == [(code, "HOLD", "business_date", [DAY_KEY, "period:later"])]
    story.period(*APRIL)
    assert objections(story) == [("PERIOD_ROLLED_FORWARD", "WARN", "business_date", [])]
    assert messages(story) == ["posts in period 2026-04 instead of 2026-03"]
    assert story.journals("i1")[0].period == "2026-04"


def test_a_day_that_is_taken_does_not_roll_forward() -> None:
    """Though nobody declared its period, and a later one is open."""
    story = Story().shop(closed_period="ROLL_FORWARD").period(*APRIL).invoice("i1")
    assert (story.codes("i1"), story.journals("i1")[0].period) == ([], "2026-03")


def test_outside_the_window_the_day_is_awaited_on_which_it_comes_in() -> None:
    """July is in from April on; what has gone out never comes in again."""
    story = Story().shop(open_periods="-1..+3", future_days_max=365).say(*MONTHS)
    story.invoice("i1", date="2026-07-01").invoice("i2", date="2026-01-31")
    assert objections(story) == [
        ("PERIOD_CLOSED", "HOLD", "business_date", ["period:2026-07-01", "period:later", "date:2026-04-01"])
    ]
    assert messages(story) == ["period 2026-07 is not among the open periods, -1..+3 from the present one"]
    assert objections(story, "i2") == [("PERIOD_CLOSED", "HOLD", "business_date", ["period:2026-01-31", "period:later"])]
    assert story.decision("i1").reasons[0].remedy == "wait until it is open, or correct the date"


def test_outside_the_window_what_rolls_forward_awaits_the_next_turn() -> None:
    """When another period becomes the present one, another may be open: that day is awaited, not its own."""
    closed = [said.period(f"2026-{month:02d}", f"2026-{month:02d}-01", f"2026-{month:02d}-28", verb="closed") for month in (3, 4)]
    story = Story().shop(open_periods="-1..+1", closed_period="ROLL_FORWARD", future_days_max=365)
    story.say(*closed, said.period("2026-05", "2026-05-01", "2026-05-31"), said.period("2026-06", "2026-06-01", "2026-06-30"))
    story.invoice("i1", date="2026-06-15")
    keys = ["period:2026-06-15", "period:later", "date:2026-04-01"]
    assert objections(story) == [("PERIOD_CLOSED", "HOLD", "business_date", keys)]


def test_a_closed_period_within_a_window_awaits_the_next_turn_too() -> None:
    """Which periods are open changes with the first day of the next declared one, and with none when there is none."""
    story = Story().shop(open_periods="-1..+1").period(*MARCH, verb="closed").invoice("i1")
    assert objections(story) == [("PERIOD_CLOSED", "HOLD", "business_date", [DAY_KEY, "period:later"])]
    story.period(*APRIL).period("2026-05", "2026-05-01", "2026-05-31").invoice("i2")
    assert objections(story, "i2") == [("PERIOD_CLOSED", "HOLD", "business_date", [DAY_KEY, "period:later", "date:2026-04-01"])]


def test_the_turn_of_today_is_past() -> None:
    """A period that begins today is the present one already: the one after it is awaited."""
    story = (
        Story()
        .shop(open_periods="-1..+1")
        .period("p1", DAY, "2026-03-19", verb="closed")
        .period("p2", "2026-03-20", "2026-03-31")
    )
    assert objections(story.invoice("i1")) == [
        ("PERIOD_CLOSED", "HOLD", "business_date", [DAY_KEY, "period:later", "date:2026-03-20"])
    ]


def test_the_tax_date_decides_which_return_a_sale_belongs_to() -> None:
    """It is waited for, and named, where it is stated; both ends of the period count."""
    story = Story().shop(future_days_max=90).said("tax_period.closed", **QUARTER)
    days = ("2026-01-01", "2026-03-31", "2026-04-01", "2025-12-31")
    for number, day in enumerate(days, 1):
        story.invoice(f"i{number}", date="2026-04-02", tax_date=day)
    assert [bool(story.codes(f"i{number}")) for number in (1, 2, 3, 4)] == [True, True, False, False]
    assert objections(story) == [("TAX_PERIOD_CLOSED", "HOLD", "tax_date", ["tax_period:2026-01-01"])]
    assert messages(story) == ["the tax return of 2026-Q1, 2026-01-01 to 2026-03-31, was made"]
    story.invoice("i5")
    assert objections(story, "i5") == [("TAX_PERIOD_CLOSED", "HOLD", "business_date", [f"tax_period:{DAY}"])]


@pytest.mark.parametrize(("policy", "expected"), [("HOLD", ["HOLD"]), ("WARN", ["WARN"]), ("IGNORE", [])])
def test_the_book_says_what_a_closed_return_means(policy: str, expected: list[str]) -> None:
    """Held, told or passed; a return that was opened again, and money, are no matter."""
    story = Story().shop(tax_period=policy).said("tax_period.closed", **QUARTER).invoice("i1").payment("p1")
    assert ([each[1] for each in objections(story)], story.codes("p1")) == (expected, [])
    assert story.said("tax_period.reopened", **QUARTER).invoice("i2").codes("i2") == []


def test_a_closed_return_is_no_matter_before_there_is_a_book() -> None:
    """The book decides what it means."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    assert story.said("tax_period.closed", **QUARTER).invoice("i1").codes("i1") == ["BOOK_UNKNOWN"]


@pytest.mark.parametrize(
    ("policies", "day", "message"),
    [
        ({"dates_from": DAY}, "2026-03-09", "2026-03-09 is outside the open dates 2026-03-10 to ..."),
        ({"dates_to": "2026-03-09"}, DAY, "2026-03-10 is outside the open dates ... to 2026-03-09"),
        ({"dates_from": DAY, "dates_to": DAY}, "2026-03-11", "2026-03-11 is outside the open dates 2026-03-10 to 2026-03-10"),
        ({"dates_from": DAY, "dates_to": DAY}, DAY, None),
    ],
)
def test_the_open_dates_have_two_ends(policies: dict[str, object], day: str, message: str | None) -> None:
    """Each may be open, both days count, and only the book can widen them."""
    story = Story().shop(**policies).invoice("i1", date=day)
    assert objections(story) == ([("DATE_NOT_OPEN", "HOLD", "business_date", ["book:"])] if message else [])
    assert messages(story) == ([message] if message else [])


@pytest.mark.parametrize(
    ("days", "day", "due"),
    [
        (0, "2026-03-11", "2026-03-11"),
        (0, DAY, None),
        (2, "2026-03-13", "2026-03-11"),
        (2, "2026-03-12", None),
        (2, "2026-03-09", None),
    ],
)
def test_a_document_of_the_future_waits_for_its_day(days: int, day: str, due: str | None) -> None:
    """The day on which the tolerance reaches it."""
    story = Story().shop(future_days_max=days).invoice("i1", date=day)
    assert objections(story) == ([("FUTURE_DATED", "HOLD", "business_date", [f"date:{due}"])] if due else [])
    assert messages(story) == ([f"dated {day}, after today"] if due else [])


def test_without_a_book_tomorrow_is_near_enough() -> None:
    """One day is the tolerance where nobody said another."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.invoice("i1", date="2026-03-11").invoice("i2", date="2026-03-12")
    assert (story.codes("i1"), story.codes("i2")) == (["BOOK_UNKNOWN"], ["BOOK_UNKNOWN", "FUTURE_DATED"])
