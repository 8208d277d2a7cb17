"""Rows of families K, L and I9: money that settles, at what it is worth, and what counts as paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.firewall.facts import Facts
from schemas.values import major
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.test_batches import checked
from tests.said import CARD, CASH, DEPOSITS, RECEIVABLE, REVENUE, ROUNDING, Saying

FX = {"fx_difference": "7900"}
USD = {"currency": "USD"}
MARCH = ("2026-03", "2026-03-01", "2026-03-31")


def base_of(story: Story, account: str, party: str = "") -> int:
    """Return what a ledger account has in the book's currency, in minor units."""
    lines = [line for posting in story.journals() for line in posting.lines]
    found = [line for line in lines if (line.account, line.party or "") == (account, party)]
    return sum(line.base_amount if line.side == "D" else -line.base_amount for line in found)


def open_of(story: Story, account: str = "acme") -> dict[str, tuple[int, int]]:
    """Return what is open on an account, by document, in both currencies."""
    with story.log.writing(dry=True) as writing:
        return {row.document: (row.open, row.base_open) for row in writing.receivables(story.name, account)}


def test_what_was_paid_before_an_amendment_into_another_currency_stands_in_its_own() -> None:
    """110 euros came for what is 60 dollars now: a credit of 110 euros, and 60 dollars that dollars close at their own rate."""
    story = Story().shop(control=FX).invoice("i1", "110.00").payment("p1", "110.00", on="i1")
    story.amended("i1", net="60.00", exchange_rate="1.25", **USD)
    assert story.receivables("acme") == {"i1 EUR": "-110.00", "i1 USD": "60.00"}
    story.payment("p2", "60.00", on="i1", exchange_rate="1.20", **USD)
    assert (story.receivables("acme"), base_of(story, "7900")) == ({"i1": "-110.00"}, 300)
    assert story.reversed("p1", "110.00").receivables("acme") == {}
    assert checked(story.log) == []


@covers("I9")
def test_a_payment_at_another_rate_realises_the_difference() -> None:
    """100 dollars sold at 0.90 and paid at 0.95 are 90 owed and 95 taken: 5 euros are a gain, and nothing is open."""
    story = (
        Story().shop(control=FX).invoice("i1", exchange_rate="0.90", **USD).payment("p1", on="i1", exchange_rate="0.95", **USD)
    )
    assert story.postings("p1") == [("D", CASH, "", "100.00"), ("C", "7900", "", "0.00"), ("C", RECEIVABLE, "acme", "100.00")]
    assert (base_of(story, CASH), base_of(story, "7900"), base_of(story, RECEIVABLE, "acme")) == (9500, -500, 0)
    assert open_of(story) == {}


@covers("I9")
def test_the_account_of_the_debtor_goes_before_the_book_s() -> None:
    """A loss goes to the debtor's own account for differences, where it has one."""
    story = Story().shop(control=FX).account("acme", version=2, fx_account="7901")
    story.invoice("i1", exchange_rate="0.90", **USD).payment("p1", "50.00", on="i1", exchange_rate="0.80", **USD)
    assert (base_of(story, "7901"), base_of(story, "7900"), open_of(story)) == (500, 0, {"i1": (5000, 4500)})


@covers("I6", "I9")
def test_the_rounding_of_lines_does_not_stay_open() -> None:
    """23.00 at 0.4007 is 9.21 line by line and 9.22 as a whole: the cent is rounding, and no account for differences is asked."""
    lines = [said.line("20.00"), said.line("3.00")]
    story = Story().shop().invoice("i1", lines=lines, exchange_rate="0.4007", **USD)
    story.payment("p1", "23.00", on="i1", exchange_rate="0.4007", **USD)
    assert (base_of(story, ROUNDING), open_of(story)) == (-1, {})
    till = Story().shop().invoice("i1", lines=lines, tenders=[said.tender("CASH", "23.00")], exchange_rate="0.4007", **USD)
    assert (base_of(till, ROUNDING), base_of(till, CASH), open_of(till)) == (-1, 922, {})


