"""The library's recorder on PostgreSQL, with a lock that append-only roles may take and rows written by binary COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from eventsourcing.persistence import ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg import Cursor
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg.sql import SQL, Identifier

from adapters.eventlog.postgres.place import CONNECT_TIMEOUT_S, IDLE_IN_TRANSACTION_S, Place

KINDS = {
    "stored_events": ("int8", "text", "int8", "text", "bytea"),
    "gaps": ("text", "int8", "int8", "text"),
    "chain": ("int8", "text", "int8", "bytea", "bytea"),
    "receipts": ("text", "int8", "text", "text", "bytea", "bytea", "text"),
}
"""The types of the columns that are copied, in their order."""
_EVENT = SQL("notification_id, originator_id, originator_version, topic, state")


class Datastore(PostgresDatastore):
    """The library's pool, connecting as the place says: with its TLS, its time-outs and its schema."""

    def __init__(self, place: Place, *, enable_db_functions: bool = False) -> None:
        """Describe the pool; the first use opens it."""
        super().__init__(
            dbname=place.parameters["dbname"], host="", port="", user="", password="",
            connect_timeout=CONNECT_TIMEOUT_S, idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION_S,
            pool_size=place.pool_size, max_overflow=8, pre_ping=True, lock_timeout=place.lock_timeout_s,
            schema=place.schema, originator_id_type="text", enable_db_functions=enable_db_functions,
        )  # fmt: skip
        self.pool_size = place.pool_size
        # The library passes no TLS settings, and an empty password would hide the one in the environment.
        self.pool.kwargs = {**place.connecting, "row_factory": dict_row}

    def register_type_adapters(self) -> None:
        """Do nothing: rows are copied, so no composite type is there or needed."""


class Recorder(PostgresProcessRecorder):
    """The library's recorder: its table, its tracking and its notification, behind an advisory lock."""

    def __init__(self, datastore: Datastore) -> None:
        """Refuse what would let readers miss records or stall."""
        if datastore.enable_db_functions:
            raise ProgrammingError("functions in the database write without the lock: readers would lose records")
        if datastore.pool_size < 2:
            raise ProgrammingError("a pool of one connection stalls when a subscription listens on it")
        super().__init__(datastore, events_table_name="stored_events", tracking_table_name="tracking")
        # An advisory lock needs no right on the table. It is held to the end of the transaction, like the table's lock.
        self.lock_table_statements = [SQL("SELECT pg_advisory_xact_lock({0})").format(lock_key(datastore.schema))]
        kinds = ("CREATE TABLE", "CREATE UNIQUE INDEX")
        self.sql_create_statements = [s for s in self.sql_create_statements if s.as_string().startswith(kinds)]

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append events and tracking in a transaction of their own; a lost connection is told, never tried again blindly."""
        with self.datastore.transaction(commit=True) as cursor:
            self._lock_table(cursor)
            self._insert_events(cursor, stored_events, **kwargs)
            return self.append(cursor, stored_events)

    def append(self, cursor: Cursor[DictRow], stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        """Copy events to the positions after the last; the writer's lock is held, so nobody takes them in between."""
        if not stored_events:
            return []
        self._notify_channel(cursor)
        cursor.execute(self.max_notification_id_statement)
        row = cursor.fetchone()
        first = ((row and row["max"]) or 0) + 1
        table = SQL("{0}.{1} ({2})").format(Identifier(self.datastore.schema), Identifier(self.events_table_name), _EVENT)
        events = enumerate(stored_events, first)
        rows = ((at, str(e.originator_id), e.originator_version, e.topic, e.state) for at, e in events)
        with cursor.copy(SQL("COPY {0} FROM STDIN (FORMAT BINARY)").format(table)) as copy:
            copy.set_types(KINDS["stored_events"])
            for cells in rows:
                copy.write_row(cells)
        return list(range(first, first + len(stored_events)))


class Cells:
    """A cursor that takes `?` for the place of a value, as the log and its views write it."""

    def __init__(self, cursor: Cursor[TupleRow]) -> None:
        """Work through the transaction's cursor."""
        self._cursor = cursor

    def execute(self, statement: str, parameters: Sequence[object] = (), /) -> object:
        """Run a statement."""
        return self._cursor.execute(_worded(statement), parameters or None)

    def executemany(self, statement: str, parameters: Iterable[Sequence[object]], /) -> None:
        """Run a statement for many rows, sent in one go."""
        self._cursor.executemany(_worded(statement), parameters)

    def fetchone(self) -> TupleRow | None:
        """Return the next row of the last statement."""
        return self._cursor.fetchone()

    def fetchall(self) -> Sequence[TupleRow]:
        """Return the rows of the last statement."""
        return self._cursor.fetchall()

    def copy(self, table: str, rows: Iterable[Sequence[object]], kinds: Sequence[str] = ()) -> None:
        """Add whole rows to a table; `kinds` are the types of its columns, where they are not of history."""
        with self._cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.set_types(kinds or KINDS[table])
            for row in rows:
                copy.write_row(row)


@lru_cache(maxsize=500)
def _worded(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def lock_key(schema: str, purpose: str = "write") -> int:
    """Return the number of a schema's advisory lock; two schemas of a database do not share one."""
    return int.from_bytes(sha256(f"postgate/{purpose}/{schema}".encode()).digest()[:8], "big", signed=True)
