"""A log in memory: it passes the same laws as the others, and is gone with the process."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Literal

from engine.chain import GENESIS, Head, leaf, link
from engine.errors import Conflict
from engine.facts.receivables import PENDING
from engine.ports import ALIKE_MAX, Gap, Pending, Receipt, Receivable, Waiting
from engine.record import Happened, Recorded, encode
from projections.completeness import COMPLETENESS
from projections.documents import DOCUMENTS, HOLDS
from projections.memory import MemoryViews
from projections.parties import ACCOUNTS
from projections.receivables import RECEIVABLES, receivable_of


class MemoryLog:
    """The log port over lists."""

    def __init__(self, deployment: str = "memory") -> None:
        """Begin empty; `deployment` is part of every book's log identity."""
        self.deployment = deployment
        self.records: list[Recorded] = []
        self.receipts: dict[tuple[str, int], Receipt] = {}
        self.positions: dict[str, int] = {}
        self.gaps: list[Gap] = []
        self.heads: dict[str, Head] = {}
        self.links: dict[tuple[str, int], tuple[int, bytes, bytes]] = {}
        self.views = MemoryViews()
        self._one_writer = Lock()

    @contextmanager
    def writing(self, *, dry: bool = False) -> Iterator[MemoryWriting]:
        """Open the one writer's transaction on copies; keep them only when nothing went wrong."""
        with self._one_writer:
            twin = MemoryLog(self.deployment)
            twin.records, twin.receipts, twin.positions = list(self.records), dict(self.receipts), dict(self.positions)
            twin.gaps = list(self.gaps)
            twin.heads, twin.links, twin.views = dict(self.heads), dict(self.links), self.views.copy()
            yield MemoryWriting(twin)
            if not dry:
                self.records, self.receipts, self.positions = twin.records, twin.receipts, twin.positions
                self.gaps = twin.gaps
                self.heads, self.links, self.views = twin.heads, twin.links, twin.views

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return up to `limit` records after a position, in order."""
        return self.records[after : after + limit]

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        return len(self.records)


class MemoryWriting:
    """One transaction of a log in memory."""

    def __init__(self, log: MemoryLog) -> None:
        """Work on a copy of the log."""
        self._log = log

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        return self._log.head()

    def events_of(self, streams: Collection[str]) -> Sequence[Recorded]:
        """Return the records of several streams, each stream in order."""
        wanted = set(streams)
        return [recorded for recorded in self._log.records if recorded.stream in wanted]

    def events_after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Return records after a position."""
        return self._log.read(position, limit)

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""
        return self._log.positions.get(source, 0)

    def accepted(self, message_keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the digest of each message that was accepted under one of the keys."""
        wanted = set(message_keys)
        receipts = self._log.receipts.values()
        return {r.message_key: r.digest for r in receipts if r.verdict == "ACCEPTED" and r.message_key in wanted}

    def chain(self, book: str) -> Head:
        """Return the end of a book's chain."""
        return self._log.heads.get(book) or Head(f"{self._log.deployment}/{book}", 0, GENESIS)

    def record(
        self, happened: Sequence[Happened], receipts: Sequence[Receipt], positions: Mapping[str, int], gaps: Sequence[Gap] = ()
    ) -> None:
        """Append events, receipts, gaps, source positions and chain, and fold the events into the views."""
        log = self._log
        taken = {(recorded.stream, recorded.version) for recorded in log.records}
        placed = [replace(event, position=len(log.records) + number) for number, event in enumerate(happened, 1)]
        for event in placed:
            if (event.stream, event.version) in taken:
                raise Conflict(f"{event.stream} already has version {event.version}")
            taken.add((event.stream, event.version))
            row = (event.stream, event.version, event.kind, encode(event))
            log.records.append(Recorded(event.position, *row))
            head = self.chain(event.book)
            if event.sequence != head.sequence + 1:
                raise Conflict(f"book {event.book} has {head.sequence} records, so number {event.sequence} is not the next")
            of = leaf(head.log, event.sequence, row, event.cause)
            log.heads[event.book] = Head(head.log, event.sequence, link(event.sequence, head.link, of))
            log.links[event.book, event.sequence] = (event.position, of, log.heads[event.book].link)
        for receipt in receipts:
            if (receipt.source, receipt.position) in log.receipts:
                raise Conflict(f"{receipt.locator} already has a receipt")
            if receipt.verdict == "ACCEPTED" and self.accepted([receipt.message_key]):
                raise Conflict(f"the message at {receipt.locator} was accepted before")
            log.receipts[receipt.source, receipt.position] = receipt
        log.gaps += gaps
        for source, position in positions.items():
            if position <= self.source_position(source):
                raise Conflict(f"{source} was already read to {self.source_position(source)}")
            log.positions[source] = position
        log.views.fold(placed)

    def waiting(self, book: str, keys: Collection[str]) -> Sequence[Waiting]:
        """Return the documents that wait for any of the keys."""
        wanted = set(keys)
        return [
            Waiting(row.key, row.stream, row.received)
            for row in self._log.views.rows(HOLDS)
            if row.book == book and row.key in wanted
        ]

    def waiting_between(self, book: str, first: str, last: str) -> Sequence[Waiting]:
        """Return the documents that wait for a key from `first` to `last`, both included."""
        rows = self._log.views.rows(HOLDS)
        return [Waiting(row.key, row.stream, row.received) for row in rows if row.book == book and first <= row.key <= last]

    def books_waiting_until(self, last: Mapping[str, str]) -> Sequence[str]:
        """Return the books with documents whose wait for a time is over."""
        rows = list(self._log.views.rows(HOLDS))
        return sorted({row.book for row in rows for first, end in last.items() if first <= row.key <= end})

    def owners(self, book: str, field: Literal["number", "order_number"], values: Collection[str]) -> Mapping[str, str]:
        """Return which document stream first used each of the values."""
        wanted = set(values)
        rows = [row for row in self._log.views.rows(DOCUMENTS) if row.book == book and row.kind in ("INVOICE", "CREDIT_NOTE")]
        found: dict[str, str] = {}
        for row in sorted(rows, key=lambda row: -row.received):
            value = row.number if field == "number" else row.order_number
            if value is not None and value in wanted:
                found[value] = row.stream
        return found

    def users(self, book: str, number: str) -> Sequence[str]:
        """Return every document stream that used a number, in the order in which they came."""
        rows = [row for row in self._log.views.rows(DOCUMENTS) if (row.book, row.number) == (book, number)]
        rows = [row for row in rows if row.kind in ("INVOICE", "CREDIT_NOTE")]
        return list(dict.fromkeys(row.stream for row in sorted(rows, key=lambda row: row.received)))

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account bound to a reference in the accounting system."""
        rows = self._log.views.rows(ACCOUNTS)
        return next((row.account for row in rows if row.book == book and row.external_ref == reference), None)

    def accounts_like(self, book: str, keys: Collection[str]) -> Sequence[str]:
        """Return the accounts whose name or tax id is one of the keys, the first few by id."""
        wanted = set(keys)
        rows = [row for row in self._log.views.rows(ACCOUNTS) if row.book == book and {row.name_key, row.tax_key} & wanted]
        return sorted(row.account for row in rows)[:ALIKE_MAX]

    def accounts_of_class(self, book: str, class_: str) -> Sequence[str]:
        """Return the accounts that have a class, by id."""
        return [row.account for row in self._log.views.rows(ACCOUNTS) if row.book == book and row.class_ == class_]

    def receivables(self, book: str, account: str) -> Sequence[Receivable]:
        """Return what is open on an account, in the order of documents: debts above zero, credits below."""
        rows = self._log.views.rows(RECEIVABLES)
        return [receivable_of(row) for row in rows if (row.book, row.account, row.state) == (book, account, "OPEN")]

    def receivable(self, book: str, account: str, document: str, currency: str) -> Receivable | None:
        """Return what one document did to an account in a currency, settled or not; None when it did nothing."""
        wanted, rows = (book, account, document, currency), self._log.views.rows(RECEIVABLES)
        found = (receivable_of(row) for row in rows if (row.book, row.account, row.document, row.currency) == wanted)
        return next(found, None)

    def pending(self, book: str, account: str) -> Sequence[Pending]:
        """Return what waits, is held or accumulates for an account, in the order of streams."""
        rows = [row for row in self._log.views.rows(DOCUMENTS) if (row.book, row.account) == (book, account)]
        return [
            Pending(
                row.stream,
                row.version,
                row.kind,
                row.state,
                row.business_date,
                row.gross if row.base_gross is None else row.base_gross,
                row.received,
            )
            for row in rows
            if row.state in PENDING
        ]

    def outstanding(self, book: str, first: str, last: str) -> int:
        """Return how many document versions of these business days are held, wait or accumulate."""
        rows = [row for row in self._log.views.rows(COMPLETENESS) if row.book == book and first <= row.day <= last]
        return sum(row.documents for row in rows if row.state in PENDING)
