"""Receivables: what each account owes on each document, and what it has to its credit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from engine.facts.receivables import added, entries, touched
from engine.ports import Receivable
from engine.record import Happened
from projections.projection import Key, Money, Rows, Sparse, View
from schemas.events import PostingAuthorised, SettlementBooked


@dataclass(frozen=True, slots=True)
class ReceivableRow:
    """One document of one account in a currency: what it came to, what is open of it (a credit is below zero), in minor units."""

    book: str
    account: str
    document: str
    kind: str
    number: str
    date: str
    due_date: str | None
    currency: str
    amount: Money
    open: Money
    base_open: Money
    state: str


_cells = attrgetter(*Receivable._fields)


def receivable_of(row: ReceivableRow) -> Receivable:
    """Return a row as the engine knows it."""
    return Receivable(*_cells(row))


def _receivable(happened: Happened, rows: Rows[ReceivableRow]) -> None:
    book = happened.book
    for entry in entries(happened):
        before = rows.get(book, entry.account, entry.document, entry.posting.currency)
        told = added(receivable_of(before) if before else None, entry)
        rows.put(ReceivableRow(book, *told, "OPEN" if told.open else "SETTLED"))


def _receivable_needs(happened: Happened) -> Iterable[Key]:
    book = happened.book
    for account, document, currency in touched(happened):
        yield book, account, document, currency


RECEIVABLES = View(
    "receivables",
    2,
    ReceivableRow,
    ("book", "account", "document", "currency"),
    (PostingAuthorised, SettlementBooked),
    _receivable_needs,
    _receivable,
    (),
    Sparse(("book", "account"), "state", ("OPEN",)),
)
