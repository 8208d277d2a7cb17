"""Documents on the command line: all of them, and those that are held, grouped by what would mend them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from adapters.cli.options import every_book_option, json_option, limit_option, store_option
from adapters.cli.output import amounts, show
from adapters.cli.output import documents as counted

if TYPE_CHECKING:
    from adapters.viewstore import SqlViews
    from projections.documents import DocumentRow

STATES = ("POSTED", "REQUIRES_ATTENTION", "WAITING", "ACCUMULATING", "EXCLUDED", "CANCELLED", "REVERSED")
HELD = ("REQUIRES_ATTENTION", "WAITING")
DOCUMENT_COLUMNS = (
    ("document", "document"),
    ("kind", "kind"),
    ("date", "business_date"),
    ("amount ", "gross"),
    ("state", "state"),
    ("customer", "customer"),
    ("account", "account"),
    ("reasons", "reasons"),
)


@click.command()
@click.argument("document", required=False)
@store_option
@every_book_option
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Only documents in this state.")
@click.option("--reason", metavar="CODE", help="Only documents with this reason.")
@click.option("--customer", metavar="CUSTOMER", help="Only documents of this operational customer.")
@click.option("--account", metavar="ACCOUNT", help="Only documents on this account customer.")
@click.option(
    "--kind",
    type=click.Choice(("INVOICE", "CREDIT_NOTE", "PAYMENT", "REFUND", "INTEREST"), case_sensitive=False),
    help="Only this kind.",
)
@click.option("--number", metavar="NUMBER", help="Only documents with this number.")
@click.option("--date", "business_date", metavar="DAY", help="Only documents of this business day.")
@limit_option
@json_option
def documents(
    document: str | None, reason: str | None, limit: int | None, as_json: bool, store: str | None, **wanted: str | None
) -> None:
    """List documents and payments with their state, in the order in which they came.

    With DOCUMENT: its versions one after the other, and what each changed, field by field, said by whom.
    """
    from adapters import settings, wiring

    if document is not None:
        from adapters.cli.versions import show_versions

        with wiring.opened(settings.read(store), wanted["book"]) as log:
            show_versions(log, document, wanted["book"], limit=limit, as_json=as_json)
        return
    with wiring.opened(settings.read(store), wanted["book"]) as log, log.reading() as views:
        rows = found(views, _given(wanted), reason)
        show((told(row) for row in rows), DOCUMENT_COLUMNS, as_json=as_json, limit=limit, none="no such document")


@click.command()
@store_option
@every_book_option
@click.option("--reason", metavar="CODE", help="Only documents held for this reason.")
@click.option("--customer", metavar="CUSTOMER", help="Only documents of this operational customer.")
@click.option("--by", type=click.Choice(("reason", "wait")), default="reason", show_default=True, help="What to group by.")
@click.option("--documents", "one_by_one", is_flag=True, help="One by one, with what each waits for and the remedy.")
@click.option("--older-than", metavar="AGE", help="Only what came this long ago, or before, in whole days: 3d, 2w.")
@limit_option
@json_option
def held(
    reason: str | None,
    by: str,
    one_by_one: bool,
    older_than: str | None,
    limit: int | None,
    as_json: bool,
    store: str | None,
    **wanted: str | None,
) -> None:
    """Show what does not post, why, and since when. A document with two reasons counts under both."""
    from adapters import settings, wiring

    with wiring.opened(settings.read(store), wanted["book"]) as log, log.reading() as views:
        rows = [row for state in HELD for row in found(views, {**_given(wanted), "state": state}, reason)]
        last = _day_before(older_than)
        rows = [row for row in rows if row.since <= last]
        if one_by_one:
            _one_by_one(views, rows, as_json=as_json, limit=limit)
            return
        groups = by_wait(views, rows) if by == "wait" else by_reason(rows)
        head = "waits for" if by == "wait" else "reason"
        columns = ((head, by), ("documents ", "documents"), ("amount ", "amount"), ("", "currency"), ("oldest", "oldest"))
        show(groups, columns, as_json=as_json, limit=limit, none="nothing is held")
        if rows and not as_json:
            click.echo(f"{counted(len(rows))} held, {amounts(total(rows))}", err=True)


def _day_before(age: str | None) -> str:
    """Return the day that was so long ago, by UTC; the end of all days where no age is asked."""
    from adapters import clock
    from adapters.cli.deliveries import seconds

    return clock.text(clock.now() - seconds(age) * clock.MICROSECONDS)[:10] if age is not None else "9999-12-31"


def found(views: SqlViews, wanted: dict[str, str], reason: str | None = None) -> Iterator[DocumentRow]:
    """Yield documents by equal cells and one reason, in the order in which they came."""
    from projections.documents import DOCUMENTS

    upper = {name: value.upper() if name in ("state", "kind") else value for name, value in wanted.items()}
    for row in views.find(DOCUMENTS, upper, order=("book", "received", "stream", "version")):
        if reason is None or reason.upper() in row.codes.split():
            yield row


def told(row: DocumentRow) -> dict[str, object]:
    """Return a document as it is shown."""
    from schemas.values import major

    return {
        "book": row.book,
        "document": row.document,
        "version": row.version,
        "kind": row.kind,
        "number": row.number,
        "date": row.date,
        "business_date": row.business_date,
        "currency": row.currency,
        "gross": major(row.gross, row.currency),
        "customer": row.customer,
        "account": row.account,
        "class": row.class_,
        "route": row.route,
        "order_number": row.order_number.partition("|")[2] if row.order_number else None,
        "state": row.state,
        "outcome": row.outcome,
        "since": row.since,
        "reasons": json.loads(row.reasons),
    }


def by_reason(rows: Iterable[DocumentRow]) -> list[dict[str, object]]:
    """Group held documents by each reason that holds them, the most frequent first."""
    pairs = []
    for row in rows:
        codes = dict.fromkeys(str(reason["code"]) for reason in json.loads(row.reasons) if reason["severity"] != "WARN")
        pairs += [(code, row) for code in codes]
    return _groups("reason", pairs)


def by_wait(views: SqlViews, rows: Iterable[DocumentRow]) -> list[dict[str, object]]:
    """Group held documents by each thing that would judge them anew."""
    waits = _waits(views)
    return _groups("wait", [(key, row) for row in rows for key in waits.get((row.book, row.stream), ())])


def total(rows: Iterable[DocumentRow]) -> dict[str, int]:
    """Add up documents by currency."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.gross
    return sums


