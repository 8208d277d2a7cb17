"""History in a store cannot be changed, even by somebody who opens it with SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from tests.contracts.batches import receipt, run, write
from tests.servers import Server

CHANGES = {
    "stored_events": "UPDATE stored_events SET state = x'00'",
    "receipts": "UPDATE receipts SET verdict = 'STALE'",
    "chain": "UPDATE chain SET link = x'00'",
}


@pytest.mark.parametrize("table", CHANGES)
def test_history_is_not_changed(file: SqliteLog, table: str) -> None:
    """UPDATE and DELETE are refused on events, receipts and chain, and the rows are as they were."""
    write(file, run("shop", 2), [receipt(1)], {"till": 1})
    with closing(sqlite3.connect(file.path)) as connection:
        before = connection.execute(f"SELECT * FROM {table}").fetchall()
        assert before
        for change in (CHANGES[table], f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
                connection.execute(change)
        connection.rollback()
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == before


@pytest.mark.postgres
@pytest.mark.parametrize("table", CHANGES)
def test_history_on_a_server_is_not_changed(kept: PostgresLog, place: str, postgres: Server, table: str) -> None:
    """There TRUNCATE is refused as well, and a session that says it is a replica gets no further, though it owns the tables."""
    write(kept, run("shop", 2), [receipt(1)], {"till": 1})
    schema = place.partition("schema=")[2]
    with postgres.connect() as connection:
        connection.execute(f"SET search_path = {schema}".encode())
        before = connection.execute(f"SELECT * FROM {table}".encode()).fetchall()
        assert before
        for role in ("origin", "replica"):
            connection.execute(f"SET session_replication_role = {role}".encode())
            for change in (CHANGES[table].replace("x'00'", "'x'"), f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(psycopg.errors.RestrictViolation, match=f"{table} is append-only"):
                    connection.execute(change.encode())
        assert connection.execute(f"SELECT * FROM {table}".encode()).fetchall() == before
