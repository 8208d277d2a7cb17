"""Customer classes: named, versioned posting rules; a revision acts forward only (rulebook C14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider, newer
from engine.errors import Refused
from schemas.inbound import ClassDeactivated, ClassDefined
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class CustomerClass:
    """The posting rules in force; without a record the class was only spoken about."""

    record: ClassDefined | None = None
    active: bool = True

    @property
    def version(self) -> int:
        """The version of the record, 0 before the first."""
        return self.record.version if self.record else 0


def decide(said: Shape, state: CustomerClass) -> Sequence[Shape]:
    """Define, revise or deactivate; refuse what contradicts itself (rulebook C8)."""
    match said:
        case ClassDefined() if newer(said, state.record, f"class {said.class_}"):
            _agrees_with_itself(said)
            return (said,)
        case ClassDefined():
            return ()
        case ClassDeactivated() if not state.active:
            return ()
    return (said,)


def _agrees_with_itself(said: ClassDefined) -> None:
    if said.behaviour == "GENERIC" and said.batch_billing:
        raise Refused(
            "CLASS_INVALID_COMBINATION",
            f"class {said.class_} is GENERIC and bills in batches, but a shared debtor is paid up front",
            "turn batch billing off, or let the class post as ACCOUNT",
        )
    if said.behaviour == "GENERIC" and said.generic_account is None:
        raise Refused(
            "CLASS_INVALID_COMBINATION",
            f"class {said.class_} is GENERIC and names no generic account",
            "name the shared account in generic_account",
        )


def evolve(state: CustomerClass, event: Shape) -> CustomerClass:
    """Return the class after a fact."""
    match event:
        case ClassDefined():
            return replace(state, record=event)
        case ClassDeactivated():
            return replace(state, active=False)
    return state


CLASSES = Decider(CustomerClass(), decide, evolve)
