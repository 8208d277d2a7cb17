"""Assembly: gathers the facts of one judgement, and remembers which versions of which streams it read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from engine import mapping
from engine.accounts import Account
from engine.classes import CustomerClass
from engine.customers import Customer
from engine.decider import parts, stream
from engine.documents import Document
from engine.firewall.facts import Facts, Party, Subject, invoice_subject, payment_subject
from engine.links import Link, Linked
from engine.payments import Payment
from engine.states import States
from schemas.events import PostingAuthorised
from schemas.inbound import CreditNoteIssued, InvoiceIssued, PaymentReceived

REDIRECTS_MAX = 64


@dataclass(frozen=True, slots=True)
class Moment:
    """When a judgement is made: microseconds, the day in the book's time zone, and the day the document came."""

    now: int
    today: str
    since: str


@dataclass(slots=True)
class Reading:
    """Reads states for one judgement and keeps the versions it saw: the read-set of the decision."""

    states: States
    book: str
    read: dict[str, int] = field(default_factory=dict)

    def seen(self, noun: str, key: str) -> object:
        """Return the state of a stream and note the version that was read."""
        state, version = self.states.of(stream(self.book, noun, key))
        self.read[f"{noun}|{key}"] = version
        return state

    def customer(self, key: str) -> Customer:
        """Read an operational customer."""
        return cast(Customer, self.seen("customer", key))

    def link(self, key: str) -> Link:
        """Read a link."""
        return cast(Link, self.seen("link", key))

    def account(self, key: str) -> Account:
        """Read an account customer."""
        return cast(Account, self.seen("account", key))

    def class_(self, key: str) -> CustomerClass:
        """Read a class."""
        return cast(CustomerClass, self.seen("class", key))

    def document(self, key: str) -> Document:
        """Read another document."""
        return cast(Document, self.seen("document", key))


@dataclass(slots=True)
class Way:
    """The way from the customer named to the account that owes."""

    parties: list[Party] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)
    account_id: str | None = None
    class_id: str | None = None
    generic_id: str | None = None
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """Look-ups made for the batch: which other document already uses a number of this one."""

    number: str | None = None
    order_number: str | None = None


def gather(states: States, name: str, moment: Moment, owned: Owned) -> tuple[Facts, dict[str, int]]:
    """Return the facts for judging a document or payment stream now, with the versions that were read."""
    book, noun, key = parts(name)
    reading = Reading(states, book)
    reading.seen(noun, key)
    reading.seen("book", "")
    if noun == "payment":
        return _payment_facts(reading, states.payment(name), moment), reading.read
    return _document_facts(reading, states.document(name), moment, owned), reading.read


def _document_facts(reading: Reading, state: Document, moment: Moment, owned: Owned) -> Facts:
    said = state.content
    if said is None:
        raise ValueError("a void has nothing to judge")
    original = reading.document(said.original) if isinstance(said, CreditNoteIssued) and said.original else None
    follows = original.postings[0] if original and original.postings else None
    subject = invoice_subject(said)
    return _facts(
        reading,
        subject,
        moment,
        follows,
        original=original,
        paid=_paid(state, subject),
        number_used_by=owned.number,
        order_number_used_by=owned.order_number,
        conflicted=state.version in state.conflicts,
        released=state.released,
    )


def _paid(state: Document, subject: Subject) -> int:
    """Return what was paid on a document, in the order received; what comes after it was paid in full is not counted (L4)."""
    owed, paid = subject.sums.gross - subject.sums.tendered, 0
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
    posted = [document.postings[0] for document in settles.values() if document.postings]
    follows = posted[0] if posted and said.kind == "PAYMENT" else None
    return _facts(
        reading,
        payment_subject(said),
        moment,
        follows,
        settles=settles,
        deposited_with=next((posting.account for posting in state.postings if posting.leg == "payment"), None),
        conflicted=state.conflicted,
        reversed=state.reversal is not None,
        released=state.released,
    )


