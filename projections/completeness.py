"""Completeness: everything received is in exactly one state, in count and in amount (law 10); and the quarantine.

What was received is counted from the facts, where it stands from the decisions: two folds of different events, so that
a document that was accepted and never decided shows as a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.record import Happened
from projections.projection import Money, Rows, View
from schemas.collected import InterestCalculated
from schemas.events import DocumentDecided, DocumentSuperseded, MessageQuarantined, MessageRequeued
from schemas.inbound import InvoiceIssued, PaymentReceived, PaymentReversed
from schemas.values import minor

RECEIVED = "RECEIVED"


@dataclass(frozen=True, slots=True)
class CompletenessRow:
    """How many document versions of a book, day and currency are in a state, and their gross in minor units."""

    book: str
    day: str
    currency: str
    state: str
    documents: int = 0
    gross: Money = 0


def _moves(happened: Happened) -> Sequence[tuple[tuple[str, str, str, str], int, int]]:
    """Return what an event adds to which row: (key, documents, gross)."""
    event, book = happened.event, happened.book
    match event:
        case InvoiceIssued():
            currency = event.currency
            return (((book, event.business_date, currency, RECEIVED), 1, minor(event.totals.gross, currency)),)
        case DocumentDecided() | DocumentSuperseded():
            was, state = event.was, event.state
            if was == state:
                return ()
            day, currency, gross = event.business_date, event.currency, event.gross
            came = (book, day, currency, state), 1, gross
            return (came,) if was is None else (((book, day, currency, was), -1, -gross), came)
        case PaymentReversed():
            return ()
        case PaymentReceived():
            return (((book, event.date, event.currency, RECEIVED), 1, minor(event.amount, event.currency)),)
        case InterestCalculated():
            return (((book, event.to, event.currency, RECEIVED), 1, event.amount),)
    return ()


def _completeness(happened: Happened, rows: Rows[CompletenessRow]) -> None:
    for (book, day, currency, state), documents, gross in _moves(happened):
        row = rows.get(book, day, currency, state) or CompletenessRow(book, day, currency, state)
        rows.put(CompletenessRow(book, day, currency, state, row.documents + documents, row.gross + gross))


COMPLETENESS = View(
    "completeness",
    2,
    CompletenessRow,
    ("book", "day", "currency", "state"),
    (InvoiceIssued, PaymentReceived, InterestCalculated, DocumentDecided, DocumentSuperseded),
    lambda happened: [key for key, _, _ in _moves(happened)],
    _completeness,
)


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One message that could not be taken as said."""

    locator: str
    book: str
    code: str
    message: str
    size: int
    digest: str
    recorded_at: int
    requeued: str | None = None


def _quarantine(happened: Happened, rows: Rows[QuarantineRow]) -> None:
    event = happened.event
    match event:
        case MessageQuarantined():
            at = happened.cause.at
            rows.put(QuarantineRow(event.locator, happened.book, event.code, event.message, event.size, event.digest, at))
        case MessageRequeued():
            row = rows.get(event.locator)
            if row is not None:
                rows.put(replace(row, requeued=event.verdict))


QUARANTINE = View(
    "quarantine",
    1,
    QuarantineRow,
    ("locator",),
    (MessageQuarantined, MessageRequeued),
    lambda happened: [(happened.key,)] if isinstance(happened.event, MessageRequeued) else [],
    _quarantine,
)
