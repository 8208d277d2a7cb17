"""The view store: rows of every view in SQL tables made from their dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter

from adapters.dialect import SQLITE, Copying, Cursor, Dialect
from engine.record import Happened
from projections.projection import AnyView, Cell, Key, R, Row, View, folded, handled
from projections.views import VIEWS

_INTEGER_MAX = 2**63
PARAMETERS_MAX = 900
"""How many values one statement may carry; below SQLite's oldest default of 999."""
_COPIED = {"int": "int8", "bool": "bool", "Money": "numeric"}
"""Type of a cell -> its type in a stream of rows; every other is text."""
_MADE: Mapping[str, Callable[[Cell], Cell]] = {"bool": bool, "Money": lambda cell: None if cell is None else int(cell)}
"""Type of a cell -> what makes it of a cell as read, where a database may keep it as something else."""


def table(view: View[R]) -> str:
    """Return the table of a view."""
    return f"view_{view.name}"


def columns(view: View[R]) -> tuple[str, ...]:
    """Return the columns of a view's table, in the order of its row."""
    return tuple(field.name for field in fields(view.row))


def create_statements(view: View[R], dialect: Dialect) -> Iterator[str]:
    """Yield what creates a view's table: text, integers, money of any size, no defaults."""
    types = {field.name: str(field.type) for field in fields(view.row)}
    cells = ", ".join(f'"{name}" {_sql_type(types[name], dialect)}' for name in types)
    key = ", ".join(f'"{name}"' for name in view.key)
    yield f"CREATE TABLE IF NOT EXISTS {table(view)} ({cells}, PRIMARY KEY ({key})){dialect.table_end}"
    for number, index in enumerate(view.indexes):
        names = ", ".join(f'"{name}"' for name in index)
        yield f"CREATE INDEX IF NOT EXISTS {table(view)}_{number} ON {table(view)} ({names})"
    if view.sparse:
        names = ", ".join(f'"{name}"' for name in view.sparse.columns)
        yield f"CREATE INDEX IF NOT EXISTS {sparse_index(view)} ON {table(view)} ({names}) WHERE {view.sparse.test}"


def index_of(view: View[R], column: str) -> str:
    """Return the index of a view that finds rows by book and one column."""
    return f"{table(view)}_{view.indexes.index(('book', column))}"


def sparse_index(view: View[R]) -> str:
    """Return the index of a view over some of its rows."""
    return f"{table(view)}_sparse"


def _sql_type(annotation: str, dialect: Dialect) -> str:
    kinds = {"int": "BIGINT", "bool": dialect.flag, "Money": dialect.money}
    kind = kinds.get(_bare(annotation), dialect.text)
    return kind if "None" in annotation else f"{kind} NOT NULL"


def _bare(annotation: str) -> str:
    """Return the type of a cell that may be nothing."""
    return annotation.split(" ", maxsplit=1)[0]


@cache
def _made(row: type[Row]) -> Sequence[tuple[int, Callable[[Cell], Cell]]]:
    """Return the places of the cells of a row that not every database keeps as they are, with what makes them so again."""
    kinds = [_bare(str(field.type)) for field in fields(row)]
    return [(at, _MADE[kind]) for at, kind in enumerate(kinds) if kind in _MADE]


def _spelled(row: Sequence[Cell]) -> Sequence[Cell]:
    """Return the cells of a row with those integers as digits that are too large for SQLite; only money can be."""
    return [str(cell) if isinstance(cell, int) and not -_INTEGER_MAX <= cell < _INTEGER_MAX else cell for cell in row]


def _heads(view: View[R]) -> str:
    """Name the columns of a list of keys."""
    return ", ".join(f"k{number}" for number in range(len(view.key)))


def _same(view: View[R]) -> str:
    """Say that a row `v` has the key `w`."""
    return " AND ".join(f'v."{name}" = w.k{number}' for number, name in enumerate(view.key))


def _nothing_first(view: View[R], column: str) -> str:
    """Say where rows with nothing set come; the databases differ when it is left open."""
    annotations = {field.name: str(field.type) for field in fields(view.row)}
    return " NULLS FIRST" if "None" in annotations.get(column, "") else ""


