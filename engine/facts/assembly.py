"""Assembly: gathers the facts of one judgement, and remembers which versions of which streams it read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.decider import parts
from engine.facts import mapping
from engine.facts.numbers import Users, taken_by
from engine.facts.owing import exposure
from engine.facts.rates import rated
from engine.facts.receivables import Receivables
from engine.facts.subject import Subject, invoice_subject, payment_subject
from engine.facts.tracing import as_then, sold_as, traced
from engine.facts.unsettled import with_opens
from engine.facts.way import Reading, offices_of, rules_of, way_of
from engine.firewall.charging import charge_subject
from engine.firewall.facts import Facts
from engine.states import States
from engine.streams.accounts import Account
from engine.streams.charges import Charge
from engine.streams.classes import CustomerClass
from engine.streams.days import BusinessDay, window
from engine.streams.documents import Document
from engine.streams.followed import Followed, followed
from engine.streams.payments import Payment
from schemas.inbound import CreditNoteIssued

NOBODY = Account()


@dataclass(frozen=True, slots=True)
class Moment:
    """When a judgement is made: microseconds, the day in the book's time zone, and the day the document came."""

    now: int
    today: str
    since: str


@dataclass(frozen=True, slots=True)
class Owned:
    """Look-ups made for the batch: which other document already uses a number of this one, and what accounts owe.

    `users` is asked only where prefixes of classes may tell equal numbers apart, or make different ones equal.
    """

    number: str | None = None
    order_number: str | None = None
    users: Users | None = None
    receivables: Receivables | None = None


def gather(states: States, name: str, moment: Moment, owned: Owned) -> tuple[Facts, dict[str, int]]:
    """Return the facts for judging a document or payment stream now, with the versions that were read."""
    book, noun, key = parts(name)
    reading = Reading(states, book)
    reading.seen(noun, key)
    reading.seen("book", "")
    if noun == "charge":
        return _charge_facts(reading, states.charge(name), moment), reading.read
    if noun == "payment":
        return with_opens(_payment_facts(reading, states.payment(name), moment), book, owned.receivables), reading.read
    facts = with_opens(_document_facts(reading, states.document(name), moment, owned), book, owned.receivables)
    owes = exposure(facts, states, name, owned.receivables)
    return (facts if owes is None else replace(facts, exposure=owes)), reading.read


def _document_facts(reading: Reading, state: Document, moment: Moment, owned: Owned) -> Facts:
    said = state.content
    if said is None:
        raise ValueError("a void has nothing to judge")
    original = reading.document(said.original) if isinstance(said, CreditNoteIssued) and said.original else None
    follows = original.follows if original else None
    subject = invoice_subject(said)
    reading.kept = state.decision if state.decision and state.decision.state == "ACCUMULATING" else None
    reading.billed = state.billed is not None
    facts = _facts(
        reading,
        subject,
        moment,
        follows,
        original=original,
        paid=_paid(state, subject),
        number_used_by=owned.number,
        order_number_used_by=owned.order_number,
        formerly=state.formerly,
        conflicted=state.version in state.conflicts,
        released=state.released,
        pulled=state.pulled,
    )
    # What was posted before may have stood there under another prefix, and a number that was free then may be taken.
    asked = owned.number is not None or facts.number != subject.number or state.formerly is not None
    if owned.users is None or not asked:
        return facts
    return replace(facts, number_used_by=taken_by(facts, owned.users, reading.document))


def _paid(state: Document, subject: Subject) -> int:
    """Return what was paid on a document, in the order received; what comes after it was paid in full is not counted (L4)."""
    owed, paid = subject.sums.gross + subject.sums.cash_rounding - subject.sums.tendered, 0
    for amount, currency in state.settled.values():
        turned = -amount if subject.kind == "CREDIT_NOTE" else amount
        if currency == subject.currency and (turned < 0 or paid != owed):
            paid += turned
    return paid


def _payment_facts(reading: Reading, state: Payment, moment: Moment) -> Facts:
    said = state.content
    if said is None:
        raise ValueError("a reversal alone has nothing to judge")
    settles = {allocation.document: reading.document(allocation.document) for allocation in said.allocations}
    posted = [document.follows for document in settles.values() if document.follows]
    stood = next((posting for posting in state.postings if posting.leg == "payment"), None)
    # A deposit that stands follows itself: it is applied from where it is owed, whatever became of who made it (L2).
    follows = followed((stood,), None) if stood else (posted[0] if posted and said.kind == "PAYMENT" else None)
    return _facts(
        reading,
        payment_subject(said),
        moment,
        follows,
        settles=settles,
        deposited_with=stood.account if stood else None,
        conflicted=state.conflicted,
        reversed=state.taken_back,
        reversal=state.reversal,
        returned=state.returned,
        released=state.released,
    )


def _charge_facts(reading: Reading, state: Charge, moment: Moment) -> Facts:
    if state.content is None:
        raise ValueError("nothing was calculated")
    subject = charge_subject(state.content, reading.states.book(reading.book))
    return _facts(reading, subject, moment, None, released=state.released)


def _facts(reading: Reading, subject: Subject, moment: Moment, follows: Followed | None, **rest: object) -> Facts:
    book, known = reading.states.book(reading.book), rest.get("original") if follows else None
    original = known if isinstance(known, Document) else None
    book, subject = as_then(book, original), traced(subject, original)
    subject = rated(subject, book)
    way = way_of(reading, subject, follows)
    account = reading.account(way.account_id) if way.account_id else NOBODY
    generic = reading.account(way.generic_id) if way.generic_id else NOBODY
    owing = generic if way.generic_id else account
    rules = rules_of(reading, way, subject.business_date)
    return Facts(
        book=book,
        subject=subject,
        today=moment.today,
        now=moment.now,
        since=moment.since,
        period=book.period_of(subject.business_date),
        sale=subject.invoice is not None,
        parties=tuple(way.parties),
        redirected=tuple(way.redirected),
        merged=tuple(way.merged),
        account_id=way.account_id,
        account=account,
        class_id=way.class_id,
        class_=rules,
        places=mapping.places(book, subject.lines, sold_as(subject, owing, original)),
        generic_id=way.generic_id,
        generic=generic,
        twin=reading.account(owing.like) if owing.like else None,
        follows=follows,
        payer=way.payer,
        offices=offices_of(reading, generic, account),
        window=_window(reading, subject, rules) if not follows and not reading.billed else None,
        **rest,  # type: ignore[arg-type]  # One place assembles; the dataclass checks the names.
    )


def _window(reading: Reading, subject: Subject, rules: CustomerClass) -> BusinessDay | None:
    """Return the business day that a sale belongs to, where its class posts by the day (J9)."""
    record, invoice = rules.record, subject.invoice
    if record is None or record.detail != "SUMMARY" or invoice is None or invoice.branch is None:
        return None
    return reading.day(window(invoice.branch, invoice.business_date, invoice.currency))
