"""Members: what happens to a document in the ledger as part of a whole when it is said anew (J7, and edge cases 17 and 73).

A batch is one invoice that somebody was sent: its members are frozen until it is taken back as a whole. A summary was sent
to nobody: a member is taken out by journals of its own, and the summary stays as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decider import parts
from engine.facts.subject import invoice_subject
from engine.firewall.judge import Decision
from engine.firewall.rulebook import RULEBOOK
from engine.handling.judging import Occasion, undecidable
from engine.postings import posting_key, reversal_period
from engine.streams.documents import Document
from engine.streams.followed import WITHDRAWN
from schemas.events import BilledPart, DocumentBilled, DocumentUnbilled, PostingAuthorised, Reason, Settled, Severity
from schemas.inbound import InvoiceIssued, InvoiceVoided

if TYPE_CHECKING:
    from engine.handling.batch import Batch


def frozen(batch: Batch, name: str) -> None:
    """Hold what was said of a member of a posted batch: a version by itself, a void or other content as a remark on the member.

    A void has no content that could be held, and a second content of one version has no state of its own.
    """
    state, book = batch.states.document(name), parts(name)[0]
    at = Occasion(batch.now, batch.today(book), batch.sequence(book))
    for version, said in sorted(state.pending.items()):
        if isinstance(said, InvoiceIssued) and version not in state.decisions:
            decision = Decision("HOLD", (_reason(state, f"version {version}", "HOLD"),), (), None, ())
            batch.record(name, undecidable(invoice_subject(said), decision, at))
    voids = [f"the void of version {said.version}" for said in state.pending.values() if isinstance(said, InvoiceVoided)]
    others = [f"another content of version {state.version}"] if state.version in state.conflicts else []
    for waiting in (*voids, *others):
        _remark(batch, name, _reason(state, waiting, "WARN"))


def _reason(state: Document, waiting: str, severity: Severity) -> Reason:
    whole = state.billed.batch if state.billed else ""
    return Reason(
        code="MEMBER_OF_POSTED_BATCH",
        severity=severity,
        message=f"{waiting} waits: the document is part of batch {whole}",
        remedy=f"reverse the batch: postgate batch reverse {whole}, or publish a credit note",
        waits_for=[f"batch:{whole}"],
        path=waiting,
    )


def _remark(batch: Batch, name: str, reason: Reason) -> None:
    last = batch.states.document(name).decision
    if last is None or reason in last.reasons:
        return
    told = {"reasons": [*last.reasons, reason], "was": last.state, "waits_no_more_for": [], "rulebook": RULEBOOK}
    batch.record(name, last.model_copy(update=told))


def withdraw(batch: Batch, name: str) -> None:
    """Take a document out of the summary it is part of, by its own lines with the sides exchanged."""
    state = batch.states.document(name)
    billed = state.billed
    if billed is None:
        return
    for part in billed.parts:
        batch.record(name, _withdrawal(batch, name, billed, part))
    batch.record(name, DocumentUnbilled(version=billed.version, batch=billed.batch, route=billed.route))


def _withdrawal(batch: Batch, name: str, billed: DocumentBilled, part: BilledPart) -> PostingAuthorised:
    """Return the journal that takes one part of a summary back; it goes into the summary's period, or the next open one."""
    book, day = parts(name)[0], billed.business_date
    opened = batch.states.book(book)
    if opened.opened is None:
        raise ValueError("only an open book has postings")
    leg = f"{part.leg}{WITHDRAWN}"
    lines = [line.model_copy(update={"side": "C" if line.side == "D" else "D"}) for line in part.lines]
    amount = sum(line.amount if line.side == "C" else -line.amount for line in lines if line.party)
    base = sum(line.base_amount if line.side == "C" else -line.base_amount for line in lines if line.party)
    return PostingAuthorised(
        posting_key=posting_key(book, name, billed.version, leg),
        version=billed.version,
        leg=leg,
        kind="WITHDRAWAL",
        number=billed.number,
        route=billed.route,
        account=billed.account,
        class_=billed.class_,
        class_version=billed.class_version,
        date=day,
        business_date=day,
        period=reversal_period(opened, opened.period_of(day), batch.today(book)),
        currency=billed.currency,
        base_currency=opened.opened.base_currency,
        lines=lines,
        settles=[Settled(document=billed.receivable, amount=amount, base_amount=base)] if amount or base else [],
        mode=opened.opened.policies.posting_mode,
    )
