"""What was billed together: batches, business days, and the documents that each is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.decider import stream
from engine.record import Happened
from projections.projection import Key, Money, Rows, View
from schemas.events import Billed, DocumentBilled, DocumentDecided, DocumentUnbilled, Route
from schemas.inbound import BatchReversed, BatchRun, DayClosed


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One document version in a whole, a batch or a day; `gross` in minor units.

    BILLED while it stands there, REVERSED with its batch, WITHDRAWN from its day, LATE when it posted beside it.
    """

    book: str
    whole: str
    stream: str
    version: int
    document: str
    kind: str
    number: str
    account: str
    business_date: str
    currency: str
    gross: Money
    posting_key: str | None
    state: str


def _whole(happened: Happened, route: Route | None, named: str | None) -> str:
    return stream(happened.book, "batch" if route == "BATCH" else "day", named or "")


def _member(happened: Happened, rows: Rows[MemberRow]) -> None:
    event = happened.event
    match event:
        case DocumentUnbilled():
            row = rows.get(happened.book, _whole(happened, event.route, event.batch), happened.stream, event.version)
            if row is not None:
                rows.put(replace(row, state="REVERSED" if event.route == "BATCH" else "WITHDRAWN"))
        case DocumentBilled():
            rows.put(_row(happened, event, event.posting_key, "BILLED"))
        case DocumentDecided() if event.batch is not None and event.posting_key is None:
            rows.put(_row(happened, event, None, "LATE"))


def _row(happened: Happened, event: DocumentBilled | DocumentDecided, key: str | None, state: str) -> MemberRow:
    return MemberRow(
        happened.book,
        _whole(happened, event.route, event.batch),
        happened.stream,
        event.version,
        happened.key,
        event.kind,
        event.number,
        event.account or "",
        event.business_date,
        event.currency,
        event.gross,
        key,
        state,
    )


def _member_needs(happened: Happened) -> Iterable[Key]:
    event = happened.event
    if isinstance(event, DocumentUnbilled):
        yield happened.book, _whole(happened, event.route, event.batch), happened.stream, event.version


MEMBERS = View(
    "members",
    2,
    MemberRow,
    ("book", "whole", "stream", "version"),
    (DocumentBilled, DocumentUnbilled, DocumentDecided),
    _member_needs,
    _member,
    (("book", "stream"),),
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch: its scope, who ran it, what stayed behind (ids apart by spaces), and who took it back."""

    book: str
    batch: str
    class_: str | None
    account: str | None
    cut_off: str
    date: str
    by: str
    state: str
    members: int
    unresolved: str
    acknowledged_by: str | None
    reversed_by: str | None
    reason: str | None
    at: int


def _batch(happened: Happened, rows: Rows[BatchRow]) -> None:
    event, book = happened.event, happened.book
    if isinstance(event, BatchRun):
        scope = (event.class_, event.account, event.cut_off, event.date, event.by)
        rows.put(BatchRow(book, event.batch, *scope, "OPEN", 0, "", None, None, None, happened.cause.at))
        return
    row = rows.get(book, happened.key)
    if row is None:
        return
    if isinstance(event, Billed):
        told = " ".join(event.unresolved)
        rows.put(replace(row, state="POSTED", members=event.members, unresolved=told, acknowledged_by=event.acknowledged_by))
    elif isinstance(event, BatchReversed):
        rows.put(replace(row, state="REVERSED", reversed_by=event.by, reason=event.reason))


def _own(happened: Happened) -> Iterable[Key]:
    if not isinstance(happened.event, BatchRun | DayClosed):
        yield happened.book, happened.key


BATCHES = View("batches", 1, BatchRow, ("book", "batch"), (BatchRun, Billed, BatchReversed), _own, _batch)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One closed business day of a branch in one currency; `reasons` as JSON, tenders as JSON in minor units."""

    book: str
    window: str
    branch: str
    day: str
    currency: str
    by: str | None
    members: int
    unresolved: str
    codes: str
    reasons: str
    tendered: str
    counted: str
    at: int


def _day(happened: Happened, rows: Rows[DayRow]) -> None:
    event, book = happened.event, happened.book
    if isinstance(event, DayClosed):
        counted = json.dumps({one.tender: one.amount for one in event.counted})
        scope = (event.branch, event.day, event.currency, event.by)
        rows.put(DayRow(book, happened.key, *scope, 0, "", "", "[]", "{}", counted, happened.cause.at))
        return
    row = rows.get(book, happened.key)
    if row is not None and isinstance(event, Billed):
        rows.put(
            replace(
                row,
                members=event.members,
                unresolved=" ".join(event.unresolved),
                codes=" ".join(dict.fromkeys(reason.code for reason in event.reasons)),
                reasons=json.dumps([reason.model_dump(exclude_defaults=True) for reason in event.reasons]),
                tendered=json.dumps(event.tendered),
            )
        )


DAYS = View("days", 1, DayRow, ("book", "window"), (DayClosed, Billed), _own, _day, (("book", "day"),))
