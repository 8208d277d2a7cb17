"""Rows of the rulebook beside the rules: where lines, taxes, tenders and charges post."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.dimensions import suspending
from tests.said import CARD, CASH, CITY_TAX, RECEIVABLE, REVENUE, VAT


@covers("D10")
@pytest.mark.parametrize("closed", [RECEIVABLE, REVENUE, VAT, CASH, said.ROUNDING, "4500"])
def test_no_closed_ledger_account_takes_a_line(closed: str) -> None:
    """Receivable, revenue, tax, tender, rounding and charges are all looked at."""
    story = Story().shop(rounding_max="1.00").mapped("ledger_account", closed, status="CLOSED")
    story.mapped("revenue", "charges", account="4500")
    story.invoice("i1", tax="20.00", tenders=[said.tender("CASH", "60.00")], totals={"rounding": "0.02", "charges": "5.00"})
    assert (story.codes("i1"), story.journals()) == (["GL_ACCOUNT_UNPOSTABLE", "ROUNDING_BALANCED"], [])


@covers("D10", "L8", "I9")
def test_closed_accounts_that_only_some_journals_touch_are_looked_at() -> None:
    """The fee of a tender, where it is paid back from, and what the rate moved meanwhile: whatever a journal touches is open."""
    story = Story().shop().mapped("tender", "CARD", account=CARD, fee_account="6110", refund_account="1015")
    story.invoice("i1").payment("p0").credit_note("k1", original="i1")
    for closed in ("6110", "1015"):
        story.mapped("ledger_account", closed, status="CLOSED")
    story.invoice("i2", tenders=[said.tender("CARD", "100.00", fee="2.00")]).payment("p1", "50.00", tender="CARD", fee="1.00")
    story.refund("r1", "20.00", tender="CARD", on="k1").payment("p2", "50.00", tender="CARD")
    assert [story.codes(name) for name in ("i2", "p1", "r1", "p2")] == [["GL_ACCOUNT_UNPOSTABLE"]] * 3 + [[]]
    story.mapped("ledger_account", "6110", status="OPEN").mapped("ledger_account", "1015", status="OPEN")
    assert [story.state(name) for name in ("i2", "p1", "r1")] == ["POSTED"] * 3
    foreign = Story().book(control={"fx_difference": "8800"}).mapped("ledger_account", "8800", status="CLOSED").account("acme")
    foreign.classified("acme", "HOUSE").customer("c1").linked("c1", "acme").invoice("i1", currency="USD", exchange_rate="0.8")
    foreign.payment("p1", on="i1", currency="USD", exchange_rate="0.9")
    assert (foreign.codes("i1"), foreign.codes("p1")) == ([], ["GL_ACCOUNT_UNPOSTABLE"])


@covers("D10")
def test_a_closed_deposit_account_takes_no_deposit() -> None:
    """Only a deposit goes there, so only a deposit is held."""
    story = Story().shop().mapped("ledger_account", said.DEPOSITS, status="CLOSED").deposit("d1").payment("p1").invoice("i1")
    assert [story.codes(name) for name in ("d1", "p1", "i1")] == [["GL_ACCOUNT_UNPOSTABLE"], [], []]


@covers("G3", "G4", "G5")
def test_a_line_posts_where_its_class_branch_or_default_says() -> None:
    """A line's own account goes before its class at its branch, that before its class, the branch, and the default."""
    story = Story().shop().mapped("revenue", "fruit", account="4100").mapped("revenue", "fruit:north", account="4110")
    story.mapped("product_class", "repair", behaviour="DEPARTMENTAL", account="4200").mapped(
        "product", "pear", product_class="fruit"
    )
    story.mapped("branch", "north", account="4300").mapped("branch", "south", account="4400")
    own, fruit, pear = (
        said.line("1.00", revenue_account="4999"),
        said.line("2.00", product_class="fruit"),
        said.line("3.00", product="pear"),
    )
    repair, other = said.line("4.00", product_class="repair"), said.line("5.00", product_class="other")
    lines = [own, fruit, pear, repair, other]
    story.invoice("i1", lines=lines, branch="north").invoice("i2", lines=lines, branch="south").invoice("i3", lines=lines)
    assert _credits(story, "i1") == [("4999", "1.00"), ("4110", "5.00"), ("4200", "4.00"), ("4300", "5.00")]
    assert _credits(story, "i2") == [("4999", "1.00"), ("4100", "5.00"), ("4200", "4.00"), ("4400", "5.00")]
    assert _credits(story, "i3") == [("4999", "1.00"), ("4100", "5.00"), ("4200", "4.00"), (REVENUE, "5.00")]


