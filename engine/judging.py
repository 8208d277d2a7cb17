"""Judging: one document, as its streams stand, becomes the decision to record and the postings it allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.assembly import Moment, Owned, gather
from engine.documents import Document
from engine.firewall.facts import Facts, Subject
from engine.firewall.judge import Decision, judge
from engine.firewall.rulebook import RULEBOOK
from engine.payments import Payment
from engine.postings import authorised
from engine.states import States
from schemas.events import DocumentDecided, PostingAuthorised


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a judgement is made: microseconds, the book's day, and the book's latest sequence number."""

    now: int
    today: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision ready to be recorded, with the postings it allows beyond those that stand."""

    event: DocumentDecided
    postings: tuple[PostingAuthorised, ...]
    is_news: bool


def open_to_judgement(state: Document | Payment) -> bool:
    """True unless there is nothing to judge, or it is posted with nothing left to do."""
    if state.content is None:
        return False
    if isinstance(state, Document):
        return not state.posted
    unapplied = state.decision is not None and bool(state.decision.waits_for)
    return (not state.posted or unapplied) and (state.reversal is None or state.decision is None)


def judged_now(states: States, name: str, at: Occasion, owned: Owned) -> Judged:
    """Judge a document or payment stream as its facts stand. Pure: replaying the same facts gives the same record."""
    state = states.of(name)[0]
    if not isinstance(state, Document | Payment):
        raise TypeError(f"{name} is not judged")
    last = state.decision
    facts, read = gather(states, name, Moment(at.now, at.today, last.since if last else at.today), owned)
    decision = judge(facts)
    standing = {posting.leg for posting in state.postings}
    if standing and decision.outcome != "POST":
        # A posted deposit stays posted; what it could not be applied to now is tried again later.
        waits = (*decision.waits_for, *(last.waits_for if last else ()))
        decision = Decision("POST", decision.reasons, waits, decision.route, ())
    event = _event(facts, decision, last, at, read)
    fresh = tuple(authorised(facts, decision, leg, name) for leg in decision.legs if leg.name not in standing)
    return Judged(event, fresh, bool(fresh) or last is None or not says_the_same(last, event))


def says_the_same(one: DocumentDecided, other: DocumentDecided) -> bool:
    """True when two decisions have the same outcome, reasons and waits: said twice, it is not news."""
    return (one.outcome, one.reasons, one.waits_for) == (other.outcome, other.reasons, other.waits_for)


def undecidable(subject: Subject, decision: Decision, at: Occasion) -> DocumentDecided:
    """Return the record of a version that cannot be judged yet."""
    return DocumentDecided(**_fields(subject, decision, None, at))


def _event(facts: Facts, decision: Decision, last: DocumentDecided | None, at: Occasion, read: dict[str, int]) -> DocumentDecided:
    fields = _fields(facts.subject, decision, last, at)
    fields["account"] = facts.generic_id or facts.account_id
    fields["class_"] = facts.class_id
    fields["class_version"] = facts.class_.version if facts.class_id else None
    fields["read"] = read
    return DocumentDecided(**fields)


def _fields(subject: Subject, decision: Decision, last: DocumentDecided | None, at: Occasion) -> dict[str, Any]:
    invoice, waits = subject.invoice, dict.fromkeys(decision.waits_for)
    order = f"{invoice.customer}|{invoice.order_number}" if invoice and invoice.order_number else None
    return {
        "version": subject.version,
        "outcome": decision.outcome,
        "state": decision.state,
        "reasons": list(decision.reasons),
        "waits_for": list(waits),
        "waits_no_more_for": [key for key in last.waits_for if key not in waits] if last else [],
        "was": last.state if last else None,
        "kind": subject.kind,
        "number": subject.number,
        "date": subject.date,
        "business_date": subject.business_date,
        "currency": subject.currency,
        "gross": subject.sums.gross,
        "customer": subject.said.customer,
        "order_number": order,
        "route": decision.route,
        "received": last.received if last else at.sequence,
        "since": last.since if last else at.today,
        "today": at.today,
        "rulebook": RULEBOOK,
    }
