"""Rule family K: a credit note follows its original and takes no more than was left of it."""

from __future__ import annotations

from engine.documents import Document
from engine.firewall.facts import Facts, Subject
from engine.firewall.identity import awaited
from engine.firewall.rule import Finding, rule
from schemas.inbound import CreditNoteIssued
from schemas.values import minor


def _original(facts: Facts) -> str | None:
    said = facts.subject.said
    return said.original if isinstance(said, CreditNoteIssued) else None


@rule("WAITING_FOR_DEPENDENCY", "K1", severity="WAIT", overridable=False, remedy="publish and release the original invoice first")
def original_is_posted(facts: Facts) -> Finding | None:
    """K1, K2. A credit note posts after its original, to the account the original was posted to."""
    name = _original(facts)
    if name is None or facts.original is None:
        return None
    if isinstance(facts.original.in_force, CreditNoteIssued):
        return Finding(f"original {name} is itself a credit note", severity="HOLD", path="original")
    if facts.original.posted:
        return None
    if facts.original.in_force is None:
        return awaited(facts, f"original {name} was never received", f"document:{name}")
    return Finding(f"original {name} is not posted", waits_for=(f"document:{name}",), path="original")


@rule("CREDIT_EXCEEDS_INVOICE", "K3", overridable=True, remedy="correct the credit note, or release it")
def credit_fits_the_original(facts: Facts) -> Finding | None:
    """K3. All credits of an invoice together do not exceed it."""
    name = _original(facts)
    if name is None or facts.original is None or facts.original.content is None:
        return None
    invoice = facts.original.content
    gross = minor(invoice.totals.gross, invoice.currency)
    others = _credited_before(facts.original, facts.subject)
    if others + facts.subject.sums.gross > gross:
        message = f"credits of {facts.told(others + facts.subject.sums.gross)} exceed invoice {name} of {facts.told(gross)}"
        return Finding(message, waits_for=(f"document:{name}",), path="totals.gross")
    return None


def _credited_before(original: Document, subject: Subject) -> int:
    """Return what credit notes that came before this one take from the invoice, in its currency."""
    total = 0
    for note, (amount, currency) in original.credited.items():
        if note == subject.document:
            break
        total += amount if currency == subject.currency else 0
    return total


@rule("CREDIT_UNREFERENCED", "K5", overridable=True, remedy="publish the next version with the original, or release it")
def credit_names_its_original(facts: Facts) -> Finding | None:
    """K5. A credit note without an original is held, unless the book posts it on account."""
    opened = facts.book.opened
    if facts.subject.kind != "CREDIT_NOTE" or _original(facts) or not opened or opened.policies.unreferenced_credit == "POST":
        return None
    return Finding("the credit note names no original", waits_for=("book:",), path="original")


RULES = (original_is_posted, credit_fits_the_original, credit_names_its_original)
