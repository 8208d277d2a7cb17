"""Crashes: the server is killed in the middle of what it does, and nothing is half there, lost or twice there."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from adapters.errors import StoreUnreachable
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.postgres.place import IDLE_IN_TRANSACTION_S
from adapters.eventlog.postgres.recorder import lock_key
from tests.contracts.batches import receipt, run, sequences, write
from tests.contracts.proxy import Proxy
from tests.servers import Server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
KILLS = 5
BATCH_EVENTS = 3
DELAY_S = 0.1
"""How long the server is told to wait before it flushes a commit; a kill in this time loses it."""
SLOWLY = f"&options=-c%20commit_delay%3D{int(DELAY_S * 1_000_000)}%20-c%20commit_siblings%3D0"


def batch(log: PostgresLog, number: int) -> None:
    """Write the batch that follows the last one."""
    write(log, run("shop", BATCH_EVENTS, first=BATCH_EVENTS * number - 2), [receipt(number)], {"till": number})


def is_whole(log: PostgresLog) -> int:
    """Assert that each batch is there with all it has, once, and return how many there are."""
    done = log.source_position("till")
    assert sequences(log, "shop") == list(range(1, done * BATCH_EVENTS + 1))
    with log.querying() as cursor:
        for table, rows in (("receipts", done), ("chain", done * BATCH_EVENTS), ("view_customers", done * BATCH_EVENTS)):
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            assert cursor.fetchall() == [(rows,)], table
    return done


class Killing(Proxy):
    """Kills the server when it was told to commit, and starts it again."""

    server: Server | None = None
    kills = 0

    def begin(self, content: bytes) -> bytes:
        """Watch for the commit."""
        if b"COMMIT" in content and self.server is not None:
            server, self.server = self.server, None
            self.kills += 1
            threading.Thread(target=self._kill, args=(server,)).start()
        return content

    @staticmethod
    def _kill(server: Server) -> None:
        time.sleep(DELAY_S / 4)  # The commit has arrived and waits to be flushed.
        server.kill()
        server.start()


def test_a_commit_that_was_not_flushed_is_told(own_postgres: Server) -> None:
    """The server dies with the commit in its hands: the writer looks, and is told where it was lost."""
    place = own_postgres.fresh()
    PostgresLog.migrate(place)
    proxy = Killing(own_postgres.port)
    log = PostgresLog(place.replace(f":{own_postgres.port}/", f":{proxy.port}/") + SLOWLY)
    lost, number = 0, 1
    while not lost and number <= KILLS:
        proxy.server = own_postgres
        try:
            batch(log, number)
        except StoreUnreachable:
            kept = is_whole(log)
            assert kept in (number - 1, number)
            if kept < number:  # A slow server may be back too late for the look, with the commit kept.
                lost += 1
                batch(log, number)
        assert (proxy.kills, is_whole(log)) == (number, number)
        number += 1
    assert lost == 1
    log.close()
    proxy.close()


def test_a_writer_outlives_a_server_that_is_killed_again_and_again(own_postgres: Server) -> None:
    """Killed with all it does while batches are written: each is whole or not there, and none is lost or written twice."""
    log, chance, ended = PostgresLog.create(own_postgres.fresh()), Random(3), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_until, ended, log)
        for _ in range(KILLS):
            time.sleep(0.2 + 0.3 * chance.random())
            own_postgres.kill()
            own_postgres.start()
        ended.set()
        written = writing.result()
    assert is_whole(log) == written >= KILLS
    log.close()


def write_until(ended: threading.Event, log: PostgresLog) -> int:
    """Write batch after batch, and after a failure ask the log how far it is; return how many were written."""
    number, is_known = 0, True
    while not ended.is_set():
        try:
            number = number if is_known else log.source_position("till")
            is_known = False
            batch(log, number + 1)
            number, is_known = number + 1, True
        except StoreUnreachable:
            time.sleep(0.02)
    return number if is_known else log.source_position("till")


def test_a_session_that_idles_with_the_lock_is_not_waited_for_for_ever(kept: PostgresLog, place: str, postgres: Server) -> None:
    """The writer is told after its time; our own sessions end by themselves when they idle in a transaction."""
    hasty = PostgresLog(place, lock_timeout_s=1)
    with postgres.connect() as other:
        other.execute("BEGIN")
        other.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(place.partition("schema=")[2]),))
        began = time.monotonic()
        with pytest.raises(StoreUnreachable, match="lock timeout; another process writes to the store"):
            batch(hasty, 1)
        assert 1 <= time.monotonic() - began < 10
        other.execute("ROLLBACK")
    batch(hasty, 1)
    assert is_whole(kept) == 1
    with kept.querying() as cursor:
        cursor.execute("SELECT extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval)::int")
        assert cursor.fetchall() == [(IDLE_IN_TRANSACTION_S,)]
    hasty.close()


def test_a_session_that_is_ended_in_its_transaction_leaves_nothing(kept: PostgresLog, postgres: Server) -> None:
    """An administrator ends the writer's session: the batch is gone, the caller is told, and the same log goes on."""
    with pytest.raises(StoreUnreachable):
        write_and_be_ended(kept, postgres)
    assert is_whole(kept) == 0
    batch(kept, 1)
    assert is_whole(kept) == 1


def write_and_be_ended(log: PostgresLog, postgres: Server) -> None:
    """Record a batch, and have the session that holds the lock ended before the commit."""
    with log.writing() as writing:
        writing.record(run("shop", 3), [receipt(1)], {"till": 1})
        with postgres.connect() as other:
            ending = b"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            assert other.execute(ending).fetchall() == [(True,)]