def _groups(name: str, pairs: Iterable[tuple[str, DocumentRow]]) -> list[dict[str, object]]:
    from schemas.values import major

    groups: dict[tuple[str, str, str], list[DocumentRow]] = {}
    for key, row in pairs:
        groups.setdefault((row.book, key, row.currency), []).append(row)
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], -len(pair[1]), -sum(row.gross for row in pair[1]), pair[0]))
    return [
        {
            "book": book,
            name: key,
            "currency": currency,
            "documents": len(rows),
            "amount": major(sum(row.gross for row in rows), currency),
            "oldest": min(row.business_date for row in rows),
        }
        for (book, key, currency), rows in ordered
    ]


def _one_by_one(views: SqlViews, rows: list[DocumentRow], *, as_json: bool, limit: int | None) -> None:
    waits = _waits(views)
    shown = [
        {**told(row), "reasons": _ranked(row), "waits_for": waits.get((row.book, row.stream), []), "remedy": remedy(row)}
        for row in rows
    ]
    columns = (
        ("document", "document"),
        ("date", "business_date"),
        ("amount ", "gross"),
        ("waits for", "waits_for"),
        ("remedy", "remedy"),
    )
    show(shown, columns, as_json=as_json, limit=limit, none="nothing is held")


def remedy(row: DocumentRow) -> str:
    """Return what to do first about the reasons that hold a document."""
    return next((str(reason["remedy"]) for reason in _ranked(row) if reason["severity"] != "WARN"), "")


def _ranked(row: DocumentRow) -> list[dict[str, object]]:
    """Return the reasons of a document in the order in which to mend them."""
    from engine.firewall.ranking import rank

    return sorted(json.loads(row.reasons), key=lambda reason: rank(str(reason["code"]), str(reason["severity"])))


def _waits(views: SqlViews) -> dict[tuple[str, str], list[str]]:
    """Return what would mend each document; keys that only stand on its way are for the engine, not for people."""
    from projections.documents import HOLDS

    waits: dict[tuple[str, str], list[str]] = {}
    for row in views.find(HOLDS):
        if row.named:
            waits.setdefault((row.book, row.stream), []).append(row.key)
    return waits


def _given(wanted: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if value is not None}
