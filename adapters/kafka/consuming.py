"""Consuming: the partitions that the group gives us, each read on from the position that the database has of it.

What the group remembers is a hint for people who watch lag. Whatever the library does behind our back (a partition that went
and came, an offset that it reset, a topic made anew under its name) shows as a stretch of offsets that does not begin where
the one before it ended; such a stretch is thrown away, and the partition is read again from the database's position.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import (
    FencedInstanceIdError,
    KafkaError,
    LogTruncationError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    RetriableError,
)

from adapters.errors import BrokerSetup, EdgeError
from adapters.eventlog.store import Store
from adapters.kafka import connection, sources
from adapters.kafka.bounded import QUESTION_MS, BoundedConsumer, Stretch
from adapters.kafka.membership import Membership
from adapters.kafka.records import Record
from adapters.kafka.sources import Source, Stop
from adapters.settings import KafkaSettings
from adapters.workers.worker import Tell

TROUBLE_MS = 200
POLL_MS_MIN = 500
"""A poll that ends inside a join may leave the library waiting for ever, so that no poll is short."""
LOOK_AGAIN_NS = 3 * 10**9
HINT_NS = 10**9
STATIC_HINT_NS = 5 * 10**9


@dataclass(slots=True)
class Held:
    """A partition that is ours: where it is read next, how far the broker has it, and why it is not read, if so."""

    source: str
    topic_id: UUID
    position: int
    """The next offset to read."""
    least: int
    """The position that the database must have at least when what is read next is written."""
    written: int
    """The position that the database has."""
    end: int
    stopped: str
    looked_at: int


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets `first` to `after` - 1 of a partition: where no record stands among them, there is none.

    `least` is the position that the log must have at least, so that nothing is missing before `first`.
    """

    partition: TopicPartition
    source: str
    least: int
    first: int
    after: int
    records: Sequence[Record]


