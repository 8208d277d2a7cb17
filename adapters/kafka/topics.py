"""Topics: what each is called, how it is made, and whether the broker's own is fit to carry what may never be lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import AuthorizationError, TopicAlreadyExistsError, TopicAuthorizationFailedError, for_code
from kafka.partitioner.default import murmur2

from adapters.announcing import OUTPUTS
from adapters.errors import BrokerSetup, BrokerUnreachable
from adapters.kafka.connection import configuration, opening, reaching
from adapters.kafka.sources import written
from adapters.settings import KafkaSettings

PREFIX = "postgate."
PARTITIONS = 12
"""How many partitions a topic is born with; it keeps them, because the partition of a key depends on their number."""
INBOUND = tuple(f"{PREFIX}{noun}" for noun in ("customers", "accounts", "links", "classes", "documents", "books", "acks"))
_DAYS = 24 * 60 * 60 * 1_000
_INBOUND_CONFIG = {"cleanup.policy": "delete", "retention.ms": str(30 * _DAYS), "retention.bytes": "-1"}
# Read-back compares the topic with all of the log, so nothing may be dropped from it; a thousand lines need some room.
_OUTBOUND_CONFIG = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "max.message.bytes": str(4 * 1024 * 1024),
}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be made."""

    name: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as the broker has it; `config` is empty where we may not ask, and holds only what differs from defaults."""

    name: str
    id: str
    partitions: int
    config: Mapping[str, str]


def topics(prefix: str = PREFIX) -> tuple[Topic, ...]:
    """Return every topic as it should be made: those that are read, then those that are written."""
    inbound = [Topic(named(name, prefix), PARTITIONS, _INBOUND_CONFIG) for name in INBOUND]
    return (*inbound, *outbound(prefix))


def outbound(prefix: str = PREFIX) -> tuple[Topic, ...]:
    """Return the topics that are written, as they should be made."""
    return tuple(Topic(named(name, prefix), PARTITIONS, _OUTBOUND_CONFIG) for name in OUTPUTS)


def named(topic: str, prefix: str = PREFIX) -> str:
    """Return what a topic of the contract is called where names begin otherwise."""
    return f"{prefix}{topic.removeprefix(PREFIX)}"


@contextmanager
def administering(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """Open a client that asks about topics and groups. Raises BrokerUnreachable or BrokerSetup, also from inside."""
    with reaching(settings):
        client = administrator(settings)
        try:
            yield client
        finally:
            client.close()


def administrator(settings: KafkaSettings) -> KafkaAdminClient:
    """Return a client that asks about topics and groups; who asked for it closes it."""
    with opening() as given:
        return KafkaAdminClient(**configuration(settings, "topics"), **given)


def found(client: KafkaAdminClient, names: Sequence[str]) -> Mapping[str, Found]:
    """Return the topics that are there, by name. Raises TopicAuthorizationFailedError for one we may not see."""
    there: dict[str, tuple[str, int]] = {}
    for told in client.describe_topics(list(names)):
        error = for_code(told["error_code"])
        if error is TopicAuthorizationFailedError:
            raise TopicAuthorizationFailedError(told["name"])
        if told["partitions"]:
            there[told["name"]] = (written(UUID(str(told["topic_id"]))), len(told["partitions"]))
    configs = _configs(client, list(there)) if there else {}
    return {name: Found(name, id, count, configs.get(name, {})) for name, (id, count) in there.items()}


def _configs(client: KafkaAdminClient, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        told = client.describe_configs(asked)["topic"]
    except (AuthorizationError, KeyError, ValueError):
        return {}  # It is not everybody's to ask, and some brokers answer with what the library does not know.
    return {name: {key: cell["value"] for key, cell in kept.items()} for name, kept in told.items()}


def checked(place: str, there: Mapping[str, Found], names: Sequence[str]) -> None:
    """Refuse outbound topics that are missing, or that would lose messages. Raises BrokerUnreachable or BrokerSetup."""
    missing = [name for name in names if name not in there]
    if missing:
        raise BrokerUnreachable(place, f"has no topic {', '.join(missing)}", "create it: postgate topics --create")
    for name in names:
        policy = there[name].config.get("cleanup.policy", "delete")
        if "compact" in policy:
            told = f"topic {name} has cleanup.policy={policy}, and would forget postings under one key but the last"
            raise BrokerSetup(place, told, "set its cleanup.policy to delete")


def wrong(there: Mapping[str, Found], wanted: Sequence[Topic]) -> Iterator[tuple[Topic, str]]:
    """Yield what differs from how topics should be made, each in words: for a doctor, who refuses nothing."""
    for topic in wanted:
        kept = there.get(topic.name)
        if kept is None:
            yield topic, "is not there"
            continue
        if kept.partitions != topic.partitions:
            yield topic, f"has {kept.partitions} partitions, not {topic.partitions}"
        for key in ("cleanup.policy", "retention.ms", "max.message.bytes"):
            if key in topic.config and kept.config and kept.config.get(key, topic.config[key]) != topic.config[key]:
                yield topic, f"has {key}={kept.config[key]}, not {topic.config[key]}"


def create(client: KafkaAdminClient, wanted: Sequence[Topic]) -> Sequence[str]:
    """Make the topics that are not there, and return their names; those that are there stay as they are."""
    there = found(client, [topic.name for topic in wanted])
    missing = {
        topic.name: {"num_partitions": topic.partitions, "configs": dict(topic.config)}
        for topic in wanted
        if topic.name not in there
    }
    if missing:
        try:
            client.create_topics(missing, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            client.wait_for_topics(list(missing))  # Somebody else was faster.
    return list(missing)


def ends(client: KafkaAdminClient, there: Mapping[str, Found]) -> Mapping[TopicPartition, int]:
    """Return where every partition ends; what belongs to a transaction that is still open is before the end."""
    places = [TopicPartition(name, number) for name, topic in there.items() for number in range(topic.partitions)]
    told = client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    return {place: int(told[place].offset) for place in places}


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key, as every Kafka client has it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
