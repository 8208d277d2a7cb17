"""The ledger as authorised: postings, balances by account and party, and what accounting systems answered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.record import Happened
from projections.projection import Key, Money, Rows, View
from schemas.events import PostingAuthorised, PostingReversed
from schemas.inbound import DriftResolved, PostingAcknowledged, PostingDrifted, PostingRefused, PostingUnanswered
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One posting; `total` is its debits in minor units, `sequence` its place in the book."""

    book: str
    posting_key: str
    stream: str
    version: int
    leg: str
    kind: str
    number: str
    route: str
    account: str
    class_: str | None
    date: str
    business_date: str
    period: str
    due_date: str | None
    currency: str
    total: Money
    reverses: str | None
    reversed_by: str | None
    sequence: int


def _posting(happened: Happened, rows: Rows[PostingRow]) -> None:
    event = happened.event
    if not isinstance(event, PostingAuthorised):
        return
    reverses = event.reverses if isinstance(event, PostingReversed) else None
    original = rows.get(happened.book, reverses) if reverses else None
    if original is not None:
        rows.put(replace(original, reversed_by=event.posting_key))
    rows.put(
        PostingRow(
            happened.book,
            event.posting_key,
            happened.stream,
            event.version,
            event.leg,
            event.kind,
            event.number,
            event.route,
            event.account,
            event.class_,
            event.date,
            event.business_date,
            event.period,
            event.due_date,
            event.currency,
            sum([line.amount for line in event.lines if line.side == "D"]),
            reverses,
            None,
            happened.sequence,
        )
    )


def _posting_needs(happened: Happened) -> Iterable[Key]:
    if isinstance(happened.event, PostingReversed):
        yield happened.book, happened.event.reverses


POSTINGS = View(
    "postings",
    2,
    PostingRow,
    ("book", "posting_key"),
    (PostingAuthorised,),
    _posting_needs,
    _posting,
    (("book", "sequence"), ("book", "stream")),
)


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Debits and credits of one ledger account, by party (empty for none) and currency, in minor units."""

    book: str
    account: str
    party: str
    currency: str
    debit: Money = 0
    credit: Money = 0
    base_debit: Money = 0
    base_credit: Money = 0


def _balance(happened: Happened, rows: Rows[BalanceRow]) -> None:
    event = happened.event
    if not isinstance(event, PostingAuthorised):
        return
    book = happened.book
    for line in event.lines:
        key = (book, line.account, line.party or "", event.currency)
        row = rows.get(*key)
        debit, base_debit = (line.amount, line.base_amount) if line.side == "D" else (0, 0)
        credit, base_credit = (line.amount - debit, line.base_amount - base_debit)
        if row is None:
            rows.put(BalanceRow(*key, debit, credit, base_debit, base_credit))
            continue
        rows.put(
            BalanceRow(*key, row.debit + debit, row.credit + credit, row.base_debit + base_debit, row.base_credit + base_credit)
        )


def _balance_needs(happened: Happened) -> Iterable[Key]:
    event = happened.event
    if isinstance(event, PostingAuthorised):
        book = happened.book
        for line in event.lines:
            yield book, line.account, line.party or "", event.currency


BALANCES = View(
    "balances", 2, BalanceRow, ("book", "account", "party", "currency"), (PostingAuthorised,), _balance_needs, _balance
)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """Where a posting stands with one accounting system; `reason` is why it is not well, `external_lines` JSON."""

    book: str
    posting_key: str
    target: str
    state: str = "PENDING"
    external_id: str | None = None
    code: str | None = None
    text: str | None = None
    external_lines: str = "[]"
    reason: str | None = None


_FINDINGS = {"MISSING": "TARGET_DOCUMENT_MISSING", "CHANGED": "TARGET_DRIFT", "PAID": "TARGET_ALREADY_PAID"}
_RESOLVED = {"ACCEPT_THEIRS": "CONFIRMED", "STOP": "STOPPED"}


def _delivery_key(happened: Happened) -> Iterable[Key]:
    event = happened.event
    if isinstance(event, PostingAcknowledged | PostingDrifted | DriftResolved):
        yield happened.book, event.posting_key, event.target


def _delivery(happened: Happened, rows: Rows[DeliveryRow]) -> None:
    for key in _delivery_key(happened):
        known = rows.get(*key)
        rows.put(_delivered(happened.event, known or DeliveryRow(happened.book, str(key[1]), str(key[2]))))


def _delivered(event: Shape, row: DeliveryRow) -> DeliveryRow:
    """Return a delivery after an answer, a finding or a decision, as engine/streams/deliveries.py understands them."""
    match event:
        case PostingRefused():
            reason = f"TARGET_REJECTED:{event.code}" if event.code else "TARGET_REJECTED"
            return replace(_told(row, event), state="FAILED", reason=reason)
        case PostingUnanswered():
            return replace(_told(row, event), state="UNKNOWN", reason="DELIVERY_UNKNOWN")
        case PostingAcknowledged():
            told = _told(row, event)
            return told if row.state == "DRIFTED" else replace(told, state="CONFIRMED", reason=None)
        case PostingDrifted():
            known = row.external_id or event.external_id
            return replace(row, state="DRIFTED", reason=_FINDINGS[event.finding], external_id=known, code=None, text=event.text)
        case DriftResolved() if event.resolution == "SEND_OURS":
            return DeliveryRow(row.book, row.posting_key, row.target)
        case DriftResolved():
            return replace(row, state=_RESOLVED[event.resolution], reason=None, text=event.note)
    return row


def _told(row: DeliveryRow, event: PostingAcknowledged) -> DeliveryRow:
    lines = json.dumps(event.external_lines, ensure_ascii=False) if event.external_lines else row.external_lines
    return replace(row, external_id=event.external_id, code=event.code, text=event.text, external_lines=lines)


DELIVERIES = View(
    "deliveries",
    2,
    DeliveryRow,
    ("book", "posting_key", "target"),
    (PostingAcknowledged, PostingDrifted, DriftResolved),
    _delivery_key,
    _delivery,
    (("book", "state"),),
)
