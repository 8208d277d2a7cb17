"""Totals and lines at their boundaries: each sum has its parts, each line is named, and what is not stated is not compared."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.said import line, tender


def test_each_total_is_told_beside_what_the_lines_say() -> None:
    """Three totals are wrong: three reasons, each with its field and both amounts."""
    story = Story().shop().invoice("i1", tax="20.00", totals={"net": "100.02", "tax": "20.01", "gross": "119.99"})
    assert objections(story) == [
        (f"TOTAL_{name.upper()}_MISMATCH", "HOLD", f"totals.{name}", []) for name in ("net", "tax", "gross")
    ]
    assert messages(story) == [
        "net total is 100.02 EUR, the lines add up to 100.00 EUR",
        "tax total is 20.01 EUR, the lines add up to 20.00 EUR",
        "gross total is 119.99 EUR, its parts add up to 120.03 EUR",
    ]


@pytest.mark.parametrize(
    ("totals", "gross", "held"),
    [
        ({"charges": "5.00", "rounding": "0.01"}, "125.01", False),
        ({"charges": "5.00", "rounding": "-0.01"}, "124.99", False),
        ({"charges": "5.00", "rounding": "0.01"}, "124.99", True),
        ({"charges": "5.00"}, "115.00", True),
    ],
)
def test_gross_has_four_parts(totals: dict[str, str], gross: str, *, held: bool) -> None:
    """Charges and rounding belong to it, each with its sign."""
    story = (
        Story().shop().mapped("revenue", "charges", account="4900").invoice("i1", tax="20.00", totals={**totals, "gross": gross})
    )
    assert ("TOTAL_GROSS_MISMATCH" in story.codes("i1")) is held


def test_a_discount_total_is_compared_with_the_lines_that_have_one() -> None:
    """A line without a discount adds nothing; a discount total of nought is a total too."""
    lines = [line(), line(discount="3.00"), line(discount="2.00")]
    story = (
        Story()
        .shop()
        .invoice("i1", lines=lines, totals={"discount": "4.99"})
        .invoice("i2", lines=lines, totals={"discount": "0.00"})
    )
    story.invoice("i3", lines=lines, totals={"discount": "5.00"}).invoice("i4", lines=lines)
    assert objections(story) == [("TOTAL_DISCOUNT_MISMATCH", "HOLD", "totals.discount", [])]
    assert messages(story) == ["discount total is 4.99 EUR, the lines add up to 5.00 EUR"]
    assert [story.codes(name) for name in ("i2", "i3", "i4")] == [["TOTAL_DISCOUNT_MISMATCH"], [], []]


def test_a_paid_total_is_compared_with_the_tenders() -> None:
    """A paid total of nought beside a tender is wrong; without one there is nothing to compare."""
    cash = [tender("CASH", "60.00")]
    story = Story().shop().invoice("i1", tenders=cash, totals={"paid": "0.00"}).invoice("i2", tenders=cash)
    assert objections(story) == [("TOTAL_PAYMENT_MISMATCH", "HOLD", "totals.paid", [])]
    assert messages(story) == ["paid total is 0.00 EUR, the tenders add up to 60.00 EUR"]
    assert story.codes("i2") == []


@pytest.mark.parametrize(
    ("tendered", "rounding", "held"),
    [
        ("99.99", None, False),
        ("100.01", None, False),
        ("99.98", None, True),
        ("100.02", None, True),
        ("99.97", "-0.03", False),
        ("100.00", "-0.03", True),
    ],
)
def test_a_paid_document_is_paid_within_the_tolerance(tendered: str, rounding: str | None, *, held: bool) -> None:
    """Too much is as wrong as too little; what was rounded at the till was not owed."""
    totals = {"cash_rounding": rounding} if rounding else {}
    story = Story().shop(payment_tolerance="0.01")
    story.invoice("i1", status="PAID", tenders=[tender("CASH", tendered)], totals=totals)
    assert [each for each in objections(story) if each[0] == "PAYMENT_OUT_OF_TOLERANCE"] == (
        [("PAYMENT_OUT_OF_TOLERANCE", "HOLD", "tenders", [])] if held else []
    )


def test_an_unknown_book_has_no_tolerance() -> None:
    """What the book decides is not asked before there is one: a document of zero, and one that claims to be paid, wait."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    assert story.invoice("i1", status="PAID").codes("i1") == ["BOOK_UNKNOWN"]
    assert story.invoice("i2", "0.00").codes("i2") == ["BOOK_UNKNOWN"]


def test_only_a_paid_document_claims_to_be_paid() -> None:
    """One that is finished and not paid has no tenders to compare."""
    story = Story().shop().invoice("i1", status="PAID", tenders=[tender("CASH", "60.00")]).invoice("i2")
    assert messages(story) == ["claims to be paid, but 60.00 EUR of 100.00 EUR were tendered"]
    assert story.codes("i2") == []


