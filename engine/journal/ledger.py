"""The ledger: collects signed amounts by account and writes them as the lines of a journal, balanced in integers.

A foreign amount is converted line by line, half up, before anything is added (golden number 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.facts.subject import Subject
from engine.firewall.facts import Facts
from engine.journal.coding import Coding, coding_of
from schemas.events import PostingLine, Settled
from schemas.inbound import AccountOpened, BookOpened
from schemas.values import EXPONENTS, scaled

Key = tuple[str, str | None, str | None, tuple[tuple[str, str], ...], *tuple[str, ...]]
"""Ledger account, party, tax code and dimensions of a line, and what its memo says besides the document."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One journal of a document: the sale itself, its settlement at the till, a payment, a deposit applied."""

    name: str
    kind: str
    account: str
    lines: tuple[PostingLine, ...]
    settles: tuple[Settled, ...] = ()


@dataclass(slots=True)
class Ledger:
    """Collects signed amounts (debit above zero) by account and writes them as posting lines."""

    rate: tuple[int, int]
    memo: str
    customer: str | None
    amounts: dict[tuple[Key, bool], list[int]] = field(default_factory=dict)
    coding: Coding | None = None

    def add(self, key: Key, amount: int) -> None:
        """Add a signed amount in document currency; debits and credits of one account stay apart."""
        if amount:
            key = self.coding.coded(key) if self.coding else key
            row = self.amounts.setdefault((key, amount > 0), [0, 0])
            row[0] += amount
            row[1] += self.base(amount)

    def put(self, key: Key, amount: int, base: int) -> None:
        """Add an amount whose worth in the book's currency is known, or a difference of worth alone."""
        if amount or base:
            key = self.coding.coded(key) if self.coding else key
            row = self.amounts.setdefault((key, (amount or base) > 0), [0, 0])
            row[0] += amount
            row[1] += base

    def missing(self) -> tuple[int, int]:
        """Return what brings all lines together to zero, in both currencies."""
        return -sum(row[0] for row in self.amounts.values()), -sum(row[1] for row in self.amounts.values())

    def balance(self, key: Key) -> None:
        """Add what is missing to bring all lines together to zero, in both currencies."""
        key = self.coding.coded(key) if self.coding else key
        rest = list(self.missing())
        if rest[0] * rest[1] < 0:
            # Converted line by line, the total can turn its sign: each currency is balanced by a line of its own.
            self.amounts[(key, rest[0] > 0)], self.amounts[(key, rest[1] > 0)] = [rest[0], 0], [0, rest[1]]
        elif rest[0] or rest[1]:
            self.amounts[(key, (rest[0] or rest[1]) > 0)] = rest

    def base(self, amount: int) -> int:
        """Convert to the book's currency, half away from zero."""
        number, scale = self.rate
        if number == scale:
            return amount  # As for nearly every document: it is in the book's own currency.
        product = abs(amount) * number
        rounded = (2 * product + scale) // (2 * scale)
        return rounded if amount > 0 else -rounded

    def lines(self) -> tuple[PostingLine, ...]:
        """Return the lines, debits first, each side in the order in which its accounts came."""
        rows = [(key, row) for (key, _), row in self.amounts.items()]
        rows.sort(key=lambda row: row[1][0] < 0 or (row[1][0] == 0 and row[1][1] < 0))
        return tuple([self._line(key, amount, base) for key, (amount, base) in rows])

    def _line(self, key: Key, amount: int, base: int) -> PostingLine:
        account, party, tax_code, dimensions, *notes = key
        return PostingLine(
            account=account,
            side="D" if (amount or base) > 0 else "C",
            amount=abs(amount),
            base_amount=abs(base),
            party=party,
            tax_code=tax_code,
            memo=" ".join((self.memo, *notes)) if notes else self.memo,
            dimensions=dict(dimensions),
            customer=self.customer,
        )


def ledger_of(facts: Facts, opened: BookOpened) -> Ledger:
    """Return an empty ledger at the rate of the document."""
    subject = facts.subject
    return Ledger(rate_of(subject, opened), _memo(facts), subject.said.customer, coding=coding_of(facts))


def in_base(subject: Subject, opened: BookOpened, amount: int) -> int:
    """Convert an amount of a document to the book's currency. Raises ValueError when a foreign one states no rate."""
    return Ledger(rate_of(subject, opened), "", None).base(amount)


def rate_of(subject: Subject, opened: BookOpened) -> tuple[int, int]:
    """Return the factor from minor units of the document's currency to those of the book's, as an exact fraction."""
    return _rate(subject.rate, subject.currency, opened.base_currency)


def _rate(text: str | None, currency: str, base: str) -> tuple[int, int]:
    """Return the factor from minor units of one currency to those of the other, as an exact fraction."""
    if currency == base:
        return 1, 1
    if text is None:
        raise ValueError(f"no rate from {currency} to {base}")
    number, scale = scaled(text)
    return number * 10 ** EXPONENTS[base], scale * 10 ** EXPONENTS[currency]


def _memo(facts: Facts) -> str:
    """Name the document, and who a walk-in customer said to be (B16)."""
    invoice = facts.subject.invoice
    if invoice and invoice.walk_in and invoice.walk_in.name:
        return f"{facts.subject.number} {invoice.walk_in.name}"
    return facts.subject.number


def receivable(owed: AccountOpened) -> Key:
    """Return the control account with the party who owes."""
    return owed.ledger_account, owed.account, None, ()


def imbalance(lines: Sequence[PostingLine]) -> tuple[int, int]:
    """Return debits less credits, in document and in book currency; both are zero for a journal (M1)."""
    signed = [(line.amount, line.base_amount) if line.side == "D" else (-line.amount, -line.base_amount) for line in lines]
    return sum(amount for amount, _ in signed), sum(base for _, base in signed)
