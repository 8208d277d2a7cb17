"""Look-ups by value, answered from the views inside the writer's transaction.

On SQLite each names its index: without statistics it takes a whole book for ten rows and would read all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from adapters.dialect import SQLITE, Cursor, Dialect
from adapters.viewstore import PARAMETERS_MAX, index_of
from engine.ports import Waiting
from projections.documents import DOCUMENTS
from projections.parties import ACCOUNTS


class SqlLookups:
    """The index port over the views in SQL."""

    def __init__(self, cursor: Cursor, dialect: Dialect = SQLITE) -> None:
        """Work through the transaction's cursor, in its database's dialect."""
        self._cursor = cursor
        self._dialect = dialect

    def waiting(self, book: str, keys: Collection[str]) -> Sequence[Waiting]:
        """Return the documents that wait for any of the keys."""
        test, values = self._dialect.among("key", list(keys))
        return self._waiting(test, (book, *values))

    def waiting_between(self, book: str, first: str, last: str) -> Sequence[Waiting]:
        """Return the documents that wait for a key from `first` to `last`, both included."""
        return self._waiting("key BETWEEN ? AND ?", (book, first, last))

    def _waiting(self, test: str, parameters: Sequence[object]) -> Sequence[Waiting]:
        self._cursor.execute(f"SELECT key, stream, received FROM view_holds WHERE book = ? AND {test}", parameters)
        return [Waiting(str(key), str(name), int(received or 0)) for key, name, received in self._cursor.fetchall()]

    def books_waiting_until(self, last: Mapping[str, str]) -> Sequence[str]:
        """Return the books with documents whose wait for a time is over."""
        tests = " OR ".join(["key BETWEEN ? AND ?"] * len(last))
        bounds = [bound for pair in last.items() for bound in pair]
        self._cursor.execute(f"SELECT DISTINCT book FROM view_holds WHERE {tests} ORDER BY book", bounds)
        return [str(row[0]) for row in self._cursor.fetchall()]

    def owners(self, book: str, field: Literal["number", "order_number"], values: Collection[str]) -> Mapping[str, str]:
        """Return which document stream first used each of the values."""
        wanted, found = list(values), {}
        for start in range(0, len(wanted), PARAMETERS_MAX):
            some = wanted[start : start + PARAMETERS_MAX]
            test, parameters = self._dialect.among(field, some)
            table = f"view_documents{self._dialect.by(index_of(DOCUMENTS, field))}"
            select = f"SELECT {field}, stream FROM {table} WHERE book = ? AND {test}"
            kinds = "AND kind IN ('INVOICE', 'CREDIT_NOTE') ORDER BY received DESC"
            self._cursor.execute(f"{select} {kinds}", (book, *parameters))
            found.update({str(value): str(name) for value, name in self._cursor.fetchall()})
        return found

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account bound to a reference in the accounting system."""
        table = f"view_accounts{self._dialect.by(index_of(ACCOUNTS, 'external_ref'))}"
        self._cursor.execute(f"SELECT account FROM {table} WHERE book = ? AND external_ref = ?", (book, reference))
        rows = self._cursor.fetchall()
        return str(rows[0][0]) if rows else None

    def accounts_of_class(self, book: str, class_: str) -> Sequence[str]:
        """Return the accounts that have a class, by id."""
        table = f"view_accounts{self._dialect.by(index_of(ACCOUNTS, 'class_'))}"
        self._cursor.execute(f"SELECT account FROM {table} WHERE book = ? AND class_ = ? ORDER BY account", (book, class_))
        return [str(row[0]) for row in self._cursor.fetchall()]
