"""Sending: messages of ours, or of a file, to inbound topics; what the broker acknowledged is counted, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from adapters.errors import BrokerUnreachable
from adapters.kafka.connection import configuration, opening, reaching
from adapters.settings import KafkaSettings

DELIVERY_MS = 120_000
"""How long one message may take, retries and all; a broker that restarts takes less."""
WAITING_MAX = 10_000
"""How many messages are on their way at once."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message for one topic, as it stands on the wire."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Sender:
    """Sends messages and counts those that are safe with the broker."""

    _producer: KafkaProducer
    _settings: KafkaSettings
    acknowledged: dict[str, int] = field(default_factory=dict)
    _waiting: list[tuple[str, FutureRecordMetadata]] = field(default_factory=list)

    def send(self, message: Sent) -> None:
        """Put a message on its way. Raises BrokerUnreachable or BrokerSetup when it, or one before, cannot be sent."""
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        with reaching(self._settings):
            future = self._producer.send(message.topic, value=message.value, key=message.key, headers=headers)
        self._waiting.append((message.topic, future))
        if len(self._waiting) >= WAITING_MAX:
            self.flush()

    def flush(self) -> None:
        """Wait until the broker has everything."""
        with reaching(self._settings):
            self._producer.flush(timeout=DELIVERY_MS / 1_000)
        failed: KafkaError | None = None
        for topic, future in self._waiting:
            if future.succeeded():
                self.acknowledged[topic] = self.acknowledged.get(topic, 0) + 1
            elif failed is None:
                failed = future.exception or KafkaError("no answer in time")
        self._waiting.clear()
        if failed is not None:
            with reaching(self._settings):
                raise failed


@contextmanager
def sending(settings: KafkaSettings) -> Iterator[Sender]:
    """Open a sender; it repeats what is not acknowledged without doubling it, and makes no topic."""
    with reaching(settings), opening() as closing:
        producer = KafkaProducer(
            **configuration(settings, "send") | closing,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            delivery_timeout_ms=DELIVERY_MS,
            allow_auto_create_topics=False,
        )
    try:
        yield Sender(producer, settings)
    finally:
        producer.close(timeout=5)


def no_topic(settings: KafkaSettings, topic: str) -> BrokerUnreachable:
    """Return the error for a topic that is not there."""
    return BrokerUnreachable(settings.bootstrap.value, f"has no topic {topic}", "create it: postgate topics --create")