def _credits(story: Story, document: str) -> list[tuple[str, str]]:
    return [(account, amount) for side, account, _, amount in story.postings(document) if side == "C"]


@covers("G9")
def test_two_taxes_never_become_one() -> None:
    """Each component of tax posts to its own account."""
    story = Story().shop().invoice("i1", tax={"VAT": "20.00", "CITY": "1.50"})
    assert _credits(story, "i1") == [(REVENUE, "100.00"), (VAT, "20.00"), (CITY_TAX, "1.50")]


@covers("G6")
def test_a_single_tax_beside_two_mapped_ones_is_a_code_of_its_own() -> None:
    """The reason speaks of components only when an unmapped code is one of several on its line."""
    lines = [said.line(tax={"VAT": "20.00", "CITY": "1.00"}), said.line(tax={"GST": "5.00"})]
    assert Story().shop().invoice("i1", lines=lines).codes("i1") == ["TAX_CODE_UNMAPPED"]


@covers("G5")
def test_charges_have_a_revenue_account_of_their_own_or_the_default() -> None:
    """Delivery charged on the header posts to the mapping `charges`, without one to the default."""
    lines = [said.line("100.00", revenue_account="4100")]
    story = Story().shop().invoice("i1", lines=lines, totals={"charges": "5.00"})
    story.mapped("revenue", "charges", account="4500").invoice("i2", lines=lines, totals={"charges": "5.00"})
    assert _credits(story, "i1") == [("4100", "100.00"), (REVENUE, "5.00")]
    assert _credits(story, "i2") == [("4100", "100.00"), ("4500", "5.00")]


