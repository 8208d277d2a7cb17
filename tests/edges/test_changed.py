"""Changed after it was posted: documents, links and classes move forward only (edge cases 6 to 11, 14, 16, 50, 52)."""

from __future__ import annotations

from schemas.events import PostingAuthorised, PostingReversed
from tests import said
from tests.edges.case import tells
from tests.given import Story, lines_of
from tests.said import CASH, CITY_TAX, RECEIVABLE, REVENUE, VAT

PAID = [said.tender("CASH", "100.00")]


def reversals(story: Story) -> list[PostingReversed]:
    """Return the reversals of the last transaction."""
    return [happened.event for happened in story.last.happened if isinstance(happened.event, PostingReversed)]


def two_accounts() -> Story:
    """A shop whose customer c1 owes through `acme`, with `globex` beside it."""
    return Story().shop().account("globex").assigned("globex", "HOUSE")


@tells(6)
def test_an_edit_after_posting_reaches_the_books() -> None:
    """The first journal is taken back line by line, and the new one is posted under a key of its own (O2)."""
    story = Story().shop().invoice("i1", tax="20.00")
    first = story.journals("i1")[0]
    story.amended("i1", net="50.00", tax="10.00")
    assert [reversal.reverses for reversal in reversals(story)] == [first.posting_key]
    assert [lines_of(reversal) for reversal in reversals(story)] == [
        [("C", RECEIVABLE, "acme", "120.00"), ("D", REVENUE, "", "100.00"), ("D", VAT, "", "20.00")]
    ]
    assert story.postings("i1") == [("D", RECEIVABLE, "acme", "60.00"), ("C", REVENUE, "", "50.00"), ("C", VAT, "", "10.00")]
    assert story.journals("i1")[0].posting_key != first.posting_key


@tells(6)
def test_an_edit_of_a_paid_sale_leaves_the_payment_where_it_is() -> None:
    """The payment stays on the account; what it pays too much is a credit there, and nothing is refused because of it.

    An accounting system that refuses to change a paid document needs its adapter to take the payment off before, and to put
    it back after.
    """
    story = Story().shop().invoice("i1").payment("p1", on="i1").amended("i1", net="80.00")
    assert [story.state("i1", version) for version in (1, 2)] == ["REVERSED", "POSTED"]
    assert (story.state("p1"), len(story.journals("p1"))) == ("POSTED", 1)
    assert story.ledger() == {(CASH, ""): "100.00", (RECEIVABLE, "acme"): "-20.00", (REVENUE, ""): "-80.00"}


@tells(7)
def test_an_edit_to_zero_takes_the_whole_sale_back() -> None:
    """The posted version is reversed; the new one is worth nothing, on record and not posted (F15)."""
    story = Story().shop().invoice("i1", tax="20.00").amended("i1", net="0.00", tax=None)
    assert [story.state("i1", version) for version in (1, 2)] == ["REVERSED", "EXCLUDED"]
    assert (story.codes("i1"), story.journals("i1"), story.ledger()) == (["ZERO_VALUE"], [], {})


@tells(8)
def test_a_sale_billed_to_another_moves_there_under_its_number() -> None:
    """Reversed where it was, posted anew where it belongs, in one transaction and with the same number (O5)."""
    story = two_accounts().customer("c2").linked("c2", "globex").invoice("i1").amended("i1", customer="c2")
    assert [(reversal.account, reversal.number) for reversal in reversals(story)] == [("acme", "N-i1")]
    assert [(posting.account, posting.number) for posting in story.journals("i1")] == [("globex", "N-i1")]
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", ["REASSIGNED"])
    assert story.ledger() == {(RECEIVABLE, "globex"): "100.00", (REVENUE, ""): "-100.00"}


@tells(9)
def test_unlinking_leaves_what_was_posted() -> None:
    """The posting stands, money and credit for it follow it, and a new sale is held until there is a link again (O6)."""
    story = Story().shop().invoice("i1").said("link.removed", customer="c1")
    story.payment("p1", "30.00", on="i1").credit_note("k1", "20.00", original="i1").invoice("i2")
    assert [story.state(name) for name in ("i1", "p1", "k1")] == ["POSTED"] * 3
    assert {posting.account for posting in story.journals()} == {"acme"}
    assert (story.state("i2"), story.codes("i2")) == ("REQUIRES_ATTENTION", ["LINK_MISSING"])
    assert story.ledger()[RECEIVABLE, "acme"] == "50.00"


@tells(10)
def test_relinking_moves_nothing_that_was_posted() -> None:
    """Old sales, their credits and their money stay with the former account; new sales go to the new one (O7, K2)."""
    story = two_accounts().invoice("i1").say(said.say("link.removed", customer="c1"), said.link("c1", "globex"))
    story.credit_note("k1", "40.00", original="i1").payment("p1", "60.00", on="i1").invoice("i2")
    assert [story.journals(name)[0].account for name in ("i1", "k1", "p1", "i2")] == ["acme", "acme", "acme", "globex"]
    assert story.ledger() == {(CASH, ""): "60.00", (RECEIVABLE, "globex"): "100.00", (REVENUE, ""): "-160.00"}


