"""Waiting at its boundaries: every key under which a document is found again, no more and no less."""

from __future__ import annotations

import pytest

from tests.given import Story
from tests.rules.accumulation import CASH_100, closed, till
from tests.said import DAY, tender


def test_a_held_document_waits_for_everything_on_its_way() -> None:
    """Both customers and their links, the account, its head office and its class; what only remarks is not waited for."""
    story = Story().book().account("office").account("acme").classified("acme", "HOUSE")
    story.customer("c2", status="DISPUTED").linked("c2", "acme").customer("c1", invoice_to="c2")
    story.account("acme", version=2, head_office="office", status="DRAFT").invoice("i1")
    assert story.codes("i1") == ["ACCOUNT_NOT_APPROVED", "CUSTOMER_DISPUTED"]
    way = ["customer:c1", "link:c1", "customer:c2", "link:c2", "account:acme", "account:office", "class:HOUSE"]
    assert sorted(story.waits("i1")) == sorted(way)


def test_behind_a_shared_debtor_both_accounts_and_their_offices_are_waited_for() -> None:
    """Whatever changes on either may change where it posts."""
    story = (
        Story().counter().account("office").account("owner").account("walkers", version=2, head_office="office", status="DRAFT")
    )
    story.account("counter", version=2, generic=True, head_office="owner", status="DRAFT").invoice(
        "i1", tenders=[tender("CASH", "100.00")]
    )
    accounts = ["account:walkers", "account:counter", "account:office", "account:owner"]
    assert sorted(story.waits("i1")) == sorted(["customer:c1", "link:c1", *accounts, "class:COUNTER"])


def test_a_sale_to_nobody_waits_for_its_branch() -> None:
    """The branch may get another default; a sale to somebody does not wait for it."""
    story = (
        Story()
        .counter()
        .mapped("branch", "north", generic_class="COUNTER")
        .account("counter", version=2, generic=True, status="DRAFT")
    )
    story.invoice("i1", customer=None, branch="north", tenders=[tender("CASH", "100.00")])
    waits = story.waits("i1")
    assert [key for key in waits if not key.startswith("mapping:")] == ["account:counter", "class:COUNTER"]
    assert "mapping:branch:north" in waits
    story.invoice("i2", branch="north", tenders=[tender("CASH", "100.00")])
    assert "mapping:branch:north" not in story.waits("i2")


def test_what_waits_for_itself_does_not_wait_for_its_mappings() -> None:
    """A draft is not held for a mapping, though it names one on its way."""
    story = Story().counter().mapped("branch", "north", generic_class="COUNTER")
    story.invoice("i1", customer=None, branch="north", status="DRAFT", tenders=CASH_100)
    assert sorted(story.waits("i1")) == ["account:counter", "class:COUNTER", "mapping:branch:north"]


def test_a_sale_to_nobody_without_a_branch_waits_for_none() -> None:
    """The class of the book took it."""
    story = Story().counter(anonymous_class="COUNTER").invoice("i1", customer=None, status="DRAFT", tenders=CASH_100)
    assert (story.codes("i1"), sorted(story.waits("i1"))) == (["DOCUMENT_NOT_FINAL"], ["account:counter", "class:COUNTER"])


def test_a_draft_of_a_credit_note_waits_for_its_original_too() -> None:
    """Though the original is posted: where it stands may still change."""
    story = Story().shop().invoice("i1").credit_note("k1", original="i1", status="DRAFT")
    assert story.codes("k1") == ["DOCUMENT_NOT_FINAL"]
    assert {"document:i1", "payment:i1"} <= set(story.waits("k1"))


def test_what_follows_a_document_waits_for_it_and_for_its_money() -> None:
    """A credit note for its original, a payment for all it names; an invoice has no other."""
    story = Story().shop().credit_note("k1", original="i1").payment("p1", on={"i1": "60.00", "i2": "40.00"})
    assert {"document:i1", "payment:i1"} <= set(story.waits("k1"))
    assert {"document:i1", "payment:i1", "document:i2", "payment:i2"} <= set(story.waits("p1"))
    draft = Story().shop().invoice("i1", status="DRAFT")
    assert sorted(draft.waits("i1")) == ["account:acme", "class:HOUSE", "customer:c1", "link:c1"]


