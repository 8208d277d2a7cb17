"""Settlements: what was paid on a document, in the order in which the money came."""

from __future__ import annotations

from engine.streams.documents import Document
from schemas.inbound import PaymentReceived
from schemas.inbound.documents import Line
from schemas.values import minor


def asked(document: Document) -> int:
    """Return what is to be settled beside the document's own tenders, in minor units of its currency."""
    said = document.content
    if said is None:
        return 0
    tendered = sum(minor(part.amount, said.currency) for part in said.tenders)
    rounded = minor(said.totals.cash_rounding, said.currency) if said.totals.cash_rounding else 0
    return minor(said.totals.gross, said.currency) + rounded - tendered


def line_units(line: Line, currency: str) -> int:
    """Return what a line comes to with its tax, in minor units."""
    return minor(line.net, currency) + sum(minor(tax.amount, currency) for tax in line.tax)


def settled_before(document: Document, payment: str) -> int:
    """Return what was settled by money that came before a payment; refunds count below zero."""
    total, currency = 0, document.content.currency if document.content else ""
    for name, (amount, other) in document.settled.items():
        if name == payment:
            break
        total += amount if other == currency else 0
    return total


def overpaid_by(document: Document, payment: PaymentReceived) -> bool:
    """True when a payment, with the money before it and what went back after it, is more than the document asks for (L4)."""
    said = document.content
    own = sum(minor(part.amount, payment.currency) for part in payment.allocations if part.document == document_id(document))
    if said is None or own == 0 or payment.currency != said.currency:
        return False
    names = list(document.settled)
    later = names[names.index(payment.payment) + 1 :] if payment.payment in document.settled else []
    back = sum(amount for amount, other in (document.settled[name] for name in later) if amount < 0 and other == said.currency)
    return settled_before(document, payment.payment) + own + back > asked(document)


def document_id(document: Document) -> str | None:
    """Return the id of a document in force."""
    return document.in_force.document if document.in_force else None


def before_cutover(document: Document) -> bool:
    """True for a document that the old system has booked: it will not post here, and its money has an account of its own (A9)."""
    reasons = document.decision.reasons if document.decision and not document.posted else ()
    return any(reason.code == "BEFORE_CUTOVER" and reason.severity == "EXCLUDE" for reason in reasons)
