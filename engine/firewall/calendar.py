"""Rule family H: the day of a document must be one the books take, by date and by period."""

from __future__ import annotations

from datetime import date, timedelta

from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule


def rolls_forward(facts: Facts) -> bool:
    """True when the book posts into the first open period instead of holding (H2)."""
    opened = facts.book.opened
    return opened is not None and opened.policies.closed_period == "ROLL_FORWARD"


@rule("PERIOD_CLOSED", "H1", remedy="reopen the period, or let the book roll forward")
def period_is_open(facts: Facts) -> Finding | None:
    """H1. Nobody posts into a closed or undeclared period."""
    if facts.book.takes(facts.period) or facts.period.state == "LOCKED":
        return None
    if rolls_forward(facts) and facts.book.first_open_after(facts.subject.business_date):
        return None
    state = "closed" if facts.period.state == "CLOSED" else "not declared"
    return Finding(f"period {facts.period.name} is {state}", waits_for=_mending(facts), path="business_date")


@rule(
    "PERIOD_ROLLED_FORWARD",
    "H2",
    severity="WARN",
    remedy="nothing to do: the document keeps its date and posts in the first open period",
)
def period_takes_the_date(facts: Facts) -> Finding | None:
    """H2. The posting period moves to the first open one, the document's date stays."""
    later = facts.book.first_open_after(facts.subject.business_date)
    if facts.book.takes(facts.period) or not rolls_forward(facts) or later is None:
        return None
    return Finding(f"posts in period {later.name} instead of {facts.period.name}", path="business_date")


@rule("PERIOD_LOCKED", "H5", overridable=True, remedy="an accountant releases the document, or unlocks the period")
def period_is_not_locked(facts: Facts) -> Finding | None:
    """H5. A locked period takes only what an accountant lets through."""
    if facts.period.state != "LOCKED" or (rolls_forward(facts) and facts.book.first_open_after(facts.subject.business_date)):
        return None
    return Finding(f"period {facts.period.name} is locked", waits_for=_mending(facts), path="business_date")


def _mending(facts: Facts) -> tuple[str, ...]:
    """Return what would let the day in: a change of its period and, where the book rolls forward, of any later one."""
    return (f"period:{facts.subject.business_date}", *(("period:later",) if rolls_forward(facts) else ()))


@rule("DATE_NOT_OPEN", "H3", overridable=True, remedy="correct the date, or widen the open dates of the book")
def date_is_in_the_window(facts: Facts) -> Finding | None:
    """H3. Transaction dates outside the book's open dates are held."""
    opened, day = facts.book.opened, facts.subject.business_date
    if not opened:
        return None
    first, last = opened.policies.dates_from, opened.policies.dates_to
    if (first and day < first) or (last and day > last):
        return Finding(
            f"{day} is outside the open dates {first or '...'} to {last or '...'}", waits_for=("book:",), path="business_date"
        )
    return None


@rule("FUTURE_DATED", "H6", overridable=True, remedy="wait for the day, or correct the date")
def date_is_not_in_the_future(facts: Facts) -> Finding | None:
    """H6. A document dated beyond the book's tolerance waits for its day."""
    opened, day = facts.book.opened, facts.subject.business_date
    tolerance = opened.policies.future_days_max if opened else 1
    if day > (date.fromisoformat(facts.today) + timedelta(days=tolerance)).isoformat():
        due = (date.fromisoformat(day) - timedelta(days=tolerance)).isoformat()
        return Finding(f"dated {day}, after today", waits_for=(f"date:{due}",), path="business_date")
    return None


RULES = (period_is_open, period_takes_the_date, period_is_not_locked, date_is_in_the_window, date_is_not_in_the_future)
