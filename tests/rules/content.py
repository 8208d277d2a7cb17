"""Cases of engine/firewall/content.py: what a line claims is known, and adds up."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case

LINE = said.line


def _ordering() -> Story:
    return Story().shop().customer("c1", version=2, order_number_required=True)


CASES = (
    Case(
        "F12",
        "TAX_GROUP_INVALID",
        fires=lambda: (
            Story().shop().customer("c1", version=2, tax_group="EXPORT").invoice("i1", lines=[LINE(tax_groups=["HOME"])])
        ),
        beside=lambda: (
            Story()
            .shop()
            .customer("c1", version=2, tax_group="EXPORT")
            .invoice("i1", lines=[LINE(tax_groups=["HOME", "EXPORT"]), LINE()])
        ),
        remedy=lambda s: s.customer("c1", version=3, tax_group="HOME"),
    ),
    Case(
        "F13",
        "TAX_EXEMPT_MISMATCH",
        fires=lambda: Story().shop().invoice("i1", lines=[LINE("100.00", exempted_tax="20.00", price_before_exemption="120.01")]),
        beside=lambda: (
            Story().shop().invoice("i1", lines=[LINE("100.00", exempted_tax="20.00", price_before_exemption="120.00")])
        ),
        remedy=lambda s: s.amended("i1", lines=[LINE("100.00", exempted_tax="20.00", price_before_exemption="120.00")]),
    ),
    Case(
        "F14",
        "ITEM_UNKNOWN",
        fires=lambda: Story().shop(catalogue_required=True).invoice("i1", lines=[LINE(product="pear", product_class="fruit")]),
        beside=lambda: Story().shop(catalogue_required=False).invoice("i1", lines=[LINE(product="pear", product_class="fruit")]),
        remedy=lambda s: s.mapped("product", "pear", product_class="fruit"),
    ),
    Case(
        "F17",
        "CUSTOMER_ORDER_NO_REQUIRED",
        fires=lambda: _ordering().invoice("i1"),
        beside=lambda: _ordering().invoice("i1", order_number="PO-1"),
        remedy=lambda s: s.amended("i1", order_number="PO-1"),
    ),
    Case(
        "F17",
        "CUSTOMER_ORDER_NO_DUPLICATE",
        fires=lambda: _ordering().invoice("i0", order_number="PO-1").invoice("i1", order_number="PO-1"),
        beside=lambda: Story().shop().invoice("i0", order_number="PO-1").invoice("i1", order_number="PO-1"),
        remedy=lambda s: s.amended("i1", order_number="PO-2"),
    ),
    Case(
        "F18",
        "GIFT_CARD_RETURN",
        fires=lambda: (
            Story()
            .shop()
            .mapped("revenue", "gift_card", account="2400")
            .invoice("i1")
            .credit_note("k1", original="i1", lines=[LINE("50.00", gift_card=True)])
        ),
        beside=lambda: (
            Story().shop().mapped("revenue", "gift_card", account="2400").invoice("k1", lines=[LINE("50.00", gift_card=True)])
        ),
        remedy=lambda s: s.amended("k1", lines=[LINE("50.00")]),
        document="k1",
    ),
    Case(
        "F19",
        "ITEM_COUNT_MISMATCH",
        fires=lambda: Story().shop().invoice("i1", lines=[LINE(quantity="1.5"), LINE(quantity="0.25")], totals={"quantity": "2"}),
        beside=lambda: (
            Story().shop().invoice("i1", lines=[LINE(quantity="1.5"), LINE(quantity="0.25")], totals={"quantity": "1.750"})
        ),
        remedy=lambda s: s.amended("i1", totals={"quantity": "1.75"}),
    ),
    Case(
        "F20",
        "UOM_INVALID",
        fires=lambda: Story().shop().invoice("i1", lines=[LINE(unit="box", quantity="1")]),
        beside=lambda: Story().shop().invoice("i1", lines=[LINE(quantity="1")]),
        remedy=lambda s: s.mapped("unit", "box", base="piece", factor="12"),
    ),
    Case(
        "F21",
        "LINE_DISCOUNT_MISMATCH",
        fires=lambda: Story().shop().invoice("i1", lines=[LINE(discount="5.00", discounts=["3.00", "1.99"])]),
        beside=lambda: Story().shop().invoice("i1", lines=[LINE(discount="5.00", discounts=["3.00", "2.00"])]),
        remedy=lambda s: s.amended("i1", lines=[LINE(discount="5.00", discounts=["3.00", "2.00"])]),
    ),
    Case(
        "F21",
        "LINE_TAX_MISMATCH",
        fires=lambda: Story().shop().invoice("i1", lines=[LINE(tax={"VAT": "20.00", "CITY": "1.00"}, tax_total="20.00")]),
        beside=lambda: Story().shop().invoice("i1", lines=[LINE(tax={"VAT": "20.00", "CITY": "1.00"}, tax_total="21.00")]),
        remedy=lambda s: s.amended("i1", lines=[LINE(tax={"VAT": "20.00", "CITY": "1.00"}, tax_total="21.00")]),
    ),
)
