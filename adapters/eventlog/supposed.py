"""Look-ups for supposing: what stands, read without the writer's lock; whatever is supposed is never written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from adapters.dialect import Cursor, Dialect
from adapters.eventlog.lookups import SqlLookups
from engine.chain import GENESIS, Head
from engine.ports import Waiting

DOCUMENTS_MAX = 200
"""How many documents that wait for one thing are judged with the one that is asked about; those beside it seldom matter."""
LATER = 10**15
"""A place in the book behind every record there is."""


class SupposedLookups(SqlLookups):
    """The index port for one document and what it waits for."""

    def __init__(self, cursor: Cursor, dialect: Dialect, streams: Collection[str]) -> None:
        """Work through a snapshot's cursor; `streams` are never left out of what waits."""
        super().__init__(cursor, dialect)
        self._streams = frozenset(streams)

    def waiting(self, book: str, keys: Collection[str]) -> Sequence[Waiting]:
        """Return the documents that wait for any of the keys; of very many the oldest, and those that are asked about."""
        return self._few(super().waiting(book, keys))

    def waiting_between(self, book: str, first: str, last: str) -> Sequence[Waiting]:
        """Return the documents that wait for a key from `first` to `last`, as above."""
        return self._few(super().waiting_between(book, first, last))

    def _few(self, found: Sequence[Waiting]) -> Sequence[Waiting]:
        if len(found) <= DOCUMENTS_MAX:
            return found
        oldest = sorted(found, key=lambda waiting: waiting.received)[:DOCUMENTS_MAX]
        return [*oldest, *(waiting for waiting in found if waiting.stream in self._streams and waiting not in oldest)]

    def chain(self, book: str) -> Head:
        """Return a place in the book that is behind every record."""
        return Head(book, LATER, GENESIS)
