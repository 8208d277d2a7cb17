"""Rule family B, merges: documents of who was merged go to the survivor, where it is clear through whom that one owes."""

from __future__ import annotations

from engine.firewall.facts import Facts
from engine.firewall.identity import dependent
from engine.firewall.rule import Finding, rule


@rule("REDIRECTED_TO_SURVIVOR", "B15", severity="WARN", remedy="nothing to do: the merge was followed")
def merges_are_followed(facts: Facts) -> Finding | None:
    """B15. Documents of a merged customer or account go to the survivor, on record."""
    if facts.redirected:
        return Finding(f"routed along the merge {' to '.join(facts.redirected)}")
    return None


@rule("MERGE_UNRESOLVED", "B15", remedy="name the last survivor on the next version of the document")
def merges_come_to_an_end(facts: Facts) -> Finding | None:
    """B15. A chain of merges longer than we follow has no survivor we could trust."""
    for party in facts.parties:
        if party.customer.survivor is not None:
            return Finding(f"customer {party.id} was merged along too many steps", waits_for=(f"customer:{party.id}",))
    if facts.account.survivor is not None:
        return Finding(f"account {facts.account_id} was merged along too many steps", waits_for=(f"account:{facts.account_id}",))
    return None


@rule("MERGE_LINKS_DIFFER", "B15", remedy="unlink the merged customer, or link both to one account")
def merged_customers_owe_through_one_account(facts: Facts) -> Finding | None:
    """B15. A customer merged away that is still linked to another account than its survivor: a person decides who owes."""
    if facts.account_id is None or dependent(facts):
        return None
    for customer, account in facts.merged:
        if account != facts.account_id:
            message = f"customer {customer} was merged and still owes through {account}, its survivor through {facts.account_id}"
            keys = tuple(dict.fromkeys((f"link:{customer}", f"account:{account}", f"link:{facts.parties[-1].id}")))
            remedy = f"unlink the merged customer: postgate unlink {customer}, or merge the accounts"
            return Finding(message, waits_for=keys, remedy=remedy)
    return None


RULES = (merges_are_followed, merges_come_to_an_end, merged_customers_owe_through_one_account)
