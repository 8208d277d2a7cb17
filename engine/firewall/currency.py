"""Rule family I, as far as one document needs it: its currency, its rate, its rounding."""

from __future__ import annotations

from collections.abc import Iterator

from engine.documents import Document
from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule
from engine.firewall.standing import debtor
from engine.journal import in_base
from schemas.inbound import BookOpened, CreditNoteIssued
from schemas.values import major, minor, scaled


@rule("CURRENCY_MISMATCH", "I1", remedy="link the customer to an account in the currency of the document")
def account_takes_the_currency(facts: Facts) -> Finding | None:
    """I1. An account in one currency takes no other; a settlement has the currency of what it settles."""
    record = debtor(facts)
    if record and record.currency and record.currency != facts.subject.currency:
        keys = (f"account:{record.account}", *(f"link:{party.id}" for party in facts.parties[-1:]))
        return Finding(
            f"account {record.account} is in {record.currency}, the document in {facts.subject.currency}", waits_for=keys
        )
    for name, document in _related(facts):
        if document.content and document.content.currency != facts.subject.currency:
            deposit = facts.subject.payment is not None and facts.subject.payment.kind == "DEPOSIT"
            message = f"document {name} is in {document.content.currency}, this one in {facts.subject.currency}"
            return Finding(message, severity="WARN" if deposit else "HOLD", path="currency")
    return None


def _related(facts: Facts) -> Iterator[tuple[str, Document]]:
    """Yield the documents that this one settles or corrects."""
    yield from facts.settles.items()
    if facts.original is not None and isinstance(facts.subject.said, CreditNoteIssued):
        yield facts.subject.said.original or "", facts.original


@rule("FX_RATE_MISSING", "I2", remedy="publish the next version with its exchange rate")
def rate_is_given(facts: Facts) -> Finding | None:
    """I2. A document in a foreign currency states the rate it was made at."""
    opened = facts.book.opened
    rate = facts.subject.said.exchange_rate
    if opened and facts.subject.currency != opened.base_currency and (rate is None or scaled(rate)[0] <= 0):
        message = f"{facts.subject.currency} to {opened.base_currency} has no rate for {facts.subject.business_date}"
        return Finding(message, path="exchange_rate")
    return None


@rule("UNBALANCED", "I5", remedy="correct the rounding of the document, or raise the rounding limit of the book")
def rounding_is_small(facts: Facts) -> Finding | None:
    """I4, I5. Rounding goes to its own account, and only up to the limit of the book."""
    opened, rounding = facts.book.opened, facts.subject.sums.rounding
    if not opened or not rounding or (facts.subject.currency != opened.base_currency and not facts.subject.said.exchange_rate):
        return None
    limit, booked = minor(opened.policies.rounding_max, opened.base_currency), in_base(facts.subject, opened, rounding)
    if abs(booked) > limit:
        return Finding(f"rounding of {_base(booked, opened)} exceeds the limit of {_base(limit, opened)}", path="totals.rounding")
    return None


def _base(units: int, opened: BookOpened) -> str:
    return f"{major(units, opened.base_currency)} {opened.base_currency}"


RULES = (account_takes_the_currency, rate_is_given, rounding_is_small)
