"""Money: credit notes, refunds, deposits, tenders, fees and cards (edge cases 37 to 39, 41, 43 to 48)."""

from __future__ import annotations

import pytest

from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import CARD, CASH, DEPOSITS, FEES, RECEIVABLE, REVENUE, VAT

PAID = [said.tender("CASH", "100.00")]


@tells(37)
def test_credits_beyond_the_invoice_are_held() -> None:
    """60 and 50 do not fit into 100: the second credit is held with the excess in its reason, the first stands (K3)."""
    story = Story().shop().invoice("i1").credit_note("k1", "60.00", original="i1").credit_note("k2", "50.00", original="i1")
    assert [(story.state(name), "CREDIT_EXCEEDS_INVOICE" in story.codes(name)) for name in ("k1", "k2")] == [
        ("POSTED", False),
        ("REQUIRES_ATTENTION", True),
    ]
    assert story.ledger() == {(RECEIVABLE, "acme"): "40.00", (REVENUE, ""): "-40.00"}


@tells(37)
def test_a_credit_of_a_paid_invoice_stays_with_the_customer() -> None:
    """The invoice is paid in full and then credited: the money is owed to the customer, on its own account (K4)."""
    story = (
        Story().shop().invoice("i1", tax="20.00").payment("p1", "120.00", on="i1").credit_note("k1", tax="20.00", original="i1")
    )
    assert story.state("k1") == "POSTED"
    assert story.ledger() == {(CASH, ""): "120.00", (RECEIVABLE, "acme"): "-120.00"}


@tells(37)
def test_a_credit_beyond_what_is_open_is_allocated_as_far_as_it_goes() -> None:
    """100 with 80 paid and a credit of 50: 20 settle the invoice, 30 stay with the customer, and it says so (K4)."""
    story = Story().shop().invoice("i1").payment("p1", "80.00", on="i1").credit_note("k1", "50.00", original="i1")
    assert (story.state("k1"), story.codes("k1")) == ("POSTED", ["CREDIT_UNALLOCATED"])
    assert story.receivables("acme") == {"i1": "-30.00"}


@tells(38)
def test_a_credit_note_waits_for_its_invoice() -> None:
    """It comes first and waits; when its invoice posts it follows, after it and to the same account (K1)."""
    story = Story().shop().credit_note("k1", "30.00", original="i1")
    assert (story.state("k1"), story.codes("k1"), story.ledger()) == ("WAITING", ["WAITING_FOR_DEPENDENCY"], {})
    story.invoice("i1")
    assert story.posted_now() == ["i1", "k1"]
    assert story.ledger() == {(RECEIVABLE, "acme"): "70.00", (REVENUE, ""): "-70.00"}


@tells(38)
def test_a_credit_note_whose_invoice_never_comes_is_shown_to_a_person() -> None:
    """After the book's patience it is no longer waiting, it needs attention; the invoice still releases it (A7)."""
    story = Story().shop(dependency_days_max=2).credit_note("k1", "30.00", original="i1").until("2026-03-13")
    assert (story.state("k1"), story.codes("k1")) == ("REQUIRES_ATTENTION", ["WAITING_FOR_DEPENDENCY"])
    story.then_released_by("k1", said.invoice("i1"))


@tells(39)
def test_a_refund_is_never_forgotten_and_never_without_cause() -> None:
    """Money back without a credit behind it is held, on record; with the credit it is posted against it (K6, K8)."""
    story = Story().shop().invoice("i1").payment("p1", on="i1").refund("r1", "40.00", on="k1")
    assert story.state("r1") != "POSTED"
    assert story.ledger()[CASH, ""] == "100.00"
    story.credit_note("k1", "40.00", original="i1")
    assert (story.state("k1"), story.state("r1")) == ("POSTED", "POSTED")
    assert story.ledger() == {(CASH, ""): "60.00", (REVENUE, ""): "-60.00"}


