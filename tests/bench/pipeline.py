"""The pipeline: a real broker and a real server, topics on both sides, and `postgate run` as a process between them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from adapters.cli.sending import Way, prepared
from adapters.eventlog.postgres.log import PostgresLog
from adapters.ingest import Ingester
from adapters.kafka.sending import sending
from adapters.kafka.topics import administering, create, outbound, topics
from adapters.settings import KafkaSettings, read_kafka
from tests.bench.postgres_floor import serving, settle
from tests.broker import Broker, running
from tests.servers import Server
from tests.stories.command import ENTRY, ROOT

DOCUMENTS, POSTINGS = "postgate.documents", "postgate.postings"
READ = ",".join((DOCUMENTS, "postgate.customers", "postgate.accounts", "postgate.links", "postgate.classes"))
STOP_S_MAX = 15
_AS_USUAL = Way(None, structured=False, as_is=False)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A broker, a server, and the folder for what processes say."""

    broker: Broker
    server: Server
    folder: Path

    @property
    def settings(self) -> KafkaSettings:
        """How the broker is reached."""
        return read_kafka({"POSTGATE_KAFKA": self.broker.bootstrap})

    def store(self, setup: Sequence[bytes]) -> str:
        """Return the URL of a fresh store that knows the parties."""
        url = self.server.fresh()
        log = PostgresLog.create(url)
        Ingester(log).ingest("setup", enumerate(setup, 1))
        log.close()
        settle(self.server)
        return url

    def environment(self, url: str) -> dict[str, str]:
        """Return the settings of a process that keeps this store, in a group that nobody has used."""
        group = f"bench-{url.rpartition('=')[2]}"
        told = {"POSTGATE_STORE": url, "POSTGATE_KAFKA": self.broker.bootstrap, "POSTGATE_TOPICS": READ}
        return {**os.environ, "PYTHONPATH": str(ROOT), **told, "POSTGATE_GROUP": group, "POSTGATE_HEALTH": "off"}

    def postgate(self, url: str, *words: str) -> None:
        """Run a command to its end."""
        with (self.folder / "said").open("ab") as said:
            subprocess.run([*ENTRY, *words], env=self.environment(url), stdout=said, stderr=said, check=True)

    @contextmanager
    def running(self, url: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Keep a command running, and end it in order."""
        with (self.folder / "said").open("ab") as said:
            process = subprocess.Popen([*ENTRY, *words], env=self.environment(url), stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=STOP_S_MAX)

    def send(self, messages: Iterable[bytes]) -> None:
        """Send messages as `postgate publish` does, and wait until they are safe with the broker."""
        with sending(self.settings) as sender:
            for raw in messages:
                sender.send(prepared(raw, _AS_USUAL))
            sender.flush()

    @contextmanager
    def listening(self, *names: str, **given: Any) -> Iterator[KafkaConsumer]:
        """Open a reader of committed records that has every partition of some topics, at its end."""
        consumer = KafkaConsumer(
            **self.broker.connection, enable_auto_commit=False, isolation_level="read_committed", max_poll_records=10_000, **given
        )
        try:
            consumer.assign([TopicPartition(name, part) for name in names for part in consumer.partitions_for_topic(name) or ()])
            ends(consumer)
            yield consumer
        finally:
            consumer.close()


def ends(consumer: KafkaConsumer) -> Mapping[TopicPartition, int]:
    """Send a reader to the end of all its partitions, and return where that is."""
    found: Mapping[TopicPartition, int] = consumer.end_offsets(list(consumer.assignment()))
    for place, offset in found.items():
        consumer.seek(place, offset)
    return found


def said_since(consumer: KafkaConsumer, begins: Mapping[TopicPartition, int]) -> list[Any]:
    """Return the records from some offsets to the end, in the order in which the broker got them."""
    until = consumer.end_offsets(list(begins))
    for place, offset in begins.items():
        consumer.seek(place, offset)
    found: list[Any] = []
    while any(consumer.position(place) < until[place] for place in begins):
        for records in consumer.poll(timeout_ms=500).values():
            found += records
    return sorted(found, key=lambda record: record.timestamp)


@contextmanager
def pipeline() -> Iterator[Pipeline]:
    """Start everything, with output topics whose records bear the broker's own time."""
    with TemporaryDirectory() as folder, running(Broker(Path(folder) / "broker")) as broker, serving() as server:
        made = Pipeline(broker, server, Path(folder))
        names = {topic.name for topic in outbound()}
        wanted = [
            replace(topic, config={**topic.config, "message.timestamp.type": "LogAppendTime"}) if topic.name in names else topic
            for topic in topics()
        ]
        with administering(made.settings) as client:
            create(client, wanted)
        yield made
