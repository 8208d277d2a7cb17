"""The journals of a sale: the document itself and its settlement at the till.

The receivable is always derived from the other lines (I6), and tax is posted as charged (I7).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.facts import mapping
from engine.firewall.facts import Facts
from engine.journal.ledger import Key, Leg, ledger_of, receivable
from engine.journal.money import tender
from engine.journal.settling import closes_credit, credited, receivable_in, receivable_of
from engine.streams.books import Book
from schemas.inbound import AccountOpened, BookOpened
from schemas.values import minor


def sale(facts: Facts, owed: AccountOpened, opened: BookOpened) -> Leg:
    """Return the journal of an invoice or credit note."""
    ledger = ledger_of(facts, opened)
    turned = 1 if facts.subject.kind == "CREDIT_NOTE" else -1
    for key, amount in _amounts(facts, opened):
        ledger.add(key, turned * amount)
    if facts.foreign:
        closes_credit(facts, ledger, _still(facts), owed, opened)
    ledger.balance(receivable(owed))
    lines = ledger.lines()
    return Leg("document", _kind(facts), owed.account, lines, credited(facts, lines, owed.account))


def _kind(facts: Facts) -> str:
    """Return what the journal is: an invoice below zero that passed is the credit note it should have been (F16)."""
    return "CREDIT_NOTE" if facts.subject.sums.gross < 0 else facts.subject.kind


def _amounts(facts: Facts, opened: BookOpened) -> Iterator[tuple[Key, int]]:
    """Yield where each line, tax, charge and rounding of a sale belongs, with its amount as stated."""
    subject, book = facts.subject, facts.book
    day, taxes = subject.business_date, dict[str, Key]()
    for line, net, place in zip(subject.lines, subject.sums.nets, facts.places, strict=True):
        if place is None:
            raise ValueError(f"line {line.line} has no revenue account")
        code = line.tax[0].code if len(line.tax) == 1 else None
        key: Key = (place.account, None, code, place.dimensions)
        yield ((*key, place.note) if place.note else key), net
        for tax in line.tax:
            if tax.code not in taxes:
                taxes[tax.code] = _tax(book, tax.code, day)  # Looked up once, however many lines bear it.
            yield taxes[tax.code], minor(tax.amount, subject.currency)
    if subject.sums.charges:
        yield _charges(book, day), subject.sums.charges
    yield (opened.control_accounts.rounding, None, None, ()), subject.sums.rounding


def _tax(book: Book, code: str, day: str) -> Key:
    value, suspense = mapping.tax_account(book, code, day), mapping.suspense(book)
    if value and value.account:
        return value.account, None, code, ()
    if suspense is None:
        raise ValueError(f"tax {code} has no account")
    return suspense, None, code, (), f"tax {code}"


def _charges(book: Book, day: str) -> Key:
    account, suspense = charges_account(book, day), mapping.suspense(book)
    if account:
        return account, None, None, ()
    if suspense is None:
        raise ValueError("charges have no revenue account")
    return suspense, None, None, (), "charges"


def charges_account(book: Book, day: str) -> str | None:
    """Return where charges on the header post: their own revenue mapping, else the default."""
    charges = book.mapped("revenue", "charges", day) or book.mapped("revenue", mapping.DEFAULT, day)
    return charges.account if charges else None


def _still(facts: Facts) -> tuple[int, int] | None:
    """Return what is open of the original of a credit note."""
    return facts.opens.get(receivable_of(getattr(facts.subject.said, "original", None) or "", facts.original))


def settlement(facts: Facts, owed: AccountOpened, opened: BookOpened, made: Leg) -> Leg | None:
    """Return the journal of the tenders: the debtor shows invoice and receipt, even when both happen at the till."""
    invoice = facts.subject.invoice
    if invoice is None or not any(minor(part.amount, invoice.currency) or part.fee for part in invoice.tenders):
        return None
    ledger = ledger_of(facts, opened)
    turned = -1 if facts.subject.kind == "CREDIT_NOTE" else 1
    for part in invoice.tenders:
        amount = turned * minor(part.amount, invoice.currency)
        tender(facts, ledger, opened, (part.tender, amount, part.fee))
    if facts.subject.sums.cash_rounding:
        if opened.control_accounts.cash_rounding is None:
            raise ValueError("the rounding of cash has no account")
        ledger.add((opened.control_accounts.cash_rounding, None, None, ()), -turned * facts.subject.sums.cash_rounding)
    if facts.foreign:
        amount, base = receivable_in(made.lines, owed.account)
        before = _still(facts) if facts.follows else (0, 0)
        closes_credit(facts, ledger, (before[0] + amount, before[1] + base) if before else None, owed, opened)
    ledger.balance(receivable(owed))
    lines = ledger.lines()
    return Leg("settlement", "PAYMENT", owed.account, lines, credited(facts, lines, owed.account))
