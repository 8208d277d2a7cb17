"""Publishers that are killed, frozen and too many: readers of committed records see every message once, in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.eventlog.sqlite import SqliteLog
from adapters.kafka.notes import Told
from adapters.workers.publishing import PublishWorker
from tests.broker import Broker
from tests.kafka.telling import Shop, Stage, assert_told_once, firsts, stage, store, tell_all, told

pytestmark = pytest.mark.kafka
KILLS = 12
FREEZES = 5


@contextmanager
def publishing(there: Stage, log: SqliteLog, *, stand_by_ms: int = 60_000) -> Iterator[subprocess.Popen[bytes]]:
    """Run a publisher in a process of its own, and kill it at the end."""
    command = [sys.executable, "-m", "tests.kafka.publisher", log.path, there.broker.bootstrap, there.prefix, str(stand_by_ms)]
    with Path(f"{log.path}.said").open("ab") as told_to:
        process = subprocess.Popen(command, stdout=told_to, stderr=told_to, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=60)


def steps(worker: PublishWorker, count: int = 3) -> None:
    """Let a publisher do a few steps."""
    for _ in range(count):
        worker.step(10)


def test_two_relays_same_pk(broker: Broker, tmp_path: Path) -> None:
    """Two publishers at once: one is at work, the other stands by, and takes over when nothing moves any more."""
    there, log = stage(broker), store(tmp_path)
    shop, one, other = Shop(log), there.worker(log, stand_by_ms=500), there.worker(log, stand_by_ms=500)
    shop.sells(10)
    tell_all(one, log)
    tell_all(other, log)
    for _ in range(4):
        shop.sells(10)
        steps(one)
        steps(other)
    assert [worker.state.numbers["publisher_opened"] for worker in (one, other)] == [1, 1]
    assert [worker.state.numbers["publisher_fenced"] for worker in (one, other)] == [1, 0]
    assert one.state.reason == "another publisher is at work; standing by"
    other.close()
    shop.sells(10)
    tell_all(one, log)
    assert one.state.numbers["publisher_opened"] == 2
    one.close()
    assert_told_once(there, log)


def test_a_publisher_that_lost_the_work_in_the_middle_tells_nothing(broker: Broker, tmp_path: Path) -> None:
    """What it had sent and not committed is not to be seen; the other says it, once."""
    there, log = stage(broker), store(tmp_path)
    shop, late, other = Shop(log), there.producing(log), there.worker(log)
    shop.sells(10)
    late.open()
    producer = late._opened()
    producer.begin_transaction()
    for message in told(log):
        producer.send(there.name(message.topic), message.value, message.key, message.headers, 0)
    producer.flush(timeout=60)
    tell_all(other, log)
    late.close()
    other.close()
    assert_told_once(there, log)


@pytest.mark.slow
def test_a_publisher_killed_at_any_moment_loses_and_doubles_nothing(broker: Broker, tmp_path: Path) -> None:
    """Killed a dozen times while the log grows; whoever comes next goes on from what was committed."""
    there, log, chance = stage(broker), store(tmp_path), random.Random(45)
    shop = Shop(log)
    for _ in range(KILLS):
        with publishing(there, log) as process:
            # From the very start-up to the middle of a batch.
            ends = time.monotonic() + chance.randint(300, 2_500) / 1_000
            while time.monotonic() < ends:
                shop.sells(20)
            process.kill()
    worker = there.worker(log)
    tell_all(worker, log)
    worker.close()
    heard = assert_told_once(there, log)
    assert len(heard) > 1_000


@pytest.mark.slow
def test_a_frozen_publisher_comes_back_and_stands_by(broker: Broker, tmp_path: Path) -> None:
    """Another takes over while it is frozen; when it wakes in the middle of a batch, that batch is not to be seen."""
    there, log, chance = stage(broker), store(tmp_path), random.Random(46)
    shop = Shop(log)
    for _ in range(FREEZES):
        with publishing(there, log) as frozen:
            ends = time.monotonic() + chance.randint(1_500, 3_000) / 1_000
            while time.monotonic() < ends:
                shop.sells(20)
            os.kill(frozen.pid, signal.SIGSTOP)
            shop.sells(50)
            worker = there.worker(log)
            tell_all(worker, log)
            os.kill(frozen.pid, signal.SIGCONT)
            shop.sells(50)
            tell_all(worker, log)
            shop.sells(50)
            tell_all(worker, log)
            worker.close()
    assert_told_once(there, log)
    assert "standing by" in Path(f"{log.path}.said").read_text()


@pytest.mark.slow
def test_publisher_and_broker_die_together(own_broker: Broker, tmp_path: Path) -> None:
    """Both are killed, in turns and at once, while the log grows; every message is told once all the same."""
    there, log, chance = stage(own_broker), store(tmp_path), random.Random(47)
    shop = Shop(log)
    for turn in range(3):
        with publishing(there, log) as process:
            for _ in range(4):
                shop.sells(20)
                time.sleep(chance.randint(100, 500) / 1_000)
            own_broker.kill()
            shop.sells(20)
            if turn % 2:
                process.kill()
            own_broker.restart()
            time.sleep(1)
    worker = there.worker(log)
    tell_all(worker, log)
    worker.close()
    assert_told_once(there, log)


def test_a_repeat_is_dropped_by_its_id(broker: Broker, tmp_path: Path) -> None:
    """A consumer that keeps ids has every posting once and in order, even of a publisher that says everything again."""
    there, log = stage(broker), store(tmp_path)
    shop, producing = Shop(log), there.producing(log)
    shop.sells(30)
    worker = there.worker(log)
    tell_all(worker, log)
    worker.close()
    producing.open()
    everything = told(log)
    producing.send(everything[20:40], Told(log.head(), ""))
    producing.send(everything, Told(log.head(), ""))
    producing.close()
    heard = there.heard()
    kept = firsts(heard)
    assert len(heard) == 2 * len(everything) + 20
    assert [one.id for one in sorted(kept, key=lambda one: one.position)] == [message.id for message in everything]
    places: dict[tuple[str, int], list[int]] = {}
    for one in kept:
        places.setdefault((one.topic, one.partition), []).append(one.position)
    assert all(positions == sorted(positions) for positions in places.values())
