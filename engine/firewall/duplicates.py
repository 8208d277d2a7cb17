"""Rule B13: an account that may be one already opened is not made in the accounting system before somebody has looked."""

from __future__ import annotations

from engine.facts.likeness import alike
from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule
from engine.firewall.standing import debtor


@rule(
    "POSSIBLE_DUPLICATE_ACCOUNT",
    "B13",
    overridable=True,
    remedy="merge the two accounts, or say in distinct_from of the account that they are two",
)
def account_is_no_other(facts: Facts) -> Finding | None:
    """B13. A new account like an older one waits for a person; one that the accounting system knows is none of our making."""
    record, opened = debtor(facts), facts.book.opened
    if facts.twin is None or record is None or opened is None or record.external_ref:
        return None
    other = facts.twin.record if facts.twin.survivor is None else None
    if other is None or (ground := alike(record, other)) is None or opened.policies.duplicate_accounts == "IGNORE":
        return None
    told = "tax id" if ground == "TAX_ID" else "name"
    message = f"account {record.account} has the {told} of account {other.account}, which was opened before"
    keys = (f"account:{record.account}", f"account:{other.account}")
    return Finding(message, waits_for=keys, severity=opened.policies.duplicate_accounts)


RULES = (account_is_no_other,)
