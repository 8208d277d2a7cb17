"""Billing: a batch run or the close of a day gathers what accumulates, judges it once more and posts it as one (J1 to J14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.billing.bills import Bill, Member, bills, by_tender
from engine.billing.clearing import cleared, tendered_by
from engine.billing.runs import Drawn
from engine.decider import parts, stream
from engine.errors import Refused
from engine.firewall import calendar
from engine.firewall.accumulation import billed_in_batches
from engine.firewall.judge import spoken
from engine.firewall.rulebook import RULEBOOK
from engine.firewall.standing import debtor
from engine.handling.intake import Touch, named, place
from engine.handling.judging import Judged
from engine.handling.lifecycle import Lifecycle
from engine.handling.sweeping import sweep_all, sweep_back
from engine.journal import Leg, legs
from engine.postings import due_by, posting_key, reversed_posting
from engine.streams.days import window
from engine.streams.documents import Document
from schemas.events import Billed, BilledPart, DocumentBilled, DocumentUnbilled, PostingAuthorised
from schemas.inbound import BatchReversed, BatchRun, CreditNoteIssued, DayClosed

if TYPE_CHECKING:
    from engine.handling.batch import Batch

DATED = (
    calendar.period_is_open, calendar.period_is_not_locked, calendar.tax_period_is_open,
    calendar.date_is_in_the_window, calendar.date_is_not_in_the_future,
)  # fmt: skip
"""What the day of a run must pass, as that of a document must (H11)."""

UNRESOLVED_TOLD_MAX = 20


class Billing:
    """Bills what accumulates, inside a batch of messages."""

    def __init__(self, batch: Batch, book: str) -> None:
        """Work inside a batch, for one book."""
        self.batch, self.book = batch, book
        self.states = batch.states
        self.lifecycle = Lifecycle(batch)

    def drawn(self, said: BatchRun | DayClosed) -> Drawn | None:
        """Return what a run would bill. Raises Refused; None for a run that was made before, of which its stream knows."""
        drawn = Drawn(place(self.book, said).streams[0], said)
        if self.states.version(drawn.stream):
            return None
        if isinstance(said, BatchRun):
            self._scope(drawn, said)
            self._admit(drawn, said)
        else:
            self._window(drawn, said)
        drawn.bills = bills(drawn.members)
        for bill in drawn.bills:
            if fault := bill.fault():
                raise Refused("BATCH_TOO_LARGE", fault, "run it in parts: by an earlier cut-off, or by account")
        return drawn

    def _scope(self, drawn: Drawn, said: BatchRun) -> None:
        """Sort the documents of a class or an account up to the cut-off: members, and what is held or waits (J2, J3)."""
        touch = Touch(f"class:{said.class_}" if said.class_ else f"account:{said.account}")
        found = self._found(touch)
        for name, state in found:
            decision, content = state.decision, state.content
            if decision is None or content is None or content.business_date > said.cut_off:
                continue
            if said.class_ != decision.class_ if said.class_ else said.account != decision.account:
                continue
            if decision.state == "ACCUMULATING":
                judged = self.lifecycle.judged(name)
                self._sort(drawn, name, judged, member=billed_in_batches(judged.facts))
            elif decision.state in ("WAITING", "REQUIRES_ATTENTION"):
                drawn.unresolved.append(name)
        members = {member.document for member in drawn.members}
        drawn.unresolved = sorted(parts(name)[2] for name in drawn.unresolved if not self._follows(name, members))

    def _window(self, drawn: Drawn, said: DayClosed) -> None:
        """Take what accumulates for a day of a branch; what is held is late when it is released."""
        named_window = window(said.branch, said.day, said.currency)
        for name, state in self._found(Touch(f"day:{named_window}")):
            if state.decision is None or state.decision.state != "ACCUMULATING":
                drawn.unresolved.append(name)
                continue
            judged = self.lifecycle.judged(name)
            mine = judged.facts.window is not None and judged.facts.window.window == named_window
            self._sort(drawn, name, judged, member=mine)
        drawn.unresolved = sorted(parts(name)[2] for name in drawn.unresolved)

    def _found(self, touch: Touch) -> list[tuple[str, Document]]:
        """Return the documents that wait for a key, oldest first."""
        return self._loaded([name for name in self.batch.waits.released(self.book, (touch,)) if parts(name)[1] == "document"])

    def _loaded(self, names: Sequence[str]) -> list[tuple[str, Document]]:
        """Return documents with all that judging them will read, loaded with a query a hop."""
        self.states.prefetch(names)
        found = [(name, self.states.document(name)) for name in names]
        contents = [state.content for _, state in found if state.content is not None]
        accounts = [state.decision.account for _, state in found if state.decision and state.decision.account]
        wanted = [name for content in contents for name in named(self.book, content)]
        self.states.prefetch([*wanted, *(stream(self.book, "account", account) for account in accounts)])
        self.batch.ownership.prefetch([(self.book, content) for content in contents])
        return found

    def _sort(self, drawn: Drawn, name: str, judged: Judged, *, member: bool) -> None:
        unpaid = self._unpaid(name) if judged.event.outcome == "ACCUMULATE" and member else {}
        if unpaid:
            drawn.unpaid.update(unpaid)
            drawn.unresolved.append(name)
            return
        if judged.event.outcome == "ACCUMULATE" and member:
            built = legs(judged.facts)
            split = tuple(by_tender(judged.facts, built)) if drawn.route == "SUMMARY" else built
            drawn.members.append(Member(name, judged, split))
            return
        drawn.fallen.append((name, judged))
        if judged.event.outcome in ("WAIT", "HOLD", "REJECT"):
            drawn.unresolved.append(name)

    def _unpaid(self, name: str) -> dict[str, Judged]:
        """Return the money that waits for a document, is counted as paid on it, and would be held if it were judged now (C6)."""
        found: dict[str, Judged] = {}
        for payment in self.states.document(name).settled:
            money = stream(self.book, "payment", payment)
            state = self.states.payment(money)
            if not state.counts or state.posted or state.content is None:
                continue
            judged = self.lifecycle.judged(money)
            if not replace(state, decision=judged.event).counts:
                found[money] = judged
        return found

    def _follows(self, name: str, members: Collection[str | None]) -> bool:
        """True for a credit note that waits for nothing but a member: it posts right after it (K1)."""
        content = self.states.document(name).content
        return isinstance(content, CreditNoteIssued) and content.original in members

    def _admit(self, drawn: Drawn, said: BatchRun) -> None:
        """Refuse a run that has nothing to bill, leaves documents behind unseen, or is dated where nothing may post."""
        if drawn.unresolved and not said.acknowledged:
            told = ", ".join(drawn.unresolved[:UNRESOLVED_TOLD_MAX])
            more = len(drawn.unresolved) - UNRESOLVED_TOLD_MAX
            message = f"held or waiting up to {said.cut_off}: {told}{f' and {more} more' if more > 0 else ''}"
            raise Refused("BATCH_HAS_UNRESOLVED", message, "release them first, or acknowledge that they stay behind")
        if not drawn.members:
            message = f"nothing accumulates for {said.class_ or said.account} up to {said.cut_off}"
            raise Refused("BATCH_EMPTY", message, "look at postgate documents --state ACCUMULATING")
        facts = drawn.members[0].facts
        invoice = facts.subject.invoice
        if invoice is not None:
            invoice = invoice.model_copy(update={"date": said.date, "business_date": said.date, "tax_date": None})
        subject = replace(facts.subject, date=said.date, business_date=said.date, invoice=invoice)
        dated = replace(facts, subject=subject, period=facts.book.period_of(said.date), released=frozenset())
        for _, reason in spoken(dated, DATED):
            if reason.severity != "WARN":
                raise Refused(reason.code, f"batch {said.batch} is dated {said.date}: {reason.message}", reason.remedy)

    def post(self, drawn: Drawn) -> None:
        """Record what was drawn up: journals of the whole, and for each member that it is part of them."""
        fallen = [*drawn.unpaid.items(), *drawn.fallen]
        touches = [touch for name, judged in fallen if judged.is_news for touch in self.lifecycle.adopt(name, judged)]
        by = drawn.said.by if drawn.unresolved else None
        tendered = tendered_by(drawn.members)
        self.batch.record(
            drawn.stream,
            Billed(
                members=len(drawn.members),
                unresolved=drawn.unresolved,
                acknowledged_by=by if isinstance(drawn.said, BatchRun) else None,
                reasons=cleared(drawn.said, tendered) if isinstance(drawn.said, DayClosed) else [],
                tendered=tendered,
                rulebook=RULEBOOK,
            ),
        )
        for bill in drawn.bills:
            self._post(drawn, bill)
            touches += [Touch(f"document:{member.document}") for member in bill.members]
        self.batch.waits.prefetch(self.book, [touch.first for touch in touches])
        self.batch.settle(self.book, touches)

    def _post(self, drawn: Drawn, bill: Bill) -> None:
        keys: dict[str, str] = {}
        number = f"{bill.prefix}{drawn.named}{bill.suffix.replace('#', '-')}"
        for leg in bill.legs(number):
            posting = self._posting(drawn, bill, leg, number)
            keys[leg.name] = posting.posting_key
            self.batch.record(drawn.stream, posting)
        for member in bill.members:
            self._member(drawn, bill, member, keys)

    def _posting(self, drawn: Drawn, bill: Bill, leg: Leg, number: str) -> PostingAuthorised:
        facts, opened = bill.facts, bill.facts.book.opened
        if opened is None:
            raise ValueError("only an open book has postings")
        period, terms = calendar.posting_period(facts).name, (facts.generic if facts.generic_id else facts.account).terms
        days = [member.facts.subject.business_date for member in bill.members]
        own = facts.book.period_of(drawn.date).name == period
        return PostingAuthorised(
            posting_key=posting_key(self.book, drawn.stream, 1, leg.name),
            version=1,
            leg=leg.name,
            kind=leg.kind,
            number=number,
            route=drawn.route,
            account=leg.account,
            class_=facts.class_id,
            class_version=facts.class_.version,
            date=drawn.date,
            # The day of the run, where that is in the period of the members; else their last day, so that month ends hold.
            business_date=drawn.date if own else max(days),
            period=period,
            due_date=due_by(terms, drawn.date) if terms and leg.kind == "INVOICE" and drawn.route == "BATCH" else None,
            currency=facts.subject.currency,
            base_currency=opened.base_currency,
            lines=list(leg.lines),
            sources=bill.sources(leg.name),
            mode=opened.policies.posting_mode,
            account_code=(facts.generic if facts.generic_id else facts.account).code,
        )

    def _member(self, drawn: Drawn, bill: Bill, member: Member, keys: dict[str, str]) -> None:
        """Decide one member posted, as part of the whole; money and credits that waited for it follow the whole (K2, L3)."""
        told = member.judged.event
        last = self.states.document(member.stream).decision
        key = keys[f"document{bill.suffix}"]
        self.batch.record(
            member.stream,
            told.model_copy(
                update={
                    "outcome": "POST",
                    "state": "POSTED",
                    "route": drawn.route,
                    "batch": drawn.named,
                    "posting_key": key,
                    "reasons": [reason for reason in told.reasons if reason.code != "AGGREGATE_WINDOW_OPEN"],
                    "waits_for": [],
                    "waits_no_more_for": list(last.waits_for) if last else [],
                }
            ),
        )
        self.batch.waits.decided(member.stream, told.received, ())
        self.batch.record(member.stream, self._billed(drawn, bill, member, keys))
        if drawn.route == "BATCH":
            sweep_all(self.batch, member.stream)

    @staticmethod
    def _billed(drawn: Drawn, bill: Bill, member: Member, keys: dict[str, str]) -> DocumentBilled:
        """Return what a member is part of, and the lines it brought."""
        told, owed = member.judged.event, debtor(member.facts)
        return DocumentBilled(
            version=told.version,
            batch=drawn.named,
            posting_key=keys[f"document{bill.suffix}"],
            receivable=f"{parts(drawn.stream)[1]}:{drawn.named}{bill.suffix}",
            route=drawn.route,
            account=owed.account if owed else "",
            control=owed.ledger_account if owed else "",
            class_=told.class_,
            class_version=told.class_version,
            kind=told.kind,
            number=told.number,
            business_date=told.business_date,
            currency=told.currency,
            gross=told.gross,
            parts=[
                BilledPart(leg=leg.name, posting_key=keys[f"{leg.name}{bill.suffix}"], lines=list(leg.lines))
                for leg in member.legs
            ],
        )

    def reverse(self, said: BatchReversed) -> None:
        """Take a batch back: its journals are reversed, its members accumulate again, and what waited for that comes in force."""
        name = stream(self.book, "batch", said.batch)
        members = [stream(self.book, "document", document) for document in self.states.batch(name).members]
        self._loaded(members)
        opened = self.states.book(self.book)
        for posting in self.states.batch(name).postings:
            self.batch.record(name, reversed_posting(opened, name, posting, self.batch.today(self.book)))
        for member in members:
            state = self.states.document(member)
            if state.billed is not None and state.billed.batch == said.batch and state.frozen:
                sweep_back(self.batch, member)
                self.batch.record(member, DocumentUnbilled(version=state.version, batch=said.batch, route="BATCH"))
                self.lifecycle.unbilled(member)
