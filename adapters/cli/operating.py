"""The operator's commands: each is a fact of its own that goes through the door, or shows what it would do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from adapters.cli.options import book_option, dry_option, json_option, store_option
from adapters.cli.output import amount, amounts, counted, documents, emit, exact
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.effects import Effect, Move
    from adapters.eventlog.store import Store
    from adapters.operator import Done, Operator
    from projections.projection import R, View

RELEASED_SHOWN = 20
REQUEUE_FAILED = "each message above says why; correct it at its source, or upgrade"


@click.command()
@click.argument("customer")
@click.argument("account")
@click.option("--from", "effective_from", metavar="DAY", help="Only for documents dated from this day on.")
@click.option("--by", metavar="NAME", help="Who says so; a book with four eyes has others release.")
@book_option
@dry_option
@json_option
@store_option
def link(customer: str, account: str, effective_from: str | None, by: str | None, **how: object) -> None:
    """Let an operational customer owe through an account customer; what waited for it is released."""

    def said(operator: Operator, log: Store, book: str, dry: bool) -> Done:
        from projections.parties import ACCOUNTS, CUSTOMERS

        _note(log, CUSTOMERS, {"book": book, "customer": customer}, f"customer {customer} was never registered")
        _note(log, ACCOUNTS, {"book": book, "account": account}, f"account {account} was never opened")
        made = {"customer": customer, "account": account, "effective_from": effective_from, "by": by}
        return operator.link(book, made, dry=dry)

    do(said, f"link {customer} to {account}", how)


@click.command()
@click.argument("customer")
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
@book_option
@dry_option
@json_option
@store_option
def unlink(customer: str, reason: str | None, **how: object) -> None:
    """Take a customer's link away; what was posted stays, what comes from now on is held."""

    def said(operator: Operator, _: Store, book: str, dry: bool) -> Done:
        return operator.unlink(book, customer, reason, dry=dry)

    do(said, f"unlink {customer}", how)


@click.command()
@click.argument("account")
@click.argument("class_", metavar="CLASS")
@click.option("--by", metavar="NAME", help="Who says so; a book with four eyes has others release.")
@book_option
@dry_option
@json_option
@store_option
def classify(account: str, class_: str, by: str | None, **how: object) -> None:
    """Give an account customer the posting rules of a class; what waited for it is released."""

    def said(operator: Operator, log: Store, book: str, dry: bool) -> Done:
        from projections.parties import ACCOUNTS, CLASSES

        _note(log, ACCOUNTS, {"book": book, "account": account}, f"account {account} was never opened")
        _note(log, CLASSES, {"book": book, "class_": class_}, f"class {class_} was never defined")
        return operator.say("class.assigned", book, {"account": account, "class": class_, "by": by}, dry=dry)

    do(said, f"classify {account} as {class_}", how)


@click.command()
@click.argument("document")
@click.option("--reason", "reasons", multiple=True, required=True, metavar="CODE", help="A reason to let pass; may be repeated.")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--role", required=True, metavar="ROLE", help="In which role.")
@click.option("--note", required=True, metavar="TEXT", help="Why it is right.")
@book_option
@dry_option
@json_option
@store_option
def release(document: str, reasons: tuple[str, ...], by: str, role: str, note: str, **how: object) -> None:
    """Let the version in force of a held document pass reasons that may be overridden."""

    def said(operator: Operator, log: Store, book: str, dry: bool) -> Done:
        version, named = in_force(log, document, book)
        codes = [code.upper() for code in reasons]
        grant = {"document": named, "version": version, "reasons": codes, "by": by, "role": role, "note": note}
        return operator.release(book, grant, dry=dry)

    do(said, f"release {document}", how)


def _note(log: Store, view: View[R], key: dict[str, str], told: str) -> None:
    """Point out a name that nobody announced: facts may come in any order, so it is no fault, but it may be a slip."""
    with log.reading() as views:
        if not any(views.find(view, key, limit=1)):
            click.echo(f"note: {told} in book {key['book']}", err=True)


