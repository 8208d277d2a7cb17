"""Deliveries: what an accounting system made of a posting; never changes whether it is posted (rulebook N1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.decider import Decider
from engine.errors import Refused
from schemas.inbound import PostingAcknowledged, PostingRefused
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing was heard of the posting yet."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The accounting system's last word."""

    answer: PostingAcknowledged

    @property
    def confirmed(self) -> bool:
        """True when the posting was booked there."""
        return not isinstance(self.answer, PostingRefused)


Delivery = Pending | Answered


def decide(said: Shape, state: Delivery) -> Sequence[Shape]:
    """Record an answer; the same booking confirmed again is silence, a different one a conflict (N5, N6)."""
    match said, state:
        case PostingRefused(), Answered() if state.confirmed:
            raise _conflict(said, state)
        case PostingAcknowledged(), Answered() if (
            type(said) is type(state.answer) and said.model_dump() == state.answer.model_dump()
        ):
            return ()
        case PostingAcknowledged(), Answered() if state.confirmed and said.external_id == state.answer.external_id:
            return ()
        case PostingAcknowledged(), Answered() if state.confirmed:
            raise _conflict(said, state)
    return (said,)


def _conflict(said: PostingAcknowledged, state: Answered) -> Refused:
    return Refused(
        "TARGET_CONFLICT",
        f"{said.target} confirmed posting {said.posting_key} as {state.answer.external_id} and now says otherwise",
        "compare both documents in the accounting system before anything is sent again",
    )


def evolve(state: Delivery, event: Shape) -> Delivery:
    """Return the delivery after an answer."""
    match event:
        case PostingAcknowledged():
            return Answered(event)
    return state


DELIVERIES: Decider[Delivery] = Decider(Pending(), decide, evolve)
