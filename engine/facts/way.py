"""The way: from the customer a document names, along merges and links, to the account that owes and the class that decides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

from engine.facts.subject import Subject
from engine.firewall.facts import Party
from engine.states import States
from engine.streams.accounts import Account
from engine.streams.charges import Charging
from engine.streams.classes import CustomerClass
from engine.streams.customers import Customer
from engine.streams.days import BusinessDay
from engine.streams.documents import Document
from engine.streams.followed import Followed
from engine.streams.links import Link, Linked
from schemas.events import DocumentDecided
from schemas.inbound import AccountOpened, InvoiceIssued, PaymentReceived

REDIRECTS_MAX = 64


@dataclass(slots=True)
class Reading:
    """Reads states for one judgement and keeps the versions it saw: the read-set of the decision."""

    states: States
    book: str
    read: dict[str, int] = field(default_factory=dict)
    kept: DocumentDecided | None = None
    """What was decided when the document began to accumulate: it stays under those rules until it is billed (O8)."""
    billed: bool = False
    """True for what was posted as part of a whole: it is neither early nor late any more."""

    def seen(self, noun: str, key: str) -> object:
        """Return the state of a stream and note the version that was read."""
        name = f"{noun}|{key}"
        state, self.read[name] = self.states.of(f"{self.book}|{name}")  # The stream's name, put together once.
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

    def day(self, key: str) -> BusinessDay:
        """Read a business day of a branch."""
        return replace(cast(BusinessDay, self.seen("day", key)), window=key)

    def document(self, key: str) -> Document:
        """Read another document."""
        return cast(Document, self.seen("document", key))


@dataclass(slots=True)
class Way:
    """The way from the customer named to the account that owes."""

    parties: list[Party] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    account_id: str | None = None
    class_id: str | None = None
    generic_id: str | None = None
    payer: str | None = None
    pinned: int | None = None
    rules: CustomerClass | None = None


def way_of(reading: Reading, subject: Subject, follows: Followed | None) -> Way:
    """Return the way of a document: where it was posted before when it follows that, else along links, merges and classes."""
    way = Way()
    said = subject.said
    if isinstance(said, Charging):
        way.account_id, way.class_id = _surviving_account(reading, way, said.content.account), said.content.class_
        return way
    if said.customer is not None:
        _parties(reading, way, said.customer)
    if follows is not None:
        link = way.parties[-1].link if way.parties else None
        way.payer = _surviving_account(reading, way, link.account) if isinstance(link, Linked) else None
        way.account_id = _surviving_account(reading, way, follows.account)
        way.class_id, way.pinned = follows.class_, follows.class_version or 0
        return way
    if said.customer is None:
        way.class_id = _default_class(reading, said)
    else:
        link = way.parties[-1].link
        if isinstance(link, Linked):
            way.account_id = _surviving_account(reading, way, link.account)
            way.class_id = reading.account(way.account_id).assigned
    if (kept := reading.kept) is not None and (way.account_id is None or f"account|{way.account_id}" in kept.read):
        way.class_id, way.pinned = kept.class_, kept.class_version
    if way.class_id is not None:
        record = rules_of(reading, way, subject.business_date).record
        if record and record.behaviour == "GENERIC":
            way.generic_id = _surviving_account(reading, way, record.generic_account) if record.generic_account else None
    return way


def rules_of(reading: Reading, way: Way, day: str) -> CustomerClass:
    """Return the class by the version in force on a document's day; what follows a posting keeps the version of that (C14)."""
    if way.class_id is None:
        return CustomerClass()
    if way.rules is None:
        state = reading.class_(way.class_id)
        way.rules = state.on(day) if way.pinned is None else state.pinned(way.pinned)
    return way.rules


def offices_of(reading: Reading, *accounts: Account) -> dict[str, AccountOpened]:
    """Return the head offices of accounts, one hop up (D8)."""
    named = [(record.account, record.head_office) for each in accounts if (record := each.record) and record.head_office]
    found = [(account, reading.account(_surviving_account(reading, Way(), office)).record) for account, office in named]
    return {account: office for account, office in found if office is not None}


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
        if isinstance(link := reading.link(key), Linked):
            way.merged.append((key, _surviving_account(reading, Way(), link.account)))
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
