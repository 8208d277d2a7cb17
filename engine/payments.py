"""Payments and refunds: money that moved, what it settles, and where it stands at the firewall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider
from engine.errors import Refused
from engine.release import Released, released_by
from schemas.events import DocumentConflicted, DocumentDecided, DocumentSuperseded, PostingAuthorised, PostingReversed
from schemas.inbound import PaymentReceived, PaymentReversed, RefundPaid, ReleaseGranted
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment or refund; a reversal may be known before the payment itself."""

    content: PaymentReceived | None = None
    reversal: PaymentReversed | None = None
    conflicted: bool = False
    closed: bool = False
    decision: DocumentDecided | None = None
    postings: tuple[PostingAuthorised, ...] = ()
    released: Released = frozenset()

    @property
    def posted(self) -> bool:
        """True while a journal of the payment stands in the ledger."""
        return bool(self.postings)


def decide(said: Shape, state: Payment) -> Sequence[Shape]:
    """Record money once; other content under the same id is a conflict (rulebook A3)."""
    match said:
        case PaymentReversed():
            return () if state.reversal else _reversed(said, state)
        case PaymentReceived():
            return _received(said, state)
        case ReleaseGranted():
            return _release(said, state)
    return (said,)


def _reversed(said: PaymentReversed, state: Payment) -> Sequence[Shape]:
    """A reversal takes back all of the payment; a part of it is a refund."""
    content = state.content
    if content and (said.amount, said.currency) != (content.amount, content.currency):
        message = f"{said.payment} was {content.amount} {content.currency}, the reversal says {said.amount} {said.currency}"
        raise Refused("REVERSAL_DIFFERS", message, "reverse the whole payment, or publish a refund")
    return (said,)


def _received(said: PaymentReceived, state: Payment) -> Sequence[Shape]:
    if state.content is None:
        return (said,)
    if isinstance(said, RefundPaid) != isinstance(state.content, RefundPaid):
        raise Refused("DOCUMENT_KIND_CHANGED", f"{said.payment} is the other kind of payment", "give refunds ids of their own")
    if said.model_dump() == state.content.model_dump() or state.conflicted:
        return ()
    return (DocumentConflicted(version=1, content=said.model_dump_json(by_alias=True, exclude_unset=True)),)


def _release(said: ReleaseGranted, state: Payment) -> Sequence[Shape]:
    if state.decision is None or state.posted:
        raise Refused("RELEASE_NOT_ALLOWED", f"{said.document} is not held", "look at postgate held")
    offered = {reason.code: reason for reason in state.decision.reasons}
    for code in said.reasons:
        if code not in {known for known, _ in state.released} and (code not in offered or not offered[code].overridable):
            remedy = offered[code].remedy if code in offered else "name reasons shown by postgate explain"
            raise Refused("RELEASE_NOT_ALLOWED", f"{code} cannot be released", remedy)
    return () if released_by(said, state.decision) <= state.released else (said,)


def evolve(state: Payment, event: Shape) -> Payment:
    """Return the payment after a fact or a decision."""
    match event:
        case PaymentReversed():
            return replace(state, reversal=event)
        case PaymentReceived():
            return replace(state, content=event)
        case DocumentConflicted():
            return replace(state, conflicted=True)
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


PAYMENTS = Decider(Payment(), decide, evolve)
