"""Collecting on the command line: statements, interest and dunning letters of the accounts of a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import click

from adapters.cli.collected import list_rows, show_last
from adapters.cli.options import book_option, dry_option, every_book_option, json_option, limit_option, store_option
from adapters.cli.output import amounts, counted, emit

if TYPE_CHECKING:
    from adapters.operator import Done

F = TypeVar("F", bound=Callable[..., None])


@click.group()
def statement() -> None:
    """Tell the accounts of a class what is open on them, and see what they were told."""


@click.group()
def interest() -> None:
    """Charge the accounts of a class interest on what is overdue, and see what was charged."""


@click.group()
def dunning() -> None:
    """Send letters about what is overdue to the accounts of a class, and see what was sent."""


def _running(command: F) -> F:
    """Add what every run takes."""
    command = click.argument("class_", metavar="CLASS")(command)
    command = click.option("--by", required=True, metavar="NAME", help="Who runs it.")(command)
    return book_option(dry_option(json_option(store_option(command))))


def _listing(command: F) -> F:
    """Add what every list takes."""
    command = click.option("--account", metavar="ACCOUNT", help="Only this account customer.")(command)
    command = click.option("--class", "class_", metavar="CLASS", help="Only runs of this class.")(command)
    return every_book_option(limit_option(json_option(store_option(command))))


def _showing(command: F) -> F:
    return book_option(json_option(store_option(command)))


@statement.command("run")
@click.option("--as-of", required=True, metavar="DAY", help="The day the statements show.")
@_running
def run_statement(class_: str, as_of: str, by: str, **how: object) -> None:
    """Issue a statement to each account of a class; run twice for a day, it changes nothing."""
    _run("statement.run", {"class": class_, "as_of": as_of, "by": by}, how)


@interest.command("run")
@click.option("--to", required=True, metavar="DAY", help="The last day that is charged.")
@_running
def run_interest(class_: str, to: str, by: str, **how: object) -> None:
    """Charge interest for the days since the last charge that posted; what cannot post is held, like any document."""
    _run("interest.run", {"class": class_, "to": to, "by": by}, how)


@dunning.command("run")
@click.option("--as-of", required=True, metavar="DAY", help="The day on which documents are overdue.")
@_running
def run_dunning(class_: str, as_of: str, by: str, **how: object) -> None:
    """Send the letters that are due; no level is sent twice for a document."""
    _run("dunning.run", {"class": class_, "as_of": as_of, "by": by}, how)


def _run(what: str, facts: Mapping[str, object], how: Mapping[str, object]) -> None:
    """Run a class in the operator's name, and tell what came of it."""
    from adapters import settings, wiring
    from adapters.cli.choice import one_book
    from adapters.operator import Operator

    dry = bool(how["dry_run"])
    with wiring.opened(settings.read(_text(how["store"])), _text(how["book"])) as log:
        book = one_book(log, _text(how["book"]))
        done = Operator(log).say(what, book, facts, dry=dry)
    if how["as_json"]:
        emit({"book": book, "dry_run": dry, "code": done.code, **_made(done)})
        return
    if not done.is_news:
        click.echo("it was run to that day already; nothing changes")
        return
    click.echo(f"{what.replace('.', ' ')} of {facts['class']}: {'nothing is kept' if dry else 'done'}")
    for line in _lines(done):
        click.echo(f"  {line}")


def _made(done: Done) -> dict[str, object]:
    """Return what a run led to as a JSON object; those of the three that it did not make are empty."""
    from adapters.cli.collected import charge_told, letter_told, made, statement_told, stream_of
    from projections.collection import CHARGES, LETTERS, STATEMENTS
    from projections.documents import DOCUMENTS

    states = {row.stream: row.state for row in made(DOCUMENTS, done.happened)}
    return {
        "statements": [statement_told(row) for row in made(STATEMENTS, done.happened)],
        "charges": [charge_told(row, states.get(stream_of(row))) for row in made(CHARGES, done.happened)],
        "letters": [letter_told(row) for row in made(LETTERS, done.happened)],
    }


def _lines(done: Done) -> Iterator[str]:
    """Yield how many statements, charges and letters there are, and how much money that is."""
    from adapters.effects import by_reason, total
    from schemas.collected import DunningLetterIssued, StatementIssued

    statements = sum(isinstance(each.event, StatementIssued) for each in done.happened)
    letters = [each.event for each in done.happened if isinstance(each.event, DunningLetterIssued)]
    if statements:
        yield counted(statements, "statement")
    asked: dict[str, int] = {}
    for letter in letters:
        asked[letter.currency] = asked.get(letter.currency, 0) + letter.amount
    if letters:
        yield f"{counted(len(letters), 'letter')}, {amounts(asked)}"
    posted, held = total(done.effect.posted), total(done.effect.held)
    if posted.documents:
        yield f"posted: {counted(posted.documents, 'charge')}, {amounts(posted.amounts)}"
    if held.documents:
        yield f"held: {counted(held.documents, 'charge')}, {amounts(held.amounts)}"
    for code, sums in by_reason(done.effect.held).items():
        yield f"  {code}: {counted(sums.documents, 'charge')}"
    if not (statements or letters or posted.documents or held.documents):
        yield "no account has anything to be told or charged"


@statement.command("list")
@_listing
def list_statements(**wanted: object) -> None:
    """List statements by account and day."""
    from projections.collection import STATEMENTS

    list_rows(STATEMENTS, wanted)


@interest.command("list")
@_listing
def list_charges(**wanted: object) -> None:
    """List charges of interest with their state."""
    from projections.collection import CHARGES

    list_rows(CHARGES, wanted)


@dunning.command("list")
@_listing
def list_letters(**wanted: object) -> None:
    """List dunning letters by account."""
    from projections.collection import LETTERS

    list_rows(LETTERS, wanted)


@statement.command("show")
@click.argument("account")
@click.option("--as-of", metavar="DAY", help="The day of the statement; the latest, when left out.")
@_showing
def show_statement(account: str, as_of: str | None, **how: object) -> None:
    """Show a statement with what is open on it."""
    from projections.collection import STATEMENTS

    show_last(STATEMENTS, {"account": account, **({"as_of": as_of} if as_of else {})}, how)


@interest.command("show")
@click.argument("charge")
@_showing
def show_charge(charge: str, **how: object) -> None:
    """Show what a charge of interest is made of; postgate explain CHARGE tells where it stands."""
    from projections.collection import CHARGES

    show_last(CHARGES, {"charge": charge}, how)


@dunning.command("show")
@click.argument("letter")
@_showing
def show_letter(letter: str, **how: object) -> None:
    """Show a dunning letter with the documents it is about."""
    from projections.collection import LETTERS

    show_last(LETTERS, {"letter": letter}, how)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