@covers("I9")
def test_a_deposit_and_a_credit_close_at_the_rate_of_the_invoice() -> None:
    """A deposit of another rate, and a credit note of another, leave nothing open in either currency."""
    story = Story().shop(control=FX).deposit("d1", "60.00", on="i1", exchange_rate="0.80", **USD)
    story.invoice("i1", exchange_rate="0.90", **USD).credit_note("k1", "40.00", original="i1", exchange_rate="1.00", **USD)
    assert (open_of(story), base_of(story, DEPOSITS, "acme"), base_of(story, "7900")) == ({}, 0, 600 - 400)


@covers("I9")
def test_a_refund_closes_what_was_overpaid_at_its_rate() -> None:
    """110 paid of 100: the 10 too many stand at the rate they came at, and going back at another is a difference again."""
    story = Story().shop(control=FX).invoice("i1", exchange_rate="0.90", **USD)
    story.payment("p1", "110.00", on="i1", exchange_rate="0.95", **USD)
    assert open_of(story) == {"i1": (-1000, -950)}
    story.refund("r1", "10.00", on="i1", exchange_rate="1.00", **USD)
    assert (story.state("r1"), open_of(story), base_of(story, "7900")) == ("POSTED", {}, -500 + 50)


@covers("I9")
def test_a_credit_without_an_account_for_differences_is_held() -> None:
    """A credit note at another rate needs the account as a payment does; opening one releases it."""
    story = (
        Story().shop().invoice("i1", exchange_rate="0.90", **USD).credit_note("k1", original="i1", exchange_rate="0.95", **USD)
    )
    assert story.codes("k1") == ["FX_ACCOUNT_MISSING"]
    story.then_released_by("k1", said.account("acme", version=2, fx_account="7900"))
    assert open_of(story) == {}


RATES = st.sampled_from(["0.90", "0.95", "1.00", "1.0837", "1.3333", "2.5"])


@given(st.integers(1, 50_000), RATES, st.lists(st.tuples(st.integers(1, 100), RATES), min_size=1, max_size=6))
def test_nothing_is_open_in_base_exactly_when_nothing_is_open(gross: int, rate: str, parts: list[tuple[int, str]]) -> None:
    """Whatever part is paid at whatever rate, in the end both are zero; before, neither is."""
    story = Story().shop(control=FX).invoice("i1", major(gross, "USD"), exchange_rate=rate, **USD)
    left = gross
    for number, (share, other) in enumerate([*parts, (100, rate)]):
        paid = left if number == len(parts) else left * share // 100
        if paid:
            story.payment(f"p{number}", major(paid, "USD"), on="i1", exchange_rate=other, **USD)
            left -= paid
            still = open_of(story).get("i1", (0, 0))
            assert still[0] == left
            assert (still[1] == 0) == (left == 0) or abs(still[1]) <= 1
    assert left == 0
    assert base_of(story, RECEIVABLE, "acme") == 0


@covers("I8")
def test_cash_rounding_has_a_line_in_the_settlement() -> None:
    """99.98 are paid with 100.00 in coins: 0.02 go to the account for it, nothing is open, and 'paid' is in tolerance."""
    story = Story().shop(rounding_max="0.02", control={"cash_rounding": "8910"})
    story.invoice("i1", "99.98", totals={"cash_rounding": "0.02"}, tenders=[said.tender("CASH", "100.00")], status="PAID")
    assert [posting.leg for posting in story.journals("i1")] == ["document", "settlement"]
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-99.98", ("8910", ""): "-0.02"}
    down = Story().counter(rounding_max="0.02", control={"cash_rounding": "8910"})
    down.invoice("i1", "100.02", totals={"cash_rounding": "-0.02"}, tenders=[said.tender("CASH", "100.00")])
    assert down.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.02", ("8910", ""): "0.02"}


@covers("I8")
def test_cash_rounding_has_a_limit() -> None:
    """A cent more than the book rounds is held."""
    story = Story().shop(rounding_max="0.01", control={"cash_rounding": "8910"})
    story.invoice("i1", "99.98", totals={"cash_rounding": "0.02"}, tenders=[said.tender("CASH", "100.00")])
    assert story.codes("i1") == ["UNBALANCED"]


