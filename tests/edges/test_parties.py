"""Parties that merge, repeat, are archived, held and blocked (edge cases 18 to 23, 55 to 58)."""

from __future__ import annotations

import pytest

from projections.parties import CUSTOMERS
from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import CASH, RECEIVABLE, REVENUE, Saying


def two_accounts() -> Story:
    """A shop with customer c1 on `acme` and c2 on `globex`."""
    return Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")


@tells(18)
def test_a_merge_in_the_accounting_system_leads_to_the_survivor() -> None:
    """New sales of the merged account go to the survivor and say so; what was posted before stays with its own name (B15)."""
    story = two_accounts().invoice("i1").said("account.merged", survivor="globex", merged=["acme"]).invoice("i2")
    assert (story.state("i2"), story.codes("i2")) == ("POSTED", ["REDIRECTED_TO_SURVIVOR"])
    assert [story.journals(name)[0].account for name in ("i1", "i2")] == ["acme", "globex"]


@tells(18)
def test_the_payment_of_a_merged_account_meets_its_invoice() -> None:
    """The payer owes through the survivor, the invoice through the merged: they are one, and the payment is no stranger (L6)."""
    story = two_accounts().invoice("i1").said("account.merged", survivor="globex", merged=["acme"])
    story.payment("p1", on="i1", customer="c2")
    assert (story.state("p1"), "PAYMENT_CUSTOMER_MISMATCH" in story.codes("p1")) == ("POSTED", False)


@tells(18)
def test_what_was_held_follows_a_merge() -> None:
    """A sale that is held for a closed account posts to the survivor in the transaction of the merge."""
    story = two_accounts().account("acme", version=2, status="CLOSED").invoice("i1")
    assert story.codes("i1") == ["ACCOUNT_CLOSED"]
    story.then_released_by("i1", said.say("account.merged", survivor="globex", merged=["acme"]))
    assert story.postings("i1")[0] == ("D", RECEIVABLE, "globex", "100.00")


@tells(19)
def test_customers_that_merge_keep_both_histories() -> None:
    """Both customers' sales stay where they were posted; the merged one's new sales go where the survivor's go."""
    story = Story().shop().customer("c2").linked("c2", "acme").invoice("i1").invoice("i2", customer="c2")
    story.said("customer.merged", survivor="c2", merged=["c1"]).invoice("i3")
    assert [line.customer for name in ("i1", "i2") for line in story.journals(name)[0].lines] == ["c1", "c1", "c2", "c2"]
    assert (story.state("i3"), story.codes("i3")) == ("POSTED", ["REDIRECTED_TO_SURVIVOR"])
    assert story.ledger()[RECEIVABLE, "acme"] == "300.00"


@tells(19)
def test_customers_with_accounts_of_their_own_that_merge_wait_for_a_decision() -> None:
    """New sales of the merged one are held while both have a link; whose account owes is decided by taking a link away."""
    story = two_accounts().invoice("i1")
    story.said("customer.merged", survivor="c2", merged=["c1"]).invoice("i2").invoice("i3", customer="c2")
    assert (story.state("i2"), story.codes("i2")) == ("REQUIRES_ATTENTION", ["REDIRECTED_TO_SURVIVOR", "MERGE_LINKS_DIFFER"])
    assert [story.journals(name)[0].account for name in ("i1", "i3")] == ["acme", "globex"]
    story.payment("p1", on="i1", customer="c2")
    story.then_released_by("i2", said.say("link.removed", customer="c1"))
    assert story.journals("i2")[0].account == "globex"


@tells(19)
def test_the_accounts_of_merged_customers_may_be_merged_instead() -> None:
    """When the accounts are one too, nothing is left to decide."""
    story = two_accounts().said("customer.merged", survivor="c2", merged=["c1"]).invoice("i2")
    story.then_released_by("i2", said.say("account.merged", survivor="globex", merged=["acme"]))
    assert story.journals("i2")[0].account == "globex"


@tells(20)
def test_two_customers_of_one_name_are_two() -> None:
    """Names are never compared: each id has its own link, and each sale goes where its own customer's account is."""
    story = Story().shop().account("globex", name="J. Doe").assigned("globex", "HOUSE")
    story.customer("c1", version=2, name="Doe, John").customer("c2", name="Doe, John").linked("c2", "globex")
    story.invoice("i1").invoice("i2", customer="c2")
    assert [story.journals(name)[0].account for name in ("i1", "i2")] == ["acme", "globex"]


@tells(20)
def test_a_customer_said_again_is_no_second_customer() -> None:
    """A registration that comes twice, or under a later version, is the same customer with the same link."""
    story = Story().shop().customer("c1").customer("c1", version=2, name="Another spelling").invoice("i1")
    rows = {row.customer for row in story.log.views.rows(CUSTOMERS)}
    assert (rows, story.state("i1")) == ({"c1"}, "POSTED")


@tells(20)
@pytest.mark.parametrize("policy", ["WARN", "HOLD"])
def test_an_account_that_looks_like_another_is_shown_to_a_person(policy: str) -> None:
    """Where a book asks for it, a second account of one name is remarked or held before it is made there (B13)."""
    story = Story().shop(duplicate_accounts=policy).account("globex", name="ACME").assigned("globex", "HOUSE")
    story.customer("c2").linked("c2", "globex").invoice("i1").invoice("i2", customer="c2")
    assert (story.codes("i1"), story.codes("i2")) == ([], ["POSSIBLE_DUPLICATE_ACCOUNT"])
    assert story.state("i2") == ("POSTED" if policy == "WARN" else "REQUIRES_ATTENTION")
    if policy == "HOLD":
        story.then_released_by("i2", said.account("globex", version=2, name="ACME", distinct_from=["acme"]))
    assert story.postings("i2")[0] == ("D", RECEIVABLE, "globex", "100.00")


