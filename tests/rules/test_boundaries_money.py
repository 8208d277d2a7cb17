"""Boundaries of money and corrections: the last cent that settles, who is named, and what is waited for."""

from __future__ import annotations

import pytest

from engine.journal.differences import moved
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.said import CASH, RECEIVABLE, REVENUE, line, tender

FX = {"fx_difference": "7900"}
USD = {"currency": "USD"}


def _two() -> Story:
    """A shop with two debtors of the same class, and a customer without a link."""
    return Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex").customer("c3")


def test_money_names_the_document_that_keeps_it_waiting() -> None:
    """What never came is waited for by a day; what came and is not posted by the document alone."""
    story = _two().invoice("i1").invoice("i2", customer="c3").payment("p1", on={"i1": "40.00", "i8": "30.00", "i9": "30.00"})
    story.payment("p2", on={"i1": "40.00", "i2": "60.00"})
    assert objections(story, "p1") == [
        ("WAITING_FOR_DEPENDENCY", "WAIT", None, ["document:i8", "document:i9", "date:2026-03-18"])
    ]
    assert objections(story, "p2") == [("WAITING_FOR_DEPENDENCY", "WAIT", None, ["document:i2"])]
    assert (messages(story, "p1"), messages(story, "p2")) == (
        ["document i8 was never received"],
        ["document i2 is not posted"],
    )


def test_money_of_old_documents_says_so() -> None:
    """Only where the first that is missing is from before the cut-over."""
    story = Story().shop(cutover="2026-03-01").invoice("old", date="2026-02-20").invoice("new", customer="c9")
    story.payment("p1", on="old").payment("p2", on={"new": "50.00", "old": "50.00"})
    told = "document old is from before the cut-over, and the book has no account for that"
    assert (messages(story, "p1"), messages(story, "p2")) == ([told], ["document new is not posted"])
    assert objections(story, "p2") == [("WAITING_FOR_DEPENDENCY", "WAIT", None, ["document:new", "document:old"])]


def test_money_of_a_book_that_was_never_opened_waits() -> None:
    """It has no account for what the old system booked, and no rule fails for want of one."""
    story = Story().account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.invoice("i1").payment("p1", on="i1")
    assert "document i1 is not posted" in messages(story, "p1")
    assert "RULE_ERROR" not in story.codes("p1")


def test_a_refund_takes_no_more_than_is_left() -> None:
    """Of a credit note its gross less what went back at the till and before; of an invoice what was overpaid."""
    story = Story().shop().invoice("i1").credit_note("k1", original="i1", tenders=[tender("CASH", "30.00")])
    story.refund("r1", "20.00", on="k1").refund("r2", "50.01", on="k1").refund("r3", "50.00", on="k1")
    story.refund("r4", "0.01", on="i1").refund("r5", "1.00")
    assert [story.state(name) for name in ("r1", "r3")] == ["POSTED", "REQUIRES_ATTENTION"]
    assert objections(story, "r2") == [("REFUND_WITHOUT_CREDIT", "HOLD", "allocations", ["payment:k1"])]
    assert messages(story, "r2") == ["50.01 goes back on k1, of which 50.00 EUR may"]
    assert messages(story, "r4") == ["0.01 goes back on i1, of which 0.00 EUR may"]
    assert objections(story, "r5") == [("REFUND_WITHOUT_CREDIT", "HOLD", "allocations", [])]
    assert messages(story, "r5") == ["the refund names no credit note"]


def test_a_refund_of_what_never_came_only_waits() -> None:
    """How much may go back is asked when the document is there; of the next one it is asked at once, and what waits counts."""
    story = Story().shop().invoice("i1").credit_note("k1", "10.00", original="i1")
    story.refund("r1", "20.00", on={"k9": "10.00", "k1": "10.00"}).refund("r2", "20.01", on={"k9": "10.00", "k1": "10.01"})
    assert story.codes("r1") == ["WAITING_FOR_DEPENDENCY"]
    assert messages(story, "r2")[1:] == ["10.01 goes back on k1, of which 0.00 EUR may"]