def test_a_payer_is_waited_for_beside_who_owes() -> None:
    """Money for a document that another account owes: either may change."""
    story = Story().shop().account("other").assigned("other", "HOUSE").customer("c2").linked("c2", "other").invoice("i1")
    story.payment("p1", on="i1", customer="c2")
    assert story.codes("p1") == ["PAYMENT_CUSTOMER_MISMATCH"]
    assert {"account:acme", "account:other"} <= set(story.waits("p1"))


@pytest.mark.parametrize(("status", "waited"), [("DRAFT", False), ("FINAL", True)])
def test_all_mappings_are_waited_for_where_one_is_missing(status: str, *, waited: bool) -> None:
    """A document that lacks a mapping waits for every mapping on its lines' way; one that waits for itself, for none."""
    fields = {"tax": {"GST": "5.00"}} if waited else {"tax": "5.00", "status": status}
    story = Story().shop().invoice("i1", **fields, tenders=[tender("CASH", "105.00")])
    keys = {"mapping:revenue:default", "mapping:tender:CASH"}
    assert keys & set(story.waits("i1")) == (keys if waited else set())


def test_a_posted_document_waits_for_nothing() -> None:
    """Nothing is looked for again, whatever changes."""
    story = Story().shop().invoice("i1").payment("p1", on="i1").deposit("d1")
    assert [story.waits(name) for name in ("i1", "p1", "d1")] == [[], [], []]
    remarked = story.customer("c1", version=2, status="DISPUTED").invoice("i2")
    assert (remarked.codes("i2"), remarked.waits("i2")) == (["CUSTOMER_DISPUTED"], [])


def test_money_for_an_old_document_waits_for_nothing() -> None:
    """Its document will never post here, and it is settled."""
    story = Story().shop(cutover=DAY, control={"cutover": "1190"}).invoice("i1", date="2026-03-09").payment("p1", on="i1")
    assert (story.state("i1"), story.state("p1"), story.waits("p1")) == ("EXCLUDED", "POSTED", [])


def test_a_deposit_waits_for_the_documents_it_is_to_pay() -> None:
    """Until each is posted; then it is applied, and waits no more."""
    story = Story().shop().deposit("d1", on={"i1": "60.00", "i2": "40.00"})
    assert (story.state("d1"), sorted(story.waits("d1"))) == ("POSTED", ["document:i1", "document:i2"])
    story.invoice("i1", "60.00")
    assert story.waits("d1") == ["document:i2"]
    assert story.invoice("i2", "40.00").waits("d1") == []


def test_a_deposit_in_another_currency_waits_for_the_document_to_change() -> None:
    """It cannot be applied as it is."""
    story = Story().shop().invoice("i1").deposit("d1", on="i1", currency="USD", exchange_rate="0.5")
    assert (story.state("d1"), story.waits("d1")) == ("POSTED", ["document:i1"])


def test_a_deposit_for_what_is_paid_already_waits_for_the_other_money() -> None:
    """On a shared debtor it may not overpay; when the other money goes back there is need of it."""
    story = Story().counter().invoice("i1", tenders=[tender("CASH", "100.00")]).deposit("d1", "50.00", on="i1")
    assert (story.state("d1"), sorted(story.waits("d1"))) == ("POSTED", ["document:i1", "payment:i1"])
    owing = Story().counter().defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False)
    owing.invoice("i1", tenders=[tender("CASH", "40.00")]).deposit("d1", "60.00", on="i1")
    assert (len(owing.journals("d1")), owing.waits("d1")) == (2, [])
    own = Story().shop().invoice("i1").payment("p1", on="i1").deposit("d1", "50.00", on="i1")
    assert (len(own.journals("d1")), own.waits("d1")) == (2, [])


def test_a_sale_waits_for_the_close_of_its_day_while_that_is_open() -> None:
    """Accumulating or held, it does; posted beside the day, or held after its close, it does not."""
    key = f"day:north:{DAY}:EUR"
    held: dict[str, object] = {"branch": "north", "tenders": CASH_100, "status": "DRAFT"}
    story = (
        till(payment_required=False)
        .invoice("i1", branch="north", tenders=CASH_100)
        .invoice("i2", "100.00", **held)
        .invoice("i3", branch="north")
    )
    assert [story.state(name) for name in ("i1", "i2", "i3")] == ["ACCUMULATING", "WAITING", "POSTED"]
    assert [key in story.waits(name) for name in ("i1", "i2", "i3")] == [True, True, False]
    story.say(closed()).invoice("i4", "100.00", **held)
    assert (story.state("i4"), key in story.waits("i4"), story.waits("i3")) == ("WAITING", False, [])
