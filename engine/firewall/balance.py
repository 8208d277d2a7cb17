"""Rule family M: a journal balances, has two sides, and names who owes."""

from __future__ import annotations

from collections.abc import Collection

from engine.firewall.rule import Finding
from engine.journal import Leg, imbalance
from schemas.values import MINOR_UNITS_MAX

CODES = ("AMOUNT_RANGE", "UNBALANCED", "JOURNAL_TOO_SHORT", "CONTROL_LINE_WITHOUT_PARTY", "JOURNAL_IMPOSSIBLE")


def journal_is_sound(leg: Leg, receivables: Collection[str]) -> Finding | None:
    """M1, M2, M5. Debits equal credits, at least two lines, no receivable without a party."""
    if imbalance(leg.lines) != (0, 0):
        return Finding(f"the {leg.name} journal does not balance: {imbalance(leg.lines)}", code="UNBALANCED")
    if len(leg.lines) < 2:
        return Finding(f"the {leg.name} journal has {len(leg.lines)} lines", code="JOURNAL_TOO_SHORT")
    if any(line.account in receivables and line.party is None for line in leg.lines):
        return Finding(f"the {leg.name} journal has a receivable without an account customer", code="CONTROL_LINE_WITHOUT_PARTY")
    if any(line.amount < 0 or line.base_amount < 0 or (line.amount == 0 and line.base_amount == 0) for line in leg.lines):
        return Finding(f"the {leg.name} journal has a line that is not above zero", code="JOURNAL_IMPOSSIBLE")
    if any(max(line.amount, line.base_amount) > MINOR_UNITS_MAX for line in leg.lines):
        return Finding(f"the {leg.name} journal has a line above the largest amount", code="AMOUNT_RANGE")
    return None
