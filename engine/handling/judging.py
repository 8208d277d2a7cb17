"""Judging: one document, as its streams stand, becomes the decision to record and the postings it allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.facts.assembly import Moment, Owned, gather
from engine.facts.subject import Subject, invoice_subject
from engine.firewall.facts import Facts
from engine.firewall.judge import Decision, judge
from engine.firewall.rulebook import RULEBOOK
from engine.handling.amendments import STANDS
from engine.journal import in_base
from engine.postings import authorised
from engine.states import States
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.payments import Payment
from schemas.events import CreditChecked, DocumentDecided, PostingAuthorised
from schemas.values import MINOR_UNITS_MAX


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
    facts: Facts


def open_to_judgement(state: Document | Payment | Charge) -> bool:
    """True unless there is nothing to judge, or it is posted with nothing left to do."""
    if state.content is None:
        return False
    if isinstance(state, Document):
        return not state.posted
    if isinstance(state, Charge):
        return not state.posted and not state.closed
    return (not state.posted or state.unapplied) and (not state.taken_back or state.decision is None)


def judged_now(states: States, name: str, at: Occasion, owned: Owned) -> Judged:
    """Judge a document or payment stream as its facts stand. Pure: replaying the same facts gives the same record."""
    state = states.of(name)[0]
    if not isinstance(state, Document | Payment | Charge):
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
    return Judged(event, fresh, bool(fresh) or last is None or not says_the_same(last, event), facts)


def says_the_same(one: DocumentDecided, other: DocumentDecided) -> bool:
    """True when two decisions have the same outcome, reasons and waits: said twice, it is not news."""
    return (one.outcome, one.reasons, one.waits_for) == (other.outcome, other.reasons, other.waits_for)


def undecidable(subject: Subject, decision: Decision, at: Occasion, last: DocumentDecided | None = None) -> DocumentDecided:
    """Return the record of a version that cannot be judged yet; `last` is what was said of it before."""
    return DocumentDecided(**_fields(subject, decision, last, at))


def standing_still(state: Document, last: DocumentDecided, at: Occasion) -> DocumentDecided:
    """Return the record of a version that leaves the posting of the one before as it is (O3)."""
    if state.content is None:
        raise ValueError("a void has nothing that could stand")
    fields = _fields(invoice_subject(state.content), Decision("POST", (STANDS,), (), last.route, ()), state.decision, at)
    way = {name: getattr(last, name) for name in ("account", "class_", "class_version", "base_gross", "revenue_account", "read")}
    way["posting_key"] = last.posting_key or next((p.posting_key for p in state.postings if p.leg == "document"), None)
    return DocumentDecided(**{**fields, **way})


def _event(facts: Facts, decision: Decision, last: DocumentDecided | None, at: Occasion, read: dict[str, int]) -> DocumentDecided:
    fields = _fields(facts.subject, decision, last, at)
    fields["account"] = facts.generic_id or facts.account_id
    fields["class_"] = facts.class_id
    fields["class_version"] = facts.class_.version if facts.class_id else None
    fields["revenue_account"] = facts.sold.revenue_account if facts.sale else None
    fields["read"] = read
    fields["base_gross"] = _base_gross(facts)
    fields["credit"] = _credit(facts)
    fields["batch"] = facts.window.window if facts.window and decision.outcome == "POST" and decision.route == "SUMMARY" else None
    return DocumentDecided(**fields)


def _base_gross(facts: Facts) -> int | None:
    """Return the gross of a foreign document in the book's currency; None where it says no rate, needs none, or is too much."""
    subject, opened = facts.subject, facts.book.opened
    if opened is None or subject.currency == opened.base_currency:
        return None
    try:
        gross = in_base(subject, opened, subject.sums.gross)
    except ValueError:
        return None
    return gross if abs(gross) <= MINOR_UNITS_MAX else None  # No journal takes more, and no view.


def _credit(facts: Facts) -> CreditChecked | None:
    """Return what was looked at for credit, None where there was nothing to check."""
    found = facts.exposure
    if found is None:
        return None
    return CreditChecked(**{name: getattr(found, name) for name in CreditChecked.model_fields})


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
