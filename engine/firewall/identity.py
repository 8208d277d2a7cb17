"""Rule family A: which document this is, and whether it is meant for the books at all."""

from __future__ import annotations

from datetime import date, timedelta

from engine.facts.settlements import before_cutover
from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from schemas.inbound import CreditNoteIssued


def waiting_until(facts: Facts) -> str:
    """Return the day on which waiting for a dependency turns into a hold (rulebook A7)."""
    opened = facts.book.opened
    days = opened.policies.dependency_days_max if opened else 7
    return (date.fromisoformat(facts.since) + timedelta(days=days + 1)).isoformat()


def awaited(facts: Facts, message: str, *keys: str) -> Finding:
    """Return a finding that waits for a dependency until it has waited too long, and holds from then on."""
    until = waiting_until(facts)
    if facts.today >= until:
        return Finding(message, waits_for=keys, severity="HOLD")
    return Finding(message, waits_for=(*keys, f"date:{until}"), severity="WAIT")


def dependent(facts: Facts) -> bool:
    """True when a document posts where another was posted, and until then waits for that one alone (K1, K2, L3)."""
    payment, said = facts.subject.payment, facts.subject.said
    if payment is not None:
        return payment.kind == "PAYMENT" and any(not before_cutover(document) for document in facts.settles.values())
    return isinstance(said, CreditNoteIssued) and said.original is not None


@rule("BOOK_UNKNOWN", "A7", severity="WAIT", remedy="publish postgate.book.opened for the book")
def book_is_open(facts: Facts) -> Finding | None:
    """A7. Nothing posts before its set of accounts is known."""
    return None if facts.book.opened else awaited(facts, "the book was never opened", "book:")


@rule("DOCUMENT_CONFLICT", "A3", remedy="publish the true content under the next version")
def version_says_one_thing(facts: Facts) -> Finding | None:
    """A3. Two contents under one version: nobody may guess which is true."""
    if facts.conflicted:
        return Finding(f"version {facts.subject.version} was said twice with different content")
    return None


@rule("DOCUMENT_NUMBER_COLLISION", "A4", SALES, remedy="publish the document under a number of its own, as the next version")
def number_is_its_own(facts: Facts) -> Finding | None:
    """A4. The accounting system knows a document by its number, so two may not share one."""
    if facts.number_used_by:
        message = f"number {facts.number} belongs to document {facts.number_used_by}"
        return Finding(message, waits_for=(f"document:{facts.number_used_by}",), path="number")
    return None


@rule(
    "BEFORE_CUTOVER", "A9", severity="EXCLUDE", overridable=True, remedy="nothing to do: it was booked before Postgate took over"
)
def dated_after_cutover(facts: Facts) -> Finding | None:
    """A9. What the books held before the cut-over is not posted again."""
    cutover = facts.book.opened.policies.cutover if facts.book.opened else None
    if cutover and facts.subject.date < cutover:
        return Finding(f"dated {facts.subject.date}, before the cut-over on {cutover}", path="date")
    return None


@rule("DOCUMENT_NOT_FINAL", "A10", SALES, severity="WAIT", remedy="finish the document at the till; its next version posts")
def document_is_final(facts: Facts) -> Finding | None:
    """A10. A draft is not a receivable."""
    if facts.subject.invoice and facts.subject.invoice.status == "DRAFT":
        return Finding("the document is a draft", path="status")
    return None


@rule("MARKED_DO_NOT_POST", "A11", severity="EXCLUDE", overridable=True, remedy="publish the next version without the mark")
def may_be_posted(facts: Facts) -> Finding | None:
    """A11. The publisher, or the customer's record, says that this is not for the books."""
    if facts.subject.invoice and facts.subject.invoice.do_not_post:
        return Finding("the document is marked do not post", path="do_not_post")
    for party in facts.parties:
        if party.customer.record and party.customer.record.do_not_post:
            return Finding(f"customer {party.id} is marked do not post", waits_for=(f"customer:{party.id}",))
    return None


RULES = (book_is_open, version_says_one_thing, number_is_its_own, dated_after_cutover, document_is_final, may_be_posted)
