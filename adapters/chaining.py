"""Chaining: each book's chain is computed again from the stored bytes and held against what is stored."""

from __future__ import annotations

from adapters.eventlog.store import Store
from engine.audit.recheck import Fault
from engine.audit.verbatim import difference, sound
from engine.chain import GENESIS, leaf, link
from engine.errors import Corrupt
from engine.record import Happened, Recorded, decode
from engine.states import DECIDERS

PAGE = 1_000

Stored = tuple[str, int, bytes, bytes]
"""Book, sequence, leaf, link."""


def read(recorded: Recorded) -> Happened:
    """Return what a row keeps. Raises Corrupt when it is not of the form in which records are kept."""
    state, name = recorded.state, recorded.stream
    if type(state) is not bytes:
        raise Corrupt(f"position {recorded.position} ({recorded.kind} of {name}) is not kept as bytes")
    if type(name) is not str or name.count("|") < 2 or name.split("|", 2)[1] not in DECIDERS:
        raise Corrupt(f"position {recorded.position} is of {name!r}, which no stream is named")
    happened = decode(recorded)
    sound(recorded, happened)
    return happened


class Chain:
    """Recomputes each book's chain; after a broken link it goes on from the stored one, so that each break is named once."""

    def __init__(self, log: Store) -> None:
        """Read a log."""
        self._log = log
        self.heads: dict[str, tuple[int, bytes]] = {}
        self._versions: dict[str, int] = {}
        self._stored: dict[int, Stored] = {}

    def check(self, event: Happened, recorded: Recorded) -> list[Fault]:
        """Return what is wrong with the place, the bytes and the link of one record."""
        return [*self._linked(event, recorded), *self._placed(recorded), *self._said(event, recorded)]

    def _linked(self, event: Happened, recorded: Recorded) -> list[Fault]:
        sequence, previous = self.heads.get(event.book, (0, GENESIS))
        row = (recorded.stream, recorded.version, recorded.kind, recorded.state)
        of = leaf(f"{self._log.deployment}/{event.book}", event.sequence, row, event.cause)
        made, stored = link(event.sequence, previous, of), self._row(recorded.position)
        self.heads[event.book] = (event.sequence, stored[3] if stored else made)
        if event.sequence != sequence + 1:
            return [Fault(recorded.position, "CHAIN_GAP", f"book {event.book} goes from {sequence} to {event.sequence}")]
        if stored is None or (stored[0], stored[1]) != (event.book, event.sequence):
            return [Fault(recorded.position, "CHAIN_MISSING", "the record has no link")]
        if stored[2:] != (of, made):
            message = f"record {event.sequence} of book {event.book} is not what was recorded"
            return [Fault(recorded.position, "CHAIN_BROKEN", message)]
        return []

    def _placed(self, recorded: Recorded) -> list[Fault]:
        expected = self._versions.get(recorded.stream, 0) + 1
        self._versions[recorded.stream] = recorded.version
        if recorded.version == expected:
            return []
        message = f"{recorded.stream} goes from version {expected - 1} to {recorded.version}"
        return [Fault(recorded.position, "STREAM_GAP", message)]

    def _said(self, event: Happened, recorded: Recorded) -> list[Fault]:
        told = difference(event, recorded) if event.is_fact else None
        return [Fault(recorded.position, "FACT_DIFFERS", f"{recorded.kind} of {recorded.stream}: {told}")] if told else []

    def _row(self, position: int) -> Stored | None:
        if position not in self._stored:
            with self._log.querying() as cursor:
                cursor.execute(
                    "SELECT position, book, sequence, leaf, link FROM chain WHERE position >= ? ORDER BY position LIMIT ?",
                    (position, PAGE),
                )
                self._stored = {row[0]: (row[1], row[2], as_bytes(row[3]), as_bytes(row[4])) for row in cursor.fetchall()}
        return self._stored.get(position)

    def ends(self, last: int) -> list[Fault]:
        """Return the books whose stored end is not where their records end, and the links of no record."""
        with self._log.querying() as cursor:
            cursor.execute("SELECT book, sequence, link, log FROM heads")
            rows = cursor.fetchall()
            select = "SELECT position, book, sequence FROM chain WHERE position > ?"
            cursor.execute(f"{select} ORDER BY position LIMIT {PAGE}", (last,))
            beyond = [(row[0], row[1], row[2]) for row in cursor.fetchall()]
        stored = {row[0]: (row[1], as_bytes(row[2])) for row in rows}
        told = [(book, self.heads.get(book, (0, b"")), stored.get(book, (0, b""))) for book in {*stored, *self.heads}]
        faults = [
            Fault(last, "CHAIN_END", f"book {book} ends at {made[0]} {made[1].hex()}, its head says {kept[0]} {kept[1].hex()}")
            for book, made, kept in sorted(told)
            if made != kept
        ]
        faults += [
            Fault(last, "CHAIN_LOG", f"the head of book {row[0]} is of log {row[3]}, not of this one")
            for row in rows
            if row[3] != f"{self._log.deployment}/{row[0]}"
        ]
        told_of = "link {} of book {} belongs to no record; records were taken away, or links were made up"
        return [*faults, *(Fault(at, "CHAIN_BEYOND", told_of.format(sequence, book)) for at, book, sequence in beyond)]


def as_bytes(value: object) -> bytes:
    """Return stored bytes as such; anything else is no link and no digest, and equals none."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""
