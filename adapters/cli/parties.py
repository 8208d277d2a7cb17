"""Parties on the command line: customers, accounts and classes as they stand, and the messages that could not be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from adapters.cli.options import every_book_option, json_option, limit_option, store_option
from adapters.cli.output import show
from adapters.cli.party import LOOKED_UP_BY, tell

if TYPE_CHECKING:
    from projections.projection import AnyView

CUSTOMER_COLUMNS = (
    ("customer", "customer"),
    ("name", "name"),
    ("account", "account"),
    ("status", "status"),
    ("held", "held"),
    ("merged into", "survivor"),
)
ACCOUNT_COLUMNS = (
    ("account", "account"),
    ("name", "name"),
    ("class", "class"),
    ("ledger", "ledger_account"),
    ("status", "status"),
    ("shared", "generic"),
    ("limit ", "credit_limit"),
    ("open ", "open"),
    ("on hold", "held"),
    ("on stop", "stop_credit"),
)
CLASS_COLUMNS = (
    ("class", "class"),
    ("version ", "version"),
    ("name", "name"),
    ("behaviour", "behaviour"),
    ("shared account", "generic_account"),
    ("active", "active"),
)
QUARANTINE_COLUMNS = (
    ("code", "code"),
    ("bytes ", "size"),
    ("recorded", "recorded_at"),
    ("requeued", "requeued"),
    ("locator", "locator"),
    ("message", "message"),
)


@click.command()
@click.argument("one", required=False, metavar="[CUSTOMER]")
@store_option
@every_book_option
@click.option("--account", metavar="ACCOUNT", help="Only customers who owe through this account.")
@click.option("--customer", metavar="CUSTOMER", help="Only this customer.")
@click.option("--unlinked", is_flag=True, help="Only customers without a link.")
@limit_option
@json_option
def customers(unlinked: bool, limit: int | None, as_json: bool, store: str | None, **wanted: str | None) -> None:
    """List operational customers and the accounts they owe through; of one CUSTOMER everything that was said."""
    from projections.parties import CUSTOMERS

    if one := wanted.pop("one"):
        tell(store, "customer", one, book=wanted["book"], as_json=as_json)
        return
    rows = (row for row in _rows(store, CUSTOMERS, wanted) if not (unlinked and row["account"]))
    show(rows, CUSTOMER_COLUMNS, as_json=as_json, limit=limit, none="no such customer")


@click.command()
@click.argument("one", required=False, metavar="[ACCOUNT]")
@store_option
@every_book_option
@click.option("--account", metavar="ACCOUNT", help="Only this account.")
@click.option("--class", "class_", metavar="CLASS", help="Only accounts of this class.")
@click.option("--status", metavar="STATUS", help="Only accounts with this status, such as OPEN.")
@click.option("--unclassified", is_flag=True, help="Only accounts without a class.")
@limit_option
@json_option
def accounts(unclassified: bool, limit: int | None, as_json: bool, store: str | None, **wanted: str | None) -> None:
    """List account customers with their classes, limits, what they owe, and what stops them; of one ACCOUNT all that was said."""
    from adapters.cli.receivables import exposed
    from projections.parties import ACCOUNTS

    if one := wanted.pop("one"):
        tell(store, "account", one, book=wanted["book"], as_json=as_json)
        return
    rows = (row for row in exposed(store, wanted["book"], _rows(store, ACCOUNTS, wanted)) if not (unclassified and row["class"]))
    show(rows, ACCOUNT_COLUMNS, as_json=as_json, limit=limit, none="no such account")


@click.command()
@click.argument("one", required=False, metavar="[CLASS]")
@store_option
@every_book_option
@click.option("--class", "class_", metavar="CLASS", help="Only this class.")
@limit_option
@json_option
def classes(limit: int | None, as_json: bool, store: str | None, **wanted: str | None) -> None:
    """List the classes that give accounts their posting rules; of one CLASS all versions."""
    from projections.parties import CLASSES

    if one := wanted.pop("one"):
        tell(store, "class", one, book=wanted["book"], as_json=as_json)
        return
    show(_rows(store, CLASSES, wanted), CLASS_COLUMNS, as_json=as_json, limit=limit, none="no such class")


@click.command()
@store_option
@every_book_option
@click.option("--code", metavar="CODE", help="Only messages refused for this code.")
@click.option("--all", "also_requeued", is_flag=True, help="Also those that were offered again with success.")
@limit_option
@json_option
def quarantine(also_requeued: bool, limit: int | None, as_json: bool, store: str | None, **wanted: str | None) -> None:
    """List messages that could not be taken as said; `postgate requeue` offers them again."""
    from projections.completeness import QUARANTINE

    rows = (row for row in _rows(store, QUARANTINE, wanted) if also_requeued or not row["requeued"])
    show(rows, QUARANTINE_COLUMNS, as_json=as_json, limit=limit, none="the quarantine is empty")


def _rows(store: str | None, view: AnyView, wanted: Mapping[str, str | None]) -> Iterator[dict[str, object]]:
    """Yield the rows of a view as they are shown."""
    from adapters import settings, wiring

    with wiring.opened(settings.read(store), wanted.get("book")) as log, log.reading() as views:
        for row in views.find(view, {name: value for name, value in wanted.items() if value is not None}):
            yield _told(view, row)


def _told(view: AnyView, row: object) -> dict[str, object]:
    from adapters import clock
    from adapters.viewstore import columns

    cells = {name: getattr(row, name) for name in columns(view) if name not in LOOKED_UP_BY}
    shown = {"class" if name == "class_" else name: cell for name, cell in cells.items()}
    if "recorded_at" in shown:
        shown["recorded_at"] = clock.text(int(cells["recorded_at"]))
    return shown
