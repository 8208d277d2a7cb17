"""Cases of engine/firewall/calendar.py: the day of a document is one the books take."""

from __future__ import annotations

from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY

MARCH = ("2026-03", "2026-03-01", "2026-03-31")
APRIL = ("2026-04", "2026-04-01", "2026-04-30")


def _dated(story: Story, day: str) -> Story:
    return story.invoice("i1", date=day)


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
)
