"""Attempts: what each life of a process had in hand, so that a record that kills it is found and set aside (crash point 3).

Before a batch is looked into, a note says which positions it has; success makes the note old. A life that finds the note of
another one still standing knows that it died there, and takes what follows in smaller and smaller batches: a few records, then
one. Processes are also killed by people and by machines, at any time, and while a database is away one record may be in hand
for long. So a record that killed DEATHS_MAX lives alone in hand is first read by a child process: if the child dies of it too,
the record is quarantined unread. One that the child lives through is taken as usual, until it has killed DEATHS_BEYOND_DOUBT.
"""

from __future__ import annotations

import json
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from adapters.dialect import POSTGRES
from adapters.eventlog.store import Store

FEW = 32
"""How many records a batch has after a death; after another one it has one."""
DEATHS_MAX = 2
DEATHS_BEYOND_DOUBT = 10
READ_S_MAX = 10
_NOTE = (
    "INSERT INTO notes (name, number, text) VALUES (?,?,?) "
    "ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text"
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Positions up to `last` at which a life died: how many records to take at a time, and how often one alone was deadly."""

    last: int
    size: int
    deaths: int = 0

    @property
    def is_proven(self) -> bool:
        """True when the one record has killed so often alone in hand that nothing else can be behind it."""
        return self.deaths >= DEATHS_BEYOND_DOUBT

    def is_deadly(self, reading: Callable[[], object]) -> bool:
        """Say whether it is the one record that kills whoever reads it."""
        return self.is_proven or (self.deaths >= DEATHS_MAX and not survives(reading))


def survives(reading: Callable[[], object]) -> bool:
    """Let a child process do the reading, and say whether it lived; whatever it raises, it lived."""
    with warnings.catch_warnings():
        # The child does nothing but read, and leaves without cleaning up: it needs no lock that another thread may hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            reading()
        finally:
            os._exit(0)
    until = time.monotonic_ns() + READ_S_MAX * 10**9
    while time.monotonic_ns() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return not os.WIFSIGNALED(status)
        time.sleep(1 / 1_000)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


class Attempts:
    """The notes of one life about what it has in hand."""

    def __init__(self, store: Store) -> None:
        """Begin a life."""
        self._store = store
        self._life = uuid4().hex
        self._noted: set[str] = set()
        self._suspicions: dict[str, Suspicion | None] = {}

    def suspicion(self, source: str, position: int) -> Suspicion | None:
        """Return how carefully to take a source from a position on, None when nothing is wrong there."""
        if source not in self._suspicions:
            self._suspicions[source] = self._read(source)
        found = self._suspicions[source]
        return found if found and position <= found.last else None

    def begin(self, in_hand: Mapping[str, tuple[int, int]], size: int, deaths: int = 0) -> None:
        """Note the first and last position of each source in hand, before anything of them is looked into.

        `size` is how many records there are in all, `deaths` how often the one record in hand killed before.
        """
        self._write(
            [
                (f"attempt:{source}", first, json.dumps([self._life, last, size, deaths]))
                for source, (first, last) in in_hand.items()
            ]
        )
        self._noted.update(in_hand)

    def done(self, source: str, last: int) -> None:
        """Hear that a source was taken up to a position: whoever stood there has killed nobody."""
        found = self._suspicions.get(source)
        if found and last >= found.last:
            self._suspicions[source] = None

    def close(self) -> None:
        """End this life in order: it died of nothing."""
        self._write([(f"attempt:{source}", 0, "") for source in sorted(self._noted)])
        self._noted.clear()

    def _read(self, source: str) -> Suspicion | None:
        with self._store.querying() as cursor:
            cursor.execute("SELECT text FROM notes WHERE name = ?", (f"attempt:{source}",))
            rows = cursor.fetchall()
        if not rows or not rows[0][0]:
            return None
        life, last, size, deaths = json.loads(rows[0][0])
        if life == self._life:
            return None
        if size == 1:
            return Suspicion(last, 1, deaths + 1)
        return Suspicion(last, FEW if size > FEW else 1)

    def _write(self, rows: Iterable[Sequence[object]]) -> None:
        kept = list(rows)
        if not kept:
            return
        with self._store.noting() as cursor:
            if self._store.dialect is POSTGRES:
                # A note must outlive the process, not the machine: it need not wait for the disk.
                cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.executemany(_NOTE, kept)
