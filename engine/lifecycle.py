"""The life of a document: versions come in force, are judged, posted, overtaken and reversed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.assembly import Owned
from engine.decider import parts, stream
from engine.documents import Document
from engine.firewall.facts import invoice_subject
from engine.firewall.judge import Decision
from engine.intake import Touch
from engine.judging import Occasion, judged_now, open_to_judgement, undecidable
from engine.payments import Payment
from engine.postings import reversed_posting
from schemas.events import (
    CreditNoted,
    DocumentAdvanced,
    DocumentDecided,
    DocumentSuperseded,
    Reason,
    SettlementNoted,
    SettlementWithdrawn,
)
from schemas.inbound import CreditNoteIssued, InvoiceIssued, InvoiceVoided, PaymentReceived, PaymentReversed, RefundPaid
from schemas.values import minor

if TYPE_CHECKING:
    from engine.batch import Batch


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
        elif state.version in state.conflicts and state.content is not None:
            self._reverse(name)
            self.settle(name)
        while (following := self.states.document(name).version + 1) in self.states.document(name).pending:
            batch.record(name, DocumentAdvanced(version=following))
            self._in_force(name)
        state = self.states.document(name)
        for version, said in sorted(state.pending.items()):
            if isinstance(said, InvoiceIssued) and version not in state.decisions:
                self._wait_for_version(name, said)

    def _in_force(self, name: str) -> None:
        """A new version is in force: the one before is reversed and closed, what it claimed is claimed anew (O2, O4)."""
        self._reverse(name)
        state = self.states.document(name)
        for version in sorted(version for version in state.decisions if version < state.version):
            self._close(name, state.decisions[version], by=state.version)
        touches = self._claim(name, state)
        self.settle(name)
        self.batch.settle(parts(name)[0], touches)

    def _claim(self, name: str, state: Document) -> tuple[Touch, ...]:
        """Tell originals what a credit note takes from them now, and return those with more left than before (K3)."""
        before, now = _original(state.overtaken), _original(state.in_force)
        book, _, key = parts(name)
        if before is not None and before != now:
            self.batch.record(stream(book, "document", before), CreditNoted(credit_note=key, amount=0, currency=""))
        said = state.content
        if now is not None and said is not None:
            note = CreditNoted(credit_note=key, amount=minor(said.totals.gross, said.currency), currency=said.currency)
            self.batch.record(stream(book, "document", now), note)
        return (Touch(f"document:{before}"),) if before is not None else ()

    def settle(self, name: str) -> None:
        """Judge a document, and whatever its new state releases."""
        book, _, key = parts(name)
        touches = self.judge(name) if self._judged(name) else (Touch(f"document:{key}"),)
        self.batch.settle(book, touches)

    def _judged(self, name: str) -> bool:
        return parts(name)[1] == "payment" or self.states.document(name).content is not None

    def _reverse(self, name: str) -> None:
        """Take every journal that stands out of the ledger again."""
        book = self.states.book(parts(name)[0])
        state = self.states.of(name)[0]
        standing = state.postings if isinstance(state, Document | Payment) else ()
        for posting in standing:
            self.batch.record(name, reversed_posting(book, name, posting, self.batch.today(parts(name)[0])))

    def _close(self, name: str, last: DocumentDecided, *, by: int) -> None:
        event = DocumentSuperseded(
            version=last.version,
            state="REVERSED" if last.state == "POSTED" else "CANCELLED",
            was=last.state,
            by=by,
            business_date=last.business_date,
            currency=last.currency,
            gross=last.gross,
            waits_no_more_for=list(last.waits_for),
        )
        self.batch.record(name, event)
        self.batch.waits.decided(name, last.received, ())

    def _wait_for_version(self, name: str, said: InvoiceIssued) -> None:
        """A version came before its predecessors: it waits for them (A6)."""
        missing = self.states.document(name).version + 1
        reason = Reason(
            code="WAITING_FOR_VERSION",
            severity="WAIT",
            message=f"version {said.version} came before version {missing}",
            remedy=f"publish version {missing} of {said.document}",
        )
        decision = Decision("WAIT", (reason,), (), None, ())
        at = Occasion(self.batch.now, self.batch.today(parts(name)[0]), self._last(name))
        self.batch.record(name, undecidable(invoice_subject(said), decision, at))

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
        elif state.decision is None:
            if state.reversal is None and state.content is not None:
                self._note_settlements(name, state.content)
            self.settle(name)
            book = parts(name)[0]
            self.batch.settle(book, [Touch(f"payment:{a.document}") for a in said.allocations])
        elif state.conflicted and state.content is not None:
            self._reverse(name)
            self.settle(name)
            self._withdraw_settlements(name, state.content)

    def _note_settlements(self, name: str, said: PaymentReceived) -> None:
        """Tell each document what was paid on it; money back counts below zero."""
        book, _, key = parts(name)
        turned = -1 if isinstance(said, RefundPaid) else 1
        for allocation in said.allocations:
            note = SettlementNoted(payment=key, amount=turned * minor(allocation.amount, said.currency), currency=said.currency)
            self.batch.record(stream(book, "document", allocation.document), note)

    def _taken_back(self, name: str, state: Payment) -> None:
        """A payment did not stand: reverse it, and let its documents count it no more (L10)."""
        if state.content is None or state.decision is None:
            return
        self._reverse(name)
        self._close(name, state.decision, by=1)
        self._withdraw_settlements(name, state.content)

    def _withdraw_settlements(self, name: str, said: PaymentReceived) -> None:
        """Let the documents that money named count it no more."""
        book, _, key = parts(name)
        for allocation in said.allocations:
            self.batch.record(stream(book, "document", allocation.document), SettlementWithdrawn(payment=key))
        self.batch.settle(book, [Touch(f"payment:{a.document}") for a in said.allocations])

    def judge(self, name: str) -> tuple[Touch, ...]:
        """Judge a document as things stand; record news only; return what its posting may release."""
        book, noun, key = parts(name)
        state = self.states.of(name)[0]
        if not isinstance(state, Document | Payment) or not open_to_judgement(state):
            return ()
        owned = self.batch.ownership.owned(book, state.content) if isinstance(state, Document) and state.content else Owned()
        at = Occasion(self.batch.now, self.batch.today(book), self._last(name))
        judged = judged_now(self.states, name, at, owned)
        if not judged.is_news:
            return ()
        self.batch.record(name, judged.event)
        self.batch.waits.decided(name, judged.event.received, judged.event.waits_for)
        for posting in judged.postings:
            self.batch.record(name, posting)
        return (Touch(f"{noun}:{key}"),) if judged.postings and noun == "document" else ()


def _original(version: InvoiceIssued | InvoiceVoided | None) -> str | None:
    return version.original if isinstance(version, CreditNoteIssued) else None
