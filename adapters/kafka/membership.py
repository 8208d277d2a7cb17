"""Membership: one member of a consumer group, replaced by a new one when the group has not counted it in for too long."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from kafka.errors import KafkaError
from kafka.structs import MemberState

from adapters.errors import BrokerUnreachable
from adapters.kafka import connection
from adapters.kafka.bounded import BoundedConsumer
from adapters.kafka.sharing import Sharing
from adapters.settings import KafkaSettings
from adapters.workers.worker import Tell

TOPICS_S = 15
TOPICS_MS = 50
STALL_NS = 30 * 10**9
"""The library can stall for ever when it joins; a member that is out for so long is replaced."""
PATIENCE_NS = 300 * 10**9
CLOSE_MS = 3_000
SESSION_MS = 30_000
HEARTBEAT_MS = 1_000
"""How soon a member hears that the group shares its partitions out anew; the others wait for it meanwhile."""
POLL_INTERVAL_MS = 120_000


class Membership:
    """Keeps a consumer in the group."""

    def __init__(self, settings: KafkaSettings, *, records_max: int, bytes_max: int, tell: Tell) -> None:
        """Ask to be let into the group. Raises BrokerUnreachable, BrokerSetup or NotFound, each with a remedy."""
        self._settings, self._tell = settings, tell
        self._limits: dict[str, Any] = {"max_poll_records": records_max, "bytes_max": bytes_max}
        self.trouble = ""
        self._sharing = Sharing(settings.inbound)
        self._in_at = time.monotonic_ns()
        self._consumer: BoundedConsumer | None = self._opened()
        self.cluster = str(self._consumer._cluster.cluster_id)

    @property
    def is_in(self) -> bool:
        """True while the group counts us in and has said what is ours."""
        return self._consumer is not None and self._consumer.group_metadata().state == MemberState.STABLE

    @property
    def unread(self) -> str:
        """Which partitions nobody in the group read when it was last looked at, nothing when all are read."""
        return self._sharing.unread

    def consumer(self) -> BoundedConsumer | None:
        """Return the consumer, another one than before if that one stalled; none while the broker is out of reach."""
        now = time.monotonic_ns()
        if self._consumer is not None and self.is_in:
            self._in_at = now
            with suppress(KafkaError):  # The next look asks again; what the group gave us is read on meanwhile.
                if self._sharing.look(self._consumer, now):
                    self._tell("the group shares anew", {"group": self._settings.group.value, "why": self.unread})
        elif now - self._in_at > STALL_NS:
            self._replace(now)
        return self._consumer

    def close(self) -> None:
        """Leave the group; a static member keeps its place until its session ends."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(KafkaError):
                consumer.close(autocommit=False, timeout_ms=CLOSE_MS)

    def _replace(self, now: int) -> None:
        since = self._in_at
        self.close()
        try:
            self._consumer = self._opened()
        except BrokerUnreachable as error:
            if now - since > PATIENCE_NS:
                raise
            self.trouble = f"{error.place}: {error.reason}"[:500]
        else:
            self._in_at, self.trouble = time.monotonic_ns(), ""
            self._tell("joining the group anew", {"group": self._settings.group.value, "waited_ms": (now - since) // 10**6})

    def _opened(self) -> BoundedConsumer:
        settings = self._settings
        static: dict[str, Any] = {"group_instance_id": settings.instance.value} if settings.instance.value else {}
        with connection.reaching(settings), connection.opening() as kept:
            consumer = BoundedConsumer(
                **connection.configuration(settings, "ingest"),
                **self._limits,
                **static,
                **kept,
                group_id=settings.group.value,
                partition_assignment_strategy=(self._sharing.in_turn,),
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
                max_poll_interval_ms=POLL_INTERVAL_MS,
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
                isolation_level="read_committed",
                default_offset_commit_callback=_unheard,
                metrics_enabled=False,
            )
            consumer.subscribe(list(settings.inbound))
            _await_topics(consumer, settings)
        return consumer


def _await_topics(consumer: BoundedConsumer, settings: KafkaSettings) -> None:
    """Wait until the broker has told of every topic: the library stalls when it joins before that."""
    until, missing, cluster = time.monotonic_ns() + TOPICS_S * 10**9, list(settings.inbound), consumer._cluster
    while missing := [topic for topic in missing if not cluster.partitions_for_topic(topic)]:
        closed = [topic for topic in missing if topic in cluster.unauthorized_topics]
        if closed or time.monotonic_ns() > until:
            told = f"may not read topic {', '.join(closed)}" if closed else f"has no topic {', '.join(missing)}"
            remedy = (
                "let this user read it (ACLs of the broker)" if closed else f"create it, or set {settings.topics.environment}"
            )
            raise BrokerUnreachable(settings.bootstrap.value, told, remedy)
        time.sleep(TOPICS_MS / 1_000)


def _unheard(_offsets: object, _response: object) -> None:
    """Hear what became of a hint, and do nothing about it."""
