"""The journals of money: a payment, a refund, a deposit, and a deposit applied to a document."""

from __future__ import annotations

from collections.abc import Iterator

from engine.facts import mapping
from engine.facts.settlements import overpaid_by
from engine.firewall.facts import Facts
from engine.firewall.standing import debtor
from engine.journal.ledger import Key, Ledger, Leg, ledger_of, receivable
from engine.journal.settling import allocated, closing, parts_of, settled_as
from engine.streams.applications import application
from schemas.events import Settled
from schemas.inbound import AccountOpened, BookOpened, PaymentReceived
from schemas.values import minor


def received(facts: Facts, payment: PaymentReceived, owed: AccountOpened, opened: BookOpened) -> Leg:
    """Return the journal of a payment or refund: tender against the receivable."""
    ledger = ledger_of(facts, opened)
    turned = -1 if facts.subject.kind == "REFUND" else 1
    tender(facts, ledger, opened, (payment.tender, turned * facts.subject.sums.gross, payment.fee))
    settles = tuple(allocated(facts, ledger, parts_of(facts, payment, ledger), owed, opened))
    ledger.balance(receivable(owed))
    return Leg("payment", facts.subject.kind, owed.account, ledger.lines(), settles)


def deposit(facts: Facts, payment: PaymentReceived, owed: AccountOpened, opened: BookOpened) -> Leg:
    """Return the journal of a deposit: a liability until its invoice is posted (L1)."""
    ledger = ledger_of(facts, opened)
    tender(facts, ledger, opened, (payment.tender, facts.subject.sums.gross, payment.fee))
    ledger.balance((opened.control_accounts.deposits, owed.account, None, ()))
    return Leg("payment", "DEPOSIT", owed.account, ledger.lines())


def applied(facts: Facts, payment: PaymentReceived, opened: BookOpened) -> Iterator[Leg]:
    """Yield one journal for each posted document that the deposit pays (L2)."""
    owed = debtor(facts)
    holder = facts.deposited_with or (owed.account if owed else None)
    for part in parts_of(facts, payment, ledger_of(facts, opened)):
        follows = part.document.follows if part.document else None
        if part.document is None or follows is None or follows.control is None or follows.currency != payment.currency:
            continue
        if follows.route == "GENERIC" and overpaid_by(part.document, payment):
            continue  # What is too much stays a deposit: nobody could claim it from a shared debtor (L4).
        ledger = ledger_of(facts, opened)
        ledger.put((opened.control_accounts.deposits, holder, None, ()), part.amount, part.base)
        base = -closing(facts, ledger, part, -part.amount, (owed, opened))
        ledger.balance((follows.control, follows.account, None, ()))
        paid = Settled(document=settled_as(part.name, part.document), amount=part.amount, base_amount=base)
        name = application(part.name, facts.returned.get(part.name, 0))
        yield Leg(name, "DEPOSIT_APPLIED", follows.account, ledger.lines(), (paid,))


def tender(facts: Facts, ledger: Ledger, opened: BookOpened, paid: tuple[str, int, str | None]) -> None:
    """Book one tender on its own account, gross, and its fee apart (L7, L8)."""
    code, amount, fee = paid
    value, suspense = mapping.tender_account(facts.book, code, facts.subject.business_date), mapping.suspense(facts.book)
    account = value.account if value else None
    account = (value.refund_account if value and amount < 0 else None) or account
    if account is None and suspense is None:
        raise ValueError(f"tender {code} has no account")
    clearing: Key = (account, None, None, ()) if account else (suspense or "", None, None, (), f"tender {code}")
    ledger.add(clearing, amount)
    if fee is not None:
        costs = (value.fee_account if value else None) or opened.control_accounts.fees or suspense
        if costs is None:
            raise ValueError(f"tender {code} has no fee account")
        ledger.add((costs, None, None, ()), minor(fee, facts.subject.currency))
        ledger.add(clearing, -minor(fee, facts.subject.currency))
