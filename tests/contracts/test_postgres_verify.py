"""Verify on a server: guards that are down, and what a superuser changes behind them, are named as they are on a file."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from adapters.auditing import verify
from adapters.eventlog.postgres.log import PostgresLog
from tests.contracts.test_verify import I1, LAST, STORY
from tests.properties.shop import Shop
from tests.servers import Server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]  # A whole shop sells in a schema of its own for each test.
QUIET = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
GUARDS = {
    "disabled": ("ALTER TABLE receipts DISABLE TRIGGER receipts_append_only", ["receipts"]),
    "not for replicas": ("ALTER TABLE gaps ENABLE TRIGGER gaps_append_only", ["gaps"]),
    "dropped": ("DROP TRIGGER chain_append_only ON chain", ["chain"]),
    "function replaced": (QUIET, ["stored_events", "receipts", "gaps", "chain"]),
    "only for updates": (
        "DROP TRIGGER chain_append_only ON chain; CREATE TRIGGER chain_append_only BEFORE UPDATE ON chain EXECUTE FUNCTION "
        "refuse_change(); ALTER TABLE chain ENABLE ALWAYS TRIGGER chain_append_only",
        ["chain"],
    ),
}
CHANGES: dict[str, tuple[str, str, list[tuple[str, int]]]] = {
    "a byte of a record edited": (
        "stored_events",
        f"""UPDATE stored_events SET state = convert_to(replace(convert_from(state, 'UTF8'), '"gross":1200', '"gross":1'), 'UTF8')
        WHERE originator_id = '{I1}' AND topic = 'DocumentDecided.v1'""",
        [("CHAIN_BROKEN", 12), ("DECISION_DIFFERS", 12), ("VIEW_DIFFERS", 0)],
    ),
    "a receipt edited": (
        "receipts",
        "UPDATE receipts SET verdict = 'DUPLICATE', code = 'DUPLICATE_EVENT' WHERE position = 13",
        [("RECEIPT_DIFFERS", 21)],
    ),
    "a receipt deleted": (
        "receipts",
        "DELETE FROM receipts WHERE position = 5",
        [("RECEIPT_MISSING", 5), ("SOURCE_APART", LAST)],
    ),
    "a link edited": ("chain", "UPDATE chain SET link = '' WHERE position = 20", [("CHAIN_BROKEN", 20), ("CHAIN_BROKEN", 21)]),
}
"""Table, what a superuser does to it with its trigger down, and the faults."""


@pytest.fixture
def told(postgres: Server, place: str) -> Iterator[tuple[PostgresLog, psycopg.Connection[tuple[object, ...]]]]:
    """A store in which a small shop sold, and a superuser's session in its schema."""
    log = PostgresLog.create(place)
    Shop(log).hear_one_by_one(STORY)
    with postgres.connect() as connection:
        connection.execute(f"SET search_path = {place.partition('schema=')[2]}".encode())
        yield log, connection
    log.close()


def found(log: PostgresLog) -> list[tuple[str, int]]:
    """Return the faults of a store, as code and position, each pair once."""
    return list(dict.fromkeys((fault.code, fault.position) for fault in verify(log).faults))


def test_an_untouched_store_has_no_fault(told: tuple[PostgresLog, object]) -> None:
    """What the product wrote verifies, to its last record."""
    checked = verify(told[0])
    assert (checked.records, checked.books, checked.faults) == (LAST, 1, [])


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_is_down_is_named(name: str, told: tuple[PostgresLog, psycopg.Connection[tuple[object, ...]]]) -> None:
    """A store whose history could be changed is not sound, even while nothing was changed."""
    log, connection = told
    statement, tables = GUARDS[name]
    connection.execute(statement.encode())
    text = "nothing keeps {0} from being changed: trigger {0}_append_only is not as it was made"
    assert [(fault.code, fault.message) for fault in verify(log).faults] == [
        ("GUARD_MISSING", text.format(each)) for each in tables
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_superuser_changes_is_named(name: str, told: tuple[PostgresLog, psycopg.Connection[tuple[object, ...]]]) -> None:
    """With the trigger taken down and put up again, nothing of the guards tells; the records and receipts do."""
    log, connection = told
    table, statement, faults = CHANGES[name]
    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only".encode())
    assert connection.execute(statement.encode()).rowcount == 1
    connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only".encode())
    assert found(log) == faults
