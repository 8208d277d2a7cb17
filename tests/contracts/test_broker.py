"""The broker that the tests and laptops run is a real one: it keeps what it acknowledged, comes back, and knows who is there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError

from tests.broker import MISSING, SCRIPT, Broker, login

ROUNDS_MAX = 300
SIGTERM_CODE = 143  # What a Java process answers to a SIGTERM that it obeyed.


def consumed(broker: Broker, topic: str, wanted: int, partitions: int = 1) -> list[tuple[int, int, bytes | None, bytes | None]]:
    """Return the partition, offset, key and value of records from the beginning of a topic, until there are enough."""
    found: list[tuple[int, int, bytes | None, bytes | None]] = []
    consumer = KafkaConsumer(**broker.connection, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(partitions)])
        for _ in range(ROUNDS_MAX):
            for records in consumer.poll(timeout_ms=500).values():
                found += [(record.partition, record.offset, record.key, record.value) for record in records]
            if len(found) >= wanted:
                return found
    finally:
        consumer.close()
    raise AssertionError(f"{len(found)} of {wanted} records after {ROUNDS_MAX} polls")


def script(*arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run the script to its end; return its exit code and what it said."""
    command = [sys.executable, str(SCRIPT), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


def commands(folder: Path, **scripts: str) -> dict[str, str]:
    """Return an environment whose only commands are these shell scripts."""
    folder.mkdir()
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder), "HOME": str(folder)}


@pytest.mark.kafka
def test_what_is_produced_is_consumed(broker: Broker) -> None:
    """Keys, values and their order within a partition come out as they went in, tombstones too."""
    topic = broker.topic("round-trip", partitions=3)
    sent = [(number % 3, number // 3, f"key {number}".encode(), f"value {number}".encode()) for number in range(300)]
    producer = KafkaProducer(**broker.connection, acks="all")
    for partition, _, key, value in sent:
        producer.send(topic, key=key, value=value, partition=partition)
    producer.send(topic, key=b"gone", value=None, partition=0)
    producer.close()
    assert sorted(consumed(broker, topic, 301, partitions=3)) == sorted([*sent, (0, 100, b"gone", None)])


@pytest.mark.kafka
def test_topics_are_fresh_and_can_be_set_and_deleted(broker: Broker) -> None:
    """Two tests that ask for the same name get two topics, with the settings they asked for."""
    first, second = broker.topic("same", partitions=2, max_message_bytes="2000000"), broker.topic("same")
    with broker.admin() as client:
        assert [len(topic["partitions"]) for topic in client.describe_topics([first, second])] == [2, 1]
        told = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, first)])
        assert {key: value["value"] for key, value in told["topic"][first].items()} == {"max.message.bytes": "2000000"}
    broker.delete(first)
    with broker.admin() as client:
        assert {first, second} & set(client.list_topics()) == {second}


@pytest.mark.kafka
def test_a_killed_broker_keeps_what_it_acknowledged(own_broker: Broker) -> None:
    """Killed in the middle of writing, it comes back on its address with every acknowledged record; what follows joins on."""
    topic, address = own_broker.topic("kill"), own_broker.bootstrap
    producer = KafkaProducer(**own_broker.connection, acks="all", linger_ms=5, reconnect_backoff_max_ms=1000)
    sent = [producer.send(topic, value=b"%d" % number) for number in range(2_000)]
    producer.flush()
    sent += [producer.send(topic, value=b"%d" % number) for number in range(2_000, 6_000)]
    sent[2_000].get(timeout=60)
    assert own_broker.kill() == -9
    acknowledged = sum(future.succeeded() for future in sent)
    own_broker.restart()
    kept = consumed(own_broker, topic, acknowledged)
    assert own_broker.bootstrap == address
    assert acknowledged > 2_000
    assert kept == [(0, number, None, b"%d" % number) for number in range(len(kept))]
    producer.close()
    assert [value for *_, value in consumed(own_broker, topic, 6_000)] == [b"%d" % number for number in range(6_000)]


@pytest.mark.kafka
def test_a_stopped_broker_comes_back_as_the_same_cluster(own_broker: Broker) -> None:
    """SIGTERM is obeyed; the next start has the same port, cluster, topics and records."""
    topic, address = own_broker.topic("stop"), own_broker.bootstrap
    producer = KafkaProducer(**own_broker.connection, acks="all")
    producer.send(topic, value=b"kept").get(timeout=60)
    producer.close()
    with own_broker.admin() as client:
        before = (client.describe_cluster()["cluster_id"], client.describe_topics([topic])[0]["topic_id"])
    assert own_broker.stop() == SIGTERM_CODE
    own_broker.restart()
    with own_broker.admin() as client:
        assert (client.describe_cluster()["cluster_id"], client.describe_topics([topic])[0]["topic_id"]) == before
    assert own_broker.bootstrap == address
    assert consumed(own_broker, topic, 1) == [(0, 0, None, b"kept")]


