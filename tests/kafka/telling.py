"""A store that sells, topics of a test's own, and an independent reader of what was told there."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from adapters import settings
from adapters.announcing import OUTPUTS, Message
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from adapters.ingest import Ingester, incoming
from adapters.kafka.producing import Producing
from adapters.kafka.readback import messages
from adapters.kafka.topics import Topic, administering, create, outbound
from adapters.settings import KafkaSettings
from adapters.workers.publishing import PublishWorker
from tests import said
from tests.broker import Broker

ROUNDS_MAX = 400
PARTITIONS = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """One committed record, as a consumer has it."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def id(self) -> str:
        """The id by which a consumer knows it again."""
        return dict(self.headers)["ce_id"].decode()

    @property
    def position(self) -> int:
        """The position of the record that it tells of."""
        return int(dict(self.headers)["postgate_position"])


class Shop:
    """A book that sells: documents in numbers, a part of which is held, amended or cannot be read."""

    def __init__(self, log: Store) -> None:
        """Open the book, with one account and its customer."""
        self.log = log
        self._ingester = Ingester(log)
        self._count = self._documents = 0
        setup = (said.account("acme"), said.class_("HOUSE"), said.say("class.assigned", account="acme", class_="HOUSE"))
        self.say(said.book(), *said.mappings(), *setup, said.customer("c1"), said.link("c1", "acme"))

    def goes_on_in(self, log: Store) -> None:
        """Write to another store from now on, a copy of this one."""
        self.log, self._ingester = log, Ingester(log)

    def say(self, *sayings: said.Saying | bytes) -> None:
        """Take in messages as one batch."""
        written = []
        for saying in sayings:
            self._count += 1
            raw = saying if isinstance(saying, bytes) else saying.written("shop", f"m{self._count}")
            written.append(incoming("kafka:C/till/T/2", self._count, raw))
        self._ingester.take(written)

    def sells(self, count: int) -> None:
        """Issue invoices: each third is amended, each fifth is held, each seventh message cannot be read."""
        sayings: list[said.Saying | bytes] = []
        for _ in range(count):
            self._documents += 1
            number, name = self._documents, f"i{self._documents}"
            sayings.append(said.invoice(name, "10.00", customer="nobody" if number % 5 == 0 else "c1"))
            if number % 3 == 0:
                amended = said.invoice(name, "12.00", version=2, customer="nobody" if number % 5 == 0 else "c1")
                sayings.append(said.Saying("invoice.amended", amended.fields))
            if number % 7 == 0:
                sayings.append(b'{"specversion": "1.0"')
        self.say(*sayings)


@dataclass(frozen=True, slots=True)
class Stage:
    """The topics of one test on a broker, under a prefix of their own."""

    broker: Broker
    prefix: str
    settings: KafkaSettings

    def name(self, topic: str) -> str:
        """Return what a topic of the contract is called here."""
        return f"{self.prefix}{topic.removeprefix('postgate.')}"

    def producing(self, log: Store) -> Producing:
        """Return a producer for a store."""
        return Producing(self.settings, log, prefix=self.prefix)

    def worker(self, log: Store, *, stand_by_ms: int = 20_000) -> PublishWorker:
        """Return a publisher of a store."""
        return PublishWorker(log, self.producing(log), stand_by_ms=stand_by_ms)

    def heard(self) -> list[Heard]:
        """Read every committed record from the beginning, partition by partition."""
        consumer = KafkaConsumer(
            **self.broker.connection, auto_offset_reset="earliest", enable_auto_commit=False, isolation_level="read_committed"
        )
        found: list[Heard] = []
        try:
            names = [self.name(topic) for topic in OUTPUTS]
            places = [TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name) or ()]
            consumer.assign(places)
            consumer.seek_to_beginning(*places)
            ends = consumer.end_offsets(places)
            for _ in range(ROUNDS_MAX):
                if all(consumer.position(place) >= ends[place] for place in places):
                    return sorted(found, key=lambda one: (one.topic, one.partition, one.offset))
                for records in consumer.poll(timeout_ms=200).values():
                    found += [Heard(r.topic, r.partition, r.offset, r.key, r.value, tuple(r.headers)) for r in records]
        finally:
            consumer.close()
        raise AssertionError("the topics do not come to an end")


def stage(broker: Broker, topics: Sequence[Topic] = ()) -> Stage:
    """Make topics that nobody else uses, with few partitions, or as they are given."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    there = Stage(broker, prefix, settings.read_kafka({"POSTGATE_KAFKA": broker.bootstrap}))
    few = [Topic(topic.name, PARTITIONS, topic.config) for topic in outbound(prefix)]
    with administering(there.settings) as client:
        create(client, [Topic(there.name(topic.name), topic.partitions, topic.config) for topic in topics] or few)
    return there


def store(folder: Path) -> SqliteLog:
    """Return a new store."""
    return SqliteLog.create(str(folder / "store.db"))


def told(log: Store) -> list[Message]:
    """Return everything that the log has to tell."""
    return list(messages(log, log.head()))


def tell_all(worker: PublishWorker, log: Store) -> None:
    """Step a publisher until it has told everything."""
    for _ in range(ROUNDS_MAX):
        worker.step(50)
        if worker.state.numbers["publisher_position"] == log.head():
            return
    raise AssertionError(f"not told: {worker.state}")


def firsts(heard: Sequence[Heard]) -> list[Heard]:
    """Return what a consumer keeps that drops every id it knows, in the order in which it reads."""
    kept: dict[tuple[str, str], Heard] = {}
    for one in heard:
        kept.setdefault((one.topic, one.id), one)
    return list(kept.values())


def assert_told_once(there: Stage, log: Store) -> list[Heard]:
    """Hold the topics against the log: every message once, byte for byte, in order within its partition."""
    heard = there.heard()
    assert len(heard) == len(firsts(heard)), "something was told twice"
    assert_told(there, log, heard)
    return heard


def assert_told(there: Stage, log: Store, heard: Sequence[Heard]) -> None:
    """Hold the topics against the log: nothing is missing or foreign, every copy has its bytes, first copies are in order."""
    expected = {(there.name(m.topic), m.id): (m.key, m.value, tuple(m.headers), m.position) for m in told(log)}
    assert {(one.topic, one.id) for one in heard} == expected.keys()
    for one in heard:
        assert (one.key, one.value, one.headers, one.position) == expected[one.topic, one.id]
    places: dict[tuple[str, int], list[int]] = {}
    homes: dict[tuple[str, bytes], set[int]] = {}
    for one in firsts(heard):
        places.setdefault((one.topic, one.partition), []).append(one.position)
        homes.setdefault((one.topic, one.key), set()).add(one.partition)
    assert all(positions == sorted(positions) for positions in places.values())
    assert all(len(partitions) == 1 for partitions in homes.values())


def copy_of(log: SqliteLog, path: Path) -> SqliteLog:
    """Return a store that was restored from a backup of another."""
    with closing(sqlite3.connect(log.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return SqliteLog(str(path))
