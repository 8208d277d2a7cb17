"""Shared debtors and sales without a name (edge cases 15, 51, 70, 71 and what belongs to them)."""

from __future__ import annotations

import pytest

from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import CASH, RECEIVABLE, REVENUE

PAID = [said.tender("CASH", "100.00")]


@tells(15)
def test_an_unpaid_sale_never_reaches_a_shared_debtor() -> None:
    """Nobody could chase it there: it is held, visible and whole, until the payment posts it (C6)."""
    story = Story().counter().invoice("i1")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["PAYMENT_REQUIRED_FOR_GENERIC"])
    assert (story.ledger(), story.row("i1").gross) == ({}, 10_000)
    story.then_released_by("i1", said.payment("p1", on="i1"))
    assert story.posted_now() == ["i1", "p1"]
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


@tells(15)
def test_a_class_may_let_its_shared_debtor_owe() -> None:
    """Where a class asks for no payment, the switch is the class's and on record; the shared debtor then owes."""
    story = Story().counter().defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False)
    assert story.invoice("i1").postings("i1") == [("D", RECEIVABLE, "counter", "100.00"), ("C", REVENUE, "", "100.00")]


@tells(51)
def test_a_line_of_free_text_is_held_where_products_are_required() -> None:
    """A book that requires a catalogue holds a line that names no product; its next version classifies it (G1)."""
    story = Story().shop(catalogue_required=True).invoice("i1", lines=[said.line("80.00", description="a favour")])
    assert (story.state("i1"), story.codes("i1"), story.journals()) == ("REQUIRES_ATTENTION", ["LINE_UNCLASSIFIED"], [])
    story.mapped("revenue", "services", account="4200")
    story.amended("i1", lines=[said.line("80.00", description="a favour", product_class="services")])
    assert story.postings("i1") == [("D", RECEIVABLE, "acme", "80.00"), ("C", "4200", "", "80.00")]


@tells(51)
def test_a_line_of_free_text_posts_to_the_default_elsewhere() -> None:
    """A book without a catalogue posts it to the branch's revenue account, else to the default."""
    story = Story().shop().mapped("branch", "north", account="4300")
    story.invoice("i1", lines=[said.line("80.00", description="a favour")]).invoice(
        "i2", lines=[said.line("20.00", description="another")], branch="north"
    )
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-80.00", ("4300", ""): "-20.00"}


@tells(70)
def test_the_code_of_an_account_is_never_used_for_another() -> None:
    """Somebody opens a new account under a code that was closed: it is refused, and nobody inherits its history."""
    story = Story().shop().invoice("i1").account("acme", version=2, status="CLOSED")
    story.say(said.account("acme", name="Acme of Leeds, a new customer"))
    assert (story.verdict, story.last.happened) == (("STALE", "STALE_VERSION"), [])
    assert story.invoice("i2").codes("i2") == ["ACCOUNT_CLOSED"]
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-100.00"}


@tells(70)
def test_a_merged_account_stays_a_tombstone() -> None:
    """Opened again after a merge, its code still leads to the survivor: the merge is not undone by a new record."""
    story = (
        Story().shop().account("globex").assigned("globex", "HOUSE").said("account.merged", survivor="globex", merged=["acme"])
    )
    story.account("acme", version=2, name="Acme again").invoice("i1")
    assert story.postings("i1") == [("D", RECEIVABLE, "globex", "100.00"), ("C", REVENUE, "", "100.00")]


@tells(70)
def test_the_id_of_an_accounting_system_belongs_to_one_account() -> None:
    """The customer of the accounting system that `acme` is bound to cannot become another account's as well (B5)."""
    story = Story().shop().account("acme", version=2, external_ref="QB-7").account("globex", external_ref="QB-7")
    assert story.verdict == ("QUARANTINED", "EXTERNAL_REF_IN_USE")
    story.invoice("i1")
    assert story.postings("i1")[0] == ("D", RECEIVABLE, "acme", "100.00")


@tells(71)
@pytest.mark.parametrize("known", [True, False], ids=["an account with a class", "an account without one"])
def test_an_inactive_class_is_refused_whoever_asks(*, known: bool) -> None:
    """No screen is between an interface and the engine, so the engine itself refuses the class (C9)."""
    story = (
        Story()
        .shop()
        .defined("OLD")
        .said("class.deactivated", class_="OLD")
        .account("globex")
        .customer("c2")
        .linked("c2", "globex")
    )
    story.assigned("acme" if known else "globex", "OLD")
    assert story.verdict == ("QUARANTINED", "CLASS_INACTIVE")
    story.invoice("i1").invoice("i2", customer="c2")
    assert [(story.state(name), story.codes(name)) for name in ("i1", "i2")] == [
        ("POSTED", []),
        ("REQUIRES_ATTENTION", ["CLASS_MISSING"]),
    ]
