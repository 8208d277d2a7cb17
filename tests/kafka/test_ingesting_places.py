"""Where reading goes on: at the database's position and nowhere else; what does not fit it stops its partition and says why."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from kafka import TopicPartition

from adapters.errors import BrokerSetup, BrokerUnreachable, NotFound
from adapters.eventlog.store import Store
from adapters.ingest import Ingester
from adapters.kafka.sources import Source, known
from adapters.settings import read_kafka
from adapters.workers.ingesting import IngestWorker
from engine.ports import Gap
from tests.broker import Broker
from tests.corpus.messages import said
from tests.kafka.feeding import Feed, assert_sound, drained, gaps, invoices, positions, receipts, setting, until

pytestmark = pytest.mark.kafka
COUNT = len(setting())


def declare_lost(store: Store, source: str, first: int, last: int) -> None:
    """Let an operator say that positions of a source are lost for good."""
    content = {"source": source, "from": first, "to": last, "by": "ann", "reason": "the disk is gone"}
    message = said("postgate.source.gap_declared.v1", content, id=f"lost-{last}")
    Ingester(store).ingest(f"operator:{last}", [(1, message)])


def forget(feed: Feed, topic: str, before: int) -> None:
    """Let the broker forget the records before an offset, as its retention does."""
    with feed.broker.admin() as client:
        client.delete_records({TopicPartition(topic, 0): before})


def read_all(feed: Feed, store: Store, topic: str) -> str:
    """Have a topic read to its end by a worker that then ends; return the source's name."""
    worker = feed.worker(store, topic)
    until(worker, true=lambda: drained(worker))
    feed.end()
    return next(str(source) for source in known(store) if source.topic == topic)


def stopped(worker: IngestWorker) -> Callable[[], bool]:
    """Return whether the worker's partition has come to be stopped."""
    return lambda: list(worker.state.stopped) != []


def test_a_partition_never_read_begins_where_the_broker_begins(feed: Feed, any_store: Store) -> None:
    """What retention took before anybody came is absent, and said so."""
    topic = feed.broker.topic("late")
    feed.send(topic, [*invoices(5, first=900), *setting(), *invoices(3)])
    forget(feed, topic, 5)
    read_all(feed, any_store, topic)
    assert receipts(any_store) == {"ACCEPTED": COUNT + 3}
    assert gaps(any_store) == [(1, 5, "ABSENT")]
    assert_sound(any_store)


def test_a_lost_range_stops_the_partition_until_it_is_declared(feed: Feed, any_store: Store) -> None:
    """Retention was faster: nothing is skipped before an operator says so, and other partitions go on (crash point 13)."""
    topic = feed.broker.topic("lost", partitions=2)
    feed.send(topic, [*setting(), *invoices(2)])
    worker = feed.worker(any_store, topic)
    until(worker, true=lambda: positions(any_store).get((topic, 0)) == COUNT + 2)
    feed.end()
    source = next(str(each) for each in known(any_store) if each.partition == 0)
    feed.send(topic, invoices(10, first=10))
    forget(feed, topic, COUNT + 7)
    feed.send(topic, invoices(1, first=50), partition=1)
    again = feed.worker(any_store, topic)
    until(again, true=lambda: positions(any_store).get((topic, 1)) == 1 and bool(again.state.stopped))
    assert again.state.stopped == {
        source: f"offsets {COUNT + 2} to {COUNT + 6} are gone from the broker: declare positions {COUNT + 3} to {COUNT + 7} lost "
        "(postgate.source.gap_declared.v1), or find them"
    }
    assert positions(any_store)[topic, 0] == COUNT + 2
    assert [facts["source"] for facts in feed.turns("partition stopped")] == [source]
    declare_lost(any_store, source, COUNT + 3, COUNT + 7)
    until(again, true=lambda: positions(any_store)[topic, 0] == COUNT + 12)
    assert again.state.stopped == {}
    assert (COUNT + 3, COUNT + 7, "DECLARED") in gaps(any_store)
    assert receipts(any_store) == {"ACCEPTED": COUNT + 2 + 5 + 1 + 1}
    assert_sound(any_store)


def test_a_range_lost_under_a_running_reader_stops_it_too(feed: Feed, file: Store) -> None:
    """The broker answers that the offset is out of range; the reader does not begin somewhere else."""
    topic = feed.broker.topic("lost-live")
    feed.send(topic, setting())
    worker = feed.worker(file, topic)
    until(worker, true=lambda: drained(worker))
    worker._consuming.rest()  # As if it were slow: it takes nothing while the broker forgets.
    feed.send(topic, invoices(10))
    forget(feed, topic, COUNT + 4)
    worker._consuming.rewind()
    until(worker, true=stopped(worker))
    assert positions(file)[topic, 0] == COUNT


def test_a_broker_that_ends_before_the_position_stops_the_partition(feed: Feed, any_store: Store) -> None:
    """It was restored or lost records; growing past the position again heals nothing, for other records stand there."""
    topic = feed.broker.topic("restored")
    feed.send(topic, [*setting(), *invoices(2)])
    source = read_all(feed, any_store, topic)
    Ingester(any_store).take([Gap(source, COUNT + 3, COUNT + 10, "ABSENT")])
    worker = feed.worker(any_store, topic)
    until(worker, true=stopped(worker))
    told = f"it was read up to offset {COUNT + 10}, and the broker ends at {COUNT + 2}: the broker was restored, or lost records"
    assert worker.state.stopped == {source: told}
    feed.send(topic, invoices(12, first=10))
    feed.end()
    again = feed.worker(any_store, topic)
    until(again, true=stopped(again))
    assert (again.state.stopped, positions(any_store)[topic, 0]) == ({source: told}, COUNT + 10)
    declare_lost(any_store, source, COUNT + 11, COUNT + 12)
    until(again, true=lambda: positions(any_store)[topic, 0] == COUNT + 14)
    assert receipts(any_store) == {"ACCEPTED": COUNT + 2 + 1 + 2}
    assert_sound(any_store)