def test_a_shared_debtor_is_overpaid_by_a_cent() -> None:
    """On the sale itself, by what a payment leaves over, and by what it says of a document."""
    story = Story().counter().invoice("i1", tenders=[tender("CASH", "100.01")])
    story.invoice("i2", tenders=[tender("CASH", "99.99")]).payment("p1", "0.03", on={"i2": "0.02"})
    story.invoice("i3", tenders=[tender("CASH", "99.99")]).payment("p2", "0.01", on="i3").payment("p3", "0.01", on="i3")
    assert objections(story) == [("OVERPAYMENT_ON_GENERIC", "HOLD", None, ["payment:i1"])]
    assert messages(story) == ["overpaid by 0.01 EUR"]
    assert ("OVERPAYMENT_ON_GENERIC", "HOLD", "allocations", []) in objections(story, "p1")
    assert "0.01 EUR settles no document and the debtor is shared" in messages(story, "p1")
    assert (story.state("p2"), messages(story, "p3")) == ("POSTED", ["document i3 is overpaid and the debtor is shared"])
    assert objections(story, "p3") == [("OVERPAYMENT_ON_GENERIC", "HOLD", "allocations", [])]


def test_money_that_somebody_let_overpay_a_sale_posts_with_it() -> None:
    """Who releases the sale for it has answered for the money too."""
    story = Story().counter().payment("p1", "100.01", on="i1").invoice("i1")
    assert objections(story) == [("OVERPAYMENT_ON_GENERIC", "HOLD", None, ["payment:i1"])]
    story.released("i1", "OVERPAYMENT_ON_GENERIC")
    assert (story.state("i1"), story.state("p1"), story.codes("p1")) == ("POSTED", "POSTED", [])


def test_a_deposit_on_a_shared_debtor_may_leave_something() -> None:
    """It is a liability, and nobody's overpayment; a refund leaves nothing."""
    story = Story().counter().deposit("d1", "50.00")
    assert "OVERPAYMENT_ON_GENERIC" not in story.codes("d1")
    story.refund("r1", "5.00")
    assert story.codes("r1") == ["REFUND_WITHOUT_CREDIT"]


def test_a_payment_of_two_debtors_names_them() -> None:
    """Both accounts, in the order of its documents; a deposit may pay for both."""
    story = _two().invoice("i1").invoice("i2", customer="c2").payment("p1", on={"i1": "50.00", "i2": "50.00"})
    story.deposit("d1", on={"i1": "50.00", "i2": "50.00"})
    assert objections(story, "p1") == [("PAYMENT_CUSTOMER_MISMATCH", "HOLD", "allocations", [])]
    assert messages(story, "p1") == ["the documents it settles are owed by acme, globex"]
    assert story.state("d1") == "POSTED"


def test_a_payer_of_another_account_is_named() -> None:
    """Unless the document names that customer itself; one without a link, or nobody at all, may pay."""
    story = _two().invoice("i1").payment("p1", "10.00", on="i1", customer="c2")
    story.payment("p2", "10.00", on="i1", customer="c3")
    story.payment("p3", "10.00", on="i1", customer=None).payment("p4", "10.00", on="i1")
    assert objections(story, "p1") == [("PAYMENT_CUSTOMER_MISMATCH", "HOLD", "allocations", [])]
    assert messages(story, "p1") == ["document i1 is owed by acme, the payer is globex"]
    assert [story.codes(name) for name in ("p2", "p3", "p4")] == [[], [], []]
    story.said("link.removed", customer="c1").linked("c1", "globex").payment("p5", "10.00", on="i1")
    assert story.codes("p5") == []


def test_a_credit_note_of_a_credit_note_is_held() -> None:
    """It has nothing to take from; one that never came is waited for, one not posted too."""
    story = _two().invoice("i1").credit_note("k1", "10.00", original="i1").credit_note("k2", "5.00", original="k1")
    story.invoice("i2", customer="c3").credit_note("k3", original="i2").credit_note("k4", original="i9")
    assert objections(story, "k2") == [("WAITING_FOR_DEPENDENCY", "HOLD", "original", [])]
    assert objections(story, "k3") == [("WAITING_FOR_DEPENDENCY", "WAIT", "original", ["document:i2"])]
    assert objections(story, "k4") == [("WAITING_FOR_DEPENDENCY", "WAIT", None, ["document:i9", "date:2026-03-18"])]
    assert [messages(story, name) for name in ("k2", "k3", "k4")] == [
        ["original k1 is itself a credit note"],
        ["original i2 is not posted"],
        ["original i9 was never received"],
    ]


