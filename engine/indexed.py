"""Indexed: the look-ups that streams cannot answer, kept from the records of the past as it moves forward."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from engine.chain import GENESIS, Head
from engine.facts.likeness import grounds
from engine.facts.outstanding import moves
from engine.facts.receivables import Receivables
from engine.ports import ALIKE_MAX, Pending, Receivable, Waiting
from engine.record import Happened
from schemas.events import DocumentDecided, DocumentSuperseded
from schemas.inbound import AccountOpened, ClassAssigned, ClassUnassigned, InvoiceIssued

RANGED = ("date:", "instant:", "period:", "tax_period:")
"""What documents wait for in order: these keys are also asked for from one to another."""

Field = Literal["number", "order_number"]


class Indexed:
    """The index port over history: at each moment it knows what the views knew then."""

    def __init__(self) -> None:
        """Begin before the first record."""
        self._waiting: dict[tuple[str, str], dict[str, int]] = {}
        self._ranged: dict[str, list[str]] = {}
        self._owners: dict[tuple[str, Field, str], str] = {}
        self._references: dict[tuple[str, str], str] = {}
        self._bound: dict[tuple[str, str], str] = {}
        self._classes: dict[tuple[str, str], str] = {}
        self._also: dict[tuple[str, str], dict[str, None]] = {}
        self._like: dict[tuple[str, str], set[str]] = {}
        self._keys: dict[tuple[str, str], tuple[str, ...]] = {}
        self._sequences: dict[str, int] = {}
        self._held: dict[str, tuple[int, int]] = {}
        self._outstanding: dict[tuple[str, str], int] = {}
        self._receivables = Receivables(None)

    def begin(self, happened: Sequence[Happened]) -> None:
        """Stand where each book stood just before these records."""
        self._sequences.update({each.book: each.sequence - 1 for each in reversed(happened)})

    def note(self, happened: Happened) -> None:
        """Move past one record."""
        event, book = happened.event, happened.book
        self._sequences[book] = happened.sequence
        for day, change in moves((happened,), book):
            self._outstanding[book, day] = self._outstanding.get((book, day), 0) + change
        self._receivables.noted(happened)
        match event:
            case DocumentDecided():
                self._no_more(book, happened.stream, event.waits_no_more_for)
                for key in event.waits_for:
                    self._wait(book, key, happened.stream, event.received)
                self._hold(happened, event)
            case DocumentSuperseded():
                self._no_more(book, happened.stream, event.waits_no_more_for)
                if self._held.get(happened.stream, (0, 0))[0] == event.version:
                    del self._held[happened.stream]
            case InvoiceIssued():
                if self._owners.setdefault((book, "number", event.number), happened.stream) != happened.stream:
                    self._also.setdefault((book, event.number), {})[happened.stream] = None
                if event.order_number:
                    named = f"{event.customer}|{event.order_number}"
                    self._owners.setdefault((book, "order_number", named), happened.stream)
            case AccountOpened():
                self._bind(book, event)
            case ClassAssigned():
                self._classes[book, event.account] = event.class_
            case ClassUnassigned():
                self._classes.pop((book, event.account), None)

    def _hold(self, happened: Happened, event: DocumentDecided) -> None:
        if event.state in ("WAITING", "REQUIRES_ATTENTION") or event.waits_for:
            self._held[happened.stream] = (event.version, happened.position)
        else:
            self._held.pop(happened.stream, None)

    def _bind(self, book: str, event: AccountOpened) -> None:
        for key in self._keys.pop((book, event.account), ()):
            self._like[book, key].discard(event.account)
        self._keys[book, event.account] = tuple(key for _, key in grounds(event))
        for key in self._keys[book, event.account]:
            self._like.setdefault((book, key), set()).add(event.account)
        before = self._bound.pop((book, event.account), None)
        if before is not None:
            self._references.pop((book, before), None)
        if event.external_ref:
            self._references[book, event.external_ref] = event.account
            self._bound[book, event.account] = event.external_ref

    def _wait(self, book: str, key: str, stream: str, received: int) -> None:
        if (book, key) not in self._waiting:
            self._waiting[book, key] = {}
            if key.startswith(RANGED):
                insort(self._ranged.setdefault(book, []), key)
        self._waiting[book, key][stream] = received

    def _no_more(self, book: str, stream: str, keys: Collection[str]) -> None:
        for key in keys:
            streams = self._waiting.get((book, key), {})
            streams.pop(stream, None)
            if not streams and self._waiting.pop((book, key), None) is not None and key.startswith(RANGED):
                self._ranged[book].remove(key)

    def held(self) -> Iterator[tuple[str, int]]:
        """Yield the streams of what stands outside the ledger, or not wholly in it, with the position that said so."""
        yield from ((name, position) for name, (_, position) in self._held.items())

    def chain(self, book: str) -> Head:
        """Return how many records a book had."""
        return Head("", self._sequences.get(book, 0), GENESIS)

    def waiting(self, book: str, keys: Collection[str]) -> Sequence[Waiting]:
        """Return the documents that wait for any of the keys."""
        return [Waiting(key, name, at) for key in keys for name, at in self._waiting.get((book, key), {}).items()]

    def waiting_between(self, book: str, first: str, last: str) -> Sequence[Waiting]:
        """Return the documents that wait for a key from `first` to `last`, both included."""
        keys = self._ranged.get(book, [])
        return self.waiting(book, keys[bisect_left(keys, first) : bisect_right(keys, last)])

    def books_waiting_until(self, last: Mapping[str, str]) -> Sequence[str]:
        """Return the books with documents whose wait for a time is over."""
        return sorted(
            book
            for book, keys in self._ranged.items()
            if any(bisect_left(keys, first) < bisect_right(keys, end) for first, end in last.items())
        )

    def owners(self, book: str, field: Field, values: Collection[str]) -> Mapping[str, str]:
        """Return which document stream first used each of the values."""
        return {value: self._owners[book, field, value] for value in values if (book, field, value) in self._owners}

    def users(self, book: str, number: str) -> Sequence[str]:
        """Return every document stream that used a number, in the order in which they came."""
        first = self._owners.get((book, "number", number))
        return [first, *self._also.get((book, number), ())] if first else []

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account bound to a reference in the accounting system."""
        return self._references.get((book, reference))

    def accounts_like(self, book: str, keys: Collection[str]) -> Sequence[str]:
        """Return the accounts whose name or tax id is one of the keys, the first few by id."""
        return sorted({account for key in keys for account in self._like.get((book, key), ())})[:ALIKE_MAX]

    def accounts_of_class(self, book: str, class_: str) -> Sequence[str]:
        """Return the accounts that have a class, by id."""
        return sorted(account for (other, account), given in self._classes.items() if (other, given) == (book, class_))

    def receivables(self, book: str, account: str) -> Sequence[Receivable]:
        """Return what is open on an account, in the order of documents: debts above zero, credits below."""
        return self._receivables.open(book, account)

    def receivable(self, book: str, account: str, document: str, currency: str) -> Receivable | None:
        """Return what one document did to an account in a currency, settled or not; None when it did nothing."""
        return self._receivables.receivable(book, account, document, currency)

    def pending(self, book: str, account: str) -> Sequence[Pending]:
        """Return what waits, is held or accumulates for an account, in the order of streams."""
        return self._receivables.pending(book, account)

    def outstanding(self, book: str, first: str, last: str) -> int:
        """Return how many document versions of these business days are held, wait or accumulate."""
        return sum(count for (other, day), count in self._outstanding.items() if other == book and first <= day <= last)
