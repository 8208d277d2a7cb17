"""Boundaries of the mappings, taxes and dimensions: which line is named, and which definitions would mend it."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.rules.dimensions import suspending
from tests.said import CARD, CASH, REVENUE, VAT, line, tender


def _unmapped(**policies: object) -> Story:
    """A shop whose book maps nothing."""
    return Story().say(said.book(**policies)).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")


def _feeless() -> Story:
    """A shop without an account for fees in its book."""
    control = {"receivable": said.RECEIVABLE, "deposits": said.DEPOSITS, "rounding": said.ROUNDING}
    opened = said.say("book.opened", base_currency="EUR", control_accounts=control, timezone="UTC")
    story = Story().say(opened, *said.mappings())
    return story.account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")


def test_the_first_line_without_a_class_is_named() -> None:
    """Lines with an account, a class, or a product that has one are passed over."""
    story = Story().shop(catalogue_required=True).mapped("product", "fig", product_class="fruit").mapped("product", "pear")
    known = [line(revenue_account="4100"), line(product_class="fruit"), line(product="fig")]
    story.invoice("i1", lines=[*known, line(product="pear")]).invoice("i2", lines=known)
    story.invoice("i3", channel="POS", lines=[*known, line()])
    assert objections(story) == [("LINE_UNCLASSIFIED", "HOLD", "lines.4", ["mapping:product:pear"])]
    keys = ["mapping:product:default:POS", "mapping:product:default"]
    assert objections(story, "i3") == [("LINE_UNCLASSIFIED", "HOLD", "lines.4", keys)]
    assert story.state("i2") == "POSTED"


def test_the_line_whose_class_does_not_post_is_named() -> None:
    """Lines without a class, of a class nobody described, and of one that posts are passed over; its day counts."""
    story = Story().shop().mapped("product_class", "fruit", behaviour="DIRECT")
    story.mapped("product_class", "loans", effective_from=said.DAY, behaviour="DO_NOT_POST")
    lines = [line(), line(product_class="other"), line(product_class="fruit"), line(product_class="loans")]
    story.invoice("i1", lines=lines).invoice("i2", lines=lines, date="2026-03-09").invoice("i3", lines=lines[:3])
    assert objections(story) == [("LINE_CLASS_DO_NOT_POST", "HOLD", "lines.4", ["mapping:product_class:loans"])]
    assert messages(story) == ["line 4 is of class loans, which does not post"]
    assert [story.state(name) for name in ("i2", "i3")] == ["POSTED", "POSTED"]


def test_every_line_without_a_revenue_account_is_waited_for() -> None:
    """The first is named, all are counted, and each definition that would help is a key once."""
    story = _unmapped()
    fruit = line(product_class="fruit")
    story.invoice("i1", branch="north", lines=[line(revenue_account="4100"), fruit, fruit, line(gift_card=True)])
    keys = [
        "mapping:revenue:fruit",
        "mapping:product_class:fruit",
        "mapping:revenue:fruit:north",
        "mapping:branch:north",
        "mapping:revenue:default",
        "mapping:revenue:gift_card",
    ]
    assert objections(story) == [("REVENUE_ACCOUNT_UNMAPPED", "HOLD", "lines.2", keys)]
    assert messages(story) == ["3 lines have no revenue account, the first is line 2"]


def test_charges_without_a_place_wait_for_their_own_mapping_or_the_default() -> None:
    """They are told only when every line has a place, and when there are any."""
    story = _unmapped().invoice("i3", lines=[line(revenue_account="4100")])
    assert story.state("i3") == "POSTED"
    story.invoice("i1", lines=[line(revenue_account="4100")], totals={"charges": "0.01"})
    story.invoice("i2", totals={"charges": "0.01"})
    keys = ["mapping:revenue:charges", "mapping:revenue:default"]
    assert objections(story) == [("REVENUE_ACCOUNT_UNMAPPED", "HOLD", "totals.charges", keys)]
    assert messages(story) == ["the charges have no revenue account"]
    assert messages(story, "i2") == ["1 lines have no revenue account, the first is line 1"]


def test_the_taxes_without_an_account_are_named_once_each() -> None:
    """A line with one such tax beside a mapped one makes a component of it; two lines with one each do not."""
    story = Story().shop().mapped("tax", "NIL")
    story.invoice("i1", lines=[line(tax={"GST": "1.00"}), line(tax={"NIL": "1.00"}), line(tax={"GST": "1.00"})])
    story.invoice("i2", lines=[line(tax={"VAT": "1.00", "CITY": "1.00"}), line(tax={"GST": "1.00"})])
    story.invoice("i3", lines=[line(), line(tax={"VAT": "1.00", "GST": "1.00"})])
    assert objections(story) == [("TAX_CODE_UNMAPPED", "HOLD", "lines", ["mapping:tax:GST", "mapping:tax:NIL"])]
    assert messages(story) == ["tax codes without an account: GST, NIL"]
    assert objections(story, "i2") == [("TAX_CODE_UNMAPPED", "HOLD", "lines", ["mapping:tax:GST"])]
    assert objections(story, "i3") == [("TAX_COMPONENT_UNMAPPED", "HOLD", "lines", ["mapping:tax:GST"])]


def test_the_tender_that_has_no_place_is_named() -> None:
    """Of several the first that has no account, or takes a fee that has none."""
    story = _feeless().mapped("tender", "CARD", account=CARD, fee_account="6100").mapped("tender", "VOUCHER")
    story.invoice("i1", tenders=[tender("CASH", "50.00"), tender("CARD", "25.00", fee="1.00"), tender("VOUCHER", "25.00")])
    story.invoice("i2", tenders=[tender("CARD", "50.00", fee="1.00"), tender("CASH", "50.00", fee="0.01")])
    story.invoice("i3", tenders=[tender("CARD", "50.00", fee="1.00"), tender("CASH", "50.00")])
    story.payment("p1", tender="VOUCHER")
    assert objections(story) == [("TENDER_UNMAPPED", "HOLD", "tenders", ["mapping:tender:VOUCHER"])]
    assert objections(story, "i2") == [("TENDER_UNMAPPED", "HOLD", "tenders", ["mapping:tender:CASH"])]
    assert (messages(story), messages(story, "i2"), messages(story, "p1")) == (
        ["tender VOUCHER has no account"],
        ["tender CASH takes a fee and has no fee account"],
        ["tender VOUCHER has no account"],
    )
    assert story.state("i3") == "POSTED"


def test_a_fee_goes_to_the_account_of_the_book_where_the_tender_names_none() -> None:
    """One of the two is enough."""
    story = Story().shop().payment("p1", tender="CARD", fee="1.00")
    assert story.postings("p1") == [
        ("D", CARD, "", "100.00"),
        ("D", said.FEES, "", "1.00"),
        ("C", CARD, "", "1.00"),
        ("C", said.RECEIVABLE, "acme", "100.00"),
    ]


def test_branches_are_asked_for_by_their_day() -> None:
    """A document without a branch is never asked, one of a branch that begins later is."""
    story = Story().shop().mapped("branch", "north", effective_from="2026-03-11", dimensions={"SITE": "N"})
    story.invoice("i1", branch="north").invoice("i2").invoice("i3", branch="north", date="2026-03-11")
    assert objections(story) == [("BRANCH_UNMAPPED", "HOLD", "branch", ["mapping:branch:north"])]
    assert [story.codes(name) for name in ("i2", "i3")] == [[], []]


def test_the_line_whose_account_refuses_its_tax_is_named() -> None:
    """Lines without tax, with another, or on an account that refuses nothing are passed over."""
    story = Story().shop().mapped("ledger_account", REVENUE, taxes_refused=["VAT", "S"]).mapped("tax", "GST", account="2230")
    lines = [
        line(),
        line(tax={"CITY": "1.00"}),
        line(tax="1.00", revenue_account="4100"),
        line(tax={"CITY": "1.00", "VAT": "1.00"}),
    ]
    story.invoice("i1", lines=lines).invoice("i2", lines=lines[:3])
    keys = ["mapping:ledger_account:4000", "mapping:tax:VAT"]
    assert objections(story) == [("TAX_ACCOUNT_COMBINATION", "HOLD", "lines.4.tax", keys)]
    assert messages(story) == ["ledger account 4000 of line 4 refuses tax VAT"]
    assert story.state("i2") == "POSTED"
    unknown = Story().shop().mapped("ledger_account", REVENUE, taxes_refused=["GST"]).invoice("i1", tax={"GST": "1.00"})
    assert unknown.codes("i1") == ["TAX_CODE_UNMAPPED", "TAX_ACCOUNT_COMBINATION"]


def test_the_first_line_of_a_wrong_rate_is_named() -> None:
    """Each rate of a tax is compared once; where it was wrong again is no other reason."""
    at = [
        {**line(), "tax": [{"code": "VAT", "amount": "1.00", "rate": rate}]} for rate in ("0.20", "0.2", "0.21", "0.19", "0.21")
    ]
    story = Story().shop().mapped("tax", "VAT", account=VAT, rate="0.20")
    story.invoice("i1", lines=[line(), line(tax="1.00"), *at])
    assert objections(story) == [("TAX_RATE_MISMATCH", "HOLD", "lines.5.tax", ["mapping:tax:VAT"])]
    assert messages(story) == ["line 5 was charged VAT at 0.21, the books have 0.20"]


def test_an_exemption_frees_from_its_own_tax_on_its_days() -> None:
    """Both ends count, an end that is open has none, and the line that charges it all the same is named."""
    exempt = [{"tax": "VAT", "valid_from": said.DAY, "valid_to": said.DAY}]
    story = Story().shop().account("acme", version=2, tax_exemptions=exempt)
    lines = [line(), line(tax={"CITY": "1.00"}), line(tax={"CITY": "1.00", "VAT": "0.01"})]
    for number, day in enumerate(("2026-03-09", said.DAY, "2026-03-11"), 1):
        story.invoice(f"i{number}", lines=lines, date=day)
    assert [story.codes(f"i{number}") for number in (1, 2, 3)] == [[], ["TAX_EXEMPTION_CONFLICT"], []]
    keys = ["customer:c1", "account:acme", "mapping:tax:VAT"]
    assert objections(story, "i2") == [("TAX_EXEMPTION_CONFLICT", "HOLD", "lines.3.tax", keys)]
    assert messages(story, "i2") == ["line 3 charges VAT, which is exempted"]


def test_tax_that_was_left_out_needs_an_exemption() -> None:
    """Any that is valid on the day will do; a credit note is looked at by the day of what was sold."""
    lapsed = [{"tax": "VAT", "valid_to": "2026-03-09"}]
    story = Story().shop().customer("c1", version=2, tax_exemptions=lapsed)
    story.invoice("i1", lines=[line(), line(exempted_tax="0.00"), line(exempted_tax="0.01")])
    assert objections(story) == [("TAX_EXEMPTION_CONFLICT", "HOLD", "lines.3.exempted_tax", ["customer:c1", "account:acme"])]
    assert messages(story) == ["line 3 leaves tax out, but no exemption is valid on 2026-03-10"]
    story.invoice("i2", lines=[line(exempted_tax="0.01")], tax_date="2026-03-09")
    story.credit_note("k1", original="i2", lines=[line(exempted_tax="0.01")])
    assert [story.state(name) for name in ("i2", "k1")] == ["POSTED", "POSTED"]


def test_exemptions_are_looked_at_only_where_somebody_keeps_them() -> None:
    """A book that keeps none takes the word of the till; nobody's sale has no exemption of the customer."""
    story = Story().shop().invoice("i1", lines=[line(exempted_tax="20.00")])
    assert story.state("i1") == "POSTED"
    unopened = Story().account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    unopened.invoice("i1", lines=[line(exempted_tax="20.00")])
    assert "TAX_EXEMPTION_CONFLICT" not in unopened.codes("i1")
    assert "RULE_ERROR" not in unopened.codes("i1")


