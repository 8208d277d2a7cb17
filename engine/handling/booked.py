"""Booked: money that accounting has recorded itself settles its documents, with no journal of ours (L12)."""

from __future__ import annotations

from engine.facts.settlements import before_cutover
from engine.firewall.facts import Facts
from engine.firewall.standing import debtor
from engine.journal.differences import moved, same_rate
from engine.journal.ledger import ledger_of
from engine.journal.settling import parts_of, receivable_of, settled_as
from schemas.events import DocumentDecided, Settled, SettlementBooked


def booked(facts: Facts, decision: DocumentDecided) -> SettlementBooked | None:
    """Return what money of accounting's own books settles, None for all other money."""
    payment, owed, opened = facts.subject.payment, debtor(facts), facts.book.opened
    told = {reason.code for reason in decision.reasons}
    if payment is None or owed is None or opened is None or decision.outcome != "EXCLUDE":
        return None
    if "BOOKED_IN_ACCOUNTING" not in told or "PAYMENT_REVERSED" in told:
        return None
    ledger, turned = ledger_of(facts, opened), -1 if facts.subject.kind == "REFUND" else 1
    settles, rest = [], [facts.subject.sums.gross, ledger.base(facts.subject.sums.gross)]
    for part in parts_of(facts, payment, ledger):
        rest[0], rest[1] = rest[0] - part.amount, rest[1] - part.base
        if part.document is not None and before_cutover(part.document):
            continue
        name = receivable_of(part.name, part.document)
        base, still = turned * part.base, facts.opens.get(name)
        if still is not None:
            base = -moved(still, -turned * part.amount, ledger.base, proportional=not same_rate(facts, part.document))
        settles.append(Settled(document=settled_as(part.name, part.document), amount=turned * part.amount, base_amount=base))
    return SettlementBooked(
        account=owed.account,
        kind=facts.subject.kind,
        number=facts.subject.number,
        date=facts.subject.date,
        currency=facts.subject.currency,
        amount=turned * rest[0] + sum(part.amount for part in settles),
        base_amount=turned * rest[1] + sum(part.base_amount for part in settles),
        settles=settles,
    )


def unbooked(event: SettlementBooked) -> SettlementBooked:
    """Return what takes it back."""
    turned = [part.model_copy(update={"amount": -part.amount, "base_amount": -part.base_amount}) for part in event.settles]
    return event.model_copy(update={"amount": -event.amount, "base_amount": -event.base_amount, "settles": turned})
