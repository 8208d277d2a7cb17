"""Ingesting from a real broker: every record has one receipt, whatever it holds and however often it comes."""

from __future__ import annotations

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from adapters.eventlog.store import Store
from projections.documents import DOCUMENTS
from tests.corpus.cases import CASES
from tests.corpus.form import HEADERS
from tests.corpus.messages import said, sale
from tests.kafka.feeding import (
    STRUCTURED,
    Feed,
    assert_sound,
    drained,
    gaps,
    invoices,
    positions,
    receipts,
    setting,
    until,
)

pytestmark = pytest.mark.kafka


def test_topics_and_partitions_become_one_log(feed: Feed, any_store: Store) -> None:
    """What stands in any topic and partition is taken once, with its place, and documents post whatever came first."""
    books, documents = feed.broker.topic("books"), feed.broker.topic("documents", partitions=3)
    for partition in range(3):
        feed.send(documents, invoices(100, first=100 * partition), partition=partition)
    feed.send(books, setting())
    worker = feed.worker(any_store, books, documents)
    assert worker.step(500) == 0
    until(worker, true=lambda: worker.state.messages == 300 + len(setting()))
    assert positions(any_store) == {(books, 0): len(setting()), (documents, 0): 100, (documents, 1): 100, (documents, 2): 100}
    assert receipts(any_store) == {"ACCEPTED": 300 + len(setting())}
    with any_store.reading() as views:
        assert {row.state for row in views.find(DOCUMENTS)} == {"POSTED"}
    state = worker.state
    assert (state.ready, state.reason, state.stopped, state.redelivered) == (True, "", {}, 0)
    assert [(each.position, each.end, each.lag, each.behind_ms) for each in state.partitions.values()].count(
        (100, 100, 0, 0)
    ) == 3
    assert state.last is not None
    assert state.last.head == any_store.head()
    assert gaps(any_store) == []
    assert_sound(any_store)


def test_both_modes_and_all_that_is_no_message(feed: Feed, any_store: Store) -> None:
    """Tombstones, foreign bytes, frames, giants: a receipt each under its code, and the partition goes on."""
    topic = feed.broker.topic("mixed", max_message_bytes="2000000")
    binary = [("content-type", b"application/json"), *((f"ce_{name}", text.encode()) for name, text in HEADERS.items())]
    feed.send(topic, setting())
    feed.send(topic, [b'{"document": "i"}'], headers=binary)
    feed.send(topic, [None, b"\0\0\0\0\x07{}", b"x" * 300_000, b"[" * 100_000, b""])
    feed.send(topic, [b"hello"], headers=[("content-type", b"text/plain")])
    feed.send(topic, [b"x"], headers=[("h", b"")] * 10_000)
    feed.send(topic, [b"x"], headers=[("h", b"y" * 1_000_000)])
    feed.send(topic, invoices(1))
    worker = feed.worker(any_store, topic)
    until(worker, true=lambda: positions(any_store).get((topic, 0)) == len(setting()) + 10)
    assert receipts(any_store) == {
        "ACCEPTED": len(setting()) + 1,
        "SCHEMA_INVALID": 2,
        "TOMBSTONE_NOT_ALLOWED": 1,
        "UNEXPECTED_FRAMING": 1,
        "TOO_LARGE": 2,
        "TOO_DEEP": 1,
        "CONTENT_TYPE": 1,
        "TOO_MANY_KEYS": 1,
    }
    assert worker.state.verdicts == {"ACCEPTED": len(setting()) + 1, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 9}
    assert_sound(any_store)


def test_the_corpus_through_a_broker(feed: Feed, file: Store) -> None:
    """Every structured input that fits a record comes out of a real broker with the receipt that a file would get."""
    topic = feed.broker.topic("corpus", max_message_bytes="2000000")
    cases = [case for case in CASES if case.headers is None and case.verdict == "QUARANTINED" and len(case.raw) < 1_000_000]
    alone = [case for case in cases if not case.before]
    feed.send(topic, [*setting(), *(case.raw for case in alone)])
    worker = feed.worker(file, topic)
    until(worker, true=lambda: drained(worker))
    with file.querying() as cursor:
        cursor.execute("SELECT code FROM receipts ORDER BY position")
        codes = [str(row[0]) for row in cursor.fetchall()][len(setting()) :]
    assert codes == [case.rulebook or case.code for case in alone]
    assert len(codes) > 100
    assert_sound(file)


