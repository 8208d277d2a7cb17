"""Documents with their state and reasons, and holds: the documents by what each waits for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.facts.receivables import PENDING
from engine.record import Happened
from projections.projection import Key, Money, Rows, Sparse, View, nothing
from schemas.events import DocumentDecided, DocumentSuperseded


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One version of a document; `gross` in minor units, `reasons` as JSON, `received` its place in the book."""

    book: str
    stream: str
    version: int
    document: str
    kind: str
    number: str
    date: str
    business_date: str
    currency: str
    gross: Money
    customer: str | None
    order_number: str | None
    state: str
    outcome: str
    codes: str
    reasons: str
    route: str | None
    account: str | None
    class_: str | None
    since: str
    received: int
    base_gross: Money | None = None


def _document(happened: Happened, rows: Rows[DocumentRow]) -> None:
    event = happened.event
    if isinstance(event, DocumentDecided):
        rows.put(_row(happened, event))
    elif isinstance(event, DocumentSuperseded):
        row = rows.get(happened.book, happened.stream, event.version)
        if row is not None:
            rows.put(replace(row, state=event.state))


def _row(happened: Happened, event: DocumentDecided) -> DocumentRow:
    reasons = event.reasons
    return DocumentRow(
        happened.book,
        happened.stream,
        event.version,
        happened.key,
        event.kind,
        event.number,
        event.date,
        event.business_date,
        event.currency,
        event.gross,
        event.customer,
        event.order_number,
        event.state,
        event.outcome,
        " ".join(reason.code for reason in reasons),
        json.dumps([reason.model_dump(exclude_defaults=True) for reason in reasons]) if reasons else "[]",
        event.route,
        event.account,
        event.class_,
        event.since,
        event.received,
        event.base_gross,
    )


def _document_needs(happened: Happened) -> Iterable[Key]:
    if isinstance(happened.event, DocumentSuperseded):
        yield happened.book, happened.stream, happened.event.version


DOCUMENTS = View(
    "documents",
    3,
    DocumentRow,
    ("book", "stream", "version"),
    (DocumentDecided, DocumentSuperseded),
    _document_needs,
    _document,
    (("book", "state", "received"), ("book", "number"), ("book", "order_number")),
    Sparse(("book", "account"), "state", PENDING),
)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One thing that one document waits for; `named` when a reason names it, else it only stands on the way."""

    book: str
    key: str
    stream: str
    version: int
    received: int
    named: bool


def _hold(happened: Happened, rows: Rows[HoldRow]) -> None:
    event = happened.event
    if isinstance(event, DocumentDecided | DocumentSuperseded):
        for key in event.waits_no_more_for:
            rows.drop(happened.book, key, happened.stream)
    if isinstance(event, DocumentDecided):
        named = {key for reason in event.reasons if reason.severity != "WARN" for key in reason.waits_for}
        for key in event.waits_for:
            rows.put(HoldRow(happened.book, key, happened.stream, event.version, event.received, key in named))


HOLDS = View(
    "holds",
    1,
    HoldRow,
    ("book", "key", "stream"),
    (DocumentDecided, DocumentSuperseded),
    nothing,
    _hold,
    (("key",),),
)
