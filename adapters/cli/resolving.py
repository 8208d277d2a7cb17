"""Resolving on the command line: a person decides what counts where an accounting system says otherwise, or said nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adapters.cli.options import book_option, dry_option, json_option, store_option
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from adapters.operator import Done, Operator

RESOLUTIONS = ("ACCEPT_THEIRS", "SEND_OURS", "STOP")


@click.command()
@click.argument("posting_key", metavar="KEY")
@click.argument("target", metavar="TARGET")
@click.argument("resolution", type=click.Choice(RESOLUTIONS, case_sensitive=False))
@click.option("--by", required=True, metavar="NAME", help="Who decided.")
@click.option("--note", metavar="TEXT", help="Why, for the record.")
@book_option
@dry_option
@json_option
@store_option
def resolve(posting_key: str, target: str, resolution: str, by: str, note: str | None, **how: object) -> None:
    """Decide about a posting that drifted, was refused, or was never answered: theirs counts, ours is sent again, or neither.

    The posting stays in our ledger whatever is decided; only what the accounting system is to have changes.
    """
    from adapters.cli.operating import do

    def said(operator: Operator, log: Store, book: str, dry: bool) -> Done:
        _known(log, book, posting_key)
        decided = {"posting_key": posting_key, "target": target, "resolution": resolution.upper(), "by": by, "note": note}
        return operator.say("drift.resolved", book, decided, dry=dry)

    do(said, f"resolve {posting_key} with {target}", how)


def _known(log: Store, book: str, posting_key: str) -> None:
    """Refuse a key that is of no posting: a decision about it would be about nothing."""
    from projections.ledger import POSTINGS

    with log.reading() as views:
        if not any(views.find(POSTINGS, {"book": book, "posting_key": posting_key})):
            raise NotFound(posting_key, "is no posting of this book", "look at postgate postings")
