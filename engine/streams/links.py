"""Links: which account customer an operational customer owes through; at most one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.decider import Decider
from engine.errors import Refused
from schemas.inbound import LinkMade, LinkRemoved
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Unlinked:
    """The customer owes through nobody."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The customer owes through `account`, for documents dated from `effective_from` on."""

    account: str
    effective_from: str | None
    by: str | None = field(default=None, compare=False)


Link = Unlinked | Linked


def decide(said: Shape, state: Link) -> Sequence[Shape]:
    """Make or remove the link; a second link needs the first one removed (rulebook B4)."""
    match said, state:
        case LinkMade(), Linked() if state == Linked(said.account, said.effective_from):
            return ()  # Said twice, it is not news.
        case LinkMade(), Linked():
            raise Refused(
                "LINK_ALREADY_EXISTS",
                f"customer {said.customer} is already linked to {state.account}",
                f"unlink it first: postgate unlink {said.customer}",
            )
        case LinkRemoved(), Unlinked():
            return ()
    return (said,)


def evolve(state: Link, event: Shape) -> Link:
    """Return the link after a fact."""
    match event:
        case LinkMade():
            return Linked(event.account, event.effective_from, event.by)
        case LinkRemoved():
            return Unlinked()
    return state


LINKS: Decider[Link] = Decider(Unlinked(), decide, evolve)
