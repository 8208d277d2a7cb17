"""Waiting: the keys under which a document that does not post is found again by the facts that may change that (law 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.facts.settlements import overpaid_by
from engine.firewall.facts import Facts
from engine.journal import mapping_keys
from schemas.events import Outcome, Reason


def waits_for(facts: Facts, outcome: Outcome, reasons: Sequence[Reason], *, doubtful: bool) -> tuple[str, ...]:
    """Return what the reasons name, and everything on the document's way, so that no change there is overlooked (I7)."""
    waits = dict.fromkeys(key for reason in reasons if reason.severity != "WARN" for key in reason.waits_for)
    waits.update(dict.fromkeys(_unapplied(facts, outcome)))
    if outcome != "POST":
        waits.update(dict.fromkeys(_way(facts)))
    if outcome != "POST" and facts.window is not None and not facts.window.closed:
        waits[f"day:{facts.window.window}"] = None
    if outcome == "HOLD" and (doubtful or any(key.startswith("mapping:") for key in waits)):
        waits.update(dict.fromkeys(mapping_keys(facts)))
    return tuple(waits)


def _way(facts: Facts) -> Iterator[str]:
    """Yield everything on the way to the account: whatever changes there, the document is judged anew."""
    for party in facts.parties:
        yield f"customer:{party.id}"
        yield f"link:{party.id}"
    for account in (facts.account_id, facts.generic_id, facts.payer):
        if account is not None:
            yield f"account:{account}"
    for record in (facts.account.record, facts.generic.record):
        if record is not None and record.head_office is not None:
            yield f"account:{record.head_office}"
    if facts.class_id is not None:
        yield f"class:{facts.class_id}"
    if facts.anonymous and facts.subject.said.branch:
        yield f"mapping:branch:{facts.subject.said.branch}"
    original = getattr(facts.subject.said, "original", None)
    for name in (*facts.settles, *((original,) if original else ())):
        yield f"document:{name}"
        yield f"payment:{name}"


def _unapplied(facts: Facts, outcome: Outcome) -> Iterator[str]:
    """Yield what lets a posted deposit be applied: its documents, and other money on those that have no need of it (L2, L4)."""
    payment = facts.subject.payment
    if outcome != "POST" or payment is None or payment.kind != "DEPOSIT":
        return
    for name in dict.fromkeys(allocation.document for allocation in payment.allocations):
        document = facts.settles.get(name)
        follows = document.follows if document else None
        if document is None or follows is None or follows.currency != payment.currency:
            yield f"document:{name}"
        elif follows.route == "GENERIC" and overpaid_by(document, payment):
            yield from (f"document:{name}", f"payment:{name}")
