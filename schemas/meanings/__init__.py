"""Meanings: what each field of each message says, in one line; the reference and the published schemas show them.

A field has one meaning wherever it stands, or a meaning of its own under `Shape.field`.
"""

from __future__ import annotations

from schemas.meanings.books import BOOKS
from schemas.meanings.collecting import COLLECTING
from schemas.meanings.documents import DOCUMENTS
from schemas.meanings.operations import OPERATIONS
from schemas.meanings.parties import PARTIES
from schemas.meanings.postings import POSTINGS

MEANINGS: dict[str, str] = {**BOOKS, **PARTIES, **DOCUMENTS, **POSTINGS, **OPERATIONS, **COLLECTING}


def meaning(shapes: tuple[str, ...], field: str) -> str | None:
    """Return what a field says in a shape: its own meaning, that of the shape it extends, or the one of its name."""
    own = (MEANINGS.get(f"{shape}.{field}") for shape in shapes)
    return next((told for told in own if told), MEANINGS.get(field))
