"""Periods on the command line: which days take postings, what is still open in them, and closing over it knowingly."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from adapters.cli.options import book_option, dry_option, json_option, limit_option, store_option
from adapters.cli.output import amount, amounts, counted, exact, show
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from adapters.operator import Done, Operator
    from engine.streams.books import Book
    from engine.streams.periods import Period
    from projections.documents import DocumentRow

F = TypeVar("F", bound=Callable[..., None])
OPEN_SHOWN = 10
COLUMNS = (
    ("period", "period"),
    ("of", "of"),
    ("from", "from"),
    ("to", "to"),
    ("state", "state"),
    ("open documents ", "documents"),
    ("their amounts", "amounts"),
)


@dataclass(frozen=True, slots=True)
class Open:
    """The documents of a period that are held, wait or accumulate, oldest first."""

    rows: Sequence[DocumentRow]

    @property
    def amounts(self) -> dict[str, int]:
        """Their gross in minor units, by currency."""
        sums: dict[str, int] = {}
        for row in self.rows:
            sums[row.currency] = sums.get(row.currency, 0) + row.gross
        return sums


@click.group()
def period() -> None:
    """List the periods of a book, and open, lock, close or reopen them."""


def _changing(command: F) -> F:
    """Add what every command that changes a period takes."""
    command = click.argument("name", metavar="PERIOD")(command)
    told = "Its first day; known where it was declared, or is a month such as 2026-03."
    command = click.option("--from", "first", metavar="DAY", help=told)(command)
    command = click.option("--to", "last", metavar="DAY", help="Its last day.")(command)
    command = click.option("--by", metavar="NAME", help="Who says so, for the record.")(command)
    for option in (book_option, dry_option, json_option, store_option):
        command = option(command)
    return command


@period.command("list")
@book_option
@limit_option
@json_option
@store_option
def listed(book: str | None, limit: int | None, as_json: bool, store: str | None) -> None:
    """List declared periods, of the books and of the tax return, with the documents that are not posted in them."""
    from adapters import settings, wiring
    from adapters.cli.choice import one_book

    with wiring.opened(settings.read(store), book) as log:
        named = one_book(log, book)
        known = _book(log, named)
        of = [("books", each) for each in known.periods.values()] + [("tax", each) for each in known.tax_periods.values()]
        ordered = sorted(of, key=lambda pair: (pair[1].first, pair[0]))
        pending = _pending(log, named)
        rows = [_told(named, kind, each, _within(pending, each.first, each.last), as_json=as_json) for kind, each in ordered]
    show(rows, COLUMNS, as_json=as_json, limit=limit, none="no period was declared")


@period.command("open")
@_changing
def opened(name: str, **asked: object) -> None:
    """Declare a period: its days take postings."""
    _say("period.opened", name, asked)


@period.command("lock")
@_changing
def locked(name: str, **asked: object) -> None:
    """Lock a period: only what somebody releases posts in it."""
    _say("period.locked", name, asked)


@period.command("close")
@click.option("--tax", is_flag=True, help="The period of the tax return, not that of the books.")
@click.option("--acknowledge", is_flag=True, help="Close it over the documents that are still open in it.")
@_changing
def closed(name: str, tax: bool, acknowledge: bool, **asked: object) -> None:
    """Close a period: nobody posts in it. What is still open in it is listed, and has to be acknowledged."""
    if tax:
        _say("tax_period.closed", name, asked)
        return
    _list_open(name, asked, acknowledge=acknowledge)
    _say("period.closed", name, {**asked, "acknowledged": acknowledge})


@period.command("reopen")
@click.option("--tax", is_flag=True, help="The period of the tax return, not that of the books.")
@_changing
def reopened(name: str, tax: bool, **asked: object) -> None:
    """Let a locked or closed period take postings again; what was held for it is released."""
    _say("tax_period.reopened" if tax else "period.reopened", name, asked)


def _say(kind: str, name: str, asked: dict[str, object]) -> None:
    """Say something about a period in the operator's name."""
    from adapters.cli.operating import do

    noun, _, verb = kind.partition(".")

    def said(operator: Operator, log: Store, book: str, dry: bool) -> Done:
        known = _book(log, book)
        days = _days(name, (known.periods if noun == "period" else known.tax_periods).get(name), asked)
        fields = {"period": name, "from": days[0], "to": days[1], "by": asked["by"], "acknowledged": asked.get("acknowledged")}
        return operator.say(kind, book, fields, dry=dry)

    do(said, f"{noun.replace('_', ' ')} {name} {verb}", asked)