def _facts(reading: Reading, subject: Subject, moment: Moment, follows: PostingAuthorised | None, **rest: object) -> Facts:
    book = reading.states.book(reading.book)
    way = _way(reading, subject, follows)
    fields: dict[str, object] = {
        "book": book,
        "subject": subject,
        "today": moment.today,
        "now": moment.now,
        "since": moment.since,
        "period": book.period_of(subject.business_date),
        "sale": subject.invoice is not None,
        "parties": tuple(way.parties),
        "redirected": tuple(way.redirected),
        "account_id": way.account_id,
        "account": reading.account(way.account_id) if way.account_id else Account(),
        "class_id": way.class_id,
        "class_": reading.class_(way.class_id) if way.class_id else CustomerClass(),
        "places": mapping.places(book, subject.lines, subject.said.branch, subject.business_date),
        "generic_id": way.generic_id,
        "generic": reading.account(way.generic_id) if way.generic_id else Account(),
        "follows": follows,
        "payer": way.payer,
    }
    return Facts(**fields, **rest)  # type: ignore[arg-type]  # One place assembles; the dataclass checks the names.


def _way(reading: Reading, subject: Subject, follows: PostingAuthorised | None) -> Way:
    way = Way()
    said = subject.said
    if said.customer is not None:
        _parties(reading, way, said.customer)
    if follows is not None:
        link = way.parties[-1].link if way.parties else None
        way.payer = _surviving_account(reading, way, link.account) if isinstance(link, Linked) else None
        way.account_id = _surviving_account(reading, way, follows.account)
        way.class_id = follows.class_
        return way
    if said.customer is None:
        way.class_id = _default_class(reading, said)
    else:
        link = way.parties[-1].link
        if isinstance(link, Linked):
            way.account_id = _surviving_account(reading, way, link.account)
            way.class_id = reading.account(way.account_id).assigned
    if way.class_id is not None:
        record = reading.class_(way.class_id).record
        if record and record.behaviour == "GENERIC":
            way.generic_id = _surviving_account(reading, way, record.generic_account) if record.generic_account else None
    return way


def _parties(reading: Reading, way: Way, named: str) -> None:
    """Follow merges to the survivor, then one hop to the customer who is invoiced (B8, B15)."""
    key, customer = _surviving_customer(reading, way, named)
    way.parties.append(Party(key, customer, reading.link(key)))
    payer = customer.record.invoice_to if customer.record else None
    if payer is not None and payer != key:
        other, record = _surviving_customer(reading, way, payer)
        way.parties.append(Party(other, record, reading.link(other)))


def _surviving_customer(reading: Reading, way: Way, key: str) -> tuple[str, Customer]:
    customer = reading.customer(key)
    for _ in range(REDIRECTS_MAX):
        if customer.survivor is None:
            return key, customer
        way.redirected.extend([key, customer.survivor] if not way.redirected else [customer.survivor])
        key = customer.survivor
        customer = reading.customer(key)
    return key, customer  # Still merged away: the rule MERGE_UNRESOLVED holds it.


def _surviving_account(reading: Reading, way: Way, key: str) -> str:
    account = reading.account(key)
    for _ in range(REDIRECTS_MAX):
        if account.survivor is None:
            return key
        way.redirected.extend([key, account.survivor] if not way.redirected else [account.survivor])
        key = account.survivor
        account = reading.account(key)
    return key


def _default_class(reading: Reading, said: InvoiceIssued | PaymentReceived) -> str | None:
    """Return the class of anonymous sales: the branch's, else the book's (B14)."""
    book = reading.states.book(reading.book)
    day = said.business_date if isinstance(said, InvoiceIssued) else said.date
    branch = book.mapped("branch", said.branch, day) if said.branch else None
    if branch and branch.generic_class:
        return branch.generic_class
    return book.opened.policies.anonymous_class if book.opened else None
