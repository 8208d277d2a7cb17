"""Processes that share, freeze, die and come back: one receipt for every record, and no innocent record set aside."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.errors import BrokerSetup
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from adapters.ingest import BATCH_MESSAGES_MAX
from adapters.kafka import membership
from adapters.workers.ingesting import IngestWorker, Piece
from tests.corpus.messages import INVOICE, line, said, sale
from tests.kafka.feeding import Feed, assert_sound, drained, invoices, positions, receipts, setting, until
from tests.servers import Server, ended, started

pytestmark = pytest.mark.kafka
COUNT = len(setting())
TERM_S_MAX = 10


class Lives:
    """Processes that ingest a topic into a store."""

    def __init__(self, feed: Feed, url: str) -> None:
        """Write a store by its URL."""
        self._feed, self._url = feed, url
        self.running: list[subprocess.Popen[bytes]] = []

    def begin(self, topic: str, *asked: str, group: str = "", **more: str) -> subprocess.Popen[bytes]:
        """Begin a life."""
        given = {
            setting.environment: setting.value
            for setting in self._feed.settings(topic, group=group, **more).all()
            if setting.value
        }
        command = [sys.executable, "-m", "tests.kafka.lives", "--store", self._url, *asked]
        life = subprocess.Popen(command, env={**os.environ, **given}, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)
        self.running.append(life)
        return life

    def end(self) -> None:
        """End what still runs."""
        for life in self.running:
            if life.poll() is None:
                life.send_signal(signal.SIGCONT)
                life.kill()
            life.communicate()


@pytest.fixture
def url(any_store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of the store, for another process."""
    if isinstance(any_store, PostgresLog):
        server: Server = request.getfixturevalue("postgres")
        return server.url(str(any_store.path).rpartition("schema ")[2].rpartition("=")[2])
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def lives(feed: Feed, url: str) -> Iterator[Lives]:
    """Processes that write the store, ended with the test."""
    made = Lives(feed, url)
    yield made
    made.end()


def deadly(name: str) -> bytes:
    """Return an invoice that the mortal worker dies of."""
    return said(INVOICE, sale(document=name, number=name, lines=[line(description="deadly")]), id=name)


@pytest.mark.parametrize(("around", "deaths"), [(5, 3), (60, 4)])
def test_a_record_that_kills_its_process_is_set_aside_unread(
    feed: Feed, any_store: Store, lives: Lives, around: int, deaths: int
) -> None:
    """A batch, a small batch, the record alone, and alone once more: then its bytes go to quarantine (crash point 3)."""
    topic = feed.broker.topic("deadly")
    feed.send(topic, [*setting(), *invoices(around), deadly("poison"), *invoices(around, first=around)])
    codes: list[int] = []
    while not codes or codes[-1] != 0:
        assert len(codes) <= deaths
        codes.append(lives.begin(topic, "--deadly", "deadly", "--until", str(COUNT + 2 * around + 1)).wait(timeout=60))
    assert codes == [-signal.SIGKILL] * deaths + [0]
    assert receipts(any_store) == {"ACCEPTED": COUNT + 2 * around, "KILLED_THE_PROCESS": 1}
    assert_sound(any_store)


@pytest.mark.slow
def test_processes_that_are_killed_at_random_lose_nothing(feed: Feed, any_store: Store, lives: Lives) -> None:
    """SIGKILL at any moment: every record has one receipt, and none is set aside for a death it did not cause."""
    topic = feed.broker.topic("chaos")
    total, chance = COUNT + 3_000, random.Random(7)
    feed.send(topic, [*setting(), *invoices(3_000)])
    kills = 0
    while positions(any_store).get((topic, 0), 0) < total:
        life = lives.begin(topic, "--until", str(total))
        until_read = time.monotonic() + 20
        before = positions(any_store).get((topic, 0), 0)
        while kills < 8 and positions(any_store).get((topic, 0), 0) == before and time.monotonic() < until_read:
            time.sleep(0.01)
        if kills < 8:
            time.sleep(chance.randint(0, 300) / 1_000)
            life.kill()
            kills += 1
        life.wait(timeout=60)
    assert receipts(any_store) == {"ACCEPTED": total}
    assert kills >= 3
    assert_sound(any_store)


