"""Settling: which open documents a journal pays or credits, and how much of it; what is left stands under its own id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.facts.settlements import before_cutover
from engine.firewall.facts import Facts
from engine.journal.differences import difference_key, moved, same_rate
from engine.journal.ledger import Key, Ledger
from engine.streams.documents import Document
from schemas.events import PostingLine, Settled
from schemas.inbound import AccountOpened, BookOpened, PaymentReceived
from schemas.values import minor


def receivable_of(name: str, document: Document | None) -> str:
    """Return where what is open of a document stands: under its own id, its batch's, or that of what a credit note settles."""
    if document is not None and document.billed is not None:
        return document.billed.receivable
    settles = document.postings[0].settles if document is not None and document.postings else ()
    return settles[0].document if settles else name


def settled_as(name: str, document: Document | None) -> str:
    """Return by which name a document is settled: a member of a batch by its own, so that it stays settled in the next one."""
    return name if document is not None and document.frozen else receivable_of(name, document)


@dataclass(frozen=True, slots=True)
class Part:
    """What money pays of one document: an amount in its currency, and the same in the book's at the rate of the money."""

    name: str
    document: Document | None
    amount: int
    base: int


def parts_of(facts: Facts, payment: PaymentReceived, ledger: Ledger) -> tuple[Part, ...]:
    """Return what money pays, document by document in order, together never more than it is, in either currency (L5)."""
    found: list[Part] = []
    paid = 0
    for allocation in payment.allocations:
        document = facts.settles.get(allocation.document)
        if _of_another_currency(document, payment.currency):
            continue
        amount = minor(allocation.amount, payment.currency)
        base = ledger.base(paid + amount) - ledger.base(paid)
        paid += amount
        found.append(Part(allocation.document, document, amount, base))
    return tuple(found)


def allocated(facts: Facts, ledger: Ledger, parts: Sequence[Part], owed: AccountOpened, opened: BookOpened) -> Iterator[Settled]:
    """Yield what money settles, and book what it is worth more or less than when the document was made (I9)."""
    turned = -1 if facts.subject.kind == "REFUND" else 1
    for part in parts:
        if part.document is not None and before_cutover(part.document) and opened.control_accounts.cutover:
            ledger.put((opened.control_accounts.cutover, None, None, ()), -turned * part.amount, -turned * part.base)
            continue
        base = -closing(facts, ledger, part, -turned * part.amount, (owed, opened))
        name = settled_as(part.name, part.document)
        yield Settled(document=name, amount=turned * part.amount, base_amount=base)


def closing(facts: Facts, ledger: Ledger, part: Part, amount: int, accounts: tuple[AccountOpened | None, BookOpened]) -> int:
    """Return how an amount moves what is open of a document in the book's currency; the difference goes to its account."""
    owed, opened = accounts
    own = part.base if amount > 0 else -part.base
    still = facts.opens.get(receivable_of(part.name, part.document))
    if still is None:
        return own
    base = moved(still, amount, ledger.base, proportional=not same_rate(facts, part.document))
    if own != base:
        ledger.put(difference_key(facts, part.document, owed, opened), 0, own - base)
    return base


def credited(facts: Facts, lines: Sequence[PostingLine], party: str) -> tuple[Settled, ...]:
    """Return what a credit note takes from its original, all of it: what is too much stands there as a credit (K4)."""
    if facts.follows is None or facts.follows.currency != facts.subject.currency:
        return ()
    original = getattr(facts.subject.said, "original", None)
    if original is None:
        return ()
    amount, base = receivable_in(lines, party)
    return (Settled(document=settled_as(original, facts.original), amount=-amount, base_amount=-base),)


def receivable_in(lines: Sequence[PostingLine], party: str) -> tuple[int, int]:
    """Return what the lines of a journal add to the receivable of a party, in both currencies."""
    owed = [(1 if line.side == "D" else -1, line) for line in lines if line.party == party]
    return sum(side * line.amount for side, line in owed), sum(side * line.base_amount for side, line in owed)


def closes_credit(facts: Facts, ledger: Ledger, still: tuple[int, int] | None, owed: AccountOpened, opened: BookOpened) -> None:
    """Let what a credit note or a till moves close what is open at the rates it was opened at, before the receivable is added."""
    if still is None:
        return
    amount, own = ledger.missing()
    base = moved(still, amount, ledger.base, proportional=not same_rate(facts, facts.original))
    if own != base:
        key: Key = difference_key(facts, facts.original, owed, opened)
        ledger.put(key, 0, own - base)


def _of_another_currency(document: Document | None, currency: str) -> bool:
    said = document.content if document is not None else None
    return said is not None and said.currency != currency
