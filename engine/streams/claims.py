"""Claims: what money pays on a document and credit notes take from it and its lines, in the order in which they came (K3, L4)."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.events import CreditNoted, SettlementNoted, SettlementWithdrawn

Claims = Mapping[str, CreditNoted]
"""Credit note -> what it takes."""


def claimed(credited: Claims, event: CreditNoted) -> dict[str, CreditNoted]:
    """Return the claims with one more; a credit that grows takes its place anew, behind those that came meanwhile."""
    before = credited.get(event.credit_note)
    grows = before is None or event.amount > before.amount or any(n > before.lines.get(at, 0) for at, n in event.lines.items())
    kept = {note: claim for note, claim in credited.items() if note != event.credit_note or not grows}
    return {**kept, event.credit_note: event}


def paid(settled: Mapping[str, tuple[int, str]], event: SettlementNoted | SettlementWithdrawn) -> dict[str, tuple[int, str]]:
    """Return what was paid, with a payment more or less; each as its amount and currency."""
    if isinstance(event, SettlementNoted):
        return {**settled, event.payment: (event.amount, event.currency)}
    return {payment: part for payment, part in settled.items() if payment != event.payment}
