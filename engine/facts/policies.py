"""Policies in force for one document: what its class says, else what its book says (rulebook c3)."""

from __future__ import annotations

from typing import Literal

from engine.streams.books import Book
from schemas.inbound.accounts import ClassDefined
from schemas.inbound.books import Policies

_DEFAULTS = Policies()


def _of(book: Book) -> Policies:
    return book.opened.policies if book.opened else _DEFAULTS


def closed_period(book: Book, rules: ClassDefined | None) -> Literal["HOLD", "ROLL_FORWARD"]:
    """Return what becomes of a document whose period takes none (H1, H2)."""
    return (rules.closed_period if rules else None) or _of(book).closed_period


def zero_value(book: Book, rules: ClassDefined | None) -> Literal["EXCLUDE", "HOLD"]:
    """Return what becomes of a document of zero (F15)."""
    return (rules.zero_value if rules else None) or _of(book).zero_value


def negative_invoice(book: Book, rules: ClassDefined | None) -> Literal["HOLD", "CREDIT_NOTE"]:
    """Return what becomes of an invoice below zero (F16)."""
    return (rules.negative_invoice if rules else None) or _of(book).negative_invoice
