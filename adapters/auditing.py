"""Auditing: read all of history once more and compare it with what stands: chain, decisions, views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from adapters import clock
from adapters.eventlog.sqlite import SqliteLog
from adapters.viewstore import SqlViews
from engine.assembly import Moment, Owned
from engine.audit import GENESIS, leaf, link
from engine.decider import parts
from engine.documents import Document
from engine.errors import Corrupt
from engine.explain import Explanation, explain
from engine.payments import Payment
from engine.recheck import Fault, PastStates, Recheck
from engine.record import Happened, Recorded, decode
from projections.documents import DOCUMENTS
from projections.memory import MemoryViews
from projections.views import VIEWS

PAGE = 1_000
FAULTS_TOLD_MAX = 1_000

Told = Callable[[int], None]
"""Hears how many records were read."""


@dataclass(slots=True)
class Verification:
    """What an audit read and what it found."""

    records: int = 0
    decisions: int = 0
    books: int = 0
    faults: list[Fault] = field(default_factory=list)


def records(log: SqliteLog, until: int | None = None) -> Iterator[list[Recorded]]:
    """Yield all records in pages, in order, up to a position."""
    after = 0
    while page := log.read(after, PAGE):
        after = page[-1].position
        kept = [recorded for recorded in page if until is None or recorded.position <= until]
        if kept:
            yield kept
        if len(kept) < len(page):
            return


def replay(log: SqliteLog, until: int | None = None, told: Told | None = None) -> MemoryViews:
    """Rebuild every view from the records up to a position; nothing is written."""
    views = MemoryViews()
    for page in records(log, until):
        views.fold([decode(recorded) for recorded in page])
        if told:
            told(len(page))
    return views


def differences(log: SqliteLog, rebuilt: MemoryViews) -> list[Fault]:
    """Compare rebuilt views with those that stand, row by row."""
    faults: list[Fault] = []
    with log.reading() as live:
        for view in VIEWS:
            expected = {tuple(getattr(row, name) for name in view.key): row for row in rebuilt.rows(view)}
            standing = {tuple(getattr(row, name) for name in view.key): row for row in live.find(view)}
            faults += [
                Fault(0, "VIEW_DIFFERS", f"{view.name} {key}: stands {standing.get(key)}, rebuilt {expected.get(key)}")
                for key in sorted(set(expected) | set(standing), key=str)
                if expected.get(key) != standing.get(key)
            ]
    return faults[:FAULTS_TOLD_MAX]


def verify(log: SqliteLog, told: Told | None = None) -> Verification:
    """Recompute chain, decisions and views from the stored bytes, and name every difference."""
    result = Verification()
    views, recheck, chain = MemoryViews(), Recheck(_Past(log), clock.day), _Chain(log)
    last = 0
    for page in records(log):
        happened: list[Happened] = []
        for recorded in page:
            result.records += 1
            last = recorded.position
            try:
                event = decode(recorded)
                result.faults += chain.check(event, recorded)
                result.faults += recheck.check(event)
                happened.append(event)
            except Corrupt as corrupt:
                result.faults.append(Fault(recorded.position, "RECORD_UNREADABLE", str(corrupt)))
        views.fold(happened)
        if told:
            told(len(page))
    result.faults += [*chain.ends(last), *recheck.unposted(last), *differences(log, views)]
    result.decisions, result.books = recheck.decisions, len(chain.heads)
    return result


class _Past:
    """The log as it stood at a position."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log

    def events_until(self, streams: Collection[str], position: int) -> Sequence[Recorded]:
        """Return the records of several streams up to a position, each stream in order."""
        wanted = list(streams)
        marks = ",".join("?" * len(wanted))
        select = "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events"
        with self._log.querying() as cursor:
            order = "ORDER BY originator_id, originator_version"
            cursor.execute(f"{select} WHERE originator_id IN ({marks}) AND rowid <= ? {order}", [*wanted, position])
            return [Recorded(*row) for row in cursor.fetchall()]