@tells(21)
def test_one_name_for_a_customer_and_a_supplier_is_the_adapters_to_tell_apart() -> None:
    """The engine knows parties by id alone, so postings of two namesakes never mix.

    How a party is called in an accounting system that wants each name once is its adapter's policy: a prefix, or the id.
    """
    story = Story().shop().account("acme", version=2, name="Smith & Co", vendor="v-9").account("smith", name="Smith & Co")
    story.assigned("smith", "HOUSE").customer("c2", name="Smith & Co").linked("c2", "smith").invoice("i1").invoice(
        "i2", customer="c2"
    )
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (RECEIVABLE, "smith"): "100.00", (REVENUE, ""): "-200.00"}


RESTORED = said.account("acme", version=3, status="OPEN")
ANOTHER = (said.say("link.removed", customer="c1"), said.link("c1", "globex"))


@tells(22)
@pytest.mark.parametrize(
    ("mended", "account"), [((RESTORED,), "acme"), (ANOTHER, "globex")], ids=["restored", "linked to another"]
)
def test_a_sale_to_an_archived_account_waits_for_a_decision(mended: tuple[Saying, ...], account: str) -> None:
    """It is held with both ways out in its remedy, no namesake is created, and either way posts it (D1)."""
    story = two_accounts().account("acme", version=2, status="CLOSED").invoice("i1")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["ACCOUNT_CLOSED"])
    remedy = story.decision("i1").reasons[0].remedy
    assert ("reopen" in remedy, "link" in remedy) == (True, True)
    story.then_released_by("i1", *mended)
    assert story.postings("i1")[0] == ("D", RECEIVABLE, account, "100.00")


@tells(23)
def test_a_customer_who_trades_in_two_currencies_has_an_account_for_each() -> None:
    """A sale in dollars is held for an account in euros, and posts once its customer is linked to one in dollars (I1)."""
    story = (
        Story()
        .shop()
        .account("acme", version=2, currency="EUR")
        .account("acme-usd", currency="USD")
        .assigned("acme-usd", "HOUSE")
    )
    story.customer("c1-usd").linked("c1-usd", "acme-usd").invoice("i1").invoice("i2", currency="USD", exchange_rate="0.5")
    assert (story.state("i1"), story.codes("i2")) == ("POSTED", ["CURRENCY_MISMATCH"])
    story.amended("i2", customer="c1-usd")
    assert [(posting.account, posting.currency) for posting in story.journals("i2")] == [("acme-usd", "USD")]
    assert [line.base_amount for line in story.journals("i2")[0].lines] == [5_000, 5_000]


@tells(55)
def test_a_hold_ends_by_itself() -> None:
    """What is held for a customer on hold posts when the hold is over, though nobody says another word (D5)."""
    story = Story().shop().said("customer.held", customer="c1", until="2026-03-12T00:00:00Z").invoice("i1")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["CUSTOMER_ON_HOLD"])
    assert story.until("2026-03-11T23:59:59Z").state("i1") == "REQUIRES_ATTENTION"
    assert story.until("2026-03-12T00:00:00Z").state("i1") == "POSTED"
    assert story.posted_now() == ["i1"]


@tells(57)
@pytest.mark.parametrize(
    "blocked", [said.customer("c2", version=2, block="INVOICE"), said.account("acme", version=2, block="INVOICE")]
)
def test_whoever_pays_is_checked_as_well_as_whoever_buys(blocked: Saying) -> None:
    """A site buys, its head office is billed: a block on the payer, or on the account, holds the site's sale too (D7)."""
    story = (
        Story()
        .shop()
        .customer("c2")
        .said("link.removed", customer="c1")
        .linked("c2", "acme")
        .customer("c1", version=2, invoice_to="c2")
    )
    assert story.invoice("i1").state("i1") == "POSTED"
    story.say(blocked).invoice("i2")
    assert (story.state("i2"), story.codes("i2")) == ("REQUIRES_ATTENTION", ["CUSTOMER_BLOCKED"])


FREEZES = {
    "ships nothing": ("SHIP", "POSTED", "POSTED", "POSTED"),
    "no invoices": ("INVOICE", "REQUIRES_ATTENTION", "POSTED", "POSTED"),
    "nothing at all": ("ALL", "REQUIRES_ATTENTION", "REQUIRES_ATTENTION", "REQUIRES_ATTENTION"),
}


@tells(58)
@pytest.mark.parametrize(("block", "sale", "credit", "money"), FREEZES.values(), ids=FREEZES)
def test_a_freeze_stops_what_it_says_and_no_more(block: str, sale: str, credit: str, money: str) -> None:
    """Only a block of everything stops credit notes and payments; a block of shipments stops no document (D6, D11)."""
    story = Story().shop().invoice("i0").customer("c1", version=2, block=block)
    story.invoice("i1").credit_note("k1", "10.00", original="i0").payment("p1", "20.00", on="i0")
    assert [story.state(name) for name in ("i1", "k1", "p1")] == [sale, credit, money]


@tells(58)
def test_an_account_on_stop_takes_money() -> None:
    """Payments and credit notes of an account on stop pass: they are what ends the stop (D8, D11)."""
    story = Story().shop().invoice("i0").account("acme", version=2, stop_credit=True)
    story.invoice("i1").credit_note("k1", "10.00", original="i0").payment("p1", "90.00", on="i0")
    assert [story.state(name) for name in ("i1", "k1", "p1")] == ["REQUIRES_ATTENTION", "POSTED", "POSTED"]
    assert story.ledger() == {(CASH, ""): "90.00", (REVENUE, ""): "-90.00"}
