"""Reading on uncertain ground: records that break or kill their reader, topics that go while they are read."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest
from kafka import TopicPartition
from kafka.cluster import ClusterMetadata

from adapters.eventlog.store import Store
from adapters.ingest import BROKEN_MESSAGES_MAX
from adapters.kafka.records import Record, incoming
from adapters.workers import ingesting
from adapters.workers.attempts import DEATHS_BEYOND_DOUBT, Attempts
from engine.handling.transaction import Incoming
from tests.kafka.feeding import STRUCTURED, Feed, assert_sound, drained, gaps, invoices, positions, receipts, setting, until
from tests.kafka.test_ingesting_lives import hold

pytestmark = pytest.mark.kafka
COUNT = len(setting())


@pytest.mark.parametrize("parameters", ["charset*0=a; charset*=b", f"charset*{'1' * 5_000}=x", f"charset*{'1' * 500}=x"])
def test_a_content_type_that_nobody_can_read_holds_up_nobody(feed: Feed, any_store: Store, parameters: str) -> None:
    """Numbered parts that do not fit together make the library fail; the record is quarantined and the next one is read."""
    topic = feed.broker.topic("parts")
    feed.send(topic, setting())
    feed.send(topic, invoices(1), headers=[("content-type", f"application/cloudevents+json; {parameters}".encode())])
    feed.send(topic, invoices(1, first=1))
    worker = feed.worker(any_store, topic)
    until(worker, true=lambda: drained(worker))
    assert receipts(any_store) == {"ACCEPTED": COUNT + 1, "CONTENT_TYPE": 1}
    assert_sound(any_store)


def test_a_deadly_record_is_kept_by_the_cell_that_died_of_it(feed: Feed, file: Store) -> None:
    """Unread, it names no book; the cell of all the rest may have read it well and passed it over as another's."""
    topic = feed.broker.topic("deadly")
    feed.send(topic, setting())
    worker = feed.worker(file, topic, is_mine=lambda book: book == "uk")
    until(worker, true=lambda: drained(worker))
    (source,) = worker.state.partitions
    feed.end()
    Attempts(file).begin({source: (COUNT + 1, COUNT + 1)}, 1, DEATHS_BEYOND_DOUBT - 1)
    feed.send(topic, invoices(2))
    heir = feed.worker(file, topic, is_mine=lambda book: book == "uk")
    until(heir, true=lambda: drained(heir))
    assert receipts(file) == {"ACCEPTED": COUNT + 1, "KILLED_THE_PROCESS": 1}
    assert gaps(file) == []
    assert_sound(file)


def test_what_was_fetched_of_a_topic_is_not_taken_for_records_of_its_successor(feed: Feed, file: Store) -> None:
    """Fetched and not yet taken, it begins at offset 0 as the records of the topic made anew do."""
    topic = feed.broker.topic("anew", partitions=2)
    for partition in range(2):
        feed.send(topic, [b"old"] * 1_500, partition=partition)
    worker = feed.worker(file, topic)
    assert hold(worker)  # A thousand records of one partition are in hand, and the others of both wait behind them.
    feed.broker.delete(topic)
    deadline = time.monotonic() + 30
    with feed.broker.admin() as client:
        while topic in client.list_topics():
            assert time.monotonic() < deadline
        client.create_topics({topic: {"num_partitions": 2, "replication_factor": 1}}, wait_for_metadata=True)
    for partition in range(2):
        feed.send(topic, [b"new"] * 10, partition=partition)
    worker._consuming.rewind()
    until(worker, true=lambda: positions(file) == {(topic, 0): 10, (topic, 1): 10}, seconds=60)
    with file.querying() as cursor:
        cursor.execute("SELECT DISTINCT digest FROM receipts")
        assert [bytes(row[0]) for row in cursor.fetchall()] == [sha256(b"new").digest()]


def test_a_partition_without_a_leader_does_not_keep_the_others_unread(
    feed: Feed, file: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for its leader; what the same member has besides is read meanwhile."""
    topic, leader = feed.broker.topic("led", partitions=2), ClusterMetadata.leader_for_partition

    def known(cluster: ClusterMetadata, place: TopicPartition) -> int | None:
        return None if place == TopicPartition(topic, 1) else leader(cluster, place)

    monkeypatch.setattr(ClusterMetadata, "leader_for_partition", known)
    feed.send(topic, [*setting(), *invoices(3)], headers=STRUCTURED)
    worker = feed.worker(file, topic)
    until(worker, true=lambda: positions(file).get((topic, 0)) == COUNT + 3, seconds=20)
    assert "no leader" in worker.state.reason


def failing(source: str, record: Record) -> Incoming:
    """Fail on what holds a mark, as a library may that nobody knows well enough."""
    if b"unfit" in (record.value or b""):
        raise RecursionError("too deep for the library")
    return incoming(source, record)


def test_an_error_that_nobody_foresaw_holds_up_nobody(feed: Feed, file: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is quarantined, with what the reader said; the one behind it is read."""
    monkeypatch.setattr(ingesting, "incoming", failing)
    topic = feed.broker.topic("unforeseen")
    feed.send(topic, setting())
    feed.send(topic, [b'{"unfit":1}'])
    feed.send(topic, invoices(1, first=1))
    worker = feed.worker(file, topic)
    until(worker, true=lambda: drained(worker))
    assert receipts(file) == {"ACCEPTED": COUNT + 1, "ENGINE_ERROR": 1}
    assert_sound(file)


def test_errors_with_every_record_are_our_own(feed: Feed, file: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the worker stops, and nothing of the batch was recorded."""
    monkeypatch.setattr(ingesting, "incoming", failing)
    topic = feed.broker.topic("broken")
    feed.send(topic, [b'{"unfit":1}'] * (BROKEN_MESSAGES_MAX + 1))
    worker = feed.worker(file, topic)
    with pytest.raises(RecursionError):
        until(worker, true=lambda: drained(worker))
    assert receipts(file) == {}
