"""Rows of the rulebook beside the rules: credit notes, money, journals, and what changes after posting."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.said import CARD, CASH, DEPOSITS, FEES, RECEIVABLE, REVENUE, VAT

PAID = [said.tender("CASH", "100.00")]


@covers("K2", "O6", "O7")
def test_a_credit_note_follows_its_original() -> None:
    """After the customer moved to another account, the credit goes where the invoice is, and a new invoice to the new account."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").invoice("i1")
    story.said("link.removed", customer="c1").linked("c1", "globex").credit_note("k1", original="i1").payment(
        "p1", on="i1"
    ).invoice("i2")
    assert [story.journals(name)[0].account for name in ("i1", "k1", "p1", "i2")] == ["acme", "acme", "acme", "globex"]


@covers("K3")
def test_a_voided_invoice_takes_no_credit() -> None:
    """A credit note whose original was voided waits: there is nothing to correct."""
    story = Story().shop().invoice("i1").voided("i1").credit_note("k1", original="i1")
    assert (story.state("k1"), story.codes("k1")) == ("WAITING", ["WAITING_FOR_DEPENDENCY"])


def test_a_voided_credit_note_frees_the_invoice() -> None:
    """What a voided credit note had claimed of its invoice can be credited again (K3)."""
    story = (
        Story()
        .shop()
        .invoice("i1")
        .credit_note("k1", "60.00", original="i1")
        .voided("k1")
        .credit_note("k2", "60.00", original="i1")
    )
    assert story.state("k2") == "POSTED"


def test_a_voided_credit_note_releases_the_one_that_exceeded() -> None:
    """A credit note held because of another posts when that one is voided."""
    story = Story().shop().invoice("i1").credit_note("k1", "60.00", original="i1").credit_note("k2", "60.00", original="i1")
    assert story.voided("k1").state("k2") == "POSTED"


def test_a_credit_note_that_moves_frees_its_former_original() -> None:
    """A credit note amended to name another invoice claims nothing of the first any more."""
    story = Story().shop().invoice("i1").invoice("i2").credit_note("k1", "60.00", original="i1").amended("k1", original="i2")
    assert story.credit_note("k2", "60.00", original="i1").state("k2") == "POSTED"


@covers("L1")
def test_a_deposit_is_a_liability_until_its_invoice() -> None:
    """Money that comes before the invoice posts at once, to customer deposits."""
    story = Story().shop().deposit("d1", on="i1")
    assert story.postings("d1") == [("D", CASH, "", "100.00"), ("C", DEPOSITS, "acme", "100.00")]


@covers("L1")
def test_money_that_settles_nothing_yet_needs_a_debtor_of_its_own() -> None:
    """Of an unlinked customer, a deposit and a payment on account are held; a payment of an invoice waits for that invoice."""
    story = Story().shop().said("link.removed", customer="c1")
    story.deposit("d1", on="i1").payment("p1").payment("p2", on="i1")
    assert [story.codes(name) for name in ("d1", "p1", "p2")] == [["LINK_MISSING"], ["LINK_MISSING"], ["WAITING_FOR_DEPENDENCY"]]


@covers("L2")
def test_a_deposit_is_applied_when_its_invoice_posts() -> None:
    """The liability turns into a settlement of the receivable, in the transaction that posts the invoice."""
    story = Story().shop().deposit("d1", "60.00", on="i1").invoice("i1")
    assert story.posted_now() == ["i1", "d1"]
    assert lines(story, "d1", 1) == [("D", DEPOSITS, "acme", "60.00"), ("C", RECEIVABLE, "acme", "60.00")]
    assert story.ledger() == {(CASH, ""): "60.00", (RECEIVABLE, "acme"): "40.00", (REVENUE, ""): "-100.00"}


def lines(story: Story, document: str, leg: int) -> list[tuple[str, str, str, str]]:
    """Return the lines of one journal of a document."""
    before = sum(len(journal.lines) for journal in story.journals(document)[:leg])
    return story.postings(document)[before : before + len(story.journals(document)[leg].lines)]


@covers("L7", "L8")
def test_each_tender_posts_to_its_own_account_gross_of_its_fee() -> None:
    """Two tenders are two lines; a fee is a cost of its own."""
    tenders = [said.tender("CASH", "40.00"), said.tender("CARD", "60.00", fee="1.20")]
    story = Story().shop().invoice("i1", tenders=tenders)
    expected = {("D", CASH, "", "40.00"), ("D", CARD, "", "60.00"), ("D", FEES, "", "1.20"), ("C", CARD, "", "1.20")}
    assert set(lines(story, "i1", 1)) == expected | {("C", RECEIVABLE, "acme", "100.00")}


@covers("L9")
def test_a_gift_card_is_a_liability_until_it_is_spent() -> None:
    """Sold it is a liability, spent it is a tender against that liability."""
    story = Story().shop().mapped("revenue", "gift-cards", account="2400").mapped("tender", "GIFT", account="2400")
    story.invoice(
        "i1", lines=[said.line("50.00", product_class="gift-cards", gift_card=True)], tenders=[said.tender("CASH", "50.00")]
    )
    assert story.ledger() == {(CASH, ""): "50.00", ("2400", ""): "-50.00"}
    story.invoice("i2", "50.00", tenders=[said.tender("GIFT", "50.00")])
    assert story.ledger() == {(CASH, ""): "50.00", (REVENUE, ""): "-50.00"}