@tells(41)
def test_money_for_a_sale_that_is_not_posted_waits_with_it() -> None:
    """The sale is held for its customer, paid meanwhile: nothing of either is in the books until both are (L3)."""
    story = Story().shop().said("customer.held", customer="c1").invoice("i1").payment("p1", on="i1")
    assert (story.state("p1"), story.codes("p1"), story.ledger()) == ("WAITING", ["WAITING_FOR_DEPENDENCY"], {})
    story.said("customer.hold_released", customer="c1")
    assert (story.posted_now(), story.ledger()) == (["i1", "p1"], {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"})


@tells(43)
def test_what_is_paid_too_much_is_a_credit_of_the_account() -> None:
    """130 for an invoice of 100: the invoice is settled, and 30 is there for the next one, nothing to be done by hand (L4)."""
    story = Story().shop().invoice("i1").payment("p1", "130.00", on={"i1": "100.00"})
    assert (story.state("p1"), story.ledger()[RECEIVABLE, "acme"]) == ("POSTED", "-30.00")
    assert story.receivables("acme") == {"payment:p1": "-30.00"}
    story.invoice("i2", "30.00")
    assert (RECEIVABLE, "acme") not in story.ledger()


@tells(43)
def test_one_payment_settles_several_invoices_as_it_was_told_to() -> None:
    """A back-order was invoiced in two parts and paid at once: each part is settled by what the payment names for it."""
    story = (
        Story().shop().invoice("i1", "60.00").invoice("i2", "40.00").payment("p1", "100.00", on={"i1": "60.00", "i2": "40.00"})
    )
    assert (story.state("p1"), story.receivables("acme")) == ("POSTED", {})


@tells(43)
def test_what_is_paid_too_much_on_a_shared_debtor_is_held() -> None:
    """Nobody could claim it from there, so a person decides whose it is (L4)."""
    story = Story().counter().invoice("i1", tenders=PAID).payment("p1", "30.00", on="i1")
    assert (story.state("p1"), story.codes("p1")) == ("REQUIRES_ATTENTION", ["OVERPAYMENT_ON_GENERIC"])
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


@tells(44)
def test_a_deposit_is_owed_to_the_customer_until_the_sale() -> None:
    """It is a liability, not income and not an invoice of zero; the sale takes it (L1, L2)."""
    story = Story().shop().deposit("d1", "60.00", on="i1")
    assert story.ledger() == {(CASH, ""): "60.00", (DEPOSITS, "acme"): "-60.00"}
    story.invoice("i1", tax="20.00")
    assert story.ledger() == {
        (CASH, ""): "60.00",
        (RECEIVABLE, "acme"): "60.00",
        (REVENUE, ""): "-100.00",
        (VAT, ""): "-20.00",
    }


@tells(45)
def test_money_of_cards_goes_to_clearing_and_income_is_counted_once() -> None:
    """The card's own account takes the sale; what the bank pays out later can empty it without touching income."""
    story = Story().shop().invoice("i1", tenders=[said.tender("CARD", "100.00")])
    assert story.ledger() == {(CARD, ""): "100.00", (REVENUE, ""): "-100.00"}
    assert {line.account for posting in story.journals() for line in posting.lines} == {RECEIVABLE, REVENUE, CARD}


@tells(46)
@pytest.mark.parametrize("later", [True, False], ids=["a payment", "at the till"])
def test_a_sale_is_gross_and_its_fee_a_cost(*, later: bool) -> None:
    """100 with a fee of 1.50: income 100, cost 1.50, and 98.50 is what the card company will pay out (L8)."""
    story = Story().shop()
    if later:
        story.invoice("i1").payment("p1", on="i1", tender="CARD", fee="1.50")
    else:
        story.invoice("i1", tenders=[said.tender("CARD", "100.00", fee="1.50")])
    assert story.ledger() == {(CARD, ""): "98.50", (FEES, ""): "1.50", (REVENUE, ""): "-100.00"}


@tells(47)
def test_a_sale_paid_in_two_ways_is_split_as_it_was_paid() -> None:
    """40 in cash and 60 by card are a line each, on an account each (L7)."""
    story = Story().shop().invoice("i1", tenders=[said.tender("CASH", "40.00"), said.tender("CARD", "60.00")])
    assert story.ledger() == {(CASH, ""): "40.00", (CARD, ""): "60.00", (REVENUE, ""): "-100.00"}
    assert [leg.leg for leg in story.journals("i1")] == ["document", "settlement"]


@tells(48)
def test_a_gift_card_is_income_once_and_only_when_it_is_spent() -> None:
    """Sold, it is a liability and no income; spent, it pays a sale out of that liability (L9)."""
    story = (
        Story().shop().mapped("revenue", "gift-cards", account="2400").mapped("tender", "GIFT", account="2400", liability=True)
    )
    card = said.line("50.00", product_class="gift-cards", gift_card=True)
    story.invoice("i1", lines=[card], tenders=[said.tender("CASH", "50.00")])
    assert story.ledger() == {(CASH, ""): "50.00", ("2400", ""): "-50.00"}
    story.invoice("i2", "30.00", tenders=[said.tender("GIFT", "30.00")])
    assert story.ledger() == {(CASH, ""): "50.00", ("2400", ""): "-20.00", (REVENUE, ""): "-30.00"}
