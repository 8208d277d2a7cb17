"""Probing: what a broker says of itself and of our topics, asked once and closed again."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    NotCoordinatorError,
    TopicAuthorizationFailedError,
)

from adapters.kafka.connection import configuration, opening, reaching
from adapters.kafka.sources import Source, written
from adapters.settings import KafkaSettings

TRIES, PAUSE_S = 10, 1
_FORBIDDEN = TopicAuthorizationFailedError.errno


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as the broker has it; without partitions when it is missing, or nobody may say that it is there."""

    name: str
    topic_id: str
    partitions: int
    is_forbidden: bool
    allowed: frozenset[str]
    """What this user may do with it: READ, WRITE, …"""


@dataclass(frozen=True, slots=True)
class Range:
    """The offsets that a partition has: the first one kept, and the next one given."""

    first: int
    end: int


class Probe:
    """Questions to one broker."""

    def __init__(self, client: KafkaAdminClient, settings: KafkaSettings) -> None:
        """Ask through a client."""
        self._client, self._settings = client, settings

    def cluster(self) -> str:
        """Return the cluster's id."""
        with reaching(self._settings):
            return str(self._client.describe_cluster()["cluster_id"])

    def release(self) -> str:
        """Return the release of the broker, as far as it can be told from what it answers to."""
        with reaching(self._settings):
            found = self._client.get_broker_version_data(self._client.describe_cluster()["brokers"][0]["broker_id"])
        return ".".join(map(str, found.broker_version))

    def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Return topics by name, also those that are missing."""
        with reaching(self._settings):
            found = {told["name"]: told for told in self._client.describe_topics(list(names))} if names else {}
        return {name: _topic(name, found.get(name, {})) for name in names}

    def ranges(self, topics: Collection[Topic]) -> dict[tuple[str, int], Range]:
        """Return the offsets that every partition of topics has."""
        places = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
        if not places:
            return {}
        with reaching(self._settings):
            first = self._client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
            end = self._client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
        return {(place.topic, place.partition): Range(first[place].offset, end[place].offset) for place in places}

    def group(self, name: str) -> Mapping[tuple[str, int], int] | None:
        """Return the offsets that a group has committed, by topic and partition; none when this user may not know."""
        with reaching(self._settings):
            for left in reversed(range(TRIES)):
                try:
                    found = self._client.list_group_offsets({name: None}).get(name, {})
                    return {(place.topic, place.partition): kept.offset for place, kept in found.items()}
                except GroupAuthorizationFailedError:
                    return None
                except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
                    # A broker that has just begun has to make the topic first in which it keeps groups.
                    if not left:
                        raise
                    time.sleep(PAUSE_S)
        return None


def _topic(name: str, told: Mapping[str, object]) -> Topic:
    partitions, allowed = told.get("partitions"), told.get("authorized_operations")
    made = str(told["topic_id"]) if told.get("topic_id") else ""
    return Topic(
        name,
        written(UUID(made)) if made else "",
        len(partitions) if isinstance(partitions, list) else 0,
        told.get("error_code") == _FORBIDDEN,
        frozenset(map(str, allowed)) if isinstance(allowed, list) else frozenset(),
    )


def source(cluster: str, topic: Topic, partition: int) -> str:
    """Return the name that a partition has as a source of the log."""
    return str(Source(cluster, topic.name, topic.topic_id, partition))


@contextmanager
def probing(settings: KafkaSettings) -> Iterator[Probe]:
    """Open a probe. Raises BrokerUnreachable, BrokerSetup or NotFound."""
    with reaching(settings), opening() as closing:
        client = KafkaAdminClient(**configuration(settings, "probe") | closing)
    try:
        yield Probe(client, settings)
    finally:
        client.close()
