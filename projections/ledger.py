"""The ledger as authorised: postings, balances by account and party, and what accounting systems answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.record import Happened
from projections.projection import Key, Rows, View, nothing
from schemas.events import PostingAuthorised, PostingReversed
from schemas.inbound import PostingAcknowledged, PostingRefused


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
    total: int
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
    1,
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
    debit: int = 0
    credit: int = 0
    base_debit: int = 0
    base_credit: int = 0


def _balance(happened: Happened, rows: Rows[BalanceRow]) -> None:
    event = happened.event
    if not isinstance(event, PostingAuthorised):
        return
    for line in event.lines:
        key = (happened.book, line.account, line.party or "", event.currency)
        row = rows.get(*key) or BalanceRow(*key)
        debit, base_debit = (line.amount, line.base_amount) if line.side == "D" else (0, 0)
        credit, base_credit = (line.amount - debit, line.base_amount - base_debit)
        rows.put(
            BalanceRow(*key, row.debit + debit, row.credit + credit, row.base_debit + base_debit, row.base_credit + base_credit)
        )


def _balance_needs(happened: Happened) -> Iterable[Key]:
    event = happened.event
    if isinstance(event, PostingAuthorised):
        for line in event.lines:
            yield happened.book, line.account, line.party or "", event.currency


BALANCES = View(
    "balances", 1, BalanceRow, ("book", "account", "party", "currency"), (PostingAuthorised,), _balance_needs, _balance
)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """The last word of one accounting system about one posting."""

    book: str
    posting_key: str
    target: str
    state: str
    external_id: str | None
    code: str | None
    text: str | None


def _delivery(happened: Happened, rows: Rows[DeliveryRow]) -> None:
    event = happened.event
    if isinstance(event, PostingAcknowledged):
        state = "FAILED" if isinstance(event, PostingRefused) else "CONFIRMED"
        rows.put(DeliveryRow(happened.book, event.posting_key, event.target, state, event.external_id, event.code, event.text))


DELIVERIES = View("deliveries", 1, DeliveryRow, ("book", "posting_key", "target"), (PostingAcknowledged,), nothing, _delivery)
