"""Rows of the rulebook beside the rules: where lines, taxes, tenders and charges post."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.said import CASH, CITY_TAX, RECEIVABLE, REVENUE, VAT


@covers("D10")
@pytest.mark.parametrize("closed", [RECEIVABLE, REVENUE, VAT, CASH, said.ROUNDING, "4500"])
def test_no_closed_ledger_account_takes_a_line(closed: str) -> None:
    """Receivable, revenue, tax, tender, rounding and charges are all looked at."""
    story = Story().shop(rounding_max="1.00").mapped("ledger_account", closed, status="CLOSED")
    story.mapped("revenue", "charges", account="4500")
    story.invoice("i1", tax="20.00", tenders=[said.tender("CASH", "60.00")], totals={"rounding": "0.02", "charges": "5.00"})
    assert (story.codes("i1"), story.journals()) == (["GL_ACCOUNT_UNPOSTABLE"], [])


@covers("D10")
def test_a_closed_deposit_account_takes_no_deposit() -> None:
    """Only a deposit goes there, so only a deposit is held."""
    story = Story().shop().mapped("ledger_account", said.DEPOSITS, status="CLOSED").deposit("d1").payment("p1").invoice("i1")
    assert [story.codes(name) for name in ("d1", "p1", "i1")] == [["GL_ACCOUNT_UNPOSTABLE"], [], []]


@covers("G3", "G4", "G5")
def test_a_line_posts_where_its_class_branch_or_default_says() -> None:
    """A line's own account goes before its class at its branch, that before its class, the branch, and the default."""
    story = Story().shop().mapped("revenue", "fruit", account="4100").mapped("revenue", "fruit:north", account="4110")
    story.mapped("product_class", "repair", behaviour="DEPARTMENTAL", account="4200").mapped(
        "product", "pear", product_class="fruit"
    )
    story.mapped("branch", "north", account="4300").mapped("branch", "south", account="4400")
    own, fruit, pear = (
        said.line("1.00", revenue_account="4999"),
        said.line("2.00", product_class="fruit"),
        said.line("3.00", product="pear"),
    )
    repair, other = said.line("4.00", product_class="repair"), said.line("5.00", product_class="other")
    lines = [own, fruit, pear, repair, other]
    story.invoice("i1", lines=lines, branch="north").invoice("i2", lines=lines, branch="south").invoice("i3", lines=lines)
    assert _credits(story, "i1") == [("4999", "1.00"), ("4110", "5.00"), ("4200", "4.00"), ("4300", "5.00")]
    assert _credits(story, "i2") == [("4999", "1.00"), ("4100", "5.00"), ("4200", "4.00"), ("4400", "5.00")]
    assert _credits(story, "i3") == [("4999", "1.00"), ("4100", "5.00"), ("4200", "4.00"), (REVENUE, "5.00")]


def _credits(story: Story, document: str) -> list[tuple[str, str]]:
    return [(account, amount) for side, account, _, amount in story.postings(document) if side == "C"]


@covers("G9")
def test_two_taxes_never_become_one() -> None:
    """Each component of tax posts to its own account."""
    story = Story().shop().invoice("i1", tax={"VAT": "20.00", "CITY": "1.50"})
    assert _credits(story, "i1") == [(REVENUE, "100.00"), (VAT, "20.00"), (CITY_TAX, "1.50")]


@covers("G6")
def test_a_single_tax_beside_two_mapped_ones_is_a_code_of_its_own() -> None:
    """The reason speaks of components only when an unmapped code is one of several on its line."""
    lines = [said.line(tax={"VAT": "20.00", "CITY": "1.00"}), said.line(tax={"GST": "5.00"})]
    assert Story().shop().invoice("i1", lines=lines).codes("i1") == ["TAX_CODE_UNMAPPED"]


@covers("G5")
def test_charges_have_a_revenue_account_of_their_own_or_the_default() -> None:
    """Delivery charged on the header posts to the mapping `charges`, without one to the default."""
    lines = [said.line("100.00", revenue_account="4100")]
    story = Story().shop().invoice("i1", lines=lines, totals={"charges": "5.00"})
    story.mapped("revenue", "charges", account="4500").invoice("i2", lines=lines, totals={"charges": "5.00"})
    assert _credits(story, "i1") == [("4100", "100.00"), (REVENUE, "5.00")]
    assert _credits(story, "i2") == [("4100", "100.00"), ("4500", "5.00")]


@covers("G5")
def test_charges_without_any_revenue_account_are_held() -> None:
    """Nothing is posted when the charges have nowhere to go; the mapping that was missing releases the document."""
    opened = Story().say(said.book()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story = opened.invoice("i1", lines=[said.line(revenue_account="4100")], totals={"charges": "5.00"})
    assert (story.codes("i1"), story.journals()) == (["REVENUE_ACCOUNT_UNMAPPED"], [])
    story.then_released_by("i1", said.mapping("revenue", "charges", account="4500"))


@covers("G16")
def test_a_changed_mapping_acts_forward() -> None:
    """What is posted stays, what comes later goes to the new account."""
    story = Story().shop().invoice("i1").mapped("revenue", "default", account="4001").invoice("i2")
    assert (_credits(story, "i1"), _credits(story, "i2")) == ([(REVENUE, "100.00")], [("4001", "100.00")])


@covers("G12")
def test_the_dimensions_of_branch_class_and_line_are_joined() -> None:
    """A line's own dimensions go before its class's, those before its branch's."""
    story = Story().shop().mapped("branch", "north", dimensions={"SITE": "N", "TEAM": "b", "CITY": "b"})
    story.mapped("revenue", "fruit", account="4100", dimensions={"TEAM": "c", "CITY": "c"})
    story.invoice("i1", branch="north", lines=[said.line(product_class="fruit", dimensions={"CITY": "d"})])
    assert story.journals("i1")[0].lines[1].dimensions == {"CITY": "d", "SITE": "N", "TEAM": "c"}
