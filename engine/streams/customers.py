"""Operational customers: registered whole, held for a time, merged into a survivor, deactivated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider, newer
from engine.errors import Refused
from engine.streams.holds import Hold, hold_of
from schemas.inbound import (
    CustomerDeactivated,
    CustomerHeld,
    CustomerHoldReleased,
    CustomerMerged,
    CustomerReactivated,
    CustomerRegistered,
)
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Customer:
    """What is known of an operational customer; without a record it was only spoken about."""

    record: CustomerRegistered | None = None
    hold: Hold | None = None
    active: bool = True
    survivor: str | None = None

    @property
    def version(self) -> int:
        """The version of the record, 0 before the first."""
        return self.record.version if self.record else 0


def decide(said: Shape, state: Customer) -> Sequence[Shape]:
    """Record news; stay silent on what is known; refuse a merge that would make a circle."""
    match said:
        case CustomerRegistered():
            return (said,) if newer(said, state.record, f"customer {said.customer}") else ()
        case CustomerHeld() if state.hold == hold_of(said):
            return ()
        case CustomerHoldReleased() if state.hold is None:
            return ()
        case CustomerMerged():
            return _merged(said, state)
        case CustomerReactivated():
            return () if state.active else (said,)
        case CustomerDeactivated():
            return (said,) if state.active else ()
    return (said,)


def _merged(said: CustomerMerged, state: Customer) -> Sequence[Shape]:
    if state.survivor == said.survivor:
        return ()
    if state.survivor is not None:
        raise Refused("ALREADY_MERGED", f"the customer was merged into {state.survivor}", "merge the survivor instead")
    return (said,)


def evolve(state: Customer, event: Shape) -> Customer:
    """Return the customer after a fact."""
    match event:
        case CustomerRegistered():
            return replace(state, record=event)
        case CustomerHeld():
            return replace(state, hold=hold_of(event))
        case CustomerHoldReleased():
            return replace(state, hold=None)
        case CustomerMerged():
            return replace(state, survivor=event.survivor)
        case CustomerReactivated():
            return replace(state, active=True)
        case CustomerDeactivated():
            return replace(state, active=False)
    return state


CUSTOMERS = Decider(Customer(), decide, evolve)
