"""Ingest: batches of one source, and time passing between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.eventlog.memory import MemoryLog, MemoryWriting
from adapters.ingest import BROKEN_MESSAGES_MAX, Ingester, Progress, incoming
from engine.errors import Conflict
from engine.handling.transaction import Handled, Incoming
from engine.ports import Gap
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


def came() -> list[Incoming | Gap]:
    """Return messages of a source with gaps among them, one message poisonous."""
    sayings = [said.book(), *(said.invoice(name) for name in ("i1", "poison", "i2"))]
    first, second, third, last = (
        incoming("k", n, one.written("shop", f"m{n}")) for n, one in zip((1, 4, 6, 9), sayings, strict=True)
    )
    return [first, Gap("k", 2, 2, "ELSEWHERE"), second, Gap("k", 5, 5, "ELSEWHERE"), third, last, Gap("k", 10, 12, "ABSENT")]


@pytest.mark.parametrize("is_late", [False, True], ids=["at once", "under the lock"])
def test_gaps_survive_the_halving_of_a_batch(*, is_late: bool) -> None:
    """Every position is covered once, whatever the halves are, also when the batch is read only under the writer's lock."""
    log, progress = Brittle(), Progress()
    Ingester(log).taken(came if is_late else came(), progress, {"k": 0})
    assert [(gap.first, gap.last, gap.why) for gap in sorted(log.gaps, key=lambda gap: gap.first)] == [
        (2, 2, "ELSEWHERE"),
        (3, 3, "ABSENT"),
        (5, 5, "ELSEWHERE"),
        (7, 8, "ABSENT"),
        (10, 12, "ABSENT"),
    ]
    assert {position: receipt.code for (_, position), receipt in log.receipts.items()} == {
        1: "ACCEPTED",
        4: "ACCEPTED",
        6: "ENGINE_ERROR",
        9: "ACCEPTED",
    }
    assert (log.positions, progress.broken) == ({"k": 12}, 1)


def test_what_follows_on_something_that_is_not_there_is_refused() -> None:
    """A store put back to an earlier time must read again what it lost: a hole is never taken for absence."""
    log = MemoryLog()
    with pytest.raises(Conflict, match="k was read to 7, and the log has 0"):
        Ingester(log).take([incoming("k", 8, said.book().written("shop", "m1"))], least={"k": 7})
    assert (log.positions, log.gaps, log.receipts) == ({}, [], {})
