"""The processes of the product under a supervisor: started, watched, started again, and killed or frozen on demand."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.stories.command import ENTRY, ROOT

WATCHES_PER_S = 10
END_S = 20


@dataclass(slots=True)
class Member:
    """One process: what it is called, what it runs, and where it writes."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, or start it again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*ENTRY, *self.words],
                env=os.environ | {"PYTHONPATH": str(ROOT)} | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def signal(self, what: signal.Signals) -> bool:
        """Send a signal; say whether there was a process to get it."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.process.send_signal(what)
        return True

    def said(self, lines: int = 8) -> str:
        """Return the last lines of what the process wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


@dataclass(slots=True)
class Supervisor:
    """Starts again whatever ended, as systemd would, and counts who ended by itself."""

    members: list[Member]
    killed: set[int] = field(default_factory=set)
    """Process ids that we ended: their exit is none of their own doing."""
    ended: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start every member and watch."""
        for member in self.members:
            member.start()
            self.starts += 1
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(timeout=1 / WATCHES_PER_S):
            with self._lock:
                for member in self.members:
                    process = member.process
                    if process is not None and (code := process.poll()) is not None:
                        if process.pid not in self.killed:
                            self.ended[f"{member.name} with {code}"] += 1
                        member.start()
                        self.starts += 1

    def kill(self, member: Member) -> bool:
        """End a member as a power cut does, and say whether there was one to end; the watch starts it again."""
        with self._lock:
            process = member.process
            if process is None or process.poll() is not None:
                return False
            self.killed.add(process.pid)
            process.kill()
            process.wait(timeout=END_S)
            return True

    def replace(self, member: Member) -> subprocess.Popen[bytes] | None:
        """Start a second process in a member's place and return the first, which nobody watches any more."""
        with self._lock:
            before = member.process
            if before is not None:
                self.killed.add(before.pid)
            member.start()
            self.starts += 1
            return before

    def told(self) -> str:
        """Return who ended by itself, and the last lines of everybody, for whoever looks for what went wrong."""
        return f"ended by themselves: {dict(self.ended)}\n" + "\n".join(f"--- {one.name}\n{one.said()}" for one in self.members)

    def stop(self) -> dict[str, int]:
        """End everybody as an operator does, and return the exit codes."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        for member in self.members:
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGTERM)
        return {member.name: member.process.wait(timeout=END_S) for member in self.members if member.process is not None}
