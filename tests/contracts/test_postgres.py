"""What only a server has: places and passwords, lost answers, two migrations at once, settings that may lose commits."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from eventsourcing.persistence import ProgrammingError
from psycopg.rows import tuple_row

from adapters.errors import NotFound, StoreUnreachable, StoreVersion
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.postgres.place import place as placed
from adapters.eventlog.postgres.recorder import Cells, Datastore, Recorder
from engine.errors import Conflict
from tests.contracts.batches import everything, receipt, run, write
from tests.contracts.proxy import Proxy
from tests.servers import Server

pytestmark = pytest.mark.postgres
HERE = "postgresql://me:secret@127.0.0.1/books"


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("postgresql://me:secret@db.example/books", StoreUnreachable, "sslmode is prefer"),
        ("postgresql://me:secret@db.example/books?sslmode=require", StoreUnreachable, "sslmode is require"),
        ("postgresql://me:secret@127.0.0.1,db.example/books", StoreUnreachable, "on another machine"),
        ("postgresql://me:secret@localhost/books?hostaddr=10.0.0.1", StoreUnreachable, "on another machine"),
        (f"{HERE}?schema=Pub;lic", NotFound, "is not the name of a schema"),
        (f"{HERE}?schema=pg_toast", NotFound, "is not the name of a schema"),
        (f"{HERE}?colour=red", NotFound, "is not the URL of a store"),
        ("postgresql://me:secret@127.0.0.1", NotFound, "names no database"),
    ],
)
def test_an_unclear_or_unsafe_place_is_refused(url: str, error: type[Exception], said: str) -> None:
    """Before anything is sent, and without showing the password."""
    with pytest.raises(error, match=said) as refused:
        placed(url, environment={})
    assert "secret" not in str(refused.value)


def test_a_verified_server_elsewhere_is_a_place() -> None:
    """With verify-full, in the URL or in the environment, the server may be anywhere."""
    assert str(placed("postgresql://db.example:6000/books?sslmode=verify-full", environment={})) == (
        "db.example:6000/books?schema=postgate"
    )
    assert placed("postgresql://db.example/books?schema=a1", environment={"PGSSLMODE": "verify-full"}).schema == "a1"


def test_pool_size_one_refused() -> None:
    """A pool of one connection stalls as soon as somebody listens on it."""
    with pytest.raises(StoreUnreachable, match="a pool of 1 connections stalls"):
        placed(f"{HERE}?pool_size=1", environment={})
    with pytest.raises(ProgrammingError, match="a pool of one connection stalls"):
        Recorder(Datastore(replace(placed(HERE, environment={}), pool_size=1)))


def test_db_functions_refused() -> None:
    """The library's functions write without the lock, so readers would pass over records."""
    with pytest.raises(StoreUnreachable, match="POSTGRES_ENABLE_DB_FUNCTIONS is set"):
        placed(HERE, environment={"POSTGRES_ENABLE_DB_FUNCTIONS": "y"})
    with pytest.raises(ProgrammingError, match="without the lock"):
        Recorder(Datastore(placed(HERE, environment={}), enable_db_functions=True))


def test_a_wrong_password_is_said(postgres: Server) -> None:
    """In one line with the place and a remedy, and without any password."""
    with pytest.raises(StoreUnreachable, match="password authentication failed") as refused:
        PostgresLog(postgres.url(password="guessed"))
    assert (refused.value.place, refused.value.exit_code) == (f"127.0.0.1:{postgres.port}/postgres?schema=postgate", 4)
    assert ("guessed" in str(refused.value), "\n" in str(refused.value)) == (False, False)


def test_a_server_that_is_not_there_is_said(postgres: Server) -> None:
    """The remedy is to start it; a database that is not there has another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(StoreUnreachable, match="start the server"):
            PostgresLog(postgres.url(port=taken.getsockname()[1]))
    with pytest.raises(StoreUnreachable, match="an administrator creates them"):
        PostgresLog(postgres.url(database="nowhere"))


def test_a_schema_of_something_else_is_left_alone(postgres: Server, place: str) -> None:
    """Neither opening nor migrating touches it; one that was never made is told apart."""
    with pytest.raises(StoreVersion, match="is not a Postgate store yet") as missing:
        PostgresLog(place)
    assert missing.value.exit_code == 3
    schema = place.partition("schema=")[2]
    with postgres.connect() as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        connection.execute(f"CREATE TABLE {schema}.songs (name text)".encode())
        for opening in (PostgresLog, PostgresLog.migrate):
            with pytest.raises(StoreVersion, match="tables of something else"):
                opening(place)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    assert tables == [("songs",)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("schema_version", "2", "of version 2"), ("checksum", "x", "other statements"), ("view:holds", "0", "of another")],
)
def test_a_store_of_another_release_is_refused(place: str, postgres: Server, name: str, value: str, said: str) -> None:
    """Another version, other statements and views of another version are each said."""
    PostgresLog.migrate(place)
    with postgres.connect() as connection:
        table = f"{place.partition('schema=')[2]}.meta"
        changed = connection.execute(f"UPDATE {table} SET value = %s WHERE name = %s".encode(), (value, name))
        assert changed.rowcount == 1
    with pytest.raises(StoreVersion, match=said):
        PostgresLog(place)
    if name.startswith("view:"):
        assert PostgresLog.migrate(place).rebuilt == ("holds",)
        PostgresLog(place).close()


def test_migrations_at_once_make_one_store(place: str) -> None:
    """Of four that start together one creates everything, and the others find it made."""
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: PostgresLog.migrate(place).created, range(4)))
    assert sorted(done) == [False, False, False, True]


@pytest.mark.parametrize("setting", ["synchronous_commit=off", "synchronous_commit=local"])
def test_a_session_that_may_lose_commits_is_refused(place: str, setting: str) -> None:
    """The server says how commits reach the disk, and anything less than safe is refused."""
    with pytest.raises(StoreUnreachable, match="set synchronous_commit = on on the server"):
        PostgresLog.create(f"{place}&options=-c%20{setting}")


@pytest.mark.slow
def test_a_server_that_may_lose_commits_is_refused(postgres: Server, place: str) -> None:
    """The same for what is set for the whole server."""
    settings(postgres, b"ALTER SYSTEM SET full_page_writes = off")
    try:
        with pytest.raises(StoreUnreachable, match="set full_page_writes = on on the server"):
            PostgresLog.create(place)
    finally:
        settings(postgres, b"ALTER SYSTEM RESET full_page_writes")


def settings(postgres: Server, statement: bytes) -> None:
    """Change a setting of the whole server, by starting it again."""
    with postgres.connect() as connection:
        connection.execute(statement)
    postgres.stop()
    postgres.start()


def test_cells_are_apart(postgres: Server) -> None:
    """Two schemas of one database share neither records nor the writer's lock."""
    one, other = (PostgresLog.create(postgres.fresh()) for _ in range(2))
    with one.writing() as writing:
        writing.record(run("shop", 2), [], {})
        write(other, run("shop", 1))
    assert (one.head(), other.head()) == (2, 1)
    one.close()
    other.close()


