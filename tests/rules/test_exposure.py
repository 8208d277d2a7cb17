"""What is paid already counts once, also while its invoice is held again."""

from __future__ import annotations

from tests.given import Story


def test_posted_money_of_a_held_amendment_counts_once() -> None:
    """An invoice amended and held leaves its payment as a credit; it does not lower what the amendment asks for as well (E8)."""
    story = Story().shop().account("acme", version=2, credit={"mode": "WARN_AND_BLOCK", "limit": "150.00"})
    story.invoice("i1").payment("p1", "100.00", on="i1").amended("i1", tax={"NOPE": "1.00"}, net="99.00")
    story.invoice("i2").invoice("i3")
    assert (story.state("i2"), story.state("i3")) == ("POSTED", "REQUIRES_ATTENTION")
    assert "CREDIT_LIMIT_EXCEEDED" in story.codes("i3")
