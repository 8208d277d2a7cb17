"""Rule family H: the day of a document must be one the books take, by date and by period."""

from __future__ import annotations

from datetime import date, timedelta

from engine.facts.policies import closed_period
from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from engine.streams import periods
from engine.streams.books import Book
from engine.streams.periods import Period


def rolls_forward(facts: Facts) -> bool:
    """True when a document in a closed period posts into the first open one instead of being held (H2)."""
    return closed_period(facts.book, facts.class_.record) == "ROLL_FORWARD"


def posting_period(facts: Facts) -> Period:
    """Return the period a document posts in; one that takes none gives way where documents roll forward (H2)."""
    if facts.book.takes(facts.period, facts.today) or not rolls_forward(facts):
        return facts.period
    return facts.book.first_open_after(facts.subject.business_date, facts.today) or facts.period


def _is_taken(facts: Facts) -> bool:
    """True when the document's period, or the one it rolls forward to, takes postings today."""
    return facts.book.takes(facts.period, facts.today) or facts.book.takes(posting_period(facts), facts.today)


@rule("PERIOD_CLOSED", "H1", remedy="reopen the period, or let the book roll forward")
def period_is_open(facts: Facts) -> Finding | None:
    """H1. Nobody posts into a period that is closed, not declared, or outside the window of open ones (H4)."""
    if facts.period.state == "LOCKED" or _is_taken(facts):
        return None
    if facts.book.state_takes(facts.period):
        return _out_of_window(facts)
    state = "closed" if facts.period.state == "CLOSED" else "not declared"
    return Finding(f"period {facts.period.name} is {state}", waits_for=_mending(facts), path="business_date")


def _out_of_window(facts: Facts) -> Finding:
    """Say that a period is not one of those around the present one, and wait for the day on which it comes to be."""
    keys, window = _mending(facts), facts.book.window or ""
    if not rolls_forward(facts):
        comes = periods.comes_into_window(facts.book.periods, facts.period, window, facts.today)
        keys = (*keys[:2], *((f"date:{comes}",) if comes else ()))
    message = f"period {facts.period.name} is not among the open periods, {window} from the present one"
    return Finding(message, waits_for=keys, path="business_date", remedy="wait until it is open, or correct the date")


@rule(
    "PERIOD_ROLLED_FORWARD",
    "H2",
    severity="WARN",
    remedy="nothing to do: the document keeps its date and posts in the first open period",
)
def period_takes_the_date(facts: Facts) -> Finding | None:
    """H2. The posting period moves to the first open one, the document's date stays."""
    moved = posting_period(facts)
    if moved == facts.period:
        return None
    return Finding(f"posts in period {moved.name} instead of {facts.period.name}", path="business_date")


@rule("PERIOD_LOCKED", "H5", overridable=True, remedy="an accountant releases the document, or unlocks the period")
def period_is_not_locked(facts: Facts) -> Finding | None:
    """H5. A locked period takes only what an accountant lets through."""
    if facts.period.state != "LOCKED" or _is_taken(facts):
        return None
    return Finding(f"period {facts.period.name} is locked", waits_for=_mending(facts), path="business_date")


def _mending(facts: Facts) -> tuple[str, ...]:
    """Return what would let the day in: a change of its period and, where it rolls forward or counts, of any other one."""
    # Which period is the present one, and how far others are from it, changes with every period that is declared.
    others = rolls_forward(facts) or facts.book.window is not None
    days = (f"date:{turn}",) if (turn := _turn(facts.book, facts.today)) else ()
    return (f"period:{facts.subject.business_date}", *(("period:later",) if others else ()), *days)


def _turn(book: Book, today: str) -> str | None:
    """Return the day on which another period becomes the present one, where that changes which are open (H4)."""
    if book.window is None:
        return None
    return min((period.first for period in book.periods.values() if period.first > today), default=None)


@rule(
    "TAX_PERIOD_CLOSED",
    "H7",
    SALES,
    overridable=True,
    remedy="reopen the tax period, or release the document into the next return",
)
def tax_period_is_open(facts: Facts) -> Finding | None:
    """H7. What is dated in a period whose tax return was made is held or marked, though the books may be open."""
    opened, invoice = facts.book.opened, facts.subject.invoice
    if not facts.book.tax_periods or opened is None or invoice is None or opened.policies.tax_period == "IGNORE":
        return None
    day = invoice.tax_date or invoice.business_date
    period = periods.with_day(facts.book.tax_periods, day)
    if period is None or period.state != "CLOSED":
        return None
    path = "tax_date" if invoice.tax_date else "business_date"
    message = f"the tax return of {period.name}, {period.first} to {period.last}, was made"
    return Finding(message, waits_for=(f"tax_period:{day}",), path=path, severity=opened.policies.tax_period)


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
    if day <= facts.today:
        return None
    tolerance = opened.policies.future_days_max if opened else 1
    if day > (date.fromisoformat(facts.today) + timedelta(days=tolerance)).isoformat():
        due = (date.fromisoformat(day) - timedelta(days=tolerance)).isoformat()
        return Finding(f"dated {day}, after today", waits_for=(f"date:{due}",), path="business_date")
    return None


RULES = (
    period_is_open,
    period_takes_the_date,
    period_is_not_locked,
    tax_period_is_open,
    date_is_in_the_window,
    date_is_not_in_the_future,
)