def test_a_credit_note_of_another_debtor_is_told_through_whom() -> None:
    """Both customers' links may mend it; a sale that named nobody may be taken back by anybody."""
    story = _two().invoice("i1").credit_note("k1", "10.00", original="i1", customer="c2")
    story.credit_note("k2", "10.00", original="i1", customer="c3")
    assert objections(story, "k1") == [("CREDIT_CUSTOMER_MISMATCH", "HOLD", "customer", ["link:c2"])]
    assert [messages(story, name) for name in ("k1", "k2")] == [
        ["original i1 is owed by acme, customer c2 owes through globex"],
        ["original i1 is owed by acme, customer c3 owes through no account"],
    ]


def test_the_credits_of_an_invoice_are_counted_in_the_order_they_came() -> None:
    """An earlier one is not held for a later one; one in another currency takes nothing."""
    story = Story().shop(control=FX).invoice("i1").credit_note("k1", "60.00", original="i1")
    story.credit_note("k2", "40.01", original="i1").credit_note("k3", "40.00", original="i1")
    assert [story.codes(name) for name in ("k1", "k2", "k3")] == [[], ["CREDIT_EXCEEDS_INVOICE"], ["CREDIT_EXCEEDS_INVOICE"]]
    assert objections(story, "k2") == [("CREDIT_EXCEEDS_INVOICE", "HOLD", "totals.gross", ["document:i1"])]
    assert messages(story, "k2") == ["credits of 100.01 EUR exceed invoice i1 of 100.00 EUR"]


def test_the_line_that_takes_too_much_is_named() -> None:
    """Lines of one note and of those before are added; a line that names none takes from no line."""
    sold = [line("60.00"), line("40.00", tax="8.00"), line("99.00", voided=True)]
    story = Story().shop().invoice("i1", lines=sold)
    story.credit_note("k1", lines=[line("20.00", original_line=2)], original="i1")
    story.credit_note("k2", original="i1", lines=[line("1.00"), line("20.00", original_line=2), line("8.01", original_line=2)])
    story.credit_note("k3", original="i1", lines=[line("0.01", original_line=3)])
    assert objections(story, "k2") == [("CREDIT_EXCEEDS_INVOICE", "HOLD", "lines.3", ["document:i1"])]
    assert messages(story, "k2") == ["credits of 48.01 EUR exceed line 2 of invoice i1, 48.00 EUR"]
    assert messages(story, "k3") == ["credits of 0.01 EUR exceed line 3 of invoice i1, 0.00 EUR"]
    assert story.state("k1") == "POSTED"


def test_what_a_credit_leaves_over_is_told_in_money() -> None:
    """What is open counts first; a cent that fits is not told, and one beside it is."""
    story = Story().shop().invoice("i1").payment("p1", "80.00", on="i1").credit_note("k1", "20.00", original="i1")
    story.credit_note("k2", "0.01", original="i1").invoice("i2", tenders=[tender("CASH", "90.00")])
    story.credit_note("k3", "30.00", original="i2", tenders=[tender("CASH", "19.99")])
    assert (story.codes("k1"), objections(story, "k2")) == ([], [("CREDIT_UNALLOCATED", "WARN", None, [])])
    assert messages(story, "k2") == ["0.00 EUR are open on i1, 0.01 EUR of the credit stay unallocated"]
    assert messages(story, "k3") == ["10.00 EUR are open on i2, 0.01 EUR of the credit stay unallocated"]


def test_a_credit_note_without_an_original_waits_for_the_book() -> None:
    """The policy of the book, or its next version, mends it; an invoice needs none."""
    story = Story().shop().credit_note("k1")
    assert objections(story, "k1") == [("CREDIT_UNREFERENCED", "HOLD", "original", ["book:"])]
    assert messages(story, "k1") == ["the credit note names no original"]


def test_a_document_that_moved_says_from_whom() -> None:
    """An amendment of anything else says nothing."""
    story = _two().invoice("i1").amended("i1", customer="c2").invoice("i2").amended("i2", net="90.00")
    assert objections(story) == [("REASSIGNED", "WARN", "customer", [])]
    assert (messages(story), story.codes("i2")) == (["was owed by acme, is owed by globex"], [])


