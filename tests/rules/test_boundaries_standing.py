"""Standing at its boundaries: everybody of whom it is so is named, and each on the way is waited for."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.said import tender


def _through_another() -> Story:
    """Return a shop where c1 is invoiced through c2, who owes through acme."""
    story = Story().book().account("acme").classified("acme", "HOUSE").customer("c2").linked("c2", "acme")
    return story.customer("c1", invoice_to="c2")


@pytest.mark.parametrize(
    ("status", "code", "path", "message"),
    [
        ("CLOSED", "ACCOUNT_CLOSED", None, "account acme is closed"),
        ("SUSPENDED", "ACCOUNT_SUSPENDED", "account:acme", "account acme is suspended"),
        ("DRAFT", "ACCOUNT_NOT_APPROVED", None, "account acme is a draft"),
    ],
)
def test_an_account_that_takes_nothing_is_named(status: str, code: str, path: str | None, message: str) -> None:
    """Another status, or another link, lets the document in; the link is that of the one invoiced."""
    story = _through_another().account("acme", version=2, status=status).invoice("i1")
    assert objections(story) == [(code, "HOLD", path, ["account:acme", "link:c2"])]
    assert messages(story) == [message]


def test_a_suspended_account_waits_while_the_book_is_unknown() -> None:
    """Only a book can allow it."""
    story = (
        Story()
        .say(*said.mappings())
        .account("acme", status="SUSPENDED")
        .classified("acme", "HOUSE")
        .customer("c1")
        .linked("c1", "acme")
    )
    assert story.invoice("i1").codes("i1") == ["BOOK_UNKNOWN", "ACCOUNT_SUSPENDED"]


def test_every_party_on_hold_is_named_with_the_ends() -> None:
    """Both customers are on hold, one of them until a day: either end is an occasion to look again."""
    story = (
        _through_another().said("customer.held", customer="c1").said("customer.held", customer="c2", until="2026-03-13T00:00:00Z")
    )
    story.invoice("i1")
    end = f"instant:{1773360000000000:020d}"
    assert objections(story) == [("CUSTOMER_ON_HOLD", "HOLD", "customer:c1 customer:c2", ["customer:c1", "customer:c2", end])]
    assert messages(story) == ["customer c1 is on hold and customer c2 is on hold"]


def test_a_name_is_told_as_it_is() -> None:
    """Whatever stands in it."""
    story = (
        Story().shop().customer("c:1").linked("c:1", "acme").said("customer.held", customer="c:1").invoice("i1", customer="c:1")
    )
    assert messages(story) == ["customer c:1 is on hold"]


def test_a_hold_of_the_shared_debtor_counts_beside_that_of_the_account() -> None:
    """Both accounts are on the way of a sale that posts to the shared one; money passes."""
    story = Story().counter().said("account.held", account="counter").said("account.held", account="walkers")
    story.invoice("i1", tenders=[tender("CASH", "100.00")])
    keys = ["account:counter", "account:walkers"]
    assert objections(story) == [("CUSTOMER_ON_HOLD", "HOLD", " ".join(keys), keys)]
    held = Story().shop().invoice("i1").said("account.held", account="acme").said("customer.held", customer="c1")
    assert held.payment("p1", on="i1").codes("p1") == []


@pytest.mark.parametrize(
    ("customer", "account", "path"),
    [
        ("INVOICE", "NONE", "customer:c1"),
        ("NONE", "ALL", "account:acme"),
        ("ALL", "INVOICE", "customer:c1 account:acme"),
        ("SHIP", "SHIP", None),
    ],
)
def test_every_blocked_party_is_named(customer: str, account: str, path: str | None) -> None:
    """Invoices are stopped by either kind of block, on either side; a block on shipping stops no invoice."""
    story = Story().shop().customer("c1", version=2, block=customer).account("acme", version=2, block=account).invoice("i1")
    assert objections(story) == ([("CUSTOMER_BLOCKED", "HOLD", path, path.split())] if path else [])


def test_a_block_on_invoices_stops_nothing_else() -> None:
    """Credit notes and money are stopped by a block on all alone."""
    story = Story().shop(unreferenced_credit="POST").customer("c1", version=2, block="INVOICE").credit_note("k1").payment("p1")
    assert (story.codes("k1"), story.codes("p1")) == ([], [])
    story.customer("c1", version=3, block="ALL").credit_note("k2").payment("p2")
    assert (story.codes("k2"), story.codes("p2")) == (["CUSTOMER_BLOCKED"], ["CUSTOMER_BLOCKED"])
    assert messages(story, "k2") == ["customer c1 is blocked (ALL)"]


def test_a_retired_customer_is_named_on_invoices_alone() -> None:
    """What it owes it may pay, and get credited."""
    story = _through_another().said("customer.deactivated", customer="c2").invoice("i1").payment("p1", customer="c2")
    assert objections(story) == [("CUSTOMER_INACTIVE", "HOLD", "customer:c2", ["customer:c2"])]
    assert (messages(story), story.codes("p1")) == (["customer c2 is deactivated"], [])


def test_a_stop_names_the_account_and_its_office() -> None:
    """Both are on stop: lifting one does not lift the other, and another link lets it in."""
    story = Story().shop().account("office", stop_credit=True).account("acme", version=2, head_office="office", stop_credit=True)
    story.invoice("i1").credit_note("k1", original="i1")
    assert objections(story) == [
        ("STOP_CREDIT", "HOLD", "account:office account:acme", ["account:office", "account:acme", "link:c1"])
    ]
    assert messages(story) == ["account office is on stop, the head office of account acme and account acme is on stop"]
    assert "STOP_CREDIT" not in story.codes("k1")
    story.account("office", version=2)
    assert objections(story) == [("STOP_CREDIT", "HOLD", "account:acme", ["account:acme", "link:c1"])]


@pytest.mark.parametrize("status", ["DISPUTED", "DELINQUENT"])
def test_every_party_in_dispute_is_named(status: str) -> None:
    """The book says for each status of its own whether it holds; without a word it warns."""
    policy, other = ("disputed", "delinquent") if status == "DISPUTED" else ("delinquent", "disputed")
    code = f"CUSTOMER_{status}"
    for policies, severity in (({}, "WARN"), ({other: "HOLD"}, "WARN"), ({policy: "HOLD"}, "HOLD")):
        story = Story().shop(**policies).customer("c1", version=2, status=status).account("acme", version=2, standing=status)
        story.invoice("i1").payment("p1")
        keys = ["account:acme", "customer:c1"]
        assert objections(story) == [(code, severity, " ".join(keys), keys)]
        assert messages(story) == [f"account acme is {status.lower()} and customer c1 is {status.lower()}"]
        assert story.codes("p1") == []


def test_a_party_in_dispute_is_told_while_the_book_is_unknown() -> None:
    """Only a book can make a hold of it."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE")
    story.customer("c1", status="DISPUTED").linked("c1", "acme").invoice("i1")
    assert [each[:2] for each in objections(story)] == [("BOOK_UNKNOWN", "WAIT"), ("CUSTOMER_DISPUTED", "WARN")]


def test_a_shared_debtor_and_the_account_behind_it_are_both_asked() -> None:
    """A sale to a shared debtor is held for a block of either, and for a stop of either."""
    blocked = (
        Story().counter().account("counter", version=2, generic=True, block="ALL").account("walkers", version=2, block="INVOICE")
    )
    assert objections(blocked.invoice("i1", tenders=[tender("CASH", "100.00")]))[0][2] == "account:counter account:walkers"
    stopped = Story().counter().account("counter", version=2, generic=True, stop_credit=True)
    assert "STOP_CREDIT" in stopped.invoice("i1", tenders=[tender("CASH", "100.00")]).codes("i1")
