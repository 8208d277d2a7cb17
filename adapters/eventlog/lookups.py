"""Look-ups by value, answered from the views inside the writer's transaction.

On SQLite each names its index: without statistics it takes a whole book for ten rows and would read all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from adapters.dialect import SQLITE, Cursor, Dialect
from adapters.viewstore import PARAMETERS_MAX, index_of, sparse_index
from engine.facts.receivables import PENDING
from engine.ports import ALIKE_MAX, Pending, Receivable, Waiting
from projections.documents import DOCUMENTS
from projections.parties import ACCOUNTS
from projections.projection import AnyView
from projections.receivables import RECEIVABLES

_RECEIVABLE = "SELECT account, document, kind, number, date, due_date, currency, amount, open, base_open FROM view_receivables"


def _receivable(row: Sequence[Any]) -> Receivable:
    """Return a row of receivables; not every database keeps money as integers."""
    return Receivable(*row[:-3], *map(int, row[-3:]))


def _sparse(view: AnyView) -> str:
    """Return the test for the rows that a view's sparse index holds."""
    return view.sparse.test if view.sparse else "TRUE"


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

    def users(self, book: str, number: str) -> Sequence[str]:
        """Return every document stream that used a number, in the order in which they came."""
        table = f"view_documents{self._dialect.by(index_of(DOCUMENTS, 'number'))}"
        select = f"SELECT stream FROM {table} WHERE book = ? AND number = ? AND kind IN ('INVOICE', 'CREDIT_NOTE')"
        self._cursor.execute(f"{select} ORDER BY received", (book, number))
        return list(dict.fromkeys(str(row[0]) for row in self._cursor.fetchall()))

    def account_of_reference(self, book: str, reference: str) -> str | None:
        """Return the account bound to a reference in the accounting system."""
        table = f"view_accounts{self._dialect.by(index_of(ACCOUNTS, 'external_ref'))}"
        self._cursor.execute(f"SELECT account FROM {table} WHERE book = ? AND external_ref = ?", (book, reference))
        rows = self._cursor.fetchall()
        return str(rows[0][0]) if rows else None

    def accounts_like(self, book: str, keys: Collection[str]) -> Sequence[str]:
        """Return the accounts whose name or tax id is one of the keys, the first few by id."""
        found: set[str] = set()
        for column in ("name_key", "tax_key"):
            test, values = self._dialect.among(column, list(keys))
            table = f"view_accounts{self._dialect.by(index_of(ACCOUNTS, column))}"
            select = f"SELECT account FROM {table} WHERE book = ? AND {test} ORDER BY account LIMIT {ALIKE_MAX}"
            self._cursor.execute(select, (book, *values))
            found.update(str(row[0]) for row in self._cursor.fetchall())
        return sorted(found)[:ALIKE_MAX]

    def accounts_of_class(self, book: str, class_: str) -> Sequence[str]:
        """Return the accounts that have a class, by id."""
        table = f"view_accounts{self._dialect.by(index_of(ACCOUNTS, 'class_'))}"
        self._cursor.execute(f"SELECT account FROM {table} WHERE book = ? AND class_ = ? ORDER BY account", (book, class_))
        return [str(row[0]) for row in self._cursor.fetchall()]

    def receivables(self, book: str, account: str) -> Sequence[Receivable]:
        """Return what is open on an account, in the order of documents: debts above zero, credits below."""
        select = f"{_RECEIVABLE}{self._dialect.by(sparse_index(RECEIVABLES))}"
        where = f"WHERE book = ? AND account = ? AND {_sparse(RECEIVABLES)} ORDER BY document, currency"
        self._cursor.execute(f"{select} {where}", (book, account))
        return [_receivable(row) for row in self._cursor.fetchall()]

    def receivable(self, book: str, account: str, document: str, currency: str) -> Receivable | None:
        """Return what one document did to an account in a currency, settled or not; None when it did nothing."""
        where = "WHERE book = ? AND account = ? AND document = ? AND currency = ?"
        self._cursor.execute(f"{_RECEIVABLE} {where}", (book, account, document, currency))
        rows = self._cursor.fetchall()
        return _receivable(rows[0]) if rows else None

    def pending(self, book: str, account: str) -> Sequence[Pending]:
        """Return what waits, is held or accumulates for an account, in the order of streams."""
        table = f"view_documents{self._dialect.by(sparse_index(DOCUMENTS))}"
        select = f"SELECT stream, version, kind, state, business_date, COALESCE(base_gross, gross), received FROM {table}"
        where = f"WHERE book = ? AND account = ? AND {_sparse(DOCUMENTS)} ORDER BY stream"
        self._cursor.execute(f"{select} {where}", (book, account))
        return [Pending(*row[:-2], *map(int, row[-2:])) for row in self._cursor.fetchall()]

    def outstanding(self, book: str, first: str, last: str) -> int:
        """Return how many document versions of these business days are held, wait or accumulate."""
        test, states = self._dialect.among("state", list(PENDING))
        select = "SELECT COALESCE(SUM(documents), 0) FROM view_completeness WHERE book = ? AND day BETWEEN ? AND ?"
        self._cursor.execute(f"{select} AND {test}", (book, first, last, *states))
        return int(self._cursor.fetchall()[0][0])
