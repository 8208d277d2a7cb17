"""Counterexamples that the search found, as short as they get: each is a law that must hold, and once did not."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.properties.messages import (
    GENERIC,
    MAPPINGS,
    SHOP,
    Said,
    account,
    class_,
    classify,
    credit_note,
    customer,
    invoice,
    link,
    mapping,
    opened,
    payment,
    release,
    renamed,
    sale,
    say,
    unlink,
    void,
)
from tests.properties.shop import Shop, assert_right, overlooked

SHARED = (account("g1", generic=True), class_("walk-in", "GENERIC", generic_account="g1"))
SECOND = (account("a2"), customer("c2"), link("c2", "a2"), classify("a2"))


def heard(*messages: Said) -> Shop:
    """Return a shop that heard messages one by one, with nothing wrong after any of them."""
    shop = Shop()
    for message in messages:
        shop.hear(message)
        assert_right(shop)
    return shop


def test_one_message_id_with_two_contents_is_a_conflict_and_no_crash() -> None:
    """The same source and id, the same version, other content: the document is held, and the batch goes on (A3, row 56)."""
    said = [say("invoice.issued", sale(nets=nets), id_="x") for nets in ((1000,), (500,))]
    shop = heard(*SHOP, *said, invoice("i2"))
    assert (shop.state("document|i1#1"), shop.net("shop|document|i1")) == ("REQUIRES_ATTENTION", {})
    assert "DOCUMENT_CONFLICT" in shop.codes("document|i1#1")
    assert shop.state("document|i2#1") == "POSTED"


def test_a_payment_that_was_reversed_stays_conserved_when_it_is_disputed() -> None:
    """A second content of a payment that did not stand gives it no second state."""
    heard(*SHOP, payment(), payment(verb="payment.reversed"), payment(amount=500))


def test_a_voided_credit_note_makes_room_for_another() -> None:
    """What was credited and voided is not credited any more."""
    shop = heard(*SHOP, invoice(), credit_note(original="i1"), void("n1", 2, "credit_note"), credit_note("n2", original="i1"))
    assert shop.state("document|n2#1") == "POSTED"


def test_a_credit_note_that_is_voided_releases_the_one_that_waited() -> None:
    """The void is the fact that the second credit note waited for."""
    shop = heard(*SHOP, invoice(), credit_note(original="i1"), credit_note("n2", original="i1"), void("n1", 2, "credit_note"))
    assert (shop.state("document|n2#1"), overlooked(shop)) == ("POSTED", [])


def test_a_credit_note_that_changes_its_original_frees_the_first() -> None:
    """A credit of one invoice that is amended into a credit of another counts against the other only."""
    moved = (credit_note(original="i1"), credit_note(version=2, original="i2"))
    shop = heard(*SHOP, invoice(), invoice("i2"), *moved, credit_note("n2", original="i1"))
    assert shop.state("document|n2#1") == "POSTED"


def test_a_release_by_hand_releases_what_followed() -> None:
    """The payment of a document that somebody let pass is posted with it."""
    shop = heard(*SHOP, account(version=2, stop_credit=True), invoice(), payment(paid={"i1": 1200}), release("i1", "STOP_CREDIT"))
    assert (shop.state("document|i1#1"), shop.state("payment|p1#1"), overlooked(shop)) == ("POSTED", "POSTED", [])


def test_a_version_that_voids_and_amends_is_a_conflict() -> None:
    """A void and an amendment under one version contradict each other in every order (A3), and nothing stands."""
    for order in permutations([invoice(), invoice(version=2), void()]):
        shop = heard(*SHOP, *order)
        assert shop.states_of["shop|document|i1#2"] == "REQUIRES_ATTENTION"
        assert shop.net("shop|document|i1") == {}


def test_a_deposit_over_two_debtors_is_the_same_in_every_order() -> None:
    """Whether money came before the documents or after them makes no difference to what is posted."""
    deposit = payment(amount=2400, paid={"i1": 1200, "i2": 1200}, kind="DEPOSIT")
    shops = [heard(*SHOP, *SECOND, *order) for order in permutations([invoice(), invoice("i2", customer="c2"), deposit])]
    assert all(shop.postings == shops[0].postings for shop in shops)


@pytest.mark.parametrize("kind", ["PAYMENT", "DEPOSIT"])
def test_money_in_another_currency_is_the_same_in_every_order(kind: str) -> None:
    """A sale in dollars that somebody wants to settle in euros comes out the same, whichever came first."""
    messages = [invoice(currency="USD", exchange_rate="0.9"), payment(paid={"i1": 1200}, kind=kind)]
    one, other = (heard(*SHOP, *order) for order in (messages, messages[::-1]))
    assert (one.postings, one.states_of) == (other.postings, other.states_of)


def test_another_class_releases_what_the_first_one_held() -> None:
    """An unpaid sale on a shared debtor posts when the account gets a class of its own, as the remedy says."""
    shop = heard(*SHOP[:-1], *SHARED, classify("a1", "walk-in"), invoice(), classify("a1", "trade"))
    assert (shop.state("document|i1#1"), overlooked(shop)) == ("POSTED", [])


def test_a_defined_class_replaces_one_that_never_was() -> None:
    """A sale held for an unknown class posts when the account gets a class that is known."""
    shop = heard(*SHOP[:-1], classify("a1", "unheard-of"), invoice(), classify())
    assert (shop.state("document|i1#1"), overlooked(shop)) == ("POSTED", [])


def test_another_link_releases_what_a_shared_debtor_held() -> None:
    """An unpaid sale on a shared debtor posts when its customer is linked to an account of its own, as the remedy says."""
    start = (*SHOP[:-2], classify(), account("a2"), *SHARED, classify("a2", "walk-in"), link("c1", "a2"), invoice())
    shop = heard(*start, unlink(), link("c1", "a1"))
    assert (shop.state("document|i1#1"), overlooked(shop)) == ("POSTED", [])


def test_disputed_money_settles_nothing() -> None:
    """Which of two contents of a payment came first does not decide whether a sale on a shared debtor is paid."""
    money = [payment(paid={"i1": 1200}), payment(paid={"i1": 600})]
    shops = [heard(*GENERIC, *order, invoice()) for order in permutations(money)]
    assert shops[0].states_of == shops[1].states_of
    assert shops[0].postings == shops[1].postings == {}


def test_a_deposit_is_paid_out_of_the_liability_it_made() -> None:
    """A deposit that is applied leaves nothing on the deposits account of anybody, also when the customer was linked anew."""
    start = (*SHOP, account("a2"), classify("a2"), payment(paid={"i1": 1200}, kind="DEPOSIT"))
    shop = heard(*start, unlink(), link("c1", "a2"), invoice())
    assert [key for key in shop.net("shop|payment|p1") if key[0] == "2100"] == []


def test_a_deposit_for_the_document_of_another_leaves_no_liability() -> None:
    """The same holds when one customer pays for another's document."""
    shop = heard(*SHOP, *SECOND, payment(paid={"i2": 1200}, kind="DEPOSIT"), invoice("i2", customer="c2"))
    assert [key for key in shop.net("shop|payment|p1") if key[0] == "2100"] == []


