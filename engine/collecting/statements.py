"""Statements: what is open on an account as of a day, by currency, and for how long it has been due (Q1).

Open amounts stand as they do when the run is made; documents dated after the day are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from engine.ports import Receivable
from schemas.collected import RECEIVABLES_SHOWN_MAX, StatedBalance, StatedReceivable, StatementIssued
from schemas.inbound import ClassDefined

BUCKETS = ((0, "not_due"), (30, "days_1_to_30"), (60, "days_31_to_60"), (90, "days_61_to_90"))
"""Days overdue up to which a receivable counts under a name; the rest is over 90."""


def days_overdue(receivable: Receivable, day: str) -> int:
    """Return how many days a receivable has been due; what names no due date, or is a credit, never is."""
    if receivable.due_date is None or receivable.open <= 0:
        return 0
    return max(0, (date.fromisoformat(day) - date.fromisoformat(receivable.due_date)).days)


def statement(
    class_: ClassDefined, open_: Sequence[Receivable], before: tuple[str | None, Mapping[str, int]], as_of: str
) -> StatementIssued:
    """Return the statement of an account; `before` is the day of the last one, and what it closed with by currency."""
    after, opening = before
    shown = [each for each in open_ if each.date <= as_of]
    shown.sort(key=lambda each: (each.currency, each.due_date or each.date, each.date, each.document))
    currencies = sorted({each.currency for each in shown} | {currency for currency, units in opening.items() if units})
    return StatementIssued(
        class_=class_.class_,
        class_version=class_.version,
        as_of=as_of,
        after=after,
        balances=[_balance(currency, opening.get(currency, 0), shown, as_of) for currency in currencies],
        receivables=[_stated(each, as_of) for each in shown[:RECEIVABLES_SHOWN_MAX]],
        more=max(0, len(shown) - RECEIVABLES_SHOWN_MAX),
    )


def _balance(currency: str, opening: int, shown: Sequence[Receivable], as_of: str) -> StatedBalance:
    aged: dict[str, int] = {}
    for each in shown:
        if each.currency == currency:
            bucket = _bucket(days_overdue(each, as_of))
            aged[bucket] = aged.get(bucket, 0) + each.open
    return StatedBalance(currency=currency, opening=opening, closing=sum(aged.values()), **aged)


def _bucket(days: int) -> str:
    return next((name for most, name in BUCKETS if days <= most), "days_over_90")


def _stated(receivable: Receivable, as_of: str) -> StatedReceivable:
    return StatedReceivable(
        document=receivable.document,
        kind=receivable.kind,
        number=receivable.number,
        date=receivable.date,
        due_date=receivable.due_date,
        currency=receivable.currency,
        amount=receivable.amount,
        open=receivable.open,
        overdue_days=days_overdue(receivable, as_of),
    )
