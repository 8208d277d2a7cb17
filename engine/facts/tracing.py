"""Tracing: a credit note posts where its original did, by what the book and the debtor asked for then (decision 11, K2).

The decision about the original names the version of the book that was read. Every mapping that had a say in its lines, taxes
and charges keeps for its credit notes what it said then, on the original's day; what the original did not have posts as of
today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.facts import mapping
from engine.facts.mapping import Sold
from engine.facts.subject import Subject
from engine.streams.accounts import Account
from engine.streams.books import Book
from engine.streams.documents import Document
from schemas.inbound import InvoiceIssued
from schemas.inbound.books import MappingValue
from schemas.inbound.documents import Line

Pins = Mapping[tuple[str, str], MappingValue | None]


def sold_as(subject: Subject, debtor: Account, original: Document | None) -> Sold:
    """Return what decides where lines post when this account owes them; a credit note was sold as its original was."""
    said = original.content if original is not None else None
    if said is None or original is None:
        invoice, wanted = subject.invoice, debtor.record.revenue_account if debtor.record else None
        return Sold(subject.business_date, subject.said.branch, invoice.channel if invoice else None, wanted)
    asked = original.decision.revenue_account if original.decision else None
    return Sold(subject.business_date, said.branch, said.channel, asked)


def traced(subject: Subject, original: Document | None) -> Subject:
    """Return a credit note with each line as the line of its original that it takes back: the one it names, or of its product."""
    said = original.content if original is not None else None
    if said is None:
        return subject
    sold: dict[int | str, list[Line]] = {}
    for line in [line for line in said.lines if not line.voided]:
        sold.setdefault(line.line, []).append(line)
        if line.product is not None:
            sold.setdefault(line.product, []).append(line)
    return replace(subject, lines=tuple([_traced(line, sold) for line in subject.lines]))


def _traced(line: Line, sold: Mapping[int | str, Sequence[Line]]) -> Line:
    """Return a line as what it takes back was sold; an account or dimensions of its own stay."""
    named = sold.get(line.original_line or 0) or sold.get(line.product or "", ())
    places = [_place(one) for one in named]
    if not places or any(place != places[0] for place in places) or line.product_class not in (None, places[0]["product_class"]):
        return line  # It was not sold, or in several ways: it posts as it says itself.
    own = {"revenue_account": line.revenue_account, "dimensions": line.dimensions}
    return line.model_copy(update={**places[0], **{name: value for name, value in own.items() if value is not None}})


def _place(line: Line) -> dict[str, object]:
    """Return what of a line decides where it posts."""
    names = ("product", "product_class", "gift_card", "revenue_account", "dimensions")
    return {name: getattr(line, name) for name in names}


def as_then(book: Book, original: Document | None) -> Book:
    """Return the book as credit notes of a posted document see it: with what was mapped when that one was decided."""
    said, last = (original.content, original.decision) if original is not None else (None, None)
    version = last.read.get("book|") if last is not None else None
    if said is None or last is None or version is None:
        return book
    sold = Sold(said.business_date, said.branch, said.channel, last.revenue_account)
    return replace(book, pinned=_pins(book, said, sold, version))


def _pins(book: Book, said: InvoiceIssued, sold: Sold, version: int) -> Pins:
    """Return what every mapping that had a say in a document stood for when it was decided; None where there was nothing."""
    pins: dict[tuple[str, str], MappingValue | None] = {}
    for key in _products(said, sold):
        pins["product", key] = book.mapped_then("product", key, sold.day, version)
    then = replace(book, pinned=pins)
    for kind, key in dict.fromkeys(_keys(then, said, sold)):
        value = book.mapped_then(kind, key, sold.day, version)
        if value is None and kind == "branch":
            value = MappingValue()  # It is known today, and had no say then.
        if value is not None or key != mapping.DEFAULT or mapping.suspense(book):
            pins[kind, key] = value
    if said.totals.charges:
        charges = book.mapped_then("revenue", "charges", sold.day, version)
        pins["revenue", "charges"] = charges or book.mapped_then("revenue", mapping.DEFAULT, sold.day, version)
    return pins


def _distinct(said: InvoiceIssued) -> Iterator[Line]:
    """Yield the lines of a document that count, one for each thing sold."""
    things = {(line.product, line.product_class, line.gift_card): line for line in said.lines if not line.voided}
    yield from things.values()


def _products(said: InvoiceIssued, sold: Sold) -> Iterator[str]:
    for line in _distinct(said):
        yield from (name.split(":", 2)[2] for name in mapping.product_keys(line, sold))


def _keys(then: Book, said: InvoiceIssued, sold: Sold) -> Iterator[tuple[str, str]]:
    """Yield the mappings that placed the lines of a document and their taxes."""
    for line in _distinct(said):
        for name in mapping.revenue_keys(then, line, sold):
            _, kind, key = name.split(":", 2)
            if kind != "product":
                yield kind, key
    yield from (("tax", tax.code) for line in said.lines for tax in line.tax)
