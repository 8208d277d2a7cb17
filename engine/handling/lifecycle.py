"""The life of a document: versions come in force, are judged, posted, overtaken and reversed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decider import parts, stream
from engine.facts.assembly import Owned
from engine.facts.settlements import line_units
from engine.facts.subject import invoice_subject
from engine.firewall.judge import Decision
from engine.handling.amendments import leaves_the_posting
from engine.handling.booked import booked
from engine.handling.intake import Touch
from engine.handling.judging import Judged, Occasion, judged_now, open_to_judgement, standing_still, undecidable
from engine.handling.members import frozen, withdraw
from engine.handling.reversals import give_back, stands_free, take_back
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.payments import Payment
from schemas.collected import InterestAdvanced
from schemas.events import (
    CreditNoted,
    DocumentAdvanced,
    DocumentDecided,
    DocumentSuperseded,
    Reason,
    SettlementNoted,
    SettlementWithdrawn,
)
from schemas.inbound import (
    CreditNoteIssued,
    InvoiceIssued,
    InvoiceVoided,
    PaymentReceived,
    PaymentReversed,
    RefundPaid,
    ReleaseGranted,
)
from schemas.values import minor

if TYPE_CHECKING:
    from engine.handling.batch import Batch


class Lifecycle:
    """Carries documents and payments of one batch through their states."""

    def __init__(self, batch: Batch) -> None:
        """Work inside a batch."""
        self.batch = batch
        self.states = batch.states

    def document_said(self, name: str) -> None:
        """Follow up on a version, a void or a conflict that was just recorded."""
        batch, state = self.batch, self.states.document(name)
        if state.in_force is not None and state.decision is None:
            self._in_force(name)
        elif state.version in state.conflicts and state.content is not None and not state.frozen:
            left = self._reverse(name)
            self.settle(name)
            batch.settle(parts(name)[0], left)
        if self.states.document(name).frozen:
            frozen(batch, name)
            return
        while (following := self.states.document(name).version + 1) in self.states.document(name).pending:
            batch.record(name, DocumentAdvanced(version=following))
            self._in_force(name)
        state = self.states.document(name)
        for version, said in sorted(state.pending.items()):
            if isinstance(said, InvoiceIssued) and version not in state.decisions:
                self._wait_for_version(name, said)

    def released(self, name: str, said: ReleaseGranted) -> None:
        """Follow up on a release; one of a version that waits for others puts it in force without them (A6)."""
        if parts(name)[1] != "document" or said.version not in self.states.document(name).pending:
            self.settle(name)
            return
        state = self.states.document(name)
        for version in sorted(version for version in state.pending if version < said.version and version in state.decisions):
            self._close(name, state.decisions[version], by=said.version)
        self.batch.record(name, DocumentAdvanced(version=said.version))
        self._in_force(name)
        self.document_said(name)

    def unbilled(self, name: str) -> None:
        """A member's batch was reversed: what waited for that comes in force, or the version accumulates again (J14)."""
        for deposit in give_back(self.batch, name):
            self.judge(deposit)
        state = self.states.document(name)
        if state.version + 1 in state.pending:
            self.document_said(name)
        else:
            self.settle(name)
        state = self.states.document(name)
        for version, said in sorted(state.pending.items()):
            if isinstance(said, InvoiceIssued) and not state.frozen:
                self._wait_for_version(name, said, state.decisions.get(version))

    def _in_force(self, name: str) -> None:
        """A new version is in force: the one before is reversed and closed, what it claimed is claimed anew (O2, O4)."""
        state = self.states.document(name)
        if leaves_the_posting(state):
            self._stand(name, state)
            return
        left = self._reverse(name)
        state = self.states.document(name)
        for version in sorted(version for version in state.decisions if version < state.version):
            self._close(name, state.decisions[version], by=state.version)
        touches = self._claim(name, state)
        self.settle(name)
        self.batch.settle(parts(name)[0], (*touches, *left))

    def _stand(self, name: str, state: Document) -> None:
        """The new version is the old one in other words: its posting stands, and is the new version's from now on (O3)."""
        last = state.decisions[max(version for version in state.decisions if version < state.version)]
        at = Occasion(self.batch.now, self.batch.today(parts(name)[0]), self._last(name))
        self._close(name, last, by=state.version, stands=True)
        self.batch.record(name, standing_still(state, last, at))

    def _claim(self, name: str, state: Document) -> tuple[Touch, ...]:
        """Tell originals what a credit note takes from them now, and return those with more left than before (K3)."""
        before, now = _original(state.overtaken), _original(state.in_force)
        book, _, key = parts(name)
        if before is not None and before != now:
            self.batch.record(stream(book, "document", before), CreditNoted(credit_note=key, amount=0, currency=""))
        said = state.content
        if now is not None and said is not None:
            lines: dict[str, int] = {}
            for line in [line for line in said.lines if line.original_line is not None and not line.voided]:
                at = str(line.original_line)
                lines[at] = lines.get(at, 0) + line_units(line, said.currency)
            gross = minor(said.totals.gross, said.currency)
            note = CreditNoted(credit_note=key, amount=gross, currency=said.currency, lines=lines)
            self.batch.record(stream(book, "document", now), note)
        return (Touch(f"document:{before}"),) if before is not None else ()

    def settle(self, name: str) -> None:
        """Judge a document, and whatever its new state releases."""
        book, _, key = parts(name)
        touches = self.judge(name) if self._judged(name) else (Touch(f"document:{key}"),)
        self.batch.settle(book, touches)

    def _judged(self, name: str) -> bool:
        return parts(name)[1] in ("payment", "charge") or self.states.document(name).content is not None

    def _reverse(self, name: str) -> tuple[Touch, ...]:
        """Take every journal that stands out of the ledger again; what deposits paid on a document is theirs again (L2).

        Return what has to know that the document left: whoever waits for its number, or follows it, is judged anew.
        """
        if stands_free(self.states.of(name)[0]):
            return ()  # As for nearly every document that comes.
        _, noun, key = parts(name)
        take_back(self.batch, name)
        if noun != "document":
            return ()
        withdraw(self.batch, name)
        for deposit in give_back(self.batch, name):
            self.judge(deposit)
        return (Touch(f"document:{key}"),)

    def _close(self, name: str, last: DocumentDecided, *, by: int, stands: bool = False) -> None:
        event = DocumentSuperseded(
            version=last.version,
            state="REVERSED" if last.state == "POSTED" and not stands else "CANCELLED",
            was=last.state,
            by=by,
            business_date=last.business_date,
            currency=last.currency,
            gross=last.gross,
            waits_no_more_for=list(last.waits_for),
        )
        self.batch.record(name, event)
        self.batch.waits.decided(name, last.received, ())

    def _wait_for_version(self, name: str, said: InvoiceIssued, last: DocumentDecided | None = None) -> None:
        """A version came before its predecessors: it waits for them (A6); once is enough."""
        missing = self.states.document(name).version + 1
        reason = Reason(
            code="WAITING_FOR_VERSION",
            severity="WAIT",
            message=f"version {said.version} came before version {missing}",
            remedy=f"publish version {missing} of {said.document}, or release this one to do without",
            overridable=True,
        )
        if last is not None and list(last.reasons) == [reason]:
            return
        decision = Decision("WAIT", (reason,), (), None, ())
        at = Occasion(self.batch.now, self.batch.today(parts(name)[0]), self._last(name))
        self.batch.record(name, undecidable(invoice_subject(said), decision, at, last))

    def _last(self, name: str) -> int:
        """Return the book's sequence number of the latest record, the fact that is being followed up."""
        return self.batch.sequence(parts(name)[0])

    def payment_said(self, name: str, said: PaymentReceived) -> None:
        """Follow up on money received, paid back, or taken back."""
        state = self.states.payment(name)
        if isinstance(said, PaymentReversed):
            self._taken_back(name, state)
        elif state.closed:
            return
        elif state.decision is None or (state.conflicted and state.content is not None):
            if state.decision is not None:
                self._reverse(name)
            self.settle(name)

    def _count(self, name: str) -> tuple[Touch, ...]:
        """Tell each document what is paid on it, money back below zero, while the money counts; return what may be released."""
        book, _, key = parts(name)
        state, touches = self.states.payment(name), []
        said = state.content
        turned = -1 if isinstance(said, RefundPaid) else 1
        for allocation in said.allocations if said else ():
            document = stream(book, "document", allocation.document)
            if state.counts == (key in self.states.document(document).settled) or said is None:
                continue
            note = SettlementNoted(payment=key, amount=turned * minor(allocation.amount, said.currency), currency=said.currency)
            self.batch.record(document, note if state.counts else SettlementWithdrawn(payment=key))
            touches.append(Touch(f"payment:{allocation.document}"))
        return tuple(touches)

    def _taken_back(self, name: str, state: Payment) -> None:
        """A payment did not stand: reverse it, and let its documents count it no more (L10)."""
        if state.content is None or state.decision is None or not state.taken_back:
            return
        self._reverse(name)
        self._close(name, state.decision, by=1)
        self.batch.settle(parts(name)[0], self._count(name))

    def _charged(self, book: str, charge: Charge) -> None:
        """Interest was posted: the account, and its class, are charged up to that day (Q2)."""
        said = charge.content
        if said is None:
            return
        event = InterestAdvanced(charge=said.charge, currency=said.currency, to=said.to)
        for name in (f"account:{said.account}", f"class:{said.class_}"):
            known = stream(book, "collection", name)
            if self.states.collection(known).interest.get(said.currency, "") < said.to:
                self.batch.record(known, event)

    def overtaken(self, name: str) -> None:
        """Close a charge that did not post: a later one has its days (Q2)."""
        decision = self.states.charge(name).decision
        if decision is not None:
            self._close(name, decision, by=decision.version)

    def judge(self, name: str) -> tuple[Touch, ...]:
        """Judge a document as things stand; record news only; return what its posting may release."""
        book = parts(name)[0]
        state = self.states.of(name)[0]
        if not isinstance(state, Document | Payment | Charge) or not open_to_judgement(state):
            return ()
        touched = self._money_first(book, state) if isinstance(state, Document) and state.settled else ()
        judged = self.judged(name)
        return (*touched, *self.adopt(name, judged)) if judged.is_news else touched

    def judged(self, name: str) -> Judged:
        """Judge a document as things stand, and record nothing."""
        book, state = parts(name)[0], self.states.of(name)[0]
        said = state.content if isinstance(state, Document) else None
        owned = self.batch.ownership.owned(book, said) if said is not None else Owned(receivables=self.batch.receivables)
        at = Occasion(self.batch.now, self.batch.today(book), self._last(name))
        return judged_now(self.states, name, at, owned)

    def adopt(self, name: str, judged: Judged) -> tuple[Touch, ...]:
        """Record a judgement that is news, with the postings it allows; return what they may release."""
        book, noun, key = parts(name)
        state = self.states.of(name)[0]
        self.batch.record(name, judged.event)
        self.batch.waits.decided(name, judged.event.received, judged.event.waits_for)
        for posting in judged.postings:
            self.batch.record(name, posting)
        if judged.postings and isinstance(state, Charge):
            self._charged(book, state)
        if isinstance(state, Payment):
            elsewhere = booked(judged.facts, judged.event)
            if elsewhere is not None and state.booked is None:
                self.batch.record(name, elsewhere)
            return self._count(name)
        # What will never post here, being from before the cut-over, lets its money go too (A9).
        lets_go = judged.postings or any(reason.severity == "EXCLUDE" for reason in judged.event.reasons)
        return (Touch(f"{noun}:{key}"),) if lets_go and noun == "document" else ()

    def _money_first(self, book: str, state: Document) -> tuple[Touch, ...]:
        """Judge the money that waits for a document before the document, so that it counts none that will be held."""
        waiting = [stream(book, "payment", payment) for payment in state.settled]
        return tuple(touch for name in waiting if not self.states.payment(name).posted for touch in self.judge(name))


def _original(version: InvoiceIssued | InvoiceVoided | None) -> str | None:
    return version.original if isinstance(version, CreditNoteIssued) else None