class _Chain:
    """Recomputes each book's chain and holds it against what is stored."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self.heads: dict[str, tuple[int, bytes]] = {}
        self._stored: dict[int, tuple[str, int, bytes, bytes]] = {}

    def check(self, event: Happened, recorded: Recorded) -> list[Fault]:
        """Return what is wrong with the links of one record."""
        sequence, previous = self.heads.get(event.book, (0, GENESIS))
        of = leaf(
            f"{self._log.deployment}/{event.book}",
            event.sequence,
            (recorded.stream, recorded.version, recorded.kind, recorded.state),
            event.cause,
        )
        made = link(event.sequence, previous, of)
        self.heads[event.book] = (event.sequence, made)
        if event.sequence != sequence + 1:
            return [Fault(recorded.position, "CHAIN_GAP", f"book {event.book} goes from {sequence} to {event.sequence}")]
        stored = self._row(recorded.position)
        if stored is None or (stored[0], stored[1]) != (event.book, event.sequence):
            return [Fault(recorded.position, "CHAIN_MISSING", "the record has no link")]
        if stored[2:] != (of, made):
            return [
                Fault(recorded.position, "CHAIN_BROKEN", f"record {event.sequence} of book {event.book} is not what was recorded")
            ]
        return []

    def _row(self, position: int) -> tuple[str, int, bytes, bytes] | None:
        if position not in self._stored:
            with self._log.querying() as cursor:
                cursor.execute(
                    "SELECT position, book, sequence, leaf, link FROM chain WHERE position >= ? ORDER BY position LIMIT ?",
                    (position, PAGE),
                )
                self._stored = {row[0]: (row[1], row[2], bytes(row[3]), bytes(row[4])) for row in cursor.fetchall()}
        return self._stored.get(position)

    def ends(self, last: int) -> list[Fault]:
        """Return the books whose stored end is not where their records end."""
        with self._log.querying() as cursor:
            cursor.execute("SELECT book, sequence, link FROM heads")
            stored = {row[0]: (row[1], bytes(row[2])) for row in cursor.fetchall()}
        return [
            Fault(
                last,
                "CHAIN_END",
                f"book {book} ends at {self.heads.get(book, (0, b''))[0]}, its head says {stored.get(book, (0, b''))[0]}",
            )
            for book in sorted(set(stored) | set(self.heads))
            if stored.get(book) != self.heads.get(book)
        ]


def position_at(log: SqliteLog, instant: int) -> int:
    """Return the last position recorded at or before an instant (microseconds), by bisection."""
    low, high = 0, log.head()
    while low < high:
        middle = (low + high + 1) // 2
        found = log.read(middle - 1, 1)
        if found and decode(found[0]).cause.at <= instant:
            low = middle
        else:
            high = middle - 1
    return low


def explain_stream(log: SqliteLog, name: str, position: int) -> Explanation | None:
    """Explain a document as its streams stood at a position."""
    states = PastStates(_Past(log))
    states.position = position
    book, noun, _ = parts(name)
    state = states.of(name)[0]
    if not isinstance(state, Document | Payment):
        return None
    opened = states.book(book).opened
    found = log.read(max(position - 1, 0), 1)
    now = clock.now() if position >= log.head() or not found else decode(found[0]).cause.at
    today = clock.day(opened.timezone if opened else "UTC", now) or clock.day("UTC", now) or ""
    since = state.decision.since if state.decision else today
    return explain(states, name, Moment(now, today, since), _owned(log, name, state) if noun == "document" else Owned())


def _owned(log: SqliteLog, name: str, state: Document | Payment) -> Owned:
    if not isinstance(state, Document) or state.content is None:
        return Owned()
    said, book = state.content, parts(name)[0]
    with log.reading() as views:
        number = _first(views, {"book": book, "number": said.number}, name)
        order = f"{said.customer}|{said.order_number}"
        ordered = _first(views, {"book": book, "order_number": order}, name) if said.order_number else name
    return Owned(parts(number)[2] if number != name else None, parts(ordered)[2] if ordered != name else None)


def _first(views: SqlViews, where: dict[str, str], name: str) -> str:
    """Return the document that first used a number, else the one that asks."""
    found = (row.stream for row in views.find(DOCUMENTS, where, order=("received",)) if row.kind in ("INVOICE", "CREDIT_NOTE"))
    return next(found, name)


def histories(log: SqliteLog, streams: Collection[str], until: int) -> list[Happened]:
    """Return what happened in some streams up to a position, in the order of the log."""
    found = _Past(log).events_until(list(dict.fromkeys(streams)), until)
    return [decode(recorded) for recorded in sorted(found, key=lambda recorded: recorded.position)]