def test_zombie_position_cas(feed: Feed, any_store: Store, lives: Lives) -> None:
    """A frozen owner is taken over; when it thaws with its batch in hand, it finds nothing left to do (crash point 10)."""
    topic = feed.broker.topic("zombie")
    feed.send(topic, setting())
    frozen = said(INVOICE, sale(document="cold", number="cold", lines=[line(description="frozen")]), id="cold")
    zombie = lives.begin(topic, "--frozen", "frozen", "--session-ms", "6000", group="shared")
    until_read(any_store, topic, COUNT)
    feed.send(topic, [frozen, *invoices(20)])
    deadline = time.monotonic() + 60
    while state_of(zombie) != "T":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    heir = lives.begin(topic, "--session-ms", "6000", group="shared")
    until_read(any_store, topic, COUNT + 21)
    zombie.send_signal(signal.SIGCONT)
    feed.send(topic, invoices(20, first=20))
    until_read(any_store, topic, COUNT + 41)
    time.sleep(2)
    for life in (zombie, heir):
        life.send_signal(signal.SIGTERM)
        assert life.wait(timeout=TERM_S_MAX) == 0
    assert zombie.stdout is not None
    told = zombie.stdout.read().decode().splitlines()[-1]
    assert int(told.rpartition(" ")[2]) >= 1
    assert receipts(any_store) == {"ACCEPTED": COUNT + 41}
    assert_sound(any_store)


def until_read(store: Store, topic: str, position: int) -> None:
    """Wait until a partition is read up to a position by somebody."""
    deadline = time.monotonic() + 90
    while positions(store).get((topic, 0), 0) < position:
        assert time.monotonic() < deadline, positions(store)
        time.sleep(0.05)


