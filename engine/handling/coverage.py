"""Coverage: every position of a source has a receipt or lies in a gap, so that nothing is passed over unseen (law 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.ports import Gap


def covered(read: Mapping[str, int], taken: Iterable[tuple[str, int]], gaps: Iterable[Gap]) -> tuple[dict[str, int], list[Gap]]:
    """Return how far each source is read now, and its new gaps: those told, and the holes that nobody told of.

    `read` is how far each source was read before, `taken` the positions that have a receipt now.
    """
    steps: dict[str, list[Gap]] = {}
    for source, position in taken:
        steps.setdefault(source, []).append(Gap(source, position, position, "ABSENT"))
    receipts = {source: {step.first for step in own} for source, own in steps.items()}
    for gap in gaps:
        steps.setdefault(gap.source, []).append(gap)
    positions: dict[str, int] = {}
    found: list[Gap] = []
    for source, own in steps.items():
        last = read.get(source, 0)
        for step in sorted(own, key=lambda step: (step.last, step.first)):
            if step.last <= last:
                continue
            is_receipt = step.first == step.last and step.first in receipts.get(source, ())
            first = max(step.first, last + 1)
            if first > last + 1:
                found.append(Gap(source, last + 1, first - 1, "ABSENT"))
            if not is_receipt:
                found.append(Gap(source, first, step.last, step.why))
            last = step.last
        if last > read.get(source, 0):
            positions[source] = last
    return positions, found
