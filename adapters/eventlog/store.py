"""A store: what the commands ask of the log, whichever database it is in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from adapters.dialect import Cursor, Dialect
from adapters.eventlog.writing import SqlWriting
from adapters.viewstore import SqlViews
from engine.ports import Log


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` is empty when it is well. It is worth a warning, no more."""

    name: str
    found: str
    advice: str = ""


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

    def ready_to_write(self) -> None:
        """Say before the first batch why nothing could be written: a role without the rights, a book of another cell."""

    def findings(self) -> Sequence[Finding]:
        """Return what a doctor tells of where the store is."""

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""

    def durability(self) -> tuple[str, str]:
        """Return how commits reach the disk, and what to do when a power cut may lose them."""

    def unguarded(self) -> Sequence[str]:
        """Return what should keep history from being changed and is not as it was made, each in a sentence."""

    def close(self) -> None:
        """Close the connections."""
