"""The log on SQLite: the embedded default, one file, one writer.

It is the `eventsourcing` library's process recorder, used at its recorder level: its table, its tracking, its
connections and transactions, with text stream ids and our own kinds and bytes. What we add stands in the same
transaction: receipts, the chain of each book, and the inline views.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from eventsourcing.persistence import PersistenceError, StoredEvent, Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteDatastore, SQLiteProcessRecorder

from adapters.errors import StoreUnreachable, StoreVersion
from adapters.eventlog.lookups import SqlLookups
from adapters.viewstore import SqlViews
from engine.audit import GENESIS, Head, leaf, link
from engine.ports import Receipt
from engine.record import Happened, Recorded, encode
from projections.views import VIEWS

SCHEMA_VERSION = 1
LOCK_TIMEOUT_S = 60
STREAMS_PER_QUERY_MAX = 500

_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE receipts (source TEXT NOT NULL, position INTEGER NOT NULL, verdict TEXT NOT NULL, code TEXT NOT NULL, "
    "digest BLOB NOT NULL, message_key BLOB NOT NULL, book TEXT NOT NULL, PRIMARY KEY (source, position)) WITHOUT ROWID",
    "CREATE UNIQUE INDEX receipts_accepted ON receipts (message_key) WHERE verdict = 'ACCEPTED'",
    "CREATE TABLE chain (position INTEGER PRIMARY KEY, book TEXT NOT NULL, sequence INTEGER NOT NULL, leaf BLOB NOT NULL, "
    "link BLOB NOT NULL, UNIQUE (book, sequence))",
    "CREATE TABLE heads (book TEXT PRIMARY KEY, log TEXT NOT NULL, sequence INTEGER NOT NULL, link BLOB NOT NULL) WITHOUT ROWID",
)
_APPEND_ONLY = ("stored_events", "receipts", "chain")


class Recorder(SQLiteProcessRecorder):
    """The library's recorder, writing a batch with one statement and saying which positions it took."""

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
        return range(first, first + len(rows))


class SqliteLog:
    """The log port over one SQLite file."""

    def __init__(self, path: str) -> None:
        """Open a store that `create` has made. Raises StoreUnreachable or StoreVersion."""
        self.path = path
        self._recorder = _recorder(path)
        with self._reaching():
            self.deployment = _deployment(path, self._recorder)

    @classmethod
    def create(cls, path: str) -> SqliteLog:
        """Create the store if it is missing, and open it."""
        with _reaching(path):
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            recorder = _recorder(path)
            recorder.create_table()
            with recorder.datastore.transaction(commit=True) as cursor:
                cursor.execute("SELECT name FROM sqlite_master WHERE name = 'meta'")
                if cursor.fetchone() is None:
                    _create(cursor)
            recorder.datastore.close()
        return cls(path)

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
            of = leaf(head.log, event.sequence, (event.stream, event.version, row.topic, row.state), event.cause)
            ahead = Head(head.log, event.sequence, link(event.sequence, head.link, of))
            self._chains[event.book] = ahead
            links.append((position, event.book, event.sequence, of, ahead.link))
        self._raw.executemany("INSERT INTO chain VALUES (?,?,?,?,?)", links)
        heads = [(book, self._chains[book].log, self._chains[book].sequence, self._chains[book].link) for book in {e.book for e in happened}]
        self._raw.executemany("INSERT OR REPLACE INTO heads VALUES (?,?,?,?)", heads)
        rows = [(r.source, r.position, r.verdict, r.code, r.digest, r.message_key, r.book) for r in receipts]
        self._raw.executemany("INSERT INTO receipts VALUES (?,?,?,?,?,?,?)", rows)
        for source, position in positions.items():
            self._recorder._insert_tracking(self._raw, Tracking(source, position))
        self.views.fold(happened)


def _recorder(path: str) -> Recorder:
    with _reaching(path):
        datastore = SQLiteDatastore(path, lock_timeout=LOCK_TIMEOUT_S, originator_id_type="text")
        return Recorder(datastore, events_table_name="stored_events")


def _create(cursor: SQLiteCursor) -> None:
    for statement in _TABLES:
        cursor.execute(statement)
    for name in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            message = f"{name} is append-only: history is never changed"
            body = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            cursor.execute(f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {name} {body}")
    SqlViews(_plain(cursor)).create()
    facts = {"schema_version": str(SCHEMA_VERSION), "deployment": uuid4().hex, **{f"view:{v.name}": str(v.version) for v in VIEWS}}
    cursor.executemany("INSERT INTO meta VALUES (?,?)", list(facts.items()))


def _deployment(path: str, recorder: Recorder) -> str:
    remedy = f"create it: postgate migrate --store sqlite:///{path}"
    with recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'meta'")
        if cursor.fetchone() is None:
            raise StoreVersion(path, "is not a Postgate store yet", remedy)
        cursor.execute("SELECT name, value FROM meta")
        kept = {row[0]: row[1] for row in cursor.fetchall()}
    version = kept.get("schema_version")
    if version != str(SCHEMA_VERSION):
        message = f"is a store of version {version}, this release reads version {SCHEMA_VERSION}"
        raise StoreVersion(path, message, "upgrade Postgate, or run postgate migrate with the newer release")
    stale = [view.name for view in VIEWS if kept.get(f"view:{view.name}") != str(view.version)]
    if stale:
        raise StoreVersion(path, f"has views of another version: {', '.join(stale)}", "run postgate migrate; it rebuilds them")
    return str(kept["deployment"])


@contextmanager
def _reaching(path: str) -> Iterator[None]:
    """Turn what the file system or SQLite says into one error with the place and a remedy."""
    try:
        yield
    except (sqlite3.Error, PersistenceError, OSError) as error:
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


