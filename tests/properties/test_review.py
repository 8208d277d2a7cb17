"""What a review found and the engine now keeps: periods, refunds, credits, shared debtors, blocks, the edges of the door."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.eventlog.memory import MemoryLog
from adapters.eventlog.sqlite import SqliteLog
from schemas.events import PostingAuthorised, PostingReversed
from tests.properties.messages import (
    GENERIC,
    SHOP,
    Said,
    account,
    class_,
    classify,
    credit_note,
    customer,
    invoice,
    opened,
    payment,
    period,
    release,
    say,
    void,
)
from tests.properties.shop import Shop, assert_right, overlooked
from tests.properties.test_findings import heard

CASH = [{"tender": "cash", "amount": "12.00"}]
ROLLING = (opened(closed_period="ROLL_FORWARD"), *SHOP[1:])
MERGED = say("account.merged", {"survivor": "g2", "merged": ["g1"]})
REFUND = payment("r1", paid={"n1": 1200}, verb="refund.paid")
CREDITED = (invoice(), credit_note(original="i1"))


def february(verb: str = "opened") -> Said:
    """Say something about the second period of the year."""
    return period(verb, "2026-02", "2026-02-01", "2026-02-28")


def posted(shop: Shop) -> list[PostingAuthorised]:
    """Return every posting of a shop, in order."""
    return [told.event for told in shop.happened if isinstance(told.event, PostingAuthorised)]


def refused(messages: Sequence[Said], last: Said) -> tuple[str, str | None]:
    """Return what a shop that heard messages answers to the last one."""
    shop = heard(*messages)
    receipt = shop.hear(last).receipts[0]
    assert_right(shop)
    return receipt.verdict, receipt.code


def reversal_periods(shop: Shop) -> list[str]:
    """Return the periods that reversals went into."""
    return [posting.period for posting in posted(shop) if isinstance(posting, PostingReversed)]


@pytest.mark.parametrize("kept", ["memory", "sqlite"])
def test_a_huge_exchange_rate_holds_its_document_and_stops_nobody(kept: str, tmp_path: Path) -> None:
    """An amount that is too large in the book's currency is held, and the rest of the batch is taken (M1)."""
    log = MemoryLog() if kept == "memory" else SqliteLog.create(str(tmp_path / "book.db"))
    huge = invoice(nets=(500_000_000_000_000,), currency="USD", exchange_rate="999999999999")
    shop = Shop(log)
    verdicts = {receipt.verdict for receipt in shop.hear(*SHOP, huge, invoice("i2")).receipts}
    assert_right(shop)
    assert (verdicts, shop.codes("document|i1#1"), overlooked(shop)) == ({"ACCEPTED"}, ["AMOUNT_RANGE"], [])
    assert (shop.state("document|i1#1"), shop.state("document|i2#1")) == ("REQUIRES_ATTENTION", "POSTED")


@pytest.mark.parametrize("rate", ["0", "0.00", "-1"])
def test_an_exchange_rate_that_is_not_above_zero_is_no_rate(rate: str) -> None:
    """A rate of zero would make a sale worth nothing in the book's currency (I2)."""
    shop = heard(*SHOP, invoice(currency="USD", exchange_rate=rate))
    assert (shop.state("document|i1#1"), shop.codes("document|i1#1")) == ("REQUIRES_ATTENTION", ["FX_RATE_MISSING"])


def test_a_locked_period_gives_way_to_the_open_one() -> None:
    """Where the book rolls forward, nothing posts into a locked period without an accountant (H2, H5)."""
    shop = heard(*ROLLING, period("locked"), february(), invoice())
    assert [posting.period for posting in posted(shop)] == ["2026-02"]
    assert shop.codes("document|i1#1") == ["PERIOD_ROLLED_FORWARD"]


def test_a_later_period_that_opens_releases_what_a_lock_held() -> None:
    """The open period a document waits for may be declared after the document (H2, H5)."""
    shop = heard(*ROLLING, period("locked"), invoice())
    assert (shop.state("document|i1#1"), shop.codes("document|i1#1")) == ("REQUIRES_ATTENTION", ["PERIOD_LOCKED"])
    shop.hear(february())
    assert_right(shop)
    assert (shop.state("document|i1#1"), [posting.period for posting in posted(shop)]) == ("POSTED", ["2026-02"])


