"""A projection: rows as a fold of events; pure, so that a rebuild equals what stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import Field, dataclass
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from engine.record import Happened
from schemas.events import KIND_OF
from schemas.shape import Shape

Cell = str | int | bool | None
Key = tuple[Cell, ...]
Money = int
"""Minor units of any size: no sum of amounts is too large to be kept, however many there are."""


class Row(Protocol):
    """The row of a view: a frozen dataclass of plain cells."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R", bound=Row)


def _key_of(names: Sequence[str]) -> Callable[[Row], Key]:
    """Return what tells the key of a row."""
    if len(names) > 1:
        cells: Callable[[Row], Key] = attrgetter(*names)
        return cells
    (name,) = names
    return lambda row: (getattr(row, name),)


class Rows(Generic[R]):
    """The rows a fold may see and change: those loaded for it, and what it made of them."""

    def __init__(self, key: Sequence[str], loaded: Iterable[R]) -> None:
        """Begin with the rows as they stand."""
        self.key_of = _key_of(key)
        self._rows: dict[Key, R | None] = {self.key_of(row): row for row in loaded}
        self._changed: dict[Key, None] = {}

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
class Sparse:
    """An index over the rows alone that have one of some texts in a column; the others cost it nothing."""

    columns: tuple[str, ...]
    among: str
    texts: tuple[str, ...]

    @property
    def test(self) -> str:
        """The rows that are in it, as SQL; who asks for them says the same."""
        # SQLite takes longer over a list in a test.
        tests = " OR ".join(f"{self.among} = '{text}'" for text in self.texts)
        return f"({tests})"


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
    sparse: Sparse | None = None


AnyView = View[Any]
"""A view of whatever rows, where views of different rows stand side by side."""


def nothing(_: Happened) -> Iterable[Key]:
    """Need no row: every change is a whole row."""
    return ()


@cache
def handled(handles: tuple[type[Shape], ...]) -> frozenset[type[Shape]]:
    """Return every shape that is one of these or a kind of one; every event has one of them, so none need be asked twice."""
    return frozenset(shape for shape in KIND_OF if issubclass(shape, handles))


def folded(
    view: View[R], happened: Sequence[Happened], load: Callable[[View[R], Sequence[Key]], Iterable[R]]
) -> Sequence[tuple[Key, R | None]]:
    """Fold events into a view and return its changes; `load` gives the rows that stand."""
    shapes = handled(view.handles)
    mine = [event for event in happened if type(event.event) in shapes]
    if not mine:
        return ()
    needed = dict.fromkeys(key for event in mine for key in view.needs(event))
    rows = Rows(view.key, load(view, list(needed)) if needed else ())
    for event in mine:
        view.fold(event, rows)
    return list(rows.changes())
