"""Rule family Q: interest is charged through the gate like any document, and needs an account of its own (Q6)."""

from __future__ import annotations

from engine.facts.interest import CHARGE
from engine.facts.subject import Subject, Sums
from engine.firewall.facts import Facts
from engine.firewall.rule import INTEREST, Finding, rule
from engine.journal import interest_account
from engine.streams.books import Book
from engine.streams.charges import Charging
from schemas.collected import InterestCalculated


def charge_subject(content: InterestCalculated, book: Book) -> Subject:
    """Return a charge as a subject, dated the last day it charges; a foreign one is converted by the book's table."""
    name, day, value = content.charge, content.to, book.mapped("rate", content.currency, content.to)
    sums, rate = Sums(gross=content.amount), value.rate if value else None
    return Subject(CHARGE, name, 1, name, day, day, content.currency, sums, Charging(content), rate=rate)


@rule(
    "INTEREST_ACCOUNT_MISSING",
    "Q6",
    INTEREST,
    remedy="name an interest account on the account customer: postgate.account.changed",
)
def interest_has_an_account(facts: Facts) -> Finding | None:
    """Q6. Interest is earned on a ledger account that the account customer or the book names."""
    if facts.subject.kind != CHARGE or interest_account(facts.account.record, facts.book.opened):
        return None
    return Finding(f"neither account {facts.account_id} nor the book has an interest account", (f"account:{facts.account_id}",))


RULES = (interest_has_an_account,)
