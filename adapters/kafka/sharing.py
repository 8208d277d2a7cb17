"""Sharing: each time the group shares, every partition is somebody's; a member that sees one that is nobody's has it share anew.

A member with a name of its own that was gone for a moment comes back to what it was given before, and the group does not share:
if it led the group, it leads no more, and nobody looks for partitions that are added to a topic.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.cluster import ClusterMetadata
from kafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from kafka.protocol.admin import DescribeGroupsRequest
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment, ConsumerProtocolSubscription

QUESTION_MS = 5_000
LOOK_NS = 10 * 10**9
PATIENCE_NS = 20 * 10**9
"""How long partitions may be nobody's before the group is asked to share anew."""


class InTurn(AbstractPartitionAssignor):  # type: ignore[misc]
    """Deals all partitions out anew each time, in turn to the members that read their topic, in the order of their names.

    What comes and goes in two steps, as a cooperative assignor has it, is nobody's for ever when a member dies between the two.
    """

    name = "in-turn"
    version = 0
    asked = 0
    """How often this member had the group share anew: a settled group listens only to a member that says something new."""

    def metadata(self, topics: Collection[str]) -> ConsumerProtocolSubscription:
        """Return what a member says when it joins."""
        return ConsumerProtocolSubscription(self.version, sorted(topics), self.asked.to_bytes(8))

    def assign(self, cluster: ClusterMetadata, members: Sequence[Any]) -> dict[str, ConsumerProtocolAssignment]:
        """Return what each member is given: the next partition goes to who has fewest."""
        names = sorted((member.group_instance_id or "", member.member_id) for member in members)
        topics = {member.member_id: frozenset(member.metadata.topics) for member in members}
        dealt: dict[str, list[TopicPartition]] = {member: [] for _, member in names}
        for tp in sorted(_there(cluster, frozenset().union(*topics.values()))):
            min((dealt[member] for member in dealt if tp.topic in topics[member]), key=len).append(tp)
        return {member: self._told(share) for member, share in dealt.items()}

    def on_assignment(self, assignment: object, generation: int) -> None:
        """Keep nothing of what was given."""

    def _told(self, share: Sequence[TopicPartition]) -> ConsumerProtocolAssignment:
        numbers: dict[str, list[int]] = {}
        for tp in share:
            numbers.setdefault(tp.topic, []).append(tp.partition)
        return ConsumerProtocolAssignment(self.version, sorted(numbers.items()), b"")


class Sharing:
    """Looks now and then whether each partition of what we read is somebody's."""

    def __init__(self, topics: Sequence[str]) -> None:
        """Look after topics."""
        self.in_turn = InTurn()
        self.unread = ""
        """Which partitions are nobody's, for people."""
        self._topics = topics
        self._look_at = self._since = 0

    def look(self, consumer: KafkaConsumer, now: int) -> bool:
        """Have the group share anew when partitions were nobody's for too long, and return whether. Raises KafkaError."""
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_NS
        given = _given(consumer)
        if given is None:
            return False
        missing = sorted(_there(consumer._cluster, self._topics) - given)
        places = ", ".join(f"{tp.topic}/{tp.partition}" for tp in missing)
        self.unread = f"nobody in the group reads {places}"[:500] if missing else ""
        self._since = (self._since or now) if missing else 0
        if not missing or now - self._since < PATIENCE_NS:
            return False
        self._since = 0
        self.in_turn.asked += 1
        consumer._coordinator.request_rejoin()
        return True


def _there(cluster: ClusterMetadata, topics: Collection[str]) -> set[TopicPartition]:
    numbers = {topic: cluster.partitions_for_topic(topic) or () for topic in topics}
    return {TopicPartition(topic, number) for topic, found in numbers.items() for number in found}


def _given(consumer: KafkaConsumer) -> set[TopicPartition] | None:
    """Return what the members of the group were given; none while they are not settled, or nobody says."""
    net, coordinator = consumer._client._manager, consumer._coordinator
    node, group = coordinator.coordinator(), coordinator.group_id
    if node is None:
        return None
    request = DescribeGroupsRequest(groups=[group], include_authorized_operations=False)

    async def asked() -> Any:
        return await net.wait_for(net.send(request, node_id=node), QUESTION_MS)

    told = consumer._net.run(asked).groups[0]
    if told.error_code or told.group_state != "Stable":
        return None
    shares = [ConsumerProtocolAssignment.decode(member.member_assignment) for member in told.members if member.member_assignment]
    return {tp for share in shares for tp in share.partitions()}
