"""Cases of engine/firewall/calendar.py: the day of a document is one the books take."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY

MONTHS = tuple(
    said.period(f"2026-{month:02d}", f"2026-{month:02d}-01", f"2026-{month:02d}-{days}")
    for month, days in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
)
"""The months of 2026, declared one by one."""
QUARTER = {"period": "2026-Q1", "from_": "2026-01-01", "to": "2026-03-31"}
MARCH = ("2026-03", "2026-03-01", "2026-03-31")
APRIL = ("2026-04", "2026-04-01", "2026-04-30")


def _dated(story: Story, day: str) -> Story:
    return story.invoice("i1", date=day)


def _months(window: str, **policies: object) -> Story:
    """Return a shop whose open periods are counted from the one of today, which is March."""
    return Story().shop(open_periods=window, future_days_max=365, **policies).say(*MONTHS)


CASES = (
    Case(
        "H1",
        "PERIOD_CLOSED",
        fires=lambda: Story().shop().period(*MARCH, verb="closed").invoice("i1"),
        beside=lambda: Story().shop().period("2026-03a", "2026-03-01", "2026-03-09", verb="closed").invoice("i1"),
        remedy=lambda s: s.period(*MARCH, verb="reopened"),
    ),
    Case(
        "H1",
        "PERIOD_CLOSED",
        fires=lambda: Story().shop(period_control="CLOSED_UNLESS_OPENED").invoice("i1"),
        beside=lambda: Story().shop(period_control="CLOSED_UNLESS_OPENED").period("day", DAY, DAY).invoice("i1"),
        remedy=lambda s: s.period(*MARCH),
    ),
    Case(
        "H1",
        "PERIOD_CLOSED",
        fires=lambda: Story().shop(closed_period="ROLL_FORWARD").period(*MARCH, verb="closed").invoice("i1"),
        beside=lambda: Story().shop(closed_period="ROLL_FORWARD").period(*MARCH, verb="closed").period(*APRIL).invoice("i1"),
        remedy=lambda s: s.period(*APRIL),
    ),
    Case(
        "H2",
        "PERIOD_ROLLED_FORWARD",
        fires=lambda: Story().shop(closed_period="ROLL_FORWARD").period(*MARCH, verb="closed").period(*APRIL).invoice("i1"),
        beside=lambda: Story().shop(closed_period="ROLL_FORWARD").period(*MARCH).period(*APRIL).invoice("i1"),
        state="POSTED",
    ),
    Case(
        "H3",
        "DATE_NOT_OPEN",
        fires=lambda: _dated(Story().shop(dates_from=DAY), "2026-03-09"),
        beside=lambda: _dated(Story().shop(dates_from=DAY), DAY),
        remedy=lambda s: s.amended("i1", date=DAY),
    ),
    Case(
        "H3",
        "DATE_NOT_OPEN",
        fires=lambda: _dated(Story().shop(dates_to="2026-03-09"), DAY),
        beside=lambda: _dated(Story().shop(dates_to=DAY), DAY),
        remedy=lambda s: s.amended("i1", date="2026-03-09"),
    ),
    Case(
        "H5",
        "PERIOD_LOCKED",
        fires=lambda: Story().shop().period(*MARCH, verb="locked").invoice("i1"),
        beside=lambda: Story().shop().period(*MARCH, verb="locked").period(*MARCH, verb="reopened").invoice("i1"),
        remedy=lambda s: s.period(*MARCH, verb="reopened"),
    ),
    Case(
        "H6",
        "FUTURE_DATED",
        fires=lambda: _dated(Story().shop(future_days_max=2), "2026-03-13"),
        beside=lambda: _dated(Story().shop(future_days_max=2), "2026-03-12"),
        remedy=lambda s: s.until("2026-03-11"),
    ),
    Case(
        "H4",
        "PERIOD_CLOSED",
        fires=lambda: _dated(_months("-3..+3"), "2026-07-01"),
        beside=lambda: _dated(_months("-3..+3"), "2026-06-30"),
        remedy=lambda s: s.until("2026-04-01"),
    ),
    Case(
        "H4",
        "PERIOD_CLOSED",
        fires=lambda: _dated(_months("-1..+0"), "2026-01-31"),
        beside=lambda: _dated(_months("-1..+0"), "2026-02-01"),
        remedy=lambda s: s.amended("i1", date="2026-02-01"),
    ),
    Case(
        "H4",
        "PERIOD_CLOSED",
        fires=lambda: _dated(_months("C"), "2026-04-01"),
        beside=lambda: _dated(_months("C"), "2026-03-31"),
        remedy=lambda s: s.until("2026-04-01"),
    ),
    Case(
        "H4",
        "PERIOD_CLOSED",
        fires=lambda: Story().shop(open_periods="C").invoice("i1"),
        beside=lambda: Story().shop(open_periods="C").period(*MARCH).invoice("i1"),
        remedy=lambda s: s.period(*MARCH),
    ),
    Case(
        "H4",
        "PERIOD_ROLLED_FORWARD",
        fires=lambda: _dated(_months("-1..+3", closed_period="ROLL_FORWARD"), "2026-01-31"),
        beside=lambda: _dated(_months("-2..+3", closed_period="ROLL_FORWARD"), "2026-01-31"),
        state="POSTED",
    ),
    Case(
        "H7",
        "TAX_PERIOD_CLOSED",
        fires=lambda: Story().shop().said("tax_period.closed", **QUARTER).invoice("i1"),
        beside=lambda: Story().shop().said("tax_period.closed", **QUARTER).invoice("i1", tax_date="2026-04-01"),
        remedy=lambda s: s.said("tax_period.reopened", **QUARTER),
    ),
    Case(
        "H7",
        "TAX_PERIOD_CLOSED",
        fires=lambda: _dated(Story().shop(future_days_max=90).said("tax_period.closed", **QUARTER), "2026-03-31"),
        beside=lambda: _dated(Story().shop(future_days_max=90).said("tax_period.closed", **QUARTER), "2026-04-01"),
        remedy=lambda s: s.amended("i1", tax_date="2026-04-01"),
    ),
    Case(
        "H7",
        "TAX_PERIOD_CLOSED",
        fires=lambda: Story().shop(tax_period="WARN").said("tax_period.closed", **QUARTER).invoice("i1"),
        beside=lambda: Story().shop(tax_period="IGNORE").said("tax_period.closed", **QUARTER).invoice("i1"),
        state="POSTED",
    ),
)
