"""Ports: what the engine asks of the world, with the laws that every implementation passes (tests/contracts)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from engine.chain import Head
from engine.record import Happened, Recorded

Verdict = Literal["ACCEPTED", "DUPLICATE", "STALE", "QUARANTINED"]
MIDNIGHT = "00:00"
ALIKE_MAX = 64
"""How many accounts of one name are looked at: more than an account may be said to be distinct from."""


class Day(Protocol):
    """Tells which day it is."""

    def __call__(self, timezone: str, instant: int, begins: str = MIDNIGHT, /) -> str | None:
        """Return the day of an instant (microseconds) in a time zone where days begin at an hour; None for no such zone (H8)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message at one position of one source; every position read has exactly one."""

    source: str
    position: int
    verdict: Verdict
    code: str
    digest: bytes
    message_key: bytes
    book: str

    @property
    def locator(self) -> str:
        """The place of the message, as records name it."""
        return f"{self.source}#{self.position}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Positions of a source, `first` to `last`, that were passed over without a receipt, and why.

    ABSENT: no message stands there (an empty line, a marker of the broker, a record that compaction took away).
    ELSEWHERE: the messages there belong to books of another cell. DECLARED: they are lost, and an operator said to go on.
    """

    source: str
    first: int
    last: int
    why: Literal["ABSENT", "ELSEWHERE", "DECLARED"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits for a key; `received` orders documents of a book, oldest first."""

    key: str
    stream: str
    received: int


class Receivable(NamedTuple):
    """What one document does to the balance of one account: `open` in its currency and in the book's, below zero for a credit.

    A document that was amended into another currency after it was paid does so in both, apart.
    `amount` is what the document itself came to, `document` an invoice's own id, and `payment:ID` for money that settles none.
    """

    account: str
    document: str
    kind: str
    number: str
    date: str
    due_date: str | None
    currency: str
    amount: int
    open: int
    base_open: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A version of a document that was received for an account and is not posted; `gross` in the book's currency."""

    stream: str
    version: int
    kind: str
    state: str
    business_date: str
    gross: int
    received: int


class Debts(Protocol):
    """What accounts owe, as the views of postings and documents tell it."""

    def receivables(self, book: str, account: str) -> Sequence[Receivable]:
        """Return what is open on an account, in the order of documents: debts above zero, credits below."""

    def receivable(self, book: str, account: str, document: str, currency: str) -> Receivable | None:
        """Return what one document did to an account in a currency, settled or not; None when it did nothing."""

    def pending(self, book: str, account: str) -> Sequence[Pending]:
        """Return what waits, is held or accumulates for an account, in the order of streams."""


class Index(Debts, Protocol):
    """Look-ups that streams cannot answer; they are views, kept in the transaction of the events they follow."""

    def waiting(self, book: str, keys: Collection[str]) -> Sequence[Waiting]:
        """Return the documents that wait for any of the keys."""

    def waiting_between(self, book: str, first: str, last: str) -> Sequence[Waiting]:
        """Return the documents that wait for a key from `first` to `last`, both included."""

    def books_waiting_until(self, last: Mapping[str, str]) -> Sequence[str]:
        """Return the books with documents whose wait for a time is over: `last` gives a key bound by key prefix."""

    def owners(self, book: str, field: Literal["number", "order_number"], values: Collection[str]) -> Mapping[str, str]:
        """Return which document stream first used each of the values."""

    def users(self, book: str, number: str) -> Sequence[str]:
        """Return every document stream that used a number, in the order in which they came."""

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account bound to a reference in the accounting system."""

    def accounts_like(self, book: str, keys: Collection[str]) -> Sequence[str]:
        """Return the accounts whose name or tax id, without case and punctuation, is one of the keys; the first few by id."""

    def accounts_of_class(self, book: str, class_: str) -> Sequence[str]:
        """Return the accounts that have a class, by id."""

    def outstanding(self, book: str, first: str, last: str) -> int:
        """Return how many document versions of these business days are held, wait or accumulate."""


class Writing(Index, Protocol):
    """The log and its views inside one transaction, with the writer's lock held from its first line.

    Laws: everything recorded appears at once or not at all; what is read includes all that was ever committed; positions
    grow in the order of commits; a position of a source is recorded once; two events never share stream and version.
    """

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""

    def events_of(self, streams: Collection[str]) -> Sequence[Recorded]:
        """Return the records of several streams, each stream in order, with one query per hop."""

    def events_after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Return records after a position."""

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""

    def accepted(self, message_keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the digest of each message that was accepted under one of the keys."""

    def chain(self, book: str) -> Head:
        """Return the end of a book's chain."""

    def record(
        self, happened: Sequence[Happened], receipts: Sequence[Receipt], positions: Mapping[str, int], gaps: Sequence[Gap] = ()
    ) -> None:
        """Append events, receipts, gaps, source positions and chain, and fold the events into the inline views.

        Receipts and gaps together cover a source without a hole, from 1 to its position.
        """


class Log(Protocol):
    """Everything that ever happened, in order: written under one lock, read by position."""

    def writing(self, *, dry: bool = False) -> AbstractContextManager[Writing]:
        """Open the one writer's transaction; commits at the end, rolls back on an exception or when `dry`."""

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return up to `limit` records after a position, in order; never one that another could still precede."""

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
