"""A projection: rows as a fold of events; pure, so that a rebuild equals what stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import Field, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from engine.record import Happened
from schemas.shape import Shape

Cell = str | int | bool | None
Key = tuple[Cell, ...]


class Row(Protocol):
    """The row of a view: a frozen dataclass of plain cells."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R", bound=Row)


class Rows(Generic[R]):
    """The rows a fold may see and change: those loaded for it, and what it made of them."""

    def __init__(self, key: Sequence[str], loaded: Iterable[R]) -> None:
        """Begin with the rows as they stand."""
        self._key = tuple(key)
        self._rows: dict[Key, R | None] = {self.key_of(row): row for row in loaded}
        self._changed: dict[Key, None] = {}

    def key_of(self, row: R) -> Key:
        """Return the key of a row."""
        return tuple([getattr(row, name) for name in self._key])

    def get(self, *key: Cell) -> R | None:
        """Return a row, None when there is none."""
        return self._rows.get(key)

    def put(self, row: R) -> None:
        """Add a row, or replace the one with its key."""
        key = self.key_of(row)
        self._rows[key] = row
        self._changed[key] = None

    def drop(self, *key: Cell) -> None:
        """Remove a row."""
        self._rows[key] = None
        self._changed[key] = None

    def changes(self) -> Iterator[tuple[Key, R | None]]:
        """Yield what changed: the row as it is now, None when it is gone."""
        for key in self._changed:
            yield key, self._rows[key]


@dataclass(frozen=True, slots=True)
class View(Generic[R]):
    """A named table of rows. `needs` names the rows that an event's fold must see; `version` changes with the fold."""

    name: str
    version: int
    row: type[R]
    key: tuple[str, ...]
    handles: tuple[type[Shape], ...]
    needs: Callable[[Happened], Iterable[Key]]
    fold: Callable[[Happened, Rows[R]], None]
    indexes: tuple[tuple[str, ...], ...] = ()


AnyView = View[Any]
"""A view of whatever rows, where views of different rows stand side by side."""


def nothing(_: Happened) -> Iterable[Key]:
    """Need no row: every change is a whole row."""
    return ()


def folded(
    view: View[R], happened: Sequence[Happened], load: Callable[[View[R], Sequence[Key]], Iterable[R]]
) -> Sequence[tuple[Key, R | None]]:
    """Fold events into a view and return its changes; `load` gives the rows that stand."""
    handles = view.handles
    mine = [event for event in happened if isinstance(event.event, handles)]
    if not mine:
        return ()
    needed = dict.fromkeys(key for event in mine for key in view.needs(event))
    rows = Rows(view.key, load(view, list(needed)) if needed else ())
    for event in mine:
        view.fold(event, rows)
    return list(rows.changes())
