"""Unsettled: what is open, in both currencies, of the documents that foreign money pays or a foreign credit takes from (I9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.facts.receivables import Receivables
from engine.firewall.facts import Facts
from engine.journal.settling import receivable_of
from engine.streams.documents import Document


def with_opens(facts: Facts, book: str, receivables: Receivables | None) -> Facts:
    """Return the facts with what is open of the documents they follow; in the book's own currency nobody has to ask."""
    if receivables is None or not (facts.settles or facts.follows) or not facts.foreign:
        return facts
    return replace(facts, opens=_opens(facts, book, receivables))


def _opens(facts: Facts, book: str, receivables: Receivables) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for name, document in _followed(facts):
        follows = document.follows
        if follows is not None and follows.currency == facts.subject.currency:
            known = receivables.receivable(book, follows.account, receivable_of(name, document), follows.currency)
            found[receivable_of(name, document)] = (known.open, known.base_open) if known else (0, 0)
    return found


def _followed(facts: Facts) -> Iterator[tuple[str, Document]]:
    yield from facts.settles.items()
    original = getattr(facts.subject.said, "original", None)
    if original is not None and facts.original is not None:
        yield original, facts.original
