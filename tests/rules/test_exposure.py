"""What is paid already counts once, also while its invoice is held again."""

from __future__ import annotations

from dataclasses import replace

from engine.facts.exposure import Exposure
from engine.firewall.credit import owing
from tests.given import Story


def test_posted_money_of_a_held_amendment_counts_once() -> None:
    """An invoice amended and held leaves its payment as a credit; it does not lower what the amendment asks for as well (E8)."""
    story = Story().shop().account("acme", version=2, credit={"mode": "WARN_AND_BLOCK", "limit": "150.00"})
    story.invoice("i1").payment("p1", "100.00", on="i1").amended("i1", tax={"NOPE": "1.00"}, net="99.00")
    story.invoice("i2").invoice("i3")
    assert (story.state("i2"), story.state("i3")) == ("POSTED", "REQUIRES_ATTENTION")
    assert "CREDIT_LIMIT_EXCEEDED" in story.codes("i3")


def test_what_an_account_owes_is_told_with_its_limit() -> None:
    """What is open, what may come to it, what is overdue, the limit if there is one, and how it is checked."""
    told = "account acme: 1.00 EUR open, 2.00 EUR not posted yet, 3.00 EUR of this, 0.50 EUR overdue"
    found = Exposure("acme", "WARN_ONLY", "EUR", open=100, pending=200, asked=300, overdue=50)
    assert owing(found) == f"{told}, no limit, WARN_ONLY"
    assert owing(replace(found, limit=900)) == f"{told}, limit 9.00 EUR, WARN_ONLY"