def state_of(life: subprocess.Popen[bytes]) -> str:
    """Return the state of a process as the system has it; T is stopped."""
    return Path(f"/proc/{life.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


def test_a_process_ends_in_order_when_it_is_asked_to(feed: Feed, any_store: Store, lives: Lives) -> None:
    """SIGTERM in the middle of the work: within ten seconds, with exit code 0, and nothing to suspect afterwards (76)."""
    topic = feed.broker.topic("term")
    total = COUNT + 5_000
    feed.send(topic, [*setting(), *invoices(5_000)])
    life = lives.begin(topic)
    until_read(any_store, topic, BATCH_MESSAGES_MAX)
    life.send_signal(signal.SIGTERM)
    assert life.wait(timeout=TERM_S_MAX) == 0
    read = positions(any_store)[topic, 0]
    assert BATCH_MESSAGES_MAX <= read < total
    with any_store.querying() as cursor:
        cursor.execute("SELECT text FROM notes WHERE name LIKE 'attempt:%'")
        assert [row[0] for row in cursor.fetchall()] == [""]
    worker = feed.worker(any_store, topic)
    until(worker, true=lambda: drained(worker))
    assert receipts(any_store) == {"ACCEPTED": total}


def test_two_members_share_the_partitions(feed: Feed, any_store: Store) -> None:
    """Each has some, together all; when one leaves, the other has them all and goes on where it was (crash point 11)."""
    topic = feed.broker.topic("shared", partitions=4)
    one, other = (feed.worker(any_store, topic, group="pair") for _ in range(2))
    until(one, other, true=lambda: len(one.state.partitions) == 2 and len(other.state.partitions) == 2)
    feed.send(topic, setting())
    for partition in range(4):
        feed.send(topic, invoices(50, first=50 * partition), partition=partition)
    until(one, other, true=lambda: one.state.messages + other.state.messages == COUNT + 200)
    assert min(one.state.messages, other.state.messages) >= 100
    other.close()
    feed.workers.remove(other)
    for partition in range(4):
        feed.send(topic, invoices(5, first=1_000 + 5 * partition), partition=partition)
    until(one, true=lambda: len(one.state.partitions) == 4 and drained(one))
    assert receipts(any_store) == {"ACCEPTED": COUNT + 220}
    assert_sound(any_store)


def test_a_batch_in_hand_survives_that_its_partition_goes(feed: Feed, any_store: Store) -> None:
    """Two owners at once, with the same records in hand: one writes, the other passes over them (crash points 11 and 12)."""
    topic = feed.broker.topic("double")
    feed.send(topic, [*setting(), *invoices(40)])
    slow, fast = feed.worker(any_store, topic, group="slow"), feed.worker(any_store, topic, group="fast")
    in_hand = hold(slow)
    until(fast, true=lambda: drained(fast))
    slow._pieces.extend(in_hand)
    assert slow.step(500) == COUNT + 40
    assert (slow.state.messages, slow.state.redelivered) == (0, COUNT + 40)
    feed.send(topic, invoices(10, first=40))
    in_hand = hold(fast)
    until(slow, true=lambda: drained(slow))
    feed.send(topic, invoices(5, first=50))
    fast._pieces.extend(in_hand)
    until(fast, true=lambda: positions(any_store)[topic, 0] == COUNT + 55)
    assert receipts(any_store) == {"ACCEPTED": COUNT + 55}
    assert_sound(any_store)


def hold(worker: IngestWorker) -> list[Piece]:
    """Have a worker take its next batch in hand, and stop there."""
    pieces: list[Piece] = []
    deadline = time.monotonic() + 60
    while not pieces:
        assert time.monotonic() < deadline
        pieces += worker._planned(worker._consuming.poll(500))
    return pieces


def test_a_static_member_comes_back_to_its_partitions(feed: Feed, file: Store, tmp_path: Path) -> None:
    """Killed and started again under its name, it reads on before its session would have ended; a name is for one process."""
    topic = feed.broker.topic("static")
    feed.send(topic, setting())
    lives = Lives(feed, f"sqlite:///{tmp_path / 'file.sqlite'}")
    try:
        life = lives.begin(topic, group="static", instance="one")
        until_read(file, topic, COUNT)
        life.kill()
        life.wait()
        began = time.monotonic()
        worker = feed.worker(file, topic, group="static", instance="one")
        feed.send(topic, invoices(3))
        until(worker, true=lambda: positions(file)[topic, 0] == COUNT + 3)
        assert time.monotonic() - began < membership.SESSION_MS / 1_000 / 2
        lives.begin(topic, group="static", instance="one")
        with pytest.raises(BrokerSetup) as refused:
            until(worker, true=lambda: False)
        assert refused.value.remedy == "give every process an POSTGATE_INSTANCE of its own"
    finally:
        lives.end()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_store_out_of_reach_is_waited_for(feed: Feed) -> None:
    """The database is killed and comes back: nothing is taken meanwhile, the member stays, nothing is lost or doubled (18)."""
    server = started()
    try:
        store = PostgresLog.create(server.fresh())
        topic = feed.broker.topic("outage")
        feed.send(topic, [*setting(), *invoices(10)])
        worker = feed.worker(store, topic)
        until(worker, true=lambda: drained(worker))
        server.stop(signal.SIGKILL)
        feed.send(topic, invoices(10, first=10))
        until(worker, true=lambda: not worker.state.ready)
        assert worker.state.reason != ""
        for _ in range(4):
            assert worker.step(500) == 0
        server.start()
        until(worker, true=lambda: worker.state.messages == COUNT + 20)
        assert (worker.state.ready, worker.state.reason) == (True, "")
        assert receipts(store) == {"ACCEPTED": COUNT + 20}
        assert_sound(store)
        feed.end()
        store.close()
    finally:
        ended(server)


def test_a_note_of_a_batch_costs_one_small_transaction(tmp_path: Path, feed: Feed) -> None:
    """One row for each source in hand, replaced by the next batch: the table of notes does not grow."""
    store = SqliteLog.create(str(tmp_path / "notes.sqlite"))
    topic = feed.broker.topic("notes", partitions=2)
    feed.send(topic, setting())
    worker = feed.worker(store, topic)
    for first in range(0, 20, 5):
        feed.send(topic, invoices(5, first=first), partition=1)
        until(worker, true=lambda: bool(worker.state.partitions) and drained(worker))
    with store.querying() as cursor:
        cursor.execute("SELECT COUNT(*) FROM notes")
        assert [tuple(row) for row in cursor.fetchall()] == [(2,)]
    feed.end()
    store.close()