@covers("G5")
def test_charges_without_any_revenue_account_are_held() -> None:
    """Nothing is posted when the charges have nowhere to go; the mapping that was missing releases the document."""
    opened = Story().say(said.book()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story = opened.invoice("i1", lines=[said.line(revenue_account="4100")], totals={"charges": "5.00"})
    assert (story.codes("i1"), story.journals()) == (["REVENUE_ACCOUNT_UNMAPPED"], [])
    story.then_released_by("i1", said.mapping("revenue", "charges", account="4500"))


@covers("G16")
def test_a_changed_mapping_acts_forward() -> None:
    """What is posted stays, what comes later goes to the new account."""
    story = Story().shop().invoice("i1").mapped("revenue", "default", account="4001").invoice("i2")
    assert (_credits(story, "i1"), _credits(story, "i2")) == ([(REVENUE, "100.00")], [("4001", "100.00")])


@covers("G12")
def test_the_dimensions_of_branch_class_and_line_are_joined() -> None:
    """A line's own dimensions go before its class's, those before its branch's."""
    story = Story().shop().mapped("branch", "north", dimensions={"SITE": "N", "TEAM": "b", "CITY": "b"})
    story.mapped("revenue", "fruit", account="4100", dimensions={"TEAM": "c", "CITY": "c"})
    story.invoice("i1", branch="north", lines=[said.line(product_class="fruit", dimensions={"CITY": "d"})])
    assert story.journals("i1")[0].lines[1].dimensions == {"CITY": "d", "SITE": "N", "TEAM": "c"}


@covers("M7")
def test_what_has_no_place_goes_to_suspense_with_its_code() -> None:
    """Line, tax, charge, tender and fee: each keeps in its memo what has no place, and what has one posts as ever."""
    story = suspending(suspense="POST").mapped("revenue", "default")
    lines = [said.line("60.00", tax={"GST": "5.00"}, product_class="fruit"), said.line("40.00", revenue_account="4100")]
    tenders = [said.tender("VOUCHER", "108.00", fee="1.00")]
    story.invoice("i1", lines=lines, totals={"charges": "3.00"}, tenders=tenders)
    posted = [
        (line.account, line.side, line.memo) for posting in story.journals("i1") for line in posting.lines if not line.party
    ]
    assert posted == [
        ("9999", "C", "N-i1 revenue fruit"),
        ("9999", "C", "N-i1 tax GST"),
        ("4100", "C", "N-i1"),
        ("9999", "C", "N-i1 charges"),
        ("9999", "D", "N-i1 tender VOUCHER"),
        ("9999", "D", "N-i1"),
        ("9999", "C", "N-i1 tender VOUCHER"),
    ]
    told = "posts to suspense account 9999: revenue fruit, tax GST, charges, tender VOUCHER, fee of VOUCHER"
    assert [(reason.code, reason.severity, reason.message) for reason in story.decision("i1").reasons] == [
        ("POSTED_TO_SUSPENSE", "WARN", told)
    ]


@covers("M7", "L8")
def test_a_fee_without_an_account_is_told_of_in_suspense() -> None:
    """The tender has its place and the fee has none: the fee goes to suspense, and the decision says so."""
    story = suspending(suspense="POST").invoice("i1", tenders=[said.tender("CARD", "100.00", fee="2.00")])
    story.payment("p1", "30.00", tender="CARD", fee="1.00").payment("p2", "30.00", tender="CARD")
    story.mapped("tender", "CARD", account=said.CARD, fee_account="6110").payment("p3", "30.00", tender="CARD", fee="1.00")
    assert ("D", "9999", "", "2.00") in story.postings("i1")
    told = [[reason.message for reason in story.decision(name).reasons] for name in ("i1", "p1", "p2", "p3")]
    assert told == [["posts to suspense account 9999: fee of CARD"]] * 2 + [[], []]


@covers("M7")
def test_suspense_needs_the_word_of_the_book_and_an_account() -> None:
    """Without the policy, or without the account, what has no place is held as ever."""
    without_policy = suspending().invoice("i1", tax={"GST": "5.00"})
    without_account = Story().shop(suspense="POST").invoice("i1", tax={"GST": "5.00"})
    assert [story.codes("i1") for story in (without_policy, without_account)] == [["TAX_CODE_UNMAPPED"]] * 2


@covers("M7", "D10")
def test_a_closed_suspense_account_takes_nothing() -> None:
    """Suspense is a ledger account like any other."""
    story = suspending(suspense="POST").mapped("ledger_account", "9999", status="CLOSED")
    story.invoice("i1", tax={"GST": "5.00"}).invoice("i2", tenders=[said.tender("VOUCHER", "100.00")]).invoice("i3")
    assert [story.codes(name) for name in ("i1", "i2", "i3")] == [
        ["GL_ACCOUNT_UNPOSTABLE", "POSTED_TO_SUSPENSE"],
        ["GL_ACCOUNT_UNPOSTABLE", "POSTED_TO_SUSPENSE"],
        [],
    ]


@covers("M7")
def test_charges_go_to_suspense_only_where_they_have_no_place() -> None:
    """Without charges, or with an account for them, nothing is said of charges."""
    without = suspending(suspense="POST").mapped("revenue", "default").invoice("i1")
    mapped = suspending(suspense="POST").invoice("i1", lines=[said.line(tax={"GST": "5.00"})], totals={"charges": "3.00"})
    told = [[reason.message for reason in story.decision("i1").reasons] for story in (without, mapped)]
    assert told == [["posts to suspense account 9999: revenue goods"], ["posts to suspense account 9999: tax GST"]]


@covers("G8")
def test_a_rate_of_a_tax_without_a_place_says_nothing() -> None:
    """Only the missing mapping is a reason; so it is for a tax that has an account and no rate."""
    lines = [{**said.line(), "tax": [{"code": "GST", "amount": "5.00", "rate": "0.05"}]}]
    rateless = [{**said.line(), "tax": [{"code": "VAT", "amount": "5.00", "rate": "0.05"}]}]
    story = Story().shop().invoice("i1", lines=lines).invoice("i2", lines=rateless)
    assert (story.codes("i1"), story.codes("i2")) == (["TAX_CODE_UNMAPPED"], [])


@covers("G10", "G13")
def test_the_customer_named_counts_and_not_the_one_invoiced() -> None:
    """Exemptions and analysis codes are those of who bought; who is invoiced says them with the account."""
    story = Story().shop().mapped("dimension_policy", REVENUE, dimensions={"customer.1": "OPTIONAL"})
    exempt = [{"tax": "VAT"}]
    story.customer("c1", version=2, tax_exemptions=exempt, analysis_codes={"1": "PAYER"}).customer("c2", invoice_to="c1")
    story.invoice("i1", customer="c2", tax="20.00").invoice("i2", customer="c1", tax="20.00")
    assert (story.codes("i1"), story.codes("i2")) == ([], ["TAX_EXEMPTION_CONFLICT"])
    assert [line.dimensions for line in story.journals("i1")[0].lines] == [{}, {}, {}]


@covers("G13")
def test_a_journal_that_cannot_be_built_has_no_dimensions_to_judge() -> None:
    """The mapping that is missing is the reason; once it is there, the code that is missing is another."""
    story = Story().shop().mapped("dimension_policy", "4100", dimensions={"SITE": "MANDATORY"}).mapped("revenue", "default")
    story.invoice("i1")
    assert story.codes("i1") == ["REVENUE_ACCOUNT_UNMAPPED"]
    story.mapped("revenue", "default", account="4100")
    assert story.codes("i1") == ["DIMENSION_MISSING"]
    named = story.decision("i1").reasons[0].waits_for
    assert named == ["mapping:dimension_policy:4100", "customer:c1", "account:acme"]


@covers("G7")
def test_a_line_without_a_place_refuses_no_tax() -> None:
    """What has no ledger account is told as such."""
    story = Story().shop().mapped("revenue", "default").mapped("ledger_account", REVENUE, taxes_refused=["VAT"])
    assert story.invoice("i1", tax="20.00").codes("i1") == ["REVENUE_ACCOUNT_UNMAPPED"]


@covers("G10")
def test_an_exemption_counts_under_the_code_of_the_books_too() -> None:
    """The till says VAT20, the books know it as VAT, and who is exempt from VAT is charged neither; at zero it is only named."""
    story = Story().shop().mapped("tax", "VAT20", account=VAT, code="VAT").mapped("tax", "GST", account=VAT, code="G")
    story.account("acme", version=2, tax_exemptions=[{"tax": "VAT"}])
    for name, code, amount in (("i1", "VAT20", "20.00"), ("i2", "GST", "5.00"), ("i3", "VAT20", "0.00")):
        story.invoice(name, tax={code: amount})
    assert [story.codes(name) for name in ("i1", "i2", "i3")] == [["TAX_EXEMPTION_CONFLICT"], [], []]
    story.mapped("tax", "VAT20", account=VAT, code="REDUCED")
    assert story.state("i1") == "POSTED"


@covers("G10")
def test_who_buys_through_a_shared_debtor_stays_exempt() -> None:
    """The account customer's own exemption counts, though the shared debtor is owed by."""
    story = Story().counter().account("walkers", version=2, tax_exemptions=[{"tax": "VAT"}])
    story.invoice("i1", tax="20.00", tenders=[said.tender("CASH", "120.00")])
    story.invoice("i2", tenders=[said.tender("CASH", "100.00")])
    assert [story.codes(name) for name in ("i1", "i2")] == [["TAX_EXEMPTION_CONFLICT"], []]
    assert story.account("walkers", version=3).state("i1") == "POSTED"
