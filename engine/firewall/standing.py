"""Rule family D: the standing of both parties, and of the ledger accounts a document would touch."""

from __future__ import annotations

from collections.abc import Iterator

from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule
from schemas.inbound import AccountOpened


def debtor(facts: Facts) -> AccountOpened | None:
    """Return the account that would be owed by: the shared one for GENERIC, else the customer's own."""
    return facts.generic.record if facts.generic_id else facts.account.record


@rule("ACCOUNT_CLOSED", "D1", remedy="reopen the account in the accounting system, or link the customer to another")
def account_is_open(facts: Facts) -> Finding | None:
    """D1. A closed account takes no postings."""
    record = debtor(facts)
    if record and record.status == "CLOSED":
        return Finding(f"account {record.account} is closed", waits_for=_debtor_keys(facts, record))
    return None


@rule("ACCOUNT_SUSPENDED", "D2", overridable=True, remedy="open the account again, or release the document")
def account_is_not_suspended(facts: Facts) -> Finding | None:
    """D2. A suspended account takes postings only where the book allows it."""
    record, opened = debtor(facts), facts.book.opened
    if record and record.status == "SUSPENDED" and not (opened and opened.policies.post_to_suspended):
        return Finding(f"account {record.account} is suspended", waits_for=_debtor_keys(facts, record))
    return None


@rule("ACCOUNT_NOT_APPROVED", "D3", remedy="approve the account")
def account_is_approved(facts: Facts) -> Finding | None:
    """D3. A draft account awaits approval."""
    record = debtor(facts)
    if record and record.status == "DRAFT":
        return Finding(f"account {record.account} is a draft", waits_for=_debtor_keys(facts, record))
    return None


@rule("CUSTOMER_ON_HOLD", "D5", overridable=True, remedy="release the hold, wait for its end, or release the document")
def customer_is_not_on_hold(facts: Facts) -> Finding | None:
    """D5, D11. A customer on hold buys nothing until the hold ends; its payments pass."""
    for party in facts.parties if facts.sale else ():
        hold = party.customer.hold
        if hold and hold.covers(facts.now):
            end = (f"instant:{hold.until:020d}",) if hold.until else ()
            return Finding(f"customer {party.id} is on hold", waits_for=(f"customer:{party.id}", *end))
    return None


@rule("CUSTOMER_BLOCKED", "D6", overridable=True, remedy="lift the block, or release the document")
def neither_party_is_blocked(facts: Facts) -> Finding | None:
    """D6, D7, D11. INVOICE blocks invoices, ALL blocks credit notes and payments too, SHIP none; both parties count."""
    blocking = ("INVOICE", "ALL") if facts.subject.kind == "INVOICE" else ("ALL",)
    blocked = {
        f"customer:{party.id}": party.customer.record.block
        for party in facts.parties
        if party.customer.record and party.customer.record.block in blocking
    }
    blocked |= {f"account:{record.account}": record.block for record in _accounts(facts) if record.block in blocking}
    if blocked:
        told = " and ".join(f"{party.replace(':', ' ', 1)} is blocked ({block})" for party, block in blocked.items())
        # The path names who is blocked, so that releasing one party's block releases no other's.
        return Finding(told, waits_for=tuple(blocked), path=" ".join(blocked))
    return None


@rule("CUSTOMER_INACTIVE", "D1", overridable=True, remedy="reactivate the customer, or release the document")
def customer_is_active(facts: Facts) -> Finding | None:
    """D1. A customer that was retired should not buy; what it owes it may still pay."""
    for party in facts.parties if facts.subject.kind == "INVOICE" else ():
        if not party.customer.active:
            return Finding(f"customer {party.id} is deactivated", waits_for=(f"customer:{party.id}",))
    return None


@rule("STOP_CREDIT", "D8", overridable=True, remedy="lift the stop, or take payment and release the document")
def credit_is_not_stopped(facts: Facts) -> Finding | None:
    """D8. An account on stop takes payments and credit notes, no invoices."""
    for record in _accounts(facts) if facts.subject.kind == "INVOICE" else ():
        if record.stop_credit:
            return Finding(f"account {record.account} is on stop", waits_for=_debtor_keys(facts, record))
    return None


@rule("CUSTOMER_DISPUTED", "D9", severity="WARN", overridable=True, remedy="settle the dispute, or let the book only warn")
def customer_is_not_in_dispute(facts: Facts) -> Finding | None:
    """D9. A party in dispute posts with a warning, or is held where the book says so."""
    return _standing(facts, "DISPUTED")


@rule("CUSTOMER_DELINQUENT", "D9", severity="WARN", overridable=True, remedy="collect what is owed, or let the book only warn")
def customer_is_not_delinquent(facts: Facts) -> Finding | None:
    """D9. A party that does not pay posts with a warning, or is held where the book says so."""
    return _standing(facts, "DELINQUENT")


def _standing(facts: Facts, status: str) -> Finding | None:
    opened = facts.book.opened
    holds = opened is not None and (opened.policies.disputed if status == "DISPUTED" else opened.policies.delinquent) == "HOLD"
    for name, key, current in _statuses(facts):
        if current == status and facts.subject.kind == "INVOICE":
            return Finding(f"{name} is {status.lower()}", waits_for=(key,), severity="HOLD" if holds else "WARN")
    return None


def _statuses(facts: Facts) -> Iterator[tuple[str, str, str]]:
    for party in facts.parties:
        if party.customer.record:
            yield f"customer {party.id}", f"customer:{party.id}", party.customer.record.status
    record = debtor(facts)
    if record:
        yield f"account {record.account}", f"account:{record.account}", record.standing


def _accounts(facts: Facts) -> Iterator[AccountOpened]:
    """Yield the account that owes, and the customer's own where a shared one owes in its place (D7)."""
    yield from {record.account: record for record in (debtor(facts), facts.account.record) if record}.values()


def _debtor_keys(facts: Facts, record: AccountOpened) -> tuple[str, ...]:
    links = tuple(f"link:{party.id}" for party in facts.parties[-1:])
    return (f"account:{record.account}", *links)


RULES = (
    account_is_open, account_is_not_suspended, account_is_approved, customer_is_not_on_hold, neither_party_is_blocked,
    customer_is_active, credit_is_not_stopped, customer_is_not_in_dispute, customer_is_not_delinquent,
)  # fmt: skip
