"""The log on SQLite: the embedded default, one file, one writer.

It is the `eventsourcing` library's process recorder, used at its recorder level: its table, its tracking, its
connections and transactions, with text stream ids and our own kinds and bytes. What we add stands in the same
transaction: receipts, the chain of each book, and the inline views.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from eventsourcing.persistence import IntegrityError, PersistenceError, StoredEvent, Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteDatastore, SQLiteProcessRecorder

from adapters.errors import StoreUnreachable, StoreVersion
from adapters.eventlog.lookups import SqlLookups
from adapters.eventlog.tables import create_tables, facts_of, stale_views
from adapters.viewstore import SqlViews
from engine.audit import GENESIS, Head, leaf, link
from engine.errors import Conflict
from engine.ports import Receipt
from engine.record import Happened, Recorded, decode, encode
from projections.projection import AnyView

LOCK_TIMEOUT_S = 60
STREAMS_PER_QUERY_MAX = 500
EVENTS_PER_PAGE = 1_000


class Recorder(SQLiteProcessRecorder):
    """The library's recorder, writing a batch with one statement and saying which positions it took."""

    def construct_create_table_statements(self) -> list[str]:
        """Name the position as a column: an unnamed rowid may be numbered anew by VACUUM, a position never is."""
        cells = "rowid INTEGER PRIMARY KEY, originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL, "
        cells += "topic TEXT NOT NULL, state BLOB NOT NULL, UNIQUE (originator_id, originator_version)"
        _, *others = super().construct_create_table_statements()
        return [f"CREATE TABLE IF NOT EXISTS {self.events_table_name} ({cells})", *others]

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Insert events at the positions after the last; the writer's lock is held, so nobody takes them in between."""
        c.execute(f"SELECT COALESCE(MAX(rowid), 0) FROM {self.events_table_name}")
        first = c.fetchone()[0] + 1
        rows = [(first + n, e.originator_id, e.originator_version, e.topic, e.state) for n, e in enumerate(stored_events)]
        names = "rowid, originator_id, originator_version, topic, state"
        c.executemany(f"INSERT INTO {self.events_table_name} ({names}) VALUES (?,?,?,?,?)", rows)
        tracking: Tracking | None = kwargs.get("tracking")
        if tracking is not None:
            self._insert_tracking(c, tracking)
        return list(range(first, first + len(rows)))


