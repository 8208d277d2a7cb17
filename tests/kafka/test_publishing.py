"""Publishing to a real broker: everything the log tells, once, in order, with the same bytes every time."""

from __future__ import annotations

import time
from base64 import b64decode
from collections import Counter
from pathlib import Path
from threading import Thread

import pytest
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.structs import OffsetAndMetadata

from adapters import settings
from adapters.announcing import DECISIONS, POSTINGS, QUARANTINE
from adapters.errors import BrokerSetup, BrokerUnreachable
from adapters.kafka import connection
from adapters.kafka.notes import noted_position, too_large
from adapters.kafka.producing import Producing
from adapters.kafka.readback import ReadBack
from adapters.kafka.topics import Topic, administering, partition_of
from tests import said
from tests.broker import Broker
from tests.kafka.telling import Shop, assert_told, assert_told_once, copy_of, stage, store, tell_all, told
from tests.servers import Server

pytestmark = pytest.mark.kafka


def rewind(place: str, name: str, broker: Broker, *, to: int) -> None:
    """Set back how far the broker has noted that a log was told."""
    with broker.admin() as client:
        client.alter_group_offsets(name, {TopicPartition(place, 0): OffsetAndMetadata(to, "", -1)})


def test_everything_is_told_once(broker: Broker, tmp_path: Path) -> None:
    """Postings, reversals, decisions and quarantine notices stand on their topics as the log tells them, and nothing else."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(60)
    tell_all(worker, log)
    shop.sells(30)
    tell_all(worker, log)
    assert worker.step(10) == 0
    worker.close()
    heard = assert_told_once(there, log)
    kinds = Counter((one.topic, dict(one.headers)["ce_type"]) for one in heard)
    assert kinds == {
        (there.name(POSTINGS), b"postgate.posting.authorised.v1"): 96,
        (there.name(POSTINGS), b"postgate.posting.reversed.v1"): 24,
        (there.name(DECISIONS), b"postgate.document.decided.v1"): 120,
        (there.name(QUARANTINE), b"postgate.message.quarantined.v1"): 12,
    }
    assert {one.partition for one in heard if one.topic == there.name(DECISIONS)} == {0, 1, 2}


def test_a_quarantine_notice_says_where_the_message_stands(broker: Broker, tmp_path: Path) -> None:
    """Tools of Kafka Connect find topic, partition and offset; the message has the bytes themselves."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.say(b"not JSON")
    tell_all(worker, log)
    worker.close()
    (heard,) = (one for one in there.heard() if one.topic == there.name(QUARANTINE))
    headers = dict(heard.headers)
    position = log.source_position("kafka:C/till/T/2")
    assert [headers[f"__connect.errors.{name}"] for name in ("topic", "partition", "offset")] == [
        b"till",
        b"2",
        b"%d" % (position - 1),
    ]
    assert headers["__connect.errors.exception.class.name"] == b"SCHEMA_INVALID"
    assert headers["postgate_log"] == log.deployment.encode()
    assert b64decode(heard.value.partition(b'"original_bytes":"')[2].partition(b'"')[0]) == b"not JSON"


def test_what_is_told_again_has_the_same_bytes(broker: Broker, tmp_path: Path) -> None:
    """A publisher that has forgotten how far it came says everything once more, and every copy is the same."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(40)
    tell_all(worker, log)
    worker.close()
    first = log.head()
    rewind(there.name(POSTINGS), there.producing(log).name, broker, to=0)
    with log.noting() as cursor:
        cursor.execute("DELETE FROM notes WHERE name LIKE 'published:%'")
    again = there.worker(log)
    shop.sells(5)
    tell_all(again, log)
    again.close()
    heard = there.heard()
    assert_told(there, log, heard)
    assert Counter(one.id for one in heard) == {message.id: 2 if message.position <= first else 1 for message in told(log)}


@pytest.mark.parametrize("lost", ["broker", "store"])
def test_either_note_of_the_position_is_enough(broker: Broker, tmp_path: Path, lost: str) -> None:
    """A broker forgets the offsets of a group that has no members after some days; the store may be told too late."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(20)
    tell_all(worker, log)
    worker.close()
    if lost == "broker":
        with broker.admin() as client:
            client.delete_groups([there.producing(log).name])
    else:
        with log.noting() as cursor:
            cursor.execute("UPDATE notes SET number = 3, text = '' WHERE name LIKE 'published:%'")
    shop.sells(20)
    again = there.worker(log)
    tell_all(again, log)
    again.close()
    assert_told_once(there, log)