def test_a_code_that_is_missing_names_what_may_give_it() -> None:
    """The policy of the account, the branch of the document, the customer and the account that owes."""
    story = Story().shop().mapped("branch", "north").mapped("dimension_policy", REVENUE, dimensions={"SITE": "MANDATORY"})
    story.invoice("i1", branch="north")
    keys = ["mapping:dimension_policy:4000", "mapping:branch:north", "customer:c1", "account:acme"]
    assert objections(story) == [("DIMENSION_MISSING", "HOLD", "dimensions.SITE", keys)]
    assert messages(story) == ["ledger account 4000 asks for SITE"]
    story.customer("c2", invoice_to="c1").invoice("i2", customer="c2")  # Who is invoiced gives no codes of its own.
    assert [each[3] for each in objections(story, "i2")] == [[keys[0], "customer:c2", "account:acme"]]


def test_a_code_that_is_prohibited_or_closed_is_named() -> None:
    """The second dimension of the second line, by what it stands for."""
    coded = [line(), line(dimensions={"AREA": "W", "SITE": "N"})]
    story = Story().shop().mapped("dimension_policy", REVENUE, dimensions={"AREA": "OPTIONAL", "SITE": "PROHIBITED"})
    story.invoice("i1", lines=coded)
    closed = Story().shop().mapped("dimension", "SITE:N", effective_from=said.DAY, status="CLOSED").mapped("dimension", "AREA:W")
    closed.invoice("i1", lines=coded).invoice("i2", lines=coded, date="2026-03-09")
    keys = ["mapping:dimension_policy:4000", "customer:c1", "account:acme"]
    assert objections(story) == [("DIMENSION_PROHIBITED", "HOLD", "dimensions.SITE", keys)]
    assert messages(story) == ["ledger account 4000 does not take SITE, the line has N"]
    assert objections(closed) == [("DIMENSION_CLOSED", "HOLD", "dimensions.SITE", ["mapping:dimension:SITE:N", *keys])]
    assert messages(closed) == ["code N of SITE is closed"]
    assert closed.state("i2") == "POSTED"


