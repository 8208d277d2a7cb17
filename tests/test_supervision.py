"""Supervision: workers in threads end as one process: on a signal, when all is drained, on a fault, and even when one hangs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from io import StringIO

import pytest

from adapters.errors import BrokerSetup
from adapters.telemetry import Lines
from adapters.workers import running
from adapters.workers.running import Crashed, Part, Running
from adapters.workers.worker import BatchDone, WorkerState
from tests.stories.command import ROOT


class Counting:
    """A worker whose work is to count to a number, and which can be told to raise."""

    def __init__(self, until: int, *, raises: Exception | None = None, closing: Exception | None = None) -> None:
        """Count so far."""
        self.name, self.state = "counting", WorkerState(ready=True, reason="")
        self.until, self.done = until, 0
        self.raises, self.closing = raises, closing
        self.is_closed = False

    def step(self, wait_ms: int) -> int:
        """Count one, or wait."""
        if self.done < self.until:
            self.done += 1
            return 1
        if self.raises is not None:
            raise self.raises
        time.sleep(min(wait_ms, 10) / 1_000)
        return 0

    def close(self) -> None:
        """Remember it."""
        self.is_closed = True
        if self.closing is not None:
            raise self.closing


class Uncounted:
    """Counts no batches."""

    def batch(self, worker: str, done: BatchDone) -> None:
        """Count nothing."""


Drained = Callable[[WorkerState], bool]


def part(name: str, worker: Counting, drained: Drained | None = None, left: list[str] | None = None) -> Part:
    """Return a part whose worker exists already, and that notes when what it rests on is closed."""

    def made(rests_on: ExitStack) -> Counting:
        rests_on.callback(lambda: left.append(f"{name} {worker.is_closed}") if left is not None else None)
        return worker

    return Part(name, made, drained)


def ran(*parts: Part) -> tuple[bool | Exception, list[dict[str, object]]]:
    """Run parts to the end; return how it ended, and the lines."""
    stream = StringIO()
    lines = Lines(stream)
    try:
        ended: bool | Exception = Running(parts, lines, Uncounted()).run()
    except (Crashed, BrokerSetup) as error:
        ended = error
    return ended, [json.loads(line) for line in stream.getvalue().splitlines()]


def test_it_ends_when_every_worker_is_drained() -> None:
    """Each is closed before what it rests on, and one that is drained first does not stop the other."""
    quick, slow, left = Counting(1), Counting(50), list[str]()
    ended, lines = ran(part("quick", quick, lambda _: True, left), part("slow", slow, lambda _: slow.done == 50, left))
    assert (ended, quick.done, slow.done) == (True, 1, 50)
    assert sorted(left) == ["quick True", "slow True"]
    assert [line["event"] for line in lines].count("worker is drained") == 2


def test_a_crash_of_one_ends_all_and_says_where() -> None:
    """The other is closed in order; the line has the error and the places that it went through."""
    other = Counting(10**9)
    ended, lines = ran(part("bad", Counting(3, raises=KeyError("what nobody expected"))), part("good", other))
    assert isinstance(ended, Crashed)
    assert str(ended) == "bad: KeyError: 'what nobody expected'"
    (crash,) = [line for line in lines if line["event"] == "worker crashed"]
    told = [crash[name] for name in ("level", "worker", "error", "said")]
    assert told == ["error", "bad", "KeyError", "'what nobody expected'"]
    assert [place.partition(":")[0] for place in crash["at"]] == ["_keep", "_step", "step"]  # type: ignore[attr-defined]
    assert other.is_closed


def test_an_error_of_the_edge_keeps_its_exit_code() -> None:
    """From a step, and from the making of a worker."""
    wrong = BrokerSetup("broker:9092", "is cluster x", "correct POSTGATE_KAFKA")

    def cannot(_: ExitStack) -> Counting:
        raise wrong

    for bad in (part("bad", Counting(0, raises=wrong)), Part("bad", cannot)):
        ended, lines = ran(bad, part("good", Counting(10**9)))
        assert (ended, wrong.exit_code) == (wrong, 3)
        (line,) = [line for line in lines if line["event"] == "worker cannot go on"]
        assert (line["place"], line["reason"], line["remedy"]) == ("broker:9092", "is cluster x", "correct POSTGATE_KAFKA")


def test_a_worker_that_does_not_close_is_told_and_lets_go() -> None:
    """What it rests on is closed all the same."""
    left: list[str] = []
    ended, lines = ran(part("bad", Counting(1, closing=RuntimeError("no")), lambda _: True, left))
    assert (ended, left) == (True, ["bad True"])
    assert [line["said"] for line in lines if line["event"] == "worker did not close"] == ["no"]


def test_a_worker_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that workers have to end, the process goes on to its own end and says who did not."""
    monkeypatch.setattr(running, "CLOSE_S_MAX", 1)
    held = threading.Event()

    class Hanging(Counting):
        def step(self, wait_ms: int) -> int:
            held.wait(timeout=30)
            return wait_ms

    ended, lines = ran(part("hanging", Hanging(1)), part("bad", Counting(0, raises=BrokerSetup("a", "b", "c"))))
    held.set()
    assert isinstance(ended, BrokerSetup)
    assert [line["worker"] for line in lines if line["event"] == "worker did not end in time"] == ["hanging"]


SIGNALLED = """
import sys, threading
from contextlib import ExitStack
from adapters.telemetry import Lines
from adapters.workers.running import Part, Running, leave, obeying_signals
from tests.test_supervision import Counting, Uncounted

class Stuck(Counting):
    def step(self, wait_ms):
        print("steps", flush=True)
        threading.Event().wait(60)

worker = Stuck(1) if sys.argv[1] == "stuck" else Counting(10**9)
running = Running([Part("one", lambda rests_on: worker)], Lines(), Uncounted())
print("begins", flush=True)
with obeying_signals(running):
    in_order = running.run()
leave(0 if in_order and worker.is_closed else 1)
"""


@pytest.mark.parametrize(
    ("worker", "signals", "code"),
    [("sound", [signal.SIGTERM], 0), ("sound", [signal.SIGINT], 0), ("stuck", [signal.SIGTERM, signal.SIGTERM], 143)],
)
def test_signals_end_the_process(worker: str, signals: list[signal.Signals], code: int) -> None:
    """The first ends it in order; whoever cannot wait sends a second one."""
    command = [sys.executable, "-c", SIGNALLED, worker]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    assert process.stdout is not None
    for _ in range(2 if worker == "stuck" else 1):
        process.stdout.readline()
    time.sleep(0.2)
    for each in signals:
        process.send_signal(each)
        time.sleep(0.3)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert [json.loads(line)["reason"] for line in said.splitlines() if b'"stopping"' in line] == [signals[0].name]
