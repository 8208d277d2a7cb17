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
REPLACED_S = 3


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
    at_work: int = 0
    """How many strikes hit while records were left to read or to tell."""
    left: int = 0
    """How many zombies left by themselves when they heard that their place was taken."""

    def strike(self, fault: str) -> None:
        """Let one thing go wrong at a moment nobody chose, when what went wrong before is overcome and work goes on."""
        if fault != "lose answer":  # It waits for a commit by itself, and may be early.
            self._await_work()
            time.sleep(self.random.randrange(MOMENT_MS) / 1_000)
        with suppress(OperationalError):
            self.at_work += self.site.left() > 0
        what, _, whom = fault.partition(" ")
        match what, whom:
            case "kill", "ingest" | "publish":
                is_done = self._kill(whom)
            case "kill", "database":
                is_done = self._database()
            case _, "broker":
                is_done = self._broker(gently=what == "stop")
            case "freeze", _:
                is_done = self._freeze(whom)
            case _:
                is_done = self.site.relay.drop(ANSWER_S)
        self.done[fault] += is_done  # What did not happen is not counted: nobody there to kill, nothing committed meanwhile.

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

    def _kill(self, part: str) -> bool:
        members = [member for member in self.site.supervisor.members if member.name.startswith(part)]
        member = self.random.choice(members)
        return any(self.site.supervisor.kill(member) for _ in self._patiently(RECOVERED_S))

    def _database(self) -> bool:
        self.site.server.kill()
        time.sleep(self.random.randrange(1_000) / 1_000)
        for _ in self._patiently(SERVER_S):
            with suppress(OperationalError):
                self.site.server.start()
                return True
        raise AssertionError("the database did not come back")

    def _broker(self, *, gently: bool) -> bool:
        if gently:
            self.site.broker.stop()
        else:
            self.site.broker.kill()
        time.sleep(self.random.randrange(1_000) / 1_000)
        self.site.broker.start()
        return True

    def _freeze(self, part: str) -> bool:
        """Freeze a process until its place is given away, thaw it, and see that it does no harm; then it is ended."""
        supervisor = self.site.supervisor
        member = self.random.choice([member for member in supervisor.members if member.name.startswith(part)])
        if not any(member.signal(signal.SIGSTOP) for _ in self._patiently(RECOVERED_S)):
            return False
        if self.patient and part == "ingest":
            time.sleep(SESSION_S + 3)
            return member.signal(signal.SIGCONT)
        zombie = supervisor.replace(member)
        if zombie is None:
            return False
        time.sleep(REPLACED_S)
        zombie.send_signal(signal.SIGCONT)
        for _ in self._patiently(FENCED_S):
            if zombie.poll() is not None:
                self.left += 1
                return True
        zombie.kill()
        zombie.wait(timeout=ANSWER_S)
        return True

    @staticmethod
    def _patiently(seconds: int) -> Iterator[None]:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            yield
            time.sleep(0.1)
