"""Cases of engine/firewall/taxes.py: accounts, rates and exemptions agree with the taxes that were charged."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY, REVENUE, VAT

LINE = said.line
EXEMPT = [{"tax": "VAT", "valid_from": DAY, "valid_to": "2026-12-31"}]
LAPSED = [{"tax": "VAT", "valid_to": "2026-03-09"}]


def _rated(rate: str, *, charged: str = "0.20", **mapping: object) -> Story:
    """A shop whose tax has a rate, and a line that states the one it was charged at."""
    lines = [LINE(description="tea"), {**LINE("50.00"), "tax": [{"code": "VAT", "amount": "10.00", "rate": charged}]}]
    return Story().shop().mapped("tax", "VAT", account=VAT, rate=rate, **mapping).invoice("i1", lines=lines)


def _claiming(exemptions: list[dict[str, str]], *, amount: str = "20.00", **policies: object) -> Story:
    """A customer with exemptions on record, and a line that leaves tax out because of one."""
    story = Story().shop(**policies).customer("c1", version=2, tax_exemptions=exemptions)
    return story.invoice("i1", lines=[LINE("100.00", exempted_tax=amount)])


CASES = (
    Case(
        "G7",
        "TAX_ACCOUNT_COMBINATION",
        fires=lambda: Story().shop().mapped("ledger_account", REVENUE, taxes_refused=["VAT"]).invoice("i1", tax="20.00"),
        beside=lambda: (
            Story().shop().mapped("ledger_account", REVENUE, taxes_refused=["VAT"]).invoice("i1", tax={"CITY": "1.00"})
        ),
        remedy=lambda s: s.mapped("ledger_account", REVENUE, taxes_refused=["CITY"]),
    ),
    Case(
        "G7",
        "TAX_ACCOUNT_COMBINATION",
        fires=lambda: (
            Story()
            .shop()
            .mapped("tax", "VAT", account=VAT, code="S")
            .mapped("ledger_account", REVENUE, taxes_refused=["S"])
            .invoice("i1", tax="20.00")
        ),
        beside=lambda: (
            Story()
            .shop()
            .mapped("tax", "VAT", account=VAT, code="S")
            .mapped("ledger_account", VAT, taxes_refused=["S"])
            .invoice("i1", tax="20.00")
        ),
        remedy=lambda s: s.mapped("tax", "VAT", account=VAT, code="Z"),
    ),
    Case(
        "G8",
        "TAX_RATE_MISMATCH",
        fires=lambda: _rated("0.19"),
        beside=lambda: _rated("0.2000"),
        remedy=lambda s: s.mapped("tax", "VAT", account=VAT, rate="0.2"),
    ),
    Case(
        "G8",
        "TAX_RATE_MISMATCH",
        fires=lambda: _rated("0.19", effective_from=DAY),
        beside=lambda: _rated("0.19", effective_from="2026-03-11"),
        remedy=lambda s: s.released("i1", "TAX_RATE_MISMATCH"),
    ),
    Case(
        "G10",
        "TAX_EXEMPTION_CONFLICT",
        fires=lambda: Story().shop().customer("c1", version=2, tax_exemptions=EXEMPT).invoice("i1", tax="0.01"),
        beside=lambda: Story().shop().customer("c1", version=2, tax_exemptions=EXEMPT).invoice("i1", tax="0.00"),
        remedy=lambda s: s.customer("c1", version=3),
    ),
    Case(
        "G10",
        "TAX_EXEMPTION_CONFLICT",
        fires=lambda: Story().shop().account("acme", version=2, tax_exemptions=EXEMPT).invoice("i1", tax="20.00"),
        beside=lambda: Story().shop().account("acme", version=2, tax_exemptions=LAPSED).invoice("i1", tax="20.00"),
        remedy=lambda s: s.account("acme", version=3, tax_exemptions=LAPSED),
    ),
    Case(
        "G10",
        "TAX_EXEMPTION_CONFLICT",
        fires=lambda: Story().shop().account("acme", version=2, tax_exemptions=EXEMPT).invoice("i1", tax="20.00"),
        beside=lambda: (
            Story().shop().account("acme", version=2, tax_exemptions=EXEMPT).invoice("i1", tax="20.00", tax_date="2026-03-09")
        ),
        remedy=lambda s: s.released("i1", "TAX_EXEMPTION_CONFLICT"),
    ),
    Case(
        "G10",
        "TAX_EXEMPTION_CONFLICT",
        fires=lambda: _claiming(LAPSED),
        beside=lambda: _claiming(EXEMPT),
        remedy=lambda s: s.customer("c1", version=3, tax_exemptions=EXEMPT),
    ),
    Case(
        "G10",
        "TAX_EXEMPTION_CONFLICT",
        fires=lambda: _claiming([], tax_exemptions="RECORDED"),
        beside=lambda: _claiming([], amount="0.00", tax_exemptions="RECORDED"),
        remedy=lambda s: s.account("acme", version=2, tax_exemptions=EXEMPT),
    ),
)
