"""Cases of engine/firewall/mapping.py: every line, tax, tender and branch has its place in the books."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case

LINE = said.line


def _unmapped() -> Story:
    """A shop whose book maps nothing."""
    return Story().say(said.book()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")


def _without_fees() -> Story:
    """A shop that has no account for fees."""
    control = {"receivable": said.RECEIVABLE, "deposits": said.DEPOSITS, "rounding": said.ROUNDING}
    opened = said.say("book.opened", base_currency="EUR", control_accounts=control, timezone="UTC")
    story = Story().say(opened, *said.mappings())
    return story.account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")


def _catalogue() -> Story:
    return Story().shop(catalogue_required=True).mapped("product", "pear")


CASES = (
    Case(
        "G1",
        "LINE_UNCLASSIFIED",
        fires=lambda: _catalogue().invoice("i1", lines=[LINE(product="pear")]),
        beside=lambda: _catalogue().invoice("i1", lines=[LINE(product="pear", revenue_account="4100")]),
        remedy=lambda s: s.mapped("product", "pear", product_class="fruit"),
    ),
    Case(
        "G1",
        "LINE_UNCLASSIFIED",
        fires=lambda: _catalogue().invoice("i1", lines=[LINE(description="a favour")]),
        beside=lambda: Story().shop(catalogue_required=False).invoice("i1", lines=[LINE(description="a favour")]),
        remedy=lambda s: s.amended("i1", lines=[LINE(description="a favour", product_class="services")]),
    ),
    Case(
        "G2",
        "LINE_CLASS_DO_NOT_POST",
        fires=lambda: (
            Story()
            .shop()
            .mapped("product_class", "loans", behaviour="DO_NOT_POST")
            .invoice("i1", lines=[LINE(product_class="loans")])
        ),
        beside=lambda: (
            Story()
            .shop()
            .mapped("product_class", "loans", behaviour="DO_NOT_POST")
            .invoice("i1", lines=[LINE(product_class="fruit")])
        ),
        remedy=lambda s: s.mapped("product_class", "loans", behaviour="DIRECT"),
    ),
    Case(
        "G5",
        "REVENUE_ACCOUNT_UNMAPPED",
        fires=lambda: _unmapped().invoice("i1", lines=[LINE(product_class="fruit")]),
        beside=lambda: _unmapped().mapped("revenue", "fruit", account="4100").invoice("i1", lines=[LINE(product_class="fruit")]),
        remedy=lambda s: s.mapped("revenue", "fruit", account="4100"),
    ),
    Case(
        "G5",
        "REVENUE_ACCOUNT_UNMAPPED",
        fires=lambda: _unmapped().mapped("revenue", "default", effective_from="2026-03-11", account="4000").invoice("i1"),
        beside=lambda: _unmapped().mapped("revenue", "default", effective_from=said.DAY, account="4000").invoice("i1"),
        remedy=lambda s: s.mapped("revenue", "default", account="4000"),
    ),
    Case(
        "G6",
        "TAX_CODE_UNMAPPED",
        fires=lambda: Story().shop().invoice("i1", tax={"GST": "5.00"}),
        beside=lambda: Story().shop().invoice("i1", tax={"VAT": "5.00"}),
        remedy=lambda s: s.mapped("tax", "GST", account="2230"),
    ),
    Case(
        "G9",
        "TAX_COMPONENT_UNMAPPED",
        fires=lambda: Story().shop().invoice("i1", tax={"VAT": "5.00", "PST": "7.00"}),
        beside=lambda: Story().shop().invoice("i1", tax={"VAT": "5.00", "CITY": "7.00"}),
        remedy=lambda s: s.mapped("tax", "PST", account="2230"),
    ),
    Case(
        "G11",
        "TENDER_UNMAPPED",
        fires=lambda: Story().shop().invoice("i1", tenders=[said.tender("CASH", "50.00"), said.tender("VOUCHER", "50.00")]),
        beside=lambda: Story().shop().invoice("i1", tenders=[said.tender("CASH", "50.00"), said.tender("CARD", "50.00")]),
        remedy=lambda s: s.mapped("tender", "VOUCHER", account="1020"),
    ),
    Case(
        "G11",
        "TENDER_UNMAPPED",
        fires=lambda: _without_fees().payment("p1", tender="CARD", fee="0.30"),
        beside=lambda: _without_fees().payment("p1", tender="CARD"),
        remedy=lambda s: s.mapped("tender", "CARD", account="1010", fee_account="6100"),
        document="p1",
    ),
    Case(
        "G12",
        "BRANCH_UNMAPPED",
        fires=lambda: Story().shop().mapped("branch", "north", dimensions={"SITE": "N"}).invoice("i1", branch="south"),
        beside=lambda: Story().shop().invoice("i1", branch="south"),
        remedy=lambda s: s.mapped("branch", "south", dimensions={"SITE": "S"}),
    ),
    Case(
        "D10",
        "GL_ACCOUNT_UNPOSTABLE",
        fires=lambda: Story().shop().mapped("ledger_account", said.VAT, status="CLOSED").invoice("i1", tax="20.00"),
        beside=lambda: Story().shop().mapped("ledger_account", said.VAT, status="CLOSED").invoice("i1"),
        remedy=lambda s: s.mapped("ledger_account", said.VAT, status="OPEN"),
    ),
    Case(
        "D10",
        "GL_ACCOUNT_UNPOSTABLE",
        fires=lambda: Story().shop().mapped("ledger_account", said.CASH, status="SUSPENDED").payment("p1", tender="CASH"),
        beside=lambda: Story().shop().mapped("ledger_account", said.CASH, status="SUSPENDED").payment("p1", tender="CARD"),
        remedy=lambda s: s.mapped("ledger_account", said.CASH, status="OPEN"),
        document="p1",
    ),
)
