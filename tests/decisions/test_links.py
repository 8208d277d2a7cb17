"""Links: at most one account at a time for a customer."""

from __future__ import annotations

from engine.streams.links import LINKS, Linked, Unlinked
from schemas.inbound import LinkMade, LinkRemoved
from tests.decisions.specification import Specification

LINK = Specification(LINKS)
MADE = LinkMade(customer="c1", account="a1")
REMOVED = LinkRemoved(customer="c1")


def test_a_link_is_made() -> None:
    """The customer owes through the account from then on."""
    assert LINK.when(MADE).then_it_is_recorded() == Linked("a1", None)


def test_a_second_link_is_refused() -> None:
    """Another account, or the same from another day, needs the first link removed."""
    LINK.given(MADE).when(LinkMade(customer="c1", account="a2")).then_refused("LINK_ALREADY_EXISTS")
    LINK.given(MADE).when(LinkMade(customer="c1", account="a1", effective_from="2026-01-01")).then_refused("LINK_ALREADY_EXISTS")


def test_a_link_is_removed() -> None:
    """Afterwards the customer may be linked again."""
    assert LINK.given(MADE).when(REMOVED).then_it_is_recorded() == Unlinked()
    LINK.given(MADE, REMOVED).when(LinkMade(customer="c1", account="a2")).then_it_is_recorded()


def test_what_is_not_linked_is_not_unlinked() -> None:
    """There is nothing to remove."""
    LINK.when(REMOVED).then_nothing()
