"""Postings: an allowed journal under its derived key, and the reversal that undoes it."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from uuid import NAMESPACE_OID, uuid5

from engine.books import Book
from engine.firewall.facts import Facts
from engine.firewall.judge import Decision
from engine.journal import Leg
from schemas.events import PostingAuthorised, PostingReversed
from schemas.inbound.accounts import Terms

_NAMESPACE = uuid5(NAMESPACE_OID, "postgate/posting/v1")


def posting_key(book: str, stream: str, version: int, leg: str) -> str:
    """Return the identity of a posting: derived, never drawn, so that a repeat is recognised everywhere (law 6)."""
    return str(uuid5(_NAMESPACE, f"{book}|{stream}|{version}|{leg}"))


def authorised(facts: Facts, decision: Decision, leg: Leg, stream: str) -> PostingAuthorised:
    """Return the posting of one journal."""
    subject, opened = facts.subject, facts.book.opened
    if opened is None or decision.route is None:
        raise ValueError("only an allowed document has postings")
    follows, record = facts.follows, facts.class_.record
    own = record if record and not follows else None
    return PostingAuthorised(
        posting_key=posting_key(stream.partition("|")[0], stream, subject.version, leg.name),
        version=subject.version,
        leg=leg.name,
        kind=leg.kind,
        number=f"{own.invoice_prefix or ''}{subject.number}" if own else subject.number,
        route=decision.route,
        account=leg.account,
        class_=follows.class_ if follows else facts.class_id,
        class_version=follows.class_version if follows else facts.class_.version,
        date=subject.date,
        business_date=subject.business_date,
        period=posting_period(facts.book, subject.business_date),
        due_date=due_date(facts) if leg.kind == "INVOICE" else None,
        currency=subject.currency,
        base_currency=opened.base_currency,
        lines=list(leg.lines),
        sources=[],
    )


def posting_period(book: Book, day: str) -> str:
    """Return the period a posting of that day goes into; one that takes none gives way where the book rolls forward (H2)."""
    period = book.period_of(day)
    rolls = book.opened is not None and book.opened.policies.closed_period == "ROLL_FORWARD"
    later = book.first_open_after(day) if rolls and not book.takes(period) else None
    return (later or period).name


def reversed_posting(book: Book, stream: str, posting: PostingAuthorised, today: str) -> PostingReversed:
    """Return the reversal of a posting, in its period or the first open one after it: what is closed stays as it is (H10)."""
    period = book.periods.get(posting.period) or book.period_of(posting.business_date)
    if not book.takes(period):
        current = book.period_of(today)
        period = book.first_open_after(period.first) or (current if book.takes(current) else book.first_open_after("")) or current
    turned = [line.model_copy(update={"side": "C" if line.side == "D" else "D"}) for line in posting.lines]
    return PostingReversed.model_construct(
        **{
            **{name: getattr(posting, name) for name in PostingAuthorised.model_fields},
            "posting_key": posting_key(stream.partition("|")[0], stream, posting.version, f"{posting.leg}/reversal"),
            "leg": f"{posting.leg}/reversal",
            "period": period.name,
            "due_date": None,
            "lines": turned,
            "reverses": posting.posting_key,
        }
    )


def due_date(facts: Facts) -> str | None:
    """Return the day an invoice is due: as said, else by the terms of its account."""
    invoice = facts.subject.invoice
    if invoice is None or invoice.due_date:
        return invoice.due_date if invoice else None
    terms = (facts.generic if facts.generic_id else facts.account).terms
    return due_by(terms, invoice.date) if terms else None


def due_by(terms: Terms, day: str) -> str:
    """Apply payment terms to the date of a document."""
    start = date.fromisoformat(day)
    match terms.rule:
        case "DAYS_AFTER_BILL_DATE":
            return (start + timedelta(days=terms.days)).isoformat()
        case "DAYS_AFTER_BILL_MONTH":
            return (_month_end(start) + timedelta(days=terms.days)).isoformat()
        case "OF_CURRENT_MONTH":
            return _day_of(start, terms.days)
        case "OF_FOLLOWING_MONTH":
            return _day_of(_month_end(start) + timedelta(days=1), terms.days)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _day_of(month: date, number: int) -> str:
    return month.replace(day=max(1, min(number, calendar.monthrange(month.year, month.month)[1]))).isoformat()