def test_a_document_without_lines_is_named_before_its_value() -> None:
    """It has no lines and no value; money has no lines either, and posts."""
    story = Story().shop().invoice("i1", lines=[line(voided=True)]).payment("p1")
    assert objections(story) == [("EMPTY_DOCUMENT", "EXCLUDE", "lines", []), ("ZERO_VALUE", "EXCLUDE", None, [])]
    assert story.state("p1") == "POSTED"


@pytest.mark.parametrize(
    ("quantity", "net", "held"),
    [
        ("1", "-1.00", True),
        ("-1", "1.00", True),
        ("-1", "0.00", False),
        ("-0", "1.00", False),
        ("0", "-1.00", False),
        ("0", "1.00", False),
    ],
)
def test_the_line_whose_signs_differ_is_named(quantity: str, net: str, *, held: bool) -> None:
    """Nought has no sign, neither as a quantity below zero nor as a net; lines without a quantity are passed over."""
    story = Story().shop().invoice("i1", lines=[line("9.00"), line("9.00", quantity="1"), line(net, quantity=quantity)])
    assert [each for each in objections(story) if each[0] == "SIGN_CONTRADICTION"] == (
        [("SIGN_CONTRADICTION", "HOLD", "lines.3", [])] if held else []
    )


def test_the_line_with_a_price_below_zero_is_named() -> None:
    """A line without a price and one of nought are passed over."""
    story = Story().shop().invoice("i1", lines=[line(), line(unit_price="0.00"), line(unit_price="-0.01")])
    assert objections(story) == [("NEGATIVE_PRICE", "HOLD", "lines.3.unit_price", [])]
    assert messages(story) == ["line 3 has unit price -0.01"]


@pytest.mark.parametrize("header", [True, False])
def test_the_line_with_another_tax_basis_is_named(*, header: bool) -> None:
    """Lines that say nothing, or the same, are passed over, whichever way the header goes."""
    lines = [line(), line(prices_include_tax=header), line(prices_include_tax=not header)]
    story = Story().shop().invoice("i1", lines=lines, prices_include_tax=header)
    assert objections(story) == [("TAX_BASIS_INCONSISTENT", "HOLD", "lines.3.prices_include_tax", [])]


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": [line("10.00"), line("-10.00")]},
        {"lines": [line("0.00", tax="1.00"), line("0.00", tax="-1.00")]},
        {"net": "0.00", "totals": {"charges": "5.00"}},
        {"net": "0.00", "totals": {"rounding": "0.01"}},
        {"net": "0.00", "tenders": [tender("CASH", "5.00")]},
    ],
    ids=["nets", "taxes", "charges", "rounding", "tenders"],
)
def test_a_document_in_which_anything_has_value_is_not_of_zero(fields: dict[str, object]) -> None:
    """Lines that cancel out, a tax, a charge or a tender: each is to be booked."""
    story = Story().shop().mapped("revenue", "charges", account="4900").invoice("i1", str(fields.pop("net", "100.00")), **fields)
    assert "ZERO_VALUE" not in story.codes("i1")


def test_charges_that_a_discount_takes_off_are_value() -> None:
    """The gross is nought, the charge is not: the totals are compared, zero is not claimed."""
    story = Story().shop().invoice("i1", "0.00", totals={"charges": "5.00", "gross": "0.00"})
    assert story.codes("i1")[:1] == ["TOTAL_GROSS_MISMATCH"]
    assert "ZERO_VALUE" not in story.codes("i1")


@pytest.mark.parametrize(("policy", "severity"), [("EXCLUDE", "EXCLUDE"), ("HOLD", "HOLD")])
def test_the_book_says_what_becomes_of_zero(policy: str, severity: str) -> None:
    """Excluded on record, or held."""
    assert objections(Story().shop(zero_value=policy).invoice("i1", "0.00")) == [("ZERO_VALUE", severity, None, [])]


def test_below_zero_only_an_invoice_becomes_a_credit_note() -> None:
    """A credit note below zero is a charge under a wrong name, whatever the book does with invoices; zero is not below it."""
    story = (
        Story().shop(negative_invoice="CREDIT_NOTE", unreferenced_credit="POST").invoice("i1", "-0.01").credit_note("k1", "-0.01")
    )
    assert story.state("i1") == "POSTED"
    assert objections(story, "k1") == [("NEGATIVE_INVOICE", "HOLD", "totals.gross", [])]
    assert messages(story, "k1") == ["gross total is -0.01 EUR"]
    assert Story().shop().invoice("i1", lines=[line("1.00"), line("-1.00")]).state("i1") == "POSTED"
