"""A store: what the commands ask of the log, whichever database it is in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from adapters.dialect import Cursor, Dialect
from adapters.eventlog.writing import SqlWriting
from adapters.viewstore import SqlViews
from engine.ports import Log


class Store(Log, Protocol):
    """The log port, and what only stores in SQL have: snapshots, sources, durability."""

    path: str
    deployment: str
    dialect: Dialect

    def writing(self, *, dry: bool = False) -> AbstractContextManager[SqlWriting]:
        """Open the one writer's transaction."""

    def reading(self) -> AbstractContextManager[SqlViews]:
        """Open a snapshot for reading views."""

    def querying(self) -> AbstractContextManager[Cursor]:
        """Open a snapshot for reading receipts and the chain."""

    def noting(self) -> AbstractContextManager[Cursor]:
        """Open a transaction of its own for `notes`, without the writer's lock; commits at the end."""

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""

    def durability(self) -> tuple[str, str]:
        """Return how commits reach the disk, and what to do when a power cut may lose them."""

    def unguarded(self) -> Sequence[str]:
        """Return what should keep history from being changed and is not as it was made, each in a sentence."""

    def close(self) -> None:
        """Close the connections."""
