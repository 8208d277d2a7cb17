"""Ownership: which document first used a number, and which accounts took a class, including in this batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.decider import stream
from engine.facts.assembly import Owned
from engine.facts.likeness import grounds
from engine.facts.receivables import Receivables
from engine.ports import Index
from engine.record import Happened, shapes_of
from schemas.inbound import AccountOpened, ClassAssigned, InvoiceIssued
from schemas.shape import Shape

Field = Literal["number", "order_number"]
_NOTED = shapes_of(InvoiceIssued, AccountOpened, ClassAssigned)


class Ownership:
    """Look-ups by value for one batch: stored owners, loaded together, under what the batch recorded."""

    def __init__(self, index: Index, receivables: Receivables | None = None) -> None:
        """Begin with nothing loaded; `receivables` is what the accounts of the batch owe."""
        self._index = index
        self._receivables = receivables
        self._owners: dict[tuple[str, Field, str], str | None] = {}
        self._references: dict[tuple[str, str], str] = {}
        self._assigned: dict[tuple[str, str], list[str]] = {}
        self._also: dict[tuple[str, str], list[str]] = {}
        self._like: dict[tuple[str, str], list[str]] = {}

    def prefetch(self, messages: Sequence[tuple[str, Shape]]) -> None:
        """Load who owns the numbers that these messages use."""
        wanted: dict[tuple[str, Field], list[str]] = {}
        for book, said in messages:
            if isinstance(said, InvoiceIssued):
                wanted.setdefault((book, "number"), []).append(said.number)
                if said.order_number:
                    wanted.setdefault((book, "order_number"), []).append(_order(said))
        for (book, field), values in wanted.items():
            self._load(book, field, values)

    def _load(self, book: str, field: Field, values: Sequence[str]) -> None:
        missing = [value for value in dict.fromkeys(values) if (book, field, value) not in self._owners]
        if missing:
            self._owners.update({(book, field, value): None for value in missing})
            for value, owner in self._index.owners(book, field, missing).items():
                self._owners[book, field, value] = owner

    def noted(self, happened: Happened) -> None:
        """Take note of an event of this batch."""
        if type(happened.event) not in _NOTED:
            return
        event, book = happened.event, happened.book
        if isinstance(event, InvoiceIssued):
            self._claim(book, "number", event.number, happened.stream)
            if event.order_number:
                self._claim(book, "order_number", _order(event), happened.stream)
        elif isinstance(event, AccountOpened):
            if event.external_ref:
                self._references[book, event.external_ref] = event.account
            for _, key in grounds(event):
                self._like.setdefault((book, key), []).append(event.account)
        elif isinstance(event, ClassAssigned):
            self._assigned.setdefault((book, event.class_), []).append(event.account)

    def _claim(self, book: str, field: Field, value: str, name: str) -> None:
        self._load(book, field, (value,))
        if self._owners[book, field, value] is None:
            self._owners[book, field, value] = name
        elif field == "number":
            self._also.setdefault((book, value), []).append(name)

    def assigned(self, book: str, class_: str) -> Sequence[str]:
        """Return the accounts that took a class in this batch."""
        return tuple(self._assigned.get((book, class_), ()))

    def like(self, book: str, keys: Sequence[str]) -> Sequence[str]:
        """Return the accounts that have, or had in this batch, one of the names or tax ids, by id."""
        fresh = [account for key in keys for account in self._like.get((book, key), ())]
        return sorted({*fresh, *self._index.accounts_like(book, keys)})

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account bound to a reference in the accounting system."""
        return self._references.get((book, reference)) or self._index.account_of_reference(book, reference)

    def owned(self, book: str, said: InvoiceIssued) -> Owned:
        """Return which other documents already use the numbers of this one."""
        name = stream(book, "document", said.document)
        return Owned(
            number=self._other(book, "number", said.number, name),
            order_number=self._other(book, "order_number", _order(said), name) if said.order_number else None,
            users=lambda number: self._users_of(book, number),
            receivables=self._receivables,
        )

    def _users_of(self, book: str, number: str) -> Sequence[str]:
        """Return every document that used a number, in the order in which they came."""
        self._load(book, "number", (number,))
        owner = self._owners[book, "number", number]
        fresh = (*((owner,) if owner else ()), *self._also.get((book, number), ()))
        return [name.split("|", 2)[2] for name in dict.fromkeys((*self._index.users(book, number), *fresh))]

    def _other(self, book: str, field: Field, value: str, name: str) -> str | None:
        self._load(book, field, (value,))
        owner = self._owners[book, field, value]
        return owner.split("|", 2)[2] if owner and owner != name else None


def _order(said: InvoiceIssued) -> str:
    return f"{said.customer}|{said.order_number}"
