"""Statements, charges and letters as they are shown: rows of their views with amounts as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from adapters.cli.output import emit, grouped, show, table
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.cli.output import Table
    from adapters.eventlog.store import Store
    from adapters.viewstore import SqlViews
    from engine.record import Happened
    from projections.collection import ChargeRow, LetterRow, StatementRow
    from projections.projection import R, View

Told = dict[str, object]
LISTED = {
    "statements": (
        ("account", "account"),
        ("as of", "as_of"),
        ("after", "after"),
        ("class", "class"),
        ("closes with", "closes"),
    ),
    "charges": (
        ("charge", "charge"),
        ("after", "after"),
        ("to", "to"),
        ("interest ", "amount"),
        ("", "currency"),
        ("state", "state"),
    ),
    "letters": (
        ("letter", "letter"),
        ("as of", "as_of"),
        ("level ", "level"),
        ("name", "name"),
        ("documents ", "documents"),
        ("asked ", "amount"),
        ("", "currency"),
    ),
}
BALANCES = (
    ("", "currency"),
    ("opening ", "opening"),
    ("closing ", "closing"),
    ("not due ", "not_due"),
    ("1-30 ", "days_1_to_30"),
    ("31-60 ", "days_31_to_60"),
    ("61-90 ", "days_61_to_90"),
    ("over 90 ", "days_over_90"),
)
PARTS = {
    "statements": (
        ("document", "document"),
        ("date", "date"),
        ("due", "due_date"),
        ("days over ", "overdue_days"),
        ("amount ", "amount"),
        ("open ", "open"),
        ("", "currency"),
    ),
    "charges": (("document", "document"), ("due", "due_date"), ("on ", "on"), ("days ", "days"), ("interest ", "amount")),
    "letters": (
        ("document", "document"),
        ("due", "due_date"),
        ("days over ", "overdue_days"),
        ("level ", "level"),
        ("open ", "open"),
        ("asked ", "amount"),
    ),
}
HEADS = (
    "account",
    "class",
    "as_of",
    "after",
    "to",
    "rate",
    "days_in_year",
    "base",
    "state",
    "level",
    "name",
    "amount",
    "currency",
    "more",
)
AGEING = ("not_due", "days_1_to_30", "days_31_to_60", "days_61_to_90", "days_over_90")
MONEY = ("amount", "open", "opening", "closing", "on", *AGEING)


def made(view: View[R], happened: Sequence[Happened]) -> list[R]:
    """Return the rows that some records make, whether they are kept or not."""
    from projections.projection import folded

    return [row for _, row in folded(view, happened, lambda _, __: ()) if row is not None]


def statement_told(row: StatementRow) -> Told:
    """Return a statement as it is shown."""
    balances = _priced(json.loads(row.balances))
    return {
        "book": row.book,
        "account": row.account,
        "as_of": row.as_of,
        "after": row.previous,
        "class": row.class_,
        "class_version": row.class_version,
        "closes": " and ".join(f"{balance['closing']} {balance['currency']}" for balance in balances),
        "balances": balances,
        "receivables": _priced(json.loads(row.receivables)),
        "more": row.more,
    }


def charge_told(row: ChargeRow, state: str | None) -> Told:
    """Return a charge of interest as it is shown, with the state of its document."""
    (told,) = _priced([{"amount": row.amount}], row.currency)
    return {
        "book": row.book,
        "charge": row.charge,
        "account": row.account,
        "class": row.class_,
        "class_version": row.class_version,
        "after": row.previous,
        "to": row.last_day,
        "rate": row.rate,
        "days_in_year": row.days_in_year,
        "base": row.base,
        "currency": row.currency,
        **told,
        "state": state,
        "receivables": _priced(json.loads(row.receivables), row.currency),
        "more": row.more,
    }


def letter_told(row: LetterRow) -> Told:
    """Return a dunning letter as it is shown."""
    (told,) = _priced([{"amount": row.amount}], row.currency)
    receivables = _priced(json.loads(row.receivables), row.currency)
    return {
        "book": row.book,
        "letter": row.letter,
        "account": row.account,
        "as_of": row.as_of,
        "class": row.class_,
        "class_version": row.class_version,
        "level": row.level,
        "name": row.name,
        "per": row.per,
        "currency": row.currency,
        **told,
        "documents": len(receivables),
        "receivables": receivables,
    }


def _priced(parts: Iterable[Mapping[str, object]], currency: str = "") -> list[Told]:
    """Return parts with their amounts as decimal text, in the currency of each or of all."""
    from schemas.values import major

    return [
        {
            name: major(value, str(part.get("currency", currency))) if name in MONEY and isinstance(value, int) else value
            for name, value in part.items()
        }
        for part in parts
    ]


def last_days(log: Store, book: str, party: str) -> dict[str, str]:
    """Return the last days on which `class:ID` or `account:ID` was told what it owes, charged, or sent a letter."""
    from projections.collection import COLLECTION, CollectionRow

    with log.reading() as views:
        row = next(views.find(COLLECTION, {"book": book, "party": party}, limit=1), CollectionRow(book, party))
    days = {"last_statement_date": row.statement, "last_interest_date": row.interest, "last_dunning_date": row.dunning}
    return {name: day for name, day in days.items() if day}


def list_rows(view: View[R], how: Mapping[str, object]) -> None:
    """Print the rows of a view that are wanted."""
    from adapters import settings, wiring

    where = {name: value for name in ("book", "account", "class_") if (value := _text(how[name])) is not None}
    limit = how["limit"] if isinstance(how["limit"], int) else None
    with wiring.opened(settings.read(_text(how["store"])), _text(how["book"])) as log, log.reading() as views:
        rows = (_told(views, row) for row in views.find(view, where))
        show(rows, LISTED[view.name], as_json=bool(how["as_json"]), limit=limit, none="nothing yet")


def show_last(view: View[R], where: Mapping[str, str], how: Mapping[str, object]) -> None:
    """Print the last row that is meant, with its parts."""
    from adapters import settings, wiring
    from adapters.cli.choice import one_book

    with wiring.opened(settings.read(_text(how["store"])), _text(how["book"])) as log, log.reading() as views:
        found = [*views.find(view, {"book": one_book(log, _text(how["book"])), **where})]
        if not found:
            noun = {"statements": "statement", "charges": "interest", "letters": "dunning"}[view.name]
            raise NotFound(" ".join(where.values()), f"is not among the {view.name} of the book", f"look at postgate {noun} list")
        told = _told(views, found[-1])
    if how["as_json"]:
        emit(told)
        return
    for name in HEADS:
        if told.get(name):
            click.echo(f"{name:<12} {told[name]}")
    if "balances" in told:
        click.echo(_table(told["balances"], BALANCES))
    click.echo(_table(told["receivables"], PARTS[view.name]))


def _table(parts: object, columns: Table) -> str:
    cells = [[_cell(key, part[key]) for _, key in columns] for part in parts] if isinstance(parts, list) else []
    return f"\n{table(cells, [heading for heading, _ in columns])}"


def _cell(key: str, value: object) -> str:
    return grouped(str(value)) if key in MONEY else "" if value is None else str(value)


def _told(views: SqlViews, row: object) -> dict[str, object]:
    """Return a row of any of the three views as it is shown."""
    from projections.collection import ChargeRow, LetterRow, StatementRow
    from projections.documents import DOCUMENTS

    match row:
        case StatementRow():
            return statement_told(row)
        case LetterRow():
            return letter_told(row)
        case ChargeRow():
            standing = views.find(DOCUMENTS, {"book": row.book, "stream": stream_of(row)}, limit=1)
            return charge_told(row, next((document.state for document in standing), None))
    raise TypeError(f"{type(row).__name__} is not shown here")


def stream_of(row: ChargeRow) -> str:
    """Return the stream of a charge."""
    return f"{row.book}|charge|{row.charge}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
