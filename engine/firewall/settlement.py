"""Rule family L, with refunds (K6): money follows what it settles, and goes back only for a credit."""

from __future__ import annotations

from engine.facts.settlements import asked, before_cutover, overpaid_by, settled_before
from engine.firewall.facts import Facts
from engine.firewall.identity import awaited
from engine.firewall.rule import MONEY, Finding, rule
from engine.streams.documents import Document
from schemas.inbound import CreditNoteIssued, PaymentReceived
from schemas.values import minor


@rule("WAITING_FOR_DEPENDENCY", "L3", MONEY, severity="WAIT", remedy="publish and release the documents it settles first")
def settled_documents_are_posted(facts: Facts) -> Finding | None:
    """A7, L3. A payment posts after the documents it settles; a deposit does not wait (L1)."""
    payment = facts.subject.payment
    if payment is None or payment.kind == "DEPOSIT":
        return None
    named = [a.document for a in payment.allocations]
    missing = [name for name in named if facts.settles[name].in_force is None]
    if missing:
        return awaited(facts, f"document {missing[0]} was never received", *(f"document:{name}" for name in missing))
    control = facts.book.opened.control_accounts if facts.book.opened else None
    unposted = [name for name in named if not facts.settles[name].posted]
    old = [name for name in unposted if before_cutover(facts.settles[name])]
    if control and control.cutover:
        unposted = [name for name in unposted if name not in old]  # Its money has an account of its own (edge case 67).
    if unposted:
        reason = "is from before the cut-over, and the book has no account for that" if unposted[0] in old else "is not posted"
        return Finding(f"document {unposted[0]} {reason}", waits_for=tuple(f"document:{name}" for name in unposted))
    return None


@rule("REFUND_WITHOUT_CREDIT", "K6", MONEY, overridable=True, remedy="publish the credit note it pays back, or release it")
def refund_has_a_credit(facts: Facts) -> Finding | None:
    """K6. Money going back has a credit note behind it, or an overpayment, and takes no more than is left of it."""
    payment = facts.subject.payment
    if facts.subject.kind != "REFUND" or payment is None:
        return None
    if not payment.allocations:
        return Finding("the refund names no credit note", path="allocations")
    for part in payment.allocations:
        document = facts.settles[part.document]
        if document.content is None:
            continue  # It waits for the document: another rule says so.
        left = _refundable(document, payment.payment)
        if minor(part.amount, payment.currency) > left:
            message = f"{part.amount} goes back on {part.document}, of which {facts.told(max(left, 0))} may"
            return Finding(message, waits_for=(f"payment:{part.document}",), path="allocations")
    return None


def _refundable(document: Document, payment: str) -> int:
    """Return what may go back before this refund: what is left of a credit note, or overpaid on an invoice."""
    left = asked(document) + settled_before(document, payment)
    return left if isinstance(document.content, CreditNoteIssued) else settled_before(document, payment) - asked(document)


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
    """True when a payment is more than its document asks for, and nobody let it pass."""
    return overpaid_by(document, payment) and "OVERPAYMENT_ON_GENERIC" not in {code for code, _ in document.released}


@rule("PAYMENT_CUSTOMER_MISMATCH", "L6", MONEY, remedy="publish the payment again for the customer who owes the documents")
def payment_settles_one_debtor(facts: Facts) -> Finding | None:
    """L6. The documents a payment settles are all owed by one account."""
    payment = facts.subject.payment
    owed = dict.fromkeys(document.follows.account for document in facts.settles.values() if document.follows)
    if payment is None or payment.kind == "DEPOSIT":
        return None  # A deposit is owed to whoever made it, and each application names its own debtor.
    if len(owed) > 1:
        return Finding(f"the documents it settles are owed by {', '.join(owed)}", path="allocations")
    named = facts.parties[0].id if facts.parties else None
    others = [name for name, document in facts.settles.items() if document.content and document.content.customer != named]
    if facts.payer and facts.payer != facts.account_id and others:
        return Finding(f"document {others[0]} is owed by {facts.account_id}, the payer is {facts.payer}", path="allocations")
    return None


RULES = (settled_documents_are_posted, refund_has_a_credit, shared_debtor_is_not_overpaid, payment_settles_one_debtor)
