"""A shop: a store, a topic of its own, the processes that run between them, and an independent reader of what came out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from adapters import wiring
from adapters.auditing import verify
from adapters.reconciliation import reconcile
from adapters.settings import read
from projections.documents import DOCUMENTS
from projections.ledger import POSTINGS
from tests.broker import Broker
from tests.stories.command import ENTRY, ROOT, Ended, child

OUTPUTS = ("postgate.postings", "postgate.decisions", "postgate.quarantine")
PATIENCE_S = 60
STOP_S_MAX = 10
ROUNDS_MAX = 400


@dataclass(slots=True)
class Process:
    """A command that runs, and the file of what it says."""

    running: subprocess.Popen[bytes]
    log: Path

    def lines(self) -> list[dict[str, object]]:
        """Return what it said so far: JSON, line by line; a line that is not yet whole is left out."""
        whole, _, _ = self.log.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def told(self, event: str) -> list[dict[str, object]]:
        """Return the lines of one event."""
        return [line for line in self.lines() if line["event"] == event]

    def asked(self, path: str) -> tuple[int, bytes]:
        """Ask its health server."""
        (line,) = self.told("running")
        try:
            with urllib.request.urlopen(f"http://{line['health']}{path}", timeout=5) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            with refused as response:
                return response.code, response.read()


@dataclass(slots=True)
class Shop:
    """Where one test sells."""

    broker: Broker
    store: str
    topic: str
    folder: Path
    more: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process."""
        chosen = {"POSTGATE_STORE": self.store, "POSTGATE_KAFKA": self.broker.bootstrap, "POSTGATE_TOPICS": self.topic}
        return {**chosen, "POSTGATE_GROUP": f"group-{self.topic}", "POSTGATE_HEALTH": "127.0.0.1:0", **self.more}

    def postgate(self, *words: str | Path, given: bytes = b"") -> Ended:
        """Run a command to its end."""
        return child(*words, given=given, environment=self.environment)

    def starts(self, *words: str) -> Process:
        """Start a command."""
        path = self.folder / f"run-{len(self.processes)}.log"
        with path.open("wb") as log:
            given = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment}
            process = Process(subprocess.Popen([*ENTRY, *words], stdout=log, stderr=log, env=given), path)
        self.processes.append(process)
        return process

    def stops(self, how: signal.Signals = signal.SIGTERM) -> list[int]:
        """Send a signal to every process, and return their exit codes; each must be gone in time."""
        for process in self.processes:
            process.running.send_signal(how)
        ends = time.monotonic() + STOP_S_MAX
        codes = [process.running.wait(timeout=max(1, ends - time.monotonic())) for process in self.processes]
        self.processes.clear()
        return codes

    def kills(self) -> None:
        """End whatever still runs."""
        for process in self.processes:
            process.running.kill()
            process.running.wait()

    def states(self) -> dict[str, int]:
        """Return how many documents are in each state."""
        found: dict[str, int] = {}
        with wiring.opened(read(self.store, {})) as log, log.reading() as views:
            for row in views.find(DOCUMENTS):
                found[row.state] = found.get(row.state, 0) + 1
        return found

    def faults(self) -> list[object]:
        """Return what does not add up in the store."""
        with wiring.opened(read(self.store, {})) as log:
            return [*reconcile(log).faults, *verify(log).faults]

    def postings(self) -> list[str]:
        """Return the keys of all postings of the store, in order."""
        with wiring.opened(read(self.store, {})) as log, log.reading() as views:
            return [row.posting_key for row in views.find(POSTINGS, order=("book", "sequence"))]

    def heard(self, name: str) -> list[str]:
        """Return the ids of what an independent reader finds on a topic about messages of this shop, sorted."""
        consumer = KafkaConsumer(
            **self.broker.connection, auto_offset_reset="earliest", enable_auto_commit=False, isolation_level="read_committed"
        )
        found: list[str] = []
        try:
            places = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
            consumer.assign(places)
            consumer.seek_to_beginning(*places)
            ends = consumer.end_offsets(places)
            for _ in range(ROUNDS_MAX):
                for records in consumer.poll(timeout_ms=200).values():
                    headers = [dict(record.headers) for record in records]
                    found += [each["ce_id"].decode() for each in headers if f"/{self.topic}/" in each["ce_causationid"].decode()]
                if all(consumer.position(place) >= ends[place] for place in places):
                    return sorted(found)
        finally:
            consumer.close()
        raise AssertionError(f"the reader did not come to the end of {name}")


@contextmanager
def shop(broker: Broker, store: str, folder: Path) -> Iterator[Shop]:
    """Make a shop with an empty store, three partitions to read, and the topics that are written."""
    made = Shop(broker, store, broker.topic("shop", partitions=3), folder)
    assert made.postgate("migrate").code == 0
    ended = made.postgate("topics", "--create")
    assert ended.code == 0, ended.err
    try:
        yield made
    finally:
        made.kills()


def until(true: Callable[[], bool], process: Process) -> None:
    """Wait until something is true, while a process runs."""
    ends = time.monotonic() + PATIENCE_S
    while not true():
        assert process.running.poll() is None, process.log.read_text()[-4000:]
        assert time.monotonic() < ends, process.log.read_text()[-4000:]
        time.sleep(0.05)


def sample(exposition: bytes, name: str) -> str:
    """Return the value of the first series of a metric."""
    (found, *_) = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", exposition.decode(), re.MULTILINE) or ["none"]
    return str(found)
