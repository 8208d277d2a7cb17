"""Ingesting: what the broker's topics say goes through the strict door and the engine into the log, batch by batch.

One transaction takes a batch with its receipts, its events and the positions of its partitions; until it is committed nothing
happened, and afterwards all of it did. So a step may be killed anywhere, run twice, or meet another process at the same work.
"""

from __future__ import annotations

import gc
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from adapters.dialect import POSTGRES
from adapters.effects import Effect
from adapters.errors import StoreUnreachable
from adapters.eventlog.store import Store
from adapters.ingest import (
    BATCH_BYTES_MAX,
    BATCH_MESSAGES_MAX,
    BATCHES_PER_COLLECTION,
    BROKEN_MESSAGES_MAX,
    Came,
    Ingester,
    Progress,
    joined,
    without_collector,
)
from adapters.kafka.consuming import Consuming, Span
from adapters.kafka.records import Record, incoming, unread
from adapters.settings import KafkaSettings
from adapters.workers.attempts import Attempts, Suspicion
from adapters.workers.worker import BatchDone, Partition, Tell, WorkerState, untold
from engine.errors import Conflict
from engine.handling.transaction import Handled, Incoming
from engine.ports import Gap
from schemas.envelope import Message

IDLE_TAKE_NS = 30 * 10**9
"""How often time alone is taken in: documents may wait for a day that has come."""
BACKOFF_MS_MAX = 10_000
REST_NS_MIN = 10**8
CONFLICTS_MAX = 20
KILLED = "it killed the process that looked into it, alone, more than once; it was set aside unread"
REST = "*"
"""What stands for every book that has no cell of its own, and for messages that name no book."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one transaction takes: stretches of offsets, and how carefully."""

    spans: tuple[Span, ...]
    suspicion: Suspicion | None = None

    @property
    def size(self) -> int:
        """How many records it has."""
        return sum(len(span.records) for span in self.spans)

    @property
    def in_hand(self) -> dict[str, tuple[int, int]]:
        """The first and last position of each source."""
        return {span.source: (span.first + 1, span.after) for span in self.spans}


