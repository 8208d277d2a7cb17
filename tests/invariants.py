"""What holds after every step of every story: nothing is lost, nothing leaks, and the books balance.

The watch does not ask the engine: it keeps its own list of links, classes and merges from the facts in the log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from adapters.eventlog.memory import MemoryLog
from engine.record import Happened, decode
from projections.completeness import COMPLETENESS, RECEIVED
from projections.documents import DOCUMENTS
from projections.ledger import BALANCES
from schemas.collected import InterestCalculated
from schemas.events import BilledPart, DocumentBilled, DocumentDecided, PostingAuthorised, PostingLine, PostingReversed
from schemas.inbound import (
    AccountMerged,
    ClassAssigned,
    ClassDefined,
    ClassUnassigned,
    CustomerMerged,
    CustomerRegistered,
    InvoiceIssued,
    LinkMade,
    LinkRemoved,
    PaymentReceived,
    PaymentReversed,
)

Name = tuple[str, str]


@dataclass(slots=True)
class Parties:
    """Who owes through whom, as the facts say; names are (book, id)."""

    payer: dict[Name, str | None] = field(default_factory=dict)
    merged: dict[Name, str] = field(default_factory=dict)
    links: dict[Name, str] = field(default_factory=dict)
    accounts_merged: dict[Name, str] = field(default_factory=dict)
    classes: dict[Name, str] = field(default_factory=dict)
    generic: dict[Name, list[tuple[str, str | None]]] = field(default_factory=dict)
    """The shared debtor of every version of a class, with the day on which it begins, in the order said."""

    def note(self, happened: Happened) -> None:
        """Take note of a fact."""
        event, book = happened.event, happened.book
        match event:
            case CustomerRegistered():
                self.payer[book, event.customer] = event.invoice_to
            case CustomerMerged():
                self.merged[book, happened.key] = event.survivor
            case AccountMerged():
                self.accounts_merged[book, happened.key] = event.survivor
            case LinkMade():
                self.links[book, event.customer] = event.account
            case LinkRemoved():
                self.links.pop((book, event.customer), None)
            case ClassAssigned():
                self.classes[book, event.account] = event.class_
            case ClassUnassigned():
                self.classes.pop((book, event.account), None)
            case ClassDefined():
                shared = event.generic_account if event.behaviour == "GENERIC" else None
                self.generic.setdefault((book, event.class_), []).append((event.effective_from or "", shared))

    def debtor(self, book: str, customer: str, day: str) -> tuple[str | None, str | None]:
        """Return the account that owes for a customer on a day, and the class that says so."""
        payer = _survivor(self.merged, book, customer)
        named = self.payer.get((book, payer))
        linked = self.links.get((book, _survivor(self.merged, book, named) if named else payer))
        account = _survivor(self.accounts_merged, book, linked) if linked else None
        class_ = self.classes.get((book, account)) if account else None
        begun = [shared for begins, shared in self.generic.get((book, class_ or ""), ()) if begins <= day]
        return (begun[-1] if begun and begun[-1] else account), class_


def _survivor(merged: dict[Name, str], book: str, key: str) -> str:
    while (book, key) in merged:
        key = merged[book, key]
    return key


class Watch:
    """Reads a log record by record and fails on the first that cannot be right."""

    def __init__(self) -> None:
        """Begin at the beginning of history."""
        self._position = 0
        self._parties = Parties()
        self._standing: dict[str, PostingAuthorised] = {}
        self._keys: set[str] = set()
        self._versions: dict[str, int] = defaultdict(int)
        self._parts: dict[str, list[BilledPart]] = defaultdict(list)
        self._wholes: list[PostingAuthorised] = []
        self._kept: dict[tuple[str, int], tuple[str | None, str | None]] = {}
        self._said: dict[tuple[str, int], InvoiceIssued | PaymentReceived | InterestCalculated] = {}

    def check(self, log: MemoryLog) -> None:
        """Check what happened since the last time, and the views as they stand."""
        for recorded in log.read(self._position, log.head()):
            happened = decode(recorded)
            self._versions[happened.stream] += 1
            assert happened.version == self._versions[happened.stream], f"{happened.stream} has a gap"
            self._note(happened)
            self._position = recorded.position
        self._whole()
        assert conserved(log) == []
        assert unbalanced(log) == []

    def _note(self, happened: Happened) -> None:
        event = happened.event
        self._parties.note(happened)
        if isinstance(event, InvoiceIssued):
            self._said[happened.stream, event.version] = event
        elif isinstance(event, InterestCalculated):
            self._said[happened.stream, 1] = event
        elif isinstance(event, PaymentReceived) and not isinstance(event, PaymentReversed):
            self._said.setdefault((happened.stream, 1), event)
        elif isinstance(event, DocumentDecided) and event.state in ("POSTED", "ACCUMULATING"):
            self._allowed(happened, event)
        elif isinstance(event, DocumentBilled):
            for part in event.parts:
                self._parts[part.posting_key].append(part)
        elif isinstance(event, PostingAuthorised):
            self._posting(event)
            if event.sources and not isinstance(event, PostingReversed):
                self._wholes.append(event)

    def _allowed(self, happened: Happened, event: DocumentDecided) -> None:
        """What passes has an account and a class, unless it follows a document that had them."""
        said = self._said[happened.stream, event.version]
        assert event.account is not None, f"{happened.stream} passed without an account"
        assert event.class_ is not None, f"{happened.stream} passed without a class"
        if any(reason.code == "COSMETIC_EDIT" for reason in event.reasons):
            return  # It stands where it stood, whoever its customer owes through by now (O3, O7).
        follows = getattr(said, "original", None) or getattr(said, "allocations", None)
        told = event.account, event.class_
        kept = self._kept.pop((happened.stream, event.version), None)
        if event.state == "ACCUMULATING":
            self._kept[happened.stream, event.version] = told
        # What accumulates stays under its class until it is billed (O8); what is posted stays where it was.
        if event.customer is not None and not follows and told != kept and event.was != "POSTED":
            debtor = self._parties.debtor(happened.book, event.customer, event.business_date)
            assert told == debtor, f"{happened.stream} passed to another debtor"

    def _whole(self) -> None:
        """A batch or summary is the sum of its members, to the smallest unit, and they are what it names as its sources (J6)."""
        for whole in self._wholes:
            parts = self._parts.pop(whole.posting_key, [])
            assert len(parts) == len(whole.sources), f"{whole.number} names {len(whole.sources)} members, {len(parts)} name it"
            assert _sums(line for part in parts for line in part.lines) == _sums(whole.lines), f"{whole.number} is no sum"
        self._wholes.clear()

    def _posting(self, event: PostingAuthorised) -> None:
        """A journal balances, has a key of its own, and is reversed at most once."""
        assert event.posting_key not in self._keys, f"posting {event.posting_key} was recorded twice"
        self._keys.add(event.posting_key)
        assert len(event.lines) >= 2
        assert sum(line.amount if line.side == "D" else -line.amount for line in event.lines) == 0
        assert sum(line.base_amount if line.side == "D" else -line.base_amount for line in event.lines) == 0
        if isinstance(event, PostingReversed):
            original = self._standing.pop(event.reverses)
            assert sorted(_sides(original)) == sorted(_sides(event, turned=True))
        else:
            self._standing[event.posting_key] = event


def _sides(posting: PostingAuthorised, *, turned: bool = False) -> Iterable[tuple[str, str, int, int]]:
    for line in posting.lines:
        side = {"D": "C", "C": "D"}[line.side] if turned else line.side
        yield line.account, side, line.amount, line.base_amount


def _sums(lines: Iterable[PostingLine]) -> dict[tuple[object, ...], tuple[int, int]]:
    """Return amounts in both currencies by all that tells one line of a journal from another."""
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    for line in lines:
        key = line.side, line.account, line.party, line.tax_code, tuple(sorted(line.dimensions.items()))
        amount, base = sums.get(key, (0, 0))
        sums[key] = amount + line.amount, base + line.base_amount
    return sums


def conserved(log: MemoryLog) -> Sequence[str]:
    """Return where received is not what stands in all states together, in count or amount (law 10)."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in log.views.rows(COMPLETENESS):
        sign = 1 if row.state == RECEIVED else -1
        difference = sums[row.book, row.day, row.currency]
        difference[0] += sign * row.documents
        difference[1] += sign * row.gross
    faults = [f"{' '.join(key)}: {value} received beyond all states" for key, value in sums.items() if value != [0, 0]]
    received = sum(row.documents for row in log.views.rows(COMPLETENESS) if row.state == RECEIVED)
    versions = sum(1 for _ in log.views.rows(DOCUMENTS))
    return [*faults, *([f"{received} received, {versions} document versions are shown"] if received != versions else [])]


def unbalanced(log: MemoryLog) -> Sequence[str]:
    """Return the books and currencies whose trial balance is not zero."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in log.views.rows(BALANCES):
        sums[row.book, row.currency][0] += row.debit - row.credit
        sums[row.book, row.currency][1] += row.base_debit - row.base_credit
    return [f"{' '.join(key)}: {value}" for key, value in sums.items() if value != [0, 0]]
