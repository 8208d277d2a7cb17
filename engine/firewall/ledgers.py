"""Rule D10: the ledger accounts that a document would touch are open."""

from __future__ import annotations

from collections.abc import Iterator

from engine.facts import mapping
from engine.facts.settlements import before_cutover
from engine.firewall.dimensions import journal_lines
from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule
from engine.firewall.standing import debtor
from engine.firewall.suspense import tenders
from engine.journal import charges_account
from engine.journal.interest import interest_account
from schemas.inbound import BookOpened


@rule("GL_ACCOUNT_UNPOSTABLE", "D10", remedy="reopen the ledger account, or map to another")
def ledger_accounts_are_open(facts: Facts) -> Finding | None:
    """D10. A ledger account that was closed or suspended takes no line of the journal."""
    day = facts.subject.business_date
    if "ledger_account" not in facts.book.kinds:
        return None
    for account in dict.fromkeys((*_ledger_accounts(facts), *(line.account for line in journal_lines(facts)))):
        value = facts.book.mapped("ledger_account", account, day)
        if value and value.status in ("SUSPENDED", "CLOSED"):
            return Finding(
                f"ledger account {account} is {value.status.lower()}", waits_for=(f"mapping:ledger_account:{account}",)
            )
    return None


def _ledger_accounts(facts: Facts) -> Iterator[str]:
    """Yield the ledger accounts that a document would touch, also where its journal cannot be built yet."""
    book, day, said, opened = facts.book, facts.subject.business_date, facts.subject, facts.book.opened
    suspense = mapping.suspense(book)
    for line, place in zip(said.lines, facts.places, strict=True):
        taxes = (mapping.tax_account(book, tax.code, day) for tax in line.tax)
        yield from (account for value in (place, *taxes) if (account := (value.account if value else None) or suspense))
    for code in tenders(facts) if facts.deposited_with is None else ():  # A deposit that stands has brought its money.
        value = mapping.tender_account(book, code, day)
        yield from (account for account in ((value.account if value else None) or suspense,) if account)
    owed = debtor(facts)
    charges = (charges_account(book, day) or suspense) if said.sums.charges else None
    earned = interest_account(owed, opened) if said.kind == "INTEREST" else None
    yield from [*([owed.ledger_account] if owed else []), *([charges] if charges else []), *([earned] if earned else [])]
    if opened and said.sums.rounding:
        yield opened.control_accounts.rounding
    if opened:
        yield from _controls(facts, opened)


def _controls(facts: Facts, opened: BookOpened) -> Iterator[str]:
    """Yield the control accounts that money, and the rounding of it, would touch."""
    said, control = facts.subject, opened.control_accounts
    if said.payment and said.payment.kind == "DEPOSIT":
        yield control.deposits
    if said.sums.cash_rounding and control.cash_rounding:
        yield control.cash_rounding
    if control.cutover and any(before_cutover(document) for document in facts.settles.values()):
        yield control.cutover


RULES = (ledger_accounts_are_open,)