def test_an_accountant_posts_into_the_locked_period_itself() -> None:
    """A release by hand does what it says: the posting goes into the period that was locked (H5)."""
    shop = heard(*SHOP, period("locked"), invoice(), release("i1", "PERIOD_LOCKED"))
    assert [posting.period for posting in posted(shop)] == ["2026-01"]


@pytest.mark.parametrize("verb", ["closed", "locked"])
def test_a_reversal_goes_into_the_open_period(verb: str) -> None:
    """What is closed stays as it is: the void of a sale is booked in the period that is open (H10)."""
    assert reversal_periods(heard(*SHOP, february(), invoice(), period(verb), void())) == ["2026-02"]


def test_a_sale_that_rolled_forward_is_reversed_where_it_was_posted() -> None:
    """A sale and its reversal meet in one period, also when the period of the sale's date was reopened (H10)."""
    rolled = (*ROLLING, period("closed"), february(), invoice())
    assert reversal_periods(heard(*rolled, period("reopened"), void())) == ["2026-02"]
    assert reversal_periods(heard(*rolled, void())) == ["2026-02"]


def test_money_that_goes_back_is_no_deposit() -> None:
    """A refund of kind deposit says two things at once, so it is refused at the door (L1)."""
    assert refused(SHOP, payment(verb="refund.paid", kind="DEPOSIT")) == ("QUARANTINED", "SCHEMA_INVALID")


@pytest.mark.parametrize("before", [(), (payment(paid={"i1": 1200}),)])
def test_nothing_goes_back_on_an_invoice_that_is_not_overpaid(before: tuple[Said, ...]) -> None:
    """An invoice is no credit, paid or not: money goes back for a credit note or for what was paid too much (K6)."""
    shop = heard(*SHOP, invoice(), *before, payment("r1", paid={"i1": 1200}, verb="refund.paid"))
    assert (shop.state("payment|r1#1"), shop.codes("payment|r1#1")) == ("REQUIRES_ATTENTION", ["REFUND_WITHOUT_CREDIT"])


@pytest.mark.parametrize(("back", "state"), [(300, "POSTED"), (301, "REQUIRES_ATTENTION")])
def test_what_was_paid_too_much_goes_back_and_no_more(back: int, state: str) -> None:
    """A refund pays back an overpayment up to its last cent (K6)."""
    paid = payment(amount=1500, paid={"i1": 1500})
    shop = heard(*SHOP, invoice(), paid, payment("r1", back, paid={"i1": back}, verb="refund.paid"))
    assert shop.state("payment|r1#1") == state


def test_a_credit_note_is_paid_back_once() -> None:
    """The second refund of one credit note has nothing left behind it (K6)."""
    shop = heard(*SHOP, *CREDITED, REFUND, payment("r2", paid={"n1": 1200}, verb="refund.paid"))
    assert (shop.state("payment|r1#1"), shop.state("payment|r2#1")) == ("POSTED", "REQUIRES_ATTENTION")
    assert (shop.codes("payment|r2#1"), shop.net("shop|payment|r2")) == (["REFUND_WITHOUT_CREDIT"], {})


def test_a_refund_that_did_not_stand_makes_room_for_another() -> None:
    """What the first refund gives back, the second may take (K6, L10)."""
    taken_back = payment("r1", paid={"n1": 1200}, verb="payment.reversed")
    shop = heard(*SHOP, *CREDITED, REFUND, payment("r2", paid={"n1": 1200}, verb="refund.paid"), taken_back)
    assert (shop.state("payment|r1#1"), shop.state("payment|r2#1"), overlooked(shop)) == ("REVERSED", "POSTED", [])


def test_a_sale_whose_money_went_back_is_not_paid() -> None:
    """A sale on a shared debtor that was held, paid and refunded is unpaid when the block is lifted (C6)."""
    back = payment("r1", paid={"i1": 1200}, verb="refund.paid")
    start = (*GENERIC, customer(version=2, block="INVOICE"), invoice(), payment(paid={"i1": 1200}))
    shop = heard(*start, back, customer(version=3))
    assert shop.codes("document|i1#1") == ["PAYMENT_REQUIRED_FOR_GENERIC"]
    assert (shop.postings, overlooked(shop)) == ({}, [])


