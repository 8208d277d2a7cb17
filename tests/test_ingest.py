"""Ingest: batches of one source, and time passing between them."""

from __future__ import annotations

from adapters.ingest import Ingester
from engine.handling import Handled
from schemas.values import instant
from tests.given import Story


def test_an_empty_source_releases_what_was_due() -> None:
    """Nothing is said, but the hold of the customer has ended: the document posts, and whoever listens is told (D5)."""
    story = Story().shop().said("customer.held", customer="c1", until="2026-03-11T00:00:00Z").invoice("i1")
    assert story.codes("i1") == ["CUSTOMER_ON_HOLD"]
    heard: list[Handled] = []
    Ingester(story.log, now=lambda: instant("2026-03-10T23:59:59Z")).ingest("nothing", (), heard.append)
    assert story.state("i1") == "REQUIRES_ATTENTION"
    Ingester(story.log, now=lambda: instant("2026-03-11T00:00:00Z")).ingest("nothing", (), heard.append)
    assert story.state("i1") == "POSTED"
    assert [len(handled.happened) for handled in heard] == [0, 2]