@tells(11)
def test_a_late_link_releases_everything_before_it_in_order() -> None:
    """Three sales and a payment wait for the link; it posts each once, oldest first, in its own transaction."""
    story = two_accounts().customer("c2")
    story.invoice("i2", customer="c2").invoice("i1", customer="c2").payment("p1", on="i1", customer="c2").invoice(
        "i3", customer="c2"
    )
    assert [story.codes(name) for name in ("i2", "i1", "p1", "i3")] == [
        ["LINK_MISSING"],
        ["LINK_MISSING"],
        ["WAITING_FOR_DEPENDENCY"],
        ["LINK_MISSING"],
    ]
    story.linked("c2", "globex")
    assert [name for name in story.posted_now() if name != "p1"] == ["i2", "i1", "i3"]
    assert story.posted_now().index("p1") > story.posted_now().index("i1")
    assert len(story.journals()) == 4
    story.linked("c2", "globex")
    assert (story.verdict[0], len(story.journals())) == ("DUPLICATE", 4)


@tells(14)
def test_a_customer_who_becomes_an_account_customer_keeps_the_old_sales_where_they_are() -> None:
    """Cash sales on the shared debtor are paid, so nothing has to move; the next sale goes to the customer's own account."""
    story = Story().counter().invoice("i1", tenders=PAID)
    posted = story.journals("i1")
    story.classified("walkers", "HOUSE").invoice("i2")
    assert story.journals("i1") == posted
    assert [posting.account for posting in posted] == ["counter", "counter"]
    assert story.postings("i2")[0] == ("D", RECEIVABLE, "walkers", "100.00")
    assert (RECEIVABLE, "counter") not in story.ledger()


@tells(14)
def test_what_is_still_open_moves_only_by_an_explicit_transfer() -> None:
    """A shared debtor that was let owe 100: the transfer takes it to the customer's own account, the sale's history stays."""
    story = Story().counter().defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False)
    story.invoice("i1").classified("walkers", "HOUSE")
    posted = story.journals("i1")
    moved = {"transfer": "t1", "date": "2026-03-10", "from_account": "counter", "to_account": "walkers"}
    story.said("balance.transferred", **moved, documents=["i1"], by="ann")
    assert story.journals("t1") != []
    assert [line for posting in story.journals("t1") for line in lines_of(posting)] == [
        ("D", RECEIVABLE, "walkers", "100.00"),
        ("C", RECEIVABLE, "counter", "100.00"),
    ]
    assert (story.journals("i1"), story.receivables("counter"), story.receivables("walkers")) == (posted, {}, {"i1": "100.00"})


@tells(16)
def test_a_shared_sale_paid_in_part_posts_whole_once_the_customer_has_an_account() -> None:
    """60 of 100 is paid and the rest is to be owed: the sale is held until a person gives the customer an account of its own."""
    story = Story().counter().invoice("i1", tenders=[said.tender("CASH", "60.00")])
    assert (story.state("i1"), story.codes("i1"), story.journals()) == (
        "REQUIRES_ATTENTION",
        ["PAYMENT_REQUIRED_FOR_GENERIC"],
        [],
    )
    story.defined("HOUSE").then_released_by("i1", said.say("class.assigned", account="walkers", class_="HOUSE"))
    assert story.ledger() == {(CASH, ""): "60.00", (RECEIVABLE, "walkers"): "40.00", (REVENUE, ""): "-100.00"}


@tells(50)
def test_what_a_document_says_does_not_change_with_the_catalogue() -> None:
    """Rate, tax and product are changed or closed upstream after the sale: it is reversed exactly as it was posted."""
    story = Story().shop().mapped("product", "pear", product_class="fruit").mapped("revenue", "fruit", account="4100")
    story.invoice("i1", lines=[said.line("100.00", tax={"VAT": "20.00", "CITY": "1.00"}, product="pear")])
    story.mapped("tax", "VAT", account="2299").mapped("product", "pear", product_class="gone")
    story.mapped("revenue", "fruit", account="4999").mapped("ledger_account", CITY_TAX, status="CLOSED")
    story.voided("i1")
    assert (story.state("i1"), story.ledger(), story.journals()) == ("REVERSED", {}, [])
    assert sorted(line.account for line in reversals(story)[0].lines) == sorted([RECEIVABLE, "4100", VAT, CITY_TAX])


@tells(52)
def test_a_product_class_that_changes_restates_nothing() -> None:
    """What is posted stays in its department, what comes later goes to the new one, a credit of the old too (G16)."""
    story = Story().shop().mapped("revenue", "fruit", account="4100").mapped("product", "pear", product_class="fruit")
    story.invoice("i1", lines=[said.line("10.00", product="pear")])
    before: list[PostingAuthorised] = story.journals("i1")
    story.mapped("product", "pear", product_class="luxuries").mapped("revenue", "luxuries", account="4900")
    story.invoice("i2", lines=[said.line("20.00", product="pear")])
    assert story.journals("i1") == before
    assert story.ledger() == {(RECEIVABLE, "acme"): "30.00", ("4100", ""): "-10.00", ("4900", ""): "-20.00"}


@tells(52)
def test_a_return_of_what_was_sold_before_goes_to_the_department_that_sold_it() -> None:
    """The product moved to another class since: its revenue is taken back where it was earned, not where it is earned now."""
    story = Story().shop().mapped("revenue", "fruit", account="4100").mapped("product", "pear", product_class="fruit")
    story.invoice("i1", lines=[said.line("10.00", product="pear")])
    story.mapped("product", "pear", product_class="luxuries").mapped("revenue", "luxuries", account="4900")
    story.credit_note("k1", original="i1", lines=[said.line("4.00", product="pear", original_line=1)])
    assert story.postings("k1") == [("D", "4100", "", "4.00"), ("C", RECEIVABLE, "acme", "4.00")]
    assert ("4900", "") not in story.ledger()
