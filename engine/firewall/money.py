"""Rule family L, money itself: has it cleared, did it stand, was it booked elsewhere, and which rules ask about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from engine.firewall.facts import Facts
from engine.firewall.rule import MONEY, Finding, Rule, rule

APPLYING = frozenset(
    ("DOCUMENT_CONFLICT", "CURRENCY_MISMATCH", "GL_ACCOUNT_UNPOSTABLE", "PAYMENT_REVERSED", "FX_ACCOUNT_MISSING")
)
"""What may keep a deposit that stands from being applied: all else spoke when the money came."""

BOOKED = frozenset((
    "BOOK_UNKNOWN", "DOCUMENT_CONFLICT", "CUSTOMER_UNKNOWN", "LINK_MISSING", "ACCOUNT_UNKNOWN", "WAITING_FOR_DEPENDENCY",
    "CURRENCY_MISMATCH", "FX_RATE_MISSING", "PAYMENT_CUSTOMER_MISMATCH", "PAYMENT_REVERSED", "REVERSAL_DIFFERS",
    "BOOKED_IN_ACCOUNTING",
))  # fmt: skip
"""What is asked of money that accounting has booked itself: who paid what; where it posts is settled (L12)."""


def asked(facts: Facts, rules: Sequence[Rule]) -> Sequence[Rule]:
    """Return the rules that speak of money: fewer of a deposit that stands, and of what accounting has booked itself."""
    payment = facts.subject.payment
    if facts.deposited_with is None and (payment is None or payment.origin == "OPERATIONAL"):
        return rules
    wanted = BOOKED if facts.deposited_with is None else APPLYING
    return [rule for rule in rules if rule.code in wanted]


@rule("TENDER_NOT_CLEARED", "L11", MONEY, severity="WAIT", overridable=True, remedy="wait until it has cleared, or release it")
def tender_has_cleared(facts: Facts) -> Finding | None:
    """L11. Money through a tender that takes days to clear posts when they are over."""
    payment = facts.subject.payment
    if payment is None or facts.subject.kind == "REFUND":
        return None
    value = facts.book.mapped("tender", payment.tender, payment.date)
    if value is None or value.clears_after_days is None:
        return None
    clears = (date.fromisoformat(payment.date) + timedelta(days=value.clears_after_days)).isoformat()
    if facts.today >= clears:
        return None
    return Finding(f"{payment.tender} of {payment.date} clears on {clears}", waits_for=(f"date:{clears}",), path="tender")


@rule("PAYMENT_REVERSED", "L10", MONEY, severity="EXCLUDE", remedy="nothing to do: the payment did not stand")
def payment_stands(facts: Facts) -> Finding | None:
    """L10. A payment whose reversal is known does not post."""
    return Finding("the payment was reversed") if facts.reversed else None


@rule("REVERSAL_DIFFERS", "L10", MONEY, overridable=True, remedy="publish the reversal of the whole payment, or release it")
def reversal_takes_all_back(facts: Facts) -> Finding | None:
    """L10. A reversal that came before its payment takes back all of it; one of another sum leaves doubt about both."""
    other, own = facts.reversal, facts.subject.payment
    if other is None or own is None or facts.reversed:
        return None
    message = f"it is {own.amount} {own.currency}, its reversal says {other.amount} {other.currency}"
    return Finding(message, path="amount")


@rule(
    "BOOKED_IN_ACCOUNTING",
    "L12",
    MONEY,
    severity="EXCLUDE",
    remedy="nothing to do: it settles its documents, and is not sent back",
)
def money_was_booked_here(facts: Facts) -> Finding | None:
    """L12. What accounting has booked itself settles its documents, and is never posted again."""
    payment = facts.subject.payment
    if payment is None or payment.origin == "OPERATIONAL":
        return None
    return Finding("the accounting system recorded it", path="origin")


RULES = (tender_has_cleared, payment_stands, reversal_takes_all_back, money_was_booked_here)
