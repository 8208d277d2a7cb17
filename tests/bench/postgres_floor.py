"""The floor on PostgreSQL: the messages are parsed and the very rows of a store are copied, with nothing else.

Each row bears the number of the transaction that wrote it last. So the floor has as many transactions as there were, each
copies just what stands of it, as bytes that the server itself wrote before, and in the end both stores hold the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.postgres.roles import HISTORY
from adapters.viewstore import table
from projections.views import VIEWS
from tests.bench.figures import Took, timed, undisturbed
from tests.servers import Server, ended, started

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = (*HISTORY, "heads", "tracking", *(table(view) for view in VIEWS))


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one transaction left behind: how many receipts, and the rows of each table as the server writes them."""

    messages: int
    rows: Mapping[str, bytes]

    def write(self, connection: psycopg.Connection[tuple[object, ...]], schema: str) -> None:
        """Copy the rows into the tables of a schema, and commit."""
        for name, rows in self.rows.items():
            with connection.cursor().copy(_said("COPY {0}.{1} FROM STDIN (FORMAT BINARY)", schema, name)) as copy:
                copy.write(rows)
        connection.commit()


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server of our own for the time of a measurement."""
    server = started()
    try:
        yield server
    finally:
        ended(server)


def transactions(server: Server, url: str) -> list[Transaction]:
    """Return what each transaction left in a store, in the order in which they wrote events."""
    schema = schema_of(url)
    with server.connect() as connection:
        last = "SELECT xmin::text FROM {0}.stored_events GROUP BY 1 ORDER BY MAX(notification_id)"
        numbers = [str(row[0]) for row in connection.execute(_said(last, schema)).fetchall()]
        return [_left(connection, schema, number) for number in numbers]


def _left(connection: psycopg.Connection[tuple[object, ...]], schema: str, number: str) -> Transaction:
    count = _said("SELECT COUNT(*) FROM {0}.receipts WHERE xmin::text = %s", schema)
    ((messages,),) = connection.execute(count, (number,)).fetchall()
    rows = {}
    for name in TABLES:
        select = _said("COPY (SELECT * FROM {0}.{1} WHERE xmin::text = %s) TO STDOUT (FORMAT BINARY)", schema, name)
        with connection.cursor().copy(select, (number,)) as copy:
            rows[name] = b"".join(copy)
    return Transaction(int(str(messages)), rows)


def floor(server: Server, left: Sequence[Transaction], documents: Sequence[bytes]) -> Took:
    """Parse documents and write what their transactions left into a fresh store, over what stood before."""
    url = server.fresh()
    PostgresLog.create(url).close()
    setup, batches = apart(left, len(documents))

    def write() -> None:
        parsed = 0
        for batch in batches:
            for line in documents[parsed : parsed + batch.messages]:
                json.loads(line)
            parsed += batch.messages
            batch.write(connection, schema_of(url))

    with psycopg.connect(_plain(url)) as connection:
        for before in setup:
            before.write(connection, schema_of(url))
        settle(server)
        with undisturbed():
            took = timed(write)
    drop(server, url)
    return took


def apart(left: Sequence[Transaction], documents: int) -> tuple[Sequence[Transaction], Sequence[Transaction]]:
    """Part the transactions that took in so many documents at the end from those before."""
    at = len(left)
    while documents > 0:
        at -= 1
        documents -= left[at].messages
    return left[:at], left[at:]


def settle(server: Server) -> None:
    """Let the server write out what it has in hand, so that it does not do so while somebody is measured."""
    with server.connect() as connection:
        connection.execute("CHECKPOINT")


def drop(server: Server, url: str) -> None:
    """Remove a store."""
    with server.connect() as connection:
        connection.execute(_said("DROP SCHEMA {0} CASCADE", schema_of(url)))


def schema_of(url: str) -> str:
    """Return the schema that a store's URL names."""
    return url.rpartition("?schema=")[2]


def _plain(url: str) -> str:
    return url.partition("?")[0]


def _said(statement: LiteralString, *names: str) -> psycopg.sql.Composed:
    return SQL(statement).format(*map(Identifier, names))
