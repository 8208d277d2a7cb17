"""Rule families K and L: credit notes follow their original, money follows what it settles."""

from __future__ import annotations

from engine.documents import Document
from engine.firewall.facts import Facts, Subject
from engine.firewall.identity import awaited
from engine.firewall.rule import Finding, rule
from schemas.inbound import CreditNoteIssued, PaymentReceived
from schemas.values import minor


def _original(facts: Facts) -> str | None:
    said = facts.subject.said
    return said.original if isinstance(said, CreditNoteIssued) else None


@rule("WAITING_FOR_DEPENDENCY", "K1", severity="WAIT", overridable=False, remedy="publish and release the original invoice first")
def original_is_posted(facts: Facts) -> Finding | None:
    """K1, K2. A credit note posts after its original, to the account the original was posted to."""
    name = _original(facts)
    if name is None or (facts.original and facts.original.posted):
        return None
    if facts.original is None or facts.original.in_force is None:
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


@rule("WAITING_FOR_DEPENDENCY", "L3", severity="WAIT", remedy="publish and release the documents it settles first")
def settled_documents_are_posted(facts: Facts) -> Finding | None:
    """A7, L3. A payment posts after the documents it settles; a deposit does not wait (L1)."""
    payment = facts.subject.payment
    if payment is None or payment.kind == "DEPOSIT":
        return None
    missing = [
        a.document for a in payment.allocations if a.document not in facts.settles or facts.settles[a.document].in_force is None
    ]
    if missing:
        return awaited(facts, f"document {missing[0]} was never received", *(f"document:{name}" for name in missing))
    unposted = [a.document for a in payment.allocations if not facts.settles[a.document].posted]
    if unposted:
        return Finding(f"document {unposted[0]} is not posted", waits_for=tuple(f"document:{name}" for name in unposted))
    return None


@rule("REFUND_WITHOUT_CREDIT", "K6", overridable=True, remedy="publish the credit note it pays back, or release it")
def refund_has_a_credit(facts: Facts) -> Finding | None:
    """K6. Money going back has a credit note behind it."""
    payment = facts.subject.payment
    if facts.subject.kind == "REFUND" and payment and not payment.allocations:
        return Finding("the refund names no credit note", path="allocations")
    return None


@rule(
    "OVERPAYMENT_ON_GENERIC", "L4", overridable=True, remedy="refund the difference, or give the customer an account of its own"
)
def shared_debtor_is_not_overpaid(facts: Facts) -> Finding | None:
    """L4. Nobody could ever claim a credit that stands on a shared debtor."""
    record = facts.class_.record
    shared = facts.follows.route == "GENERIC" if facts.follows else bool(record and record.behaviour == "GENERIC")
    if shared and facts.sale and facts.outstanding < 0 < facts.subject.sums.gross:
        return Finding(f"overpaid by {facts.told(-facts.outstanding)}", waits_for=(f"payment:{facts.subject.document}",))
    payment = facts.subject.payment
    if shared and payment and facts.subject.kind == "PAYMENT" and payment.kind == "PAYMENT":
        spare = facts.subject.sums.gross - sum(minor(part.amount, payment.currency) for part in payment.allocations)
        if spare:
            return Finding(f"{facts.told(spare)} settles no document and the debtor is shared", path="allocations")
        over = [name for name, document in facts.settles.items() if document.posted and _overpays(document, payment)]
        if over:
            return Finding(f"document {over[0]} is overpaid and the debtor is shared", path="allocations")
    return None


def _overpays(document: Document, payment: PaymentReceived) -> bool:
    """True when a payment, with those that came before it, is more than its document asks for, and nobody let it pass."""
    said = document.content
    if said is None or "OVERPAYMENT_ON_GENERIC" in document.released:
        return False
    left = minor(said.totals.gross, said.currency) - sum(minor(part.amount, said.currency) for part in said.tenders)
    for name, (amount, currency) in document.settled.items():
        left -= amount if currency == said.currency else 0
        if name == payment.payment:
            break
    return left < 0


@rule("PAYMENT_CUSTOMER_MISMATCH", "L6", remedy="publish the payment again for the customer who owes the documents")
def payment_settles_one_debtor(facts: Facts) -> Finding | None:
    """L6. The documents a payment settles are all owed by one account."""
    payment = facts.subject.payment
    owed = dict.fromkeys(posting.account for document in facts.settles.values() for posting in document.postings[:1])
    if payment is None or payment.kind == "DEPOSIT":
        return None  # A deposit is owed to whoever made it, and each application names its own debtor.
    if len(owed) > 1:
        return Finding(f"the documents it settles are owed by {', '.join(owed)}", path="allocations")
    payer = getattr(facts.parties[-1].link, "account", None) if facts.parties else None
    named = facts.parties[0].id if facts.parties else None
    others = [name for name, document in facts.settles.items() if document.content and document.content.customer != named]
    if payer and owed and payer not in owed and others:
        return Finding(f"document {others[0]} is owed by {', '.join(owed)}, the payer is {payer}", path="allocations")
    return None


@rule("PAYMENT_REVERSED", "L10", severity="EXCLUDE", remedy="nothing to do: the payment did not stand")
def payment_stands(facts: Facts) -> Finding | None:
    """L10. A payment whose reversal is known does not post."""
    return Finding("the payment was reversed") if facts.reversed else None


RULES = (
    original_is_posted, credit_fits_the_original, credit_names_its_original, settled_documents_are_posted,
    refund_has_a_credit, shared_debtor_is_not_overpaid, payment_settles_one_debtor, payment_stands,
)  # fmt: skip