class Consuming:
    """One member of the consumer group."""

    def __init__(self, settings: KafkaSettings, store: Store, *, records_max: int, bytes_max: int, tell: Tell) -> None:
        """Join the group. Raises BrokerUnreachable, BrokerSetup or NotFound, each with a remedy."""
        self._settings, self._store, self._tell = settings, store, tell
        self.held: dict[TopicPartition, Held] = {}
        self.trouble = self._unplaced = ""
        self._place_again_at = 0
        self._hints: dict[TopicPartition, OffsetAndMetadata] = {}
        self._hinted_at = time.monotonic_ns()
        self._told: dict[str, str] = {}
        self._membership = Membership(settings, records_max=records_max, bytes_max=bytes_max, tell=tell)
        self._consumer = self._membership.consumer()
        self._cluster = self._membership.cluster
        try:
            connection.right_cluster(settings, self._cluster, {source.cluster for source in sources.known(store)})
        except EdgeError:
            self._membership.close()
            raise

    @property
    def is_member(self) -> bool:
        """True while the group counts us in and has said what is ours."""
        return self._membership.is_in

    @property
    def unread(self) -> str:
        """Which partitions nobody in the group reads, nothing when all are read."""
        return self._membership.unread

    def poll(self, wait_ms: int) -> list[Span]:
        """Return what came, for each partition the offsets that follow on those before; returns early when something did."""
        consumer = self._watched()
        if consumer is None:
            time.sleep(min(wait_ms, POLL_MS_MIN) / 1_000)
            return []
        try:
            self._place(consumer)
            taken = consumer.take(max(wait_ms, POLL_MS_MIN))
            self._place(consumer)
            ids = consumer.identities({tp.topic for tp in taken}) if taken else {}
            self.trouble = self._unplaced
            return [span for tp, stretch in taken.items() if (span := self._span(consumer, tp, ids.get(tp.topic), stretch))]
        except (OffsetOutOfRangeError, NoOffsetForPartitionError):
            self.held.clear()  # The next placing finds out whether it is not here any more, or not yet.
        except LogTruncationError as error:
            for tp in error.divergent_offsets:
                self._stop(tp, "records that were read are gone from the broker, and others stand in their place")
            self.held.clear()
        except FencedInstanceIdError as error:
            told = f"another process of the group is {self._settings.instance.value!r}"
            remedy = f"give every process an {self._settings.instance.environment} of its own"
            raise BrokerSetup(self._settings.bootstrap.value, told, remedy) from error
        except KafkaError as error:
            with connection.reaching(self._settings):
                if isinstance(error, connection.LASTING):
                    raise
            # What was taken before the error is dropped; if nothing followed it, no stretch would ever show that it is missing.
            self.held.clear()
            self.trouble = f"the broker does not answer as it should: {error}"[:500]
            time.sleep(TROUBLE_MS / 1_000)
        return []

    def rewind(self) -> None:
        """Read every partition again from the position that the database has."""
        self.held.clear()
        self._place_again_at = 0

    def rest(self) -> None:
        """Take nothing for now, and stay in the group."""
        if self._consumer is not None:
            self._consumer.pause(*self._consumer.assignment())

    def hint(self, spans: Sequence[Span] = ()) -> None:
        """Tell the group how far the database is, for those who watch lag; nothing depends on it.

        A static member says something now and then when nothing comes, too: the answer is how it hears that another process
        has taken its name.
        """
        for span in spans:
            if span.partition in self.held:
                self.held[span.partition].written = span.after
            self._hints[span.partition] = OffsetAndMetadata(span.after, "", -1)
        waited = time.monotonic_ns() - self._hinted_at
        if self._settings.instance.value and waited > STATIC_HINT_NS:
            self._hints = {tp: OffsetAndMetadata(held.written, "", -1) for tp, held in self.held.items()}
        if self._hints and self._consumer is not None and waited > HINT_NS:
            with suppress(KafkaError):
                self._consumer.commit_async(self._ours())
            self._hinted_at = time.monotonic_ns()
            self._hints.clear()

    def close(self) -> None:
        """Leave the group."""
        if self._consumer is not None and self._hints:
            with suppress(KafkaError):
                self._consumer.commit(self._ours(), timeout_ms=1_000)
        self._consumer = None
        self._membership.close()

    def _ours(self) -> dict[TopicPartition, OffsetAndMetadata]:
        return {tp: offset for tp, offset in self._hints.items() if tp in self.held}

    def _watched(self) -> BoundedConsumer | None:
        """Return the consumer; with another one than before, everything is placed again."""
        before, self._consumer = self._consumer, self._membership.consumer()
        if before is not self._consumer:
            self.held.clear()
            self._hints.clear()
        if self._membership.trouble:
            self.trouble = self._membership.trouble
        return self._consumer

    def _place(self, consumer: BoundedConsumer) -> None:
        """Seek every partition that is new to us to the database's position, unless something is wrong with it."""
        assigned, now = consumer.assignment(), time.monotonic_ns()
        for tp, held in list(self.held.items()):
            is_due = held.stopped and now - held.looked_at > LOOK_AGAIN_NS
            if tp not in assigned or is_due or consumer._cluster.topic_id(tp.topic) not in (None, held.topic_id):
                del self.held[tp]
        new = sorted(tp for tp in assigned if tp not in self.held)
        for tp in new:
            with suppress(ValueError):  # While one has no position at all, the library reads none of the others.
                consumer.pause(tp)
                consumer.seek(tp, 0)
        if not new or now < self._place_again_at:
            return
        try:
            self._look_up(consumer, new)
        except RetriableError as error:
            self._place_again_at = now + LOOK_AGAIN_NS
            self._unplaced = f"the broker does not say where partitions begin and end: {error}"[:500]

    def _look_up(self, consumer: BoundedConsumer, new: Sequence[TopicPartition]) -> None:
        """Ask the broker about partitions and put each where it belongs; one without a leader, or gone, waits for its own."""
        if str(consumer._cluster.cluster_id) != self._cluster:
            told = f"was cluster {self._cluster}, and is {consumer._cluster.cluster_id} now"
            raise BrokerSetup(self._settings.bootstrap.value, told, "check who answers at this address, and start again")
        there = consumer.identities({tp.topic for tp in new})
        led = [tp for tp in new if tp.topic in there and consumer._cluster.leader_for_partition(tp) not in (None, -1)]
        begins = consumer.beginning_offsets(led, timeout_ms=QUESTION_MS) if led else {}
        ends = consumer.end_offsets(led, timeout_ms=QUESTION_MS) if led else {}
        known, ids = sources.known(self._store), consumer.identities({tp.topic for tp in led}) if led else {}
        for tp in led:
            if ids.get(tp.topic) == there[tp.topic]:  # Asked before and after, it holds for what was answered between.
                self._tell_made_anew(self._source(tp, ids[tp.topic]), known)
                self._put(consumer, tp, ids[tp.topic], (begins[tp], ends[tp]))
        missing = [f"{tp.topic}/{tp.partition}" for tp in new if tp not in self.held]
        self._unplaced = f"the broker has no leader for {', '.join(missing)}"[:500] if missing else ""
        self._place_again_at = time.monotonic_ns() + LOOK_AGAIN_NS if missing else 0

    def _put(self, consumer: BoundedConsumer, tp: TopicPartition, topic_id: UUID, range_: tuple[int, int]) -> None:
        name, (begin, end) = str(self._source(tp, topic_id)), range_
        position = self._store.source_position(name)
        why = self._objection(name, position, begin, end)
        first = position or begin
        with suppress(ValueError):  # Not ours any more: the next poll knows.
            consumer.pause(tp)
            consumer.forget(tp)
            consumer.seek(tp, min(first, end))
            if not why:
                consumer.resume(tp)
            self.held[tp] = Held(name, topic_id, first, position, first, end, why, time.monotonic_ns())
        if self._told.get(name, "") != why:
            self._tell("partition stopped" if why else "partition is read again", {"source": name, "why": why})
            self._told[name] = why

    def _objection(self, name: str, position: int, begin: int, end: int) -> str:
        """Return why a partition may not be read on from the database's position, nothing when it may."""
        noted = sources.stop_of(self._store, name)
        if noted and noted.position == position:
            return noted.why
        why = ""
        if position > end:
            why = f"it was read up to offset {position}, and the broker ends at {end}: the broker was restored, or lost records"
        if noted or why:
            sources.note_stop(self._store, name, Stop(position, why))  # The broker may fill up again; the question stays.
        if position and position < begin:
            lost = f"offsets {position} to {begin - 1} are gone from the broker"
            return f"{lost}: declare positions {position + 1} to {begin} lost (postgate.source.gap_declared.v1), or find them"
        return why

    def _stop(self, tp: TopicPartition, why: str) -> None:
        held = self.held.get(tp)
        if held is not None:
            sources.note_stop(self._store, held.source, Stop(self._store.source_position(held.source), why))
            del self.held[tp]

    def _span(self, consumer: BoundedConsumer, tp: TopicPartition, topic_id: UUID | None, stretch: Stretch) -> Span | None:
        """Return a stretch of offsets that follows on what was read; any other is thrown away and read again."""
        held = self.held.get(tp)
        if held is None or held.stopped:
            return None
        if stretch.first != held.position or topic_id != held.topic_id:
            del self.held[tp]
            consumer.look_again()
            return None
        span = Span(tp, held.source, held.least, stretch.first, stretch.after, stretch.records)
        held.position = held.least = stretch.after
        held.end = max(consumer.highwater(tp) or 0, stretch.after)
        return span

    def _source(self, tp: TopicPartition, topic_id: UUID) -> Source:
        return Source(self._cluster, tp.topic, sources.written(topic_id), tp.partition)

    def _tell_made_anew(self, source: Source, known: Sequence[Source]) -> None:
        place = (source.cluster, source.topic, source.partition)
        others = [each for each in known if (each.cluster, each.topic, each.partition) == place and each != source]
        if others and source not in known and str(source) not in self._told:
            self._told[str(source)] = ""
            self._tell("topic was made anew", {"source": str(source), "before": str(others[-1])})
