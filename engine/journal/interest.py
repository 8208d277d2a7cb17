"""The journal of a charge: interest is owed by the account and earned on an account of its own (Q6)."""

from __future__ import annotations

from engine.firewall.facts import Facts
from engine.journal.ledger import Leg, ledger_of, receivable
from schemas.inbound import AccountOpened, BookOpened


def interest_account(record: AccountOpened | None, opened: BookOpened | None) -> str | None:
    """Return where interest is earned: the account's own choice, else the book's."""
    own = record.interest_account if record else None
    return own or (opened.control_accounts.interest if opened else None)


def charge(facts: Facts, owed: AccountOpened, opened: BookOpened) -> Leg:
    """Return the journal of a charge of interest."""
    earned = interest_account(owed, opened)
    if earned is None:
        raise ValueError("interest has no account")
    ledger = ledger_of(facts, opened)
    ledger.add((earned, None, None, ()), -facts.subject.sums.gross)
    ledger.balance(receivable(owed))
    return Leg("charge", facts.subject.kind, owed.account, ledger.lines())
