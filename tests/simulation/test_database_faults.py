"""The database refuses, cancels, fills up, panics or rots: nothing is half there, and the work goes on or says why not."""

from __future__ import annotations

import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from adapters.auditing import verify
from adapters.errors import StoreUnreachable
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.postgres.recorder import lock_key
from projections.documents import DOCUMENTS
from projections.ledger import POSTINGS
from tests.corpus.messages import said
from tests.kafka.feeding import STEP_MS, Feed, assert_sound, drained, invoices, receipts, setting, until
from tests.properties.messages import SHOP, invoice
from tests.properties.shop import NOW
from tests.servers import Server, unprivileged
from tests.simulation.conftest import made_on
from tests.simulation.dying import SOURCE, take

Outside = psycopg.Connection[tuple[object, ...]]
PAUSE_S = 0.01
RETRIES_MAX = 4
PATIENTLY = "&options=-c%20deadlock_timeout%3D3s"
"""Our session sees a deadlock after so long, time enough for the other one to come into it."""
FAULTS = ("deadlock", "serialization failure", "lock timeout")
UNLINK = said("postgate.link.removed.v1", {"customer": "c-1"}, id="revoked")


def schema_of(url: str) -> str:
    """Return the schema that a URL names."""
    return url.partition("schema=")[2].partition("&")[0]


@contextmanager
def faulty(fault: str, server: Server, url: str) -> Iterator[None]:
    """Let the next batch of a store meet a fault of the database, which is over at the end."""
    with server.connect() as outside, ThreadPoolExecutor(1) as pool:
        outside.execute(f"SET search_path = {schema_of(url)}".encode())
        if fault == "serialization failure":
            outside.execute(b"CREATE SEQUENCE turns")
            outside.execute(
                b"CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('turns') = 1 THEN "
                b"RAISE EXCEPTION 'no serial order' USING ERRCODE = 'serialization_failure'; END IF; RETURN NEW; END $$"
            )
            outside.execute(b"CREATE TRIGGER unlucky BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION once()")
            yield
            return
        outside.execute(b"BEGIN")
        if fault == "lock timeout":
            take_the_lock(outside, url)
            yield
        else:
            outside.execute(b"SET deadlock_timeout = '10min'")
            outside.execute(b"LOCK TABLE view_documents IN EXCLUSIVE MODE")
            entered = pool.submit(wait_and_take_the_lock, server, outside, url)
            yield
            entered.result(timeout=60)
        outside.execute(b"ROLLBACK")


def take_the_lock(outside: Outside, url: str) -> None:
    """Take the lock of the one writer of a store."""
    outside.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(schema_of(url)),))


def wait_and_take_the_lock(server: Server, outside: Outside, url: str) -> None:
    """Ask for the writer's lock as soon as the writer waits for a table that we hold."""
    with server.connect() as watching:
        while watching.execute(b"SELECT 1 FROM pg_locks WHERE locktype = 'relation' AND NOT granted").fetchone() is None:
            time.sleep(PAUSE_S)
    take_the_lock(outside, url)


@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.parametrize("fault", FAULTS)
def test_a_batch_that_the_database_cancels_is_decided_anew(fault: str, feed: Feed, postgres: Server) -> None:
    """The reader comes again after a pause, and not with what it had decided: the link was taken away meanwhile."""
    url = made_on(postgres)
    topic, log = feed.broker.topic("cancelled"), PostgresLog(url + PATIENTLY, lock_timeout_s=20 if fault == "deadlock" else 1)
    with closing(log), closing(PostgresLog(url)) as other:
        feed.send(topic, [*setting(), *invoices(1)])
        worker = feed.worker(log, topic)
        until(worker, true=lambda: drained(worker))
        with faulty(fault, postgres, url):
            feed.send(topic, invoices(1, first=1))
            until(worker, true=lambda: worker.state.retries > 0)
            assert (worker.state.ready, worker.state.messages) == (False, len(setting()) + 1)
        take(other, NOW, [UNLINK])
        until(worker, true=lambda: drained(worker))
        assert (worker.state.ready, worker.state.retries <= RETRIES_MAX) == (True, True)
        with log.reading() as views:
            assert {row.document: row.state for row in views.find(DOCUMENTS)} == {"i-0": "POSTED", "i-1": "REQUIRES_ATTENTION"}
        assert receipts(log) == {"ACCEPTED": len(setting()) + 3}
        assert_sound(log)
        feed.end()


