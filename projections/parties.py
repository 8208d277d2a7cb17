"""The operational/account view: customers with their links, accounts with their classes, classes, and books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.facts.likeness import name_key, tax_key
from engine.record import Happened
from projections.projection import Key, Rows, View, nothing
from schemas.events import AccountLikened, TermsDefaulted
from schemas.inbound import (
    AccountHeld,
    AccountHoldReleased,
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
    linked_by: str | None = None
    link_origin: str | None = None


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
            row = replace(
                row, account=event.account, linked_from=event.effective_from, linked_by=event.by, link_origin=event.origin
            )
        case LinkRemoved():
            row = replace(row, account=None, linked_from=None, linked_by=None, link_origin=None)
    rows.put(row)


def _by_key(happened: Happened) -> Iterable[Key]:
    yield happened.book, happened.key


CUSTOMERS = View(
    "customers",
    2,
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
    class_by: str | None = None
    account_prefix: str | None = None
    twin: str | None = None
    name_key: str | None = None
    tax_key: str | None = None
    credit_limit: str | None = None
    default_limit: str | None = None
    credit_mode: str | None = None
    stop_credit: bool = False
    head_office: str | None = None
    held: bool = False
    hold_until: str | None = None


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
                name_key=name_key(event.name) or None,
                tax_key=tax_key(event.tax_id),
                credit_limit=event.credit.limit if event.credit else None,
                credit_mode=event.credit.mode if event.credit else None,
                stop_credit=event.stop_credit,
                head_office=event.head_office,
            )
        case AccountMerged():
            row = replace(row, survivor=event.survivor)
        case ClassAssigned():
            row = replace(row, class_=event.class_, class_by=event.by)
        case ClassUnassigned():
            row = replace(row, class_=None, class_by=None)
        case TermsDefaulted():
            terms_days = event.days if row.terms_days is None else row.terms_days
            row = replace(row, terms_days=terms_days, account_prefix=event.account_prefix)
            row = replace(row, default_limit=event.credit_limit)
        case AccountHeld():
            row = replace(row, held=True, hold_until=event.until)
        case AccountHoldReleased():
            row = replace(row, held=False, hold_until=None)
        case AccountLikened():
            row = replace(row, twin=event.other)
    rows.put(row)


ACCOUNTS = View(
    "accounts",
    2,
    AccountRow,
    ("book", "account"),
    (
        AccountOpened,
        AccountHeld,
        AccountHoldReleased,
        AccountMerged,
        ClassAssigned,
        ClassUnassigned,
        TermsDefaulted,
        AccountLikened,
    ),
    _by_key,
    _account,
    (("book", "class_"), ("book", "external_ref"), ("book", "name_key"), ("book", "tax_key")),
)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class in the version said last; earlier ones are in force until its day has come."""

    book: str
    class_: str
    version: int = 0
    name: str | None = None
    behaviour: str | None = None
    generic_account: str | None = None
    batch_billing: bool = False
    active: bool = True
    effective_from: str | None = None


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
                effective_from=event.effective_from,
            )
        case ClassDeactivated():
            row = replace(row, active=False)
    rows.put(row)


CLASSES = View("classes", 2, ClassRow, ("book", "class_"), (ClassDefined, ClassDeactivated), _by_key, _class)


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
