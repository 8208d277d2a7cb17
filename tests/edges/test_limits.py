"""Credit limits: two sales at once, a limit that is lowered, and a head office on stop (edge cases 53, 54, 56)."""

from __future__ import annotations

import pytest

from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import RECEIVABLE


def limited(limit: str, mode: str = "BLOCK_ONLY") -> Story:
    """Return a shop whose account `acme` may owe no more than a limit."""
    return Story().shop().account("acme", version=2, credit={"limit": limit, "mode": mode})


@tells(53)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
def test_two_sales_at_once_do_not_both_pass_the_limit(*, at_once: bool) -> None:
    """Each of 80 fits into 100, both do not: the first posts, the second is held, however close together they come (E1, E8)."""
    story = limited("100.00")
    sales = (said.invoice("i1", "80.00"), said.invoice("i2", "80.00"))
    story.say(*sales) if at_once else story.each(*sales)
    assert [(story.state(name), story.codes(name)) for name in ("i1", "i2")] == [
        ("POSTED", []),
        ("REQUIRES_ATTENTION", ["CREDIT_LIMIT_EXCEEDED"]),
    ]
    story.then_released_by("i2", said.payment("p1", "80.00", on="i1"))


@tells(53)
def test_a_sale_that_is_held_counts_against_the_limit() -> None:
    """A sale that was accepted and waits for its tax code takes its part of the limit all the same (E8)."""
    story = limited("100.00").invoice("i1", "80.00", tax={"GST": "0.00"}).invoice("i2", "80.00")
    assert story.codes("i2") == ["CREDIT_LIMIT_EXCEEDED"]


@tells(53)
def test_by_default_a_limit_only_warns() -> None:
    """A sale that was made is owed anyway: unless somebody asks for a block, it posts and says so."""
    story = limited("100.00", mode="NOT_SET").invoice("i1", "150.00")
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", ["CREDIT_LIMIT_EXCEEDED"])


@tells(54)
def test_a_limit_that_is_lowered_holds_nothing_that_was_accepted() -> None:
    """What is posted stays posted under the new limit; only what comes afterwards meets it."""
    story = limited("500.00").invoice("i1", "300.00")
    story.account("acme", version=3, credit={"limit": "100.00", "mode": "BLOCK_ONLY"})
    assert (story.state("i1"), story.ledger()[RECEIVABLE, "acme"]) == ("POSTED", "300.00")
    story.invoice("i2", "1.00")
    assert (story.state("i2"), story.codes("i2")) == ("REQUIRES_ATTENTION", ["CREDIT_LIMIT_EXCEEDED"])


@tells(56)
def test_a_head_office_on_stop_stops_its_branches() -> None:
    """The branch's own account is in order, its head office's is not: the branch's sale is held until the stop is lifted (D8)."""
    story = Story().shop().account("group", stop_credit=True).account("acme", version=2, head_office="group").invoice("i1")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["STOP_CREDIT"])
    story.then_released_by("i1", said.account("group", version=2))


@tells(56)
def test_a_branch_of_a_stopped_head_office_may_still_pay() -> None:
    """Payments of a stopped group pass (D8, D11)."""
    story = Story().shop().account("acme", version=2, head_office="group").invoice("i1").account("group", stop_credit=True)
    story.payment("p1", on="i1")
    assert (story.state("p1"), (RECEIVABLE, "acme") in story.ledger()) == ("POSTED", False)
