"""Auditing: read all of history once more and compare it with what stands: chain, decisions, views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters import clock
from adapters.chaining import Chain, read
from adapters.eventlog.store import Store
from adapters.eventlog.supposed import SupposedLookups
from adapters.owed import owed_at
from adapters.receipting import Receipts
from adapters.viewstore import SqlViews
from engine.audit.recheck import Fault, PastStates, Recheck
from engine.decider import parts
from engine.errors import Corrupt
from engine.explain.explanation import Explanation, explain
from engine.explain.supposing import World
from engine.facts.assembly import Moment, Owned
from engine.record import Happened, Recorded, decode
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.payments import Payment
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
    earlier: Mapping[str, int] = field(default_factory=dict)
    """Decisions that stand as the rulebook of an earlier release made them, by rulebook."""
    faults: list[Fault] = field(default_factory=list)


def records(log: Store, until: int | None = None) -> Iterator[list[Recorded]]:
    """Yield all records in pages, in order, up to a position."""
    after = 0
    while page := log.read(after, PAGE):
        after = page[-1].position
        kept = [recorded for recorded in page if until is None or recorded.position <= until]
        if kept:
            yield kept
        if len(kept) < len(page):
            return


def replay(log: Store, until: int | None = None, told: Told | None = None) -> MemoryViews:
    """Rebuild every view from the records up to a position; nothing is written."""
    views = MemoryViews()
    for page in records(log, until):
        views.fold([decode(recorded) for recorded in page])
        if told:
            told(len(page))
    return views


def differences(log: Store, rebuilt: MemoryViews) -> list[Fault]:
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


def verify(log: Store, told: Told | None = None) -> Verification:
    """Recompute chain, facts, decisions, receipts and views from the stored bytes, and name every difference."""
    result = Verification()
    views, recheck, chain, receipts = Views(), Recheck(_Past(log), clock.day), Chain(log), Receipts(log)
    last = 0
    for page in records(log):
        happened: list[Happened] = []
        for recorded in page:
            result.records += 1
            last = recorded.position
            try:
                event = read(recorded)
            except Corrupt as corrupt:
                result.faults.append(Fault(last, "RECORD_UNREADABLE", str(corrupt)))
                recheck.spoil()
                continue
            result.faults += [*chain.check(event, recorded), *recheck.check(event), *receipts.check(event, recorded)]
            happened.append(event)
        views.fold(happened)
        if told:
            told(len(page))
    result.faults += [*recheck.at_the_end(last), *chain.ends(last), *receipts.ends(last)]
    result.faults += [Fault(0, "GUARD_MISSING", told) for told in log.unguarded()]
    result.faults += views.faults or differences(log, views.rebuilt)
    result.faults.sort(key=lambda fault: fault.position or last + 1)
    result.decisions, result.books, result.earlier = recheck.decisions, len(chain.heads), recheck.rulebooks.earlier
    return result


class Views:
    """The views folded anew; history that cannot be folded is a fault, and nothing is compared then."""

    def __init__(self) -> None:
        """Begin with empty views."""
        self.rebuilt = MemoryViews()
        self.faults: list[Fault] = []

    def fold(self, happened: Sequence[Happened]) -> None:
        """Fold a page of history."""
        if self.faults or not happened:
            return
        try:
            self.rebuilt.fold(happened)
        except (LookupError, TypeError, ValueError) as error:
            self.faults.append(Fault(happened[0].position, "VIEWS_IMPOSSIBLE", f"no views follow from history here: {error!r}"))


class _Past:
    """The log as it stood at a position."""

    def __init__(self, log: Store) -> None:
        self._log = log

    def events_until(self, streams: Collection[str], position: int) -> Sequence[Recorded]:
        """Return the records of several streams up to a position, each stream in order."""
        wanted = list(streams)
        column = self._log.dialect.position
        test, values = self._log.dialect.among("originator_id", wanted)
        select = f"SELECT {column}, originator_id, originator_version, topic, state FROM stored_events"
        with self._log.querying() as cursor:
            order = "ORDER BY originator_id, originator_version"
            cursor.execute(f"{select} WHERE {test} AND {column} <= ? {order}", [*values, position])
            return [Recorded(*row) for row in cursor.fetchall()]


def position_at(log: Store, instant: int) -> int:
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


def explain_stream(log: Store, name: str, position: int) -> Explanation | None:
    """Explain a document as its streams stood at a position."""
    states = PastStates(_Past(log))
    states.position = position
    book, noun, _ = parts(name)
    state = states.of(name)[0]
    if not isinstance(state, Document | Payment | Charge):
        return None
    opened = states.book(book).opened
    found = log.read(max(position - 1, 0), 1)
    now = clock.now() if position >= log.head() or not found else decode(found[0]).cause.at
    begins = opened.policies.day_begins if opened else "00:00"
    today = clock.day(opened.timezone if opened else "UTC", now, begins) or clock.day("UTC", now) or ""
    since = state.decision.since if state.decision else today
    owned = _owned(log, name, state, position) if noun == "document" else Owned()
    moment = Moment(now, today, since)
    if position < log.head():
        return explain(states, name, moment, owned)  # What would have helped then cannot be said any more.
    waited = state.decision.waits_for if state.decision else ()
    others = [f"{book}|document|{key.partition(':')[2]}" for key in waited if key.startswith("document:")]
    with log.querying() as cursor:
        index = SupposedLookups(cursor, log.dialect, [name, *others])
        return explain(states, name, moment, owned, World(states, index, now, clock.day, name))


def _owned(log: Store, name: str, state: Document | Payment | Charge, position: int) -> Owned:
    if not isinstance(state, Document) or state.content is None:
        return Owned()
    said, book = state.content, parts(name)[0]
    with log.reading() as views:
        number = _first(views, {"book": book, "number": said.number}, name)
        order = f"{said.customer}|{said.order_number}"
        ordered = _first(views, {"book": book, "order_number": order}, name) if said.order_number else name
    number, ordered = parts(number)[2] if number != name else "", parts(ordered)[2] if ordered != name else ""
    owes = owed_at(log, position)
    return Owned(number or None, ordered or None, receivables=owes, users=lambda number: _users(log, book, number))


def _users(log: Store, book: str, number: str) -> list[str]:
    """Return the documents that used a number, in the order in which they came."""
    with log.reading() as views:
        rows = list(views.find(DOCUMENTS, {"book": book, "number": number}, order=("received",)))
    return list(dict.fromkeys(row.document for row in rows if row.kind in ("INVOICE", "CREDIT_NOTE")))


def _first(views: SqlViews, where: dict[str, str], name: str) -> str:
    """Return the document that first used a number, else the one that asks."""
    found = (row.stream for row in views.find(DOCUMENTS, where, order=("received",)) if row.kind in ("INVOICE", "CREDIT_NOTE"))
    return next(found, name)


def histories(log: Store, streams: Collection[str], until: int) -> list[Happened]:
    """Return what happened in some streams up to a position, in the order of the log."""
    found = _Past(log).events_until(list(dict.fromkeys(streams)), until)
    return [decode(recorded) for recorded in sorted(found, key=lambda recorded: recorded.position)]
