"""Dying at the broker: a process that reads topics, or tells them the log, and is killed by itself at a seam of its work.

`python -m tests.simulation.dying_at_the_broker SEAM STORE [PREFIX]`; where the broker is stands in the environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from kafka import KafkaProducer

from adapters import settings
from adapters.ingest import Ingester
from adapters.kafka import producing
from adapters.kafka.consuming import Consuming
from adapters.kafka.producing import Producing
from adapters.workers.ingesting import IngestWorker
from adapters.workers.publishing import PublishWorker
from tests.simulation.dying import TIMEOUT_S, Seam, opened, sever

STEPS_MAX = 100
READING = {
    "before the poll": Seam((Consuming,), "poll"),
    "polled, nothing looked into": Seam((IngestWorker,), "_taken"),
    "looked into, nothing decided": Seam((Ingester,), "take"),
    "committed, the group not told": Seam((IngestWorker,), "_taken", after=True),
    "committed, the hint given": Seam((IngestWorker,), "_count"),
}
TELLING = {
    "nothing sent": Seam((Producing,), "_transact"),
    "some sent, none acknowledged": Seam((KafkaProducer,), "send", 10, after=True),
    "all acknowledged, transaction open": Seam((producing,), "_acknowledged", after=True),
    "position carried, transaction open": Seam((Producing,), "_await", 1, after=True),
    "transaction committed, store not told": Seam((producing,), "note_position"),
    "transaction committed, store told": Seam((producing,), "note_position", after=True),
}


def killed(seam: str, store: str, environment: Mapping[str, str], prefix: str = "") -> bool:
    """Run a process that dies at a seam; say whether it did."""
    words = [sys.executable, "-m", "tests.simulation.dying_at_the_broker", seam, store, prefix]
    done = subprocess.run(
        words,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    if done.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(done.stderr.decode())
    return done.returncode == -signal.SIGKILL


def main(seam: str, store: str, prefix: str) -> None:
    """Do the work of one life."""
    log, kafka = opened(store), settings.read_kafka(os.environ)
    sever((READING | TELLING)[seam])
    worker = IngestWorker(kafka, log) if seam in READING else PublishWorker(log, Producing(kafka, log, prefix=prefix))
    for _ in range(STEPS_MAX):
        worker.step(200)


if __name__ == "__main__":
    main(*sys.argv[1:])