@pytest.mark.parametrize(
    ("still", "amount", "proportional", "base"),
    [
        ((300, 270), -1, True, -1),
        ((300, 270), -299, True, -269),
        ((300, 270), -300, True, -270),
        ((300, 270), -301, True, -273),
        ((-300, -270), 100, True, 90),
        ((-300, -270), 300, True, 270),
        ((-300, -270), 301, True, 273),
        ((300, 270), 100, True, 300),
        ((-300, -270), -100, True, -300),
        ((300, 270), -100, False, -300),
        ((300, 270), -300, False, -270),
        ((0, 0), -100, True, -300),
        ((300, 1), -150, True, -1),
        ((300, 1), -149, True, 0),
        ((300, 0), -100, True, 0),
    ],
)
def test_money_takes_its_share_of_what_is_open(still: tuple[int, int], amount: int, *, proportional: bool, base: int) -> None:
    """In both currencies, half up; all of it when all is taken, and what goes beyond stands at the rate of the money: three."""
    assert moved(still, amount, lambda units: 3 * units, proportional=proportional) == base


def test_money_takes_its_share_unless_it_is_asked_not_to() -> None:
    """A third of what is open is a third of its worth."""
    assert moved((300, 270), -100, lambda units: units) == -90


def test_a_difference_has_an_account_only_where_the_rates_differ() -> None:
    """One rate written in two ways is one; the document and the debtor are named."""
    story = Story().shop().invoice("i1", exchange_rate="0.90", **USD)
    story.payment("p1", "40.00", on="i1", exchange_rate="0.900", **USD)
    story.payment("p2", "40.00", on="i1", exchange_rate="0.91", **USD)
    assert story.state("p1") == "POSTED"
    assert objections(story, "p2") == [("FX_ACCOUNT_MISSING", "HOLD", "exchange_rate", ["account:acme"])]
    assert messages(story, "p2") == ["document i1 was converted at another rate"]
    story.credit_note("k1", "10.00", original="i1", exchange_rate="0.91", **USD)
    assert messages(story, "k1") == ["document i1 was converted at another rate"]


def test_money_for_two_documents_and_for_nothing_is_split() -> None:
    """Each takes its part, the rest stands under the payment; money back takes the other side."""
    story = Story().shop().invoice("i1", "60.00").invoice("i2", "40.00")
    story.payment("p1", "110.00", on={"i1": "60.00", "i2": "30.00"})
    assert story.receivables("acme") == {"i2": "10.00", "payment:p1": "-20.00"}
    assert story.postings("p1") == [("D", CASH, "", "110.00"), ("C", RECEIVABLE, "acme", "110.00")]
    settled = [(one.document, one.amount, one.base_amount) for one in story.journals("p1")[0].settles]
    assert settled == [("i1", 6000, 6000), ("i2", 3000, 3000)]


def test_a_gift_card_with_tax_is_named() -> None:
    """Lines that are none may bear tax, and a tax of zero is none."""
    story = Story().shop().mapped("revenue", "gift_card", account="2400")
    card = [line(tax="20.00"), line("50.00", gift_card=True, tax="0.00")]
    story.invoice("i1", lines=card).invoice("i2", lines=[*card, line("50.00", gift_card=True, tax="0.01")])
    assert story.state("i1") == "POSTED"
    assert objections(story, "i2") == [("GIFT_CARD_TAXED", "HOLD", "lines.3.tax", [])]
    assert messages(story, "i2") == ["line 3 sells a gift card with tax"]
    assert ("C", REVENUE, "", "100.00") in story.postings("i1")


def test_a_credit_of_all_that_was_paid_stays_with_the_customer() -> None:
    """The whole of it is told; a credit of an invoice that is open leaves nothing over."""
    story = Story().shop().invoice("i1").payment("p1", on="i1").credit_note("k1", original="i1")
    story.invoice("i2").credit_note("k2", original="i2")
    assert messages(story, "k1") == ["0.00 EUR are open on i1, 100.00 EUR of the credit stay unallocated"]
    assert (story.codes("k2"), story.receivables("acme")) == ([], {"i1": "-100.00"})


def test_a_credit_in_another_currency_is_one_reason() -> None:
    """How much of it is left over cannot be told."""
    story = Story().shop(control=FX).invoice("i1").payment("p1", on="i1")
    story.credit_note("k1", "50.00", original="i1", exchange_rate="0.90", **USD)
    assert "CREDIT_UNALLOCATED" not in story.codes("k1")


