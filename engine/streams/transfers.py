"""Transfers: what is open on named documents is owed by another account, by an explicit journal for each (rulebook O7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider
from engine.errors import Refused
from engine.streams.applications import document_of, leg_about
from schemas.events import PostingAuthorised, PostingReversed
from schemas.inbound import BalanceTransferred
from schemas.shape import Shape


def leg_of(document: str, currency: str | None = None) -> str:
    """Name what moves of a document; what is open of it in a currency that it was amended from is moved beside it."""
    return leg_about("transferred", document, currency or "")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer: what was said, and its journals that stand."""

    said: BalanceTransferred | None = None
    postings: tuple[PostingAuthorised, ...] = ()

    def legs(self, document: str) -> Sequence[str]:
        """Return what moved of a document and stands."""
        return [one.leg for one in self.postings if document_of(one.leg, "transferred") == document]


def decide(said: Shape, state: Transfer) -> Sequence[Shape]:
    """Record a transfer once; the same words again are no news, other words under its id are refused."""
    if state.said is None:
        return (said,)
    if isinstance(said, BalanceTransferred) and said.model_dump() == state.said.model_dump():
        return ()
    raise Refused("TRANSFER_KNOWN", "the transfer was made with other content", "give every transfer an id of its own")


def evolve(state: Transfer, event: Shape) -> Transfer:
    """Return the transfer after a fact or a journal."""
    match event:
        case BalanceTransferred():
            return replace(state, said=event)
        case PostingReversed():
            return replace(state, postings=tuple(p for p in state.postings if p.posting_key != event.reverses))
        case PostingAuthorised():
            return replace(state, postings=(*state.postings, event))
    return state


TRANSFERS = Decider(Transfer(), decide, evolve)
