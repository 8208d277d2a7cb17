"""Running: one thread for each worker, one process that ends as a whole: on a signal, at the end of the work, or on a fault."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

from adapters.errors import EdgeError
from adapters.telemetry import Lines
from adapters.workers.narrating import Counts, Narrator
from adapters.workers.worker import Worker, WorkerState

STEP_MS = 500
CLOSE_S_MAX = 9
"""How long workers have to finish or roll back after a signal; a supervisor that counts to ten finds us gone."""
GONE_S = 1
FRAMES_TOLD_MAX = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One worker to keep going: how it is made, and how to know that it has done all that was there, if it is to end then."""

    name: str
    make: Callable[[ExitStack], Worker]
    """Makes the worker; what it rests on is closed by the stack, after it."""
    is_drained: Callable[[WorkerState], bool] | None = None


class Crashed(Exception):
    """A worker met what nobody expected; the whole process ends, and its supervisor starts it again."""


class Running:
    """Keeps workers going until one fails, all are drained, or somebody says stop."""

    def __init__(self, parts: Sequence[Part], lines: Lines, counts: Counts) -> None:
        """Run parts, telling what happens."""
        self._parts, self._lines, self._counts = parts, lines, counts
        self._over = threading.Event()
        self._failures: list[Exception] = []
        self._states: dict[str, WorkerState] = {}

    def states(self) -> Mapping[str, WorkerState]:
        """Return the state of every worker that was made, by its name."""
        return dict(self._states)

    @property
    def is_ending(self) -> bool:
        """True as soon as nothing new is begun."""
        return self._over.is_set()

    def stop(self, why: str) -> None:
        """Let every worker finish what it has in hand, and end."""
        if not self._over.is_set():
            self._lines.tell("stopping", {"reason": why})
        self._over.set()

    def run(self) -> bool:
        """Run to the end; say whether every worker gave back what it had. Raises the first failure."""
        threads = [threading.Thread(target=self._keep, args=(part,), name=part.name, daemon=True) for part in self._parts]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and not self._over.wait(timeout=1):
            pass
        ends = time.monotonic_ns() + CLOSE_S_MAX * 1_000_000_000
        for thread in threads:
            thread.join(timeout=max(0, ends - time.monotonic_ns()) / 1_000_000_000)
        hanging = [thread.name for thread in threads if thread.is_alive()]
        for name in hanging:
            told = "what it had in hand is rolled back by leaving"
            self._lines.tell("worker did not end in time", {"worker": name, "reason": told}, level="error")
        if self._failures:
            raise self._failures[0]
        return not hanging

    def _keep(self, part: Part) -> None:
        """Make a worker and step it until the end; what it raises ends the process."""
        worker: Worker | None = None
        rests_on = ExitStack()
        try:
            worker = part.make(rests_on)
            self._states[part.name] = worker.state
            self._lines.tell("worker starts", {"worker": part.name})
            self._step(part, worker, Narrator(part.name, self._lines, self._counts))
        except EdgeError as error:
            facts = {"worker": part.name, "place": error.place, "reason": error.reason, "remedy": error.remedy}
            self._lines.tell("worker cannot go on", facts, level="error")
            self._fail(error)
        except Exception as error:  # noqa: BLE001  Whatever it is, the process ends, and says what it was.
            self._lines.tell("worker crashed", {"worker": part.name, **_fault(error)}, level="error")
            self._fail(Crashed(f"{part.name}: {type(error).__name__}: {error}"))
        finally:
            self._close(part, worker, rests_on)

    def _step(self, part: Part, worker: Worker, narrator: Narrator) -> None:
        while not self._over.is_set():
            done = worker.step(STEP_MS)
            narrator.after_step(worker.state)
            if part.is_drained is not None and not done and part.is_drained(worker.state):
                self._lines.tell("worker is drained", {"worker": part.name})
                return

    def _close(self, part: Part, worker: Worker | None, rests_on: ExitStack) -> None:
        try:
            with rests_on:
                if worker is not None:
                    worker.close()
            self._lines.tell("worker ended", {"worker": part.name})
        except Exception as error:  # noqa: BLE001  The process ends anyway.
            # Nothing of its is half done; what it held is given back by leaving.
            self._lines.tell("worker did not close", {"worker": part.name, **_fault(error)}, level="warning")

    def _fail(self, error: Exception) -> None:
        self._failures.append(error)
        self._over.set()


def _fault(error: Exception) -> dict[str, object]:
    """Return what is needed to find a fault: its kind, its words, and the last places it went through."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_TOLD_MAX:]
    return {"error": type(error).__name__, "said": str(error), "at": [f"{frame.name}:{frame.lineno}" for frame in frames]}


@contextmanager
def obeying_signals(running: Running) -> Iterator[None]:
    """Stop in order on SIGTERM and SIGINT; the second one leaves at once, which rolls back what is in hand."""

    def obey(number: int, _: FrameType | None) -> None:
        if running.is_ending:
            leave(128 + number)
        running.stop(signal.Signals(number).name)

    before = {number: signal.signal(number, obey) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(code: int) -> None:
    """End the process now, whatever its threads wait for."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