def test_a_long_line_of_merges_holds_the_document_and_stops_nobody() -> None:
    """Whatever is said about customers, a batch is decided to its end."""
    merges = [say("customer.merged", {"survivor": f"m{n + 1}", "merged": [f"m{n}"]}) for n in range(1, 14)]
    shop = heard(*SHOP, *merges, invoice(customer="m1"), invoice("i2"))
    assert (shop.standing["shop|document|i1#1"], shop.state("document|i2#1")) == ("held", "POSTED")


def test_a_document_that_waits_hears_of_new_reasons() -> None:
    """What is shown as waiting by itself is not held by something else: the state is the same in every order."""
    start = (opened(anonymous_class="walk-in"), *MAPPINGS, account("g1", generic=True))
    sales = (invoice(nets=(1,), customer=None), credit_note(nets=(1,), customer=None, original="i1"))
    shared = class_("walk-in", "GENERIC", generic_account="g1")
    assert heard(*start, shared, *sales).states_of == heard(*start, *sales, shared).states_of


def test_a_credit_in_another_currency_does_not_count_against_its_invoice() -> None:
    """A credit note has the currency of what it corrects, or a person looks at it."""
    shop = heard(*SHOP, invoice(), credit_note(original="i1", currency="USD", exchange_rate="1"))
    assert shop.state("document|n1#1") == "REQUIRES_ATTENTION"