@covers("L9")
def test_a_gift_card_never_falls_back_on_revenue() -> None:
    """Without a place of its own it is held; with one it is a liability until it pays for something."""
    card = [said.line("50.00", gift_card=True)]
    story = Story().counter().invoice("i1", lines=card, tenders=[said.tender("CASH", "50.00")])
    assert story.codes("i1") == ["REVENUE_ACCOUNT_UNMAPPED"]
    story.then_released_by("i1", said.mapping("revenue", "gift_card", account="2400"))
    assert story.ledger() == {(CASH, ""): "50.00", ("2400", ""): "-50.00"}
    story.mapped("tender", "GIFT", account="2400", liability=True).invoice("i2", "50.00", tenders=[said.tender("GIFT", "50.00")])
    assert story.ledger() == {(CASH, ""): "50.00", (REVENUE, ""): "-50.00"}


@covers("L7", "L8")
def test_money_goes_back_through_its_own_account_where_it_has_one() -> None:
    """A refund by card posts to the account for refunds; the fee of a payment is a cost of its own."""
    story = Story().shop().mapped("tender", "CARD", account=CARD, refund_account="1011", fee_account="6110").invoice("i1")
    story.payment("p1", on="i1", tender="CARD", fee="1.50").credit_note("k1", original="i1").refund("r1", on="k1", tender="CARD")
    assert story.postings("r1") == [("D", RECEIVABLE, "acme", "100.00"), ("C", "1011", "", "100.00")]
    assert story.ledger() == {(CARD, ""): "98.50", ("6110", ""): "1.50", ("1011", ""): "-100.00"}


@covers("L3")
def test_a_held_payment_does_not_count() -> None:
    """Its tender has no account, so nobody knows where the money is: the sale waits for it, and both post when it is mapped."""
    story = Story().counter().payment("p1", on="i1", tender="VOUCHER").invoice("i1")
    assert (story.codes("i1"), story.codes("p1")) == (
        ["PAYMENT_REQUIRED_FOR_GENERIC"],
        ["WAITING_FOR_DEPENDENCY", "TENDER_UNMAPPED"][::-1],
    )
    assert story.mapped("tender", "VOUCHER", account="1090").posted_now() == ["i1", "p1"]
    assert story.ledger() == {("1090", ""): "100.00", (REVENUE, ""): "-100.00"}


@covers("L3", "L11")
def test_a_payment_that_has_not_cleared_does_not_count() -> None:
    """A cheque pays a sale on a shared debtor when it has cleared."""
    story = Story().counter().mapped("tender", "CHEQUE", account="1020", clears_after_days=3).invoice("i1")
    story.payment("p1", on="i1", tender="CHEQUE")
    assert story.codes("i1") == ["PAYMENT_REQUIRED_FOR_GENERIC"]
    assert story.until("2026-03-13").posted_now() == ["i1", "p1"]


@covers("L3")
def test_one_payment_of_two_shared_sales_releases_both() -> None:
    """It waits for both, and each counts it: neither waits for the other."""
    story = Story().counter().invoice("i1", "60.00").invoice("i2", "40.00").payment("p1", on={"i1": "60.00", "i2": "40.00"})
    assert sorted(story.posted_now()) == ["i1", "i2", "p1"]


@covers("L4")
def test_an_overpayment_stays_with_the_customer() -> None:
    """Edge case 43: on an account of its own the rest is a credit; a shared debtor takes none."""
    story = Story().shop().invoice("i1").payment("p1", "120.00", on={"i1": "100.00"})
    assert (story.state("p1"), story.receivables("acme")) == ("POSTED", {"payment:p1": "-20.00"})
    shared = Story().counter().invoice("i1").payment("p1", "120.00", on={"i1": "100.00"})
    assert shared.codes("p1") == ["OVERPAYMENT_ON_GENERIC", "WAITING_FOR_DEPENDENCY"][::-1]


@covers("L4")
def test_what_went_back_of_an_overpayment_lets_it_post() -> None:
    """100.01 for 100.00 on a shared debtor: the cent goes back, and sale, payment and refund post together."""
    story = Story().counter().payment("p1", "100.01", on="i1").invoice("i1").refund("r1", "0.01", on="i1")
    assert sorted(story.posted_now()) == ["i1", "p1", "r1"]
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


@covers("L1", "L2")
def test_a_deposit_is_applied_when_its_own_period_is_closed() -> None:
    """The money came in March, the invoice comes when March is closed: the application goes into the first open period."""
    story = Story(on="2026-04-02").shop().deposit("d1", "60.00", on="i1").period(*MARCH, verb="closed")
    story.period("2026-04", "2026-04-01", "2026-04-30").mapped("ledger_account", CASH, status="CLOSED")
    story.invoice("i1", date="2026-04-02")
    assert [(posting.leg, posting.period) for posting in story.journals("d1")] == [
        ("payment", "2026-03"),
        ("applied:i1", "2026-04"),
    ]
    assert story.receivables("acme") == {"i1": "40.00"}