def in_force(log: Store, document: str, book: str) -> tuple[int, str]:
    """Return the version in force of a document, and its name in a release."""
    from adapters.cli.choice import document_stream
    from projections.documents import DOCUMENTS

    stream = document_stream(log, document, book)
    _, noun, key = stream.split("|")
    with log.reading() as views:
        standing = [
            row.version for row in views.find(DOCUMENTS, {"stream": stream}) if row.state not in ("CANCELLED", "REVERSED")
        ]
    # Versions that wait for their predecessors are higher than the one in force.
    return min(standing, default=1), key if noun == "document" else f"{noun}:{key}"


def do(said: Callable[[Operator, Store, str, bool], Done], what: str, how: dict[str, object]) -> None:
    """Say something in the operator's name, and tell its effect; `how` holds the options that every such command has."""
    from adapters import settings, wiring
    from adapters.cli.choice import one_book
    from adapters.operator import Operator

    dry = bool(how["dry_run"])
    with wiring.opened(settings.read(_text(how["store"])), _text(how["book"])) as log:
        book = one_book(log, _text(how["book"]))
        done = said(Operator(log), log, book, dry)
    if how["as_json"]:
        emit({"book": book, "dry_run": dry, "code": done.code, **told(done.effect)})
        return
    if not done.is_news:
        click.echo(f"{what}: it is so already; nothing changes")
        return
    click.echo(f"{what}: {'nothing is kept' if dry else 'done'}")
    if done.effect.released or not what.startswith("unlink"):
        tell(done.effect, dry=dry)


def told(effect: Effect) -> dict[str, object]:
    """Return an effect as a JSON object."""
    from adapters.effects import total
    from schemas.values import major

    sums = total(effect.released)
    return {
        "released": [
            {
                "document": move.stream.split("|")[2],
                "currency": move.decided.currency,
                "gross": major(move.decided.gross, move.decided.currency),
            }
            for move in effect.released
        ],
        "documents": sums.documents,
        "amounts": exact(sums.amounts),
    }


def tell(effect: Effect, *, dry: bool) -> None:
    """Print what was released, or would be."""
    from adapters.effects import total

    sums = total(effect.released)
    word = "would release" if dry else "released"
    click.echo(f"{word} {documents(sums.documents)}{f', {amounts(sums.amounts)}' if sums.documents else ''}")
    for move in effect.released[:RELEASED_SHOWN]:
        click.echo(f"  {_line(move)}")
    if sums.documents > RELEASED_SHOWN:
        click.echo(f"  and {sums.documents - RELEASED_SHOWN:,} more")


def _line(move: Move) -> str:
    event = move.decided
    return f"{move.stream.split('|')[2]:<24} {event.business_date} {amount(event.gross, event.currency):>14} {event.currency}"


@click.command()
@click.argument("locators", nargs=-1, metavar="LOCATOR...")
@click.option("--all", "every", is_flag=True, help="Every message in quarantine.")
@click.option("--code", metavar="CODE", help="Only messages refused for this code.")
@dry_option
@json_option
@store_option
def requeue(locators: tuple[str, ...], every: bool, code: str | None, dry_run: bool, as_json: bool, store: str | None) -> None:
    """Offer quarantined messages again, as after an upgrade; those that are still refused stay, and the exit code is 5."""
    from adapters import settings, wiring
    from adapters.effects import Effect
    from adapters.operator import Operator, quarantined
    from engine.errors import Refused

    if bool(locators) == every:
        raise NotFound("LOCATOR", "name the messages, or --all", "postgate quarantine lists them")
    effect, taken, last = Effect(), 0, None
    with wiring.opened(settings.read(store)) as log:
        chosen = quarantined(log, locators, code)
        for kept in chosen:
            try:
                done = Operator(log).requeue(kept, dry=dry_run)
            except Refused as refused:
                last = refused
                _requeued(kept.locator, refused.code, str(refused), as_json=as_json)
                continue
            taken += 1
            effect.join(done.effect)
            _requeued(kept.locator, done.code, "would be taken" if dry_run else "taken", as_json=as_json)
    if not as_json:
        click.echo(f"{taken:,} of {counted(len(chosen), 'message')} {'would be ' if dry_run else ''}taken")
        tell(effect, dry=dry_run)
    if last is not None:
        raise Refused(last.code, f"{counted(len(chosen) - taken, 'message')} in quarantine", REQUEUE_FAILED)


def _requeued(locator: str, code: str, said: str, *, as_json: bool) -> None:
    if as_json:
        emit({"locator": locator, "code": code, "message": said})
    else:
        click.echo(f"{locator}: {said}")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
