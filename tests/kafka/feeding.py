"""Feeding: sends messages to topics of the test's own, has them ingested, and looks at what the log made of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kafka import KafkaProducer

from adapters.auditing import verify
from adapters.eventlog.store import Store
from adapters.kafka.sources import known
from adapters.reconciliation import reconcile
from adapters.settings import KafkaSettings, read_kafka
from adapters.workers.ingesting import IngestWorker
from tests.broker import Broker
from tests.corpus.messages import INVOICE, SETTING, said, sale

STRUCTURED = (("content-type", b"application/cloudevents+json"),)
PATIENCE_S = 60
STEP_MS = 500


class Feed:
    """A producer that is sure of what it sent, and the workers that read it."""

    def __init__(self, broker: Broker) -> None:
        """Speak to a broker."""
        self.broker = broker
        self._producers: dict[str, KafkaProducer] = {}
        self.workers: list[IngestWorker] = []
        self.told: list[tuple[str, Mapping[str, object]]] = []

    def __enter__(self) -> Feed:
        """Be closed at the end of the block."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Close producers and workers."""
        for producer in self._producers.values():
            producer.close()
        self.end()

    def end(self) -> None:
        """Close the workers."""
        while self.workers:
            self.workers.pop().close()

    def send(
        self,
        topic: str,
        values: Iterable[bytes | None],
        *,
        partition: int = 0,
        headers: Sequence[tuple[str, bytes]] = STRUCTURED,
        packed: str = "none",
    ) -> None:
        """Send records, and wait until the broker has acknowledged them all."""
        producer = self._producer(packed)
        sent = [producer.send(topic, key=b"k", value=value, partition=partition, headers=list(headers)) for value in values]
        producer.flush()
        for future in sent:
            future.get(timeout=PATIENCE_S)

    def _producer(self, packed: str) -> KafkaProducer:
        if packed not in self._producers:
            given: dict[str, Any] = {**self.broker.connection, "reconnect_backoff_max_ms": 1_000, "acks": "all", "linger_ms": 5}
            given["compression_type"] = None if packed == "none" else packed
            given.update({"batch_size": 1 << 27, "max_request_size": 1 << 28} if packed != "none" else {})
            self._producers[packed] = KafkaProducer(**given)
        return self._producers[packed]

    def transactional(self) -> KafkaProducer:
        """Return a producer whose records are committed or aborted together."""
        given: dict[str, Any] = {**self.broker.connection, "transactional_id": f"feed-{time.monotonic_ns()}"}
        producer = KafkaProducer(**given)
        producer.init_transactions()
        return producer

    def settings(self, *topics: str, group: str = "", **more: str) -> KafkaSettings:
        """Return settings that read topics, in a group of their own unless one is named."""
        said = {"POSTGATE_TOPICS": ",".join(topics), "POSTGATE_GROUP": group or f"group-{topics[0]}-{time.monotonic_ns()}"}
        named = {f"POSTGATE_{name.upper()}": value for name, value in more.items()}
        return read_kafka({"POSTGATE_KAFKA": self.broker.bootstrap} | said | named)

    def worker(
        self, store: Store, *topics: str, group: str = "", is_mine: Callable[[str], bool] | None = None, **more: str
    ) -> IngestWorker:
        """Return a worker that reads topics into a store."""
        settings = self.settings(*topics, group=group, **more)
        made = IngestWorker(settings, store, is_mine=is_mine, tell=lambda event, facts: self.told.append((event, facts)))
        self.workers.append(made)
        return made

    def turns(self, event: str) -> list[Mapping[str, object]]:
        """Return the facts of every turn of events of one kind."""
        return [facts for told, facts in self.told if told == event]


def until(*workers: IngestWorker, true: Callable[[], bool], seconds: int = PATIENCE_S) -> None:
    """Let workers take turns until something is true."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, [worker.state for worker in workers]
        for worker in workers:
            worker.step(STEP_MS)


def drained(worker: IngestWorker) -> bool:
    """True when a worker has partitions, and nothing is left in them that it may read."""
    partitions = worker.state.partitions.values()
    return bool(partitions) and all(each.stopped or not each.lag for each in partitions)


def positions(store: Store) -> dict[tuple[str, int], int]:
    """Return how far each partition is read."""
    return {(source.topic, source.partition): store.source_position(str(source)) for source in known(store)}


def receipts(store: Store) -> dict[str, int]:
    """Return how many messages met each code."""
    with store.querying() as cursor:
        cursor.execute("SELECT code FROM receipts")
        return dict(Counter(str(row[0]) for row in cursor.fetchall()))


def gaps(store: Store) -> list[tuple[int, int, str]]:
    """Return the gaps in what was read."""
    with store.querying() as cursor:
        cursor.execute("SELECT first, last, why FROM gaps ORDER BY source, first")
        return [(int(row[0]), int(row[1]), str(row[2])) for row in cursor.fetchall()]


def assert_sound(store: Store) -> None:
    """Everything received is in exactly one place, and every record follows from what was heard."""
    assert reconcile(store).faults == []
    assert verify(store).faults == []


def setting() -> Sequence[bytes]:
    """Return what opens a book in which an invoice posts."""
    return SETTING


def invoices(count: int, first: int = 0) -> list[bytes]:
    """Return invoices of 12.00 EUR, each with a document and a number of its own."""
    return [said(INVOICE, sale(document=f"i-{n}", number=f"{n}"), id=f"invoice-{n}") for n in range(first, first + count)]
