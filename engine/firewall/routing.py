"""Rule family C: the class of the account decides whether and where a document posts."""

from __future__ import annotations

from engine.firewall.facts import Facts
from engine.firewall.identity import dependent
from engine.firewall.rule import SALES, Finding, rule


@rule("CLASS_MISSING", "C1", remedy="give the account a class: postgate classify ACCOUNT CLASS")
def account_has_a_class(facts: Facts) -> Finding | None:
    """C1. Without a class an account has no posting rules, so nothing posts to it."""
    if dependent(facts) or facts.account.record is None:
        return None
    if facts.account.assigned is None:
        remedy = f"give the account a class: postgate classify {facts.account_id} CLASS"
        return Finding(f"account {facts.account_id} has no class", waits_for=(f"account:{facts.account_id}",), remedy=remedy)
    return None


@rule("CLASS_UNKNOWN", "C1", remedy="publish postgate.class.defined for it")
def class_is_defined(facts: Facts) -> Finding | None:
    """C1. A class that was never defined, or that begins on a later day, gives no posting rules."""
    if facts.class_id and facts.class_.record is None and not dependent(facts):
        begins, day = facts.class_.versions, facts.subject.business_date
        message = f"has no version in force on {day}" if begins else "was never defined"
        return Finding(f"class {facts.class_id} {message}", waits_for=(f"class:{facts.class_id}",))
    return None


@rule("CLASS_REQUIRES_DECISION", "C2", remedy="assign a class that posts to ACCOUNT or GENERIC")
def class_has_decided(facts: Facts) -> Finding | None:
    """C2. A class that asks leaves the posting behaviour to a person."""
    record = facts.class_.record
    if record and record.behaviour == "ASK" and not dependent(facts):
        keys = (f"class:{facts.class_id}", *((f"account:{facts.account_id}",) if facts.account_id else ()))
        return Finding(f"class {facts.class_id} asks how to post", waits_for=keys)
    return None


@rule("GENERIC_ACCOUNT_UNAVAILABLE", "C5", remedy="open the generic account, or name another in the class")
def generic_account_is_usable(facts: Facts) -> Finding | None:
    """C5. A shared debtor must exist, be open and be meant for sharing."""
    if facts.generic_id is None or dependent(facts):
        return None
    record = facts.generic.record
    if record is None or not record.generic or record.status in ("CLOSED", "DRAFT"):
        keys = (f"account:{facts.generic_id}", f"class:{facts.class_id}")
        return Finding(f"generic account {facts.generic_id} is missing, closed or not marked generic", waits_for=keys)
    return None


@rule(
    "PAYMENT_REQUIRED_FOR_GENERIC",
    "C6",
    SALES,
    overridable=True,
    remedy="take the payment, or give the customer an account of its own",
)
def generic_sale_is_paid(facts: Facts) -> Finding | None:
    """C6, K7. A shared debtor cannot be chased, so an unpaid sale may not reach it."""
    record = facts.class_.record
    if not facts.sale or (record is not None and not record.payment_required):
        return None
    behaviour = facts.follows.route if facts.follows else (record.behaviour if record else None)
    if behaviour != "GENERIC":
        return None
    if facts.outstanding == 0 or (facts.outstanding < 0 and facts.subject.sums.gross > 0):
        return None
    return Finding(
        f"{facts.told(abs(facts.outstanding))} is not settled and the debtor is shared",
        waits_for=(f"payment:{facts.subject.document}", f"class:{facts.class_id}"),
        path="tenders",
    )


@rule("CLASS_INACTIVE", "C10", overridable=True, remedy="assign an active class to the account")
def class_is_active(facts: Facts) -> Finding | None:
    """C10. New documents of a retired class wait for a decision, unless the book lets them pass."""
    opened = facts.book.opened
    if facts.class_.active or dependent(facts) or (opened and opened.policies.inactive_class == "POST"):
        return None
    keys = (f"class:{facts.class_id}", *((f"account:{facts.account_id}",) if facts.account_id else ()))
    return Finding(f"class {facts.class_id} is inactive", waits_for=keys)


@rule("CLASS_CHANNEL_DISABLED", "C11", SALES, overridable=True, remedy="enable the channel on the class, or assign another class")
def channel_is_enabled(facts: Facts) -> Finding | None:
    """C11. A class that lists channels takes documents from those only."""
    record, invoice = facts.class_.record, facts.subject.invoice
    if not record or not invoice or not record.channels or invoice.channel is None or dependent(facts):
        return None
    if invoice.channel not in record.channels:
        message = f"class {facts.class_id} does not take documents from {invoice.channel}"
        return Finding(message, waits_for=(f"class:{facts.class_id}",), path="channel")
    return None


RULES = (
    account_has_a_class, class_is_defined, class_has_decided, generic_account_is_usable, generic_sale_is_paid,
    class_is_active, channel_is_enabled,
)  # fmt: skip
