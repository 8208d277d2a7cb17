"""Currencies at their boundaries: who is in which, what a rate is near to, and how much rounding is little."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections

DOLLARS = {"currency": "USD", "exchange_rate": "0.5"}
RATE = ["mapping:rate:USD"]


def _table(**policies: object) -> Story:
    return Story().shop(rate_source="TABLE", **policies).mapped("rate", "USD", rate="0.4")


def test_an_account_of_another_currency_is_named_with_the_link_to_it() -> None:
    """Another currency of the account, or another account, lets the document in."""
    story = Story().book().account("acme", currency="EUR").classified("acme", "HOUSE").customer("c2").linked("c2", "acme")
    story.customer("c1", invoice_to="c2").invoice("i1", **DOLLARS)
    assert objections(story) == [("CURRENCY_MISMATCH", "HOLD", None, ["account:acme", "link:c2"])]
    assert messages(story) == ["account acme is in EUR, the document in USD"]
    story = Story().shop().account("acme", version=2, currency="EUR").invoice("i1", **DOLLARS)
    assert objections(story) == [("CURRENCY_MISMATCH", "HOLD", None, ["account:acme", "link:c1"])]


def test_money_in_another_currency_than_its_document_is_held_a_deposit_only_told() -> None:
    """The document is named; a deposit stands for itself until it is applied; what is unknown has no currency."""
    story = Story().shop().invoice("i1").payment("p1", on="i1", **DOLLARS).deposit("d1", on="i1", **DOLLARS)
    assert objections(story, "p1") == [("CURRENCY_MISMATCH", "HOLD", "currency", [])]
    assert objections(story, "d1") == [("CURRENCY_MISMATCH", "WARN", "currency", [])]
    assert messages(story, "p1") == ["document i1 is in EUR, this one in USD"]
    assert story.payment("p2", on="i9", **DOLLARS).codes("p2") == ["WAITING_FOR_DEPENDENCY"]


def test_a_credit_note_has_the_currency_of_its_original() -> None:
    """The original is named; a credit note without one has its own."""
    story = (
        Story()
        .shop(unreferenced_credit="POST")
        .invoice("i1")
        .credit_note("k1", original="i1", **DOLLARS)
        .credit_note("k2", **DOLLARS)
    )
    assert ("CURRENCY_MISMATCH", "HOLD", "currency", []) in objections(story, "k1")
    assert "document i1 is in EUR, this one in USD" in messages(story, "k1")
    assert story.codes("k2") == []


def test_a_rate_is_missing_from_the_document_or_from_the_table() -> None:
    """Where the document states rates its next version is needed; where the table does, the table, unless it states nought."""
    story = Story().shop().invoice("i1", currency="USD")
    assert objections(story) == [("FX_RATE_MISSING", "HOLD", "exchange_rate", [])]
    assert messages(story) == ["USD to EUR has no rate for 2026-03-10"]
    story = Story().shop(rate_source="TABLE").invoice("i1", currency="USD")
    assert objections(story) == [("FX_RATE_MISSING", "HOLD", "exchange_rate", RATE)]
    assert story.decision("i1").reasons[0].remedy == "define the mapping rate USD for the day"


@pytest.mark.parametrize(("source", "rate"), [("DOCUMENT", "0"), ("DOCUMENT", "-0.5"), ("TABLE", "0")])
def test_a_rate_that_is_not_above_zero_is_none(source: str, rate: str) -> None:
    """Whoever states it has to state another: the table does not stand in for it; one is a rate."""
    story = Story().shop(rate_source=source).mapped("rate", "USD", rate="0.4").invoice("i1", currency="USD", exchange_rate=rate)
    assert objections(story) == [("FX_RATE_MISSING", "HOLD", "exchange_rate", [])]
    assert story.invoice("i2", currency="USD", exchange_rate="1").codes("i2") == []


@pytest.mark.parametrize(
    ("rate", "held"), [("0.5", False), ("0.5001", True), ("0.3", False), ("0.2999", True), ("0.4", False), ("0.50", False)]
)
def test_a_rate_is_near_the_table_or_not(rate: str, *, held: bool) -> None:
    """A quarter of the table's 0.4 up or down, whatever decimals it is written with."""
    story = _table(rate_tolerance="0.25").invoice("i1", currency="USD", exchange_rate=rate)
    assert objections(story) == ([("FX_RATE_OUT_OF_TOLERANCE", "HOLD", "exchange_rate", RATE)] if held else [])
    assert messages(story) == ([f"the rate {rate} differs from the table's 0.4 by more than 0.25 of it"] if held else [])


def test_a_rate_is_compared_only_where_there_is_something_to_compare() -> None:
    """Without a tolerance, without a table, without a stated rate, and in the book's own currency, nothing is far off."""
    far = {"currency": "USD", "exchange_rate": "9"}
    assert _table().invoice("i1", **far).codes("i1") == []
    assert Story().shop(rate_tolerance="0.25").invoice("i1", **far).codes("i1") == []
    assert _table(rate_tolerance="0.25").invoice("i1", currency="USD").codes("i1") == []
    story = _table(rate_tolerance="0.25").mapped("rate", "EUR", rate="1")
    assert "FX_RATE_OUT_OF_TOLERANCE" not in story.invoice("i1", exchange_rate="9").codes("i1")
    bookless = Story().say(*said.mappings()).mapped("rate", "USD", rate="0.4").account("acme").classified("acme", "HOUSE")
    assert bookless.customer("c1").linked("c1", "acme").invoice("i1", **far).codes("i1") == ["BOOK_UNKNOWN"]


@pytest.mark.parametrize(
    ("rounding", "code", "message"),
    [
        ("0.02", "ROUNDING_BALANCED", "rounding of 0.02 EUR goes to 8900"),
        ("-0.02", "ROUNDING_BALANCED", "rounding of -0.02 EUR goes to 8900"),
        ("0.03", "UNBALANCED", "rounding of 0.03 EUR exceeds the limit of 0.02 EUR"),
        ("-0.03", "UNBALANCED", "rounding of -0.03 EUR exceeds the limit of 0.02 EUR"),
    ],
)
def test_rounding_is_told_up_to_the_limit_and_held_above(rounding: str, code: str, message: str) -> None:
    """Either way, and never both."""
    story = Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": rounding})
    severity = "WARN" if code == "ROUNDING_BALANCED" else "HOLD"
    assert objections(story) == [(code, severity, "totals.rounding", [])]
    assert messages(story) == [message]


def test_rounding_counts_in_the_currency_of_the_book() -> None:
    """Four cents of a dollar are two of a euro; without a rate nobody knows, and the rate is what is missing."""
    story = Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "0.04"}, **DOLLARS)
    assert messages(story) == ["rounding of 0.02 EUR goes to 8900"]
    story.invoice("i2", totals={"rounding": "0.06"}, **DOLLARS).invoice("i3", totals={"rounding": "0.06"}, currency="USD")
    assert (story.codes("i2"), story.codes("i3")) == (["UNBALANCED"], ["FX_RATE_MISSING"])


def test_rounding_is_no_matter_before_there_is_a_book() -> None:
    """Nobody has said how much is little."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    assert story.invoice("i1", totals={"rounding": "9.00"}).codes("i1") == ["BOOK_UNKNOWN"]
