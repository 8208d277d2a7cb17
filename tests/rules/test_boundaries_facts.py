"""Facts at their boundaries: who is asked where a sale posts, and what is left to pay of it."""

from __future__ import annotations

from tests.given import Story
from tests.said import tender


def test_the_debtor_says_where_its_revenue_posts() -> None:
    """The shared one where it owes, else the customer's own."""
    own = Story().shop().account("acme", version=2, revenue_account="4100").invoice("i1")
    assert [line[1] for line in own.postings("i1")] == ["1100", "4100"]
    shared = (
        Story().counter().account("walkers", version=2, revenue_account="4100").invoice("i1", tenders=[tender("CASH", "100.00")])
    )
    assert "4100" not in [line[1] for line in shared.postings("i1")]
    shared.account("counter", version=2, generic=True, revenue_account="4200").invoice("i2", tenders=[tender("CASH", "100.00")])
    assert "4200" in [line[1] for line in shared.postings("i2")]


def test_what_is_left_to_pay_counts_every_part() -> None:
    """The gross and its rounding at the till, less what was tendered and what was paid."""
    story = (
        Story()
        .shop()
        .invoice("i1", totals={"cash_rounding": "-0.03"}, tenders=[tender("CASH", "40.00")])
        .payment("p1", "10.00", on="i1")
    )
    assert story.facts("i1").outstanding == 4997
    assert Story().shop().invoice("i1").facts("i1").outstanding == 10000


def test_an_amount_is_told_in_the_currency_of_the_document() -> None:
    """With its decimals."""
    facts = Story().shop().invoice("i1", currency="USD", exchange_rate="0.5").facts("i1")
    assert (facts.told(1250), facts.foreign, facts.anonymous) == ("12.50 USD", True, False)


def test_a_prefix_stands_before_the_numbers_of_a_class_alone() -> None:
    """What follows another document keeps the number it has, money on account and a deposit that is applied do not."""
    story = Story().shop().defined("HOUSE", version=2, invoice_prefix="A-").invoice("i1").credit_note("k1", original="i1")
    story.payment("p1", on="i1").deposit("d1", on="i2").invoice("i2")
    assert [story.facts(name).number for name in ("i1", "k1")] == ["A-N-i1", "N-k1"]
    assert [[posting.number for posting in story.journals(name)] for name in ("p1", "d1")] == [["p1"], ["A-d1", "A-d1"]]
    assert [story.facts(name, "payment").number for name in ("p1", "d1")] == ["p1", "A-d1"]  # As they stand by now.
    assert Story().shop().invoice("i1").facts("i1").number == "N-i1"
