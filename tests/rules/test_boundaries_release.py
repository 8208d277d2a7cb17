"""What may be released: a list of its own, so that no rule becomes one that can be talked out of its reason by mistake."""

from __future__ import annotations

from engine.firewall.rulebook import RULES

RELEASABLE = {
    "A": {"BEFORE_CUTOVER", "MARKED_DO_NOT_POST"},
    "B": {"CUSTOMER_INCOMPLETE", "POSSIBLE_DUPLICATE_ACCOUNT"},
    "C": {"CLASS_CHANNEL_DISABLED", "CLASS_INACTIVE", "PAYMENT_REQUIRED_FOR_GENERIC"},
    "D": {
        "ACCOUNT_SUSPENDED",
        "CUSTOMER_BLOCKED",
        "CUSTOMER_DELINQUENT",
        "CUSTOMER_DISPUTED",
        "CUSTOMER_INACTIVE",
        "CUSTOMER_ON_HOLD",
        "STOP_CREDIT",
    },
    "E": {"CREDIT_DAYS_EXCEEDED", "CREDIT_LIMIT_EXCEEDED", "OVERDUE_LIMIT_EXCEEDED"},
    "G": {"TAX_EXEMPTION_CONFLICT", "TAX_RATE_MISMATCH"},
    "H": {"DATE_NOT_OPEN", "FUTURE_DATED", "PERIOD_LOCKED", "TAX_PERIOD_CLOSED"},
    "I": {"FX_RATE_OUT_OF_TOLERANCE"},
    "K": {"CREDIT_EXCEEDS_INVOICE", "CREDIT_UNREFERENCED", "REFUND_WITHOUT_CREDIT"},
    "L": {"GIFT_CARD_TAXED", "OVERPAYMENT_ON_GENERIC", "REVERSAL_DIFFERS", "TENDER_NOT_CLEARED"},
}
"""Family of the rulebook -> the reasons of it that somebody may answer for."""


def test_the_reasons_that_may_be_released_are_these() -> None:
    """By family; every other reason must be mended."""
    found: dict[str, set[str]] = {}
    for rule in RULES:
        if rule.overridable:
            found.setdefault(rule.number[0], set()).add(rule.code)
    assert found == RELEASABLE
