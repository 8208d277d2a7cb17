"""A process that dies at any moment and starts again leaves the log that an undisturbed one leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import day
from adapters.eventlog.memory import MemoryLog, MemoryWriting
from engine.handling.transaction import Incoming, handle
from engine.states import States
from schemas.envelope import read_structured
from tests.properties.changing import changing_shops
from tests.properties.messages import Said
from tests.properties.shop import NOW

MOMENTS = ("before the batch", "after the decisions", "after the commit", "never")


class Died(BaseException):
    """The process is gone."""


class Process:
    """One life of a process: it knows only what the log knows, and dies at a given moment of a batch."""

    def __init__(self, log: MemoryLog) -> None:
        """Start with an empty mind."""
        self.log = log
        self.states = States()

    def take(self, source: str, messages: list[Said], first: int, moment: str) -> None:
        """Handle a batch, or die at the moment given."""
        heard = [Incoming(source, first + n, raw, read_structured(raw)) for n, raw in enumerate(messages)]
        if moment == "before the batch":
            raise Died
        with self._dying(moment == "after the decisions") as writing:
            handle(writing, self.states, heard, NOW, day)
            head = writing.head()
        if moment == "after the commit":
            raise Died
        self.states.end(head)

    @contextmanager
    def _dying(self, now: bool) -> Iterator[MemoryWriting]:  # noqa: FBT001  Only the line above calls it.
        with self.log.writing() as writing:
            yield writing
            if now:
                raise Died


crashes = st.lists(st.tuples(st.sampled_from(MOMENTS), st.integers(0, 2)), max_size=12)
"""For each batch that is tried: when the process dies, and how many batches further back it is given messages again."""


@given(changing_shops(), st.integers(1, 12), crashes)
def test_crashes_and_redelivery_leave_no_trace(said: list[Said], size: int, schedule: list[tuple[str, int]]) -> None:
    """After each crash a new process is given the batches again from an earlier one on; the records are the same bytes."""
    calm, stormy = MemoryLog(), MemoryLog()
    process, starts = Process(calm), range(0, len(said), size)
    for start in starts:
        process.take("till", said[start : start + size], start + 1, "never")
    process, turn = Process(stormy), 0
    while turn < len(starts):
        start = starts[turn]
        moment, further = schedule.pop() if schedule else ("never", 0)
        try:
            process.take("till", said[start : start + size], start + 1, moment)
            turn += 1
        except Died:
            process = Process(stormy)
            turn = max(turn - further, 0)
    assert stormy.records == calm.records
    assert stormy.receipts == calm.receipts
    assert (stormy.positions, stormy.heads) == (calm.positions, calm.heads)
