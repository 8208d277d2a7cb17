"""Receivables: what each account owes on each document, as a sum of what postings add and take; order does not matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.decider import parts
from engine.ports import Debts, Pending, Receivable
from engine.record import Happened, shapes_of
from engine.streams.applications import REVERSAL
from schemas.events import DocumentDecided, DocumentSuperseded, PostingAuthorised, PostingReversed, SettlementBooked

PENDING = ("WAITING", "REQUIRES_ATTENTION", "ACCUMULATING")
"""States of what was received and is not in the ledger yet."""


_NOTED = shapes_of(PostingAuthorised, SettlementBooked, DocumentDecided, DocumentSuperseded)


class Entry(NamedTuple):
    """What one posting adds to one document of one account, debits above zero; `of_itself` when it is the document's own sum."""

    account: str
    document: str
    amount: int
    base_amount: int
    of_itself: bool
    posting: PostingAuthorised | SettlementBooked


def receivable(stream: str) -> str:
    """Return under which id a stream's own receivable stands: `ID` of a document, `payment:ID` of money, as releases name it."""
    _, noun, key = parts(stream)
    return key if noun == "document" else f"{noun}:{key}"


def entries(happened: Happened) -> Iterator[Entry]:
    """Yield what a posting does to the documents of its parties; together they are what its lines say of each party."""
    event = happened.event
    if not isinstance(event, PostingAuthorised):
        if isinstance(event, SettlementBooked):
            yield from _booked(event, receivable(happened.stream))
        return
    rest: dict[str, tuple[int, int]] = {}
    for line in event.lines:
        if line.party is not None:
            turned = 1 if line.side == "D" else -1
            amount, base = rest.get(line.party, (0, 0))
            rest[line.party] = amount + turned * line.amount, base + turned * line.base_amount
    for part in event.settles:
        account = part.account or event.account
        yield Entry(account, part.document, -part.amount, -part.base_amount, of_itself=False, posting=event)
        amount, base = rest.get(account, (0, 0))
        rest[account] = amount + part.amount, base + part.base_amount
    own, leg = _own(event, happened.stream), event.leg.removesuffix(REVERSAL).partition("#")[0]
    of_itself = leg != "settlement" and ":" not in leg
    for account, (amount, base) in rest.items():
        if amount or base:
            yield Entry(account, own, amount, base, of_itself=of_itself, posting=event)


def touched(happened: Happened) -> Iterator[tuple[str, str, str]]:
    """Yield account, document and currency of every entry that a record may make; cheaper than the entries, and not less."""
    event = happened.event
    if not isinstance(event, PostingAuthorised):
        yield from ((entry.account, entry.document, entry.posting.currency) for entry in entries(happened))
        return
    own = _own(event, happened.stream)
    for line in event.lines:
        if line.party is not None:
            yield line.party, own, event.currency
    for part in event.settles:
        yield part.account or event.account, own, event.currency
        yield part.account or event.account, part.document, event.currency


def _own(event: PostingAuthorised, stream: str) -> str:
    """Return under which id what a posting leaves stands; each bill of a batch has a receivable of its own."""
    _, mark, bill = event.leg.removesuffix(REVERSAL).partition("#")
    return f"{receivable(stream)}{mark}{bill}"


def _booked(event: SettlementBooked, own: str) -> Iterator[Entry]:
    """Yield what money does that accounting has booked itself: it settles as if it were posted here (L12)."""
    amount, base = -event.amount, -event.base_amount
    for part in event.settles:
        yield Entry(event.account, part.document, -part.amount, -part.base_amount, of_itself=False, posting=event)
        amount, base = amount + part.amount, base + part.base_amount
    if amount or base:
        yield Entry(event.account, own, amount, base, of_itself=True, posting=event)


def pending(happened: Happened, event: DocumentDecided) -> Pending:
    """Return a version as it stands at the firewall."""
    gross = event.gross if event.base_gross is None else event.base_gross
    return Pending(happened.stream, event.version, event.kind, event.state, event.business_date, gross, event.received)


def added(before: Receivable | None, entry: Entry) -> Receivable:
    """Return a receivable with one entry more."""
    posting, itself = entry.posting, entry.of_itself
    if before is not None and (not itself or isinstance(posting, PostingReversed)):
        amount = before.amount + (entry.amount if itself else 0)
        now = before._replace(amount=amount, open=before.open + entry.amount, base_open=before.base_open + entry.base_amount)
        return _moved(now, posting) if before.open <= 0 and _moves_here(entry) else now
    told_of = itself or posting.kind == "BALANCE_TRANSFER"
    amount, open_, base_open = (before.amount, before.open, before.base_open) if before else (0, 0, 0)
    return Receivable(
        entry.account,
        entry.document,
        posting.kind,
        posting.number if told_of else entry.document,
        posting.date,
        posting.due_date if told_of else None,
        posting.currency,
        amount + (entry.amount if itself else 0),
        open_ + entry.amount,
        base_open + entry.base_amount,
    )