def test_topic_recreated_new_uuid(feed: Feed, any_store: Store) -> None:
    """A topic made anew under its name is another source, read from its beginning, with an alarm; documents are not doubled."""
    topic = feed.broker.topic("anew")
    feed.send(topic, [*setting(), *invoices(5)])
    worker = feed.worker(any_store, topic)
    until(worker, true=lambda: drained(worker))
    before = next(iter(worker.state.partitions))
    feed.broker.delete(topic)
    deadline = time.monotonic() + 30
    with feed.broker.admin() as client:
        while topic in client.list_topics():
            assert time.monotonic() < deadline
        client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    feed.send(topic, [*invoices(5), *invoices(COUNT + 10, first=5)])
    until(worker, true=lambda: len(known(any_store)) == 2 and drained(worker), seconds=120)
    (after,) = worker.state.partitions
    assert after != before
    assert (any_store.source_position(before), any_store.source_position(after)) == (COUNT + 5, COUNT + 15)
    assert receipts(any_store) == {"ACCEPTED": COUNT + 5 + COUNT + 10, "DUPLICATE_EVENT": 5}
    assert [facts["source"] for facts in feed.turns("topic was made anew")] == [after]
    assert gaps(any_store) == []
    assert_sound(any_store)


def test_another_cluster_is_refused(feed: Feed, any_store: Store) -> None:
    """Offsets of one cluster mean nothing in another: a wrong address does not read a single record (crash point 16)."""
    topic = feed.broker.topic("cluster")
    feed.send(topic, setting())
    Ingester(any_store).take([Gap(str(Source("other-cluster", topic, "id", 0)), 1, 5, "ABSENT")])
    with pytest.raises(BrokerSetup) as refused:
        feed.worker(any_store, topic)
    assert "and this store has read other-cluster" in refused.value.reason
    cluster = refused.value.reason.split()[2].rstrip(",")
    assert f"set POSTGATE_KAFKA_CLUSTER={cluster}" in refused.value.remedy
    assert refused.value.exit_code == 3
    with pytest.raises(BrokerSetup):
        feed.worker(any_store, topic, kafka_cluster="a-third")
    assert receipts(any_store) == {}
    worker = feed.worker(any_store, topic, kafka_cluster=cluster)
    until(worker, true=lambda: drained(worker))
    feed.end()
    feed.worker(any_store, topic)
    assert receipts(any_store) == {"ACCEPTED": COUNT}


def test_a_broker_that_cannot_be_used_says_what_to_do(guarded_broker: Broker, file: Store) -> None:
    """Nobody there, a wrong password, no right to read, no such topic, no login: each its remedy, exit code 4."""
    topic = guarded_broker.topic("guarded")
    login = {
        "POSTGATE_KAFKA": guarded_broker.bootstrap,
        "POSTGATE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "POSTGATE_KAFKA_SASL_MECHANISM": "PLAIN",
        "POSTGATE_KAFKA_SASL_USERNAME": "admin",
        "POSTGATE_KAFKA_SASL_PASSWORD": "admin-secret",
        "POSTGATE_TOPICS": topic,
    }
    clerk = {"POSTGATE_KAFKA_SASL_USERNAME": "clerk", "POSTGATE_KAFKA_SASL_PASSWORD": "clerk-secret"}
    for change, remedy in (
        ({"POSTGATE_KAFKA": "127.0.0.1:1"}, "check POSTGATE_KAFKA, the network, and that the broker runs"),
        ({"POSTGATE_KAFKA_SASL_PASSWORD": "wrong"}, "check POSTGATE_KAFKA_SASL_USERNAME and POSTGATE_KAFKA_SASL_PASSWORD"),
        (clerk, "let this user read it"),
        ({"POSTGATE_TOPICS": "no-such-topic"}, "create it, or set POSTGATE_TOPICS"),
    ):
        with pytest.raises(BrokerUnreachable) as refused:
            IngestWorker(read_kafka(login | change), file)
        assert refused.value.remedy.startswith(remedy)
        assert refused.value.exit_code == 4
        assert "secret" not in str(refused.value)
    for change, place in (
        ({"POSTGATE_KAFKA_SASL_MECHANISM": "MAGIC"}, "POSTGATE_KAFKA_SASL_MECHANISM"),
        ({"POSTGATE_KAFKA": ""}, "POSTGATE_KAFKA"),
        ({"POSTGATE_TOPICS": "a b"}, "POSTGATE_TOPICS"),
        ({"POSTGATE_KAFKA_SASL_PASSWORD": ""}, "POSTGATE_KAFKA_SASL_PASSWORD"),
    ):
        with pytest.raises(NotFound) as wrong:
            IngestWorker(read_kafka(login | change), file)
        assert wrong.value.place == place
    IngestWorker(read_kafka(login), file).close()


def test_the_broker_goes_and_comes_back(own_broker: Broker, file: Store) -> None:
    """The reader waits, and goes on where it was."""
    with Feed(own_broker) as feed:
        topic = own_broker.topic("outage")
        feed.send(topic, setting())
        worker = feed.worker(file, topic)
        until(worker, true=lambda: drained(worker))
        own_broker.kill()
        for _ in range(6):
            assert worker.step(500) == 0
        own_broker.start()
        feed.send(topic, invoices(10))
        until(worker, true=lambda: positions(file)[topic, 0] == COUNT + 10, seconds=120)
        assert receipts(file) == {"ACCEPTED": COUNT + 10}
        feed.end()
