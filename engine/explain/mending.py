"""Mending: which facts could take a reason away, the most natural first; whether they do is for others to try."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping

from engine.decider import parts, stream
from engine.explain import restating
from engine.explain.repairs import MADE_UP, first_version, next_version
from engine.explain.supposing import MONEY, NOTE, PERSON, ROLE, Fact, blocking, decision_of
from engine.firewall.ranking import ranked
from engine.states import States
from engine.streams.documents import Document
from engine.streams.payments import Payment
from engine.streams.periods import with_day
from schemas.events import Reason
from schemas.inbound import CreditNoteIssued, InvoiceIssued
from schemas.values import major, minor

Facts = Iterator[Fact]


def mending(states: States, name: str, reason: Reason) -> Facts:
    """Yield the facts that could take a reason of a document away."""
    state = states.of(name)[0]
    mended = list(_by_keys(states, name, reason))
    corrected = list(_corrected(states, name, reason))
    # What names no party, place or day is wrong in the document itself, and so is what only its publisher knows.
    yield from [*mended, *corrected] if reason.waits_for and reason.code not in MADE_UP else [*corrected, *mended]
    if reason.overridable and isinstance(state, Document | Payment):
        yield from _released(states, name, reason)


def _by_keys(states: States, name: str, reason: Reason) -> Facts:
    for key in reason.waits_for:
        noun, _, rest = key.partition(":")
        propose = _PROPOSING.get(noun)
        if propose is not None:
            yield from propose(states, name, rest)
    if reason.code == "WAITING_FOR_VERSION":
        yield from _missing(states, name)
    if reason.code == "MARKED_DO_NOT_POST":
        for key in reason.waits_for:
            yield from restating.customer(states, name, key.partition(":")[2])


def _period(states: States, name: str, day: str) -> Facts:
    if day == "later":
        return
    book = states.book(parts(name)[0])
    period = with_day(book.periods, day)
    if period is None:
        last = calendar.monthrange(int(day[:4]), int(day[5:7]))[1]
        fields = {"period": day[:7], "from": f"{day[:7]}-01", "to": f"{day[:7]}-{last:02d}"}
        yield Fact("period.opened", fields, f"open period {day[:7]}", chosen=("period", "from", "to"))
    else:
        fields = {"period": period.name, "from": period.first, "to": period.last}
        yield Fact("period.reopened", fields, f"reopen period {period.name}")


def _tax_period(states: States, name: str, day: str) -> Facts:
    period = with_day(states.book(parts(name)[0]).tax_periods, day)
    if period is not None:
        fields = {"period": period.name, "from": period.first, "to": period.last}
        yield Fact("tax_period.reopened", fields, f"reopen tax period {period.name}")


def _paid(states: States, name: str, document: str) -> Facts:
    """Yield the payment of what is outstanding on a document, or the refund of what is too much."""
    state = states.document(stream(parts(name)[0], "document", document))
    said = state.content
    if said is None:
        return
    tendered = sum(minor(tender.amount, said.currency) for tender in said.tenders)
    paid = sum(amount for amount, currency in state.settled.values() if currency == said.currency)
    credit = isinstance(said, CreditNoteIssued)
    left = minor(said.totals.gross, said.currency) - tendered - (-paid if credit else paid)
    if left == 0:
        return
    amount = major(abs(left), said.currency)
    tender = next((key for kind, key in states.book(parts(name)[0]).mappings if kind == "tender"), "TENDER")
    fields: dict[str, object] = {
        "payment": f"{MONEY}-{document}"[:128],
        "date": said.business_date,
        "currency": said.currency,
        "amount": amount,
        "tender": tender,
        "allocations": [{"document": document, "amount": amount}],
        **({"customer": said.customer} if said.customer else {}),
        **({"exchange_rate": said.exchange_rate} if said.exchange_rate else {}),
    }
    back = credit == (left > 0)
    kind, told = ("refund.paid", "pay back") if back else ("payment.received", "take the payment of")
    yield Fact(kind, fields, f"{told} {amount} {said.currency} on {document}", chosen=("payment", "date", "tender"))


def _document(states: States, name: str, document: str) -> Facts:
    """Yield what would release another document that must be posted first, or publish it where it never came."""
    other = stream(parts(name)[0], "document", document)
    state, mine = states.document(other), states.of(name)[0]
    if other == name:
        return
    if state.in_force is None and not state.pending:
        content = mine.content if isinstance(mine, Document | Payment) else None
        if isinstance(content, InvoiceIssued):
            owed = (content.totals.gross, content.currency)
            yield first_version(document, content, owed, content.business_date, content.customer)
        elif content is not None:
            part = next((each.amount for each in content.allocations if each.document == document), content.amount)
            others = (states.document(stream(parts(name)[0], "document", each.document)) for each in content.allocations)
            customers = [each.content.customer for each in others if each.content and each.content.customer]
            customer = content.customer or next(iter(customers), None)
            yield first_version(document, None, (part, content.currency), content.date, customer)
        return
    for reason in ranked(blocking(states, other))[:1]:
        yield from mending(states, other, reason)


def _book(states: States, name: str, _rest: str) -> Facts:
    state = states.of(name)[0]
    if states.book(parts(name)[0]).opened is not None or not isinstance(state, Document | Payment) or state.content is None:
        return
    accounts = {"receivable": "RECEIVABLE", "deposits": "DEPOSITS", "rounding": "ROUNDING"}
    fields = {"base_currency": state.content.currency, "control_accounts": accounts, "timezone": "UTC"}
    chosen = ("base_currency", "control_accounts", "timezone")
    yield Fact("book.opened", fields, f"open book {parts(name)[0]}", chosen=chosen)


def _corrected(states: States, name: str, reason: Reason) -> Facts:
    """Yield the next version of a document, with everything corrected that it is held for."""
    state = states.of(name)[0]
    if isinstance(state, Document) and state.content is not None:
        codes = {reason.code, *(each.code for each in blocking(states, name))}
        yield next_version(state.content, state.version + 1, codes)


def _missing(states: States, name: str) -> Facts:
    """Yield the version that a later one waits for: like that one, but for its number."""
    state = states.of(name)[0]
    later = next(iter(state.pending.values()), None) if isinstance(state, Document) else None
    if isinstance(state, Document) and isinstance(later, InvoiceIssued):
        version = state.version + 1
        fields = {**later.model_dump(by_alias=True, exclude_unset=True, mode="json"), "version": version}
        noun = "credit_note" if isinstance(later, CreditNoteIssued) else "invoice"
        chosen = tuple(field for field in fields if field not in ("document", "version"))
        kind = f"{noun}.{'issued' if version == 1 else 'amended'}"
        yield Fact(kind, fields, f"publish version {version} of {later.document}", chosen=chosen)


def _released(states: States, name: str, reason: Reason) -> Facts:
    """Yield the release of everything that may be released, by somebody who answers for it; else of this reason alone."""
    book, noun, key = parts(name)
    opened = states.book(book).opened
    codes = dict.fromkeys((reason.code, *(each.code for each in blocking(states, name) if each.overridable)))
    named = key if noun == "document" else f"{noun}:{key}"
    decision = decision_of(states, name)
    version = decision.version if decision else 1
    roles = opened.policies.release_roles if opened else {}
    for chosen in dict.fromkeys((tuple(codes), (reason.code,))):
        taken = [set(roles[code]) for code in chosen if code in roles]
        role = min(set.intersection(*taken), default=None) if taken else ROLE
        if role is None:
            continue
        fields = {"document": named, "version": version, "reasons": list(chosen), "by": PERSON, "role": role, "note": NOTE}
        asked = " ".join(f"--reason {code}" for code in chosen)
        command = f"postgate release {named} {asked} --by NAME --role {role} --note TEXT"
        told = f"release {named} of {' and '.join(chosen)}"
        yield Fact("release.granted", fields, told, chosen=("by", *(("role",) if role == ROLE else ()), "note"), command=command)


_PROPOSING: Mapping[str, Callable[[States, str, str], Facts]] = {
    "link": restating.link,
    "customer": restating.customer,
    "account": restating.account,
    "class": restating.class_,
    "mapping": restating.mapping,
    "period": _period,
    "tax_period": _tax_period,
    "payment": _paid,
    "document": _document,
    "book": _book,
}
"""What a document waits for -> what could bring it."""
