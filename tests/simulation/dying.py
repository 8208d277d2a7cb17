"""Dying: a process of its own that takes a batch, or rebuilds the views, and is killed by itself at a seam of its work.

`python -m tests.simulation.dying URL SEAM NOW FILE` takes the lines of a file as one batch; without a file time passes alone.
What it runs is the product as it is: at the seam the process sends itself SIGKILL, and nobody tidies up behind it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from adapters.eventlog.postgres.log import PostgresLog, PostgresWriting
from adapters.eventlog.sqlite import SqliteLog, SqliteWriting
from adapters.eventlog.store import Store
from adapters.eventlog.writing import SqlWriting
from adapters.ingest import Ingester, incoming
from adapters.viewstore import SqlViews
from engine.handling.batch import Batch
from engine.handling.lifecycle import Lifecycle
from engine.states import States
from projections.views import VIEWS

SOURCE = "till"
REBUILD = "rebuild"
TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Seam:
    """A moment: before a method is entered for the n-th time, or after it has returned."""

    owners: tuple[object, ...]
    method: str
    turn: int = 1
    after: bool = False


SEAMS = {
    "before the lock": Seam((SqliteLog, PostgresLog), "writing"),
    "under the lock, nothing read": Seam((States,), "begin"),
    "two messages decided": Seam((Batch,), "take", 3),
    "a fact decided, nothing that follows": Seam((Batch,), "record", 1, after=True),
    "a fact decided, no document judged": Seam((Lifecycle,), "judge"),
    "some documents judged": Seam((Lifecycle,), "judge", 1_500),
    "events appended": Seam((SqliteWriting, PostgresWriting), "_append", after=True),
    "chain appended": Seam((SqliteWriting, PostgresWriting), "_add", 1, after=True),
    "receipts appended": Seam((SqliteWriting, PostgresWriting), "_add", 2, after=True),
    "position moved": Seam((SqliteWriting, PostgresWriting), "_track", after=True),
    "some views folded": Seam((SqlViews,), "_change", 4),
    "all but the commit": Seam((SqlWriting,), "record", after=True),
    "committed, nobody told": Seam((States,), "end"),
    "views emptied": Seam((SqlViews,), "clear", len(VIEWS), after=True),
    "some views made anew": Seam((SqlViews,), "fold", 2),
    "views made anew, not committed": Seam((SqlWriting,), "rebuild", after=True),
}
"""Where a process may die, by what it has done."""


def opened(url: str) -> Store:
    """Open a store of either kind."""
    return SqliteLog(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else PostgresLog(url)


def sever(seam: Seam) -> None:
    """Arrange for this process to die at a seam."""
    turns = count(1)
    for owner in seam.owners:
        _sever(owner, seam, turns)


def _sever(owner: object, seam: Seam, turns: count[int]) -> None:
    whole = getattr(owner, seam.method)

    def dying(*given: object, **named: object) -> object:
        is_the_end = next(turns) == seam.turn
        if is_the_end and not seam.after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = whole(*given, **named)
        if is_the_end:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, seam.method, dying)


def killed(url: str, seam: str, now: int, file: Path | str | None = None) -> bool:
    """Run a process that dies at a seam; say whether it did, for one that was never there has proven nothing."""
    words = [sys.executable, "-m", "tests.simulation.dying", url, seam, str(now), *([str(file)] if file else [])]
    done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, check=False, timeout=TIMEOUT_S)
    if done.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(done.stderr.decode())
    return done.returncode == -signal.SIGKILL


def take(log: Store, now: int, said: Sequence[bytes], first: int = 1) -> Ingester:
    """Take messages as one batch in a mind of its own, which is returned."""
    ingester = Ingester(log, now=lambda: now)
    ingester.take([incoming(SOURCE, first + number, raw) for number, raw in enumerate(said)])
    return ingester


def main(url: str, seam: str, now: str, file: str = "") -> None:
    """Do the work of one life."""
    log = opened(url)
    sever(SEAMS[seam])
    if file == REBUILD:
        with log.writing() as writing:
            writing.rebuild(VIEWS)
    else:
        take(log, int(now), Path(file).read_bytes().splitlines() if file else [], log.source_position(SOURCE) + 1)
    log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
