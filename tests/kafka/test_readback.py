"""Reading back: whatever became of the topics, the log knows what should stand there, and says again what does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kafka import KafkaProducer, TopicPartition

from adapters import settings
from adapters.announcing import DECISIONS, POSTINGS
from adapters.eventlog.sqlite import SqliteLog
from adapters.kafka import readback
from adapters.kafka.readback import Comparison, ReadBack
from adapters.kafka.topics import administering, create, outbound
from tests import said
from tests.broker import Broker
from tests.kafka.telling import Heard, Shop, Stage, assert_told, assert_told_once, stage, store, tell_all, told
from tests.stories.command import postgate, url

pytestmark = pytest.mark.kafka


def reader(there: Stage, log: SqliteLog) -> ReadBack:
    """Return a reader of a store's topics."""
    return ReadBack(there.settings, log, prefix=there.prefix)


def published(there: Stage, folder: Path, *, documents: int = 40) -> SqliteLog:
    """Return a store of which everything was told."""
    log = store(folder)
    Shop(log).sells(documents)
    worker = there.worker(log)
    tell_all(worker, log)
    worker.close()
    return log


def truncate(broker: Broker, topic: str, before: dict[int, int]) -> None:
    """Let the broker forget records before an offset of some partitions."""
    with broker.admin() as client:
        client.delete_records({TopicPartition(topic, partition): offset for partition, offset in before.items()})


def intrude(there: Stage, topic: str, one: Heard | None, value: bytes) -> None:
    """Write a record as somebody else, with the headers of another record or with none."""
    producer = KafkaProducer(**there.broker.connection, acks="all")
    headers = list(one.headers) if one else []
    producer.send(there.name(topic), value, one.key if one else b"k", headers, one.partition if one else 0).get(timeout=60)
    producer.close()


def test_topics_as_the_log_says_are_left_alone(broker: Broker, tmp_path: Path) -> None:
    """Nothing is missing: nothing is written, and whoever publishes is not disturbed."""
    there = stage(broker)
    log = published(there, tmp_path)
    worker = there.worker(log)
    tell_all(worker, log)
    everything = len(told(log))
    assert reader(there, log).mend() == Comparison(position=log.head(), expected=everything, read=everything)
    Shop(log).say(said.invoice("more"))
    tell_all(worker, log)
    assert worker.state.numbers["publisher_fenced"] == 0
    worker.close()
    assert_told_once(there, log)


def test_what_a_topic_has_lost_is_said_again(broker: Broker, tmp_path: Path) -> None:
    """A truncated topic gets back just what it lost, with the bytes it had; the publisher at work steps back meanwhile."""
    there = stage(broker)
    log = published(there, tmp_path)
    worker = there.worker(log, stand_by_ms=300)
    tell_all(worker, log)
    before = there.heard()
    lost = [one for one in before if one.topic == there.name(POSTINGS) and one.offset < 40]
    truncate(broker, there.name(POSTINGS), {one.partition: 40 for one in lost})
    found = reader(there, log).compare()
    assert (found.missing, found.resent, found.is_wrong) == (len(lost), 0, True)
    assert len(there.heard()) == len(before) - len(lost)
    found = reader(there, log).mend()
    assert (found.missing, found.resent, found.doubled, found.is_wrong) == (len(lost), len(lost), 0, True)
    after = {(one.topic, one.id): (one.key, one.value, one.headers) for one in there.heard()}
    assert after == {(one.topic, one.id): (one.key, one.value, one.headers) for one in before}
    found = reader(there, log).mend()
    assert (found.missing, found.resent, found.is_wrong) == (0, 0, False)
    Shop(log).say(said.invoice("more"))
    worker.step(10)
    tell_all(worker, log)
    worker.close()
    assert len(there.heard()) == len(told(log))


