"""Postings: an allowed journal under its derived key, and the reversal that undoes it."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from uuid import NAMESPACE_OID, uuid5

from engine.firewall.calendar import posting_period
from engine.firewall.facts import Facts
from engine.firewall.judge import Decision
from engine.journal import Leg
from engine.streams import periods
from engine.streams.applications import REVERSAL
from engine.streams.books import Book
from engine.streams.periods import Period
from schemas.events import PostingAuthorised, PostingReversed, Settled
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
    follows = facts.follows
    return PostingAuthorised(
        posting_key=posting_key(stream.partition("|")[0], stream, subject.version, leg.name),
        version=subject.version,
        leg=leg.name,
        kind=leg.kind,
        number=facts.number,
        route=decision.route,
        account=leg.account,
        class_=follows.class_ if follows else facts.class_id,
        class_version=follows.class_version if follows else facts.class_.version,
        date=subject.date,
        business_date=subject.business_date,
        period=_period(facts, leg),
        due_date=due_date(facts) if leg.kind in ("INVOICE", "INTEREST") else None,
        currency=subject.currency,
        base_currency=opened.base_currency,
        lines=list(leg.lines),
        sources=[],
        settles=list(leg.settles),
        mode=opened.policies.posting_mode,
        account_code=_code(facts, leg.account),
    )


def _code(facts: Facts, account: str) -> str | None:
    """Return the code of the account of a journal, where the document reads that account and its class gave it a prefix."""
    owing, key = (facts.generic, facts.generic_id) if facts.generic_id else (facts.account, facts.account_id)
    return owing.code if key == account else None


def _period(facts: Facts, leg: Leg) -> str:
    """Return the period of a posting; a deposit is applied in its own or, when that is closed by then, in the first open one."""
    period = posting_period(facts)
    if leg.kind == "DEPOSIT_APPLIED" and not facts.book.takes(period, facts.today):
        return reversal_period(facts.book, period, facts.today)
    return period.name


def reversed_posting(book: Book, stream: str, posting: PostingAuthorised, today: str) -> PostingReversed:
    """Return the reversal of a posting, in its period or the first open one after it: what is closed stays as it is (H10)."""
    period = book.periods.get(posting.period) or book.period_of(posting.business_date)
    turned = [line.model_copy(update={"side": "C" if line.side == "D" else "D"}) for line in posting.lines]
    return PostingReversed.model_construct(
        **{
            **{name: getattr(posting, name) for name in PostingAuthorised.model_fields},
            "posting_key": posting_key(stream.partition("|")[0], stream, posting.version, f"{posting.leg}{REVERSAL}"),
            "leg": f"{posting.leg}{REVERSAL}",
            "period": reversal_period(book, period, today),
            "due_date": None,
            "lines": turned,
            "settles": [opposite(part) for part in posting.settles],
            "reverses": posting.posting_key,
        }
    )


def reversal_period(book: Book, period: Period, today: str) -> str:
    """Return where a reversal goes: its own period; if that takes none the next open one, else today's, else one yet to come."""
    if book.takes(period, today):
        return period.name
    current = book.period_of(today)
    if later := book.first_open_after(period.first, today):
        return later.name
    if book.takes(current, today):
        return current.name
    earlier = book.first_open_after("", today)
    return earlier.name if earlier else periods.following(book.periods, today)


def opposite(part: Settled) -> Settled:
    """Return what takes a settlement back."""
    return part.model_copy(update={"amount": -part.amount, "base_amount": -part.base_amount})


def due_date(facts: Facts) -> str | None:
    """Return the day an invoice is due: as said, else by the terms of its account; interest is due the day it is charged."""
    invoice = facts.subject.invoice
    if facts.subject.kind == "INTEREST":
        return facts.subject.date
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
