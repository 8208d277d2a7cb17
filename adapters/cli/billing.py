"""Billing on the command line: batches are run, looked into and taken back; business days of a branch are closed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import click

from adapters.cli.options import book_option, dry_option, every_book_option, json_option, limit_option, store_option
from adapters.cli.output import Table, show
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from adapters.operator import Done, Operator
    from projections.billing import BatchRow, DayRow

F = TypeVar("F", bound=Callable[..., None])
Json = dict[str, object]
BATCH_COLUMNS = (
    ("batch", "batch"), ("class", "class"), ("account", "account"), ("cut-off", "cut_off"), ("date", "date"), ("state", "state"),
    ("documents ", "members"), ("stayed behind ", "left"), ("by", "by"),
)  # fmt: skip
DAY_COLUMNS = (
    ("branch", "branch"), ("day", "day"), ("currency", "currency"), ("documents ", "members"), ("remarks", "codes"),
    ("stayed behind ", "left"), ("by", "by"),
)  # fmt: skip
MEMBER_COLUMNS = (
    ("document", "document"), ("kind", "kind"), ("number", "number"), ("account", "account"), ("business date", "business_date"),
    ("gross ", "gross"), ("currency", "currency"), ("state", "state"),
)  # fmt: skip


@click.group()
def batch() -> None:
    """Bill what accumulates: run, look into or take back batches."""


@click.group()
def day() -> None:
    """Close the business days of a branch, and look into their summaries."""


def _acting(command: F) -> F:
    for option in (book_option, dry_option, json_option, store_option):
        command = option(command)
    return command


def _looking(command: F) -> F:
    for option in (every_book_option, limit_option, json_option, store_option):
        command = option(command)
    return command


@batch.command("run")
@click.argument("name", metavar="BATCH")
@click.option("--class", "class_", metavar="CLASS", help="Bill all accounts of this class.")
@click.option("--account", metavar="ACCOUNT", help="Bill this account only.")
@click.option("--cut-off", "cut_off", required=True, metavar="DAY", help="Bill documents up to this business day.")
@click.option("--date", "dated", metavar="DAY", help="The date of the invoices.  [default: the cut-off]")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--acknowledge", is_flag=True, help="Bill though documents up to the cut-off are held or wait.")
@_acting
def run(name: str, class_: str | None, account: str | None, dated: str | None, acknowledge: bool, **how: object) -> None:
    """Post what accumulates up to a day as one invoice for each account; --dry-run shows it and keeps nothing."""
    from adapters.cli.billed import tell_run

    fields = {"batch": name, "class": class_, "account": account, "cut_off": how["cut_off"], "by": how["by"]}
    # A rehearsal shows what would stay behind, instead of being refused for it.
    fields |= {"date": dated or how["cut_off"], "acknowledged": acknowledge or bool(how["dry_run"])}
    done, book = _said("batch.run", fields, how)
    tell_run(f"batch {name}", done, book, dry=bool(how["dry_run"]), as_json=bool(how["as_json"]))


@batch.command("reverse")
@click.argument("name", metavar="BATCH")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
@_acting
def reverse(name: str, by: str, reason: str | None, **how: object) -> None:
    """Take a batch back: its invoices are reversed, its documents accumulate again."""
    from adapters.cli.billed import tell_reversal

    done, book = _said("batch.reversed", {"batch": name, "by": by, "reason": reason}, how)
    tell_reversal(f"reverse batch {name}", done, book, dry=bool(how["dry_run"]), as_json=bool(how["as_json"]))


@batch.command("pull")
@click.argument("document")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
@_acting
def pull(document: str, by: str, reason: str | None, **how: object) -> None:
    """Post one document that accumulates alone, out of its batch or summary."""
    from adapters.cli.operating import do, in_force

    def said(operator: Operator, log: Store, book: str, dry: bool) -> Done:
        version, named = in_force(log, document, book)
        fields = {"document": named, "version": version, "by": by, "reason": reason}
        return operator.say("document.pulled", book, fields, dry=dry)

    do(said, f"pull {document}", how)


@day.command("close")
@click.argument("branch")
@click.argument("day_", metavar="DAY")
@click.option("--currency", metavar="CODE", help="Of which currency.  [default: the book's]")
@click.option("--counted", multiple=True, metavar="TENDER=AMOUNT", help="What was counted of a tender; may be repeated.")
@click.option("--by", metavar="NAME", help="Who closes it, for the record.")
@_acting
def close(branch: str, day_: str, currency: str | None, counted: tuple[str, ...], by: str | None, **how: object) -> None:
    """Post the summary of a branch's day; what comes later posts beside it."""
    from adapters.cli.billed import tell_run

    parts = [one.partition("=") for one in counted]
    if any(not sign for _, sign, _ in parts):
        raise NotFound("--counted", "is no tender with an amount", "write it as CASH=120.00")
    fields: Json = {"branch": branch, "day": day_, "currency": currency, "by": by}
    fields["counted"] = [{"tender": tender, "amount": amount} for tender, _, amount in parts]
    done, book = _said("day.closed", fields, how)
    tell_run(f"close {day_} of {branch}", done, book, dry=bool(how["dry_run"]), as_json=bool(how["as_json"]))