def test_every_kind_of_difference_has_its_name(broker: Broker, tmp_path: Path) -> None:
    """Other bytes, an unknown id, a stranger's record, another store's message, a repeat: told apart, each with its place."""
    there = stage(broker)
    log = published(there, tmp_path)
    one = next(one for one in there.heard() if one.topic == there.name(DECISIONS))
    intrude(there, DECISIONS, one, one.value)
    intrude(there, DECISIONS, one, b'{"document":"other"}')
    headers = tuple((name, b"decision:9999" if name == "ce_id" else value) for name, value in one.headers)
    intrude(there, DECISIONS, Heard(one.topic, one.partition, 0, one.key, b"", headers), one.value)
    headers = tuple((name, b"elsewhere" if name == "postgate_log" else value) for name, value in one.headers)
    intrude(there, DECISIONS, Heard(one.topic, one.partition, 0, one.key, b"", headers), one.value)
    intrude(there, POSTINGS, None, b"spam")
    found = reader(there, log).mend()
    assert (found.differing, found.unknown, found.foreign, found.elsewhere, found.doubled) == (1, 1, 1, 1, 1)
    assert (found.missing, found.resent, found.is_wrong) == (0, 0, True)
    assert sorted(told.partition(": ")[2].removeprefix(one.id).strip() for told in found.samples) == [
        "a record without an id was not written by Postgate",
        "decision:9999 is not in the log",
        "has other bytes than the log gives it",
    ]


def test_a_message_with_other_bytes_first_is_not_missing(broker: Broker, tmp_path: Path) -> None:
    """Its id stands there: to say it again would not help consumers that drop what they know."""
    there = stage(broker)
    log = published(there, tmp_path, documents=5)
    heard = there.heard()
    one = next(one for one in heard if one.topic == there.name(DECISIONS))
    intrude(there, DECISIONS, one, b"{}")
    truncate(broker, there.name(DECISIONS), {one.partition: 1})
    found = reader(there, log).mend()
    assert (found.differing, found.missing, found.resent) == (1, 0, 0)


def test_order_that_went_back_is_counted(broker: Broker, tmp_path: Path) -> None:
    """What was said again late stands behind what the log has after it; nobody can change that any more, and it is no fault."""
    there = stage(broker)
    log = published(there, tmp_path)
    partition = next(one.partition for one in there.heard() if one.topic == there.name(POSTINGS))
    truncate(broker, there.name(POSTINGS), {partition: 1})
    assert reader(there, log).mend().resent == 1
    found = reader(there, log).compare()
    assert (found.disordered, found.missing, found.is_wrong) == (1, 0, False)


def test_a_large_log_is_said_again_in_batches(broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More is missing than one transaction takes; every message comes back once."""
    there = stage(broker)
    log = published(there, tmp_path)
    monkeypatch.setattr(readback, "BATCH_MESSAGES_MAX", 7)
    heard = there.heard()
    for topic in {one.topic for one in heard}:
        truncate(broker, topic, {one.partition: one.offset + 1 for one in heard if one.topic == topic})
    assert there.heard() == []
    found = reader(there, log).mend()
    assert (found.missing, found.resent) == (len(heard), len(heard))
    assert_told(there, log, there.heard())


def test_nothing_was_published_yet(broker: Broker, tmp_path: Path) -> None:
    """What was never told is not missing."""
    there, log = stage(broker), store(tmp_path)
    Shop(log).sells(5)
    assert reader(there, log).mend() == Comparison()


def test_reconcile_topic_on_the_command_line(own_broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command compares, says what is missing, mends it, and then has nothing to say; its exit code is for a timer."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setenv("POSTGATE_KAFKA", own_broker.bootstrap)
    there = Stage(own_broker, "postgate.", settings.read_kafka({"POSTGATE_KAFKA": own_broker.bootstrap}))
    command = ("reconcile", "--topic", "--store", url(tmp_path / "store.db"))
    store(tmp_path).close()
    refused = postgate(*command)
    assert (refused.code, refused.err.count("has no topic postgate.postings")) == (4, 1)
    with administering(there.settings) as client:
        create(client, outbound())
    log = published(there, tmp_path)
    everything = len(told(log))
    assert postgate(*command).out.splitlines()[-1] == "ok  every message that the log tells stands on its topic, and nothing else"
    one = next(one for one in there.heard() if one.topic == POSTINGS)
    truncate(own_broker, POSTINGS, {one.partition: 1})
    looked = postgate(*command, "--dry-run", "--json")
    assert (looked.code, looked.row["missing"], looked.row["resent"], looked.row["ok"]) == (3, 1, 0, False)
    assert "run it without --dry-run" in looked.err
    mended = postgate(*command)
    assert (mended.code, "missing, and said again now" in mended.out) == (3, True)
    found = postgate(*command, "--dry-run", "--json")
    assert (found.code, found.row["read"], found.row["missing"], found.row["ok"]) == (0, everything, 0, True)
    assert postgate("reconcile", "--dry-run", "--store", url(tmp_path / "store.db")).code == 2
