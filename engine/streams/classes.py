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
    """The posting rules by version, `record` the one looked at; without a record the class was only spoken about.

    The versions stand in the order said, and numbers only grow, so the last that holds on a day is the one in force.
    """

    record: ClassDefined | None = None
    active: bool = True
    versions: tuple[ClassDefined, ...] = ()

    @property
    def version(self) -> int:
        """The version of the record, 0 before the first."""
        return self.record.version if self.record else 0

    def on(self, day: str) -> CustomerClass:
        """Return the class by the version in force on a day: the newest whose `effective_from` has come by then.

        A version that begins before an older one does takes its place: what it overtakes never comes in force.
        """
        newest = self.record
        if newest is not None and newest is self.versions[-1] and (newest.effective_from or "") <= day:
            return self  # As for nearly every document.
        held = next((one for one in reversed(self.versions) if (one.effective_from or "") <= day), None)
        return self if held is self.record else replace(self, record=held)

    def pinned(self, version: int | None) -> CustomerClass:
        """Return the class by the version that a posting was made under (C14), by the newest when nothing says which."""
        made = next((one for one in self.versions if one.version == version), self.record)
        return self if made is self.record else replace(self, record=made)


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
    if said.detail == "SUMMARY" and said.behaviour != "GENERIC":
        raise Refused(
            "CLASS_INVALID_COMBINATION",
            f"class {said.class_} posts summaries, but a debtor of its own is owed sale by sale",
            "post ITEMISED, or let the class post to a shared debtor",
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
            return replace(state, record=event, versions=(*state.versions, event))
        case ClassDeactivated():
            return replace(state, active=False)
    return state


CLASSES = Decider(CustomerClass(), decide, evolve)
