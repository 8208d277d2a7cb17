"""Deliveries on the command line: what accounting systems made of postings, and for how long they have said nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from adapters.undelivered import Answer
    from projections.ledger import PostingRow

PAGE = 500
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which postings are wanted, by what was answered; `expected` are the targets that should answer."""

    expected: tuple[str, ...]
    target: str | None
    state: str | None
    older_than: str | None

    @property
    def is_any(self) -> bool:
        """True when nothing is asked, so that every posting is wanted."""
        return (self.target, self.state, self.older_than) == (None, None, None)

    def wants(self, said: Sequence[Answer]) -> bool:
        """Say whether one of the answers is of the target and the state that are asked."""
        if self.target is None and self.state is None:
            return True
        return any(self.target in (None, each.target) and self.state in (None, each.state) for each in said)


@dataclass(frozen=True, slots=True)
class Answered:
    """A posting with what every target that answered, or should, has said."""

    row: PostingRow
    said: Sequence[Answer]


def answered(log: Store, rows: Iterable[PostingRow], asked: Asked) -> Iterator[Answered]:
    """Yield the postings that are wanted, with their answers."""
    from adapters.undelivered import answers, expected

    if asked.target is not None:
        targets: tuple[str, ...] = (*asked.expected, asked.target)
    else:
        targets = asked.expected
    for book, own in groupby(rows, key=lambda row: row.book):
        last = _last_older(log, book, asked.older_than)
        while page := [row for row in islice(own, PAGE) if last is None or row.sequence <= last]:
            with log.querying() as cursor:
                said = answers(cursor, log.dialect, book, [row.posting_key for row in page])
            for row in page:
                found = expected(said.get(row.posting_key, ()), targets)
                if asked.wants(found):
                    yield Answered(row, found)


def _last_older(log: Store, book: str, age: str | None) -> int | None:
    """Return the last number of a book's records that is older than an age, none where no age is asked."""
    if age is None:
        return None
    from adapters import clock
    from adapters.auditing import position_at

    position = position_at(log, clock.now() - seconds(age) * clock.MICROSECONDS)
    with log.querying() as cursor:
        cursor.execute("SELECT COALESCE(MAX(sequence), 0) FROM chain WHERE book = ? AND position <= ?", (book, position))
        return int(cursor.fetchall()[0][0])


def seconds(age: str) -> int:
    """Return an age such as 2d in seconds."""
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", age, re.ASCII)
    if found is None:
        raise NotFound("--older-than", f"{age!r} is no age", "write a number and a unit: 90s, 30m, 12h, 2d or 1w")
    return int(found[1]) * SECONDS[found[2]]


def recorded_at(log: Store, row: PostingRow) -> int:
    """Return when a posting was recorded, in microseconds."""
    from engine.record import decode

    with log.querying() as cursor:
        cursor.execute("SELECT position FROM chain WHERE book = ? AND sequence = ?", (row.book, row.sequence))
        position = int(cursor.fetchall()[0][0])
    return decode(log.read(position - 1, 1)[0]).cause.at


def cell(log: Store, found: Answered) -> str:
    """Return the answers to a posting in a few words; silence has its age."""
    return ", ".join(f"{each.target} {each.state}{_more(log, found.row, each)}" for each in found.said)


def _more(log: Store, row: PostingRow, each: Answer) -> str:
    """Return how long nothing certain is known, or why the posting does not stand there as it should."""
    if each.state in ("PENDING", "UNKNOWN"):
        return f" {_age(log, row)}"
    return f" {each.reason}" if each.reason else ""


def _age(log: Store, row: PostingRow) -> str:
    seconds = _silent_s(log, row)
    unit = next((unit for unit in ("w", "d", "h", "m") if seconds >= 2 * SECONDS[unit]), "s")
    return f"{seconds // SECONDS[unit]}{unit}"


def _silent_s(log: Store, row: PostingRow) -> int:
    from adapters import clock

    return max(0, clock.now() - recorded_at(log, row)) // clock.MICROSECONDS


def why(each: Answer) -> dict[str, str]:
    """Return why a posting does not stand with a target as it should, and what to do about it."""
    from schemas.codes import DELIVERIES

    if each.reason is None:
        return {}
    return {"reason": each.reason, "remedy": DELIVERIES[each.reason.partition(":")[0]][1]}


def remedies(found: Iterable[Answered]) -> dict[str, str]:
    """Return what to do about each reason for which postings do not stand as they should."""
    told = [why(each) for posting in found for each in posting.said]
    return {each["reason"].partition(":")[0]: each["remedy"] for each in told if each}


def envelope(log: Store, message: str, found: Answered) -> str:
    """Return the message that consumers get, byte by byte as they get it, beside the answers to it."""
    told: list[dict[str, object]] = []
    for each in found.said:
        said: dict[str, object] = {"target": each.target, "state": each.state}
        if each.state in ("PENDING", "UNKNOWN"):
            said["age_s"] = _silent_s(log, found.row)
        known = {"external_id": each.external_id, "code": each.code, "text": each.text, **why(each)}
        lines = json.loads(each.external_lines)
        told.append({**said, **{name: value for name, value in known.items() if value is not None}})
        told[-1] |= {"external_lines": lines} if lines else {}
    return f'{{"posting":{message},"deliveries":{json.dumps(told, ensure_ascii=False, separators=(",", ":"))}}}'
