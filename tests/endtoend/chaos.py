"""What goes wrong while a world is told: killed processes and servers, zombies, answers that are lost on the way."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from psycopg import OperationalError

from tests.endtoend.staging import Site

SESSION_S = 30
"""The session of a consumer; who is silent for longer loses its partitions."""
ANSWER_S = 30
SERVER_S = 60
RECOVERED_S = 15
MOMENT_MS = 700
IDLE_LOOKS_MAX = 10
FENCED_S = 15
FAULTS = (
    "kill ingest",
    "kill publish",
    "kill database",
    "stop broker",
    "kill broker",
    "freeze ingest",
    "freeze publish",
    "lose answer",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much goes wrong. A freeze outlasts the session where `patient`, else a second process takes the place at once."""

    kills: int = 0
    databases: int = 0
    brokers: int = 0
    zombies: int = 0
    answers: int = 0
    patient: bool = False

    def faults(self, random: Random) -> list[str]:
        """Return what goes wrong, in the order in which it does."""
        publishers = self.kills // 3
        counts = {
            "kill ingest": self.kills - publishers,
            "kill publish": publishers,
            "kill database": self.databases,
            "stop broker": self.brokers - self.brokers // 2,
            "kill broker": self.brokers // 2,
            "freeze ingest": self.zombies - self.zombies // 3,
            "freeze publish": self.zombies // 3,
            "lose answer": self.answers,
        }
        order = [fault for fault, count in counts.items() for _ in range(count)]
        random.shuffle(order)
        return order


@dataclass(slots=True)
class Chaos:
    """Does what the plan says, and counts what was done."""

    site: Site
    random: Random
    patient: bool = False
    done: Counter[str] = field(default_factory=Counter)

    def strike(self, fault: str) -> None:
        """Let one thing go wrong at a moment nobody chose, when what went wrong before is overcome and work goes on."""
        if fault != "lose answer":  # It waits for a commit by itself, and may be early.
            self._await_work()
            time.sleep(self.random.randrange(MOMENT_MS) / 1_000)
        with suppress(OperationalError):
            self.done["struck while work was left"] += self.site.left() > 0
        what, _, whom = fault.partition(" ")
        match what, whom:
            case "kill", "ingest" | "publish":
                self._kill(whom)
            case "kill", "database":
                self._database()
            case _, "broker":
                self._broker(gently=what == "stop")
            case "freeze", _:
                self._freeze(whom)
            case _:
                if not self.site.relay.drop(ANSWER_S):
                    return  # Nothing was committed meanwhile; what did not happen is not counted.
        self.done[fault] += 1

    def _await_work(self) -> None:
        """Wait until something more is read, or recorded: whoever was killed before has come back; or nothing is left."""
        before, idle = None, 0
        for _ in self._patiently(SESSION_S + RECOVERED_S):
            with suppress(OperationalError):
                now = self.site.progress()
                idle = idle + 1 if self.site.left() == 0 else 0
                if (before is not None and now[:2] != before[:2]) or idle > IDLE_LOOKS_MAX:
                    return
                before = now

    def _kill(self, part: str) -> None:
        members = [member for member in self.site.supervisor.members if member.name.startswith(part)]
        self.site.supervisor.kill(self.random.choice(members))

    def _database(self) -> None:
        self.site.server.kill()
        time.sleep(self.random.randrange(1_000) / 1_000)
        for _ in self._patiently(SERVER_S):
            with suppress(OperationalError):
                self.site.server.start()
                return
        raise AssertionError("the database did not come back")

    def _broker(self, *, gently: bool) -> None:
        if gently:
            self.site.broker.stop()
        else:
            self.site.broker.kill()
        time.sleep(self.random.randrange(1_000) / 1_000)
        self.site.broker.start()

    def _freeze(self, part: str) -> None:
        """Freeze a process until its place is given away, thaw it, and see that it does no harm; then it is ended."""
        supervisor = self.site.supervisor
        member = self.random.choice([member for member in supervisor.members if member.name.startswith(part)])
        if not member.signal(signal.SIGSTOP):
            return
        if self.patient and part == "ingest":
            time.sleep(SESSION_S + 3)
            member.signal(signal.SIGCONT)
            return
        zombie = supervisor.replace(member)
        time.sleep(3)
        if zombie is None:
            return
        zombie.send_signal(signal.SIGCONT)
        for _ in self._patiently(FENCED_S):
            if zombie.poll() is not None:
                self.done["zombies that left by themselves"] += 1
                return
        zombie.kill()
        zombie.wait(timeout=ANSWER_S)

    @staticmethod
    def _patiently(seconds: int) -> Iterator[None]:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            yield
            time.sleep(0.1)
