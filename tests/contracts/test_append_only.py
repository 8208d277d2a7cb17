"""History in a SQLite store cannot be changed, even by somebody who opens the file with SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from adapters.eventlog.sqlite import SqliteLog
from tests.contracts.batches import receipt, run, write

CHANGES = {
    "stored_events": "UPDATE stored_events SET state = x'00'",
    "receipts": "UPDATE receipts SET verdict = 'STALE'",
    "chain": "UPDATE chain SET link = x'00'",
}


@pytest.mark.parametrize("table", CHANGES)
def test_history_is_not_changed(store: SqliteLog, table: str) -> None:
    """UPDATE and DELETE are refused on events, receipts and chain, and the rows are as they were."""
    write(store, run("shop", 2), [receipt(1)], {"till": 1})
    with closing(sqlite3.connect(store.path)) as connection:
        before = connection.execute(f"SELECT * FROM {table}").fetchall()
        assert before
        for change in (CHANGES[table], f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
                connection.execute(change)
        connection.rollback()
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == before
