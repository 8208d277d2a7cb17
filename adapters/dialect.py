"""Dialects: what differs between the databases that hold the log and its views, so that one code speaks to both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from projections.projection import Key


class Cursor(Protocol):
    """As much of a database cursor as the log and its views need; a place for a value is written `?`."""

    def execute(self, statement: str, parameters: Sequence[object] = (), /) -> object:
        """Run a statement."""

    def executemany(self, statement: str, parameters: Iterable[Sequence[object]], /) -> object:
        """Run a statement for many rows."""

    def fetchone(self) -> Sequence[Any] | None:
        """Return the next row of the last statement."""

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """Return the rows of the last statement."""


@runtime_checkable
class Copying(Cursor, Protocol):
    """A cursor that also takes whole rows in one stream."""

    def copy(self, table: str, rows: Iterable[Sequence[object]], kinds: Sequence[str], /) -> None:
        """Add whole rows to a table; `kinds` are the types of its columns."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words of one database. `position` is the column of a record's position, `text` sorts by code point.

    `money` takes integers of any size; SQLite has none beyond 64 bits and keeps those as their digits.
    """

    position: str
    text: str
    flag: str
    money: str
    table_end: str
    names_indexes: bool
    has_arrays: bool

    def by(self, index: str) -> str:
        """Return what makes a query use an index, where the database can be told."""
        return f" INDEXED BY {index}" if self.names_indexes else ""

    def among(self, column: str, values: Sequence[object]) -> tuple[str, list[object]]:
        """Return a test for any of the values, and its parameters."""
        if self.has_arrays:
            return f"{column} = ANY(?)", [list(values)]
        return f"{column} IN ({','.join('?' * len(values))})", list(values)

    def listed(self, keys: Sequence[Key]) -> tuple[str, list[object]]:
        """Return a query whose rows are the keys, and its parameters; all keys have cells of the same kinds."""
        if self.has_arrays:
            kinds = ["bigint" if isinstance(cell, int) else "text" for cell in keys[0]]
            places = ", ".join(f"?::{kind}[]" for kind in kinds)
            return f"SELECT * FROM unnest({places})", [list(column) for column in zip(*keys, strict=True)]
        marks = ", ".join([f"({', '.join('?' * len(keys[0]))})"] * len(keys))
        return f"VALUES {marks}", [cell for key in keys for cell in key]


SQLITE = Dialect("rowid", "TEXT", "BIGINT", "BLOB", " WITHOUT ROWID", names_indexes=True, has_arrays=False)
POSTGRES = Dialect("notification_id", 'TEXT COLLATE "C"', "BOOLEAN", "NUMERIC", "", names_indexes=False, has_arrays=True)