def test_a_page_without_messages_moves_the_position(broker: Broker, tmp_path: Path) -> None:
    """Facts alone are nothing to tell, and still no lag."""
    there, log = stage(broker), store(tmp_path)
    Shop(log)
    worker = there.worker(log)
    tell_all(worker, log)
    assert noted_position(log, there.producing(log).cluster or _cluster(broker)).position == log.head()
    assert worker.state.numbers["publish_lag_records"] == 0
    worker.close()
    assert there.heard() == []


def test_a_publisher_that_waits_is_woken(broker: Broker, tmp_path: Path) -> None:
    """Who writes in the same process says so, and need not wait for the next look; a look finds what others wrote."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    tell_all(worker, log)
    began = time.monotonic()
    assert worker.step(300) == 0
    assert time.monotonic() - began < 2

    def sell() -> None:
        shop.sells(1)
        worker.grown.set()

    writer = Thread(target=sell)
    writer.start()
    assert worker.step(10_000) == 2
    writer.join()
    worker.close()


def test_a_message_that_is_too_large_does_not_stop_the_others(broker: Broker, tmp_path: Path) -> None:
    """It is noted and shown, not lost in silence; when the broker takes larger ones, read-back says it."""
    there = stage(broker, [Topic(name, 3, {"max.message.bytes": "9000"}) for name in (POSTINGS, DECISIONS, QUARANTINE)])
    log = store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    many = [said.line("1.00", revenue_account=f"4{number:03}") for number in range(120)]
    shop.sells(5)
    shop.say(said.invoice("large", "120.00", lines=many))
    shop.sells(5)
    tell_all(worker, log)
    assert worker.state.numbers["publish_too_large"] == 1
    assert "postgate reconcile --topic" in worker.state.reason
    worker.close()
    everything = told(log)
    (large,) = (message for message in everything if len(message.value) > 9_000)
    assert list(too_large(log, _cluster(broker))) == [large.position]
    heard = there.heard()
    assert {one.id for one in heard} == {message.id for message in everything} - {large.id}
    read_back = ReadBack(there.settings, log, prefix=there.prefix)
    found = read_back.mend()
    assert (found.missing, found.resent, found.too_large, found.is_wrong) == (1, 0, 1, True)
    with administering(there.settings) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, there.name(POSTINGS), {"max.message.bytes": "100000"})])
    found = read_back.mend()
    assert (found.missing, found.resent, found.too_large) == (1, 1, 0)
    assert too_large(log, _cluster(broker)) == {}
    assert {one.id for one in there.heard()} == {message.id for message in everything}


def test_more_partitions_than_at_the_beginning_are_refused(broker: Broker, tmp_path: Path) -> None:
    """The partition of a key follows from their number: two of them would hold one account's postings."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(3)
    tell_all(worker, log)
    with broker.admin() as client:
        client.create_partitions({there.name(POSTINGS): 5})
    shop.sells(3)
    tell_all(worker, log)
    worker.close()
    assert {one.partition for one in assert_told_once(there, log)} <= {0, 1, 2}
    with pytest.raises(BrokerSetup, match=r"has 5 partitions, and had 3 .*make it anew with 3 partitions") as refused:
        there.worker(log).step(10)
    assert refused.value.exit_code == 3


