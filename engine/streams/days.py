"""Days: a branch closes a business day in a currency, and what was sold on it over the counter posts as one summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider
from engine.errors import Refused
from schemas.events import Billed
from schemas.inbound import DayClosed
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """One day of a branch in one currency, named by its `window`: open until somebody closes it."""

    window: str = ""
    closing: DayClosed | None = None
    billed: Billed | None = None

    @property
    def closed(self) -> bool:
        """True once the summary was posted: what comes now is late for it."""
        return self.closing is not None


def window(branch: str, day: str, currency: str) -> str:
    """Return the key of a branch's day in one currency."""
    return f"{branch}:{day}:{currency}"


def decide(said: Shape, state: BusinessDay) -> Sequence[Shape]:
    """Close a day once; the same said twice is silence."""
    if isinstance(said, DayClosed) and state.closing is not None:
        if said.model_dump() == state.closing.model_dump():
            return ()
        message = f"{said.branch} has closed {said.day} in {said.currency} with other counts"
        raise Refused("DAY_ALREADY_CLOSED", message, "what comes late posts by itself; look at postgate day show")
    return (said,)


def evolve(state: BusinessDay, event: Shape) -> BusinessDay:
    """Return the day after a fact or what followed from it."""
    match event:
        case DayClosed():
            return replace(state, closing=event)
        case Billed():
            return replace(state, billed=event)
    return state


DAYS = Decider(BusinessDay(), decide, evolve)
