"""One writer at a time: batches of threads and of processes neither get lost nor mingle."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from engine.ports import Log
from engine.record import Recorded
from tests.contracts.batches import everything, happened, receipt, sequences

BATCHES = 200
BATCH_EVENTS = 3
WRITERS = 6
ROOT = Path(__file__).parents[2]


def write_batches(log: Log, writer: str, size: int = BATCH_EVENTS) -> None:
    """Write batches of a few events, each continuing the book's chain and the writer's own source position."""
    for batch in range(1, BATCHES + 1):
        with log.writing() as writing:
            last = writing.chain("shop").sequence
            events = [happened(f"shop|customer|{writer}-{batch}", n, last + n) for n in range(1, size + 1)]
            assert writing.source_position(writer) == batch - 1
            writing.record(events, [receipt(batch, source=writer)], {writer: batch})


def assert_nothing_lost(log: Log) -> None:
    """Every batch of both writers is there, whole and in one piece."""
    found = everything(log)
    assert len(found) == 2 * BATCHES * BATCH_EVENTS
    assert sequences(log, "shop") == list(range(1, len(found) + 1))
    assert [recorded.position for recorded in found] == list(range(1, len(found) + 1))
    assert _changes_of_stream(found) == 2 * BATCHES - 1
    with log.writing() as writing:
        assert [writing.source_position(writer) for writer in ("left", "right")] == [BATCHES, BATCHES]


def _changes_of_stream(found: list[Recorded]) -> int:
    return sum(one.stream != other.stream for one, other in pairwise(found))


def test_two_threads_write_one_log(log: Log) -> None:
    """Threads of one process share the log."""
    with ThreadPoolExecutor(2) as pool:
        for writing in [pool.submit(write_batches, log, writer) for writer in ("left", "right")]:
            writing.result()
    assert_nothing_lost(log)


@pytest.mark.slow
def test_two_processes_write_one_file(file: SqliteLog) -> None:
    """Processes share the file, while a third one reads pages that never change afterwards."""
    command = [sys.executable, "-m", "tests.contracts.test_concurrent_writers", file.path]
    writers = [subprocess.Popen([*command, writer], cwd=ROOT) for writer in ("left", "right")]
    seen: list[Recorded] = []
    while any(writer.poll() is None for writer in writers):
        seen.extend(file.read(seen[-1].position if seen else 0, 50))
    assert [writer.returncode for writer in writers] == [0, 0]
    assert_nothing_lost(file)
    assert everything(file)[: len(seen)] == seen


@pytest.mark.slow
@pytest.mark.postgres
def test_no_gap_multiprocess_6x1000(kept: PostgresLog, place: str) -> None:
    """Six processes write a thousand events each, while a reader that follows the end never passes over one."""
    command = [sys.executable, "-m", "tests.contracts.test_concurrent_writers", place]
    writers = [subprocess.Popen([*command, f"w{number}"], cwd=ROOT) for number in range(WRITERS)]
    seen: list[Recorded] = []
    while any(writer.poll() is None for writer in writers):
        seen.extend(kept.read(seen[-1].position if seen else 0, 50))
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    while page := kept.read(seen[-1].position if seen else 0, 1_000):
        seen.extend(page)
    assert seen == everything(kept)
    assert len(seen) == WRITERS * 1_000
    assert sequences(kept, "shop") == list(range(1, len(seen) + 1))
    assert [kept.source_position(f"w{number}") for number in range(WRITERS)] == [BATCHES] * WRITERS


if __name__ == "__main__":
    if sys.argv[1].startswith("postgresql:"):
        write_batches(PostgresLog(sys.argv[1]), sys.argv[2], 1_000 // BATCHES)
    else:
        write_batches(SqliteLog(sys.argv[1]), sys.argv[2])
