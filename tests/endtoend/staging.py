"""A whole site on the real things: a broker, a database, the processes between them, and what can be seen from outside."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from psycopg import Connection, OperationalError, errors
from psycopg.rows import TupleRow

from tests.broker import Broker
from tests.endtoend.checks import DECISIONS, POSTINGS, QUARANTINE, Place, Read, Seen, Told
from tests.endtoend.members import Member, Supervisor
from tests.endtoend.relay import Relay
from tests.endtoend.world import TOPICS, Record
from tests.servers import Server
from tests.stories.command import child

INBOUND = tuple(f"postgate.{name}" for name in (*TOPICS, "acks"))
OUTPUTS = (POSTINGS, DECISIONS, QUARANTINE)
OUTPUT_PARTITIONS = 4
SLICE = 500
DELIVERY_MS = 120_000
LOOK_S = 1
STILL_S_MAX = 120
"""How long nothing may move before a run is called stuck; a dead member holds its partitions until its session ends."""


@dataclass(slots=True)
class Site:
    """Where a world is told: everything that a run needs, and may break."""

    broker: Broker
    server: Server
    folder: Path
    partitions: int = 3
    ingests: int = 2
    url: str = ""
    relay: Relay = field(init=False)
    supervisor: Supervisor = field(init=False)
    acknowledged: dict[Place, dict[int, str]] = field(default_factory=dict)
    sent: dict[Place, int] = field(default_factory=dict)
    """The end of each partition as far as it was acknowledged."""
    sent_again: int = 0

    def __post_init__(self) -> None:
        """Make topics and tables, and name the processes; none is started yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.url = self.server.fresh()
        self.relay = Relay(self.server.port)
        wanted = dict.fromkeys(INBOUND, self.partitions) | dict.fromkeys(OUTPUTS, OUTPUT_PARTITIONS)
        with self.broker.admin() as client:
            topics = {name: {"num_partitions": count, "replication_factor": 1} for name, count in wanted.items()}
            client.create_topics(topics, wait_for_metadata=True)
        done = child("migrate", "--store", self.url)
        assert done.code == 0, done.err
        members = [self._member(f"ingest-{number}", "ingest") for number in range(1, self.ingests + 1)]
        self.supervisor = Supervisor([*members, self._member("publish", "publish")])

    def _member(self, name: str, part: str) -> Member:
        proxied = self.url.replace(f":{self.server.port}/", f":{self.relay.port}/")
        environment = {"POSTGATE_STORE": proxied, "POSTGATE_KAFKA": self.broker.bootstrap}
        if part == "ingest":
            environment["POSTGATE_INSTANCE"] = name
        return Member(name, ("run", part), environment, self.folder / f"{name}.log")

    @property
    def schema(self) -> str:
        """The schema of the store."""
        return parse_qs(urlsplit(self.url).query)["schema"][0]

    def send(self, records: Sequence[Record]) -> None:
        """Send records until each is acknowledged; one whose answer was lost may stand in the topic twice."""
        left = list(records)
        while left:
            producer = KafkaProducer(
                **self.broker.connection,
                acks="all",
                linger_ms=5,
                delivery_timeout_ms=DELIVERY_MS,
                max_block_ms=DELIVERY_MS,
                allow_auto_create_topics=False,
                reconnect_backoff_max_ms=1000,
            )
            try:
                left = self._sent(producer, left)
            except KafkaError:
                self.sent_again += 1
            finally:
                producer.close(timeout=5)

    def _sent(self, producer: KafkaProducer, records: Sequence[Record]) -> list[Record]:
        """Send records, note those that are acknowledged, and return the others."""
        failed: list[Record] = []
        for start in range(0, len(records), SLICE):
            waiting = [
                (
                    record,
                    producer.send(f"postgate.{record.topic}", record.value, record.key, list(record.headers), record.partition),
                )
                for record in records[start : start + SLICE]
            ]
            producer.flush(timeout=DELIVERY_MS // 1_000)
            for record, future in waiting:
                if future.succeeded():
                    place = f"postgate.{record.topic}", record.partition
                    self.acknowledged.setdefault(place, {})[future.value.offset] = record.poison
                    self.sent[place] = max(self.sent.get(place, 0), future.value.offset + 1)
                else:
                    failed.append(record)
        self.sent_again += len(failed)
        return failed

    def ends(self) -> dict[Place, int]:
        """Return the end of every inbound partition."""
        consumer = KafkaConsumer(**self.broker.connection, reconnect_backoff_max_ms=1000)
        try:
            places = [TopicPartition(topic, number) for topic in INBOUND for number in range(self.partitions)]
            return {(place.topic, place.partition): end for place, end in consumer.end_offsets(places).items()}
        finally:
            consumer.close()

    def connect(self) -> Connection[TupleRow]:
        """Return a connection of our own, in the schema of the store."""
        connection = self.server.connect()
        connection.execute(f"SET search_path TO {self.schema}".encode())
        return connection

    def progress(self) -> tuple[dict[Place, int], int, int]:
        """Return how far each partition is read, the end of the log, and how far it is told; from the database alone."""
        with self.connect() as connection:
            read = connection.execute("SELECT application_name, notification_id FROM tracking").fetchall()
            head = connection.execute("SELECT COALESCE(MAX(notification_id), 0) FROM stored_events").fetchall()[0][0]
            told = connection.execute("SELECT COALESCE(MAX(number), 0) FROM notes WHERE name LIKE 'published:%'").fetchall()[0][0]
        return {_place(name): position for name, position in read if name.startswith("kafka:")}, head, told

    def left(self) -> int:
        """Return how many records are acknowledged and not read yet, and records of the log not told yet."""
        read, head, told = self.progress()
        return head - told + sum(max(0, end - read.get(place, 0)) for place, end in dict(self.sent).items())

    def drain(self, limit_s: int) -> None:
        """Wait until everything sent is read and everything recorded is told; fail when nothing moves, or after the limit."""
        began = moved = time.monotonic()
        ends = {place: end for place, end in self.ends().items() if end}
        last: tuple[dict[Place, int], int, int] = ({}, 0, 0)
        while True:
            with suppress(OperationalError, errors.AdminShutdown):
                now = self.progress()
                if now != last:
                    moved, last = time.monotonic(), now
                if all(now[0].get(place, 0) >= end for place, end in ends.items()) and now[1] == now[2]:
                    return
            still, passed = time.monotonic() - moved, time.monotonic() - began
            if still > STILL_S_MAX or passed > limit_s:
                lags = {place: end - last[0].get(place, 0) for place, end in ends.items() if end > last[0].get(place, 0)}
                told = f"not drained after {passed:.0f} s, still for {still:.0f} s: log {last[1]}, told {last[2]}, unread {lags}"
                raise AssertionError(f"{told}\n{self.supervisor.told()}")
            time.sleep(LOOK_S)

    def seen(self) -> Seen:
        """Return everything that can be seen from outside, when everything is settled."""
        seen = Seen(acknowledged=self.acknowledged, ends=self.ends(), told=self.told())
        with self.connect() as connection:
            for name, position in connection.execute("SELECT application_name, notification_id FROM tracking").fetchall():
                seen.sources[name] = Read(position=position)
            for name, position, verdict, code in connection.execute("SELECT source, position, verdict, code FROM receipts"):
                read = seen.sources.setdefault(name, Read())
                read.verdicts[position] = verdict
                if verdict == "QUARANTINED":
                    read.codes[position] = code
            for name, first, last in connection.execute("SELECT source, first, last FROM gaps"):
                seen.sources.setdefault(name, Read()).gaps.append((first, last))
            for stream, version, state in connection.execute("SELECT stream, version, state FROM view_documents"):
                book, noun, key = stream.split("|")
                assert (book, noun, key, version) not in seen.states, f"{stream} version {version} has two states"
                seen.states[book, noun, key, version] = state
        return seen

    def told(self) -> list[Told]:
        """Read the output topics from their beginning, as a consumer that trusts nobody; what was aborted is not there."""
        consumer = KafkaConsumer(
            **self.broker.connection,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            reconnect_backoff_max_ms=1000,
        )
        places = [TopicPartition(topic, number) for topic in OUTPUTS for number in range(OUTPUT_PARTITIONS)]
        found: list[Told] = []
        try:
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            while any(consumer.position(place) < end for place, end in ends.items()):
                for place, records in consumer.poll(timeout_ms=1_000).items():
                    for one in records:
                        headers = tuple((name, bytes(value)) for name, value in one.headers)
                        found.append(Told(place.topic, place.partition, one.offset, one.key, one.value, headers))
        finally:
            consumer.close()
        return found

    def proven(self) -> dict[str, int]:
        """Let the product prove itself: its own verify and reconcile must agree with us. Return their exit codes."""
        commands = {"verify": ("verify",), "reconcile": ("reconcile",), "reconcile --topic": ("reconcile", "--topic")}
        environment = {"POSTGATE_STORE": self.url, "POSTGATE_KAFKA": self.broker.bootstrap}
        return {name: child(*words, environment=environment).code for name, words in commands.items()}


def _place(source: str) -> Place:
    parts = source.removeprefix("kafka:").split("/")
    return parts[1], int(parts[3])