class SqliteLog:
    """The log port over one SQLite file."""

    def __init__(self, path: str, *, lock_timeout_s: int = LOCK_TIMEOUT_S) -> None:
        """Open a store that `create` has made. Raises StoreUnreachable or StoreVersion."""
        self.path = path
        self._recorder = _recorder(path, lock_timeout_s)
        with self._reaching():
            self.deployment = _deployment(path, self._recorder)

    @classmethod
    def create(cls, path: str) -> SqliteLog:
        """Create the store if it is missing, and open it."""
        cls.migrate(path)
        return cls(path)

    @classmethod
    def migrate(cls, path: str, *, lock_timeout_s: int = LOCK_TIMEOUT_S) -> Migration:
        """Create the store if it is missing, and rebuild views of another version; all of it in one transaction."""
        with _reaching(path):
            _make_folder(path)
            recorder = _recorder(path, lock_timeout_s)
            try:
                with recorder.datastore.transaction(commit=True) as cursor:
                    return _migrate(path, recorder, cursor)
            finally:
                recorder.datastore.close()

    @contextmanager
    def writing(self, *, dry: bool = False) -> Iterator[SqliteWriting]:
        """Open the one writer's transaction; the first statement takes the lock, so that what is read stays true."""
        with self._reaching(), self._recorder.datastore.transaction(commit=not dry) as cursor:
            cursor.execute("UPDATE meta SET value = value WHERE name = 'schema_version'")
            yield SqliteWriting(cursor, self._recorder, self.deployment)

    @contextmanager
    def reading(self) -> Iterator[SqlViews]:
        """Open a snapshot for reading views."""
        with self._reaching(), self._recorder.datastore.transaction(commit=False) as cursor:
            yield SqlViews(_plain(cursor))

    @contextmanager
    def querying(self) -> Iterator[SQLiteCursor]:
        """Open a snapshot for reading receipts and the chain."""
        with self._reaching(), self._recorder.datastore.transaction(commit=False) as cursor:
            yield cursor

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return up to `limit` records after a position, in order."""
        with self._reaching():
            found = self._recorder.select_notifications(after, limit, inclusive_of_start=False)
        return [Recorded(n.id, str(n.originator_id), n.originator_version, n.topic, n.state) for n in found]

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        with self._reaching():
            return self._recorder.max_notification_id() or 0

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""
        with self._reaching():
            return self._recorder.max_tracking_id(source) or 0

    def close(self) -> None:
        """Close the connections."""
        self._recorder.datastore.close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        with _reaching(self.path):
            yield


class SqliteWriting(SqlLookups):
    """One transaction of the log on SQLite."""

    def __init__(self, cursor: SQLiteCursor, recorder: Recorder, deployment: str) -> None:
        """Work through the transaction's cursor."""
        super().__init__(_plain(cursor))
        self._recorder = recorder
        self._deployment = deployment
        self._raw = cursor
        self._chains: dict[str, Head] = {}
        self.views = SqlViews(_plain(cursor))

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        return self._recorder._max_notification_id(self._raw) or 0

    def events_of(self, streams: Collection[str]) -> Sequence[Recorded]:
        """Return the records of several streams, each stream in order, with one query."""
        marks = ",".join("?" * len(streams))
        select = "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events"
        self._raw.execute(f"{select} WHERE originator_id IN ({marks}) ORDER BY originator_id, originator_version", list(streams))
        return [Recorded(*row) for row in self._raw.fetchall()]

    def events_after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Return records after a position."""
        select = "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events"
        self._raw.execute(f"{select} WHERE rowid > ? ORDER BY rowid LIMIT ?", (position, limit))
        return [Recorded(*row) for row in self._raw.fetchall()]

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""
        return self._recorder._max_tracking_id(source, self._raw) or 0

    def accepted(self, message_keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the digest of each message that was accepted under one of the keys."""
        keys, found = list(message_keys), {}
        for start in range(0, len(keys), STREAMS_PER_QUERY_MAX):
            wanted = keys[start : start + STREAMS_PER_QUERY_MAX]
            marks = ",".join("?" * len(wanted))
            select = "SELECT message_key, digest FROM receipts WHERE verdict = 'ACCEPTED' AND message_key"
            self._raw.execute(f"{select} IN ({marks})", wanted)
            found.update({bytes(key): bytes(digest) for key, digest in self._raw.fetchall()})
        return found

    def chain(self, book: str) -> Head:
        """Return the end of a book's chain."""
        if book not in self._chains:
            self._raw.execute("SELECT log, sequence, link FROM heads WHERE book = ?", (book,))
            rows = self._raw.fetchall()
            log = f"{self._deployment}/{book}"
            self._chains[book] = Head(rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else Head(log, 0, GENESIS)
        return self._chains[book]

    def record(self, happened: Sequence[Happened], receipts: Sequence[Receipt], positions: Mapping[str, int]) -> None:
        """Append events, receipts, source positions and chain, and fold the events into the views."""
        stored = [StoredEvent(e.stream, e.version, e.kind, encode(e)) for e in happened]
        placed = self._recorder._insert_events(self._raw, stored)
        links = []
        for event, row, position in zip(happened, stored, placed, strict=True):
            head = self.chain(event.book)
            if event.sequence != head.sequence + 1:
                raise Conflict(f"book {event.book} has {head.sequence} records, so number {event.sequence} is not the next")
            of = leaf(head.log, event.sequence, (event.stream, event.version, row.topic, row.state), event.cause)
            ahead = Head(head.log, event.sequence, link(event.sequence, head.link, of))
            self._chains[event.book] = ahead
            links.append((position, event.book, event.sequence, of, ahead.link))
        self._raw.executemany("INSERT INTO chain VALUES (?,?,?,?,?)", links)
        heads = [
            (book, self._chains[book].log, self._chains[book].sequence, self._chains[book].link)
            for book in {e.book for e in happened}
        ]
        self._raw.executemany("INSERT OR REPLACE INTO heads VALUES (?,?,?,?)", heads)
        rows = [(r.source, r.position, r.verdict, r.code, r.digest, r.message_key, r.book) for r in receipts]
        self._raw.executemany("INSERT INTO receipts VALUES (?,?,?,?,?,?,?)", rows)
        for source, position in positions.items():
            self._recorder._insert_tracking(self._raw, Tracking(source, position))
        self.views.fold(happened)

    def rebuild(self, views: Sequence[AnyView], told: Callable[[int], None] | None = None) -> None:
        """Fold all of history into views anew; what stood is replaced when the transaction commits."""
        anew, after = SqlViews(_plain(self._raw), views), 0
        for view in views:
            anew.clear(view)
        while page := self.events_after(after, EVENTS_PER_PAGE):
            anew.fold([decode(recorded) for recorded in page])
            after = page[-1].position
            if told:
                told(len(page))
        versions = [(f"view:{view.name}", str(view.version)) for view in views]
        self._raw.executemany("INSERT OR REPLACE INTO meta VALUES (?,?)", versions)


@dataclass(frozen=True, slots=True)
class Migration:
    """What creating or upgrading a store did."""

    created: bool
    rebuilt: tuple[str, ...]


def _recorder(path: str, lock_timeout_s: int) -> Recorder:
    with _reaching(path):
        datastore = SQLiteDatastore(path, lock_timeout=lock_timeout_s, originator_id_type="text")
        return Recorder(datastore, events_table_name="stored_events")


def _migrate(path: str, recorder: Recorder, cursor: SQLiteCursor) -> Migration:
    cursor.execute("PRAGMA user_version = 0")  # Takes the writer's lock, so that two migrations do not meet.
    cursor.execute("SELECT name FROM sqlite_master")
    tables = {row[0] for row in cursor.fetchall()}
    created = "meta" not in tables
    if created and tables:
        raise StoreVersion(path, "is a database of something else", "name another file; Postgate keeps a store of its own")
    if created:
        recorder._create_table(cursor)
        create_tables(cursor)
    kept = facts_of(path, cursor)
    stale = stale_views(kept)
    if stale:
        SqliteWriting(cursor, recorder, kept["deployment"]).rebuild(stale)
    return Migration(created, tuple(view.name for view in stale))


def _deployment(path: str, recorder: Recorder) -> str:
    remedy = f"create it: postgate migrate --store sqlite:///{path}"
    with recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'meta'")
        if cursor.fetchone() is None:
            raise StoreVersion(path, "is not a Postgate store yet", remedy)
        kept = facts_of(path, cursor)
    stale = [view.name for view in stale_views(kept)]
    if stale:
        raise StoreVersion(path, f"has views of another version: {', '.join(stale)}", "run postgate migrate; it rebuilds them")
    return kept["deployment"]


@contextmanager
def _reaching(path: str) -> Iterator[None]:
    """Turn what SQLite says into one error with the place and a remedy; a key that is taken is a Conflict."""
    try:
        yield
    except (sqlite3.IntegrityError, IntegrityError) as error:
        raise Conflict(f"{path}: somebody else wrote first: {error}") from error
    except (sqlite3.Error, PersistenceError) as error:
        raise StoreUnreachable(path, str(error), _remedy(str(error))) from error


def _make_folder(path: str) -> None:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnreachable(path, str(error), _remedy(str(error))) from error


def _remedy(said: str) -> str:
    for sign, remedy in (
        ("full", "free some space on the disk and run the command again; nothing of the batch was recorded"),
        ("locked", "another process writes to the store; wait for it, or stop it"),
        ("readonly", "give this user write permission to the file and its folder"),
        ("unable to open", "check that the folder exists and may be written"),
        ("not a database", "name a Postgate store, or another path for a new one"),
        ("malformed", "restore the file from a backup: its pages are damaged"),
    ):
        if sign in said:
            return remedy
    return "check the path, the disk and the permissions"


def _plain(cursor: SQLiteCursor) -> Any:
    return cast(Any, cursor)
