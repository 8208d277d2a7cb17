"""Owed: what accounts owe, as the views tell it now, or as history told it at a position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from adapters.eventlog.lookups import SqlLookups
from adapters.eventlog.store import Store
from engine.facts.receivables import PENDING, Receivables
from engine.ports import Pending, Receivable
from engine.record import decode

PAGE = 1_000


class Owed:
    """The debts of a store, each look-up by itself."""

    def __init__(self, log: Store) -> None:
        """Ask a store."""
        self._log = log

    def receivables(self, book: str, account: str) -> Sequence[Receivable]:
        """Return what is open on an account, in the order of documents: debts above zero, credits below."""
        with self._log.querying() as cursor:
            return SqlLookups(cursor, self._log.dialect).receivables(book, account)

    def receivable(self, book: str, account: str, document: str, currency: str) -> Receivable | None:
        """Return what one document did to an account in a currency, settled or not; None when it did nothing."""
        with self._log.querying() as cursor:
            return SqlLookups(cursor, self._log.dialect).receivable(book, account, document, currency)

    def pending(self, book: str, account: str) -> Sequence[Pending]:
        """Return what waits, is held or accumulates for an account, in the order of streams."""
        with self._log.querying() as cursor:
            return SqlLookups(cursor, self._log.dialect).pending(book, account)


def exposures(log: Store) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what each account owes and is about to owe, by book and account, in minor units of the book's currency.

    Added up here: a sum in SQL has 64 bits.
    """
    marks = ", ".join("?" * len(PENDING))
    open_, pending = defaultdict[tuple[str, str], int](int), defaultdict[tuple[str, str], int](int)
    with log.querying() as cursor:
        cursor.execute("SELECT book, account, base_open FROM view_receivables WHERE state = 'OPEN'")
        for book, account, owed in cursor.fetchall():
            open_[str(book), str(account)] += int(owed)
        select = "SELECT book, account, COALESCE(base_gross, gross) FROM view_documents"
        where = f"WHERE kind = 'INVOICE' AND account IS NOT NULL AND state IN ({marks})"
        cursor.execute(f"{select} {where}", list(PENDING))
        for book, account, gross in cursor.fetchall():
            pending[str(book), str(account)] += int(gross)
    return {name: (open_[name], pending[name]) for name in [*open_, *(name for name in pending if name not in open_)]}


def owed_at(log: Store, position: int) -> Receivables:
    """Return what accounts owed at a position: from the views when it is the last, else from all that happened until then."""
    if position >= log.head():
        return Receivables(Owed(log))
    history, after = Receivables(None), 0
    while after < position and (page := log.read(after, min(PAGE, position - after))):
        for recorded in page:
            history.noted(decode(recorded))
        after = page[-1].position
    return history
