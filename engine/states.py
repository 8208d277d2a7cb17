"""States: what streams add up to, loaded once per batch and kept while nobody else writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar, cast

from engine.decider import Decider, stream
from engine.ports import Writing
from engine.record import Recorded, decode
from engine.streams.accounts import ACCOUNTS, Account
from engine.streams.batches import BATCHES, BillingBatch
from engine.streams.books import BOOKS, Book
from engine.streams.charges import CHARGES, Charge
from engine.streams.classes import CLASSES, CustomerClass
from engine.streams.collection import COLLECTION, Collected
from engine.streams.customers import CUSTOMERS, Customer
from engine.streams.days import DAYS, BusinessDay
from engine.streams.deliveries import DELIVERIES
from engine.streams.documents import DOCUMENTS, Document
from engine.streams.links import LINKS, Link
from engine.streams.payments import PAYMENTS, Payment
from engine.streams.quarantine import QUARANTINE
from engine.streams.sources import SOURCES
from engine.streams.transfers import TRANSFERS, Transfer
from schemas.shape import Shape

STREAMS_KEPT_MAX = 200_000
STREAMS_PER_QUERY_MAX = 500

DECIDERS: dict[str, Decider[object]] = {
    "book": cast(Decider[object], BOOKS),
    "customer": cast(Decider[object], CUSTOMERS),
    "link": cast(Decider[object], LINKS),
    "account": cast(Decider[object], ACCOUNTS),
    "class": cast(Decider[object], CLASSES),
    "document": cast(Decider[object], DOCUMENTS),
    "payment": cast(Decider[object], PAYMENTS),
    "charge": cast(Decider[object], CHARGES),
    "collection": cast(Decider[object], COLLECTION),
    "delivery": cast(Decider[object], DELIVERIES),
    "quarantine": cast(Decider[object], QUARANTINE),
    "source": cast(Decider[object], SOURCES),
    "transfer": cast(Decider[object], TRANSFERS),
    "batch": cast(Decider[object], BATCHES),
    "day": cast(Decider[object], DAYS),
}
"""Noun of a stream -> its decider."""

_SHORT_LIVED = ("document", "payment", "charge", "collection", "delivery", "quarantine", "batch", "transfer")
State = TypeVar("State")


class States:
    """The states of the streams a batch names; a cache that trusts itself only while the head has not moved."""

    def __init__(self) -> None:
        """Begin empty."""
        self._states: dict[str, tuple[object, int]] = {}
        self._writing: Writing | None = None
        self._head = -1

    def begin(self, writing: Writing) -> None:
        """Start a batch: forget everything when somebody else wrote since the last one."""
        head = writing.head()
        if head != self._head or len(self._states) > STREAMS_KEPT_MAX:
            self._states.clear()
        self._writing = writing
        self._head = head

    def end(self, head: int) -> None:
        """Finish a committed batch: keep parties and books, let documents go."""
        self._head = head
        self._writing = None
        for name in [name for name in self._states if name.split("|", 2)[1] in _SHORT_LIVED]:
            del self._states[name]

    def forget(self) -> None:
        """Drop everything, after a batch that did not commit: a cache is never ahead of the log."""
        self._states.clear()
        self._writing = None
        self._head = -1

    def prefetch(self, streams: Collection[str]) -> None:
        """Load the streams that are not known yet."""
        missing = [name for name in dict.fromkeys(streams) if name not in self._states]
        for start in range(0, len(missing), STREAMS_PER_QUERY_MAX):
            self._load(missing[start : start + STREAMS_PER_QUERY_MAX])

    def _load(self, streams: Collection[str]) -> None:
        if self._writing is None:
            raise RuntimeError("states are read inside a batch")
        self._adopt(streams, self._writing.events_of(streams))

    def _adopt(self, streams: Collection[str], records: Iterable[Recorded]) -> None:
        for name in streams:
            self._states[name] = (DECIDERS[name.split("|", 2)[1]].initial, 0)
        for recorded in records:
            self.apply(recorded.stream, decode(recorded).event)

    def knows(self, name: str) -> bool:
        """True when a stream is loaded."""
        return name in self._states

    @property
    def size(self) -> int:
        """How many streams are loaded."""
        return len(self._states)

    def apply(self, name: str, event: Shape) -> int:
        """Evolve a stream by one event and return its new version."""
        state, version = self._get(name)
        self._states[name] = (DECIDERS[name.split("|", 2)[1]].evolve(state, event), version + 1)
        return version + 1

    def _get(self, name: str) -> tuple[object, int]:
        if name not in self._states:
            self._load((name,))
        return self._states[name]

    def of(self, name: str) -> tuple[object, int]:
        """Return a stream's state and version."""
        return self._states.get(name) or self._get(name)

    def version(self, name: str) -> int:
        """Return how many events a stream has."""
        return self._get(name)[1]

    def book(self, book: str) -> Book:
        """Return the state of a book."""
        return self._typed(stream(book, "book", ""), Book)

    def customer(self, book: str, key: str) -> Customer:
        """Return the state of an operational customer."""
        return self._typed(stream(book, "customer", key), Customer)

    def link(self, book: str, key: str) -> Link:
        """Return the link of an operational customer."""
        return cast(Link, self._get(stream(book, "link", key))[0])

    def account(self, book: str, key: str) -> Account:
        """Return the state of an account customer."""
        return self._typed(stream(book, "account", key), Account)

    def class_(self, book: str, key: str) -> CustomerClass:
        """Return the state of a customer class."""
        return self._typed(stream(book, "class", key), CustomerClass)

    def document(self, name: str) -> Document:
        """Return the state of a document stream."""
        return self._typed(name, Document)

    def payment(self, name: str) -> Payment:
        """Return the state of a payment stream."""
        return self._typed(name, Payment)

    def charge(self, name: str) -> Charge:
        """Return the state of a stream of a charge."""
        return self._typed(name, Charge)

    def collection(self, name: str) -> Collected:
        """Return how far collecting went for a class or an account."""
        return self._typed(name, Collected)

    def batch(self, name: str) -> BillingBatch:
        """Return the state of a batch stream."""
        return self._typed(name, BillingBatch)

    def day(self, name: str) -> BusinessDay:
        """Return the state of a business day's stream."""
        return self._typed(name, BusinessDay)

    def transfer(self, name: str) -> Transfer:
        """Return the state of a stream of a transfer."""
        return self._typed(name, Transfer)

    def _typed(self, name: str, kind: type[State]) -> State:
        state = (self._states.get(name) or self._get(name))[0]
        if not isinstance(state, kind):
            raise TypeError(f"{name} is not a {kind.__name__}")
        return state
