"""Sharing: whenever a process of a group dies and whatever changes meanwhile, every partition is soon somebody's again."""

from __future__ import annotations

from typing import Any

import pytest
from kafka import TopicPartition

from adapters.eventlog.store import Store
from adapters.kafka import connection, sharing
from adapters.kafka.joining import Joining
from adapters.workers.ingesting import IngestWorker
from tests.kafka.feeding import Feed, until

pytestmark = pytest.mark.kafka
PARTITIONS = 6


class Died(Exception):
    """What ends a member where SIGKILL would: a member with a name of its own says nothing to the group when it goes."""


class Assigning(Joining):
    """A leader that dies when everybody has joined, before it says what is whose."""

    def _perform_assignment(self, *_told: Any) -> Any:
        raise Died


class Joined(Joining):
    """A member that dies when it was let in, before it hears what is its own."""

    def _process_join_group_response(self, response: Any, send_time: Any) -> Any:
        super()._process_join_group_response(response, send_time)
        raise Died


class Answered(Joining):
    """A member that dies when it has heard what is its own, before it asks for anything else."""

    async def _on_join_complete_async(self, *told: Any) -> None:
        await super()._on_join_complete_async(*told)
        raise Died


def whole(feed: Feed, *workers: IngestWorker) -> None:
    """Let members take turns until each partition is held by one of them, and by no other."""
    until(*workers, true=lambda: sorted(held(*workers)) == partitions(feed, *workers))


def held(*workers: IngestWorker) -> list[TopicPartition]:
    """Return what members hold, one after the other."""
    return [tp for worker in workers for tp in worker._consuming.held]


def partitions(feed: Feed, *workers: IngestWorker) -> list[TopicPartition]:
    """Return all partitions of what members read, as the broker has them now."""
    topics = sorted({topic for worker in workers for topic in worker._consuming._settings.inbound})
    with feed.broker.admin() as admin:
        told = {each["name"]: len(each["partitions"]) for each in admin.describe_topics(topics)}
    return sorted(TopicPartition(topic, number) for topic, count in told.items() for number in range(count))


def kill(feed: Feed, worker: IngestWorker) -> None:
    """End a member without a word to the group."""
    feed.workers.remove(worker)
    worker.close()


def mortal(worker: IngestWorker, kind: type[Joining]) -> None:
    """Have a member die at its next join."""
    consumer = worker._consuming._consumer
    assert consumer is not None
    consumer._coordinator.__class__ = kind


@pytest.mark.parametrize("dies", [Assigning, Joined, Answered])
def test_a_member_that_dies_while_the_group_shares_out_leaves_no_partition_to_nobody(
    feed: Feed, file: Store, dies: type[Joining]
) -> None:
    """One has everything, another comes; one dies on the way to sharing, and comes back under its name."""
    topic = feed.broker.topic("moving", partitions=PARTITIONS)
    one = feed.worker(file, topic, group=topic, instance="one")
    whole(feed, one)
    mortal(one, dies)
    other = feed.worker(file, topic, group=topic, instance="other")
    with pytest.raises(Died):
        until(other, one, true=lambda: False)
    kill(feed, one)
    one = feed.worker(file, topic, group=topic, instance="one")
    whole(feed, one, other)
    assert len(held(one)) == PARTITIONS // 2


def test_partitions_that_are_added_when_the_leader_came_back_are_read(
    feed: Feed, file: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leader that comes back under its name does not lead any more, and nobody else looks for new partitions."""
    soon(monkeypatch)
    topic = feed.broker.topic("growing", partitions=2)
    one = feed.worker(file, topic, group=topic, instance="one")
    whole(feed, one)
    kill(feed, one)
    one = feed.worker(file, topic, group=topic, instance="one")
    whole(feed, one)
    with feed.broker.admin() as admin:
        admin.create_partitions({topic: PARTITIONS})
    until(one, true=lambda: not one.state.ready)
    assert one.state.reason == "nobody in the group reads " + ", ".join(f"{topic}/{number}" for number in range(2, PARTITIONS))
    whole(feed, one)
    until(one, true=lambda: (one.state.ready, one.state.reason) == (True, ""))
    assert len(feed.turns("the group shares anew")) >= 1


def test_a_topic_that_is_added_to_the_settings_of_members_that_come_back_is_read(feed: Feed, file: Store) -> None:
    """One after the other starts again with a longer list; meanwhile the new topic goes to the one that reads it."""
    old, new = feed.broker.topic("old", partitions=2), feed.broker.topic("new", partitions=2)
    one, other = (feed.worker(file, old, group=old, instance=name) for name in ("one", "other"))
    whole(feed, one, other)
    kill(feed, one)
    one = feed.worker(file, old, new, group=old, instance="one")
    whole(feed, one, other)
    kill(feed, other)
    other = feed.worker(file, old, new, group=old, instance="other")
    whole(feed, one, other)


def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have members look at once, ask at the second look, and hear of new partitions within seconds."""
    monkeypatch.setattr(sharing, "LOOK_NS", 10**9)
    monkeypatch.setattr(sharing, "PATIENCE_NS", 10**9)
    configured = connection.configuration
    monkeypatch.setattr(connection, "configuration", lambda *asked: {**configured(*asked), "metadata_max_age_ms": 2_000})
