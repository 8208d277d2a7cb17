"""Operation: what `postgate run` brings up around the workers: their stores and clients, logs, metrics, health, and the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from adapters import wiring
from adapters.errors import EdgeError
from adapters.health import Answer, Health, address, live, ready
from adapters.kafka.connection import configuration
from adapters.kafka.producing import Producing
from adapters.metrics import CONTENT_TYPE, RELEASE, Metrics
from adapters.settings import Settings
from adapters.standing import Watch
from adapters.telemetry import Lines
from adapters.workers.draining import Drain
from adapters.workers.ingesting import IngestWorker
from adapters.workers.publishing import PublishWorker
from adapters.workers.running import Crashed, Part, Running, leave, obeying_signals
from adapters.workers.sharing import own_share
from adapters.workers.worker import BatchDone, Worker

UNEXPECTED = 1


class Operation:
    """One process of workers, from its settings to its exit code."""

    def __init__(self, in_force: Settings, parts: Sequence[str], *, once: bool) -> None:
        """Prepare to run parts. Raises NotFound for settings that cannot be."""
        self._in_force, self._once = in_force, once
        self._lines = Lines(secrets=secrets(in_force))
        self._grown: list[threading.Event] = []
        self._drain = Drain(in_force, has_ingest="ingest" in parts) if once else None
        drain = self._drain
        made: Mapping[str, Part] = {
            "ingest": Part("ingest", self._ingest, drain.is_ingested if drain else None),
            "publish": Part("publish", self._publish, drain.is_published if drain else None),
        }
        self._parts = [made[name] for name in parts]
        self._kafka, self._is_mine = own_share(in_force)
        configuration(self._kafka, "run")  # What cannot be is said before anything is begun.
        self._where = address(in_force.health.value)
        self._watch = Watch(partial(wiring.opened, in_force), in_force.expected_targets)
        self._running = Running(self._parts, self._lines, self)
        self._metrics = Metrics(self._running.states, self._watch)

    def run(self) -> int:
        """Run to the end and return the exit code."""
        self._lines.listen("kafka")
        health = self._listening()
        self._watch.start()
        self._lines.tell("running", self._facts(health))
        code, in_order = 0, True
        try:
            with obeying_signals(self._running):
                in_order = self._running.run()
        except EdgeError as error:
            code = error.exit_code
        except Crashed:
            code = UNEXPECTED
        finally:
            self._watch.stop()
            if health is not None:
                health.close()
        code = code if in_order else UNEXPECTED
        self._lines.tell("ended", {"exit_code": code})
        if not in_order:
            leave(code)  # A thread that hangs would keep the process.
        return code

    def batch(self, worker: str, done: BatchDone) -> None:
        """Count a batch, and tell the publisher of this process that there is more."""
        if worker == "ingest":
            for grown in self._grown:
                grown.set()
        self._metrics.batch(worker, done)

    def _ingest(self, rests_on: ExitStack) -> Worker:
        log = rests_on.enter_context(wiring.opened(self._in_force))
        log.ready_to_write()
        if self._drain is not None:
            self._drain.begin()
        return IngestWorker(self._kafka, log, is_mine=self._is_mine, tell=self._tell)

    def _publish(self, rests_on: ExitStack) -> Worker:
        log = rests_on.enter_context(wiring.opened(self._in_force))
        log.ready_to_write()
        worker = PublishWorker(log, Producing(self._kafka, log), tell=self._tell)
        self._grown.append(worker.grown)
        return worker

    def _tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Write what a worker finds worth telling; all of it is worth a look."""
        self._lines.tell(event, facts, level="warning")

    def _listening(self) -> Health | None:
        """Answer over HTTP; where nobody chose the port and another process has it, any port will do."""
        chosen = self._in_force.health.origin != "default"
        if self._where is None or (self._once and not chosen):
            return None
        answers: Mapping[str, Callable[[], Answer]] = {
            "/metrics": lambda: Answer(HTTPStatus.OK, CONTENT_TYPE, self._metrics.exposition()),
            "/healthz": lambda: live(self._running.states()),
            "/readyz": lambda: ready(self._running.states(), self._watch.unreachable(), len(self._parts)),
        }
        try:
            return Health(self._where, answers)
        except EdgeError:
            if chosen:
                raise
            return Health((self._where[0], 0), answers)

    def _facts(self, health: Health | None) -> dict[str, object]:
        kafka = self._kafka
        return {
            "version": RELEASE,
            "parts": [part.name for part in self._parts],
            "once": self._once,
            "store": wiring.without_password(self._in_force.store.value),
            "broker": kafka.bootstrap.value,
            "topics": list(kafka.inbound),
            "group": kafka.group.value,
            "health": health.address if health else "off",
        }


def secrets(in_force: Settings) -> list[str]:
    """Return what may stand in no line: passwords of the broker, and that of the store as written and as meant."""
    password = urlsplit(in_force.store.value).password or ""
    return [*in_force.kafka.secrets, password, unquote(password)]
