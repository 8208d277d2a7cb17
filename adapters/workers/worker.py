"""A worker: something `run` keeps going in small steps, and what it tells health checks and metrics about itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Tell = Callable[[str, Mapping[str, object]], None]
"""Hears of a turn of events that somebody should know of: a constant text, and its facts."""


def untold(_event: str, _facts: Mapping[str, object]) -> None:
    """Hear of a turn of events, and tell nobody."""


@dataclass(slots=True)
class Partition:
    """How far one partition of an inbound topic is read, against what the broker has."""

    topic: str
    number: int
    position: int = 0
    """The next offset to read, as the database has it."""
    end: int = 0
    """The offset that the broker will give next."""
    behind_ms: int = 0
    """How old the last record taken was when it was taken; 0 when nothing is left to read."""
    stopped: str = ""
    """Why it is not read until somebody acts; empty while it is read."""

    @property
    def lag(self) -> int:
        """How many offsets are left to read."""
        return max(0, self.end - self.position)


@dataclass(slots=True)
class BatchDone:
    """One transaction that was committed."""

    messages: int
    passed_over: int
    """Records that were read before, or belong to another cell."""
    bytes: int
    ms: int
    """From the first record in hand to the commit."""
    verdicts: dict[str, int]
    codes: dict[str, int]
    head: int
    """The last position of the log after it."""
    posted: int = 0
    """Documents that came and went through."""
    held: int = 0
    """Documents that came and are held or wait."""
    released: int = 0
    """Documents that were held or waited, and went through."""
    behind_ms: int = 0
    """How old its last record was at the commit, as the broker has its time."""
    positions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What it took of each source: the first and the last position."""


@dataclass(slots=True)
class WorkerState:
    """What a worker tells about itself; read by others from other threads, written by the worker alone."""

    ready: bool = False
    reason: str = "starting"
    """Why it is not ready, or what makes it slow; empty when all is well."""
    advanced_at: int = field(default_factory=time.monotonic_ns)
    """When a step last came to its end (time.monotonic_ns); a worker that hangs lets it grow old."""
    partitions: dict[str, Partition] = field(default_factory=dict)
    """Partitions held now, by source name. Replaced as a whole, never changed in place."""
    verdicts: dict[str, int] = field(default_factory=lambda: {"ACCEPTED": 0, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 0})
    codes: dict[str, int] = field(default_factory=dict)
    batches: int = 0
    messages: int = 0
    redelivered: int = 0
    """Records that came again after they were committed."""
    elsewhere: int = 0
    """Records of books that another cell keeps."""
    retries: int = 0
    """Batches that were begun again, because the store was out of reach or somebody else wrote first."""
    last: BatchDone | None = None
    """The last batch; `run` writes one line for each."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Other numbers of this kind of worker (the publisher's position, its lag …), by metric name without prefix."""

    def advanced(self) -> None:
        """Note that a step came to its end."""
        self.advanced_at = time.monotonic_ns()

    @property
    def stopped(self) -> dict[str, str]:
        """The partitions that wait for an operator, and why, by source name."""
        return {source: partition.stopped for source, partition in self.partitions.items() if partition.stopped}


class Worker(Protocol):
    """Something that `run` keeps going: one small step after the other, each complete in itself.

    Laws: a step returns within `wait_ms` (and the time of one batch) when there is nothing to do; after any exception of
    a step nothing is half done, and the worker may be closed and made anew; an EdgeError out of a step means that going
    on is of no use (wrong set-up, or out of reach beyond all patience); `close` returns within a few seconds and may be
    called from the thread that steps only.
    """

    name: str
    """`ingest` or `publish`."""
    state: WorkerState

    def step(self, wait_ms: int) -> int:
        """Do one small step; return how much was done, 0 when idle."""

    def close(self) -> None:
        """Give back connections and places in groups."""
