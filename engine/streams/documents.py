"""Documents: invoices and credit notes, their versions, and where each stands at the firewall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.decider import Decider, changed
from engine.streams.claims import Claims, claimed, paid
from engine.streams.followed import WITHDRAWN, Followed, followed
from engine.streams.pulling import pulled
from engine.streams.release import Released, granted, released_by
from engine.streams.versions import Version, versioned
from schemas.events import (
    CreditNoted,
    DocumentAdvanced,
    DocumentBilled,
    DocumentConflicted,
    DocumentDecided,
    DocumentSuperseded,
    DocumentTransferred,
    DocumentUnbilled,
    PostingAuthorised,
    PostingReversed,
    SettlementBooked,
    SettlementNoted,
    SettlementWithdrawn,
)
from schemas.inbound import DocumentPulled, InvoiceIssued, InvoiceVoided, ReleaseGranted
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Document:
    """One invoice or credit note: the version in force, the versions that wait, and what was decided and posted."""

    in_force: Version | None = None
    overtaken: Version | None = None
    pending: Mapping[int, Version] = field(default_factory=dict)
    conflicts: frozenset[int] = frozenset()
    decisions: Mapping[int, DocumentDecided] = field(default_factory=dict)
    postings: tuple[PostingAuthorised, ...] = ()
    formerly: str | None = None
    moved: tuple[DocumentTransferred, ...] = ()
    billed: DocumentBilled | None = None
    swept: tuple[SettlementBooked, ...] = ()
    pulled: bool = False
    settled: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    credited: Claims = field(default_factory=dict)
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
        """True while a journal of the document stands in the ledger, its own or that of the whole it is part of."""
        return bool(self.postings) or self.billed is not None

    @property
    def frozen(self) -> bool:
        """True while the document is part of a batch in the ledger: only the batch as a whole can be taken back (J7)."""
        return self.billed is not None and self.billed.route == "BATCH"

    @property
    def follows(self) -> Followed | None:
        """What payments and credit notes of the document follow."""
        return followed(self.postings, self.billed, self.moved)


def decide(said: Shape, state: Document) -> Sequence[Shape]:
    """Record a version, a conflict or a release; silence for what was said before (rulebook A2 to A6)."""
    match said:
        case InvoiceIssued() | InvoiceVoided():
            return versioned(said, state.in_force, state.pending, state.conflicts)
        case ReleaseGranted():
            return _release(said, state)
        case DocumentPulled():
            return pulled(said, state.version, state.decision, before=state.pulled)
    return (said,)


def _release(said: ReleaseGranted, state: Document) -> Sequence[Shape]:
    if said.version in state.pending and said.reasons == ["WAITING_FOR_VERSION"] and not state.frozen:
        return (said,)  # The versions before it are passed over (A6).
    held = state.decision if said.version == state.version and not state.posted else None
    return granted(said, held, state.released)


def evolve(state: Document, event: Shape) -> Document:
    """Return the document after a fact or a decision."""
    match event:
        case DocumentDecided():
            return changed(state, decisions={**state.decisions, event.version: event})
        case PostingReversed():
            kept = tuple(p for p in state.postings if p.posting_key != event.reverses)
            return changed(state, postings=kept, formerly=event.account, moved=())
        case PostingAuthorised():  # What takes a document out of a summary stands for good beside that.
            return state if event.leg.endswith(WITHDRAWN) else changed(state, postings=(*state.postings, event))
        case InvoiceIssued() if event.version == state.version:
            return changed(state, in_force=event)
        case InvoiceIssued() | InvoiceVoided() if event.version == state.version + 1 and not state.frozen:
            return changed(state, in_force=event, overtaken=state.in_force, released=frozenset())
        case InvoiceIssued() | InvoiceVoided():
            return changed(state, pending={**state.pending, event.version: event})
        case DocumentAdvanced():
            pending, now = {v: said for v, said in state.pending.items() if v > event.version}, state.pending[event.version]
            return changed(state, in_force=now, overtaken=state.in_force, pending=pending, released=frozenset())
        case DocumentConflicted():
            return changed(state, conflicts=state.conflicts | {event.version})
        case DocumentSuperseded():
            return changed(state, decisions={v: d for v, d in state.decisions.items() if v != event.version})
        case ReleaseGranted():
            return changed(state, released=state.released | released_by(event, state.decision))
    return _told(state, event)


def _told(state: Document, event: Shape) -> Document:
    """Return the document after what money, credit notes, transfers and batches did to it."""
    match event:
        case DocumentPulled():
            return changed(state, pulled=True)
        case DocumentTransferred():
            return changed(state, moved=(*state.moved, event))
        case DocumentBilled() | DocumentUnbilled():
            return changed(state, billed=event if isinstance(event, DocumentBilled) else None, swept=())
        case SettlementBooked():
            return changed(state, swept=(*state.swept, event))
        case SettlementNoted() | SettlementWithdrawn():
            return changed(state, settled=paid(state.settled, event))
        case CreditNoted():
            return changed(state, credited=claimed(state.credited, event))
    return state


DOCUMENTS = Decider(Document(), decide, evolve)