def _list_open(name: str, asked: dict[str, object], *, acknowledge: bool) -> None:
    """Show what is open in a period that is not closed yet. Raises Refused unless that is nothing, or is acknowledged."""
    from adapters import settings, wiring
    from adapters.cli.choice import one_book
    from engine.errors import Refused

    with wiring.opened(settings.read(_text(asked["store"])), _text(asked["book"])) as log:
        book = one_book(log, _text(asked["book"]))
        known = _book(log, book).periods.get(name)
        found = _within(_pending(log, book), *_days(name, known, asked))
    if not found.rows or (known and known.state == "CLOSED"):
        return
    message = f"{counted(len(found.rows), 'document')} of period {name}, {amounts(found.amounts)}, not posted"
    click.echo(message, err=True)
    for row in found.rows[:OPEN_SHOWN]:
        shown = f"{row.document:<24} {row.business_date} {amount(row.gross, row.currency):>14} {row.currency}"
        click.echo(f"  {shown} {row.state} {row.codes}".rstrip(), err=True)
    if len(found.rows) > OPEN_SHOWN:
        click.echo(f"  and {len(found.rows) - OPEN_SHOWN:,} more", err=True)
    if not acknowledge:
        raise Refused("PERIOD_HAS_OPEN_ITEMS", message, "post them first, or close it with --acknowledge")


def _pending(log: Store, book: str) -> list[DocumentRow]:
    """Return every document that is held, waits or accumulates."""
    from engine.facts.receivables import PENDING
    from projections.documents import DOCUMENTS

    with log.reading() as views:
        return [row for state in PENDING for row in views.find(DOCUMENTS, {"book": book, "state": state})]


def _within(pending: Sequence[DocumentRow], first: str, last: str) -> Open:
    """Return what is not posted of some business days, in the order in which it came."""
    return Open(sorted((row for row in pending if first <= row.business_date <= last), key=lambda row: row.received))


def _told(book: str, of: str, period_: Period, found: Open, *, as_json: bool) -> dict[str, object]:
    return {
        "book": book,
        "period": period_.name,
        "of": of,
        "from": period_.first,
        "to": period_.last,
        "state": period_.state,
        "documents": len(found.rows),
        "amounts": exact(found.amounts) if as_json else amounts(found.amounts),
    }


def _book(log: Store, book: str) -> Book:
    """Return a book as its records leave it."""
    from adapters.auditing import histories
    from engine.decider import stream
    from engine.streams.books import BOOKS

    state = BOOKS.initial
    for happened in histories(log, [stream(book, "book", "")], log.head()):
        state = BOOKS.evolve(state, happened.event)
    return state


def _days(name: str, known: Period | None, asked: dict[str, object]) -> tuple[str, str]:
    """Return the days of a period: those asked for, those declared, or those of the month that it is named after."""
    first, last = _text(asked["first"]), _text(asked["last"])
    if first and last:
        return first, last
    if known is not None:
        return first or known.first, last or known.last
    month = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", name, re.ASCII)
    if month is None:
        raise NotFound(name, "nobody declared this period, and it is no month", "say --from DAY and --to DAY")
    days = calendar.monthrange(int(month[1]), int(month[2]))[1]
    return first or f"{name}-01", last or f"{name}-{days}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
