"""A credit note posts where its original did: accounts, taxes, charges and dimensions as they were then (decision 11, K2)."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Line, Story
from tests.rules.case import covers
from tests.said import RECEIVABLE, REVENUE, VAT, Saying

PEAR = said.line("10.00", product="pear", tax="2.00")


def fruit() -> Story:
    """A shop that sells pears as fruit, and has sold some."""
    story = Story().shop().mapped("product", "pear", product_class="fruit")
    return story.mapped("revenue", "fruit", account="4100", dimensions={"desk": "green"}).invoice("i1", lines=[PEAR])


def credited(story: Story, *lines: said.Fields, **fields: object) -> list[Line]:
    """Credit lines of the original, and return where they posted, without the receivable."""
    story.credit_note("k1", "100.00", original="i1", lines=list(lines), **fields)
    assert story.state("k1") == "POSTED", story.codes("k1")
    return [line for line in story.postings("k1") if line[1] != RECEIVABLE]


@covers("K2", "G16")
@pytest.mark.parametrize(
    "since",
    [
        said.mapping("product", "pear", product_class="luxuries"),
        said.mapping("revenue", "fruit", account="4900"),
        said.mapping("tax", "VAT", account="2299"),
        said.mapping("product_class", "fruit", behaviour="DEPARTMENTAL", account="4900", department="fresh"),
        said.mapping("product_class", "fruit", behaviour="DO_NOT_POST"),
    ],
    ids=["product", "class", "tax", "department", "do not post"],
)
def test_what_is_mapped_anew_leaves_the_credits_of_earlier_sales_alone(since: Saying) -> None:
    """Whatever is mapped after the sale, its credit note takes from the accounts and dimensions that had it."""
    story = fruit().mapped("revenue", "luxuries", account="4901").say(since)
    assert credited(story, said.line("5.00", product="pear", tax="1.00")) == [("D", "4100", "", "5.00"), ("D", VAT, "", "1.00")]
    assert story.journals("k1")[0].lines[0].dimensions == {"desk": "green"}


def test_what_had_no_place_of_its_own_is_credited_where_it_fell() -> None:
    """A product that was sold before it had a class, in a branch that was not mapped yet, is credited from the default."""
    story = Story().shop().invoice("i1", lines=[said.line("10.00", product="pear")], branch="b1")
    story.mapped("product", "pear", product_class="fruit").mapped("revenue", "fruit", account="4100")
    story.mapped("branch", "b1", dimensions={"shop": "b1"}, account="4200").mapped("revenue", "default", account="4001")
    assert credited(story, said.line("4.00", product="pear"), branch="b1") == [("D", REVENUE, "", "4.00")]
    assert story.journals("k1")[0].lines[0].dimensions == {}


def test_a_mapping_that_begins_later_leaves_the_credits_of_earlier_sales_alone() -> None:
    """The original's day decides, not that of the credit note; a new sale of that day posts to the new account."""
    story = Story(on="2026-04-02").shop().mapped("revenue", "default", account="4900", effective_from="2026-04-01")
    story.invoice("i1", date="2026-03-10").invoice("i2", date="2026-04-02")
    assert credited(story, said.line("4.00"), date="2026-04-02") == [("D", REVENUE, "", "4.00")]
    assert ("C", "4900", "", "100.00") in story.postings("i2")


def test_a_line_is_credited_where_the_line_it_names_was_posted() -> None:
    """It need not say product, account or dimensions again; what it does say stays, and another line is its own."""
    lines = [
        said.line("10.00", product="pear", dimensions={"desk": "one"}, revenue_account="4111"),
        said.line("10.00", product="pear", dimensions={"desk": "two"}),
    ]
    story = Story().shop().mapped("product", "pear", product_class="fruit").mapped("revenue", "fruit", account="4100")
    story.invoice("i1", lines=lines)
    taken = [said.line("1.00", original_line=1), said.line("2.00", original_line=2), said.line("3.00", original_line=2)]
    taken[2]["dimensions"] = {"desk": "three"}
    assert credited(story, *taken) == [("D", "4111", "", "1.00"), ("D", "4100", "", "2.00"), ("D", "4100", "", "3.00")]
    assert [line.dimensions for line in story.journals("k1")[0].lines[:3]] == [
        {"desk": "one"},
        {"desk": "two"},
        {"desk": "three"},
    ]


def test_a_product_is_credited_as_it_was_sold_where_all_its_lines_were_sold_alike() -> None:
    """A product sold in two ways cannot be told without the line: it posts as the credit note says."""
    story = Story().shop().invoice("i1", lines=[said.line("10.00", product="pear", revenue_account="4111")])
    assert credited(story, said.line("1.00", product="pear")) == [("D", "4111", "", "1.00")]
    two = [said.line("10.00", product="pear", revenue_account=account) for account in ("4111", "4112")]
    assert credited(Story().shop().invoice("i1", lines=two), said.line("1.00", product="pear")) == [("D", REVENUE, "", "1.00")]


def test_what_the_original_did_not_have_posts_as_of_today() -> None:
    """A class and a tax that were mapped after the sale have a place in its credit notes."""
    story = fruit().mapped("revenue", "repairs", account="4500").mapped("tax", "GST", account="2250")
    line = said.line("1.00", product_class="repairs", tax={"GST": "0.10"})
    assert credited(story, line) == [("D", "4500", "", "1.00"), ("D", "2250", "", "0.10")]


def test_charges_are_credited_where_they_were_posted() -> None:
    """Charges that fell to the default stay there, though charges have an account by now."""
    story = Story().shop().invoice("i1", totals={"charges": "5.00"}).mapped("revenue", "charges", account="4300")
    assert credited(story, said.line("1.00"), totals={"charges": "5.00"}) == [("D", REVENUE, "", "6.00")]


def test_the_revenue_account_of_a_debtor_is_that_of_the_original() -> None:
    """The account asks for another one by now, and the sale moved to a debtor with its own: the credit takes from the first."""
    story = Story().book().account("acme", revenue_account="4700").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.account("globex", revenue_account="4800").assigned("globex", "HOUSE").invoice("i1").account(
        "acme", version=2, revenue_account="4701"
    )
    story.amended("i1", session="late")
    moved = {"transfer": "t1", "date": said.DAY, "from_account": "acme", "to_account": "globex", "by": "ann"}
    story.said("balance.transferred", documents=["i1"], **moved)
    assert credited(story, said.line("4.00")) == [("D", "4700", "", "4.00")]
    assert story.postings("k1")[1] == ("C", RECEIVABLE, "globex", "4.00")


def test_a_sale_in_another_branch_is_credited_in_the_branch_that_sold() -> None:
    """Goods that are brought back elsewhere are taken from the branch that had the sale."""
    story = Story().shop().mapped("branch", "b1", dimensions={"shop": "1"}).mapped("branch", "b2", dimensions={"shop": "2"})
    story.invoice("i1", branch="b1")
    credited(story, said.line("4.00"), branch="b2")
    assert story.journals("k1")[0].lines[0].dimensions == {"shop": "1"}


def test_a_member_of_a_batch_is_credited_as_it_was_billed() -> None:
    """What counts is what was mapped when the batch was run."""
    story = Story().book().account("acme").classified("acme", "JOBS", batch_billing=True).customer("c1").linked("c1", "acme")
    story.invoice("i1").mapped("revenue", "default", account="4001")
    story.said("batch.run", batch="b1", cut_off="2026-03-31", date=said.DAY, by="ann", class_="JOBS")
    story.mapped("revenue", "default", account="4002")
    assert credited(story, said.line("4.00")) == [("D", "4001", "", "4.00")]