def _said(kind: str, fields: Json, how: Json) -> tuple[Done, str]:
    """Say something in the operator's name, and return what it did in which book."""
    from adapters import settings, wiring
    from adapters.cli.choice import one_book
    from adapters.operator import Operator

    with wiring.opened(settings.read(_text(how["store"])), _text(how["book"])) as log:
        book = one_book(log, _text(how["book"]))
        if kind == "day.closed" and fields["currency"] is None:
            fields["currency"] = _currency(log, book)
        return Operator(log).say(kind, book, fields, dry=bool(how["dry_run"])), book


def _currency(log: Store, book: str) -> str:
    from projections.parties import BOOKS

    with log.reading() as views:
        row = next(views.find(BOOKS, {"book": book}, limit=1), None)
    if row is None:
        raise NotFound(book, "was never opened", "publish postgate.book.opened, or name --currency")
    return row.base_currency


@batch.command("list")
@click.option("--state", type=click.Choice(["POSTED", "REVERSED"], case_sensitive=False), help="Only these.")
@_looking
def batches(book: str | None, state: str | None, limit: int | None, as_json: bool, store: str | None) -> None:
    """List batches, the latest first."""
    from projections.billing import BATCHES

    def rows(log: Store) -> Iterator[Json]:
        wanted = {"book": book, "state": state.upper() if state else None}
        with log.reading() as views:
            found = list(views.find(BATCHES, {name: value for name, value in wanted.items() if value}))
        yield from (_batch(row) for row in sorted(found, key=lambda row: (-row.at, row.book, row.batch)))

    _list(rows, BATCH_COLUMNS, store, limit, as_json=as_json)


@day.command("list")
@click.option("--branch", metavar="BRANCH", help="Only this branch.")
@_looking
def days(book: str | None, branch: str | None, limit: int | None, as_json: bool, store: str | None) -> None:
    """List closed business days, the latest first."""
    from projections.billing import DAYS

    def rows(log: Store) -> Iterator[Json]:
        wanted = {"book": book, "branch": branch}
        with log.reading() as views:
            found = list(views.find(DAYS, {name: value for name, value in wanted.items() if value}))
        yield from (_day(row) for row in sorted(found, key=lambda row: (row.day, row.branch, row.currency), reverse=True))

    _list(rows, DAY_COLUMNS, store, limit, as_json=as_json)


@batch.command("show")
@click.argument("name", metavar="BATCH")
@_looking
def show_batch(name: str, book: str | None, limit: int | None, as_json: bool, store: str | None) -> None:
    """List the documents that a batch is made of."""
    _list(lambda log: _members(log, book, f"batch|{name}"), MEMBER_COLUMNS, store, limit, as_json=as_json)


@day.command("show")
@click.argument("branch")
@click.argument("day_", metavar="DAY")
@click.option("--currency", metavar="CODE", help="Of which currency.  [default: the book's]")
@_looking
def show_day(
    branch: str, day_: str, currency: str | None, book: str | None, limit: int | None, as_json: bool, store: str | None
) -> None:
    """List the documents that the summary of a day is made of, and those beside it."""
    from adapters.cli.choice import one_book

    def rows(log: Store) -> Iterator[Json]:
        named = one_book(log, book)
        yield from _members(log, named, f"day|{branch}:{day_}:{currency or _currency(log, named)}")

    _list(rows, MEMBER_COLUMNS, store, limit, as_json=as_json)


def _members(log: Store, book: str | None, whole: str) -> Iterator[Json]:
    from adapters.cli.choice import one_book
    from projections.billing import MEMBERS
    from schemas.values import major

    named = one_book(log, book)
    with log.reading() as views:
        found = list(views.find(MEMBERS, {"book": named, "whole": f"{named}|{whole}"}))
    if not found:
        noun = whole.partition("|")[0]
        raise NotFound(whole.replace("|", " ", 1), "has no members in this book", f"look at postgate {noun} list")
    for row in sorted(found, key=lambda row: (row.business_date, row.document, row.version)):
        yield {
            "book": row.book,
            "document": row.document,
            "version": row.version,
            "kind": row.kind,
            "number": row.number,
            "account": row.account,
            "business_date": row.business_date,
            "gross": major(row.gross, row.currency),
            "currency": row.currency,
            "posting_key": row.posting_key,
            "state": row.state,
        }


def _batch(row: BatchRow) -> Json:
    left = row.unresolved.split()
    return {
        "book": row.book,
        "batch": row.batch,
        "class": row.class_,
        "account": row.account,
        "cut_off": row.cut_off,
        "date": row.date,
        "state": row.state,
        "members": row.members,
        "left": len(left),
        "unresolved": left,
        "acknowledged_by": row.acknowledged_by,
        "by": row.by,
        "reversed_by": row.reversed_by,
        "reason": row.reason,
    }


def _day(row: DayRow) -> Json:
    from schemas.values import major

    left = row.unresolved.split()
    tendered = {tender: major(units, row.currency) for tender, units in json.loads(row.tendered).items()}
    return {
        "book": row.book,
        "branch": row.branch,
        "day": row.day,
        "currency": row.currency,
        "members": row.members,
        "codes": row.codes.split(),
        "reasons": json.loads(row.reasons),
        "tendered": tendered,
        "counted": json.loads(row.counted),
        "left": len(left),
        "unresolved": left,
        "by": row.by,
    }


def _list(
    rows: Callable[[Store], Iterator[Json]], columns: Table, store: str | None, limit: int | None, *, as_json: bool
) -> None:
    from adapters import settings, wiring

    with wiring.opened(settings.read(store)) as log:
        show(rows(log), columns, as_json=as_json, limit=limit, none="nothing yet")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