class IngestWorker:
    """Reads the partitions that the group gives it, and writes one log."""

    name = "ingest"

    def __init__(
        self, settings: KafkaSettings, store: Store, *, is_mine: Callable[[str], bool] | None = None, tell: Tell = untold
    ) -> None:
        """Join the group. `is_mine` says whether a book belongs to this log; messages of other books are passed over.

        A message that names no book belongs to the log of `*`. Raises BrokerUnreachable or BrokerSetup, each with a remedy.
        """
        self.state = WorkerState()
        self._store, self._is_mine, self._tell = store, is_mine, tell
        self._ingester, self._attempts, self._progress = Ingester(store), Attempts(store), Progress()
        self._pieces: deque[Piece] = deque()
        self._failures = self._conflicts = self._rest_until = self._elsewhere = self._misread = 0
        self._time_taken_at = time.monotonic_ns()
        self._behind: dict[str, int] = {}
        self._consuming = Consuming(settings, store, records_max=BATCH_MESSAGES_MAX, bytes_max=BATCH_BYTES_MAX, tell=tell)

    def step(self, wait_ms: int) -> int:
        """Take one batch, or wait a while for one; return how many records were passed. What fails is tried again later."""
        began = time.monotonic_ns()
        with without_collector(), ExitStack() as ending:
            ending.callback(self._clear)  # Whatever ends us here is not death: nothing in hand is to be suspected.
            try:
                done = self._step(wait_ms)
            except StoreUnreachable as error:
                done = self._rest(began, f"{error.place}: {error.reason}; {error.remedy}")
            except Conflict as conflict:
                self._conflicts += 1
                if self._conflicts > CONFLICTS_MAX:
                    raise
                done = self._again(str(conflict))
            ending.pop_all()
        self._report()
        self.state.advanced()
        return done

    def close(self) -> None:
        """Leave the group, and say that nothing in hand was deadly."""
        self._consuming.close()
        self._clear()

    def _clear(self) -> None:
        try:
            self._attempts.close()
        except StoreUnreachable as error:
            self._tell("attempts are not cleared", {"why": error.reason})

    def _step(self, wait_ms: int) -> int:
        if self._rest_until:
            if time.monotonic_ns() < self._rest_until:
                self._consuming.poll(wait_ms)  # Nothing comes while everything is paused, and the group sees us alive.
                return 0
            self._rest_until = 0
            self._consuming.rewind()
        if not self._pieces:
            self._pieces.extend(self._planned(self._consuming.poll(wait_ms)))
        if not self._pieces:
            return self._idle()
        piece = self._pieces.popleft()
        started = time.monotonic_ns()
        handled = self._taken(piece)
        self._consuming.hint(piece.spans)
        self._count(piece, handled, (time.monotonic_ns() - started) // 10**6)
        self._failures = self._conflicts = 0
        return sum(span.after - span.first for span in piece.spans)

    def _planned(self, spans: Sequence[Span]) -> list[Piece]:
        """Return what to take in which transaction: everything at once, but what somebody died of in small pieces before."""
        sound: list[Span] = []
        pieces: list[Piece] = []
        for span in spans:
            rest: Span | None = span
            while rest is not None and (suspicion := self._attempts.suspicion(rest.source, rest.first + 1)):
                part, rest = _cut(rest, suspicion.size, suspicion.last)
                pieces.append(Piece((part,), suspicion))
            if rest is not None:
                sound.append(rest)
        return [*pieces, Piece(tuple(sound))] if sound else pieces

    def _taken(self, piece: Piece) -> list[Handled]:
        least = {span.source: span.least for span in piece.spans}
        inside = piece.suspicion is not None and self._store.dialect is POSTGRES

        def heard() -> Came:
            self._attempts.begin(piece.in_hand, piece.size, piece.suspicion.deaths if piece.suspicion else 0)
            return self._heard(piece)

        broken = self._progress.broken
        # Whoever dies while it waits for the writer's lock has died of nothing that is in hand.
        handled = self._ingester.taken(heard if inside else heard(), self._progress, least)
        if self._progress.broken == broken:
            self._progress = Progress()
        self._time_taken_at = time.monotonic_ns()
        return handled

    def read(self, source: str, record: Record) -> Incoming:
        """Read one record; an error that nobody foresaw is taken for the record's own, unless it comes with every record."""
        try:
            one = incoming(source, record)
        except Exception as error:
            self._misread += 1
            if self._misread > BROKEN_MESSAGES_MAX:
                raise
            return unread(source, record, "ENGINE_ERROR", f"it cannot be read ({type(error).__name__}: {error})"[:1_000])
        self._misread = 0
        return one

    def unread(self, source: str, record: Record) -> Incoming:
        """Set a record aside that killed whoever read it."""
        return unread(source, record, "KILLED_THE_PROCESS", KILLED)

    def _heard(self, piece: Piece) -> list[Incoming | Gap]:
        """Read what stands in each record; what belongs to other cells, and what has no record, becomes a gap."""
        came: list[Incoming | Gap] = []
        self._elsewhere = 0
        for span in piece.spans:
            for record in span.records:
                reading = partial(self.read, span.source, record)
                is_deadly = piece.suspicion is not None and piece.suspicion.is_deadly(reading)
                one = self.unread(span.source, record) if is_deadly else reading()
                # Nobody knows whose a deadly record is: whoever dies of it keeps it, for the others may read it and pass it over.
                if is_deadly or self._is_mine is None or self._is_mine(_book(one)):
                    came.append(one)
                else:
                    self._elsewhere += 1
                    came.append(Gap(span.source, one.position, one.position, "ELSEWHERE"))
            last = span.records[-1].offset + 1 if span.records else span.first
            if last < span.after:
                came.append(Gap(span.source, last + 1, span.after, "ABSENT"))
        return joined(came)

    def _idle(self) -> int:
        """Let time pass in the log now and then, when nothing else does."""
        if time.monotonic_ns() - self._time_taken_at > IDLE_TAKE_NS:
            self._ingester.take([])
            self._time_taken_at = time.monotonic_ns()
        self._consuming.hint()
        self._failures = 0
        return 0

    def _rest(self, began: int, why: str) -> int:
        """Wait before the store is asked again, longer each time counted from the last; nothing is taken meanwhile."""
        self._failures += 1
        wait_ms = min(BACKOFF_MS_MAX, 100 * 2 ** min(self._failures, 10)) * random.randint(50, 100) // 100
        if self._failures == 1:
            self._tell("store is out of reach", {"why": why})
        self.state.ready, self.state.reason = False, why
        self._rest_until = max(began + wait_ms * 10**6, time.monotonic_ns() + REST_NS_MIN)
        self._pieces.clear()
        self.state.retries += 1
        self._consuming.rest()
        return 0

    def _again(self, why: str) -> int:
        """Somebody else wrote first, or the log was put back: read again from where it is now."""
        self._tell("batch is begun again", {"why": why})
        self._pieces.clear()
        self.state.retries += 1
        self._consuming.rewind()
        time.sleep(random.randint(5, 50) / 1_000)
        return 0

    def _count(self, piece: Piece, handled: Sequence[Handled], ms: int) -> None:
        state, taken, effect = self.state, Progress(), Effect()
        for each in handled:
            taken.count(each)
            effect.add(each.happened)
        receipts = sum(taken.verdicts.values())
        passed_over = piece.size - receipts
        state.batches += 1
        state.messages += receipts
        state.redelivered += passed_over - self._elsewhere
        state.elsewhere += self._elsewhere
        state.verdicts = {verdict: count + taken.verdicts[verdict] for verdict, count in state.verdicts.items()}
        state.codes = {**state.codes, **{code: state.codes.get(code, 0) + count for code, count in taken.codes.items()}}
        now = time.time_ns() // 10**6
        behind = {span.source: max(0, now - span.records[-1].timestamp) for span in piece.spans if span.records}
        self._behind.update(behind)
        size = sum(len(record.value or b"") for span in piece.spans for record in span.records)
        done = BatchDone(receipts, passed_over, size, ms, taken.verdicts, taken.codes, self._ingester.head)
        done.posted, done.held, done.released = len(effect.posted), len(effect.held), len(effect.released)
        done.behind_ms, done.positions = max(behind.values(), default=0), piece.in_hand
        state.last = done
        for span in piece.spans:
            self._attempts.done(span.source, span.after)
        if state.batches % BATCHES_PER_COLLECTION == 0:
            gc.collect(0)

    def _report(self) -> None:
        """Say how it stands, in one go, for whoever looks on from another thread."""
        state, consuming = self.state, self._consuming
        partitions = {
            held.source: Partition(tp.topic, tp.partition, held.written, held.end, self._behind.get(held.source, 0), held.stopped)
            for tp, held in list(consuming.held.items())
        }
        for partition in partitions.values():
            partition.behind_ms = partition.behind_ms if partition.lag else 0
        state.partitions = partitions
        if not self._rest_until:
            state.ready = consuming.is_member and not consuming.unread
            state.reason = consuming.trouble or consuming.unread or ("" if state.ready else "joining the group")


def _book(one: Incoming) -> str:
    return one.said.envelope.book if isinstance(one.said, Message) else REST


def _cut(span: Span, size: int, last: int) -> tuple[Span, Span | None]:
    """Cut off the first records of a stretch, not beyond a position."""
    records = span.records[:size]
    while len(records) > 1 and records[-1].offset + 1 > last:
        records = records[:-1]
    after = records[-1].offset + 1 if records else span.after
    if len(records) == len(span.records):
        return span, None
    rest = replace(span, first=after, least=after, records=span.records[len(records) :])
    return replace(span, after=after, records=records), rest