@covers("L10")
def test_a_payment_that_bounced_is_reversed() -> None:
    """The receivable is open again, and a shared debtor's sale that still waited is unpaid again."""
    story = Story().shop().invoice("i1").payment("p1", on="i1").reversed("p1")
    assert (story.state("p1"), story.ledger()) == ("REVERSED", {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-100.00"})
    shared = (
        Story().counter().invoice("i1").payment("p1", "40.00", on="i1").reversed("p1", "40.00").payment("p2", "60.00", on="i1")
    )
    assert (shared.codes("i1"), shared.state("p1")) == (["PAYMENT_REQUIRED_FOR_GENERIC"], "CANCELLED")
    assert shared.payment("p3", "40.00", on="i1").state("i1") == "POSTED"


def test_a_reversed_payment_said_differently_stays_reversed() -> None:
    """Other content under the id of a reversed payment is a conflict on record, and the payment is counted once."""
    story = Story().shop().payment("p1").reversed("p1").payment("p1", "90.00")
    assert story.state("p1") == "REVERSED"


@covers("L3")
def test_the_payment_of_a_held_document_waits_with_it() -> None:
    """Whatever holds the invoice, its payment only waits, also when it names nobody; it posts when the invoice does."""
    story = Story().shop().said("link.removed", customer="c1").invoice("i1").payment("p1", "60.00", on="i1")
    story.payment("p2", "40.00", on="i1", customer=None)
    assert [(story.state(name), story.codes(name)) for name in ("p1", "p2")] == [("WAITING", ["WAITING_FOR_DEPENDENCY"])] * 2
    assert story.linked("c1", "acme").posted_now() == ["i1", "p1", "p2"]


def test_a_release_releases_the_payment_too() -> None:
    """When a release posts the invoice, the payment that waited for it posts in the same transaction."""
    story = Story().shop().said("customer.held", customer="c1").invoice("i1").payment("p1", on="i1")
    assert story.released("i1", "CUSTOMER_ON_HOLD").posted_now() == ["i1", "p1"]


@covers("M6")
def test_one_fault_posts_nothing() -> None:
    """A sale with one unmapped line and a good tender has no journal at all."""
    story = Story().shop().invoice("i1", lines=[said.line("60.00"), said.line("40.00", tax={"GST": "2.00"})], tenders=PAID)
    assert (story.state("i1"), story.journals(), story.ledger()) == ("REQUIRES_ATTENTION", [], {})


@covers("M10", "P4")
def test_a_posting_key_depends_on_what_is_posted_alone() -> None:
    """Two histories that differ in order and time give the same keys; book, document, version and leg make the difference."""
    early = Story().shop().invoice("i1", tenders=PAID)
    late = Story(on="2026-03-20").shop().said("link.removed", customer="c1").invoice("i1", tenders=PAID).linked("c1", "acme")
    keys = [posting.posting_key for posting in early.journals("i1")]
    assert keys == [posting.posting_key for posting in late.journals("i1")]
    other = Story(book="shop-2").shop().invoice("i1", tenders=PAID)
    amended = Story().shop().invoice("i1", tenders=PAID).amended("i1", net="100.00", order_number="x")
    everything = [*keys, *(p.posting_key for p in other.journals("i1")), *(p.posting_key for p in amended.journals("i1"))]
    assert len(set(everything)) == 6


@covers("O1")
def test_a_held_document_may_be_edited() -> None:
    """A new version of a document that was never posted is judged, and the former is cancelled."""
    story = Story().shop().invoice("i1", tax={"GST": "5.00"}).amended("i1", tax="5.00")
    assert [story.state("i1", version) for version in (1, 2)] == ["CANCELLED", "POSTED"]


@covers("O2")
def test_an_amended_document_is_reversed_and_posted_anew() -> None:
    """The first journal is undone line by line, and the new one stands."""
    story = Story().shop().invoice("i1", tax="20.00").amended("i1", net="50.00", tax="10.00")
    assert story.ledger() == {(RECEIVABLE, "acme"): "60.00", (REVENUE, ""): "-50.00", (VAT, ""): "-10.00"}
    assert [story.state("i1", version) for version in (1, 2)] == ["REVERSED", "POSTED"]


@covers("O4")
def test_a_voided_document_leaves_nothing_in_the_books() -> None:
    """Posted, it is reversed; held, it is cancelled and waits for nothing any more."""
    posted = Story().shop().invoice("i1", tenders=PAID).voided("i1")
    assert (posted.state("i1"), posted.ledger(), posted.journals()) == ("REVERSED", {}, [])
    held = Story().shop().said("link.removed", customer="c1").invoice("i1").voided("i1")
    assert (held.state("i1"), held.waits("i1")) == ("CANCELLED", [])
    assert held.linked("c1", "acme").journals() == []
