"""Rates: at what a document in a foreign currency is converted: the rate it states, else that of the book's table (I2)."""

from __future__ import annotations

from dataclasses import replace

from engine.facts.subject import Subject
from engine.streams.books import Book


def rated(subject: Subject, book: Book) -> Subject:
    """Return a subject with the rate it is converted at: its own, else that of the table on its day, where the book has one."""
    opened = book.opened
    if subject.rate is not None or opened is None or opened.policies.rate_source != "TABLE":
        return subject
    value = book.mapped("rate", subject.currency, subject.business_date)
    return replace(subject, rate=value.rate) if value else subject
