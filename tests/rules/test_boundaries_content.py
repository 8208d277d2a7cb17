"""The lines of a document at their boundaries: whichever line is wrong is named, and lines that say nothing are passed over."""

from __future__ import annotations

import pytest

from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.said import line, tender


def test_the_line_of_another_tax_group_is_named() -> None:
    """Lines without groups, and those that have the customer's, are passed over."""
    story = Story().shop().customer("c1", version=2, tax_group="EXPORT")
    story.invoice("i1", lines=[line(), line(tax_groups=["EXPORT", "HOME"]), line(tax_groups=["HOME"])])
    assert objections(story) == [("TAX_GROUP_INVALID", "HOLD", "lines.3.tax_groups", ["customer:c1"])]
    assert messages(story) == ["line 3 has no tax group EXPORT"]


def test_a_customer_without_a_tax_group_buys_anything() -> None:
    """The groups of a line matter only to a customer that has one; nobody at all has none."""
    story = Story().shop().invoice("i1", lines=[line(tax_groups=["HOME"])])
    assert story.state("i1") == "POSTED"


def test_the_line_whose_exemption_does_not_add_up_is_named() -> None:
    """A line that states only one of the two amounts cannot be checked; the next one is."""
    whole = {"exempted_tax": "20.00", "price_before_exemption": "120.00"}
    lines = [line(), line(exempted_tax="20.00"), line(price_before_exemption="7.00"), line(**whole)]
    story = Story().shop().invoice("i1", lines=lines)
    assert story.state("i1") == "POSTED"
    story.amended("i1", lines=[*lines, line("100.01", **whole)])
    assert objections(story) == [("TAX_EXEMPT_MISMATCH", "HOLD", "lines.5", [])]


def test_the_products_that_are_not_in_the_catalogue_are_counted_once_each() -> None:
    """Five are named, all are waited for; lines without a product, and known products, are passed over."""
    story = Story().shop(catalogue_required=True).mapped("product", "fig", product_class="fruit")
    names = ["fig", "a", "b", "a", "c", "d", "e"]
    story.invoice("i1", lines=[line(product_class="fruit"), *(line(product=name, product_class="fruit") for name in names)])
    assert objections(story) == [("ITEM_UNKNOWN", "HOLD", "lines", [f"mapping:product:{name}" for name in "abcde"])]
    assert messages(story) == ["5 products are not in the catalogue: a, b, a, c, d"]


def test_a_product_is_known_from_its_day_on() -> None:
    """The catalogue of the day of the document counts."""
    story = Story().shop(catalogue_required=True).mapped("product", "fig", product_class="fruit", effective_from="2026-03-11")
    sold = [line(product="fig", product_class="fruit")]
    story.invoice("i1", lines=sold).invoice("i2", date="2026-03-11", lines=sold)
    assert (story.codes("i1"), story.codes("i2")) == (["ITEM_UNKNOWN"], [])


def test_an_order_number_is_asked_for_on_invoices_alone() -> None:
    """A credit note of such a customer needs none, and may have one that is used."""
    story = Story().shop(unreferenced_credit="POST").customer("c1", version=2, order_number_required=True).invoice("i1")
    assert objections(story) == [("CUSTOMER_ORDER_NO_REQUIRED", "HOLD", "order_number", ["customer:c1"])]
    story.invoice("i2", order_number="PO-1").credit_note("k1").credit_note("k2", order_number="PO-1")
    assert [story.state(name) for name in ("i2", "k1", "k2")] == ["POSTED"] * 3
    story.invoice("i3", order_number="PO-1")
    assert objections(story, "i3") == [("CUSTOMER_ORDER_NO_DUPLICATE", "HOLD", "order_number", [])]
    assert messages(story, "i3") == ["the order number was used by document i2"]