def _moves_here(entry: Entry) -> bool:
    posting = entry.posting
    return posting.kind == "BALANCE_TRANSFER" and not isinstance(posting, PostingReversed) and entry.account == posting.account


def _moved(now: Receivable, posting: PostingAuthorised | SettlementBooked) -> Receivable:
    """Return what comes to where nothing was owed of it, from its day on; a credit may have stood there, of money for it."""
    return now._replace(kind=posting.kind, number=posting.number, date=posting.date, due_date=posting.due_date or now.due_date)


@dataclass(slots=True)
class _Shelf:
    """What is known of one account: its receivables by document and currency, settled ones too, and what is pending by stream."""

    receivables: dict[tuple[str, str], Receivable | None] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)


def _name(each: Receivable) -> tuple[str, str]:
    return each.document, each.currency


class Receivables:
    """What accounts owe, for one batch: what is stored, loaded once for each account, under what the batch recorded.

    Without an index it begins before the first record of history and knows whatever it was told.
    """

    def __init__(self, index: Debts | None) -> None:
        """Begin with nothing loaded."""
        self._index = index
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._at: dict[str, set[str]] = {}
        self._noted: list[Happened] = []

    def noted(self, happened: Happened) -> None:
        """Take note of a record: what was posted, what is pending, what is no more."""
        if type(happened.event) not in _NOTED:
            return
        if self._index is not None:
            self._noted.append(happened)
        if self._index is None or self._shelves:
            self._take(happened)

    def open(self, book: str, account: str) -> Sequence[Receivable]:
        """Return what is open on an account, in the order of documents: debts above zero, credits below."""
        known = self._shelf(book, account).receivables
        return [told for _, told in sorted(known.items()) if told is not None and told.open]

    def receivable(self, book: str, account: str, document: str, currency: str) -> Receivable | None:
        """Return what one document did to an account in a currency, settled or not."""
        return self._before(book, self._shelf(book, account), account, (document, currency))

    def pending(self, book: str, account: str) -> Sequence[Pending]:
        """Return what waits, is held or accumulates for an account, in the order of streams."""
        return [told for _, told in sorted(self._shelf(book, account).pending.items())]

    def _shelf(self, book: str, account: str) -> _Shelf:
        shelf = self._shelves.get((book, account))
        if shelf is None:
            shelf = self._shelves[book, account] = _Shelf()
            if self._index is not None:
                shelf.receivables.update({_name(each): each for each in self._index.receivables(book, account)})
                shelf.pending.update({each.stream: each for each in self._index.pending(book, account)})
                for name in shelf.pending:
                    self._at.setdefault(name, set()).add(account)
                for happened in self._noted:
                    if happened.book == book:
                        self._take(happened, only=account)
        return shelf

    def _take(self, happened: Happened, only: str | None = None) -> None:
        event, book = happened.event, happened.book
        if isinstance(event, PostingAuthorised | SettlementBooked):
            for entry in entries(happened):
                shelf = self._known(book, entry.account, only)
                if shelf is not None:
                    name = entry.document, entry.posting.currency
                    shelf.receivables[name] = added(self._before(book, shelf, entry.account, name), entry)
            return
        if isinstance(event, DocumentDecided | DocumentSuperseded):
            self._no_more(happened, event.version, only)
        if isinstance(event, DocumentDecided) and event.state in PENDING and event.account is not None:
            shelf = self._known(book, event.account, only)
            if shelf is not None:
                shelf.pending[happened.stream] = pending(happened, event)
                self._at.setdefault(happened.stream, set()).add(event.account)

    def _no_more(self, happened: Happened, version: int, only: str | None) -> None:
        """Another word about a version: where it was pending, it is so no more."""
        accounts = self._at.get(happened.stream, set())
        for account in [account for account in accounts if only in (None, account)]:
            shelf = self._shelves[happened.book, account]
            if shelf.pending[happened.stream].version == version:
                del shelf.pending[happened.stream]
                accounts.discard(account)

    def _known(self, book: str, account: str, only: str | None) -> _Shelf | None:
        """Return the shelf of an account that is kept here; with an index, those that were asked for."""
        if only not in (None, account):
            return None
        if self._index is None:
            return self._shelves.setdefault((book, account), _Shelf())
        return self._shelves.get((book, account))

    def _before(self, book: str, shelf: _Shelf, account: str, name: tuple[str, str]) -> Receivable | None:
        """Return what a document did so far in a currency; what is settled was not loaded, and is looked up by itself."""
        if name not in shelf.receivables and self._index is not None:
            shelf.receivables[name] = self._index.receivable(book, account, *name)
        return shelf.receivables.get(name)
