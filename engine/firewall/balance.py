"""Rule family M: a journal balances, has two sides, and names who owes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.firewall.rule import Finding
from engine.journal import Leg, imbalance
from schemas.values import MINOR_UNITS_MAX

CODES = (
    "AMOUNT_RANGE", "UNBALANCED", "UNBALANCED_TXN_CURRENCY", "UNBALANCED_BY_KEY", "JOURNAL_TOO_SHORT",
    "CONTROL_LINE_WITHOUT_PARTY", "JOURNAL_IMPOSSIBLE",
)  # fmt: skip


def journal_is_sound(leg: Leg, receivables: Collection[str], balance_by: Sequence[str] = ()) -> Finding | None:
    """M1 to M5. Debits equal credits in both currencies and by each key, at least two lines, no receivable without a party."""
    rest, base_rest = imbalance(leg.lines)
    if rest or base_rest:
        code = "UNBALANCED" if base_rest else "UNBALANCED_TXN_CURRENCY"
        return Finding(f"the {leg.name} journal does not balance: {(rest, base_rest)}", code=code)
    if len(leg.lines) < 2:
        return Finding(f"the {leg.name} journal has {len(leg.lines)} lines", code="JOURNAL_TOO_SHORT")
    if any(line.account in receivables and line.party is None for line in leg.lines):
        return Finding(f"the {leg.name} journal has a receivable without an account customer", code="CONTROL_LINE_WITHOUT_PARTY")
    if any(line.amount < 0 or line.base_amount < 0 or (line.amount == 0 and line.base_amount == 0) for line in leg.lines):
        return Finding(f"the {leg.name} journal has a line that is not above zero", code="JOURNAL_IMPOSSIBLE")
    if any(max(line.amount, line.base_amount) > MINOR_UNITS_MAX for line in leg.lines):
        return Finding(f"the {leg.name} journal has a line above the largest amount", code="AMOUNT_RANGE")
    return next((finding for name in balance_by if (finding := _balances_by(leg, name))), None)


def _balances_by(leg: Leg, name: str) -> Finding | None:
    """M3. The lines of each code of a dimension balance too; a journal has one document and one date, so those always do."""
    for code in dict.fromkeys(line.dimensions.get(name, "") for line in leg.lines):
        rest = imbalance([line for line in leg.lines if line.dimensions.get(name, "") == code])
        if rest != (0, 0):
            message = f"the {leg.name} journal does not balance for {name} {code or 'without a code'}: {rest}"
            keys = tuple(dict.fromkeys(f"mapping:dimension_policy:{line.account}" for line in leg.lines))
            remedy = f"let every ledger account of the journal take {name}, or take {name} off balance_by of the book"
            return Finding(message, waits_for=keys, remedy=remedy, code="UNBALANCED_BY_KEY", path=f"dimensions.{name}")
    return None
