"""Differences: a receivable closes at the rates it was opened at; what money is worth more or less has an account (I9).

What is open of a document is known in both currencies. Money takes its share of both, so that nothing is open in the
book's currency as soon as nothing is open in the document's.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.facts.rates import rated
from engine.facts.subject import invoice_subject
from engine.firewall.facts import Facts
from engine.journal.ledger import Key
from engine.streams.books import Book
from engine.streams.documents import Document
from schemas.inbound import AccountOpened, BookOpened
from schemas.values import scaled

Open = tuple[int, int]
"""What is open of a document, debts above zero: in its currency and in the book's."""


def moved(still: Open, amount: int, at_rate: Callable[[int], int], *, proportional: bool = True) -> int:
    """Return how an amount (debits above zero) moves what is open in the book's currency.

    >>> moved((300, 270), -100, lambda units: units)
    -90
    >>> moved((300, 270), -300, lambda units: units)
    -270
    >>> moved((300, 270), -310, lambda units: units)
    -280
    """
    units, base = still
    if units * amount >= 0:
        return at_rate(amount)
    if abs(amount) >= abs(units):
        return at_rate(amount + units) - base
    if not proportional:
        return at_rate(amount)
    share = (2 * abs(base * amount) + abs(units)) // (2 * abs(units))
    return share if base < 0 else -share


def same_rate(facts: Facts, document: Document | None) -> bool:
    """True when a document was converted at the rate of the one that is judged."""
    said = document.content if document is not None else None
    own = facts.subject.rate
    other = rated(invoice_subject(said), facts.book).rate if said is not None else own
    if own is None or other is None:
        return own == other
    (one, scale), (two, other_scale) = scaled(own), scaled(other)
    return one * other_scale == two * scale


def differences_account(book: Book, owed: AccountOpened | None) -> str | None:
    """Return where realised differences of a debtor post: its own account for them, else the book's."""
    own = owed.fx_account if owed else None
    return own or (book.opened.control_accounts.fx_difference if book.opened else None)


def difference_key(facts: Facts, document: Document | None, owed: AccountOpened | None, opened: BookOpened) -> Key:
    """Return where a difference goes: another rate has an account of its own, the same rate only rounds line by line."""
    if same_rate(facts, document):
        return opened.control_accounts.rounding, None, None, ()
    account = differences_account(facts.book, owed)
    if account is None:
        raise ValueError("a difference of rates has no account")
    return account, None, None, ()
