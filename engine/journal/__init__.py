"""Journals: a document as debits and credits, by the templates of the rulebook (b2)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.facts import mapping
from engine.firewall.facts import Facts
from engine.firewall.standing import debtor
from engine.journal.interest import charge, interest_account
from engine.journal.ledger import Leg, imbalance, in_base
from engine.journal.money import applied, deposit, received
from engine.journal.sale import charges_account, sale, settlement


def legs(facts: Facts) -> tuple[Leg, ...]:
    """Return the journals of a document. Raises ValueError when a part has no place in the books."""
    owed, opened = debtor(facts), facts.book.opened
    if owed is None or opened is None:
        raise ValueError("nobody owes the document")
    payment = facts.subject.payment
    if facts.subject.kind == "INTEREST":
        return (charge(facts, owed, opened),)
    if payment is None:
        made = sale(facts, owed, opened)
        paid = settlement(facts, owed, opened, made)
        return (made, paid) if paid else (made,)
    if facts.deposited_with is not None:
        return tuple(applied(facts, payment, opened))
    if payment.kind == "DEPOSIT":
        return (deposit(facts, payment, owed, opened), *applied(facts, payment, opened))
    return (received(facts, payment, owed, opened),)


def mapping_keys(facts: Facts) -> Iterator[str]:
    """Yield every mapping that has a say in the journals of a document."""
    subject, sold = facts.subject, facts.sold
    for line in subject.lines:
        yield from mapping.revenue_keys(facts.book, line, sold)
        for tax in line.tax:
            yield f"mapping:tax:{tax.code}"
    tenders = [tender.tender for tender in subject.invoice.tenders] if subject.invoice else []
    for tender in (*tenders, *((subject.payment.tender,) if subject.payment else ())):
        yield f"mapping:tender:{tender}"


__all__ = ["Leg", "charges_account", "imbalance", "in_base", "interest_account", "legs", "mapping_keys"]