@pytest.mark.parametrize(("net", "held"), [("50.00", False), ("-50.00", True)])
def test_a_gift_card_on_an_invoice_is_returned_below_zero(net: str, *, held: bool) -> None:
    """Sold it is fine, and so are goods that are returned beside it; below zero it is a return."""
    story = Story().shop().mapped("revenue", "gift_card", account="2400")
    story.invoice("i1", lines=[line("200.00"), line("-1.00"), line(net, gift_card=True)])
    assert objections(story) == ([("GIFT_CARD_RETURN", "HOLD", "lines.3", [])] if held else [])


def test_a_card_of_nothing_is_no_return() -> None:
    """A line of zero takes nothing back."""
    story = Story().shop().mapped("revenue", "gift_card", account="2400")
    assert story.invoice("i1", lines=[line(), line("0.00", gift_card=True)]).state("i1") == "POSTED"


@pytest.mark.parametrize(
    ("quantities", "told", "held"),
    [
        (["1.5", "0.25"], "1.75", False),
        (["1.5", "0.25"], "1.7500", False),
        (["1.5", "0.250"], "1.75", False),
        (["2", None], "2.0", False),
        ([None], "0", False),
        (["1.5", "0.25"], "1.751", True),
        (["-1", "3"], "2", False),
        (["10", "0.1"], "1.1", True),
    ],
)
def test_quantities_are_counted_at_the_finest_scale(quantities: list[str | None], told: str, *, held: bool) -> None:
    """However many decimals each states, the sum is exact."""
    lines = [
        line("-1.00" if quantity == "-1" else "9.00", **({"quantity": quantity} if quantity else {})) for quantity in quantities
    ]
    story = Story().shop().invoice("i1", lines=lines, totals={"quantity": told})
    assert objections(story) == ([("ITEM_COUNT_MISMATCH", "HOLD", "totals.quantity", [])] if held else [])


def test_the_line_whose_unit_is_unknown_is_named() -> None:
    """A known unit and a line without one are passed over; a unit is known from its day on."""
    story = Story().shop().mapped("unit", "box", base="piece", factor="12")
    story.mapped("unit", "crate", base="piece", factor="144", effective_from="2026-03-11")
    story.invoice("i1", lines=[line(), line(unit="box", quantity="1"), line(unit="crate", quantity="1")])
    assert objections(story) == [("UOM_INVALID", "HOLD", "lines.3.unit", ["mapping:unit:crate"])]
    assert messages(story) == ["line 3 is in crate, which has no conversion"]


def test_the_line_whose_discounts_do_not_add_up_is_named() -> None:
    """A line with no discount, or with one that names no parts, is passed over."""
    lines = [line(), line(discount="1.00"), line(discounts=["9.00"]), line(discount="3.00", discounts=["1.00", "2.00"])]
    story = Story().shop().invoice("i1", lines=lines)
    assert story.state("i1") == "POSTED"
    story.amended("i1", lines=[*lines, line(discount="3.00", discounts=["3.00", "0.01"])])
    assert objections(story) == [("LINE_DISCOUNT_MISMATCH", "HOLD", "lines.5.discount", [])]


def test_the_line_whose_taxes_do_not_add_up_is_named() -> None:
    """A line that states no tax total is passed over, one that states nought and has none is right."""
    lines = [line(tax="20.00"), line(tax_total="0.00"), line(tax="5.00", tax_total="5.00")]
    story = Story().shop().invoice("i1", lines=lines)
    assert story.state("i1") == "POSTED"
    story.amended("i1", lines=[*lines, line(tax="5.00", tax_total="5.01")])
    assert objections(story) == [("LINE_TAX_MISMATCH", "HOLD", "lines.4.tax_total", [])]


def test_a_sale_without_a_customer_has_nobody_to_ask() -> None:
    """What the rules of a customer ask for does not concern a sale to nobody."""
    story = Story().counter().mapped("branch", "north", generic_class="COUNTER")
    story.invoice("i1", customer=None, branch="north", lines=[line(tax_groups=["HOME"])], tenders=[tender("CASH", "100.00")])
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", [])
