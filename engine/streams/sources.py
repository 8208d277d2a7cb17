"""Sources: positions of a source that an operator declared lost; nothing else lets reading pass over what was never read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.decider import Decider
from schemas.inbound import SourceGapDeclared
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Declared:
    """The last position declared lost, 0 when none was."""

    until: int = 0


def decide(said: Shape, state: Declared) -> Sequence[Shape]:
    """Record a gap that reaches further than those before."""
    if isinstance(said, SourceGapDeclared) and said.to <= state.until:
        return ()  # Said twice, it is not news.
    return (said,)


def evolve(state: Declared, event: Shape) -> Declared:
    """Return what is declared after a fact."""
    match event:
        case SourceGapDeclared():
            return Declared(event.to)
    return state


SOURCES: Decider[Declared] = Decider(Declared(), decide, evolve)