def test_a_topic_made_anew_is_filled_again(broker: Broker, tmp_path: Path) -> None:
    """Its records are gone with it: the publisher stops, and read-back says everything again and goes on with it."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(10)
    tell_all(worker, log)
    worker.close()
    broker.delete(there.name(DECISIONS))
    with pytest.raises(BrokerUnreachable, match=r"has no topic .*postgate topics --create"):
        there.producing(log).open()
    with broker.admin() as client:
        client.create_topics({there.name(DECISIONS): {"num_partitions": 3}}, wait_for_metadata=True)
    with pytest.raises(BrokerSetup, match=r"is another than the one that was told .*postgate reconcile --topic"):
        there.worker(log).step(10)
    found = ReadBack(there.settings, log, prefix=there.prefix).mend()
    decisions = sum(message.topic == DECISIONS for message in told(log))
    assert (found.missing, found.resent) == (decisions, decisions)
    shop.sells(3)
    again = there.worker(log)
    tell_all(again, log)
    again.close()
    assert_told_once(there, log)


def test_a_publisher_without_rights_says_so(guarded_broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not see or write the topics is told what to grant, and nothing is noted as told."""
    log = store(tmp_path)
    known = {"POSTGATE_KAFKA": guarded_broker.bootstrap, "POSTGATE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    known |= {"POSTGATE_KAFKA_SASL_MECHANISM": "PLAIN", "POSTGATE_KAFKA_SASL_USERNAME": "clerk"}
    refusals = (("clerk-secret", "ACLs of the broker", 60_000), ("wrong", "POSTGATE_KAFKA_SASL_PASSWORD", 20_000))
    for password, remedy, patience_ms in refusals:  # A busy broker answers late; a wrong password is tried to the end.
        monkeypatch.setattr(connection, "BOOTSTRAP_MS", patience_ms)
        in_force = settings.read_kafka({**known, "POSTGATE_KAFKA_SASL_PASSWORD": password})
        with pytest.raises(BrokerUnreachable, match=remedy) as refused:
            Producing(in_force, log).open()
        assert refused.value.exit_code == 4
    with log.querying() as cursor:
        cursor.execute("SELECT COUNT(*) FROM notes")
        assert cursor.fetchall()[0][0] == 0


def test_a_topic_that_forgets_is_refused(broker: Broker, tmp_path: Path) -> None:
    """Compaction keeps the last record of a key, and the key is the account."""
    there = stage(broker, [Topic(name, 1, {"cleanup.policy": "compact"}) for name in (POSTINGS, DECISIONS, QUARANTINE)])
    with pytest.raises(BrokerSetup, match=r"cleanup.policy=compact.*set its cleanup.policy to delete"):
        there.worker(store(tmp_path)).step(10)


def test_a_store_restored_from_a_backup_does_not_go_on_in_silence(broker: Broker, tmp_path: Path) -> None:
    """What the topics were told is not this store's history: whoever wants to go on compares first."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(5)
    tell_all(worker, log)
    restored = copy_of(log, tmp_path / "restored.db")
    shop.sells(5)
    tell_all(worker, log)
    worker.close()
    with pytest.raises(BrokerSetup, match="told of another history"):
        there.worker(restored).step(10)
    lost = len(told(log)) - len(told(restored))
    found = ReadBack(there.settings, restored, prefix=there.prefix).mend()
    assert (found.missing, found.unknown, found.resent, found.is_wrong) == (0, lost, 0, True)
    again = there.worker(restored)
    tell_all(again, restored)
    again.close()


@pytest.mark.slow
def test_a_broker_that_dies_and_comes_back(own_broker: Broker, tmp_path: Path) -> None:
    """While it is gone the publisher is not ready and says why; afterwards everything was told once."""
    there, log = stage(own_broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    for _ in range(2):
        shop.sells(50)
        tell_all(worker, log)
        own_broker.kill()
        shop.sells(50)
        worker.step(100)
        assert (worker.state.ready, own_broker.bootstrap in worker.state.reason) == (False, True)
        own_broker.restart()
        tell_all(worker, log)
        assert (worker.state.ready, worker.state.reason) == (True, "")
    worker.close()
    assert_told_once(there, log)


@pytest.mark.slow
@pytest.mark.postgres
def test_a_log_on_postgres_is_told_the_same(broker: Broker, postgres: Server, tmp_path: Path) -> None:
    """The store decides nothing about what is said; a server that stops for a while is waited for."""
    from adapters.eventlog.postgres.log import PostgresLog

    there, log = stage(broker), PostgresLog.create(postgres.fresh())
    shop, worker = Shop(log), there.worker(log)
    shop.sells(60)
    tell_all(worker, log)
    shop.sells(20)
    postgres.stop()
    worker.step(10)
    assert worker.state.ready is False
    postgres.start()
    tell_all(worker, log)
    worker.close()
    assert_told_once(there, log)
    twin = store(tmp_path)
    Shop(twin).sells(80)
    assert len(told(twin)) == len(told(log))


KNOWN = [(b"21", 0), (b"foobar", 6), (b"a-little-bit-long-string", 8), (b"a-little-bit-longer-string", 11), (b"abc", 3)]


@pytest.mark.parametrize(("key", "partition"), KNOWN)
def test_keys_go_where_every_client_puts_them(key: bytes, partition: int) -> None:
    """The partitions of known hashes of Kafka's own tests."""
    assert partition_of(key, 12) == partition


def _cluster(broker: Broker) -> str:
    with broker.admin() as client:
        return str(client.describe_cluster()["cluster_id"])