def test_what_goes_to_suspense_is_told_five_at_most() -> None:
    """Five are named, the sixth is counted; each once."""
    codes = ["A", "B", "C", "D", "E"]
    story = suspending(suspense="POST")
    story.invoice("i1", lines=[line(tax=dict.fromkeys(codes, "1.00")), line(tax={"A": "1.00"})])
    story.invoice("i2", lines=[line(tax=dict.fromkeys([*codes, "F"], "1.00"))])
    story.payment("p1", tender="VOUCHER")
    told = "posts to suspense account 9999: tax A, tax B, tax C, tax D, tax E"
    assert (messages(story), messages(story, "i2")) == ([told], [f"{told} and 1 more"])
    assert messages(story, "p1") == ["posts to suspense account 9999: tender VOUCHER"]


def test_a_fee_goes_to_suspense_only_where_neither_tender_nor_book_has_an_account() -> None:
    """Each of the two is enough."""
    fees = Story().shop(suspense="POST", control={"suspense": "9999"}).payment("p1", tender="CARD", fee="1.00")
    story = suspending(suspense="POST").payment("p1", tender="CARD", fee="1.00").payment("p2", tender="CARD")
    story.invoice("i1", tenders=[tender("CASH", "60.00", fee="1.00"), tender("CARD", "40.00")])
    story.mapped("tender", "CARD", account=CARD, fee_account="6110").payment("p3", tender="CARD", fee="1.00")
    assert (fees.codes("p1"), story.codes("p2"), story.codes("p3")) == ([], [], [])
    assert messages(story, "p1") == ["posts to suspense account 9999: fee of CARD"]
    assert messages(story, "i1") == ["posts to suspense account 9999: fee of CASH"]


def test_a_suspended_ledger_account_is_told_as_such() -> None:
    """The first account of the journal that takes nothing; one that is open, or begins to be closed later, is no reason."""
    story = Story().shop().mapped("ledger_account", REVENUE, status="OPEN").mapped("ledger_account", VAT, status="SUSPENDED")
    story.mapped("ledger_account", CASH, effective_from="2026-03-11", status="CLOSED")
    story.invoice("i1", tax="20.00", tenders=[tender("CASH", "120.00")]).invoice("i2", tenders=[tender("CASH", "100.00")])
    assert objections(story) == [("GL_ACCOUNT_UNPOSTABLE", "HOLD", None, [f"mapping:ledger_account:{VAT}"])]
    assert messages(story) == ["ledger account 2200 is suspended"]
    assert story.state("i2") == "POSTED"
