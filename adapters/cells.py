"""Cells: which schema of a PostgreSQL database keeps which book, so that books spread over schemas and none falls between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.errors import NotFound, StoreVersion
from engine.handling.transaction import UNREADABLE_BOOK
from schemas.values import ID_PATTERN

REST = "*"
NAME = "POSTGATE_CELLS"
_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,53}", re.ASCII)
_BOOK = re.compile(ID_PATTERN, re.ASCII)
_REMEDY = "write BOOK=SCHEMA pairs and the schema of every other book, such as shop-uk=cell_uk, shop-de=cell_de, *=postgate"


@dataclass(frozen=True, slots=True)
class CellMap:
    """The schema of each book that has one of its own, and the schema of all the rest, messages without a book among them."""

    named: Mapping[str, str]
    rest: str

    @property
    def schemas(self) -> tuple[str, ...]:
        """Return every cell, that of the rest first."""
        return tuple(dict.fromkeys((self.rest, *self.named.values())))

    def cell_of(self, book: str) -> str:
        """Return the schema that keeps a book."""
        return self.named.get(book, self.rest)

    def is_mine(self, schema: str, book: str) -> bool:
        """Say whether a schema keeps a book."""
        return self.cell_of(book) == schema

    def admit(self, path: str, schema: str, books: Iterable[str]) -> None:
        """Refuse books that another schema keeps: their history would go on in two places. Raises StoreVersion."""
        for book in sorted(books):
            if book != UNREADABLE_BOOK and not self.is_mine(schema, book):
                reason = f"book {book} would be kept in {schema}, and {NAME} gives it to {self.cell_of(book)}"
                remedy = f"work there (--book {book}), or change {NAME}: a book that has records stays in its cell"
                raise StoreVersion(path, reason, remedy)


def read(text: str) -> CellMap | None:
    """Return the map that a setting describes, none for an empty one. Raises NotFound for what is no map."""
    if not text.strip():
        return None
    found: dict[str, str] = {}
    for pair in text.split(","):
        book, equals, schema = (part.strip() for part in pair.partition("="))
        if not equals or not (book == REST or _BOOK.fullmatch(book)) or not is_schema(schema):
            raise NotFound(NAME, f"{pair.strip()!r} does not say which schema keeps a book", _REMEDY)
        if book in found:
            raise NotFound(NAME, f"book {book} is given twice", "give each book to one schema")
        found[book] = schema
    rest = found.pop(REST, None)
    if rest is None:
        raise NotFound(NAME, "says nothing of the books that it does not name", f"add {REST}=SCHEMA, such as *=postgate")
    return CellMap(found, rest)


def is_schema(name: str) -> bool:
    """Say whether a name is one for a cell: short enough that the names of its roles, made from it, are whole."""
    return _SCHEMA.fullmatch(name) is not None
