"""Coverage: receipts and gaps together cover a source, from 1 to how far it was read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.handling.coverage import covered
from engine.ports import Gap

SPANS = st.tuples(st.integers(1, 40), st.integers(0, 6)).map(lambda span: (span[0], span[0] + span[1]))


def test_holes_are_gaps() -> None:
    """What lies between two messages, and before the first, held no message."""
    assert covered({"till": 0}, [("till", 3), ("till", 4), ("till", 8)], []) == (
        {"till": 8},
        [Gap("till", 1, 2, "ABSENT"), Gap("till", 5, 7, "ABSENT")],
    )


def test_a_gap_that_was_told_keeps_its_reason() -> None:
    """It moves the position on its own, and what of it was read before is left out."""
    told = [Gap("till", 2, 9, "DECLARED"), Gap("till", 12, 12, "ELSEWHERE")]
    assert covered({"till": 4}, [("till", 10)], told) == (
        {"till": 12},
        [Gap("till", 5, 9, "DECLARED"), Gap("till", 11, 11, "ABSENT"), Gap("till", 12, 12, "ELSEWHERE")],
    )
    assert covered({"till": 12}, [], told) == ({}, [])


@given(st.integers(0, 20), st.sets(st.integers(1, 50)), st.lists(SPANS))
def test_every_position_is_covered_once(read: int, taken: set[int], spans: list[tuple[int, int]]) -> None:
    """Whatever was read before, told and passed over; a position with a receipt is in no gap."""
    free = [span for span in spans if not taken & set(range(span[0], span[1] + 1))]
    new = {position for position in taken if position > read}
    positions, gaps = covered({"s": read}, [("s", position) for position in new], [Gap("s", *span, "ELSEWHERE") for span in free])
    last = max([read, *new, *(span[1] for span in free)])
    places = sorted([*new, *(position for gap in gaps for position in range(gap.first, gap.last + 1))])
    assert places == list(range(read + 1, last + 1))
    assert positions.get("s", read) == last
