"""Simulating on the command line: what another class, mapping, policy or rulebook would have done with a book's history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from adapters.cli.options import book_option, json_option, limit_option, store_option
from adapters.cli.output import amounts, counted, emit, exact, show
from adapters.cli.output import documents as counted_documents
from adapters.cli.progress import progress
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.changes import Changes
    from adapters.outcomes import Difference
    from adapters.simulation import Simulation

CUSTOMERS_SHOWN = 10
COLUMNS = (
    ("document", "document"),
    ("version ", "version"),
    ("amount ", "gross"),
    ("", "currency"),
    ("change", "change"),
    ("reasons", "codes"),
)


@click.command()
@click.option("--with", "path", metavar="FILE|-", help="Messages that would have been said instead: classes, mappings, the book.")
@click.option("--policy", "policies", multiple=True, metavar="NAME=VALUE", help="Another policy of the book; may be repeated.")
@click.option("--class", "classes", multiple=True, metavar="CLASS.FIELD=VALUE", help="Another field of a class; may be repeated.")
@click.option("--rulebook", metavar="VERSION", help="The rulebook to decide by; this release has one.")
@click.option("--from", "day", metavar="DAY", help="Change what is said from this day on; without it, from the beginning.")
@click.option("--documents", "one_by_one", is_flag=True, help="List the documents that would stand otherwise.")
@book_option
@limit_option
@json_option
@store_option
def simulate(path: str | None, day: str | None, rulebook: str | None, one_by_one: bool, book: str | None, **how: object) -> None:
    """Replay a book's history under changed rules, and print what would have been posted or held otherwise.

    A message of the file takes the place of those that were said about the same: a version of a class, or the class altogether;
    the mapping of a kind and key; the class of an account; the book with its policies. Nothing is written to the store.
    """
    from adapters import settings, wiring
    from adapters.cli.choice import one_book
    from adapters.simulation import Simulation

    _refuse_rulebook(rulebook)
    with wiring.opened(settings.read(_text(how["store"])), book) as log:
        named = one_book(log, book)
        simulation = Simulation(log, named, _changes(named, path, day, how))
        with progress(log.head(), "simulating") as moved:
            simulation.run(moved)
    found = simulation.differences()
    limit = how["limit"] if isinstance(how["limit"], int) else None
    if one_by_one:
        show((told(each) for each in found), COLUMNS, as_json=bool(how["as_json"]), limit=limit, none="nothing would differ")
    elif how["as_json"]:
        emit(summary(named, simulation, found))
    else:
        _tell(simulation, found, CUSTOMERS_SHOWN if limit is None else limit)


def _refuse_rulebook(asked: str | None) -> None:
    from engine.firewall.rulebook import RULEBOOK

    if asked is not None and asked != RULEBOOK:
        told = "run simulate of the release that has it, on a copy of the store"
        raise NotFound(asked, f"this release has rulebook {RULEBOOK}", told)


def _changes(book: str, path: str | None, day: str | None, how: dict[str, object]) -> Changes:
    from adapters import changes

    fields: dict[str, dict[str, object]] = {}
    for class_, name, value in map(changes.class_field, _texts(how["classes"])):
        fields.setdefault(class_, {})[name] = value
    return changes.Changes(
        said=changes.changed_messages(path, book) if path else (),
        policies=dict(map(changes.policy, _texts(how["policies"]))),
        fields=fields,
        since=changes.beginning(day) if day else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(values: object) -> Sequence[str]:
    return [str(value) for value in values] if isinstance(values, tuple) else []


def told(each: Difference) -> dict[str, object]:
    """Return one version of a document that would stand otherwise."""
    from schemas.values import major

    _, noun, key = each.stream.split("|", 2)
    known = each.known
    return {
        noun: key,
        "document": key if noun == "document" else f"{noun}:{key}",
        "version": each.version,
        "kind": known.kind,
        "currency": known.currency,
        "gross": major(known.gross, known.currency),
        "customer": known.customer,
        "change": each.change,
        "before": {"state": each.before.state or None, "account": each.before.account, "reasons": list(each.before.codes)},
        "after": {"state": each.after.state or None, "account": each.after.account, "reasons": list(each.after.codes)},
        "codes": list(each.reasons),
    }


def summary(book: str, simulation: Simulation, found: Sequence[Difference]) -> dict[str, object]:
    """Return the whole result as a JSON object."""
    return {
        "book": book,
        "messages": simulation.messages,
        "documents": len(simulation.simulated.standings),
        "different": len(found),
        "changes": [_group("change", *pair) for pair in groups((each.change, each) for each in found)],
        "reasons": [_group("reason", *pair) for pair in groups((code, each) for each in found for code in each.reasons)],
        "customers": [_group("customer", *pair) for pair in groups((_customer(each), each) for each in found)],
    }


def _customer(each: Difference) -> str:
    return each.known.customer or "none named"


def _group(name: str, key: str, differences: Sequence[Difference]) -> dict[str, object]:
    return {name: key, "documents": len(differences), "amounts": exact(total(differences))}


def groups(pairs: Iterable[tuple[str, Difference]]) -> list[tuple[str, list[Difference]]]:
    """Return differences by a name, the most frequent first."""
    found: dict[str, list[Difference]] = {}
    for name, each in pairs:
        found.setdefault(name, []).append(each)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def total(differences: Iterable[Difference]) -> dict[str, int]:
    """Add up documents by currency."""
    sums: dict[str, int] = {}
    for each in differences:
        sums[each.known.currency] = sums.get(each.known.currency, 0) + each.known.gross
    return sums


def _tell(simulation: Simulation, found: Sequence[Difference], shown: int) -> None:
    heard = counted(simulation.messages, "message")
    click.echo(f"{heard} heard again, {counted_documents(len(simulation.simulated.standings))} judged anew, nothing is kept")
    if not found:
        click.echo("nothing would differ")
        return
    for heading, pairs in (
        ("change", groups((each.change, each) for each in found)),
        ("reason", groups((code, each) for each in found for code in each.reasons)),
        ("customer", groups((_customer(each), each) for each in found)),
    ):
        rows = [{heading: name, "documents": len(each), "worth": amounts(total(each))} for name, each in pairs]
        most = shown if heading == "customer" else 0
        if rows:
            columns = ((heading, heading), ("documents ", "documents"), ("amount ", "worth"))
            show(rows, columns, as_json=False, limit=most)