@covers("L2")
def test_a_deposit_waits_for_the_account_it_is_kept_on() -> None:
    """The liability's ledger account is closed: the deposit is applied when it is open again."""
    story = Story().shop().deposit("d1", "60.00", on="i1").mapped("ledger_account", DEPOSITS, status="CLOSED").invoice("i1")
    assert (story.receivables("acme"), story.codes("d1")) == (
        {"i1": "100.00", "payment:d1": "-60.00"},
        ["GL_ACCOUNT_UNPOSTABLE"],
    )
    story.mapped("ledger_account", DEPOSITS, status="OPEN")
    assert story.receivables("acme") == {"i1": "40.00"}


@covers("L6")
def test_a_merge_of_customers_with_two_accounts_is_decided_by_a_person() -> None:
    """Edge cases 18 and 19: accounts merged are one debtor; customers merged whose accounts are two are held."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex").invoice("i1")
    story.said("customer.merged", survivor="c2", merged=["c1"]).payment("p1", on="i1")
    assert story.codes("p1") == ["REDIRECTED_TO_SURVIVOR", "PAYMENT_CUSTOMER_MISMATCH"]
    story.said("account.merged", survivor="globex", merged=["acme"])
    assert story.state("p1") == "POSTED"


@covers("L10")
def test_a_chargeback_opens_the_invoice_again() -> None:
    """The journal is reversed and the whole invoice is open; a refund of what is not overpaid any more is held."""
    story = Story().shop().invoice("i1").payment("p1", on="i1")
    assert story.receivables("acme") == {}
    story.reversed("p1")
    assert (story.state("i1"), story.receivables("acme")) == ("POSTED", {"i1": "100.00"})
    assert story.payment("p2", on="i1").receivables("acme") == {}


@covers("L10", "E8")
def test_credit_is_checked_against_what_a_chargeback_opened() -> None:
    """100 of 150 are used again after the reversal: the next 100 exceed the limit."""
    story = Story().shop().account("acme", version=2, credit={"limit": "150.00", "mode": "WARN_AND_BLOCK"}).invoice("i1")
    story.payment("p1", on="i1").reversed("p1").invoice("i2")
    assert story.codes("i2") == ["CREDIT_LIMIT_EXCEEDED"]


@covers("L10")
def test_a_reversal_of_another_sum_never_takes_a_payment_back() -> None:
    """Come first, it holds the payment until somebody decides or the right reversal comes; come later, it is refused."""
    story = Story().shop().reversed("p1", "40.00").payment("p1")
    assert (story.codes("p1"), story.reversed("p1").state("p1"), story.ledger()) == (["REVERSAL_DIFFERS"], "CANCELLED", {})
    released = Story().shop().reversed("p1", "40.00").payment("p1").released("payment:p1", "REVERSAL_DIFFERS")
    assert (released.state("p1"), released.reversed("p1").state("p1"), released.ledger()) == ("POSTED", "REVERSED", {})


@covers("L12")
def test_money_that_accounting_booked_settles_and_is_not_echoed() -> None:
    """It has no journal of ours, its document is settled, and what it leaves is a credit; a shared sale counts it as paid."""
    story = Story().shop().invoice("i1").payment("p1", "120.00", on={"i1": "100.00"}, origin="ACCOUNTING", tender="UNKNOWN")
    assert (story.state("p1"), story.journals("p1"), story.receivables("acme")) == ("EXCLUDED", [], {"payment:p1": "-20.00"})
    assert story.ledger()[RECEIVABLE, "acme"] == "100.00"
    story.reversed("p1", "120.00")
    assert (story.state("p1"), story.receivables("acme")) == ("CANCELLED", {"i1": "100.00"})
    shared = Story().counter().invoice("i1").payment("p1", on="i1", origin="ACCOUNTING")
    assert (shared.state("i1"), shared.state("p1"), shared.receivables("counter")) == ("POSTED", "EXCLUDED", {})


@covers("L12")
def test_money_that_accounting_booked_waits_for_its_document() -> None:
    """Come first, it settles when the invoice posts; said twice with other content it settles nothing."""
    story = Story().shop().payment("p1", "60.00", on="i1", origin="ACCOUNTING")
    assert story.state("p1") == "WAITING"
    assert (story.invoice("i1").state("p1"), story.receivables("acme")) == ("EXCLUDED", {"i1": "40.00"})
    assert (story.payment("p1", "70.00", on="i1").codes("p1"), story.receivables("acme")) == (
        ["DOCUMENT_CONFLICT", "BOOKED_IN_ACCOUNTING"],
        {"i1": "100.00"},
    )


@covers("A9")
def test_money_of_an_invoice_from_before_the_cut_over_has_an_account() -> None:
    """Edge case 67: the invoice is excluded, its payment goes to the account for that, also where it pays a new one too."""
    story = Story().shop(cutover="2026-03-01", control={"cutover": "1190"}).invoice("old", date="2026-02-20").invoice("i1")
    story.payment("p1", on="old").payment("p2", "130.00", on={"old": "30.00", "i1": "100.00"})
    assert story.postings("p1") == [("D", CASH, "", "100.00"), ("C", "1190", "", "100.00")]
    assert story.ledger() == {(CASH, ""): "230.00", ("1190", ""): "-130.00", (REVENUE, ""): "-100.00"}
    assert story.receivables("acme") == {}


@covers("A9", "L3")
@pytest.mark.parametrize("customer", ["c1", "unknown"])
def test_money_that_came_before_its_document_of_the_old_system_posts_when_that_comes(customer: str) -> None:
    """It waits for the document; that is from before the cut-over, whatever else is said of it, and lets it go at once."""
    story = Story().shop(cutover="2026-03-01", control={"cutover": "1190"}).payment("p1", on="old")
    assert story.state("p1") == "WAITING"
    assert story.invoice("old", date="2026-02-20", customer=customer).posted_now() == ["p1"]
    assert story.postings("p1") == [("D", CASH, "", "100.00"), ("C", "1190", "", "100.00")]


@covers("A9")
def test_money_of_an_old_invoice_waits_where_the_book_has_no_account_for_it() -> None:
    """It posts when somebody releases the invoice; of an unlinked customer with the account, it is held for the link."""
    story = Story().shop(cutover="2026-03-01").invoice("old", date="2026-02-20").payment("p1", on="old")
    assert (story.state("p1"), "cut-over" in story.decision("p1").reasons[0].message) == ("WAITING", True)
    assert story.released("old", "BEFORE_CUTOVER").state("p1") == "POSTED"
    unlinked = Story().shop(cutover="2026-03-01", control={"cutover": "1190"}).said("link.removed", customer="c1")
    unlinked.invoice("old", date="2026-02-20").payment("p1", on="old")
    assert unlinked.codes("p1") == ["LINK_MISSING"]
    assert unlinked.linked("c1", "acme").state("p1") == "POSTED"


@covers("K2", "L6")
def test_corrections_of_somebody_unlinked_wait_for_a_link() -> None:
    """A credit note that names another customer without an account is held, and posts when that is the debtor's too."""
    story = Story().shop().invoice("i1").customer("c2").credit_note("k1", "10.00", original="i1", customer="c2")
    assert story.codes("k1") == ["CREDIT_CUSTOMER_MISMATCH"]
    assert story.linked("c2", "acme").posted_now() == ["k1"]
    assert Story().shop().invoice("i1").credit_note("k1", original="i1", customer=None).state("k1") == "POSTED"
    paid = [said.tender("CASH", "100.00")]
    shared = Story().counter().account("acme").customer("c2").linked("c2", "acme").invoice("i1", tenders=paid)
    assert shared.credit_note("k1", original="i1", customer="c2", tenders=paid).state("k1") == "POSTED"