def test_corrections_of_a_book_that_was_never_opened_fail_no_rule() -> None:
    """A credit without an original, and a sale rounded to coins, wait for the book."""
    story = Story().account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme").credit_note("k1")
    story.invoice("i1", "99.98", totals={"cash_rounding": "0.02"}, tenders=[tender("CASH", "100.00")])
    unwanted = {"RULE_ERROR", "CREDIT_UNREFERENCED", "CASH_ROUNDING_UNMAPPED"}
    assert [unwanted & set(story.codes(name)) for name in ("k1", "i1")] == [set(), set()]


def test_money_that_goes_back_has_cleared() -> None:
    """A cheque that is paid out is not waited for; one that came is, to the day."""
    story = Story().shop(unreferenced_credit="POST").mapped("tender", "CHEQUE", account="1020", clears_after_days=5)
    story.credit_note("k1").refund("r1", on="k1", tender="CHEQUE").payment("p1", tender="CHEQUE")
    assert (story.codes("r1"), objections(story, "p1")) == ([], [("TENDER_NOT_CLEARED", "WAIT", "tender", ["date:2026-03-15"])])
    assert messages(story, "p1") == ["CHEQUE of 2026-03-10 clears on 2026-03-15"]
    assert (story.until("2026-03-14").state("p1"), story.until("2026-03-15").state("p1")) == ("WAITING", "POSTED")


def test_money_that_did_not_stand_or_was_booked_elsewhere_says_so() -> None:
    """A reversal of another sum names both sums."""
    story = Story().shop().reversed("p1").payment("p1").payment("p2", origin="ACCOUNTING").reversed("p3", "40.00").payment("p3")
    assert [messages(story, name) for name in ("p1", "p2", "p3")] == [
        ["the payment was reversed"],
        ["the accounting system recorded it"],
        ["it is 100.00 EUR, its reversal says 40.00 EUR"],
    ]


def test_cash_rounding_of_foreign_money_is_measured_in_the_books_currency() -> None:
    """Two cents at a half are one; without a rate only the rate is missing."""
    rounded = {"totals": {"cash_rounding": "0.02"}, "tenders": [tender("CASH", "100.00")], **USD}
    story = Story().shop(rounding_max="0.01", control={"cash_rounding": "8910", **FX})
    story.invoice("i1", "99.98", exchange_rate="0.50", **rounded).invoice("i2", "99.98", exchange_rate="0.80", **rounded)
    story.invoice("i3", "99.98", **rounded)
    assert [story.codes(name) for name in ("i1", "i2", "i3")] == [[], ["UNBALANCED"], ["FX_RATE_MISSING"]]
    assert objections(story, "i2") == [("UNBALANCED", "HOLD", "totals.cash_rounding", [])]
    assert messages(story, "i2") == ["cash rounding of 0.02 USD exceeds the limit of 0.01"]


def test_a_difference_is_asked_for_when_both_rates_are_known() -> None:
    """Money without a rate is held for that alone."""
    story = Story().shop().invoice("i1", exchange_rate="0.90", **USD).payment("p1", "40.00", on="i1", **USD)
    assert story.codes("p1") == ["FX_RATE_MISSING"]
    home = Story().shop().invoice("i1", exchange_rate="0.90").payment("p1", "40.00", on="i1", exchange_rate="0.95")
    assert "FX_ACCOUNT_MISSING" not in home.codes("p1")


def test_a_sale_that_named_nobody_may_be_taken_back_by_anybody() -> None:
    """Moved from the shared debtor to an account, its credit goes where it was moved, whoever brings the goods back."""
    story = Story().counter(anonymous_class="COUNTER").account("acme").classified("acme", "HOUSE")
    story.defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False)
    story.account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex").invoice("i1", customer=None)
    moved_away = {"from_account": "counter", "to_account": "acme", "date": "2026-03-10", "by": "ann"}
    story.said("balance.transferred", transfer="t1", documents=["i1"], **moved_away)
    story.credit_note("k1", "10.00", original="i1", customer="c2")
    assert (story.codes("k1"), story.receivables("acme")) == ([], {"i1": "90.00"})
