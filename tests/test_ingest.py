"""Ingest: batches of one source, and time passing between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.eventlog.memory import MemoryLog, MemoryWriting
from adapters.ingest import BROKEN_MESSAGES_MAX, Ingester
from engine.handling import Handled
from schemas.values import instant
from tests import said
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


class Brittle(MemoryLog):
    """A log that breaks, unexpectedly, on a document called `poison`."""

    @contextmanager
    def writing(self, *, dry: bool = False) -> Iterator[MemoryWriting]:
        """Open a transaction that fails when the poison is recorded."""
        with super().writing(dry=dry) as writing:
            yield writing
            if any("|document|poison" in recorded.stream for recorded in writing.events_after(0, 10_000)):
                raise ZeroDivisionError("poison")


def test_a_message_that_breaks_the_engine_is_quarantined_alone() -> None:
    """It is found by halving its batch: what stands before and after it is taken, in order, with one receipt each (I1, I18)."""
    log = Brittle()
    sayings = [said.book(), *(said.invoice(name) for name in ("i1", "i2", "poison", "i3", "i4"))]
    progress = Ingester(log).ingest("till", [(n, one.written("shop", f"m{n}")) for n, one in enumerate(sayings, 1)])
    assert progress.codes == {"ACCEPTED": 5, "ENGINE_ERROR": 1}
    assert [receipt.verdict for _, receipt in sorted(log.receipts.items())].index("QUARANTINED") == 3
    assert sum(recorded.kind == "MessageQuarantined.v1" for recorded in log.records) == 1


def test_an_engine_that_breaks_on_everything_stops() -> None:
    """More than a few broken messages are no accident of theirs: the exception comes out, and nothing more is recorded."""
    log = Brittle()
    poison = [(n, said.invoice(f"poison-{n}").written("shop", f"m{n}")) for n in range(1, 40)]
    with pytest.raises(ZeroDivisionError):
        Ingester(log).ingest("till", poison)
    assert len(log.receipts) == BROKEN_MESSAGES_MAX