class SqlViews:
    """The views of one store, read and written through a cursor of the caller's transaction."""

    def __init__(self, cursor: Cursor, views: Sequence[AnyView] = VIEWS, *, dialect: Dialect = SQLITE) -> None:
        """Work through a cursor, in its database's dialect."""
        self._cursor = cursor
        self._dialect = dialect
        self._views = views

    def create(self) -> None:
        """Create the tables that are missing."""
        for view in self._views:
            for statement in create_statements(view, self._dialect):
                self._cursor.execute(statement)

    def clear(self, view: View[R]) -> None:
        """Empty a view; who looks at it meanwhile sees it as it was."""
        self._cursor.execute(f"DELETE FROM {table(view)}")

    def remake(self, view: View[R]) -> None:
        """Drop a view's table and create it in the shape of this release."""
        self._cursor.execute(f"DROP TABLE IF EXISTS {table(view)}")
        for statement in create_statements(view, self._dialect):
            self._cursor.execute(statement)

    def fold(self, happened: Sequence[Happened]) -> None:
        """Fold events into every view, with a handful of statements however many events there are."""
        came = {type(each.event) for each in happened}
        for view in self._views:
            if came.isdisjoint(handled(view.handles)):
                continue
            if changes := folded(view, happened, self.load):
                self._change(view, changes)

    def _change(self, view: View[R], changes: Sequence[tuple[Key, R | None]]) -> None:
        """Write what became of the rows of one view."""
        if isinstance(self._cursor, Copying):
            self._stream(self._cursor, view, changes)
            return
        self._delete(view, [key for key, row in changes if row is None])
        self._write(view, [row for _, row in changes if row is not None])

    def _delete(self, view: View[R], keys: Sequence[Key]) -> None:
        if keys:
            where = " AND ".join(f'"{name}" = ?' for name in view.key)
            self._cursor.executemany(f"DELETE FROM {table(view)} WHERE {where}", keys)

    def _write(self, view: View[R], rows: Sequence[R]) -> None:
        if rows:
            names = columns(view)
            marks = ", ".join("?" * len(names))
            kept = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in view.key)
            key = ", ".join(f'"{name}"' for name in view.key)
            statement = f"INSERT INTO {table(view)} VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {kept}"
            if not kept:
                statement = f"INSERT INTO {table(view)} VALUES ({marks}) ON CONFLICT ({key}) DO NOTHING"
            cells = attrgetter(*names)
            try:
                self._cursor.executemany(statement, map(cells, rows))
            except OverflowError:  # Rare, so the others need not be looked at; what was written already is written again.
                self._cursor.executemany(statement, [_spelled(cells(row)) for row in rows])

    def _stream(self, cursor: Copying, view: View[R], changes: Sequence[tuple[Key, R | None]]) -> None:
        """Take out whatever stands under the keys, and add the rows in one stream: a fraction of a statement for each row."""
        among, cells = self._dialect.listed([key for key, _ in changes])
        cursor.execute(f"WITH w({_heads(view)}) AS ({among}) DELETE FROM {table(view)} v USING w WHERE {_same(view)}", cells)
        rows = [row for _, row in changes if row is not None]
        if rows:
            kinds = [_COPIED.get(_bare(str(field.type)), "text") for field in fields(view.row)]
            cursor.copy(table(view), map(attrgetter(*columns(view)), rows), kinds)

    def load(self, view: View[R], keys: Sequence[Key]) -> Iterator[R]:
        """Yield the rows that stand under the keys."""
        names = ", ".join(f'v."{name}"' for name in columns(view))
        heads, same, step = _heads(view), _same(view), PARAMETERS_MAX // len(view.key)
        for start in range(0, len(keys), step):
            wanted = keys[start : start + step]
            rows, cells = self._dialect.listed(wanted)
            self._cursor.execute(f"WITH w({heads}) AS ({rows}) SELECT {names} FROM w JOIN {table(view)} v ON {same}", cells)
            for found in self._cursor.fetchall():
                yield self._row(view, found)

    def find(
        self, view: View[R], where: Mapping[str, Cell] | None = None, *, order: Sequence[str] = (), limit: int = -1
    ) -> Iterator[R]:
        """Yield rows by equal cells (None finds nothing set), in an order, up to a limit."""
        known = columns(view)
        conditions = {name: value for name, value in (where or {}).items() if name in known}
        if where and len(conditions) != len(where):
            raise ValueError(f"{view.name} has no column {', '.join(set(where) - set(known))}")
        tests = " AND ".join(f'"{name}" IS NULL' if value is None else f'"{name}" = ?' for name, value in conditions.items())
        ordered = ", ".join(f'"{name}"{_nothing_first(view, name)}' for name in (order or view.key))
        names = ", ".join(f'"{name}"' for name in known)
        statement = f"SELECT {names} FROM {table(view)} {f'WHERE {tests}' if tests else ''} ORDER BY {ordered}"
        values = [value for value in conditions.values() if value is not None]
        if limit >= 0:
            statement, values = f"{statement} LIMIT ?", [*values, limit]
        self._cursor.execute(statement, values)
        for cells in self._cursor.fetchall():
            yield self._row(view, cells)

    def _row(self, view: View[R], cells: Sequence[Cell]) -> R:
        made = list(cells)
        for at, make in _made(view.row):
            made[at] = make(made[at])
        return view.row(*made)
