"""Rule family D: the standing of both parties, and of the ledger accounts a document would touch."""

from __future__ import annotations

from collections.abc import Mapping

from engine.firewall.facts import Facts
from engine.firewall.rule import INVOICES, SALES, Finding, concerning, rule
from engine.streams.holds import Hold
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
        return concerning({f"account:{record.account}": "is suspended"}, *_links(facts))
    return None


@rule("ACCOUNT_NOT_APPROVED", "D3", remedy="approve the account")
def account_is_approved(facts: Facts) -> Finding | None:
    """D3. A draft account awaits approval."""
    record = debtor(facts)
    if record and record.status == "DRAFT":
        return Finding(f"account {record.account} is a draft", waits_for=_debtor_keys(facts, record))
    return None


@rule("CUSTOMER_ON_HOLD", "D5", SALES, overridable=True, remedy="release the hold, wait for its end, or release the document")
def customer_is_not_on_hold(facts: Facts) -> Finding | None:
    """D5, D11. A customer on hold buys nothing until the hold ends; its payments pass."""
    known = {f"customer:{party.id}": hold for party in facts.parties if (hold := party.customer.hold)}
    return _on_hold(known, facts.now) if known else None


@rule(
    "CUSTOMER_ON_HOLD", "D7", SALES, overridable=True,
    remedy="release the account's hold, wait for its end, or release the document",
)  # fmt: skip
def account_is_not_on_hold(facts: Facts) -> Finding | None:
    """D5, D7, D11. An account on hold is sold to no more until the hold ends, whoever buys; its payments pass."""
    accounts = ((facts.generic_id, facts.generic), (facts.account_id, facts.account))
    known = {f"account:{key}": hold for key, account in accounts if (hold := account.hold)}
    return _on_hold(known, facts.now) if known else None


def _on_hold(known: Mapping[str, Hold], now: int) -> Finding | None:
    holds = {party: hold for party, hold in known.items() if hold.covers(now)}
    ends = sorted(f"instant:{hold.until:020d}" for hold in holds.values() if hold.until)
    return concerning(dict.fromkeys(holds, "is on hold"), *ends)


@rule("CUSTOMER_BLOCKED", "D6", overridable=True, remedy="lift the block, or release the document")
def neither_party_is_blocked(facts: Facts) -> Finding | None:
    """D6, D7, D11. INVOICE blocks invoices, ALL blocks credit notes and payments too, SHIP none; both parties count."""
    blocking = ("INVOICE", "ALL") if facts.subject.kind == "INVOICE" else ("ALL",)
    customers = [(f"customer:{party.id}", record.block) for party in facts.parties if (record := party.customer.record)]
    accounts = [(f"account:{record.account}", record.block) for record in _accounts(facts)]
    return concerning({party: f"is blocked ({block})" for party, block in (*customers, *accounts) if block in blocking})


@rule("CUSTOMER_INACTIVE", "D1", INVOICES, overridable=True, remedy="reactivate the customer, or release the document")
def customer_is_active(facts: Facts) -> Finding | None:
    """D1. A customer that was retired should not buy; what it owes it may still pay."""
    return concerning({f"customer:{party.id}": "is deactivated" for party in facts.parties if not party.customer.active})


@rule("STOP_CREDIT", "D8", INVOICES, overridable=True, remedy="lift the stop, or take payment and release the document")
def credit_is_not_stopped(facts: Facts) -> Finding | None:
    """D8. An account on stop, itself or with its head office, takes payments and credit notes, no invoices."""
    stopped: dict[str, str] = {}
    records = _accounts(facts)
    for record in records:
        office = facts.offices.get(record.account)
        if office and office.stop_credit:
            stopped[f"account:{office.account}"] = f"is on stop, the head office of account {record.account}"
        if record.stop_credit:
            stopped[f"account:{record.account}"] = "is on stop"
    return concerning(stopped, *(key for record in records for key in _debtor_keys(facts, record))) if stopped else None


@rule(
    "CUSTOMER_DISPUTED", "D9", INVOICES, severity="WARN", overridable=True, remedy="settle the dispute, or let the book only warn"
)
def customer_is_not_in_dispute(facts: Facts) -> Finding | None:
    """D9. A party in dispute posts with a warning, or is held where the book says so."""
    return _standing(facts, "DISPUTED")


@rule(
    "CUSTOMER_DELINQUENT", "D9", INVOICES, severity="WARN", overridable=True,
    remedy="collect what is owed, or let the book only warn",
)  # fmt: skip
def customer_is_not_delinquent(facts: Facts) -> Finding | None:
    """D9. A party that does not pay posts with a warning, or is held where the book says so."""
    return _standing(facts, "DELINQUENT")


def _standing(facts: Facts, status: str) -> Finding | None:
    """Name the parties of an invoice that have this status."""
    owed, parties = debtor(facts), facts.parties
    found = [f"customer:{party.id}" for party in parties if (record := party.customer.record) and record.status == status]
    found += [f"account:{owed.account}"] if owed and owed.standing == status else []
    if not found:
        return None
    opened = facts.book.opened
    holds = opened is not None and (opened.policies.disputed if status == "DISPUTED" else opened.policies.delinquent) == "HOLD"
    return concerning(dict.fromkeys(sorted(found), f"is {status.lower()}"), severity="HOLD" if holds else "WARN")


def _accounts(facts: Facts) -> tuple[AccountOpened, ...]:
    """Return the account that owes, and the customer's own where a shared one owes in its place (D7)."""
    own = facts.account.record
    if facts.generic_id is None:
        return (own,) if own else ()
    return tuple({record.account: record for record in (facts.generic.record, own) if record}.values())


def _debtor_keys(facts: Facts, record: AccountOpened) -> tuple[str, ...]:
    return (f"account:{record.account}", *_links(facts))


def _links(facts: Facts) -> tuple[str, ...]:
    return tuple(f"link:{party.id}" for party in facts.parties[-1:])


RULES = (
    account_is_open, account_is_not_suspended, account_is_approved, customer_is_not_on_hold, account_is_not_on_hold,
    neither_party_is_blocked, customer_is_active, credit_is_not_stopped, customer_is_not_in_dispute, customer_is_not_delinquent,
)  # fmt: skip
