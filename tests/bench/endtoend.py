"""Kafka to PostgreSQL to Kafka in one process, against its floor; run `python -m tests.bench.endtoend --help`.

Ours is `postgate run`. The floor is one process that polls with the same library, parses every message with `json.loads`,
copies the very rows that ours left in the store, and produces the very bytes that ours sent, in transactions as ours does:
a thousand messages a batch, one commit in the database and one at the broker for each. Documents are on the topic before
either begins. The clock runs from the posting that ends the warm-up to the last one, as the broker has stamped them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from adapters.eventlog.postgres.log import PostgresLog
from adapters.ingest import BATCH_MESSAGES_MAX
from adapters.kafka.producing import BATCH_BYTES
from tests.bench import postgres_floor
from tests.bench.figures import ROUNDS, Took, heading, in_turns, told, undisturbed
from tests.bench.pipeline import DOCUMENTS, POSTINGS, Pipeline, ends, pipeline, said_since
from tests.bench.workload import Workload, arguments, chosen

_OUTPUTS = (POSTINGS, "postgate.decisions", "postgate.quarantine")
Record = tuple[str, int, bytes, bytes, list[tuple[str, bytes]]]
"""Topic, partition, key, value and headers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the floor has to do: read so much, write what transactions left, and say what was said."""

    broker: dict[str, str]
    url: str
    left: Sequence[postgres_floor.Transaction]
    records: Sequence[Record]

    def run(self) -> None:
        """Do it."""
        consumer = KafkaConsumer(**self.broker, enable_auto_commit=False, isolation_level="read_committed")
        places = [TopicPartition(DOCUMENTS, part) for part in consumer.partitions_for_topic(DOCUMENTS) or ()]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        given = {"acks": "all", "transactional_id": self.url, "linger_ms": 5, "batch_size": BATCH_BYTES, "retry_backoff_ms": 20}
        producer = KafkaProducer(**self.broker, **given)
        producer.init_transactions()
        schema, batches = postgres_floor.schema_of(self.url), len(self.left)
        with psycopg.connect(self.url.partition("?")[0]) as connection, undisturbed():
            for number, batch in enumerate(self.left):
                _parse(consumer, batch.messages)
                batch.write(connection, schema)
                producer.begin_transaction()
                share = slice(number * len(self.records) // batches, (number + 1) * len(self.records) // batches)
                for topic, partition, key, value, headers in self.records[share]:
                    producer.send(topic, value, key, headers, partition)
                producer.commit_transaction()
        producer.close()
        consumer.close()


def _parse(consumer: KafkaConsumer, messages: int) -> None:
    while messages > 0:
        for records in consumer.poll(timeout_ms=1_000, max_records=messages).values():
            messages -= len(records)
            for record in records:
                json.loads(record.value)


class Rounds:
    """The rounds of both sides over one topic of documents."""

    def __init__(self, there: Pipeline, work: Workload, warm: int) -> None:
        """Send all documents."""
        self._there, self._work, self._warm = there, work, warm
        self._left: Sequence[postgres_floor.Transaction] = ()
        self._setup: Sequence[postgres_floor.Transaction] = ()
        self._records: Sequence[Record] = ()
        there.send(work.documents)

    def ours(self) -> Took:
        """Run ours, and keep what it left behind."""
        there = self._there
        url = there.store(self._work.setup)
        with there.listening(*_OUTPUTS) as consumer:
            begins = ends(consumer)
            used = _used()
            there.postgate(url, "run", "--once")
            used = _used() - used
            found = said_since(consumer, begins)
        left = postgres_floor.transactions(there.server, url)
        self._setup, self._left = postgres_floor.apart(left, len(self._work.documents))
        self._records = [(each.topic, each.partition, each.key, each.value, each.headers) for each in found]
        postgres_floor.drop(there.server, url)
        return self._took([record.timestamp for record in found if record.topic == POSTINGS], used)

    def floor(self) -> Took:
        """Run the floor over what ours left behind."""
        there = self._there
        url = there.server.fresh()
        PostgresLog.create(url).close()
        with psycopg.connect(url.partition("?")[0]) as connection:
            for before in self._setup:
                before.write(connection, postgres_floor.schema_of(url))
        postgres_floor.settle(there.server)
        with there.listening(*_OUTPUTS) as consumer:
            begins = ends(consumer)
            plan = Plan(there.broker.connection, url, self._left, self._records)
            process = multiprocessing.get_context("spawn").Process(target=plan.run)
            used = _used()
            process.start()
            process.join()
            used = _used() - used
            found = said_since(consumer, begins)
        postgres_floor.drop(there.server, url)
        return self._took([record.timestamp for record in found if record.topic == POSTINGS], used)

    def _took(self, stamps: Sequence[int], used: int) -> Took:
        """Return what the documents after the warm-up took: the broker stamps milliseconds, what was used is shared by all."""
        if len(stamps) <= self._warm:
            raise RuntimeError(f"{len(stamps):,} postings, expected one for each document")
        return Took((stamps[-1] - stamps[self._warm]) * 10**6, used * (len(stamps) - self._warm) // len(stamps))


def _used() -> int:
    """Return the processor time of all processes that were started and have ended, in nanoseconds."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int((found.ru_utime + found.ru_stime) * 10**9)


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__, documents=20_000)
    parser.add_argument("--warm", type=int, default=4_000, help="documents before the clock runs (4,000)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often ({ROUNDS})")
    asked: argparse.Namespace = parser.parse_args()
    work = chosen(asked.parquet, asked.documents + asked.warm)
    with pipeline() as there:
        rounds = Rounds(there, work, asked.warm)
        began = time.monotonic()
        measured = in_turns(asked.rounds, asked.documents, {"postgate run": rounds.ours, "floor": rounds.floor})
    what = f"{asked.documents:,} {work.name} of {work.bytes_each:,} bytes, {BATCH_MESSAGES_MAX:,} a batch"
    heading(f"{what}, {time.monotonic() - began:.0f} s in all", asked.rounds)
    told(measured, of="postgate run", to="floor")


if __name__ == "__main__":
    main()
