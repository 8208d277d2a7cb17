"""Amounts: tax, rounding, zero, below zero, and which side a line is on (edge cases 24, 25, 27, 34 to 36, 49, 63)."""

from __future__ import annotations

import pytest

from projections.completeness import COMPLETENESS, RECEIVED
from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import CITY_TAX, RECEIVABLE, REVENUE, ROUNDING, VAT


@tells(24)
def test_the_tax_that_was_charged_is_posted_whatever_the_basis() -> None:
    """Prices with tax and prices without give the same lines when net and tax are stated the same; nothing is computed (I7).

    Which basis an accounting system wants its lines in is its adapter's duty; net, tax and basis are all there.
    """
    lines = [said.line("83.33", tax="16.67")]
    with_tax = Story().shop().invoice("i1", lines=lines, prices_include_tax=True)
    without = Story().shop().invoice("i1", lines=lines)
    assert with_tax.postings("i1") == without.postings("i1")
    assert without.postings("i1") == [("D", RECEIVABLE, "acme", "100.00"), ("C", REVENUE, "", "83.33"), ("C", VAT, "", "16.67")]


@tells(24)
def test_a_line_on_another_basis_than_its_document_is_held() -> None:
    """A line that says its price has the tax in it, on a document without, is for a person (F10)."""
    story = Story().shop().invoice("i1", lines=[said.line("83.33", tax="16.67", prices_include_tax=True)])
    assert (story.state("i1"), story.codes("i1"), story.journals()) == ("REQUIRES_ATTENTION", ["TAX_BASIS_INCONSISTENT"], [])


@tells(25)
def test_a_total_that_is_not_the_sum_of_its_lines_is_held() -> None:
    """The engine never recalculates: a cent of difference in what was said is held, and no line is bent to fit (F3).

    What an accounting system returns is compared with the posting by its adapter; a rounding that the document states is
    posted to the rounding account within the book's limit.
    """
    story = Story().shop().invoice("i1", tax="20.00", totals={"gross": "120.01"})
    assert (story.state("i1"), story.codes("i1"), story.journals()) == ("REQUIRES_ATTENTION", ["TOTAL_GROSS_MISMATCH"], [])


@tells(25)
def test_a_rounding_within_the_limit_has_a_line_of_its_own() -> None:
    """The total is two cents less than its lines, and says so: the difference is on the rounding account (I4)."""
    story = Story().shop(rounding_max="0.05").invoice("i1", tax="20.02", totals={"rounding": "-0.02"})
    assert sorted(story.postings("i1")) == sorted(
        [
            ("D", RECEIVABLE, "acme", "120.00"),
            ("D", ROUNDING, "", "0.02"),
            ("C", REVENUE, "", "100.00"),
            ("C", VAT, "", "20.02"),
        ]
    )


@tells(27)
@pytest.mark.parametrize(("rounding", "held"), [("-0.05", False), ("-0.06", True), ("-30.00", True)])
def test_no_balancing_line_hides_a_large_difference(rounding: str, *, held: bool) -> None:
    """At the limit it posts, a cent above it is held: a mistake is never made to balance (I5)."""
    story = Story().shop(rounding_max="0.05").invoice("i1", totals={"rounding": rounding})
    expected = ("REQUIRES_ATTENTION", ["UNBALANCED"]) if held else ("POSTED", ["ROUNDING_BALANCED"])
    assert (story.state("i1"), story.codes("i1")) == expected


@tells(34)
def test_a_sale_of_nothing_is_on_record() -> None:
    """It is not posted, it is not lost: excluded with a reason, and counted among what was received (F15)."""
    story = Story().shop().invoice("i1", "0.00")
    assert (story.state("i1"), story.codes("i1"), story.journals()) == ("EXCLUDED", ["ZERO_VALUE"], [])
    counts = {row.state: row.documents for row in story.log.views.rows(COMPLETENESS) if row.documents}
    assert counts == {RECEIVED: 1, "EXCLUDED": 1}


@tells(35)
def test_an_exchange_that_adds_up_to_nothing_is_posted() -> None:
    """A pear comes back, an apple goes out: the total is zero, the departments differ, so both lines are posted."""
    story = Story().shop().mapped("revenue", "fruit", account="4100").mapped("revenue", "bread", account="4200")
    story.invoice(
        "i1",
        lines=[said.line("5.00", tax="1.00", product_class="fruit"), said.line("-5.00", tax="-1.00", product_class="bread")],
    )
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", [])
    assert sorted(story.postings("i1")) == [
        ("C", VAT, "", "1.00"),
        ("C", "4100", "", "5.00"),
        ("D", VAT, "", "1.00"),
        ("D", "4200", "", "5.00"),
    ]


@tells(36)
def test_an_invoice_below_zero_becomes_a_credit_note_where_the_book_says_so() -> None:
    """Held by default; a book may turn it into what it is, with every amount above zero (F16)."""
    held = Story().shop().invoice("i1", "-50.00", tax="-10.00")
    assert (held.state("i1"), held.codes("i1"), held.journals()) == ("REQUIRES_ATTENTION", ["NEGATIVE_INVOICE"], [])
    turned = Story().shop(negative_invoice="CREDIT_NOTE").invoice("i1", "-50.00", tax="-10.00")
    assert [posting.kind for posting in turned.journals("i1")] == ["CREDIT_NOTE"]
    assert turned.postings("i1") == [("D", REVENUE, "", "50.00"), ("D", VAT, "", "10.00"), ("C", RECEIVABLE, "acme", "60.00")]


@tells(49)
def test_two_taxes_of_one_line_have_two_accounts() -> None:
    """Each component is posted on its own, with its own code; one that is not mapped holds the sale (G9)."""
    story = Story().shop().invoice("i1", tax={"VAT": "5.00", "CITY": "7.00"}).invoice("i2", tax={"VAT": "5.00", "PST": "7.00"})
    lines = {(line.account, line.tax_code, line.side, line.amount) for line in story.journals("i1")[0].lines if line.tax_code}
    assert lines == {(VAT, "VAT", "C", 500), (CITY_TAX, "CITY", "C", 700)}
    assert (story.state("i2"), story.codes("i2")) == ("REQUIRES_ATTENTION", ["TAX_COMPONENT_UNMAPPED"])


@tells(63)
def test_every_line_says_its_side_and_no_amount_has_a_sign() -> None:
    """Debit and credit are words on each line, amounts are above zero, whatever the document took back or gave.

    So no accounting system has to guess the side from a sign; how it writes sides is its adapter's.
    """
    story = Story().shop().invoice("i1", lines=[said.line("100.00", tax="20.00"), said.line("-30.00", tax="-6.00")])
    story.credit_note("k1", "10.00", original="i1").payment("p1", "84.00", on="i1").refund("r1", "10.00", on="k1").voided("i1")
    lines = [line for happened in story.last.happened for line in getattr(happened.event, "lines", [])]
    for posting in story.journals():
        lines += posting.lines
    assert len(lines) >= 10
    assert {line.side for line in lines} == {"D", "C"}
    assert min(line.amount for line in lines) > 0
