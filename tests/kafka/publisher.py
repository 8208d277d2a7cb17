"""A publisher as a process of its own, to be killed and frozen; it says on standard output what it has told."""

from __future__ import annotations

import sys

from adapters import settings
from adapters.eventlog.sqlite import SqliteLog
from adapters.kafka.producing import Producing
from adapters.workers.publishing import PublishWorker


def main(path: str, bootstrap: str, prefix: str, stand_by_ms: str) -> None:
    """Publish until somebody ends the process."""
    log = SqliteLog(path)
    producing = Producing(settings.read_kafka({"POSTGATE_KAFKA": bootstrap}), log, prefix=prefix)
    worker = PublishWorker(log, producing, stand_by_ms=int(stand_by_ms))
    while True:
        done = worker.step(100)
        sys.stdout.write(f"{done} {worker.state.numbers['publisher_position']} {worker.state.reason}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
