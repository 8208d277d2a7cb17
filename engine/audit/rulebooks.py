"""Rulebooks: which releases made the records of history, and what of it this release can make again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.firewall.rulebook import EARLIER, RULEBOOK
from engine.record import Happened
from schemas.events import DocumentDecided

Finding = tuple[str, str]
"""A code, and what is wrong."""


class Rulebooks:
    """Goes along history; each book goes from rulebook to rulebook, and never back."""

    def __init__(self) -> None:
        """Begin before the first record."""
        self._begun: set[str] = set()
        self.earlier: Counter[str] = Counter()
        """How many decisions stand as an earlier rulebook made them, by rulebook; they are not made again."""

    def elsewhere(self, group: Sequence[Happened]) -> list[Finding] | None:
        """Return what is wrong with the rulebook of a message's records, None when they are to be made again."""
        decided = [each.event.rulebook for each in group if isinstance(each.event, DocumentDecided)]
        rulebooks, books = sorted({group[0].cause.rulebook, *decided}), {each.book for each in group}
        if rulebooks == [RULEBOOK]:
            self._begun |= books
            return None
        told = f"recorded by rulebook {' and '.join(rulebooks)}"
        if len(rulebooks) > 1 or rulebooks[0] not in EARLIER:
            return [("RULEBOOK_UNKNOWN", f"{told}; this release has {RULEBOOK} and knows {', '.join(EARLIER)}")]
        if not self._begun.isdisjoint(books):
            return [("RULEBOOK_BACKWARDS", f"{told} after {RULEBOOK} was in force")]
        self.earlier.update(decided)
        return []