def test_a_credit_note_that_grows_takes_its_place_behind_the_others() -> None:
    """An amendment cannot take what another credit note took meanwhile (K3)."""
    notes = (credit_note(nets=(100,), original="i1"), credit_note("n2", (900,), original="i1"))
    shop = heard(*SHOP, invoice(), *notes, credit_note(version=2, original="i1"))
    assert (shop.state("document|n1#1"), shop.state("document|n2#1")) == ("REVERSED", "POSTED")
    assert (shop.state("document|n1#2"), shop.codes("document|n1#2")) == ("REQUIRES_ATTENTION", ["CREDIT_EXCEEDS_INVOICE"])
    shop.hear(void("n2", 2, "credit_note"))
    assert_right(shop)
    assert (shop.state("document|n1#2"), overlooked(shop)) == ("POSTED", [])


def test_a_credit_note_does_not_correct_a_credit_note() -> None:
    """Only an invoice is credited; a credit note is amended or voided (K1)."""
    shop = heard(*SHOP, *CREDITED, credit_note("n2", original="n1"))
    assert (shop.state("document|n2#1"), shop.codes("document|n2#1")) == ("REQUIRES_ATTENTION", ["WAITING_FOR_DEPENDENCY"])
    assert shop.net("shop|document|n2") == {}


def test_a_shared_debtor_that_was_merged_owes_as_its_survivor() -> None:
    """The class may still name the account that is gone: the survivor owes (B15, C5)."""
    shop = heard(*GENERIC, account("g2", generic=True), MERGED, invoice(tenders=CASH))
    assert [posting.account for posting in posted(shop)] == ["g2", "g2"]
    assert shop.codes("document|i1#1") == ["REDIRECTED_TO_SURVIVOR"]


def test_a_merge_releases_what_the_closed_shared_debtor_held() -> None:
    """A sale held because its shared debtor is closed posts on the account it is merged into (B15, C5)."""
    closed = (account("g2", generic=True), account("g1", 2, generic=True, status="CLOSED"), invoice(tenders=CASH))
    shop = heard(*GENERIC, *closed)
    assert "GENERIC_ACCOUNT_UNAVAILABLE" in shop.codes("document|i1#1")
    shop.hear(MERGED)
    assert_right(shop)
    assert ([posting.account for posting in posted(shop)], overlooked(shop)) == (["g2", "g2"], [])


@pytest.mark.parametrize(("tenders", "state"), [([], "REQUIRES_ATTENTION"), (CASH, "POSTED")])
def test_a_return_to_a_shared_debtor_is_settled_whatever_became_of_the_class(tenders: list[object], state: str) -> None:
    """A credit note follows the posting it corrects, so the money goes back also when the class changed since (K2, K7)."""
    sold = (*GENERIC, invoice(tenders=CASH), class_("walk-in", "ACCOUNT", version=2))
    shop = heard(*sold, credit_note(original="i1", tenders=tenders))
    assert (shop.state("document|n1#1"), {posting.account for posting in posted(shop)}) == (state, {"g1"})
    assert shop.codes("document|n1#1") == (["PAYMENT_REQUIRED_FOR_GENERIC"] if state != "POSTED" else [])


def test_a_return_to_an_account_needs_no_money_whatever_became_of_the_class() -> None:
    """The mirror: what was sold on account is credited on account, also when the class became shared (K2, K7)."""
    shared = (account("g1", generic=True), invoice(), class_("trade", "GENERIC", 2, generic_account="g1"))
    shop = heard(*SHOP, *shared, credit_note(original="i1"))
    assert [(posting.route, posting.account) for posting in posted(shop)] == [("ACCOUNT", "a1")] * 2


