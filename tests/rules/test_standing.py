"""Standing beside its cases: what is said of two parties at once, holds that begin and end, and stops that reach branches."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers


@covers("D7")
def test_a_release_of_the_customers_hold_does_not_release_the_accounts() -> None:
    """Both parties are on hold: each hold is a reason of its own, and each is told."""
    story = Story().shop().said("customer.held", customer="c1").said("account.held", account="acme").invoice("i1")
    reasons = [(reason.code, reason.path, reason.message) for reason in story.decision("i1").reasons]
    assert reasons == [
        ("CUSTOMER_ON_HOLD", "customer:c1", "customer c1 is on hold"),
        ("CUSTOMER_ON_HOLD", "account:acme", "account acme is on hold"),
    ]
    story.said("customer.hold_released", customer="c1")
    assert (story.state("i1"), [reason.path for reason in story.decision("i1").reasons]) == (
        "REQUIRES_ATTENTION",
        ["account:acme"],
    )
    story.said("account.hold_released", account="acme")
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", [])


@covers("D5", "D11")
def test_edge_55_an_accounts_hold_ends_by_itself() -> None:
    """From a day until another: sales before it post, sales in it wait for its very end, and payments pass."""
    story = Story().shop().said("account.held", account="acme", from_="2026-03-11T00:00:00Z", until="2026-03-13T00:00:00Z")
    assert story.invoice("i1").state("i1") == "POSTED"
    story.until("2026-03-11").invoice("i2").payment("p1", on="i1")
    assert (story.state("i2"), story.state("p1")) == ("REQUIRES_ATTENTION", "POSTED")
    assert story.until("2026-03-12T23:59:59Z").state("i2") == "REQUIRES_ATTENTION"
    assert (story.until("2026-03-13T00:00:00Z").state("i2"), story.posted_now()) == ("POSTED", ["i2"])


def test_the_same_hold_said_twice_is_no_news() -> None:
    """A hold, and a release of what is not held, are silent the second time; another end is news."""
    story = Story().shop().said("account.held", account="acme", until="2026-03-13T00:00:00Z")
    story.said("account.held", account="acme", until="2026-03-13T00:00:00Z")
    assert story.verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert story.said("account.held", account="acme", until="2026-03-14T00:00:00Z").verdict == ("ACCEPTED", "ACCEPTED")
    assert story.said("account.hold_released", account="acme").verdict == ("ACCEPTED", "ACCEPTED")
    assert story.said("account.hold_released", account="acme").verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")


@covers("D8")
def test_edge_56_a_stop_at_the_head_office_reaches_its_branches_and_nobody_below() -> None:
    """Branches of the office sell no more; an account under a branch, said before the branch had an office, still does."""
    story = Story().shop().account("acme", version=2, head_office="branch").account("branch").account("office", stop_credit=True)
    story.account("branch", version=2, head_office="office").assigned("branch", "HOUSE").customer("c2").linked("c2", "branch")
    assert story.invoice("i1").state("i1") == "POSTED"
    assert story.invoice("i2", customer="c2").codes("i2") == ["STOP_CREDIT"]
    story.credit_note("k1", "10.00", original="i1")
    assert (story.state("k1"), story.waits("i2").count("account:office")) == ("POSTED", 1)


@pytest.mark.parametrize("first", ["the branch", "the office"])
def test_a_stop_is_known_in_whichever_order_it_is_said(first: str) -> None:
    """An office that is only spoken about stops nobody, until it says so itself."""
    branch, office = said.account("acme", version=2, head_office="office"), said.account("office", stop_credit=True)
    story = Story().shop().each(*((branch, office) if first == "the branch" else (office, branch)))
    assert story.invoice("i1").codes("i1") == ["STOP_CREDIT"]
    assert story.account("office", version=2).state("i1") == "POSTED"


def test_a_held_invoice_is_stopped_by_an_office_that_comes_later() -> None:
    """Whatever is on the way is judged again: a branch that leaves its office sells again."""
    story = Story().shop().account("acme", version=2, head_office="office", status="DRAFT").invoice("i1")
    assert story.codes("i1") == ["ACCOUNT_NOT_APPROVED"]
    assert story.account("office", stop_credit=True).codes("i1") == ["ACCOUNT_NOT_APPROVED", "STOP_CREDIT"]
    assert story.account("acme", version=3, head_office="office").codes("i1") == ["STOP_CREDIT"]
    assert story.account("acme", version=4).state("i1") == "POSTED"
