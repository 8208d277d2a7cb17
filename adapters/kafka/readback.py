"""Reading back: what stands on the topics is held against what the log has, id by id and byte by byte.

Both sides are folded into numbers, 25 bytes a message and five times that while they are sorted, so that a log of millions
is compared in little memory.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from adapters.announcing import Announcer, Message, digest, identity, link_at
from adapters.eventlog.store import Store
from adapters.kafka.connection import configuration, opening, reaching
from adapters.kafka.notes import Told, forget_too_large, note_too_large
from adapters.kafka.producing import Fenced, Producing, TooLarge
from adapters.kafka.topics import PREFIX, administering, ends
from adapters.settings import KafkaSettings

SAMPLES_MAX = 100
BATCH_MESSAGES_MAX = 1_000
POLL_MS = 1_000
PATIENCE_MS = 60_000
"""How long the end of a topic may stay out of reach; a batch left open by a publisher that died blocks it for half of that."""
_KIND = "Q"

Heard = Callable[[int], None]
"""Hears how many messages were read."""


class Expected:
    """What the log has told up to a position: for each message its id, its bytes and its place, as numbers."""

    def __init__(self, log: Store, until: int, heard: Heard) -> None:
        """Read the log from its beginning."""
        ids, digests, positions = array(_KIND), array(_KIND), array(_KIND)
        for message in messages(log, until):
            ids.append(_number(message.identity))
            digests.append(_number(message.digest))
            positions.append(message.position)
            heard(1)
        order = sorted(range(len(ids)), key=ids.__getitem__)
        self._ids, self._digests, self._positions = (
            array(_KIND, [cells[n] for n in order]) for cells in (ids, digests, positions)
        )
        self._seen = bytearray(len(ids))

    def __len__(self) -> int:
        return len(self._ids)

    def find(self, id: bytes) -> int | None:
        """Return the number under which a message is kept here."""
        number = _number(id)
        place = bisect_left(self._ids, number)
        return place if place < len(self._ids) and self._ids[place] == number else None

    def see(self, place: int) -> bool:
        """Note that a message stands on its topic; say whether it is the first of its id."""
        first = not self._seen[place]
        self._seen[place] = 1
        return first

    def is_same(self, place: int, told: bytes) -> bool:
        """Say whether a message has the bytes that the log gives it."""
        return self._digests[place] == _number(told)

    def position(self, place: int) -> int:
        """Return the position of the record that a message tells of."""
        return self._positions[place]

    def missing(self) -> array[int]:
        """Return the positions of the messages that were not seen, in the order of the log."""
        return array(_KIND, sorted(self._positions[n] for n, seen in enumerate(self._seen) if not seen))


@dataclass(slots=True)
class Comparison:
    """What a read-back found; only the first of what is wrong is told in words."""

    position: int = 0
    """How far the log was told, and so compared."""
    expected: int = 0
    read: int = 0
    missing: int = 0
    differing: int = 0
    unknown: int = 0
    """Messages of this log that the log does not have."""
    foreign: int = 0
    """Messages that nobody of ours has written."""
    elsewhere: int = 0
    """Messages of other stores that share the topics."""
    doubled: int = 0
    """Messages that stand there more than once, byte for byte; consumers drop them by their id."""
    disordered: int = 0
    """Messages that came later than what the log recorded after them, in their partition."""
    resent: int = 0
    too_large: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Say whether the topics are not what the log says, or were not before this."""
        return bool(self.missing or self.differing or self.unknown or self.foreign)

    def note(self, told: str) -> None:
        """Keep one of the first faults in words."""
        if len(self.samples) < SAMPLES_MAX:
            self.samples.append(told)


