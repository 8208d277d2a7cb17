"""Rule family I, as far as one document needs it: its currency, its rate, its rounding."""

from __future__ import annotations

from collections.abc import Iterator

from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from engine.firewall.standing import debtor
from engine.journal import in_base
from engine.streams.documents import Document
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
    """I2. A document in a foreign currency states the rate it was made at, or the book's table has it."""
    opened, subject = facts.book.opened, facts.subject
    if not opened or subject.currency == opened.base_currency or (subject.rate is not None and scaled(subject.rate)[0] > 0):
        return None
    message = f"{subject.currency} to {opened.base_currency} has no rate for {subject.business_date}"
    stated = opened.policies.rate_source == "DOCUMENT" and subject.kind != "INTEREST"  # A charge states none.
    if stated or subject.said.exchange_rate is not None:
        return Finding(message, path="exchange_rate")
    key, remedy = f"mapping:rate:{subject.currency}", f"define the mapping rate {subject.currency} for the day"
    return Finding(message, waits_for=(key,), path="exchange_rate", remedy=remedy)


@rule(
    "FX_RATE_OUT_OF_TOLERANCE", "I3", overridable=True, remedy="correct the rate of the document or of the table, or release it"
)
def rate_is_near_the_table(facts: Facts) -> Finding | None:
    """I3. A rate that a document states is near the one of the book's table, where the book compares them."""
    opened, subject = facts.book.opened, facts.subject
    stated = subject.said.exchange_rate
    if not opened or stated is None or opened.policies.rate_tolerance is None or subject.currency == opened.base_currency:
        return None
    table = facts.book.mapped("rate", subject.currency, subject.business_date)
    if table is None or table.rate is None:
        return None
    (rate, scale), (known, known_scale) = scaled(stated), scaled(table.rate)
    share, whole = scaled(opened.policies.rate_tolerance)
    if abs(rate * known_scale - known * scale) * whole <= share * known * scale:
        return None
    message = f"the rate {stated} differs from the table's {table.rate} by more than {opened.policies.rate_tolerance} of it"
    return Finding(message, waits_for=(f"mapping:rate:{subject.currency}",), path="exchange_rate")


@rule("UNBALANCED", "I5", SALES, remedy="correct the rounding of the document, or raise the rounding limit of the book")
def rounding_is_small(facts: Facts) -> Finding | None:
    """I5. Rounding is booked up to the limit of the book, so that no large amount passes for one."""
    opened, booked = facts.book.opened, _rounded(facts)
    if not opened or not booked or abs(booked) <= _limit(opened):
        return None
    message = f"rounding of {_base(booked, opened)} exceeds the limit of {_base(_limit(opened), opened)}"
    return Finding(message, path="totals.rounding")


@rule("ROUNDING_BALANCED", "I4", SALES, severity="WARN", remedy="nothing to do: the rounding stands on an account of its own")
def rounding_is_told(facts: Facts) -> Finding | None:
    """I4. Rounding goes to its own account, and whoever looks at the document is told."""
    opened, booked = facts.book.opened, _rounded(facts)
    if not opened or not booked or abs(booked) > _limit(opened):
        return None
    account = opened.control_accounts.rounding
    return Finding(f"rounding of {_base(booked, opened)} goes to {account}", path="totals.rounding")


def _rounded(facts: Facts) -> int:
    """Return the rounding of a document in the book's currency; none where nobody knows its rate."""
    opened, rounding = facts.book.opened, facts.subject.sums.rounding
    if not rounding or not opened or (facts.subject.currency != opened.base_currency and not facts.subject.rate):
        return 0
    return in_base(facts.subject, opened, rounding)


def _limit(opened: BookOpened) -> int:
    return minor(opened.policies.rounding_max, opened.base_currency)


def _base(units: int, opened: BookOpened) -> str:
    return f"{major(units, opened.base_currency)} {opened.base_currency}"


RULES = (account_takes_the_currency, rate_is_given, rate_is_near_the_table, rounding_is_small, rounding_is_told)