@contextmanager
def through(postgres: Server, place: str) -> Iterator[tuple[PostgresLog, Proxy]]:
    """Give a log behind a proxy."""
    PostgresLog.migrate(place)
    proxy = Proxy(postgres.port)
    log = PostgresLog(place.replace(f":{postgres.port}/", f":{proxy.port}/"))
    yield log, proxy
    log.close()
    proxy.close()


def test_commit_ack_lost_is_success(postgres: Server, place: str) -> None:
    """The server has the batch and the answer is lost, twenty times: each is found and nothing is written twice."""
    with through(postgres, place) as (log, proxy):
        for number in range(1, 21):
            proxy.drop_answer = True
            write(log, run("shop", 3, first=3 * number - 2), [receipt(number)], {"till": number})
            proxy.drop_answer = False
        assert proxy.dropped >= 20
        assert (log.head(), log.source_position("till"), len(everything(log))) == (60, 20, 60)


def test_a_commit_that_never_arrived_is_a_failure(postgres: Server, place: str) -> None:
    """The connection is lost before the server hears the commit: nothing is there, and the caller is told."""
    with through(postgres, place) as (log, proxy):
        write(log, run("shop", 1), [receipt(1)], {"till": 1})
        proxy.drop_commit = True
        with pytest.raises(StoreUnreachable):
            write(log, run("shop", 2, first=2), [receipt(2)], {"till": 2})
        proxy.drop_commit = False
        assert (log.head(), log.source_position("till")) == (1, 1)
        write(log, run("shop", 2, first=2), [receipt(2)], {"till": 2})
        assert log.head() == 3


def test_a_lost_answer_and_another_writer_is_a_conflict(kept: PostgresLog) -> None:
    """Where another batch stands in the place of ours, ours was not kept."""
    with kept.writing(dry=True) as ours:
        ours.record(run("shop", 2), [receipt(1)], {"till": 1})
    write(kept, run("shop", 2, noun="account"), [receipt(1)], {"till": 1})
    with kept._recorder.datastore.transaction(commit=False) as cursor, pytest.raises(Conflict, match="somebody else wrote first"):
        ours.is_kept(Cells(cursor.connection.cursor(row_factory=tuple_row)))


def test_a_writer_that_waits_too_long_is_told(kept: PostgresLog, place: str) -> None:
    """The second writer gives up after its time, names the remedy, and the first is not disturbed."""
    hasty = PostgresLog(place, lock_timeout_s=1)
    with kept.writing() as writing:
        writing.record(run("shop", 1), [], {})
        with pytest.raises(StoreUnreachable, match="another process writes to the store"), hasty.writing():
            raise AssertionError("two writers at once")
    assert kept.head() == 1
    hasty.close()


@pytest.mark.slow
def test_the_server_is_killed_and_comes_back(own_postgres: Server) -> None:
    """What was committed is there after a kill, what was not is gone, and the same log goes on."""
    log = PostgresLog.create(own_postgres.fresh())
    write(log, run("shop", 3), [receipt(1)], {"till": 1})
    with pytest.raises(StoreUnreachable):
        write_through_a_crash(log, own_postgres)
    assert (log.head(), log.source_position("till")) == (3, 1)
    write(log, run("shop", 2, first=4), [receipt(2)], {"till": 2})
    assert log.head() == 5
    log.close()


def write_through_a_crash(log: PostgresLog, postgres: Server) -> None:
    """Record a batch, and kill the server before its commit."""
    with log.writing() as writing:
        writing.record(run("shop", 2, first=4), [receipt(2)], {"till": 2})
        postgres.stop(signal.SIGKILL)
        postgres.start()
