"""Documents: invoices and credit notes, their versions, and where each stands at the firewall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.decider import Decider
from engine.errors import Outdated, Refused
from engine.release import Released, released_by
from schemas.events import (
    CreditNoted,
    DocumentAdvanced,
    DocumentConflicted,
    DocumentDecided,
    DocumentSuperseded,
    PostingAuthorised,
    PostingReversed,
    SettlementNoted,
    SettlementWithdrawn,
)
from schemas.inbound import CreditNoteIssued, CreditNoteVoided, InvoiceIssued, InvoiceVoided, ReleaseGranted
from schemas.shape import Shape

Version = InvoiceIssued | InvoiceVoided
CREDITS = (CreditNoteIssued, CreditNoteVoided)


@dataclass(frozen=True, slots=True)
class Document:
    """One invoice or credit note: the version in force, the versions that wait, and what was decided and posted."""

    in_force: Version | None = None
    overtaken: Version | None = None
    pending: Mapping[int, Version] = field(default_factory=dict)
    conflicts: frozenset[int] = frozenset()
    decisions: Mapping[int, DocumentDecided] = field(default_factory=dict)
    postings: tuple[PostingAuthorised, ...] = ()
    settled: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    credited: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    released: Released = frozenset()

    @property
    def version(self) -> int:
        """The version in force, 0 before the first."""
        return self.in_force.version if self.in_force else 0

    @property
    def decision(self) -> DocumentDecided | None:
        """What was decided last about the version in force."""
        return self.decisions.get(self.version)

    @property
    def content(self) -> InvoiceIssued | None:
        """The document in force, None before the first version and after a void."""
        return self.in_force if isinstance(self.in_force, InvoiceIssued) else None

    @property
    def posted(self) -> bool:
        """True while a journal of the document stands in the ledger."""
        return bool(self.postings)


def decide(said: Shape, state: Document) -> Sequence[Shape]:
    """Record a version, a conflict or a release; silence for what was said before (rulebook A2 to A6)."""
    match said:
        case InvoiceIssued() | InvoiceVoided():
            return _versioned(said, state)
        case ReleaseGranted():
            return _release(said, state)
    return (said,)


def _versioned(said: Version, state: Document) -> Sequence[Shape]:
    first = state.in_force or next(iter(state.pending.values()), None)
    if first is not None and isinstance(first, CREDITS) != isinstance(said, CREDITS):
        raise Refused(
            "DOCUMENT_KIND_CHANGED", f"{said.document} is the other kind of document", "give credit notes ids of their own"
        )
    if said.version < state.version:
        raise Outdated(said.version, state.version)
    known = state.in_force if said.version == state.version else state.pending.get(said.version)
    if known is None:
        return (said,)
    if known.model_dump() == said.model_dump():
        return ()
    if said.version in state.conflicts:
        return ()
    conflict = DocumentConflicted(version=said.version, content=said.model_dump_json(by_alias=True, exclude_unset=True))
    # A void has no content to show as held; the version that contradicts it has.
    return (said, conflict) if isinstance(known, InvoiceVoided) and isinstance(said, InvoiceIssued) else (conflict,)


def _release(said: ReleaseGranted, state: Document) -> Sequence[Shape]:
    if state.decision is None or said.version != state.version or state.posted:
        raise Refused("RELEASE_NOT_ALLOWED", f"{said.document} version {said.version} is not held", "look at postgate held")
    offered = {reason.code: reason for reason in state.decision.reasons}
    for code in said.reasons:
        if code in offered and not offered[code].overridable:
            raise Refused("RELEASE_NOT_ALLOWED", f"{code} can only be released by mending it", offered[code].remedy)
        if code not in offered and code not in {known for known, _ in state.released}:
            raise Refused(
                "RELEASE_NOT_ALLOWED", f"{said.document} is not held for {code}", "name reasons shown by postgate explain"
            )
    return () if released_by(said, state.decision) <= state.released else (said,)


def evolve(state: Document, event: Shape) -> Document:
    """Return the document after a fact or a decision."""
    match event:
        case InvoiceIssued() if event.version == state.version:
            return replace(state, in_force=event)
        case InvoiceIssued() | InvoiceVoided() if event.version == state.version + 1:
            return replace(state, in_force=event, overtaken=state.in_force, released=frozenset())
        case InvoiceIssued() | InvoiceVoided():
            return replace(state, pending={**state.pending, event.version: event})
        case DocumentAdvanced():
            pending = dict(state.pending)
            following = pending.pop(event.version)
            return replace(state, in_force=following, overtaken=state.in_force, pending=pending, released=frozenset())
        case DocumentConflicted():
            return replace(state, conflicts=state.conflicts | {event.version})
        case DocumentDecided():
            return replace(state, decisions={**state.decisions, event.version: event})
        case PostingReversed():
            return replace(state, postings=tuple(p for p in state.postings if p.posting_key != event.reverses))
        case PostingAuthorised():
            return replace(state, postings=(*state.postings, event))
        case SettlementNoted():
            return replace(state, settled={**state.settled, event.payment: (event.amount, event.currency)})
        case SettlementWithdrawn():
            return replace(state, settled={k: v for k, v in state.settled.items() if k != event.payment})
        case CreditNoted():
            return replace(state, credited=_credited(state.credited, event))
        case ReleaseGranted():
            return replace(state, released=state.released | released_by(event, state.decision))
        case DocumentSuperseded():
            return replace(state, decisions={v: d for v, d in state.decisions.items() if v != event.version})
    return state


def _credited(credited: Mapping[str, tuple[int, str]], event: CreditNoted) -> dict[str, tuple[int, str]]:
    """A credit that grows takes its place anew, behind those that came meanwhile."""
    before = credited.get(event.credit_note, (0, ""))[0]
    kept = {note: claim for note, claim in credited.items() if note != event.credit_note or event.amount <= before}
    return {**kept, event.credit_note: (event.amount, event.currency)}


DOCUMENTS = Decider(Document(), decide, evolve)