def test_a_deposit_stays_one_when_the_shared_sale_was_paid_otherwise() -> None:
    """Nothing is left to apply a deposit to, whichever came first, and it stays owed to who made it (L2, L4)."""
    deposit, sold = payment(paid={"i1": 1200}, kind="DEPOSIT"), invoice(tenders=CASH)
    for order in ((deposit, sold), (sold, deposit)):
        shop = heard(*GENERIC, *order)
        assert [shop.state("document|i1#1"), shop.state("payment|p1#1")] == ["POSTED", "POSTED"]
        assert sorted(posting.leg for posting in posted(shop)) == ["document", "payment", "settlement"]
        assert {key[0]: units for key, units in shop.net("shop|payment|p1").items()} == {"1000": 1200, "2100": -1200}


def test_letting_the_customers_block_pass_lets_no_other_block_pass() -> None:
    """A release names who was blocked; a block of the account that came later is not meant (D6, D7)."""
    start = (*SHOP, customer(version=2, block="ALL"), account(version=2, stop_credit=True), invoice())
    shop = heard(*start, release("i1", "CUSTOMER_BLOCKED"))
    assert shop.codes("document|i1#1").count("STOP_CREDIT") == 1
    shop.hear(account(version=3, block="ALL"))
    assert_right(shop)
    assert (shop.state("document|i1#1"), shop.codes("document|i1#1")) == ("REQUIRES_ATTENTION", ["CUSTOMER_BLOCKED"])


@pytest.mark.parametrize(("standing", "code"), [({"block": "ALL"}, "CUSTOMER_BLOCKED"), ({"stop_credit": True}, "STOP_CREDIT")])
def test_a_shared_debtor_hides_no_block_of_the_customers_own_account(standing: dict[str, object], code: str) -> None:
    """Both parties count: a block of the own account holds a sale that a shared debtor would owe (D7, D8)."""
    shop = heard(*GENERIC, account("a1", 2, **standing), invoice(tenders=CASH))
    assert (shop.state("document|i1#1"), shop.codes("document|i1#1")) == ("REQUIRES_ATTENTION", [code])
    shop.hear(account("a1", 3))
    assert_right(shop)
    assert (shop.state("document|i1#1"), overlooked(shop)) == ("POSTED", [])


def test_a_reversal_of_another_amount_is_refused() -> None:
    """A payment that did not stand did not stand as a whole; a part that goes back is a refund (L10)."""
    assert refused((*SHOP, payment()), payment(amount=500, verb="payment.reversed")) == ("QUARANTINED", "REVERSAL_DIFFERS")


def test_money_taken_on_a_sale_of_nothing_is_seen() -> None:
    """A sale of nothing is left out of the books, but not when money was taken with it (F15)."""
    line = {"line": 1, "description": "Mug", "net": "0.00", "tax": [], "product_class": "mugs"}
    totals = {"net": "0.00", "tax": "0.00", "gross": "0.00"}
    assert heard(*SHOP, invoice(lines=[line], totals=totals)).state("document|i1#1") == "EXCLUDED"
    shop = heard(*SHOP, invoice(lines=[line], totals=totals, tenders=CASH))
    assert (shop.state("document|i1#1"), "ZERO_VALUE" in shop.codes("document|i1#1")) == ("REQUIRES_ATTENTION", False)


def test_the_spacing_of_a_message_is_not_its_content() -> None:
    """The same message written with other blanks and line ends was said before (A2)."""
    shop = heard(*SHOP, invoice())
    head = shop.log.head()
    receipt = shop.hear(Said(json.dumps(json.loads(invoice()), indent=1).encode())).receipts[0]
    assert (receipt.verdict, shop.log.head()) == ("DUPLICATE", head)
    assert_right(shop)


def test_a_class_that_was_taken_away_gives_no_terms() -> None:
    """Terms are copied from a class the account has (C12): said together or one by one, nothing differs."""
    said = [opened(), account("a1"), classify("a1", "walk"), classify("a1", "trade"), class_("walk", "ACCOUNT")]
    together, apart = Shop(), heard(*said)
    together.hear(*said)
    assert [recorded.kind for recorded in together.log.read(0, 100)] == [recorded.kind for recorded in apart.log.read(0, 100)]


def test_a_posted_deposit_is_not_taken_for_one_that_waits() -> None:
    """A deposit stands as posted while its document is unknown; closing its period does not make it overlooked (I7)."""
    shop = heard(*SHOP, payment(paid={"i1": 1200}, kind="DEPOSIT"), period("closed"))
    assert overlooked(shop) == []