@pytest.fixture
def small_disk(own_postgres: Server) -> Server:
    """A server whose files can be kept small: its WAL is in files of one megabyte."""
    own_postgres.stop()
    command = [str(own_postgres.programs / "pg_resetwal"), "--wal-segsize=1", str(own_postgres.folder / "data")]
    subprocess.run(command, check=True, capture_output=True, user=unprivileged())
    own_postgres.start()
    return own_postgres


def allow(server: Server, size: str, pids: Sequence[int] = ()) -> None:
    """Let processes of the server write no file beyond a size; all of them, unless they are named."""
    assert server.process is not None
    user = unprivileged()
    group = None if user is None else pwd.getpwuid(user).pw_gid
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    for pid in pids or (server.process.pid, *map(int, children)):
        subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={size}:"], check=True, user=user, group=group)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.kafka
def test_a_full_disk_of_the_server_is_waited_out(feed: Feed, small_disk: Server) -> None:
    """A limit on the size of its files stands in for a full disk: nothing is half there, and reading goes on with room."""
    count = 2_000
    topic, log = feed.broker.topic("full"), PostgresLog(made_on(small_disk))
    with closing(log):
        feed.send(topic, setting())
        worker = feed.worker(log, topic)
        until(worker, true=lambda: drained(worker))
        allow(small_disk, str(3 * 1024 * 1024 // 2))
        feed.send(topic, invoices(count))
        until(worker, true=lambda: worker.state.retries > 0)
        told, retries, began = worker.state.reason, worker.state.retries, time.monotonic()
        assert "could not extend file" in told
        assert told.endswith("free some space on the server's disk; nothing of the batch was recorded")
        while time.monotonic() < began + 3:
            assert worker.step(STEP_MS) == 0
            assert not worker.state.ready
        assert worker.state.retries - retries <= 10
        assert_sound(log)
        allow(small_disk, "unlimited")
        until(worker, true=lambda: drained(worker), seconds=120)
        assert worker.state.ready
        assert receipts(log) == {"ACCEPTED": len(setting()) + count}
        assert_sound(log)
        feed.end()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_server_that_cannot_write_its_journal_panics_and_nothing_is_believed(own_postgres: Server) -> None:
    """PostgreSQL ends all sessions then, as after a failed fsync: the batch is gone, its connection too, and the log goes on."""
    log = PostgresLog(made_on(own_postgres))
    with closing(log):
        take(log, NOW, SHOP)
        sessions: list[int] = []
        with pytest.raises(StoreUnreachable):
            write_and_panic(log, own_postgres, sessions)
        until_it_answers(own_postgres)
        # A panic aborts; what the session itself had to say of it was over its limit too.
        assert f"(PID {sessions[0]}) was terminated by signal 6: Aborted" in (own_postgres.folder / "log").read_text()
        assert log.source_position(SOURCE) == len(SHOP)
        with log.querying() as cursor:
            cursor.execute("SELECT COUNT(*) FROM notes")
            assert cursor.fetchall() == [(0,)]
        take(log, NOW, [invoice()], len(SHOP) + 1)
        assert_sound(log)


def write_and_panic(log: PostgresLog, server: Server, sessions: list[int]) -> None:
    """Write something, and let the server find at the commit that it cannot write its journal; note whose session it was."""
    with log.writing() as writing, server.connect() as outside:
        found = outside.execute(b"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchall()
        sessions += [int(str(row[0])) for row in found]
        writing._cursor.execute("INSERT INTO notes VALUES ('half', 1, '')")
        allow(server, "0", sessions)


def until_it_answers(server: Server) -> None:
    """Return when the server has recovered by itself."""
    for _ in range(3_000):
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(PAUSE_S)
        else:
            return
    raise AssertionError("the server did not come back")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("relation", ["stored_events", "receipts_pkey", "view_documents"])
def test_a_page_that_rotted_on_the_disk_is_named(relation: str, own_postgres: Server) -> None:
    """Of a table, an index or a view one byte flips: whoever reads the page is told, and nothing is written on top of it."""
    url = made_on(own_postgres)
    with closing(PostgresLog(url)) as log:
        take(log, NOW, (*SHOP, *(invoice(f"i{number}") for number in range(20))))
    path = flipped(own_postgres, url, relation)
    with closing(PostgresLog(url)) as log:
        with pytest.raises(StoreUnreachable, match="invalid page in block 0 of relation") as refused:
            read_everything(log)
        assert refused.value.remedy == "a page on the server's disk is damaged: restore the server from a backup"
        assert refused.value.exit_code == 4
        with pytest.raises(StoreUnreachable, match="invalid page in block 0"):
            take(log, NOW, [invoice("i1"), invoice("i21")], log.source_position(SOURCE) + 1)
    flip(own_postgres, path)
    with closing(PostgresLog(url)) as log:
        assert log.source_position(SOURCE) == len(SHOP) + 20
        assert verify(log).faults == []


def read_everything(log: PostgresLog) -> None:
    """Do what verify does, and look receipts up by their key."""
    assert verify(log).faults == []
    with log.querying() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT code FROM receipts WHERE source = ? AND position = 1", (SOURCE,))
        assert cursor.fetchall() == [("ACCEPTED",)]


def flipped(server: Server, url: str, relation: str) -> Path:
    """Flip a byte in the first page of a relation, and return its file."""
    with server.connect() as outside:
        outside.execute(f"SET search_path = {schema_of(url)}".encode())
        ((checksums, name),) = outside.execute(
            "SELECT current_setting('data_checksums'), pg_relation_filepath(%s)", (relation,)
        ).fetchall()
        assert checksums == "on"
        outside.execute(b"CHECKPOINT")
    path = server.folder / "data" / str(name)
    flip(server, path)
    return path


def flip(server: Server, path: Path) -> None:
    """Flip one byte of a file while the server is down."""
    server.stop()
    with path.open("r+b") as file:
        file.seek(8_000)
        (byte,) = file.read(1)
        file.seek(8_000)
        file.write(bytes([byte ^ 0x10]))
    server.start()


@pytest.mark.postgres
@pytest.mark.kafka
def test_a_server_that_lost_its_last_commits_reads_them_again(feed: Feed, own_postgres: Server) -> None:
    """As after a failover to a replica that was behind: positions went with the events, so the same postings are made again."""
    topic, log = feed.broker.topic("behind"), PostgresLog(made_on(own_postgres))
    folder, copy = own_postgres.folder / "data", own_postgres.folder / "copy"
    with closing(log):
        feed.send(topic, [*setting(), *invoices(10)])
        worker = feed.worker(log, topic)
        until(worker, true=lambda: drained(worker))
        (source,) = worker.state.partitions
        own_postgres.stop()
        subprocess.run(["cp", "-a", folder, copy], check=True)
        own_postgres.start()
        feed.send(topic, invoices(10, first=10))
        until(worker, true=lambda: log.source_position(source) == len(setting()) + 20)
        before = keys(log)
        own_postgres.stop()
        shutil.rmtree(folder)
        copy.rename(folder)
        own_postgres.start()
        assert (log.source_position(source), len(keys(log))) == (len(setting()) + 10, 10)
        feed.send(topic, invoices(1, first=20))
        until(worker, true=lambda: log.source_position(source) == len(setting()) + 21)
        assert [facts["why"] for facts in feed.turns("batch is begun again")] == [
            f"{source} was read to {len(setting()) + 20}, and the log has {len(setting()) + 10}: "
            "it was put back to an earlier time"
        ]
        assert keys(log)[:20] == before
        assert receipts(log) == {"ACCEPTED": len(setting()) + 21}
        assert_sound(log)
        feed.end()


def keys(log: PostgresLog) -> list[str]:
    """Return the keys of all postings, in the order of the log."""
    with log.reading() as views:
        return [row.posting_key for row in views.find(POSTINGS, order=("sequence",))]
