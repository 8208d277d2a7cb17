"""`postgate run` with a real broker: what goes in comes out, in one process or in several, and it stops when it is told to."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.broker import Broker
from tests.corpus.messages import SETTING, said
from tests.kafka.feeding import invoices
from tests.kafka.shopping import Process, Shop, sample, shop, until
from tests.servers import Server

pytestmark = pytest.mark.kafka


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_shop(request: pytest.FixtureRequest, broker: Broker, tmp_path: Path) -> Iterator[Shop]:
    """A shop with a store of each kind."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        url = server.fresh()
    with shop(broker, url, tmp_path) as made:
        yield made


@pytest.fixture
def small(broker: Broker, tmp_path: Path) -> Iterator[Shop]:
    """A shop on a file, where the kind of store makes no difference."""
    with shop(broker, f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as made:
        yield made


def is_ready(process: Process) -> bool:
    """True when a process says that it is."""
    return bool(process.told("running")) and process.asked("/readyz")[0] == 200


def sends(there: Shop, *messages: bytes, structured: bool = False) -> None:
    """Have `postgate publish` send messages to the shop's topic."""
    mode = ("--structured",) if structured else ()
    ended = there.postgate("publish", "-", "--topic", there.topic, *mode, given=b"\n".join(messages))
    assert (ended.code, ended.out) == (0, f"-: {len(messages):,} messages acknowledged\n  {there.topic:<30}{len(messages):>8,}\n")


def test_once_takes_in_and_tells_what_is_there(any_shop: Shop) -> None:
    """Everything sent before is in the log and on the output topics when it ends; a second time nothing is told again."""
    sends(any_shop, *SETTING)
    sends(any_shop, *invoices(300), structured=True)
    ended = any_shop.postgate("run", "--once")
    assert (ended.code, ended.out) == (0, "")
    assert any_shop.states() == {"POSTED": 300}
    assert any_shop.heard("postgate.postings") == sorted(any_shop.postings())
    decided = any_shop.heard("postgate.decisions")
    assert len(decided) == len(set(decided)) >= 300
    assert any_shop.faults() == []
    assert any_shop.postgate("run", "--once").code == 0
    assert (len(any_shop.heard("postgate.postings")), any_shop.heard("postgate.decisions")) == (300, decided)


def test_a_line_of_each_batch_is_one_json_object(small: Shop) -> None:
    """Constant text, facts as keys: where the messages stood, what became of them, and what it changed."""
    sends(small, *SETTING)
    sends(small, *invoices(10))
    ended = small.postgate("run", "--once")
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert all(list(line)[:3] == ["time", "level", "event"] for line in lines)
    batches = [line for line in lines if line["event"] == "batch" and line["worker"] == "ingest"]
    assert sum(line["messages"] for line in batches) == 10 + len(SETTING)
    assert sum(line["posted"] + line["released"] for line in batches) == 10
    assert {source.split("/")[1] for line in batches for source in line["positions"]} == {small.topic}
    taken = [last - first + 1 for line in batches for first, last in line["positions"].values()]
    assert sum(taken) == 10 + len(SETTING)
    told = [line for line in lines if line["event"] == "batch" and line["worker"] == "publish"]
    heard = {name: len(small.heard(name)) for name in ("postgate.postings", "postgate.decisions")}
    assert {name: sum(line["topics"].get(name, 0) for line in told) for name in heard} == heard
    assert [(line["event"], line["exit_code"]) for line in lines[-1:]] == [("ended", 0)]


def test_ingest_and_publish_are_processes_of_their_own(any_shop: Shop) -> None:
    """Two that ingest share the partitions, one publishes; health and metrics tell of each; SIGTERM ends them all in time."""
    first, second, teller = any_shop.starts("run", "ingest"), any_shop.starts("run", "ingest"), any_shop.starts("run", "publish")
    for process in (first, second, teller):
        until(partial(is_ready, process), process)
    sends(any_shop, *SETTING)
    sends(any_shop, *invoices(200))
    until(lambda: len(any_shop.postings()) == 200, first)
    until(lambda: len(any_shop.heard("postgate.postings")) == 200, teller)
    held = [each.told("partitions are assigned")[-1]["partitions"] for each in (first, second)]
    assert sorted(str(one) for one in held) in (
        [f"{{'{any_shop.topic}': [{', '.join(each)}]}}" for each in pair]
        for pair in ((("0", "1"), ("2",)), (("0", "2"), ("1",)), (("0",), ("1", "2")))
    )
    code, body = first.asked("/healthz")
    assert (code, json.loads(body)["live"]) == (200, True)
    taken = [sample(each.asked("/metrics")[1], "postgate_messages_total") for each in (first, second)]
    assert sum(int(count.removesuffix(".0")) for count in taken) == 200 + len(SETTING)
    figures = teller.asked("/metrics")[1]
    assert (sample(figures, "postgate_store_reachable"), sample(figures, "postgate_publish_lag_records")) == ("1.0", "0.0")
    assert any_shop.stops() == [0, 0, 0]
    assert any_shop.heard("postgate.postings") == sorted(any_shop.postings())
    assert any_shop.faults() == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_the_middle_of_work(small: Shop, how: signal.Signals) -> None:
    """Within ten seconds, exit code 0, with every batch whole; the next run goes on where it stopped."""
    sends(small, *SETTING)
    sends(small, *invoices(5_000))
    process = small.starts("run")
    until(lambda: bool(process.told("batch")), process)
    assert small.stops(how) == [0]
    assert [line["reason"] for line in process.told("stopping")] == [how.name]
    assert small.faults() == []
    assert small.postgate("run", "--once").code == 0
    assert small.states() == {"POSTED": 5_000}
    assert small.heard("postgate.postings") == sorted(small.postings())


def test_acknowledgements_come_back(small: Shop) -> None:
    """An answer on the topic of acknowledgements shows beside its posting, in the table and in JSON; silence has its age."""
    small.more["POSTGATE_TARGETS"] = "xero,sap"
    sends(small, *SETTING)
    sends(small, *invoices(3))
    assert small.postgate("run", "--once").code == 0
    one, two, three = small.postings()
    booked = said("postgate.posting.acknowledged.v1", {"posting_key": one, "target": "xero", "external_id": "X-1"}, id="a1")
    refused = said("postgate.posting.refused.v1", {"posting_key": two, "target": "xero", "code": "E42"}, id="a2")
    sends(small, booked, refused)
    assert small.postgate("run", "ingest", "--once").code == 0
    rows = [json.loads(line) for line in small.postgate("postings", "--json", "--deliveries").out.splitlines()]
    assert [row["posting"]["id"] for row in rows] == [one, two, three]
    assert [(d["target"], d["state"]) for row in rows for d in row["deliveries"]] == [
        ("sap", "PENDING"),
        ("xero", "CONFIRMED"),
        ("sap", "PENDING"),
        ("xero", "FAILED"),
        ("sap", "PENDING"),
        ("xero", "PENDING"),
    ]
    assert (rows[0]["deliveries"][1]["external_id"], rows[1]["deliveries"][1]["code"]) == ("X-1", "E42")
    plain = small.postgate("postings", "--json", "--delivery", "failed").out
    assert plain == small.postgate("postings", "--json").out.splitlines(keepends=True)[1]
    assert small.postgate("postings", "--json", "--delivery", "pending", "--target", "xero").out.count("\n") == 1
    assert small.postgate("postings", "--delivery", "pending", "--older-than", "1h").err == "no such posting\n"
    assert "sap PENDING" in small.postgate("postings").out


def gone(there: Shop, number: int, before: int) -> None:
    """Let the broker forget the first records of a partition, as retention does."""
    with there.broker.admin() as client:
        client.delete_records({TopicPartition(there.topic, number): before})


def filled(there: Shop, messages: list[bytes]) -> None:
    """Send messages to the first partition."""
    producer = KafkaProducer(**there.broker.connection, acks="all")
    sent = [
        producer.send(there.topic, value=raw, partition=0, headers=[("content-type", b"application/cloudevents+json")])
        for raw in messages
    ]
    producer.flush()
    assert all(future.succeeded() for future in sent)
    producer.close()


def test_lost_records_stop_a_partition_until_an_operator_declares_them(small: Shop) -> None:
    """`run --once` says what is stopped, `doctor` what to do, `skip` records who answers for it, and reading goes on."""
    filled(small, [*SETTING, *invoices(4)])
    assert small.postgate("run", "--once").code == 0
    read = len(SETTING) + 4
    filled(small, invoices(6, first=4))
    gone(small, 0, read + 2)
    stopped = small.postgate("run", "--once")
    assert stopped.code == 3
    assert f"offsets {read} to {read + 1} are gone from the broker" in stopped.err
    doctor = small.postgate("doctor")
    remedy = f"postgate skip {small.topic} 0 --to {read + 2} --by NAME --reason TEXT"
    assert (doctor.code, remedy in doctor.out) == (3, True), doctor
    words = ("skip", small.topic, "0", "--by", "ann", "--reason", "retention ran out")
    for wrong in (("--to", str(read)), ("--to", str(read + 100)), ("--to", str(read + 2), "--from", "1")):
        assert small.postgate(*words, *wrong).code == 2
    assert small.postgate(*words, "--to", str(read + 2), "--dry-run").code == 0
    assert small.postgate("run", "--once").code == 3
    lost = f"offsets {read} to {read + 1} are declared lost; reading goes on at {read + 2}"
    assert small.postgate(*words, "--to", str(read + 2)).out == f"{small.topic} partition 0: {lost}\n"
    assert small.postgate("run", "--once").code == 0
    assert small.states() == {"POSTED": 8}
    assert small.postgate("doctor").code == 0
    assert small.faults() == []


def test_lines_that_would_be_refused_are_not_sent_unless_it_is_asked_for(small: Shop) -> None:
    """Each is named with its line, and nothing is sent; `--as-is` sends them byte by byte, and quarantine has them."""
    given = b"\n".join([*SETTING, b"nonsense", b'{"specversion": "1.0"}'])
    refused = small.postgate("publish", "-", "--topic", small.topic, given=given)
    lines = refused.err.splitlines()
    assert refused.code == 3
    assert [line.split(" ")[0] for line in lines[:2]] == [f"-:{len(SETTING) + 1}:", f"-:{len(SETTING) + 2}:"]
    assert "2 messages would be refused, so nothing was sent; correct the lines above" in lines[2]
    consumer = KafkaConsumer(**small.broker.connection)
    places = [TopicPartition(small.topic, number) for number in range(3)]
    assert set(consumer.end_offsets(places).values()) == {0}
    consumer.close()
    sent = small.postgate("publish", "-", "--topic", small.topic, "--as-is", "--json", given=given)
    told = {"file": "-", "messages": len(SETTING) + 2, "acknowledged": len(SETTING) + 2, "refusable": 2}
    assert sent.row == {**told, "topics": {small.topic: len(SETTING) + 2}}
    assert small.postgate("run", "--once").code == 0
    assert [row["size"] for row in small.postgate("quarantine", "--json").rows] == [8, 22]
    assert len(small.heard("postgate.quarantine")) == 2


def test_what_a_key_orders_is_in_one_partition(small: Shop) -> None:
    """Messages of one document, in either mode, have one key: the book and the document."""
    sends(small, *invoices(2))
    sends(small, *invoices(2), structured=True)
    consumer = KafkaConsumer(**small.broker.connection, auto_offset_reset="earliest", enable_auto_commit=False)
    consumer.assign([TopicPartition(small.topic, number) for number in range(3)])
    found: dict[bytes, list[int]] = {}
    while sum(map(len, found.values())) < 4:
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                found.setdefault(record.key, []).append(record.partition)
    consumer.close()
    assert sorted(key.partition(b"|")[2] for key in found) == [b"i-0", b"i-1"]
    assert all(len(set(partitions)) == 1 for partitions in found.values())


def test_a_health_port_that_is_taken_is_said(small: Shop) -> None:
    """A port that somebody chose and another process has is a fault of set-up; nothing is begun."""
    process = small.starts("run", "publish")
    until(lambda: bool(process.told("running")), process)
    small.more["POSTGATE_HEALTH"] = str(process.told("running")[0]["health"])
    ended = small.postgate("run", "publish")
    assert (ended.code, "cannot listen" in ended.err) == (4, True)
    assert small.stops() == [0]
