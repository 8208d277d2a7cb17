"""Billing adds up: a batch or a summary leaves the books as its documents would one by one, and taken back leaves nothing."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.ledger import BALANCES
from schemas.values import major
from tests import said
from tests.given import Story
from tests.rules.accumulation import closed, run, undo
from tests.rules.test_batches import checked
from tests.said import Fields, Saying

RATES = {"EUR": None, "USD": "0.4007", "JPY": "0.00613"}
Balances = dict[tuple[str, str, str], tuple[int, int]]


@st.composite
def documents(draw: st.DrawFn, *, paid: bool) -> list[Saying]:
    """A few invoices and credit notes of one account, in several currencies, rounded, taxed and paid at the till."""
    return [_document(draw, number, paid=paid) for number in range(draw(st.integers(1, 6)))]


def _document(draw: st.DrawFn, number: int, *, paid: bool) -> Saying:
    currency = draw(st.sampled_from(sorted(RATES)))
    units = st.integers(1, 99_999)
    lines, gross = [], 0
    for _ in range(draw(st.integers(1, 3))):
        net, vat, city = draw(units), draw(st.integers(0, 999)), draw(st.integers(0, 99))
        taxes = {"VAT": major(vat, currency), "CITY": major(city, currency)}
        lines.append(said.line(major(net, currency), tax=taxes))
        gross += net + vat + city
    rounding = draw(st.integers(-3, 3))
    gross += rounding
    share = draw(st.integers(0, gross)) if not paid else gross
    cash = draw(st.integers(0, share))
    tenders = [("CASH", cash), ("CARD", share - cash)]
    fields: Fields = {
        "lines": lines,
        "currency": currency,
        "exchange_rate": RATES[currency],
        "totals": {"rounding": major(rounding, currency)} if rounding else {},
        "tenders": [said.tender(code, major(amount, currency)) for code, amount in tenders if amount],
        "branch": "north",
        "prices_include_tax": draw(st.booleans()),
    }
    maker = said.credit_note if draw(st.integers(0, 3)) == 0 else said.invoice
    return maker(f"d{number}", "0.00", **fields)


def house(*, together: bool) -> Story:
    """An account whose class bills in batches, or not."""
    story = Story().shop(unreferenced_credit="POST", rounding_max="0.03", control={"fx_difference": "7900"})
    return story.mapped("branch", "north").defined("HOUSE", "ACCOUNT", version=2, batch_billing=together)


def counter(*, together: bool) -> Story:
    """A shared debtor whose class posts by the day, or sale by sale."""
    story = Story().counter(unreferenced_credit="POST", rounding_max="0.03", control={"fx_difference": "7900"})
    story.mapped("branch", "north")
    detail = "SUMMARY" if together else "ITEMISED"
    return story.defined("COUNTER", "GENERIC", version=2, generic_account="counter", detail=detail)


def balances(story: Story) -> Balances:
    """Return what each account, party and currency has, in its own and in the book's currency."""
    sums: Balances = defaultdict(lambda: (0, 0))
    for row in story.log.views.rows(BALANCES):
        sums[row.account, row.party, row.currency] = row.debit - row.credit, row.base_debit - row.base_credit
    return {key: value for key, value in sums.items() if value != (0, 0)}


def owed(story: Story, account: str) -> dict[str, int]:
    """Return what is open on an account, by currency."""
    sums: dict[str, int] = defaultdict(int)
    with story.log.writing(dry=True) as writing:
        for row in writing.receivables(story.name, account):
            sums[row.currency] += row.open
    return {currency: units for currency, units in sums.items() if units}


def billed(sayings: list[Saying]) -> None:
    """A batch is the sum of its members, and nothing when it is taken back."""
    alone, together = house(together=False).each(*sayings), house(together=True).each(*sayings)
    waiting = {row: together.state(row) for row in (str(saying.fields["document"]) for saying in sayings)}
    assert set(waiting.values()) == {"ACCUMULATING"}
    assert together.say(run()).verdict == ("ACCEPTED", "ACCEPTED")
    assert (balances(together), owed(together, "acme")) == (balances(alone), owed(alone, "acme"))
    assert {together.state(name) for name in waiting} == {"POSTED"}
    together.say(undo())
    assert (balances(together), owed(together, "acme")) == ({}, {})
    assert {name: together.state(name) for name in waiting} == waiting
    together.say(run("b2"))
    assert balances(together) == balances(alone)
    assert checked(together.log) == []


def summarised(sayings: list[Saying]) -> None:
    """A day's summaries are the sum of its sales, and without them as each of them is taken out."""
    alone, together = counter(together=False).each(*sayings), counter(together=True).each(*sayings)
    assert {together.state(str(saying.fields["document"])) for saying in sayings} == {"ACCUMULATING"}
    together.say(*(closed(currency=currency) for currency in sorted(RATES)))
    assert (balances(together), owed(together, "counter")) == (balances(alone), owed(alone, "counter"))
    for saying in sayings:
        noun, document = saying.kind.partition(".")[0], saying.fields["document"]
        for story in (alone, together):
            story.said(f"{noun}.voided", document=document, version=2)
        assert balances(together) == balances(alone)
    assert (balances(together), owed(together, "counter"), checked(together.log)) == ({}, {}, [])


@given(documents(paid=False))
def test_a_batch_is_the_sum_of_its_members(sayings: list[Saying]) -> None:
    """To the cent, in both currencies, whatever was rounded, taxed, converted or paid."""
    billed(sayings)


@given(documents(paid=True))
def test_a_summary_is_the_sum_of_its_sales(sayings: list[Saying]) -> None:
    """To the cent, and each sale can be taken out of it again."""
    summarised(sayings)


@pytest.mark.soak
@settings(max_examples=2_000)
@given(documents(paid=False), documents(paid=True))
def test_thousands_of_batches_and_summaries_add_up(members: list[Saying], sales: list[Saying]) -> None:
    """The same, searched for long."""
    billed(members)
    summarised(sales)
