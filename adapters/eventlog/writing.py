"""One transaction of a log in SQL: appends a batch with its receipts, chain and views, whatever the database."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence

from eventsourcing.persistence import StoredEvent, Tracking

from adapters.dialect import Cursor, Dialect
from adapters.eventlog.lookups import SqlLookups
from adapters.viewstore import SqlViews
from engine.chain import GENESIS, Head, leaf, link
from engine.errors import Conflict
from engine.ports import Gap, Receipt
from engine.record import Happened, Recorded, decode, encode
from projections.projection import AnyView

KEYS_PER_QUERY_MAX = 500
EVENTS_PER_PAGE = 1_000
_HEADS = (
    "INSERT INTO heads VALUES (?,?,?,?) ON CONFLICT (book) "
    "DO UPDATE SET log = excluded.log, sequence = excluded.sequence, link = excluded.link"
)


class SqlWriting(SqlLookups):
    """The writer's transaction over a cursor; how rows are added in bulk is the database's own."""

    def __init__(self, cursor: Cursor, dialect: Dialect, deployment: str) -> None:
        """Work through the transaction's cursor."""
        super().__init__(cursor, dialect)
        self._deployment = deployment
        self._chains: dict[str, Head] = {}
        self._select = f"SELECT {dialect.position}, originator_id, originator_version, topic, state FROM stored_events"
        self.views = SqlViews(cursor, dialect=dialect)

    @abstractmethod
    def _append(self, stored: Sequence[StoredEvent]) -> Sequence[int]:
        """Add events at the positions after the last, and return those."""

    @abstractmethod
    def _track(self, tracking: Tracking) -> None:
        """Note the position read of a source; one that is not after the last is refused."""

    @abstractmethod
    def _add(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        """Add whole rows to a table."""

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        self._cursor.execute(f"SELECT COALESCE(MAX({self._dialect.position}), 0) FROM stored_events")
        return int(self._cursor.fetchall()[0][0])

    def events_of(self, streams: Collection[str]) -> Sequence[Recorded]:
        """Return the records of several streams, each stream in order, with one query."""
        test, values = self._dialect.among("originator_id", list(streams))
        self._cursor.execute(f"{self._select} WHERE {test} ORDER BY originator_id, originator_version", values)
        return [Recorded(*row) for row in self._cursor.fetchall()]

    def events_after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Return records after a position."""
        column = self._dialect.position
        self._cursor.execute(f"{self._select} WHERE {column} > ? ORDER BY {column} LIMIT ?", (position, limit))
        return [Recorded(*row) for row in self._cursor.fetchall()]

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""
        self._cursor.execute("SELECT COALESCE(MAX(notification_id), 0) FROM tracking WHERE application_name = ?", (source,))
        return int(self._cursor.fetchall()[0][0])

    def accepted(self, message_keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the digest of each message that was accepted under one of the keys."""
        keys, found = list(message_keys), {}
        select = "SELECT message_key, digest FROM receipts WHERE verdict = 'ACCEPTED' AND"
        for start in range(0, len(keys), KEYS_PER_QUERY_MAX):
            test, values = self._dialect.among("message_key", keys[start : start + KEYS_PER_QUERY_MAX])
            self._cursor.execute(f"{select} {test}", values)
            found.update({bytes(key): bytes(digest) for key, digest in self._cursor.fetchall()})
        return found

    def chain(self, book: str) -> Head:
        """Return the end of a book's chain."""
        if book not in self._chains:
            self._cursor.execute("SELECT log, sequence, link FROM heads WHERE book = ?", (book,))
            rows = self._cursor.fetchall()
            log = f"{self._deployment}/{book}"
            self._chains[book] = Head(rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else Head(log, 0, GENESIS)
        return self._chains[book]

    def record(
        self, happened: Sequence[Happened], receipts: Sequence[Receipt], positions: Mapping[str, int], gaps: Sequence[Gap] = ()
    ) -> None:
        """Append events, receipts, gaps, source positions and chain, and fold the events into the views."""
        stored = [StoredEvent(e.stream, e.version, e.kind, encode(e)) for e in happened]
        self._add("chain", self._linked(happened, stored, self._append(stored)))
        ends = {book: self._chains[book] for book in {e.book for e in happened}}
        self._cursor.executemany(_HEADS, [(book, end.log, end.sequence, end.link) for book, end in ends.items()])
        self._add("receipts", [(r.source, r.position, r.verdict, r.code, r.digest, r.message_key, r.book) for r in receipts])
        self._add("gaps", [(gap.source, gap.first, gap.last, gap.why) for gap in gaps])
        for source, position in positions.items():
            self._track(Tracking(source, position))
        self.views.fold(happened)

    def _linked(
        self, happened: Sequence[Happened], stored: Sequence[StoredEvent], placed: Sequence[int]
    ) -> list[tuple[int, str, int, bytes, bytes]]:
        """Continue the chains of the books, and return a row for each event."""
        links = []
        for event, row, position in zip(happened, stored, placed, strict=True):
            head = self.chain(event.book)
            if event.sequence != head.sequence + 1:
                raise Conflict(f"book {event.book} has {head.sequence} records, so number {event.sequence} is not the next")
            of = leaf(head.log, event.sequence, (event.stream, event.version, row.topic, row.state), event.cause)
            ahead = Head(head.log, event.sequence, link(event.sequence, head.link, of))
            self._chains[event.book] = ahead
            links.append((position, event.book, event.sequence, of, ahead.link))
        return links

    def rebuild(self, views: Sequence[AnyView], told: Callable[[int], None] | None = None) -> None:
        """Fold all of history into views anew; what stood is replaced when the transaction commits."""
        anew, after = SqlViews(self._cursor, views, dialect=self._dialect), 0
        for view in views:
            anew.clear(view)
        while page := self.events_after(after, EVENTS_PER_PAGE):
            anew.fold([decode(recorded) for recorded in page])
            after = page[-1].position
            if told:
                told(len(page))
