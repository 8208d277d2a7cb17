"""Charges: interest of an account on what is overdue, and where it stands at the firewall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider
from engine.errors import Refused
from engine.streams.release import Released, offered, released_by
from schemas.collected import InterestCalculated
from schemas.events import DocumentDecided, DocumentSuperseded, PostingAuthorised, PostingReversed
from schemas.inbound import ReleaseGranted
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Charging:
    """A charge as the rules look at it beside what is said: it names no customer and no branch, and states no rate."""

    content: InterestCalculated
    customer: None = None
    branch: None = None
    exchange_rate: None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge of interest; it is closed when a later run took its days over."""

    content: InterestCalculated | None = None
    closed: bool = False
    decision: DocumentDecided | None = None
    postings: tuple[PostingAuthorised, ...] = ()
    released: Released = frozenset()

    @property
    def posted(self) -> bool:
        """True while a journal of the charge stands in the ledger."""
        return bool(self.postings)


def decide(said: Shape, state: Charge) -> Sequence[Shape]:
    """Record a release; a charge itself is made by a run, never said."""
    if not isinstance(said, ReleaseGranted):
        return (said,)
    if state.decision is None or state.posted:
        raise Refused("RELEASE_NOT_ALLOWED", f"{said.document} is not held", "look at postgate held")
    offered(said, state.decision, state.released)
    return () if released_by(said, state.decision) <= state.released else (said,)


def evolve(state: Charge, event: Shape) -> Charge:
    """Return the charge after a decision."""
    match event:
        case InterestCalculated():
            return replace(state, content=event)
        case DocumentDecided():
            return replace(state, decision=event)
        case DocumentSuperseded():
            return replace(state, decision=None, closed=True)
        case PostingReversed():
            return replace(state, postings=tuple(p for p in state.postings if p.posting_key != event.reverses))
        case PostingAuthorised():
            return replace(state, postings=(*state.postings, event))
        case ReleaseGranted():
            return replace(state, released=state.released | released_by(event, state.decision))
    return state


CHARGES = Decider(Charge(), decide, evolve)
