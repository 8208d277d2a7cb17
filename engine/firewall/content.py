"""Rule family F, lines and references: what a line claims must be known, and add up."""

from __future__ import annotations

from engine.firewall.facts import Facts
from engine.firewall.integrity import MEND
from engine.firewall.rule import INVOICES, SALES, Finding, rule
from schemas.values import minor, scaled


@rule("TAX_GROUP_INVALID", "F12", SALES, remedy="correct the tax group of the customer or of the product")
def tax_groups_meet(facts: Facts) -> Finding | None:
    """F12. The customer's tax group is one of those of every line that names groups."""
    record = facts.parties[0].customer.record if facts.parties else None
    if record is None or record.tax_group is None:
        return None
    for line in facts.subject.lines:
        if line.tax_groups and record.tax_group not in line.tax_groups:
            keys = (f"customer:{record.customer}",)
            return Finding(
                f"line {line.line} has no tax group {record.tax_group}", waits_for=keys, path=f"lines.{line.line}.tax_groups"
            )
    return None


@rule("TAX_EXEMPT_MISMATCH", "F13", SALES, remedy=MEND)
def exemption_adds_up(facts: Facts) -> Finding | None:
    """F13. Net and exempted tax together are the price before the exemption."""
    currency = facts.subject.currency
    if "exempted_tax" not in facts.subject.mentioned:
        return None
    for line, net in zip(facts.subject.lines, facts.subject.sums.nets, strict=True):
        if line.exempted_tax is None or line.price_before_exemption is None:
            continue
        if net + minor(line.exempted_tax, currency) != minor(line.price_before_exemption, currency):
            return Finding(f"line {line.line} does not add up to its price before exemption", path=f"lines.{line.line}")
    return None


@rule("ITEM_UNKNOWN", "F14", SALES, remedy="define the product: mapping.defined of kind product")
def products_are_known(facts: Facts) -> Finding | None:
    """F14. Where the book keeps a catalogue, every product of a line is in it."""
    opened = facts.book.opened
    if not opened or not opened.policies.catalogue_required:
        return None
    unknown = [
        line.product
        for line in facts.subject.lines
        if line.product is not None and facts.book.mapped("product", line.product, facts.subject.business_date) is None
    ]
    if unknown:
        keys = tuple(dict.fromkeys(f"mapping:product:{product}" for product in unknown))
        return Finding(f"{len(keys)} products are not in the catalogue: {', '.join(unknown[:5])}", waits_for=keys, path="lines")
    return None


@rule("CUSTOMER_ORDER_NO_REQUIRED", "F17", INVOICES, remedy="publish the next version with the customer's order number")
def order_number_is_given(facts: Facts) -> Finding | None:
    """F17. Some customers pay nothing that does not name their order."""
    invoice = facts.subject.invoice
    record = facts.parties[0].customer.record if facts.parties else None
    if invoice and record and record.order_number_required and not invoice.order_number:
        return Finding(
            f"customer {record.customer} asks for its order number",
            waits_for=(f"customer:{record.customer}",),
            path="order_number",
        )
    return None


@rule("CUSTOMER_ORDER_NO_DUPLICATE", "F17", INVOICES, remedy="publish the next version with the right order number")
def order_number_is_new(facts: Facts) -> Finding | None:
    """F17. Such a customer's order is invoiced once."""
    record = facts.parties[0].customer.record if facts.parties else None
    if record and record.order_number_required and facts.order_number_used_by:
        return Finding(f"the order number was used by document {facts.order_number_used_by}", path="order_number")
    return None


@rule("GIFT_CARD_RETURN", "F18", SALES, remedy="take the line off the return: a gift card is money, not goods")
def gift_cards_do_not_return(facts: Facts) -> Finding | None:
    """F18. A gift card is never a returned line."""
    if "gift_card" not in facts.subject.mentioned:
        return None
    for line, net in zip(facts.subject.lines, facts.subject.sums.nets, strict=True):
        if line.gift_card and (facts.subject.kind == "CREDIT_NOTE" or net < 0):
            return Finding(f"line {line.line} returns a gift card", path=f"lines.{line.line}")
    return None


@rule("ITEM_COUNT_MISMATCH", "F19", SALES, remedy=MEND)
def quantities_add_up(facts: Facts) -> Finding | None:
    """F19. A stated item count is the sum of the lines' quantities."""
    invoice = facts.subject.invoice
    if not invoice or invoice.totals.quantity is None:
        return None
    quantities = [scaled(line.quantity) for line in facts.subject.lines if line.quantity is not None]
    told, told_scale = scaled(invoice.totals.quantity)
    most = max([told_scale, *(scale for _, scale in quantities)])
    counted = sum(number * (most // scale) for number, scale in quantities)
    if counted != told * (most // told_scale):
        return Finding(f"the header counts {invoice.totals.quantity} articles, the lines count otherwise", path="totals.quantity")
    return None


@rule("UOM_INVALID", "F20", SALES, remedy="define the unit: mapping.defined of kind unit, with its base and factor")
def units_are_known(facts: Facts) -> Finding | None:
    """F20. A unit of measure converts to its base unit."""
    for line in facts.subject.lines if "unit" in facts.subject.mentioned else ():
        if line.unit is not None and facts.book.mapped("unit", line.unit, facts.subject.business_date) is None:
            return Finding(
                f"line {line.line} is in {line.unit}, which has no conversion",
                (f"mapping:unit:{line.unit}",),
                f"lines.{line.line}.unit",
            )
    return None


@rule("LINE_DISCOUNT_MISMATCH", "F21", SALES, remedy=MEND)
def line_discounts_add_up(facts: Facts) -> Finding | None:
    """F21. A line's discount is the sum of the discounts it names."""
    currency = facts.subject.currency
    for line in facts.subject.lines if "discounts" in facts.subject.mentioned else ():
        if line.discount is None or not line.discounts:
            continue
        if minor(line.discount, currency) != sum(minor(part, currency) for part in line.discounts):
            return Finding(f"the discounts of line {line.line} do not add up", path=f"lines.{line.line}.discount")
    return None


@rule("LINE_TAX_MISMATCH", "F21", SALES, remedy=MEND)
def line_taxes_add_up(facts: Facts) -> Finding | None:
    """F21. A line's tax total is the sum of its tax components."""
    if "tax_total" not in facts.subject.mentioned:
        return None
    for line, tax in zip(facts.subject.lines, facts.subject.sums.taxes, strict=True):
        if line.tax_total is not None and minor(line.tax_total, facts.subject.currency) != tax:
            return Finding(f"the taxes of line {line.line} do not add up", path=f"lines.{line.line}.tax_total")
    return None


RULES = (
    tax_groups_meet, exemption_adds_up, products_are_known, order_number_is_given, order_number_is_new,
    gift_cards_do_not_return, quantities_add_up, units_are_known, line_discounts_add_up, line_taxes_add_up,
)  # fmt: skip
