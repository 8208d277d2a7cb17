"""Admission: facts about parties that contradict what other streams know are refused at the door (B5 to B10, C9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.errors import Refused
from engine.states import States
from engine.streams.links import Linked
from schemas.inbound import (
    AccountMerged,
    AccountOpened,
    BookOpened,
    ClassAssigned,
    CustomerMerged,
    CustomerRegistered,
    LinkMade,
)
from schemas.shape import Shape
from schemas.values import InvalidAmount, minor

MERGES_FOLLOWED_MAX = 64


class References(Protocol):
    """Knows which account is bound to a reference in the accounting system."""

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account, None when the reference is free."""


def admit(book: str, said: Shape, states: States, references: References, *, timezone_known: bool = True) -> None:
    """Raise Refused when a fact contradicts what is known. What is not known yet contradicts nothing."""
    match said:
        case LinkMade():
            _link(book, said, states)
        case AccountOpened():
            _reference(book, said, references)
            _under_one_office(book, said, states)
        case CustomerRegistered():
            _invoiced_through(book, said, states)
        case ClassAssigned() if not states.class_(book, said.class_).active:
            raise Refused("CLASS_INACTIVE", f"class {said.class_} is inactive", "assign an active class")
        case CustomerMerged():
            _no_circle(said.survivor, said.merged, lambda key: states.customer(book, key).survivor)
        case AccountMerged():
            _no_circle(said.survivor, said.merged, lambda key: states.account(book, key).survivor)
        case BookOpened() if not timezone_known:
            raise Refused("TIMEZONE_UNKNOWN", f"{said.timezone} is not a time zone", "name one such as Europe/London")
        case BookOpened():
            _thresholds(said)


def _link(book: str, said: LinkMade, states: States) -> None:
    account = states.account(book, said.account).record
    customer = states.customer(book, said.customer).record
    if account and account.status in ("CLOSED", "DRAFT"):
        message = f"account {said.account} is {account.status.lower()}"
        raise Refused("LINK_TARGET_INACTIVE", message, "link to an open account, or reopen this one")
    if account and customer and account.currency and customer.currency and account.currency != customer.currency:
        message = f"customer {said.customer} trades in {customer.currency}, account {said.account} in {account.currency}"
        raise Refused("LINK_CURRENCY_MISMATCH", message, "link to an account of the customer's currency")
    if customer and customer.invoice_to:
        message = f"customer {said.customer} is invoiced through {customer.invoice_to}"
        raise Refused("INVOICE_TO_AND_ACCOUNT_BOTH_SET", message, "change the customer to have no invoice_to first")


def _reference(book: str, said: AccountOpened, references: References) -> None:
    owner = references.account_of_reference(book, said.external_ref) if said.external_ref else None
    if owner is not None and owner != said.account:
        message = f"reference {said.external_ref} is bound to account {owner}"
        raise Refused(
            "EXTERNAL_REF_IN_USE",
            message,
            "one customer of the accounting system is one account: merge, or correct the reference",
        )


def _under_one_office(book: str, said: AccountOpened, states: States) -> None:
    """A stop on credit reaches the branches of a head office, and nobody below them (D8)."""
    if said.head_office is None:
        return
    if said.head_office == said.account:
        raise Refused("HEAD_OFFICE_CHAIN", f"account {said.account} is its own head office", "leave head_office out")
    office = states.account(book, said.head_office).record
    if office and office.head_office:
        message = f"account {said.head_office} is itself a branch of {office.head_office}"
        raise Refused("HEAD_OFFICE_CHAIN", message, f"name {office.head_office} as head_office")


def _invoiced_through(book: str, said: CustomerRegistered, states: States) -> None:
    if said.invoice_to is None:
        return
    if said.invoice_to == said.customer:
        raise Refused("INVOICE_TO_CHAIN", f"customer {said.customer} is invoiced through itself", "leave invoice_to out")
    if isinstance(states.link(book, said.customer), Linked):
        message = f"customer {said.customer} has an account of its own"
        raise Refused("INVOICE_TO_AND_ACCOUNT_BOTH_SET", message, "unlink it first, or leave invoice_to out")
    payer = states.customer(book, said.invoice_to).record
    if payer and payer.invoice_to:
        message = f"customer {said.invoice_to} is itself invoiced through {payer.invoice_to}"
        raise Refused("INVOICE_TO_CHAIN", message, f"name {payer.invoice_to} as invoice_to")


def _thresholds(said: BookOpened) -> None:
    for name in ("rounding_max", "payment_tolerance"):
        try:
            minor(getattr(said.policies, name), said.base_currency)
        except InvalidAmount as error:
            raise Refused(error.code, f"policies.{name}: {error}", "write it in the scale of the base currency") from error


def _no_circle(survivor: str, merged: list[str], next_of: Callable[[str], str | None]) -> None:
    key: str | None = survivor
    for _ in range(MERGES_FOLLOWED_MAX + 1):
        if key in merged:
            raise Refused("MERGE_CIRCLE", f"{survivor} would survive itself", "name another survivor")
        key = next_of(key) if key else None
        if key is None:
            return
    raise Refused("MERGE_CIRCLE", f"{survivor} was merged more than {MERGES_FOLLOWED_MAX} times", "name the last survivor")
