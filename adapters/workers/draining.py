"""Draining: whether everything that the broker had at the start is taken in, and everything that the log has is told."""

from __future__ import annotations

import threading

from adapters import wiring
from adapters.errors import CheckFailed
from adapters.eventlog.store import Store
from adapters.kafka.probing import Range, probing, source
from adapters.settings import Settings
from adapters.workers.worker import WorkerState


class Drain:
    """Where the broker's partitions ended at the start, and the end of the log once that is taken in."""

    def __init__(self, in_force: Settings, *, has_ingest: bool) -> None:
        """Drain with the ingest of this process, or only what the log has now."""
        self._in_force = in_force
        self._ranges: dict[str, Range] | None = None
        self._ingested = threading.Event()
        self._head: int | None = None
        if not has_ingest:
            self._ingested.set()

    def begin(self) -> None:
        """Note where every partition ends. Raises BrokerUnreachable or BrokerSetup."""
        settings = self._in_force.kafka
        with probing(settings) as broker:
            cluster, topics = broker.cluster(), broker.topics(settings.inbound)
            ranges = broker.ranges(topics.values())
        self._ranges = {source(cluster, topics[topic], number): found for (topic, number), found in ranges.items()}

    def is_ingested(self, state: WorkerState) -> bool:
        """Say whether the log has everything up to those ends. Raises CheckFailed when a partition waits for an operator."""
        if self._ranges is None or not state.ready:
            return False
        with wiring.opened(self._in_force) as log:
            positions = _positions(log, list(self._ranges))
        # A partition that was never read, and whose records have all expired, has nothing to give.
        left = {name for name, found in self._ranges.items() if found.end > (positions[name] or found.first)}
        waiting = sorted(left & state.stopped.keys())
        if waiting and left <= state.stopped.keys():
            remedy = "postgate doctor tells more; postgate skip declares what is lost for good"
            raise CheckFailed(waiting[0], state.stopped[waiting[0]], remedy)
        if not left:
            self._ingested.set()
        return not left

    def is_published(self, state: WorkerState) -> bool:
        """Say whether the topics have everything that the log had when it was full."""
        if not self._ingested.is_set() or not state.ready:
            return False
        if self._head is None:
            with wiring.opened(self._in_force) as log:
                self._head = log.head()
        return state.numbers.get("publisher_position", -1) >= self._head


def _positions(log: Store, names: list[str]) -> dict[str, int]:
    """Return how far sources are read."""
    found = dict.fromkeys(names, 0)
    with log.querying() as cursor:
        test, values = log.dialect.among("application_name", names)
        select = "SELECT application_name, MAX(notification_id) FROM tracking"
        cursor.execute(f"{select} WHERE {test} GROUP BY application_name", values)
        found.update({str(row[0]): int(row[1]) for row in cursor.fetchall()})
    return found
