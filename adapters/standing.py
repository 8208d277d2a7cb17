"""Standing: how the store stands, asked in one round of questions whose cost follows what is open, not what ever happened."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from adapters import clock
from adapters.dialect import Cursor
from adapters.errors import EdgeError
from adapters.eventlog.store import Store
from adapters.undelivered import DeliveryState, Open, Undelivered
from engine.errors import PostgateError
from engine.record import decode

UNPOSTED = ("REQUIRES_ATTENTION", "WAITING")
STUCK_DAYS = 7
"""What stands outside the ledger for longer is stuck: nobody works on it, or nothing can come that releases it (N14)."""
KNOCK_S, ROUND_S = 5, 15
SHARE = 20
"""A round is asked again after this many times what it took, so that looking never becomes the work."""
_OLDEST = (
    "SELECT MIN(c.position) FROM heads h JOIN chain c ON c.book = h.book AND c.sequence = "
    "(SELECT MIN(d.received) FROM view_documents d WHERE d.book = h.book AND d.state = ?)"
)
_BY_CODES = (
    "SELECT d.codes, COUNT(*), MIN(d.stream) FROM heads h "
    "JOIN view_documents d ON d.book = h.book AND d.state = ? GROUP BY d.codes"
)
_STUCK = "SELECT COUNT(*) FROM heads h JOIN view_documents d ON d.book = h.book AND d.state = ? AND d.since < ?"
_QUARANTINED = "SELECT code, COUNT(*) FROM view_quarantine WHERE requeued IS NULL GROUP BY code"
_PUBLISHED = "SELECT name, number FROM notes WHERE name >= 'published:' AND name < 'published;'"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one round found; times are microseconds since 1970."""

    head: int = 0
    published: Mapping[str, int] = field(default_factory=dict)
    """How far the log is published, by cluster id."""
    unposted: Mapping[str, int] = field(default_factory=dict)
    """Documents that are held or wait, by state."""
    oldest_at: Mapping[str, int] = field(default_factory=dict)
    """When the oldest of them was recorded, by state."""
    held: Mapping[str, int] = field(default_factory=dict)
    """The same documents by each reason that holds them; one with two reasons counts under both."""
    quarantined: Mapping[str, int] = field(default_factory=dict)
    undelivered: Mapping[tuple[str, DeliveryState], Open] = field(default_factory=dict)
    took_ms: int = 0
    stuck: Mapping[str, int] = field(default_factory=dict)
    """Documents that came more than STUCK_DAYS ago and are held or wait, by state, where there are any."""


def standing(log: Store, undelivered: Undelivered) -> Standing:
    """Ask the round."""
    begun = time.monotonic_ns()
    unposted = dict.fromkeys(UNPOSTED, 0)
    held: dict[str, int] = {}
    oldest: dict[str, int] = {}
    stuck: dict[str, int] = {}
    with log.querying() as cursor:
        for state in UNPOSTED:
            for codes, count, sample in _rows(cursor, _BY_CODES, state):
                unposted[state] += int(str(count))
                for code in _holding(cursor, str(sample), state) or str(codes).split():
                    held[code] = held.get(code, 0) + int(str(count))
            ((position,),) = _rows(cursor, _OLDEST, state)
            if position is not None:
                oldest[state] = int(str(position))
            ((count,),) = _rows(cursor, _STUCK, state, clock.text(clock.now() - STUCK_DAYS * clock.DAY)[:10])
            stuck[state] = int(str(count))
        quarantined = {str(code): int(str(count)) for code, count in _rows(cursor, _QUARANTINED)}
        published = {str(name).partition(":")[2]: int(str(number)) for name, number in _rows(cursor, _PUBLISHED)}
    at = {state: decode(log.read(position - 1, 1)[0]).cause.at for state, position in oldest.items()}
    opened = undelivered.look()
    took = (time.monotonic_ns() - begun) // 1_000_000
    stuck = {state: count for state, count in stuck.items() if count}
    return Standing(log.head(), published, unposted, at, held, quarantined, opened, took, stuck)


def _rows(cursor: Cursor, question: str, *values: object) -> list[tuple[object, ...]]:
    cursor.execute(question, values)
    return [tuple(row) for row in cursor.fetchall()]


def _holding(cursor: Cursor, stream: str, state: str) -> list[str]:
    """Return the codes that hold one document; documents with the same codes are taken to be held by the same of them."""
    book = stream.partition("|")[0]
    question = "SELECT reasons FROM view_documents WHERE book = ? AND stream = ? AND state = ? ORDER BY version LIMIT 1"
    ((reasons,),) = _rows(cursor, question, book, stream, state)
    return list(dict.fromkeys(str(reason["code"]) for reason in json.loads(str(reasons)) if reason["severity"] != "WARN"))


class Watch:
    """Knocks at the store and asks the round now and then, in a thread of its own; whoever looks never waits for it."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Store]], targets: tuple[str, ...]) -> None:
        """Ask the store that `opened` opens, with the targets that should answer."""
        self._opened, self._targets = opened, targets
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_asking, name="watch", daemon=True)
        self.found = Standing()
        self.found_at = 0
        self.reason = "not asked yet"
        """Why the store cannot be reached; empty when it answered the last time."""
        self._answered_at = clock.now()

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Stop asking, within a moment unless the store hangs."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1)

    def unreachable(self) -> str:
        """Say why the store cannot be reached, or nothing when it can; a store that hangs is not reachable either."""
        silent_s = (clock.now() - self._answered_at) // clock.MICROSECONDS
        slow = self.found.took_ms // 1_000
        if not self.reason and silent_s > 6 * KNOCK_S + slow:
            return f"the store did not answer for {silent_s} s"
        return self.reason

    def _keep_asking(self) -> None:
        while not self._over.is_set():
            try:
                with self._opened() as log:
                    self._ask(log)
            except (EdgeError, PostgateError) as error:
                self.reason = str(error)
            self._over.wait(KNOCK_S)

    def _ask(self, log: Store) -> None:
        """Ask as long as it answers."""
        undelivered, due = Undelivered(log, self._targets), 0
        while not self._over.is_set():
            log.head()
            if clock.now() >= due:
                self.found = standing(log, undelivered)
                self.found_at = clock.now()
                due = self.found_at + max(ROUND_S * 1_000, SHARE * self.found.took_ms) * 1_000
            self.reason, self._answered_at = "", clock.now()
            self._over.wait(KNOCK_S)
