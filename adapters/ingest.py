"""Ingest: messages of one source, in batches, through the strict door and the engine into the log."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

from adapters import clock
from adapters.errors import EdgeError
from engine.errors import Conflict, PostgateError
from engine.handling.transaction import Handled, Incoming, handle
from engine.ports import Gap, Log, Writing
from engine.states import States
from schemas.envelope import read_structured
from schemas.gate import Unreadable

BATCH_MESSAGES_MAX = 1_000
BATCH_BYTES_MAX = 4 * 1024 * 1024
BATCHES_PER_COLLECTION = 10
Came = Sequence[Incoming | Gap]
"""What came of sources: messages and gaps, those of one source in the order of its positions."""
BROKEN_MESSAGES_MAX = 10
"""How many messages of a source may break the engine before it stops: then it is not the messages."""


@dataclass(slots=True)
class Progress:
    """What became of a source so far."""

    messages: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: {"ACCEPTED": 0, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 0})
    codes: dict[str, int] = field(default_factory=dict)
    batches: int = 0
    broken: int = 0

    def count(self, handled: Handled) -> None:
        """Add what became of a batch."""
        for receipt in handled.receipts:
            self.verdicts[receipt.verdict] += 1
            self.codes[receipt.code] = self.codes.get(receipt.code, 0) + 1


class Ingester:
    """Feeds one log; keeps what it learnt about parties between batches."""

    def __init__(self, log: Log, *, now: Callable[[], int] = clock.now) -> None:
        """Write to a log, with a clock."""
        self._log = log
        self._now = now
        self._states = States()
        self.head = 0
        """The last position of the log after the last batch."""

    def ingest(
        self, source: str, messages: Iterable[tuple[int, bytes]], told: Callable[[Handled], None] | None = None
    ) -> Progress:
        """Take in the messages of a source, (position, bytes) each; `told` hears of every batch that was committed."""
        progress = Progress()
        with without_collector():
            for batch in _batches(messages):
                progress.messages += len(batch)
                progress.batches += 1
                for handled in self._taken([incoming(source, position, raw) for position, raw in batch], progress):
                    progress.count(handled)
                    if told:
                        told(handled)
                if progress.batches % BATCHES_PER_COLLECTION == 0:
                    gc.collect(0)
        if not progress.batches:
            handled = self.take([])  # Nothing was said, but a day that documents wait for may have come.
            if told:
                told(handled)
        return progress

    def taken(self, came: Came | Callable[[], Came], progress: Progress, least: Mapping[str, int]) -> list[Handled]:
        """Take a batch; one that is given as a function is made only when the writer's lock is held. `least` as `take` has it."""
        if not callable(came):
            return self._taken(came, progress, least)
        heard: list[Came] = []

        def hear() -> Came:
            heard.append(came())
            return heard[-1]

        return self._taken(hear, progress, least, heard)

    def _taken(
        self,
        came: Came | Callable[[], Came],
        progress: Progress,
        least: Mapping[str, int] | None = None,
        heard: Sequence[Came] = (),
    ) -> list[Handled]:
        """Take a batch; one that breaks the engine is halved until the message that does it stands alone, and is quarantined.

        Gaps stand among the messages in the order of positions, so that each half is whole in itself.
        """
        try:
            return [self.take(came, least=least)]
        except (PostgateError, EdgeError):
            raise  # The world moved or is out of reach: nothing is wrong with the messages.
        except Exception as error:
            known = heard[-1] if heard else came
            if callable(known):
                raise  # It was not heard yet.
            if len(known) > 1:
                half = len(known) // 2
                return [*self._taken(known[:half], progress, least), *self._taken(known[half:], progress, least)]
            progress.broken += 1
            (broken,) = known or (None,)
            if progress.broken > BROKEN_MESSAGES_MAX or not isinstance(broken, Incoming) or isinstance(broken.said, Unreadable):
                raise  # It is not the message, it is us: stop, nothing of the batch was recorded.
            told = f"the engine failed on it ({type(error).__name__}: {error}); requeue it after an upgrade"
            return [self.take([replace(broken, said=Unreadable("ENGINE_ERROR", told[:1_000]))], least=least)]

    def take(self, came: Came | Callable[[], Came], *, dry: bool = False, least: Mapping[str, int] | None = None) -> Handled:
        """Handle one batch in one transaction. When `dry`, say what would happen and keep nothing.

        Raises Conflict when a source is read less far than `least` says: what came follows on something that is not there.
        """
        kept = False
        try:
            with self._log.writing(dry=dry) as writing:
                refuse_hole(writing, least or {})
                handled = handle(writing, self._states, came() if callable(came) else came, self._now(), clock.day)
                self.head = writing.head()
            kept = not dry  # Only now is it committed; a cache that was filled before that is never trusted.
        finally:
            if kept:
                self._states.end(self.head)
            else:
                self._states.forget()
        return handled


def refuse_hole(writing: Writing, least: Mapping[str, int]) -> None:
    """Raise Conflict when a source is read less far than it was: a store put back from a copy must read again what it lost."""
    for source, position in least.items():
        found = writing.source_position(source)
        if found < position:
            raise Conflict(f"{source} was read to {position}, and the log has {found}: it was put back to an earlier time")


class Rehearsal(Ingester):
    """Feeds one transaction that is never committed; every batch sees those before it."""

    def __init__(self, log: Log, writing: Writing, *, now: Callable[[], int]) -> None:
        """Work inside an open transaction of the log."""
        super().__init__(log, now=now)
        self._writing = writing

    def take(self, came: Came | Callable[[], Came], *, dry: bool = True, least: Mapping[str, int] | None = None) -> Handled:
        """Handle one batch inside the open transaction; a rehearsal is always dry."""
        if not dry:
            raise ValueError("a rehearsal keeps nothing")
        refuse_hole(self._writing, least or {})
        handled = handle(self._writing, self._states, came() if callable(came) else came, self._now(), clock.day)
        self._states.end(self._writing.head())
        return handled


@contextmanager
def rehearsal(log: Log, *, now: Callable[[], int] = clock.now) -> Iterator[Rehearsal]:
    """Open a rehearsal: any number of sources and batches, one transaction, nothing kept. The writer's lock is held meanwhile."""
    with log.writing(dry=True) as writing:
        yield Rehearsal(log, writing, now=now)


@contextmanager
def without_collector() -> Iterator[None]:
    """Collect cyclic garbage every few batches only: next to nothing is cyclic, and looking for it costs a fifth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def incoming(source: str, position: int, raw: bytes) -> Incoming:
    """Read one message strictly; what cannot be read is carried as such."""
    try:
        return Incoming(source, position, raw, read_structured(raw))
    except Unreadable as unreadable:
        return Incoming(source, position, raw, unreadable)


def joined(came: list[Incoming | Gap]) -> list[Incoming | Gap]:
    """Join gaps that follow on one another."""
    joined: list[Incoming | Gap] = []
    for each in came:
        before = joined[-1] if joined else None
        if (
            isinstance(each, Gap)
            and isinstance(before, Gap)
            and (before.source, before.why, before.last + 1) == (each.source, each.why, each.first)
        ):
            joined[-1] = replace(before, last=each.last)
        else:
            joined.append(each)
    return joined


def _batches(messages: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    stream = iter(messages)
    while chunk := list(islice(stream, BATCH_MESSAGES_MAX)):
        size, batch = 0, []
        for position, raw in chunk:
            batch.append((position, raw))
            size += len(raw)
            if size >= BATCH_BYTES_MAX:
                yield batch
                size, batch = 0, []
        if batch:
            yield batch