@covers("K3")
def test_lines_are_credited_once_together() -> None:
    """Two credit notes of one line take no more than it had with its tax; an unknown line has nothing to take."""
    sold = [said.line("60.00", tax="12.00"), said.line("40.00")]
    story = (
        Story()
        .shop()
        .invoice("i1", lines=sold)
        .credit_note("k1", lines=[said.line("50.00", tax="10.00", original_line=1)], original="i1")
    )
    story.credit_note("k2", lines=[said.line("12.01", original_line=1)], original="i1")
    story.credit_note("k3", lines=[said.line("0.01", original_line=3)], original="i1")
    assert [story.codes(name) for name in ("k1", "k2", "k3")] == [[], ["CREDIT_EXCEEDS_INVOICE"], ["CREDIT_EXCEEDS_INVOICE"]]
    assert story.decision("k2").reasons[0].path == "lines.1"
    assert story.voided("k1").state("k2") == "POSTED"


@covers("K6", "K8")
def test_a_refund_is_never_skipped() -> None:
    """Edge case 39: money that goes back is on record whatever is missing: held alone, posted behind a credit or overpayment."""
    story = Story().shop().invoice("i1").refund("r1", "5.00").payment("p1", "110.00", on={"i1": "110.00"})
    story.refund("r2", "10.00", on="i1").refund("r3", "0.01", on="i1")
    assert [story.state(name) for name in ("r1", "r2", "r3")] == ["REQUIRES_ATTENTION", "POSTED", "REQUIRES_ATTENTION"]
    assert story.receivables("acme") == {}


