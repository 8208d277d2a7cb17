"""Periods: which days of a book take postings: declared periods with their states, and the window around the present one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import Refused
from schemas.inbound import (
    PeriodClosed,
    PeriodLocked,
    PeriodOpened,
    PeriodReopened,
    TaxPeriodClosed,
    TaxPeriodReopened,
)

PeriodState = Literal["OPEN", "LOCKED", "CLOSED", "UNDECLARED"]
PRESENT_ALONE = "C"


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first`..`last`, both included, and whether they take postings."""

    name: str
    first: str
    last: str
    state: PeriodState


Periods = Mapping[str, Period]
"""Declared periods by name; no two share a day."""
Said = PeriodOpened | TaxPeriodClosed


def with_day(periods: Periods, day: str) -> Period | None:
    """Return the declared period of a day."""
    return next((period for period in periods.values() if period.first <= day <= period.last), None)


def following(periods: Periods, day: str) -> str:
    """Return the name of the month after a day and after everything declared: what comes next is open to nobody yet (H10)."""
    last = max([day, *(period.last for period in periods.values())])
    year, month = int(last[:4]), int(last[5:7])
    return month_of(periods, f"{year + month // 12:04d}-{month % 12 + 1:02d}-01")


def month_of(periods: Periods, day: str) -> str:
    """Return the name of the month of an undeclared day: `2026-03`, or another where a period of other days has that name."""
    name = day[:7]
    while name in periods:
        name = f"month:{name}"
    return name


def distances(window: str) -> tuple[int, int]:
    """Return how many periods before and after the present one a window reaches: `-3..+3`, or `C` for it alone (H4)."""
    if window == PRESENT_ALONE:
        return 0, 0
    first, _, last = window.partition("..")
    return int(first), int(last)


def in_window(periods: Periods, period: Period, window: str, today: str) -> bool:
    """True when a declared period lies in the window around the one of today; none does when today is in none (H4)."""
    present = with_day(periods, today)
    if present is None or periods.get(period.name) != period:
        return False
    order = sorted(periods.values(), key=lambda each: each.first)
    first, last = distances(window)
    return first <= order.index(period) - order.index(present) <= last


def comes_into_window(periods: Periods, period: Period, window: str, today: str) -> str | None:
    """Return the first day after today on which a period lies in the window, as periods are declared now; None when none is."""
    days = sorted(each.first for each in periods.values() if each.first > today)
    return next((day for day in days if in_window(periods, period, window, day)), None)


def state_after(said: Said) -> PeriodState:
    """Return the state that a fact puts its period in."""
    match said:
        case PeriodLocked():
            return "LOCKED"
        case TaxPeriodReopened() | PeriodReopened():
            return "OPEN"
        case PeriodClosed() | TaxPeriodClosed():
            return "CLOSED"
    return "OPEN"


def is_news(said: Said, periods: Periods) -> bool:
    """True when a fact changes its period. Raises Refused when it overlaps another, or changes its days."""
    if said.to < said.from_:
        raise Refused("PERIOD_INVALID", f"period {said.period} ends before it begins", "exchange from and to")
    known = periods.get(said.period)
    if known and (known.first, known.last) != (said.from_, said.to):
        raise Refused(
            "PERIOD_INVALID", f"period {said.period} is {known.first} to {known.last}", "name the same days, or another period"
        )
    if known is None and any(said.from_ <= other.last and other.first <= said.to for other in periods.values()):
        raise Refused("PERIOD_INVALID", f"period {said.period} overlaps another period", "periods may not share days")
    if known is None:
        return True
    # Opening says that the period exists; only reopening undoes a lock or a close.
    return known.state != state_after(said) and type(said) is not PeriodOpened


def after(periods: Periods, said: Said) -> Periods:
    """Return the periods after a fact about one."""
    return {**periods, said.period: Period(said.period, said.from_, said.to, state_after(said))}
