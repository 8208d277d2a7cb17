"""Boundaries of D10: a closed ledger account is told even while the journal cannot be built."""

from __future__ import annotations

import pytest

from tests.given import Story
from tests.rules.boundary import objections
from tests.rules.charging import TO, charged
from tests.rules.dimensions import suspending
from tests.said import CARD, CASH, DEPOSITS, RECEIVABLE, ROUNDING, VAT, line, tender

CLOSED = "GL_ACCOUNT_UNPOSTABLE"


def _closed(story: Story, document: str = "i1") -> list[str]:
    """Return the ledger accounts that keep a document from the ledger."""
    return [key.split(":")[2] for code, _, _, keys in objections(story, document) if code == CLOSED for key in keys]


@pytest.mark.parametrize("account", ["4100", VAT, CASH, CARD, RECEIVABLE, "4500", ROUNDING, "8910"])
def test_a_sale_with_a_line_that_has_no_place_tells_its_closed_accounts(account: str) -> None:
    """Line, tax, both tenders, receivable, charges and both roundings; the same without them touches the receivable alone."""
    story = Story().shop(rounding_max="1.00", control={"cash_rounding": "8910"})
    story.mapped("revenue", "default").mapped("revenue", "charges", account="4500")
    lines = [line("50.00", product_class="none"), line("50.00", tax="20.00", revenue_account="4100")]
    totals = {"charges": "5.00", "rounding": "0.02", "cash_rounding": "-0.02"}
    paid = [tender("CASH", "60.00"), tender("CARD", "65.00")]
    story.mapped("ledger_account", account, status="CLOSED").invoice("i1", lines=lines, totals=totals, tenders=paid)
    story.invoice("i2", lines=lines[:1])
    assert "REVENUE_ACCOUNT_UNMAPPED" in story.codes("i1")
    assert _closed(story) == [account]
    assert _closed(story, "i2") == ([account] if account == RECEIVABLE else [])


@pytest.mark.parametrize(("account", "held"), [(CASH, ["d1", "p1", "p2"]), (DEPOSITS, ["d1"]), ("1190", ["p2"])])
def test_money_without_a_rate_tells_its_closed_accounts(account: str, held: list[str]) -> None:
    """The tender always, the liability of a deposit, and the account for what the old system booked."""
    dollars = {"currency": "USD"}
    story = Story().shop(cutover="2026-03-01", control={"cutover": "1190"})
    story.invoice("old", date="2026-02-20", exchange_rate="0.90", **dollars).mapped("ledger_account", account, status="CLOSED")
    story.deposit("d1", **dollars).payment("p1", **dollars).payment("p2", on="old", **dollars)
    assert ["FX_RATE_MISSING" in story.codes(name) for name in ("d1", "p1", "p2")] == [True] * 3
    assert [name for name in ("d1", "p1", "p2") if _closed(story, name) == [account]] == held


def test_what_goes_to_suspense_without_a_rate_tells_it_when_closed() -> None:
    """Line, tax, charges and tender without a place; each of them alone."""
    story = suspending(suspense="POST").mapped("revenue", "default").mapped("ledger_account", "9999", status="CLOSED")
    own, dollars = line(revenue_account="4100"), {"currency": "USD"}
    taxed = line(revenue_account="4100", tax={"GST": "1.00"})
    story.invoice("i1", lines=[line()], **dollars).invoice("i2", lines=[taxed], **dollars)
    story.invoice("i3", lines=[own], totals={"charges": "1.00"}, **dollars)
    story.invoice("i4", lines=[own], tenders=[tender("VOUCHER", "100.00")], **dollars)
    story.invoice("i5", lines=[own], tenders=[tender("CASH", "100.00")], **dollars)
    assert [_closed(story, f"i{number}") for number in range(1, 6)] == [["9999"], ["9999"], ["9999"], ["9999"], []]


def test_accounts_of_a_book_that_was_never_opened() -> None:
    """It has no control accounts; what lines name is told all the same."""
    story = Story().account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.mapped("ledger_account", "4100", status="CLOSED")
    story.invoice("i1", lines=[line(revenue_account="4100")], totals={"rounding": "0.01"})
    assert _closed(story) == ["4100"]
    assert "RULE_ERROR" not in story.codes("i1")


def test_a_deposit_that_stands_has_brought_its_money() -> None:
    """Its tender may be closed by the time it is applied."""
    story = Story().shop().deposit("d1", on="i1").mapped("ledger_account", CASH, status="CLOSED").invoice("i1")
    assert (story.receivables("acme"), _closed(story, "d1")) == ({}, [])


def test_a_charge_without_a_rate_tells_the_closed_account_of_interest() -> None:
    """Only interest touches it: a sale in the same currency says nothing of it."""
    dollars = {"currency": "USD", "exchange_rate": "0.90"}
    story = Story().shop().defined("HOUSE", version=2, interest={"rate": "10"})
    story.account("acme", version=2, interest_applies=True, interest_account="7000", terms={"days": 0})
    story.invoice("i1", "1000.00", date="2026-02-01", **dollars).mapped("ledger_account", "7000", status="CLOSED")
    charge = f"acme:USD:{TO}"
    charged(story).invoice("i2", currency="USD")
    assert (story.codes(charge), _closed(story, charge)) == ([CLOSED, "FX_RATE_MISSING"], ["7000"])
    assert story.codes("i2") == ["FX_RATE_MISSING"]
