"""Documents that a review found forgotten: each posts as soon as the fact that mends it is said (I7)."""

from __future__ import annotations

import pytest

from tests.properties.messages import (
    GENERIC,
    MAPPINGS,
    PARTIES,
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
    say,
)
from tests.properties.shop import assert_right, overlooked
from tests.properties.test_findings import heard

CASH = [{"tender": "cash", "amount": "12.00"}]
SHARED = (account("g1", generic=True), class_("walk-in", "GENERIC", generic_account="g1"))
SECOND = (account("a2"), customer("c2"), link("c2", "a2"), classify("a2"))
DOLLARS = invoice(currency="USD", exchange_rate="1")
ANONYMOUS = invoice(customer=None, branch="b1", tenders=CASH)
OF_PRODUCT = [{"line": 1, "description": "Mug", "net": "10.00", "tax": [{"code": "S", "amount": "2.00"}], "product": "p"}]
BARRED = (mapping("product_class", "bad", behaviour="DO_NOT_POST"), mapping("product", "p", product_class="bad"))
RETIRED = (class_("old", "GENERIC", generic_account="g1"), say("class.deactivated", {"class": "old"}))
BOTH = payment(amount=2400, paid={"i1": 1200, "i2": 1200})
PAID_TWICE = (payment("p1", paid={"i1": 1200}), payment("p2", paid={"i1": 1200}))

Mended = tuple[str, tuple[Said, ...], Said, str]
"""What is held, what was said until then, the fact that mends it, and the code it was held for."""

MENDED: dict[str, Mended] = {
    "M5 the tender is mapped to an account that owes nobody": (
        "document|i1#1",
        (*SHOP, mapping("tender", "cash", account="1100"), invoice(tenders=CASH)),
        mapping("tender", "cash", account="1002"),
        "CONTROL_LINE_WITHOUT_PARTY",
    ),
    "C4 the branch gets a class for those without a name that shares a debtor": (
        "document|i1#1",
        (*SHOP, *SHARED, mapping("branch", "b1", generic_class="trade"), ANONYMOUS),
        mapping("branch", "b1", generic_class="walk-in"),
        "JOURNAL_IMPOSSIBLE",
    ),
    "G2 the product gets a class that posts": (
        "document|i1#1",
        (*SHOP, *BARRED, invoice(lines=OF_PRODUCT)),
        mapping("product", "p", product_class="mugs"),
        "LINE_CLASS_DO_NOT_POST",
    ),
    "D10 revenue goes to another account than the closed one": (
        "document|i1#1",
        (*SHOP, mapping("ledger_account", "4000", status="CLOSED"), invoice()),
        mapping("revenue", "mugs", account="4001"),
        "GL_ACCOUNT_UNPOSTABLE",
    ),
    "G5 revenue is mapped for the branch alone": (
        "document|i1#1",
        (opened(), *MAPPINGS[1:], *PARTIES, invoice(branch="b1")),
        mapping("revenue", "mugs:b1", account="4000"),
        "REVENUE_ACCOUNT_UNMAPPED",
    ),
    "L6 the second document is owed by the same account after all": (
        "payment|p1#1",
        (*SHOP, *SECOND, invoice(), invoice("i2", customer="c2"), BOTH),
        invoice("i2", version=2),
        "PAYMENT_CUSTOMER_MISMATCH",
    ),
    "I1 the document has the currency of the payment after all": (
        "payment|p1#1",
        (*SHOP, DOLLARS, payment(paid={"i1": 1200})),
        invoice(version=2),
        "CURRENCY_MISMATCH",
    ),
    "I1 the invoice has the currency of the credit note after all": (
        "document|n1#1",
        (*SHOP, DOLLARS, credit_note(original="i1")),
        invoice(version=2),
        "CURRENCY_MISMATCH",
    ),
    "L4 the first of two payments did not stand": (
        "payment|p2#1",
        (*GENERIC, invoice(), *PAID_TWICE),
        payment("p1", paid={"i1": 1200}, verb="payment.reversed"),
        "OVERPAYMENT_ON_GENERIC",
    ),
    "L6 the account of the payer is merged into the one that owes": (
        "payment|p1#1",
        (*SHOP, *SECOND, invoice("i2", customer="c2"), payment(paid={"i2": 1200})),
        say("account.merged", {"survivor": "a2", "merged": ["a1"]}),
        "PAYMENT_CUSTOMER_MISMATCH",
    ),
    "C10 the branch leaves a retired class": (
        "document|i1#1",
        (*SHOP, *SHARED, *RETIRED, mapping("branch", "b1", generic_class="old"), ANONYMOUS),
        mapping("branch", "b1", generic_class="walk-in"),
        "CLASS_INACTIVE",
    ),
}


@pytest.mark.parametrize("mended", MENDED.values(), ids=MENDED)
def test_the_fact_that_mends_a_document_posts_it(mended: Mended) -> None:
    """A held document is found again by whatever may change its decision, and nothing that could post is forgotten (I7)."""
    name, before, fact, code = mended
    shop = heard(*before)
    assert (shop.state(name), code in shop.codes(name)) == ("REQUIRES_ATTENTION", True)
    shop.hear(fact)
    assert_right(shop)
    assert (shop.state(name), overlooked(shop)) == ("POSTED", [])


def test_a_payer_that_was_merged_before_it_paid_is_its_survivor() -> None:
    """Money of a merged account settles what the survivor owes (B15, L6)."""
    merged = say("account.merged", {"survivor": "a2", "merged": ["a1"]})
    shop = heard(*SHOP, *SECOND, merged, invoice("i2", customer="c2"), payment(paid={"i2": 1200}))
    assert (shop.state("payment|p1#1"), shop.codes("payment|p1#1")) == ("POSTED", ["REDIRECTED_TO_SURVIVOR"])
    assert shop.net("shop|payment|p1") == {("1000", None): 1200, ("1100", "a2"): -1200}


FREED: dict[str, tuple[tuple[Said, ...], Said]] = {
    "the money that came before it did not stand": (
        (*GENERIC, invoice(), payment("p0", paid={"i1": 1200}), payment(paid={"i1": 1200}, kind="DEPOSIT")),
        payment("p0", paid={"i1": 1200}, verb="payment.reversed"),
    ),
    "the next version was not paid at the till": (
        (*GENERIC, invoice(tenders=CASH), payment(paid={"i1": 1200}, kind="DEPOSIT")),
        invoice(version=2),
    ),
    "the next version has the currency of the deposit": (
        (*SHOP, DOLLARS, payment(paid={"i1": 1200}, kind="DEPOSIT")),
        invoice(version=2),
    ),
}


@pytest.mark.parametrize("freed", FREED.values(), ids=FREED)
def test_a_deposit_is_applied_as_soon_as_its_document_needs_it(freed: tuple[tuple[Said, ...], Said]) -> None:
    """A deposit that had nothing to pay is not forgotten: it pays when the document asks for it after all (L2, I7)."""
    before, fact = freed
    shop = heard(*before)
    assert {key[0]: units for key, units in shop.net("shop|payment|p1").items()} == {"1000": 1200, "2100": -1200}
    shop.hear(fact)
    assert_right(shop)
    assert {key[0]: units for key, units in shop.net("shop|payment|p1").items()} == {"1000": 1200, "1100": -1200}
