"""Interest: what overdue receivables cost for the days of a window, exact to the last division, rounded once for each (Q2 to Q5).

What is open is taken as it stands when the run is made: money that came within the window lowers all of its days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine.ports import Receivable
from schemas.inbound.accounts import Interest
from schemas.values import scaled

CHARGE: Final = "INTEREST"
"""The kind of a charge; it bears no interest itself."""

TRANSFER: Final = "BALANCE_TRANSFER"
"""The kind of what was moved from another account, dated the day of the move: days before are that account's."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Interest on one receivable, in minor units of its currency and of the book's."""

    receivable: Receivable
    days: int
    on: int
    amount: int
    base_amount: int


def costs(terms: Interest, open_: Iterable[Receivable], after: str | None, to: str) -> Sequence[Cost]:
    """Return what each overdue receivable costs for the days after `after`, up to and including `to`, the oldest first."""
    found = []
    for each in sorted(open_, key=lambda each: (each.due_date or "", each.document)):
        days = overdue_days_between(each, terms.grace_days, after, to)
        if _is_charge(each) or each.open <= 0:
            continue
        on = each.amount if terms.base == "ORIGINAL" and each.kind != TRANSFER else each.open
        amount = interest(on, terms, days)
        if amount > 0:
            found.append(Cost(each, days, on, amount, rounded(amount * each.base_open, each.open)))
    return found


def _is_charge(receivable: Receivable) -> bool:
    """True for interest that is owed, where it was charged or where it was moved to."""
    moved = receivable.kind == TRANSFER and receivable.document.startswith("charge:")
    return receivable.kind == CHARGE or moved


def overdue_days_between(receivable: Receivable, grace: int, after: str | None, to: str) -> int:
    """Return how many days of a window cost this account interest; what names no due date is never overdue."""
    if receivable.due_date is None:
        return 0
    free = date.fromisoformat(receivable.due_date) + timedelta(days=grace)
    begins = free if after is None else max(free, date.fromisoformat(after))
    if receivable.kind == TRANSFER:
        begins = max(begins, date.fromisoformat(receivable.date))
    return max(0, (date.fromisoformat(to) - begins).days)


def interest(units: int, terms: Interest, days: int) -> int:
    """Return the interest on an amount for a number of days, in its minor units, half up."""
    rate, scale = scaled(terms.rate)
    return rounded(units * rate * days, scale * 100 * terms.days_in_year)


def rounded(number: int, divisor: int) -> int:
    """Return a quotient rounded half up; neither part is below zero."""
    return (2 * number + divisor) // (2 * divisor)
