"""The log on SQLite: the embedded default, one file, one writer.

It is the `eventsourcing` library's process recorder, used at its recorder level: its table, its tracking, its
connections and transactions, with text stream ids and our own kinds and bytes. What we add stands in the same
transaction: receipts, the chain of each book, and the inline views.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from eventsourcing.persistence import IntegrityError, PersistenceError, StoredEvent, Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteDatastore, SQLiteProcessRecorder

from adapters.dialect import SQLITE, Cursor
from adapters.errors import StoreUnreachable, StoreVersion
from adapters.eventlog.store import Finding
from adapters.eventlog.tables import (
    Migration,
    create_tables,
    facts_of,
    refuse_another_release,
    remake_views,
    stale_views,
    unguarded,
)
from adapters.eventlog.writing import SqlWriting
from adapters.viewstore import SqlViews
from engine.errors import Conflict
from engine.record import Recorded

LOCK_TIMEOUT_S = 60
DURABILITY = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}


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

    dialect = SQLITE

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
            refuse_another_release(self.path, _plain(cursor))
            yield SqliteWriting(cursor, self._recorder, self.deployment)

    @contextmanager
    def reading(self) -> Iterator[SqlViews]:
        """Open a snapshot for reading views."""
        with self._reaching(), self._recorder.datastore.transaction(commit=False) as cursor:
            yield SqlViews(_plain(cursor))

    @contextmanager
    def querying(self) -> Iterator[Cursor]:
        """Open a snapshot for reading receipts and the chain."""
        with self._reaching(), self._recorder.datastore.transaction(commit=False) as cursor:
            yield _plain(cursor)

    @contextmanager
    def noting(self) -> Iterator[Cursor]:
        """Open a transaction for notes."""
        with self._reaching(), self._recorder.datastore.transaction(commit=True) as cursor:
            yield _plain(cursor)

    def ready_to_write(self) -> None:
        """Do nothing: a file has no roles and no cells, and its lock says whether it may be written."""

    def findings(self) -> Sequence[Finding]:
        """Return nothing: what there is to tell of a file is its disk."""
        return ()

    def durability(self) -> tuple[str, str]:
        """Return how commits reach the disk, and what to do when a power cut may lose them."""
        with self.querying() as cursor:
            found = [_first(cursor, f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]
        durable = DURABILITY.get(found[1], "unknown")
        remedy = "" if found[0] == "wal" and durable in ("FULL", "EXTRA") else "use a build of SQLite with its default durability"
        return f"journal {found[0]}, synchronous {durable}", remedy and f"a power cut may lose the last batches; {remedy}"

    def unguarded(self) -> Sequence[str]:
        """Return what should keep history from being changed and is not as it was made."""
        with self.querying() as cursor:
            return unguarded(cursor)

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


class SqliteWriting(SqlWriting):
    """One transaction of the log on SQLite."""

    def __init__(self, cursor: SQLiteCursor, recorder: Recorder, deployment: str) -> None:
        """Work through the transaction's cursor."""
        super().__init__(_plain(cursor), SQLITE, deployment)
        self._recorder = recorder
        self._raw = cursor

    def _append(self, stored: Sequence[StoredEvent]) -> Sequence[int]:
        return self._recorder._insert_events(self._raw, stored)

    def _track(self, tracking: Tracking) -> None:
        self._recorder._insert_tracking(self._raw, tracking)

    def _add(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._cursor.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)


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
        create_tables(_plain(cursor))
    kept = facts_of(path, _plain(cursor))
    stale = stale_views(kept)
    if stale:
        remake_views(_plain(cursor), SQLITE, stale)
        SqliteWriting(cursor, recorder, kept["deployment"]).rebuild(stale)
    return Migration(created, tuple(view.name for view in stale))


def _deployment(path: str, recorder: Recorder) -> str:
    remedy = f"create it: postgate migrate --store sqlite:///{path}"
    with recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'meta'")
        if cursor.fetchone() is None:
            raise StoreVersion(path, "is not a Postgate store yet", remedy)
        kept = facts_of(path, _plain(cursor))
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


def _first(cursor: Cursor, question: str) -> str:
    cursor.execute(question)
    row = cursor.fetchone()
    return str(row[0]) if row else ""


def _plain(cursor: SQLiteCursor) -> Any:
    return cast(Any, cursor)
