"""Dunning: which letters an account is due on a day, by the levels of its class; no level is sent twice for a document (Q7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.collecting.statements import days_overdue
from engine.facts.interest import rounded
from engine.ports import Receivable
from schemas.collected import RECEIVABLES_SHOWN_MAX, DunnedReceivable, DunningLetterIssued
from schemas.inbound import ClassDefined
from schemas.inbound.accounts import Dunning, DunningLevel


@dataclass(frozen=True, slots=True)
class Dunned:
    """One overdue document that reached a level, and what is asked for, in its currency and in the book's."""

    receivable: Receivable
    level: DunningLevel
    amount: int
    base_amount: int


def letters(
    class_: ClassDefined, terms: Dunning, open_: Sequence[Receivable], sent: Mapping[str, int], on: tuple[str, int]
) -> Sequence[DunningLetterIssued]:
    """Return the letters an account is due `on` a day, but for those below the minimum (in the book's minor units)."""
    as_of, minimum = on
    asked = [each for each in dunned(terms, open_, as_of) if each.level.level > sent.get(each.receivable.document, 0)]
    groups: dict[tuple[str, int, str], list[Dunned]] = {}
    for each in asked:
        groups.setdefault(_letter(terms, each), []).append(each)
    return [
        _issued(class_, terms, group[start : start + RECEIVABLES_SHOWN_MAX], as_of)
        for _, group in sorted(groups.items())
        if sum(each.base_amount for each in group) >= minimum
        for start in range(0, len(group), RECEIVABLES_SHOWN_MAX)
    ]


def dunned(terms: Dunning, open_: Sequence[Receivable], as_of: str) -> Sequence[Dunned]:
    """Return what is overdue by the days of a level, the oldest first; money on account is taken off the oldest, if it counts."""
    spare: dict[str, int] = {}
    for each in open_:
        if terms.nets_receipts and each.open < 0:
            spare[each.currency] = spare.get(each.currency, 0) - each.open
    found = []
    levels = sorted(terms.levels, key=lambda level: (level.days, level.level))
    for each in sorted(open_, key=lambda each: (each.due_date or "", each.date, each.document)):
        days = days_overdue(each, as_of)
        taken = min(spare.get(each.currency, 0), each.open) if days else 0
        level = next((level for level in reversed(levels) if level.days <= days), None) if days else None
        if days:
            spare[each.currency] = spare.get(each.currency, 0) - taken
        if level is not None and each.open > taken:
            left = each.open - taken
            found.append(Dunned(each, level, left, rounded(left * each.base_open, each.open)))
    return found


def _letter(terms: Dunning, dunned: Dunned) -> tuple[str, int, str]:
    """Return what letter a document goes into: its own, that of its level, or the debtor's; a letter has one currency."""
    receivable = dunned.receivable
    match terms.letter_per:
        case "INVOICE":
            return receivable.currency, dunned.level.level, receivable.document
        case "LEVEL":
            return receivable.currency, dunned.level.level, ""
        case "CUSTOMER":
            return receivable.currency, 0, ""


def _issued(class_: ClassDefined, terms: Dunning, group: Sequence[Dunned], as_of: str) -> DunningLetterIssued:
    highest = max((each.level for each in group), key=lambda level: level.level)
    return DunningLetterIssued(
        class_=class_.class_,
        class_version=class_.version,
        as_of=as_of,
        level=highest.level,
        letter=highest.letter,
        per=terms.letter_per,
        currency=group[0].receivable.currency,
        amount=sum(each.amount for each in group),
        receivables=[
            DunnedReceivable(
                document=each.receivable.document,
                number=each.receivable.number,
                due_date=each.receivable.due_date or "",
                overdue_days=days_overdue(each.receivable, as_of),
                level=each.level.level,
                open=each.receivable.open,
                amount=each.amount,
            )
            for each in group
        ],
    )