@covers("K7")
def test_a_shared_credit_is_refunded_to_the_cent() -> None:
    """A return on the counter is held until all of it went back."""
    story = Story().counter().invoice("i1", tenders=[said.tender("CASH", "100.00")]).credit_note("k1", "30.00", original="i1")
    assert story.refund("r1", "29.99", on="k1").codes("k1") == ["PAYMENT_REQUIRED_FOR_GENERIC"]
    assert sorted(story.refund("r2", "0.01", on="k1").posted_now()) == ["k1", "r1", "r2"]
    assert story.receivables("counter") == {}


@covers("K4")
def test_a_credit_beyond_what_is_open_is_told_on_accounts_of_one_customer_only() -> None:
    """On a shared debtor it must be refunded instead, and what was refunded at the till is not left over."""
    shared = Story().counter().invoice("i1", tenders=[said.tender("CASH", "100.00")])
    shared.credit_note("k1", original="i1", tenders=[said.tender("CASH", "100.00")])
    own = (
        Story()
        .shop()
        .invoice("i1")
        .payment("p1", on="i1")
        .credit_note("k1", original="i1", tenders=[said.tender("CASH", "100.00")])
    )
    assert [(story.state("k1"), story.codes("k1")) for story in (shared, own)] == [("POSTED", [])] * 2


@covers("C6")
def test_a_shared_sale_paid_in_part_may_move_to_an_account() -> None:
    """Edge case 16: it is held; given an account of its own, the sale and the payment post there, and the rest is open."""
    story = Story().counter().invoice("i1").payment("p1", "60.00", on="i1")
    assert story.codes("i1") == ["PAYMENT_REQUIRED_FOR_GENERIC"]
    assert story.defined("HOUSE").assigned("walkers", "HOUSE").posted_now() == ["i1", "p1"]
    assert story.receivables("walkers") == {"i1": "40.00"}


def test_facts_of_the_books_own_currency_ask_for_nothing_open() -> None:
    """Only foreign money looks up what is open: the rest costs no look-up."""
    facts: Facts = Story().shop().invoice("i1").payment("p1", on="i1").facts("p1", "payment")
    assert (facts.foreign, facts.opens) == (False, {})


@covers("L2")
@pytest.mark.parametrize(
    "gone",
    [said.say("class.unassigned", account="acme", class_="HOUSE"), said.say("link.removed", customer="c1")],
    ids=["class", "link"],
)
def test_a_deposit_that_stands_is_applied_whatever_became_of_who_made_it(gone: Saying) -> None:
    """It keeps the account and class it was posted under, pays another's sale too, and is a liability again after its void."""
    story = Story().shop().account("globex").classified("globex", "OTHER").customer("c2").linked("c2", "globex")
    story.deposit("d1", "50.00", on="i1").say(gone).invoice("i1", customer="c2")
    assert [posting.kind for posting in story.journals("d1")] == ["DEPOSIT", "DEPOSIT_APPLIED"]
    assert story.receivables("globex") == {"i1": "50.00"}
    story.voided("i1")
    kept = story.decision("d1")
    assert (kept.state, kept.account, kept.class_, kept.route) == ("POSTED", "acme", "HOUSE", "ACCOUNT")
    assert story.ledger() == {(CASH, ""): "50.00", (DEPOSITS, "acme"): "-50.00"}
