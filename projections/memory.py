"""Views in memory: the plainest store, for rebuilding, comparing and testing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.record import Happened
from projections.projection import AnyView, Key, R, View, folded
from projections.views import VIEWS


class MemoryViews:
    """Rows by view and key."""

    def __init__(self, views: Sequence[AnyView] = VIEWS) -> None:
        """Begin empty."""
        self.views = views
        self._rows: dict[str, dict[Key, object]] = {view.name: {} for view in views}

    def fold(self, happened: Sequence[Happened]) -> None:
        """Fold events into every view."""
        for view in self.views:
            table = self._rows[view.name]
            for key, row in folded(view, happened, self._load):
                if row is None:
                    table.pop(key, None)
                else:
                    table[key] = row

    def _load(self, view: View[R], keys: Sequence[Key]) -> Iterable[R]:
        table = self._rows[view.name]
        return [row for key in keys if (row := table.get(key)) is not None and isinstance(row, view.row)]

    def rows(self, view: View[R]) -> Iterator[R]:
        """Yield the rows of a view in the order of their keys."""
        table = self._rows[view.name]
        for key in sorted(
            table, key=lambda key: tuple([str(cell) if not isinstance(cell, int) else f"{cell:020d}" for cell in key])
        ):
            row = table[key]
            if isinstance(row, view.row):
                yield row

    def copy(self) -> MemoryViews:
        """Return a store with the same rows that can change on its own; rows themselves never change."""
        twin = MemoryViews(self.views)
        twin._rows = {name: dict(table) for name, table in self._rows.items()}
        return twin
