"""Settlements: what was paid on a document, in the order in which the money came."""

from __future__ import annotations

from engine.documents import Document
from schemas.values import minor


def asked(document: Document) -> int:
    """Return what is to be settled beside the document's own tenders, in minor units of its currency."""
    said = document.content
    if said is None:
        return 0
    return minor(said.totals.gross, said.currency) - sum(minor(part.amount, said.currency) for part in said.tenders)


def settled_before(document: Document, payment: str) -> int:
    """Return what was settled by money that came before a payment; refunds count below zero."""
    total, currency = 0, document.content.currency if document.content else ""
    for name, (amount, other) in document.settled.items():
        if name == payment:
            break
        total += amount if other == currency else 0
    return total


def overpaid_by(document: Document, payment: str) -> bool:
    """True when a payment, with the money that came before it, is more than the document asks for (L4)."""
    amount, currency = document.settled.get(payment, (0, ""))
    same = document.content is not None and currency == document.content.currency
    return same and settled_before(document, payment) + amount > asked(document)
