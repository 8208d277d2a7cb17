"""Outstanding: the documents of some days that were received and do not stand in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.facts.receivables import PENDING
from engine.record import Happened
from schemas.events import DocumentDecided, DocumentSuperseded


def moves(happened: Iterable[Happened], book: str) -> Iterator[tuple[str, int]]:
    """Yield the business day and by how much the number of its outstanding documents changed."""
    for each in happened:
        event = each.event
        if isinstance(event, DocumentDecided | DocumentSuperseded) and each.book == book:
            change = (event.state in PENDING) - (event.was in PENDING)
            if change:
                yield event.business_date, change
