"""Rule family K, and O5: a credit note follows its original and takes no more than was left of it."""

from __future__ import annotations

from engine.facts.settlements import asked, line_units, settled_before
from engine.firewall.facts import Facts
from engine.firewall.identity import awaited
from engine.firewall.rule import CREDITS, SALES, Finding, rule
from engine.firewall.standing import debtor
from schemas.events import CreditNoted
from schemas.inbound import CreditNoteIssued
from schemas.values import minor


def _original(facts: Facts) -> str | None:
    said = facts.subject.said
    return said.original if isinstance(said, CreditNoteIssued) else None


@rule("WAITING_FOR_DEPENDENCY", "K1", CREDITS, severity="WAIT", remedy="publish and release the original invoice first")
def original_is_posted(facts: Facts) -> Finding | None:
    """K1, K2. A credit note posts after its original, to the account the original was posted to."""
    name = _original(facts)
    if facts.original is None:
        return None
    if isinstance(facts.original.in_force, CreditNoteIssued):
        return Finding(f"original {name} is itself a credit note", severity="HOLD", path="original")
    if facts.original.posted:
        return None
    if facts.original.in_force is None:
        return awaited(facts, f"original {name} was never received", f"document:{name}")
    return Finding(f"original {name} is not posted", waits_for=(f"document:{name}",), path="original")


@rule(
    "CREDIT_CUSTOMER_MISMATCH", "K2", CREDITS, remedy="publish the next version for the customer of the original, or without one"
)
def credit_names_the_debtor(facts: Facts) -> Finding | None:
    """K2. A credit note that names another customer than its original is held unless both owe through one account.

    On a shared debtor it goes where the sale went, whoever brings the goods back.
    """
    named, follows = facts.subject.said.customer, facts.follows
    if follows is None or follows.route == "GENERIC" or named is None or facts.original is None or facts.original.content is None:
        return None
    customer = facts.original.content.customer
    if customer is None or named == customer or facts.payer == facts.account_id:
        return None
    payer = f"through {facts.payer}" if facts.payer else "through no account"
    keys = tuple(f"link:{party.id}" for party in facts.parties)
    message = f"original {_original(facts)} is owed by {facts.account_id}, customer {named} owes {payer}"
    return Finding(message, waits_for=keys, path="customer")


@rule("CREDIT_EXCEEDS_INVOICE", "K3", CREDITS, overridable=True, remedy="correct the credit note, or release it")
def credit_fits_the_original(facts: Facts) -> Finding | None:
    """K3. All credits of an invoice together do not exceed it, nor do those of one of its lines exceed the line."""
    name = _original(facts)
    if name is None or facts.original is None or facts.original.content is None:
        return None
    invoice = facts.original.content
    gross, credits = minor(invoice.totals.gross, invoice.currency), _credits(facts)
    if credits > gross:
        message = f"credits of {facts.told(credits)} exceed invoice {name} of {facts.told(gross)}"
        return Finding(message, waits_for=(f"document:{name}",), path="totals.gross")
    return _lines(facts, name) if "original_line" in facts.subject.mentioned else None


def _credits(facts: Facts) -> int:
    """Return what this credit note and those that came before it take from the invoice together."""
    return sum(claim.amount for claim in _claims_before(facts)) + facts.subject.sums.gross


def _lines(facts: Facts, name: str) -> Finding | None:
    """Return the first line of the original that more is taken from than was left of it."""
    invoice = facts.original.content if facts.original else None
    sold = {line.line: line_units(line, invoice.currency) for line in invoice.lines if not line.voided} if invoice else {}
    taken: dict[int, int] = {}
    for claim in _claims_before(facts):
        for told, units in claim.lines.items():
            taken[int(told)] = taken.get(int(told), 0) + units
    for line in facts.subject.lines:
        if line.original_line is None:
            continue
        at = line.original_line
        taken[at] = taken.get(at, 0) + line_units(line, facts.subject.currency)
        if taken[at] > sold.get(at, 0):
            message = f"credits of {facts.told(taken[at])} exceed line {at} of invoice {name}, {facts.told(sold.get(at, 0))}"
            return Finding(message, waits_for=(f"document:{name}",), path=f"lines.{line.line}")
    return None


def _claims_before(facts: Facts) -> list[CreditNoted]:
    """Return what credit notes that came before this one take from the invoice, in its currency."""
    claims = []
    for note, claim in facts.original.credited.items() if facts.original else ():
        if note == facts.subject.document:
            break
        if claim.currency == facts.subject.currency:
            claims.append(claim)
    return claims


@rule(
    "CREDIT_UNALLOCATED", "K4", CREDITS, severity="WARN",
    remedy="nothing to do: what is too much stays on the account as a credit",
)  # fmt: skip
def credit_settles_what_is_open(facts: Facts) -> Finding | None:
    """K4. A credit larger than what is open settles that, and the rest stays with the customer as a credit."""
    original, follows = facts.original, facts.follows
    if original is None or follows is None or follows.route == "GENERIC" or facts.subject.currency != follows.currency:
        return None
    invoice = original.content
    if invoice is None or _credits(facts) > minor(invoice.totals.gross, invoice.currency):
        return None  # It is more than was sold: another rule says so (K3).
    left = max(asked(original) - settled_before(original, "") - _credits(facts) + facts.subject.sums.gross, 0)
    spare = facts.outstanding - left
    if spare <= 0:
        return None
    return Finding(f"{facts.told(left)} are open on {_original(facts)}, {facts.told(spare)} of the credit stay unallocated")


@rule("CREDIT_UNREFERENCED", "K5", CREDITS, overridable=True, remedy="publish the next version with the original, or release it")
def credit_names_its_original(facts: Facts) -> Finding | None:
    """K5. A credit note without an original is held, unless the book posts it on account."""
    opened = facts.book.opened
    if facts.subject.kind != "CREDIT_NOTE" or _original(facts) or not opened or opened.policies.unreferenced_credit == "POST":
        return None
    return Finding("the credit note names no original", waits_for=("book:",), path="original")


@rule(
    "REASSIGNED", "O5", SALES, severity="WARN",
    remedy="nothing to do; what was paid before is moved by postgate.balance.transferred",
)  # fmt: skip
def debtor_is_the_same(facts: Facts) -> Finding | None:
    """O5. An amendment that changes who owes takes the document from the one account and posts it to the other."""
    owed = debtor(facts) if facts.formerly else None
    if owed is None or owed.account == facts.formerly:
        return None
    return Finding(f"was owed by {facts.formerly}, is owed by {owed.account}", path="customer")


RULES = (
    original_is_posted, credit_names_the_debtor, credit_fits_the_original, credit_settles_what_is_open,
    credit_names_its_original, debtor_is_the_same,
)  # fmt: skip
