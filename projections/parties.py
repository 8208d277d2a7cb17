"""The operational/account view: customers with their links, accounts with their classes, classes, and books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.record import Happened
from projections.projection import Key, Rows, View, nothing
from schemas.events import TermsDefaulted
from schemas.inbound import (
    AccountMerged,
    AccountOpened,
    BookOpened,
    ClassAssigned,
    ClassDeactivated,
    ClassDefined,
    ClassUnassigned,
    CustomerDeactivated,
    CustomerHeld,
    CustomerHoldReleased,
    CustomerMerged,
    CustomerReactivated,
    CustomerRegistered,
    LinkMade,
    LinkRemoved,
)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """An operational customer and the account it owes through."""

    book: str
    customer: str
    version: int = 0
    name: str | None = None
    status: str = "UNKNOWN"
    active: bool = True
    held: bool = False
    hold_until: str | None = None
    survivor: str | None = None
    invoice_to: str | None = None
    account: str | None = None
    linked_from: str | None = None


def _customer(happened: Happened, rows: Rows[CustomerRow]) -> None:
    event, book, key = happened.event, happened.book, happened.key
    row = rows.get(book, key) or CustomerRow(book, key)
    match event:
        case CustomerRegistered():
            row = replace(row, version=event.version, name=event.name, status=event.status, invoice_to=event.invoice_to)
        case CustomerHeld():
            row = replace(row, held=True, hold_until=event.until)
        case CustomerHoldReleased():
            row = replace(row, held=False, hold_until=None)
        case CustomerMerged():
            row = replace(row, survivor=event.survivor)
        case CustomerReactivated():
            row = replace(row, active=True)
        case CustomerDeactivated():
            row = replace(row, active=False)
        case LinkMade():
            row = replace(row, account=event.account, linked_from=event.effective_from)
        case LinkRemoved():
            row = replace(row, account=None, linked_from=None)
    rows.put(row)


def _by_key(happened: Happened) -> Iterable[Key]:
    yield happened.book, happened.key


CUSTOMERS = View(
    "customers",
    1,
    CustomerRow,
    ("book", "customer"),
    (CustomerRegistered, CustomerHeld, CustomerHoldReleased, CustomerMerged, CustomerDeactivated, LinkMade, LinkRemoved),
    _by_key,
    _customer,
    (("book", "account"),),
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account customer and the class that gives it posting rules."""

    book: str
    account: str
    version: int = 0
    name: str | None = None
    ledger_account: str | None = None
    status: str = "UNKNOWN"
    generic: bool = False
    currency: str | None = None
    origin: str | None = None
    external_ref: str | None = None
    class_: str | None = None
    terms_days: int | None = None
    survivor: str | None = None


def _account(happened: Happened, rows: Rows[AccountRow]) -> None:
    event, book, key = happened.event, happened.book, happened.key
    row = rows.get(book, key) or AccountRow(book, key)
    match event:
        case AccountOpened():
            row = replace(
                row,
                version=event.version,
                name=event.name,
                ledger_account=event.ledger_account,
                status=event.status,
                generic=event.generic,
                currency=event.currency,
                origin=event.origin,
                external_ref=event.external_ref,
                terms_days=event.terms.days if event.terms else row.terms_days,
            )
        case AccountMerged():
            row = replace(row, survivor=event.survivor)
        case ClassAssigned():
            row = replace(row, class_=event.class_)
        case ClassUnassigned():
            row = replace(row, class_=None)
        case TermsDefaulted():
            row = replace(row, terms_days=event.days if row.terms_days is None else row.terms_days)
    rows.put(row)


ACCOUNTS = View(
    "accounts",
    1,
    AccountRow,
    ("book", "account"),
    (AccountOpened, AccountMerged, ClassAssigned, ClassUnassigned, TermsDefaulted),
    _by_key,
    _account,
    (("book", "class_"), ("book", "external_ref")),
)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class in the version in force."""

    book: str
    class_: str
    version: int = 0
    name: str | None = None
    behaviour: str | None = None
    generic_account: str | None = None
    batch_billing: bool = False
    active: bool = True


def _class(happened: Happened, rows: Rows[ClassRow]) -> None:
    event, book, key = happened.event, happened.book, happened.key
    row = rows.get(book, key) or ClassRow(book, key)
    match event:
        case ClassDefined():
            row = replace(
                row,
                version=event.version,
                name=event.name,
                behaviour=event.behaviour,
                generic_account=event.generic_account,
                batch_billing=event.batch_billing,
            )
        case ClassDeactivated():
            row = replace(row, active=False)
    rows.put(row)


CLASSES = View("classes", 1, ClassRow, ("book", "class_"), (ClassDefined, ClassDeactivated), _by_key, _class)


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book that was opened."""

    book: str
    base_currency: str
    timezone: str


def _book(happened: Happened, rows: Rows[BookRow]) -> None:
    if isinstance(happened.event, BookOpened):
        rows.put(BookRow(happened.book, happened.event.base_currency, happened.event.timezone))


BOOKS = View("books", 1, BookRow, ("book",), (BookOpened,), nothing, _book)