def test_an_old_mapping_said_again_is_silent() -> None:
    """A definition that is still in force is no news, also when a later day has another one."""
    first, later = (
        mapping("revenue", "mugs", account="4000"),
        say("mapping.defined", {"kind": "revenue", "key": "mugs", "value": {"account": "4100"}, "effective_from": "2026-02-01"}),
    )
    shop = heard(*SHOP, later)
    head = shop.log.head()
    assert (shop.hear(renamed(first, "again")).receipts[0].verdict, shop.log.head()) == ("DUPLICATE", head)


def test_the_disputed_content_is_kept() -> None:
    """Both contents of a version that was said twice can be read from the log: nobody can mend what nobody can see."""
    heard_ = heard(*SHOP, invoice(nets=(1000,)), invoice(nets=(543,)))
    assert any(b"5.43" in recorded.state for recorded in heard_.log.read(0, 1_000))


def test_every_credit_beyond_the_invoice_is_the_same_in_every_order() -> None:
    """Two full credits that came before their invoice, or after it: one of them posts."""
    notes = (credit_note(original="i1"), credit_note("n2", original="i1"))
    for order in permutations([invoice(), *notes]):
        shop = heard(*SHOP, *order)
        assert sorted(shop.states_of.values()) == ["POSTED", "POSTED", "REQUIRES_ATTENTION"]


def test_foreign_sales_with_returns_balance() -> None:
    """A journal whose lines round the other way in the book's currency than in its own still posts, balanced."""
    lines = [
        {"line": n, "description": "Mug", "net": net, "tax": [], "product_class": "mugs"}
        for n, net in enumerate(["0.09", *["-0.01"] * 8], 1)
    ]
    totals = {"net": "0.01", "tax": "0.00", "gross": "0.01"}
    said = say("invoice.issued", sale(currency="USD", exchange_rate="0.5", lines=lines, totals=totals))
    shop = heard(*SHOP, said)
    assert shop.state("document|i1#1") == "POSTED"


def test_a_source_may_have_any_name() -> None:
    """What a source is called does not stop the batch in which one of its messages cannot be read."""
    shop = Shop()
    assert shop.hear(Said(b"{}"), *SHOP, invoice(), source="left|right").receipts[0].verdict == "QUARANTINED"
    assert shop.state("document|i1#1") == "POSTED"


def test_a_document_may_be_called_like_a_payment() -> None:
    """The grammar of ids allows it, so a release of such a document reaches the document."""
    shop = heard(*SHOP, account(version=2, stop_credit=True), invoice("payment:x"), release("payment:x", "STOP_CREDIT"))
    assert shop.state("document|payment:x#1") == "POSTED"


def test_money_that_comes_after_a_sale_was_paid_does_not_hold_the_sale() -> None:
    """A shared debtor's sale posts with the payment that covers it, whenever a second one came; only that is held (L4)."""
    paid = [payment(name, paid={"i1": 1200}) for name in ("p1", "p2")]
    for order in ([invoice(), *paid], [paid[0], invoice(), paid[1]], [*paid, invoice()]):
        shop = heard(*GENERIC, *order)
        assert [shop.state(name) for name in ("document|i1#1", "payment|p1#1", "payment|p2#1")] == [
            "POSTED",
            "POSTED",
            "REQUIRES_ATTENTION",
        ]