def test_a_compressed_bomb_costs_its_own_offsets_only(feed: Feed, file: Store) -> None:
    """A batch that would grow beyond its bound is quarantined by its offsets, and the partition goes on (crash point 17)."""
    topic = feed.broker.topic("bomb", max_message_bytes="2000000")
    feed.send(topic, setting())
    feed.send(topic, [b"\0" * 100_000_000, b"\0" * 100_000_000], packed="gzip")
    feed.send(topic, invoices(2))
    worker = feed.worker(file, topic)
    until(worker, true=lambda: drained(worker))
    assert receipts(file) == {"ACCEPTED": len(setting()) + 2, "DECOMPRESSION_BOMB": 2}
    assert positions(file) == {(topic, 0): len(setting()) + 4}
    assert_sound(file)


@pytest.mark.parametrize("packed", ["gzip", "snappy", "lz4"])
def test_compressed_batches_are_read(feed: Feed, file: Store, packed: str) -> None:
    """Producers pack as they like."""
    topic = feed.broker.topic("packed")
    feed.send(topic, [*setting(), *invoices(200)], packed=packed)
    worker = feed.worker(file, topic)
    until(worker, true=lambda: drained(worker))
    assert receipts(file) == {"ACCEPTED": len(setting()) + 200}


def test_what_the_group_forgot_is_passed_over(feed: Feed, any_store: Store) -> None:
    """The group's offset is lost or old, and the database knows better: nothing is taken twice (crash points 8 and 9)."""
    topic = feed.broker.topic("redelivered")
    feed.send(topic, [*setting(), *invoices(20)])
    first = feed.worker(any_store, topic, group="forgetful")
    until(first, true=lambda: drained(first))
    first.close()
    committed = KafkaConsumer(**feed.broker.connection, group_id="forgetful", enable_auto_commit=False)
    place = TopicPartition(topic, 0)
    assert committed.committed(place, timeout_ms=10_000) == len(setting()) + 20
    committed.close()
    for offset in (3, len(setting()) + 25):  # Behind, and ahead as after a database was put back.
        with feed.broker.admin() as client:
            client.alter_group_offsets("forgetful", {place: OffsetAndMetadata(offset, "", -1)})
        before = any_store.source_position(next(iter(first.state.partitions)))
        feed.send(topic, invoices(10, first=before))
        again = feed.worker(any_store, topic, group="forgetful")
        until(again, true=lambda: positions(any_store)[topic, 0] == before + 10)  # noqa: B023 - asked before it changes
        assert again.state.messages == 10
        again.close()
    assert receipts(any_store) == {"ACCEPTED": len(setting()) + 40}
    assert gaps(any_store) == []
    assert_sound(any_store)


def test_messages_of_other_cells_are_passed_over(feed: Feed, file: Store) -> None:
    """Books of another cell leave a gap that says so; what names no book belongs to the cell of all the rest."""
    topic = feed.broker.topic("cells")
    others = [
        said("postgate.customer.registered.v1", {"customer": f"c{n}", "version": 1, "name": "A"}, book="fr", id=f"f{n}")
        for n in range(3)
    ]
    feed.send(topic, [*setting(), *others, b"x", *invoices(1), others[0]])
    mine = feed.worker(file, topic, is_mine=lambda book: book == "uk")
    until(mine, true=lambda: drained(mine))
    count = len(setting())
    assert receipts(file) == {"ACCEPTED": count + 1}
    assert gaps(file) == [(count + 1, count + 4, "ELSEWHERE"), (count + 6, count + 6, "ELSEWHERE")]
    assert (mine.state.elsewhere, mine.state.redelivered) == (5, 0)
    assert_sound(file)


def test_transactions_leave_gaps_and_no_doubts(feed: Feed, file: Store) -> None:
    """Markers and records of aborted transactions are absent: they are passed, also when nothing comes after them."""
    topic = feed.broker.topic("transactions")
    producer = feed.transactional()
    for messages, is_kept in ((setting(), True), (invoices(5), False), (invoices(5), True)):
        producer.begin_transaction()
        for message in messages:
            producer.send(topic, value=message, headers=list(STRUCTURED))
        producer.flush()
        (producer.commit_transaction if is_kept else producer.abort_transaction)()
    producer.close()
    count = len(setting())
    worker = feed.worker(file, topic)
    until(worker, true=lambda: positions(file).get((topic, 0)) == count + 13)
    assert receipts(file) == {"ACCEPTED": count + 5}
    assert gaps(file) == [(count + 1, count + 7, "ABSENT"), (count + 13, count + 13, "ABSENT")]
    assert [each.lag for each in worker.state.partitions.values()] == [0]
    assert_sound(file)


def test_a_day_that_comes_releases_what_waits_for_it(feed: Feed, file: Store) -> None:
    """Time passes in the log though nothing is said."""
    topic = feed.broker.topic("idle")
    feed.send(topic, setting())
    worker = feed.worker(file, topic)
    until(worker, true=lambda: drained(worker))
    taken_at = worker._time_taken_at
    worker._time_taken_at -= 10**12
    worker.step(500)
    assert worker._time_taken_at >= taken_at
    assert sale()["document"] == "i-1"