class ReadBack:
    """Compares the topics of one store with its log, and says again what is missing."""

    def __init__(self, settings: KafkaSettings, log: Store, *, prefix: str = PREFIX) -> None:
        """Read the topics whose names begin with a prefix."""
        self._settings, self._log = settings, log
        self._producing = Producing(settings, log, prefix=prefix)
        self._position = 0
        self._compared_to: int | None = None
        """Where the comparison ended, if nothing behind it may count as told."""

    def compare(self, heard: Heard = lambda _: None) -> Comparison:
        """Read all topics from their beginning to the end they have now. Raises BrokerUnreachable or BrokerSetup."""
        return self._compared(heard)[0]

    def mend(self, heard: Heard = lambda _: None) -> Comparison:
        """Compare, then say again what is missing; whoever publishes is shut out for that long, and comes back by himself."""
        result, missing = self._compared(heard)
        try:
            # The log may have grown since it was compared, over positions that the topics were told of another history.
            self._compared_to = result.position if self._producing.must_adopt() else None
            if missing or self._compared_to is not None:
                self._resend(missing, result)
                self._producing.adopt(self._end())
        finally:
            self._producing.close()
        return result

    def _compared(self, heard: Heard) -> tuple[Comparison, array[int]]:
        # First how far the log was told, then where the topics end: all that was told is before those ends.
        result, published = Comparison(), self._producing.watched()
        with administering(self._settings) as client:
            places = ends(client, self._producing.topics())
        self._producing.close()
        result.position = min(published, self._log.head())
        expected = Expected(self._log, result.position, heard)
        result.expected = len(expected)
        with reaching(self._settings), opening() as given:
            consumer = KafkaConsumer(
                **configuration(self._settings, "readback") | given,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                max_poll_records=5_000,
            )
        try:
            with reaching(self._settings):
                self._read(consumer, places, _Topics(self._log.deployment, expected, result, published), heard)
        finally:
            consumer.close()
        missing = expected.missing()
        result.missing = len(missing)
        return result, missing

    def _read(self, consumer: KafkaConsumer, places: Mapping[TopicPartition, int], topics: _Topics, heard: Heard) -> None:
        consumer.assign(list(places))
        consumer.seek_to_beginning(*places)
        waits_until = time.monotonic_ns() + PATIENCE_MS * 1_000_000
        while behind := [place for place, end in places.items() if consumer.position(place, timeout_ms=PATIENCE_MS) < end]:
            polled = consumer.poll(timeout_ms=POLL_MS)
            for place, records in polled.items():
                for record in records:
                    topics.hear(record, place)
                heard(len(records))
            if polled:
                waits_until = time.monotonic_ns() + PATIENCE_MS * 1_000_000
            elif time.monotonic_ns() > waits_until:
                raise KafkaTimeoutError(f"the end of {behind[0].topic} partition {behind[0].partition} stays out of reach")

    def _end(self) -> Told:
        """Shut out whoever publishes, where that is not done yet, and return how far the log was told."""
        if not self._producing.is_open:
            last = self._log.head() if self._compared_to is None else self._compared_to
            self._position = min(self._producing.open(lenient=True), last)
        with self._log.querying() as cursor:
            return Told(self._position, link_at(cursor, self._position))

    def _resend(self, missing: array[int], result: Comparison) -> None:
        """Say messages again, in the order of the log; those that are too large are noted, and the others go on."""
        for start in range(0, len(missing), BATCH_MESSAGES_MAX):
            wanted = set(missing[start : start + BATCH_MESSAGES_MAX])
            batch = [told for told in messages(self._log, max(wanted), min(wanted) - 1) if told.position in wanted]
            while batch and (refused := self._refused(batch)) is not None:
                result.too_large += len(refused)
                batch = [message for message in batch if message.position not in refused]
            result.resent += len(batch)

    def _refused(self, batch: Sequence[Message]) -> set[int] | None:
        """Send a batch; return the positions of what must be left out before it is tried again, none when it went."""
        try:
            self._producing.send(batch, self._end())
        except TooLarge as refused:
            note_too_large(self._log, self._producing.cluster, refused.messages)
            return {message.position for message in refused.messages}
        except Fenced:
            return set()  # A publisher that stood by has waited long enough; it will again.
        forget_too_large(self._log, self._producing.cluster, [message.position for message in batch])
        return None


class _Topics:
    """The other side: records as they come, each held against what the log expects."""

    def __init__(self, deployment: str, expected: Expected, result: Comparison, published: int) -> None:
        self._ours, self._expected, self._result = deployment.encode(), expected, result
        self._published = published
        self._last: dict[TopicPartition, int] = {}

    def hear(self, record: Any, place: TopicPartition) -> None:
        """Hold one record against the log."""
        result = self._result
        result.read += 1
        headers: Mapping[str, bytes] = dict(record.headers)
        where = f"{place.topic} partition {place.partition} offset {record.offset}"
        log, id = headers.get("postgate_log"), headers.get("ce_id", b"").decode(errors="replace")
        if log != self._ours:
            result.elsewhere += log is not None
            if log is None:
                result.foreign += 1
                result.note(f"{where}: {id or 'a record without an id'} was not written by Postgate")
            return
        number = self._expected.find(identity(headers.get("ce_source", b"").decode(errors="replace"), id))
        if number is None:
            self._unknown(headers, f"{where}: {id}")
        elif not self._expected.is_same(number, digest(record.key or b"", record.value or b"", list(record.headers))):
            self._expected.see(number)
            result.differing += 1
            result.note(f"{where}: {id} has other bytes than the log gives it")
        elif not self._expected.see(number):
            result.doubled += 1
        else:
            self._in_order(self._expected.position(number), place)

    def _unknown(self, headers: Mapping[str, bytes], told: str) -> None:
        position = headers.get("postgate_position", b"")
        if position.isdigit() and int(position) > self._published:
            return  # It was told after the comparison began.
        self._result.unknown += 1
        self._result.note(f"{told} is not in the log")

    def _in_order(self, position: int, place: TopicPartition) -> None:
        if position < self._last.get(place, 0):
            self._result.disordered += 1
        else:
            self._last[place] = position


def messages(log: Store, until: int, after: int = 0) -> Iterator[Message]:
    """Yield what a log tells, from behind one position up to another."""
    announcer = Announcer(log)
    while after < until:
        page = announcer.page(after)
        yield from (message for message in page.messages if message.position <= until)
        after = page.position


def _number(hashed: bytes) -> int:
    return int.from_bytes(hashed[:8], "big")
