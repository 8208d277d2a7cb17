"""A life of an ingest process that may be ended at any moment, by itself too: run as a program by the tests that kill it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from types import FrameType

from adapters import settings, wiring
from adapters.kafka import membership
from adapters.kafka.records import Record
from adapters.workers.ingesting import IngestWorker
from engine.handling.transaction import Incoming


class Mortal(IngestWorker):
    """A worker that dies of a record, or freezes at one, as a poison or a frozen machine would have it."""

    deadly = frozen = b"\0never\0"

    def read(self, source: str, record: Record) -> Incoming:
        """Die or freeze of a record that has the word."""
        if self.deadly in (record.value or b""):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.frozen in (record.value or b""):
            os.kill(os.getpid(), signal.SIGSTOP)
        return super().read(source, record)


def main() -> int:
    """Ingest until everything up to a position of all partitions together is read, or until SIGTERM."""
    asked = argparse.ArgumentParser()
    for name in ("store", "deadly", "frozen"):
        asked.add_argument(f"--{name}", default="")
    asked.add_argument("--until", type=int, default=1 << 60)
    asked.add_argument("--session-ms", type=int, default=membership.SESSION_MS)
    given = asked.parse_args()
    membership.SESSION_MS = given.session_ms
    is_over = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_over
        is_over = True

    signal.signal(signal.SIGTERM, stop)
    in_force = settings.read(given.store)
    with wiring.opened(in_force) as store:
        worker = Mortal(in_force.kafka, store)
        worker.deadly, worker.frozen = (word.encode() or b"\0never\0" for word in (given.deadly, given.frozen))
        while not is_over and sum(each.position for each in worker.state.partitions.values()) < given.until:
            worker.step(500)
        began = time.monotonic_ns()
        worker.close()
        sys.stdout.write(f"closed in {(time.monotonic_ns() - began) // 10**6} ms, redelivered {worker.state.redelivered}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
