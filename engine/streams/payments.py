"""Payments and refunds: money that moved, what it settles, and where it stands at the firewall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.decider import Decider
from engine.errors import Refused
from engine.streams.applications import document_of, given_back
from engine.streams.release import Released, released_by
from schemas.events import (
    DocumentConflicted,
    DocumentDecided,
    DocumentSuperseded,
    PostingAuthorised,
    PostingReversed,
    SettlementBooked,
)
from schemas.inbound import PaymentReceived, PaymentReversed, RefundPaid, ReleaseGranted
from schemas.shape import Shape

COUNTING = frozenset(("WAITING_FOR_DEPENDENCY", "BOOKED_IN_ACCOUNTING", "BOOK_UNKNOWN"))
"""What may be said of money that its documents count: it waits for them alone, or with them for a book, or is booked already."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment or refund; a reversal may be known before the payment itself, `returned` how often a deposit came back."""

    content: PaymentReceived | None = None
    reversal: PaymentReversed | None = None
    conflicted: bool = False
    closed: bool = False
    decision: DocumentDecided | None = None
    postings: tuple[PostingAuthorised, ...] = ()
    released: Released = frozenset()
    returned: Mapping[str, int] = field(default_factory=dict)
    booked: SettlementBooked | None = None

    @property
    def posted(self) -> bool:
        """True while a journal of the payment stands in the ledger."""
        return bool(self.postings)

    @property
    def taken_back(self) -> bool:
        """True when the whole payment is known not to have stood (L10)."""
        return self.reversal is not None and self.content is not None and _same_sum(self.reversal, self.content)

    @property
    def unapplied(self) -> bool:
        """True for a deposit that stands and did not reach every document it names (L2)."""
        if self.content is None or self.content.kind != "DEPOSIT" or not self.postings:
            return False
        applied = {document_of(posting.leg) for posting in self.postings}
        return any(allocation.document not in applied for allocation in self.content.allocations)

    @property
    def counts(self) -> bool:
        """True when its documents count it: it is posted, booked in accounting, or waits for them alone (L3).

        Money that went back counts whatever holds it: what it paid before is not there any more.
        """
        if self.closed or self.decision is None or self.conflicted or self.taken_back:
            return False
        return (
            self.posted
            or isinstance(self.content, RefundPaid)
            or {r.code for r in self.decision.reasons if r.severity != "WARN"} <= COUNTING
        )


def _same_sum(one: PaymentReceived, other: PaymentReceived) -> bool:
    return (one.amount, one.currency) == (other.amount, other.currency)


def decide(said: Shape, state: Payment) -> Sequence[Shape]:
    """Record money once; other content under the same id is a conflict (rulebook A3)."""
    match said:
        case PaymentReversed():
            return _reversed(said, state)
        case PaymentReceived():
            return _received(said, state)
        case ReleaseGranted():
            return _release(said, state)
    return (said,)


def _reversed(said: PaymentReversed, state: Payment) -> Sequence[Shape]:
    """A reversal takes back all of the payment; a part of it is a refund."""
    content, known = state.content, state.reversal
    if known is not None and known.model_dump() == said.model_dump():
        return ()
    if known is not None and (state.taken_back or content is None):
        raise Refused("ALREADY_REVERSED", f"{said.payment} was reversed before", "nothing to do: it is taken back once")
    if content and not _same_sum(said, content):
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
            kept = tuple(p for p in state.postings if p.posting_key != event.reverses)
            return replace(state, postings=kept, returned=given_back(state.returned, event.leg))
        case PostingAuthorised():
            return replace(state, postings=(*state.postings, event))
        case SettlementBooked():
            return replace(state, booked=None if state.booked else event)
        case ReleaseGranted():
            return replace(state, released=state.released | released_by(event, state.decision))
    return state


PAYMENTS = Decider(Payment(), decide, evolve)
