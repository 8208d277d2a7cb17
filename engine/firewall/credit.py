"""Rule family E: credit, on the account that owes, over all customers who owe through it, in the book's currency.

No limit is unlimited, a limit of 0 is no credit (E6). What has nothing to check has no exposure, and no rule here speaks.
"""

from __future__ import annotations

from engine.facts.exposure import Exposure
from engine.firewall.facts import Facts
from engine.firewall.rule import INVOICES, Finding, rule
from schemas.events import Severity
from schemas.values import major


@rule(
    "CREDIT_LIMIT_EXCEEDED",
    "E1",
    INVOICES,
    overridable=True,
    remedy="collect what is owed, raise the account's limit, or release the document",
)
def credit_limit_is_kept(facts: Facts) -> Finding | None:
    """E1, E5, E6, E7, E8, E9, E10. What is owed, what is about to be, and the invoice together stay within the limit."""
    found = facts.exposure
    if found is None or found.limit is None or found.total <= found.limit:
        return None
    return _finding(facts, found, f"{_owed(found)} exceed the limit of {_told(found, found.limit)}")


@rule("CREDIT_WARNING", "E2", INVOICES, severity="WARN", remedy="nothing to do: collect what is owed before the limit is reached")
def credit_warning_is_not_reached(facts: Facts) -> Finding | None:
    """E2. Whoever comes near the limit is told of it; a mode that only blocks does not warn."""
    found = facts.exposure
    if found is None or found.warning is None or found.mode == "BLOCK_ONLY" or found.total <= found.warning:
        return None
    return Finding(f"{_owed(found)} exceed the warning limit of {_told(found, found.warning)}")


@rule(
    "OVERDUE_LIMIT_EXCEEDED",
    "E3",
    INVOICES,
    overridable=True,
    remedy="collect what is overdue, raise the limit for it, or release the document",
)
def overdue_limit_is_kept(facts: Facts) -> Finding | None:
    """E3, E11. Who owes too much that is overdue buys no more on account; a small balance is no matter."""
    found = facts.exposure
    if found is None or found.overdue_limit is None or found.overdue <= found.overdue_limit:
        return None
    message = f"account {found.account} owes {_told(found, found.overdue)} overdue, more than {_told(found, found.overdue_limit)}"
    return _finding(facts, found, message)


@rule(
    "CREDIT_DAYS_EXCEEDED",
    "E4",
    INVOICES,
    overridable=True,
    remedy="collect the oldest invoice, allow more credit days, or release the document",
)
def credit_days_are_kept(facts: Facts) -> Finding | None:
    """E4, E11. Who is overdue for longer than the credit days and their tolerance buys no more on account."""
    found = facts.exposure
    if found is None or found.days_max is None or found.overdue_days <= found.days_max:
        return None
    message = f"the oldest debt of account {found.account} is {found.overdue_days} days overdue, more than {found.days_max}"
    return _finding(facts, found, message)


def _finding(facts: Facts, found: Exposure, message: str) -> Finding:
    """Warn or hold, as the mode says; less debt, or money on the invoice itself, releases it (E5)."""
    severity: Severity = "WARN" if found.mode == "WARN_ONLY" else "HOLD"
    keys = f"credit:{found.account}", f"payment:{facts.subject.document}"
    # The path names the account, so that a release ends where the invoice comes to be another account's (E10).
    return Finding(message, waits_for=keys, severity=severity, path=f"account:{found.account}")


def owing(found: Exposure) -> str:
    """Return what an account owes and may owe, in words."""
    limit = "no limit" if found.limit is None else f"limit {_told(found, found.limit)}"
    return f"{_owed(found)}, {_told(found, found.overdue)} overdue, {limit}, {found.mode}"


def _owed(found: Exposure) -> str:
    parts = [
        f"{_told(found, found.open)} open",
        f"{_told(found, found.pending)} not posted yet",
        f"{_told(found, found.asked)} of this",
    ]
    return f"account {found.account}: {', '.join(parts)}"


def _told(found: Exposure, units: int) -> str:
    return f"{major(units, found.currency)} {found.currency}"


RULES = (credit_limit_is_kept, credit_warning_is_not_reached, overdue_limit_is_kept, credit_days_are_kept)
