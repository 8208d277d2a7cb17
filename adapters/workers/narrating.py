"""Narrating: what a step changed about a worker, told as lines and counted in metrics; one line for each batch."""

from __future__ import annotations

from typing import Protocol

from adapters.telemetry import Level, Lines
from adapters.workers.worker import BatchDone, WorkerState


class Counts(Protocol):
    """Counts batches."""

    def batch(self, worker: str, done: BatchDone) -> None:
        """Count one batch."""


class Narrator:
    """Compares a worker with what it was after the step before, and tells the difference."""

    def __init__(self, worker: str, lines: Lines, counts: Counts) -> None:
        """Tell about one worker."""
        self._worker, self._lines, self._counts = worker, lines, counts
        self._last: BatchDone | None = None
        self._batches = 0
        self._standing = (False, "")
        self._held: set[str] = set()

    def after_step(self, state: WorkerState) -> None:
        """Tell what changed."""
        if (state.ready, state.reason) != self._standing:
            self._standing = (state.ready, state.reason)
            level: Level = "warning" if state.reason and state.batches else "info"
            event = "worker is ready" if state.ready else "worker is not ready"
            self._lines.tell(event, {"worker": self._worker, "reason": state.reason}, level=level)
        self._partitions(state)
        done = state.last
        if done is not None and done is not self._last:
            self._batch(state, done)
        self._last = done

    def _partitions(self, state: WorkerState) -> None:
        if state.partitions.keys() != self._held:
            self._held = set(state.partitions)
            held: dict[str, list[int]] = {}
            for partition in state.partitions.values():
                held.setdefault(partition.topic, []).append(partition.number)
            told = {topic: sorted(numbers) for topic, numbers in sorted(held.items())}
            self._lines.tell("partitions are assigned", {"worker": self._worker, "partitions": told})

    def _batch(self, state: WorkerState, done: BatchDone) -> None:
        facts: dict[str, object] = {"worker": self._worker, "messages": done.messages, "ms": done.ms, "bytes": done.bytes}
        if done.verdicts:
            facts |= {"positions": done.positions, "receipts": {name: count for name, count in done.verdicts.items() if count}}
            facts |= {"codes": {code: count for code, count in done.codes.items() if code != "ACCEPTED"}}
            facts |= {"posted": done.posted, "held": done.held, "released": done.released, "passed_over": done.passed_over}
            facts |= {"behind_ms": done.behind_ms}
        else:
            facts["topics"] = done.codes
        facts |= {"batches": state.batches - self._batches, "head": done.head}
        self._batches = state.batches
        self._lines.tell("batch", {name: fact for name, fact in facts.items() if fact != {}})
        self._counts.batch(self._worker, done)
