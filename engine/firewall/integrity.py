"""Rule family F: a document must agree with itself; nothing is ever adjusted to make it so."""

from __future__ import annotations

from engine.facts.policies import negative_invoice, zero_value
from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from schemas.values import minor, scaled

MEND = "correct the document at its source and publish the next version"


@rule("TOTAL_NET_MISMATCH", "F1", SALES, remedy=MEND)
def net_is_the_sum_of_lines(facts: Facts) -> Finding | None:
    """F1. The net total is what the lines add up to."""
    sums = facts.subject.sums
    if sums.net != sum(sums.nets):
        message = f"net total is {facts.told(sums.net)}, the lines add up to {facts.told(sum(sums.nets))}"
        return Finding(message, path="totals.net")
    return None


@rule("TOTAL_TAX_MISMATCH", "F2", SALES, remedy=MEND)
def tax_is_the_sum_of_lines(facts: Facts) -> Finding | None:
    """F2. The tax total is what the lines' taxes add up to; tax is never recomputed (I7)."""
    sums = facts.subject.sums
    if sums.tax != sum(sums.taxes):
        message = f"tax total is {facts.told(sums.tax)}, the lines add up to {facts.told(sum(sums.taxes))}"
        return Finding(message, path="totals.tax")
    return None


@rule("TOTAL_GROSS_MISMATCH", "F3", SALES, remedy=MEND)
def gross_is_net_and_tax(facts: Facts) -> Finding | None:
    """F3. Gross is net, tax, charges and rounding together."""
    sums = facts.subject.sums
    total = sums.net + sums.tax + sums.charges + sums.rounding
    if facts.sale and sums.gross != total:
        return Finding(f"gross total is {facts.told(sums.gross)}, its parts add up to {facts.told(total)}", path="totals.gross")
    return None


@rule("TOTAL_DISCOUNT_MISMATCH", "F4", SALES, remedy=MEND)
def discount_is_the_sum_of_lines(facts: Facts) -> Finding | None:
    """F4. A stated discount total is what the lines' discounts add up to."""
    invoice = facts.subject.invoice
    if not invoice or invoice.totals.discount is None:
        return None
    told = minor(invoice.totals.discount, invoice.currency)
    total = sum(minor(line.discount, invoice.currency) for line in facts.subject.lines if line.discount)
    return (
        Finding(f"discount total is {facts.told(told)}, the lines add up to {facts.told(total)}", path="totals.discount")
        if told != total
        else None
    )


@rule("TOTAL_PAYMENT_MISMATCH", "F5", SALES, remedy=MEND)
def paid_is_the_sum_of_tenders(facts: Facts) -> Finding | None:
    """F5. A stated paid total is what the tenders add up to."""
    invoice = facts.subject.invoice
    if not invoice or invoice.totals.paid is None:
        return None
    told = minor(invoice.totals.paid, invoice.currency)
    tendered = facts.subject.sums.tendered
    return (
        Finding(f"paid total is {facts.told(told)}, the tenders add up to {facts.told(tendered)}", path="totals.paid")
        if told != tendered
        else None
    )


@rule("PAYMENT_OUT_OF_TOLERANCE", "F6", SALES, remedy=MEND)
def paid_document_is_paid(facts: Facts) -> Finding | None:
    """F6. A document that claims to be paid has tenders for its gross, within the book's tolerance."""
    invoice, opened = facts.subject.invoice, facts.book.opened
    if not invoice or invoice.status != "PAID" or not opened:
        return None
    sums, tolerance = facts.subject.sums, minor(opened.policies.payment_tolerance, opened.base_currency)
    if abs(sums.gross + sums.cash_rounding - sums.tendered) > tolerance:
        message = f"claims to be paid, but {facts.told(sums.tendered)} of {facts.told(sums.gross)} were tendered"
        return Finding(message, path="tenders")
    return None


@rule("EMPTY_DOCUMENT", "F7", SALES, severity="EXCLUDE", remedy="nothing to do: there is nothing to book")
def document_has_lines(facts: Facts) -> Finding | None:
    """F7. A document whose lines are all voided books nothing."""
    return Finding("all lines are voided", path="lines") if facts.sale and not facts.subject.lines else None


@rule("SIGN_CONTRADICTION", "F8", SALES, remedy=MEND)
def signs_agree(facts: Facts) -> Finding | None:
    """F8. Quantity and net of a line have the same sign."""
    if "quantity" not in facts.subject.mentioned:
        return None
    for line, net in zip(facts.subject.lines, facts.subject.sums.nets, strict=True):
        if net and line.quantity is not None and (line.quantity[0] == "-") != (net < 0) and scaled(line.quantity)[0]:
            return Finding(f"line {line.line} has quantity {line.quantity} and net {line.net}", path=f"lines.{line.line}")
    return None


@rule("NEGATIVE_PRICE", "F9", SALES, remedy=MEND)
def prices_are_not_negative(facts: Facts) -> Finding | None:
    """F9. What is taken back has a negative quantity, not a negative price."""
    for line in facts.subject.lines if "unit_price" in facts.subject.mentioned else ():
        if line.unit_price is not None and line.unit_price[0] == "-":
            return Finding(f"line {line.line} has unit price {line.unit_price}", path=f"lines.{line.line}.unit_price")
    return None


@rule("TAX_BASIS_INCONSISTENT", "F10", SALES, remedy=MEND)
def tax_basis_is_one(facts: Facts) -> Finding | None:
    """F10. Header and lines agree on whether prices include tax."""
    invoice = facts.subject.invoice
    for line in facts.subject.lines if "prices_include_tax" in facts.subject.mentioned else ():
        if invoice and line.prices_include_tax is not None and line.prices_include_tax != invoice.prices_include_tax:
            return Finding(f"line {line.line} differs from the header", path=f"lines.{line.line}.prices_include_tax")
    return None


@rule("ZERO_VALUE", "F15", severity="EXCLUDE", remedy="nothing to do: a journal of zero has no lines")
def document_has_value(facts: Facts) -> Finding | None:
    """F15. A document of zero is excluded on record; lines that cancel out still post."""
    sums, opened = facts.subject.sums, facts.book.opened
    if sums.gross or sums.tendered or sums.charges or any(sums.nets) or any(sums.taxes) or not opened:
        return None
    return Finding("every line is zero", severity=zero_value(facts.book, facts.class_.record))


@rule("NEGATIVE_INVOICE", "F16", remedy="publish it as a credit note, or let the book turn it into one")
def gross_is_not_negative(facts: Facts) -> Finding | None:
    """F16. A negative invoice is a credit note under a wrong name; a negative credit note is a charge."""
    converts = negative_invoice(facts.book, facts.class_.record) == "CREDIT_NOTE" and facts.subject.kind == "INVOICE"
    if facts.subject.sums.gross < 0 and not converts:
        return Finding(f"gross total is {facts.told(facts.subject.sums.gross)}", path="totals.gross")
    return None


RULES = (
    net_is_the_sum_of_lines, tax_is_the_sum_of_lines, gross_is_net_and_tax, discount_is_the_sum_of_lines,
    paid_is_the_sum_of_tenders, paid_document_is_paid, document_has_lines, signs_agree, prices_are_not_negative,
    tax_basis_is_one, document_has_value, gross_is_not_negative,
)  # fmt: skip
