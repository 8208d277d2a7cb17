"""Numbers: which other document has, or may yet get, the number that a document would have in the books (rulebook A4, C13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.firewall.facts import Facts
from engine.streams.documents import Document

Users = Callable[[str], Sequence[str]]
"""Number as said -> the documents that ever used it, in the order in which they came."""


def taken_by(facts: Facts, users: Users, read: Callable[[str], Document]) -> str | None:
    """Return the document that has the number of this one in the books, or that came before it and may still be given it.

    A document that stands in the books under another number, because its class puts another prefix before it, is not in the way.
    """
    said, borne, earlier = facts.subject.number, facts.number, True
    for name in users(said):
        if name == facts.subject.document:
            earlier = False
        elif _has(read(name), borne) or (earlier and not _has_another(read(name), said, borne)):
            return name
    if borne == said:
        return None
    return next((name for name in users(borne) if name != facts.subject.document and not _is_prefixed(read(name), borne)), None)


def _has(other: Document, number: str) -> bool:
    return bool(other.postings) and other.postings[0].number == number


def _has_another(other: Document, said: str, number: str) -> bool:
    """True when a document says the same number and stands in the books under another one."""
    same = other.content is not None and other.content.number == said
    return same and bool(other.postings) and other.postings[0].number != number


def _is_prefixed(other: Document, said: str) -> bool:
    """True when a document that says a number stands in the books under a longer one."""
    return bool(other.postings) and other.postings[0].number != said
