"""Undelivered: the postings that an accounting system has not confirmed yet, kept count of without reading history again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.dialect import Cursor, Dialect
from adapters.eventlog.store import Store
from adapters.viewstore import index_of
from engine.record import decode
from projections.ledger import DELIVERIES

DeliveryState = Literal["PENDING", "UNKNOWN", "CONFIRMED", "FAILED", "DRIFTED", "STOPPED"]
STATES: tuple[DeliveryState, ...] = ("PENDING", "UNKNOWN", "CONFIRMED", "FAILED", "DRIFTED", "STOPPED")
OPEN_MAX = 10_000
"""How many postings are watched at once; when more are open, the count says so many and the oldest are right."""
SCANNED_PER_LOOK_MAX = 20_000
KEYS_PER_QUERY_MAX = 500
_ANSWER = "target, state, external_id, code, text, external_lines, reason"
_NOTE = "INSERT INTO notes VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text"


@dataclass(frozen=True, slots=True)
class Answer:
    """The last word of one accounting system about one posting; PENDING when it has not said any."""

    target: str
    state: DeliveryState
    external_id: str | None = None
    code: str | None = None
    text: str | None = None
    external_lines: str = "[]"
    reason: str | None = None


def answers(cursor: Cursor, dialect: Dialect, book: str, keys: Sequence[str]) -> dict[str, list[Answer]]:
    """Return what accounting systems said about postings of a book, by posting key; postings without a word are left out."""
    found: dict[str, list[Answer]] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY_MAX):
        test, values = dialect.among("posting_key", keys[start : start + KEYS_PER_QUERY_MAX])
        select = f"SELECT posting_key, {_ANSWER} FROM view_deliveries WHERE book = ?"
        cursor.execute(f"{select} AND {test} ORDER BY target", (book, *values))
        for key, *told in cursor.fetchall():
            found.setdefault(str(key), []).append(Answer(*told))
    return found


def expected(said: Sequence[Answer], targets: Iterable[str]) -> list[Answer]:
    """Return the answers to a posting, with PENDING for each target that is expected and has not answered."""
    silent = set(targets) - {answer.target for answer in said}
    return sorted([*said, *(Answer(target, "PENDING") for target in silent)], key=lambda answer: answer.target)


@dataclass(frozen=True, slots=True)
class Open:
    """How many postings are open with one target, and when the oldest of them was recorded (microseconds)."""

    postings: int
    oldest_at: int


class Undelivered:
    """Watches the postings that some target has not answered: looks at new ones once, and again only at those that are silent.

    What a target did answer, and what does not stand there as it should, the view of deliveries finds by its state.
    """

    def __init__(self, log: Store, targets: Sequence[str]) -> None:
        """Watch a log for the targets that are expected to answer."""
        self._log, self._targets = log, sorted(targets)
        self._ends: dict[str, int] = {}
        self._scanned: dict[str, int] = {}
        self._open: dict[str, dict[int, str]] = {}
        self._silent: dict[str, frozenset[str]] = {}

    def look(self) -> dict[tuple[str, DeliveryState], Open]:
        """Return what is open with each target, by state; a target with nothing open is left out."""
        if not self._targets:
            return {}
        with self._log.querying() as cursor:
            for book in list(self._open):
                self._judge(cursor, book, self._open.pop(book))
            self._scan(cursor)
            found = self._summed(cursor)
        self._note()
        at = {position: decode(self._log.read(position - 1, 1)[0]).cause.at for _, position in found.values()}
        return {key: Open(count, at[position]) for key, (count, position) in found.items()}

    def _scan(self, cursor: Cursor) -> None:
        """Look at postings that were not looked at before, book by book, as far as there is room."""
        cursor.execute("SELECT book, sequence FROM heads")
        left = SCANNED_PER_LOOK_MAX
        for book, end in [(str(row[0]), int(row[1])) for row in cursor.fetchall()]:
            if self._ends.get(book) == end:
                continue
            room = min(left, OPEN_MAX - sum(map(len, self._open.values())))
            if room <= 0:
                return
            select = "SELECT sequence, posting_key FROM view_postings WHERE book = ? AND sequence > ? ORDER BY sequence LIMIT ?"
            cursor.execute(select, (book, self._after(cursor, book), room))
            rows = {int(row[0]): str(row[1]) for row in cursor.fetchall()}
            left -= len(rows)
            self._judge(cursor, book, rows)
            if len(rows) < room:
                self._scanned[book] = self._ends[book] = end
            else:
                self._scanned[book] = max(rows)

    def _after(self, cursor: Cursor, book: str) -> int:
        """Return how far a book was looked at: by us, else as another run noted for the same targets."""
        if book not in self._scanned:
            cursor.execute("SELECT number, text FROM notes WHERE name = ?", (f"answered:{book}",))
            noted = [int(row[0]) for row in cursor.fetchall() if row[1] == ",".join(self._targets)]
            self._scanned[book] = noted[0] if noted else 0
        return self._scanned[book]

    def _judge(self, cursor: Cursor, book: str, rows: Mapping[int, str]) -> None:
        """Keep those postings that some target has not answered."""
        said = answers(cursor, self._log.dialect, book, list(rows.values()))
        for sequence, key in rows.items():
            silent = frozenset(self._targets) - {answer.target for answer in said.get(key, ())}
            if silent:
                self._open.setdefault(book, {})[sequence] = key
                self._silent[key] = silent
            else:
                self._silent.pop(key, None)

    def _summed(self, cursor: Cursor) -> dict[tuple[str, DeliveryState], tuple[int, int]]:
        """Return how many are open by target and state, and the log's position of the oldest."""
        firsts: dict[tuple[str, DeliveryState], dict[str, int]] = {}
        counts: dict[tuple[str, DeliveryState], int] = {}
        for book, rows in self._open.items():
            for sequence in sorted(rows):
                for target in self._silent[rows[sequence]]:
                    counts[target, "PENDING"] = counts.get((target, "PENDING"), 0) + 1
                    firsts.setdefault((target, "PENDING"), {}).setdefault(book, sequence)
        for book, key, count, sequence in self._unwell(cursor):
            counts[key] = counts.get(key, 0) + count
            first = firsts.setdefault(key, {})
            first[book] = min(sequence, first.get(book, sequence))
        return {key: (counts[key], min(_position(cursor, *first) for first in books.items())) for key, books in firsts.items()}

    def _unwell(self, cursor: Cursor) -> Iterator[tuple[str, tuple[str, DeliveryState], int, int]]:
        """Yield book, target and state, number and first sequence of answered postings that do not stand as they should."""
        by = self._log.dialect.by(index_of(DELIVERIES, "state"))
        select = "SELECT d.book, d.target, d.state, COUNT(*), MIN(p.sequence) FROM heads h"
        join = f"JOIN view_deliveries d{by} ON d.book = h.book AND d.state IN ('PENDING', 'UNKNOWN', 'FAILED', 'DRIFTED')"
        own = "JOIN view_postings p ON p.book = d.book AND p.posting_key = d.posting_key GROUP BY d.book, d.target, d.state"
        cursor.execute(f"{select} {join} {own}")
        for book, target, state, count, sequence in cursor.fetchall():
            if target in self._targets:
                yield str(book), (str(target), state), int(count), int(sequence)

    def _note(self) -> None:
        """Note how far everything is answered, so that the next run begins there."""
        told = ",".join(self._targets)
        with self._log.noting() as cursor:
            for book, scanned in self._scanned.items():
                answered = min(self._open.get(book, ()), default=scanned + 1) - 1
                cursor.execute(_NOTE, (f"answered:{book}", answered, told))


def _position(cursor: Cursor, book: str, sequence: int) -> int:
    cursor.execute("SELECT position FROM chain WHERE book = ? AND sequence = ?", (book, sequence))
    return int(cursor.fetchall()[0][0])