@pytest.mark.kafka
def test_a_guarded_broker_asks_who_is_there(guarded_broker: Broker) -> None:
    """The right password opens, a wrong one does not, and a user without grants may not write."""
    topic = guarded_broker.topic("guarded")
    producer = KafkaProducer(**guarded_broker.connection, acks="all")
    producer.send(topic, value=b"from the admin").get(timeout=60)
    producer.close()
    assert consumed(guarded_broker, topic, 1) == [(0, 0, None, b"from the admin")]
    # The client tries again until its time is over, and only its log names the reason.
    with pytest.raises(KafkaTimeoutError, match="Unable to bootstrap"):
        KafkaProducer(bootstrap_servers=guarded_broker.bootstrap, **login("admin", "wrong"), bootstrap_timeout_ms=2_000)
    clerk = KafkaProducer(bootstrap_servers=guarded_broker.bootstrap, **login("clerk", "clerk-secret"), max_block_ms=5000)
    with pytest.raises(TopicAuthorizationFailedError):
        clerk.send(topic, value=b"from the clerk").get(timeout=60)
    clerk.close()


@pytest.mark.kafka
def test_a_folder_and_a_port_are_for_one_broker(broker: Broker, tmp_path: Path) -> None:
    """A second broker on the same folder or port does not start, and says what to do."""
    environment = dict(os.environ)
    data = broker.folder / "data"
    assert script("--data", str(data), "--port", "0", environment=environment) == (
        5,
        f"broker: another broker runs on {data}: stop it, or choose another folder with --data\n",
    )
    code, said = script("--data", str(tmp_path), "--port", str(broker.port), environment=environment)
    assert (code, said.splitlines()[-1].split(" (")[0]) == (5, f"broker: port {broker.port} is not to be had")
    assert said.endswith("stop what uses it, or choose another with --port\n")


@pytest.mark.kafka
def test_nobody_outside_the_machine_reaches_the_broker(broker: Broker) -> None:
    """It listens on the loopback address alone."""
    for address in ("127.0.0.2", socket.gethostbyname(socket.gethostname())):
        if address != "127.0.0.1":
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((address, broker.port), timeout=5).close()


JAVA_17 = """echo 'openjdk version "17.0.15" 2025-04-15' >&2"""
JAVA_8 = """echo 'openjdk version "1.8.0_392"' >&2"""


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({}, "needs Java 17 or later, and there is none: install one ("),
        ({"java": JAVA_8}, 'java says openjdk version "1.8.0_392": install one ('),
        ({"java": JAVA_17}, "Maven, which fetches them, is missing: install it ("),
        ({"java": JAVA_17, "mvn": "exit 1"}, "Maven could not fetch the jars; it says why above: "),
    ],
    ids=["no Java", "an old Java", "no Maven", "no network"],
)
def test_a_machine_that_lacks_something_is_told_what(tmp_path: Path, there: Mapping[str, str], said: str) -> None:
    """The script names what is missing and how to get it, with a code of its own."""
    environment = commands(tmp_path / "commands", **there)
    code, told = script("--data", str(tmp_path / "data"), environment=environment)
    assert (code, told.count(said)) == (MISSING, 1)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "listeners=PLAINTEXT://:9092"), "listeners follows from --port and --controller-port; use that"),
        (("--set", "log.dirs"), "'log.dirs' is not KEY=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, arguments: Sequence[str], said: str) -> None:
    """What follows from the options cannot be set, so the broker stays on loopback."""
    code, told = script(*arguments, environment=commands(tmp_path / "commands"))
    assert (code, told.splitlines()[-1]) == (2, f"broker: error: argument --set: {said}")


FETCHES = """
for each in "$@"; do case $each in -DoutputDirectory=*) folder=${each#*=};; esac; done
/bin/mkdir -p "$folder" && echo fetched >> "$HOME/times" && echo jar > "$folder/kafka.jar"
"""


def test_the_jars_are_fetched_once_and_again_after_the_pom_changed(tmp_path: Path) -> None:
    """The cache is sealed with the pom it was filled from; a torn or old one is filled again."""
    house = tmp_path / "house"
    shutil.copytree(SCRIPT.parent, house)
    environment = commands(tmp_path / "commands", java="[ $1 = -version ] && " + JAVA_17, mvn=FETCHES)
    jars, times = tmp_path / "jars", tmp_path / "commands" / "times"

    def run() -> int:
        command = [sys.executable, str(house / "broker"), "--data", str(tmp_path / "data"), "--jars", str(jars), "--port", "0"]
        return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60).returncode

    counted = []
    for change in (None, None, jars / "pom.xml", house / "pom.xml"):
        if change == jars / "pom.xml":
            change.unlink()
        elif change:
            change.write_text(change.read_text().replace("<version>1</version>", "<version>2</version>"))
        # This Java knows its version and nothing else, so that the run ends where the storage would be prepared.
        assert run() == 5
        counted.append(times.read_text().count("fetched"))
    assert counted == [1, 1, 2, 3]
    assert {path.name for path in jars.iterdir()} == {"kafka.jar", "pom.xml"}
