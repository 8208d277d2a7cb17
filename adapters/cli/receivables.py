"""Receivables on the command line: what is open of each account, document by document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from adapters.cli.options import every_book_option, json_option, limit_option, store_option
from adapters.cli.output import show

if TYPE_CHECKING:
    from projections.receivables import ReceivableRow

COLUMNS = (
    ("account", "account"),
    ("document", "document"),
    ("kind", "kind"),
    ("number", "number"),
    ("date", "date"),
    ("due", "due_date"),
    ("amount ", "amount"),
    ("open ", "open"),
    ("", "currency"),
)


@click.command()
@store_option
@every_book_option
@click.option("--account", metavar="ACCOUNT", help="Only what is open of this account.")
@click.option("--all", "settled_too", is_flag=True, help="Also what is settled.")
@limit_option
@json_option
def receivables(
    book: str | None, account: str | None, settled_too: bool, limit: int | None, as_json: bool, store: str | None
) -> None:
    """List what accounts owe, document by document; what stands to their credit is below zero.

    Money and credit notes lower the document they name. What names none, or is too much, is a credit.
    """
    from adapters import settings, wiring
    from projections.parties import BOOKS
    from projections.receivables import RECEIVABLES

    asked = {"book": book, "account": account, "state": None if settled_too else "OPEN"}
    where = {name: value for name, value in asked.items() if value is not None}
    order = ("book", "account", "date", "document", "currency")
    with wiring.opened(settings.read(store), book) as log, log.reading() as views:
        bases = {row.book: row.base_currency for row in views.find(BOOKS)}
        rows = _told(views.find(RECEIVABLES, where, order=order), bases)
        show(rows, COLUMNS, as_json=as_json, limit=limit, none="nothing is open")


def _told(rows: Iterator[ReceivableRow], bases: dict[str, str]) -> Iterator[dict[str, object]]:
    """Yield rows as they are shown: amounts as decimal text, what is open also in the book's currency."""
    from schemas.values import major

    for row in rows:
        base = bases.get(row.book, row.currency)
        yield {
            "book": row.book,
            "account": row.account,
            "document": row.document,
            "kind": row.kind,
            "number": row.number,
            "date": row.date,
            "due_date": row.due_date,
            "currency": row.currency,
            "amount": major(row.amount, row.currency),
            "open": major(row.open, row.currency),
            "base_currency": base,
            "base_open": major(row.base_open, base),
            "state": row.state,
        }


def exposed(store: str | None, book: str | None, accounts: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Yield accounts with their limit, what they owe, and what is about to be owed, in the book's currency."""
    from adapters import settings, wiring
    from adapters.owed import exposures
    from projections.parties import BOOKS
    from schemas.values import major

    with wiring.opened(settings.read(store), book) as log:
        owed = exposures(log)
        with log.reading() as views:
            bases = {row.book: row.base_currency for row in views.find(BOOKS)}
    for account in accounts:
        shown = {name: cell for name, cell in account.items() if name != "default_limit"}
        open_, pending = owed.get((str(account["book"]), str(account["account"])), (0, 0))
        base = bases.get(str(account["book"]))
        yield shown | {
            "credit_limit": account["credit_limit"] or account["default_limit"],
            "base_currency": base,
            "open": major(open_, base) if base else None,
            "pending": major(pending, base) if base else None,
        }
