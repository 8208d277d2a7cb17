"""Proof on the command line: history read once more, rebuilt and compared, decided again, and its chain recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adapters.cli.options import as_of_option, json_option, store_option
from adapters.cli.output import amounts, counted, emit, exact, table
from adapters.cli.progress import progress
from adapters.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.audit.recheck import Fault
    from projections.memory import MemoryViews

FAULTS_SHOWN = 100


@click.command()
@as_of_option
@store_option
@json_option
def replay(as_of: str | None, as_json: bool, store: str | None) -> None:
    """Rebuild every view in memory and compare it with what stands; or show where documents stood at a moment."""
    from adapters import auditing, settings, wiring
    from adapters.cli.choice import position

    with wiring.opened(settings.read(store)) as log:
        until = position(log, as_of)
        with progress(until, "replaying") as moved:
            views = auditing.replay(log, until, moved)
        # What was written meanwhile would look like a difference.
        compared = as_of is None and log.head() == until
        faults = auditing.differences(log, views) if compared else []
    states = totals(views)
    if as_json:
        told = {state: {"documents": count, "amounts": exact(sums)} for state, (count, sums) in states.items()}
        emit({"position": until, "states": told, "compared": compared, "faults": [_told(fault) for fault in faults]})
    else:
        click.echo(f"position {until:,}")
        rows = [[state, f"{count:,}", amounts(sums)] for state, (count, sums) in states.items()]
        click.echo(table(rows, ["state", "documents ", "amount "]) if rows else "no documents yet")
        _list(faults)
        if compared and not faults:
            click.echo("the views that stand are the same")
        elif as_of is None and not compared:
            click.echo("another process wrote meanwhile, so nothing was compared; run it again", err=True)
    if faults:
        raise CheckFailed(
            "replay",
            f"{len(faults):,} rows differ",
            "postgate rebuild --all makes the views anew; postgate verify checks history",
        )


def totals(views: MemoryViews) -> dict[str, tuple[int, dict[str, int]]]:
    """Return how many document versions are in each state, and their gross by currency."""
    from projections.documents import DOCUMENTS

    states: dict[str, tuple[int, dict[str, int]]] = {}
    for row in views.rows(DOCUMENTS):
        count, sums = states.get(row.state, (0, {}))
        sums[row.currency] = sums.get(row.currency, 0) + row.gross
        states[row.state] = (count + 1, sums)
    return dict(sorted(states.items()))


@click.command()
@store_option
@json_option
def verify(as_json: bool, store: str | None) -> None:
    """Recompute chain, decisions and views from the stored bytes. Exit code 3 when anything differs."""
    from adapters import auditing, settings, wiring

    with wiring.opened(settings.read(store)) as log:
        with progress(log.head(), "verifying") as moved:
            found = auditing.verify(log, moved)
        with log.querying() as cursor:
            cursor.execute("SELECT book, sequence, link FROM heads ORDER BY book")
            heads = [(str(row[0]), int(row[1]), bytes(row[2]).hex()) for row in cursor.fetchall()]
    if as_json:
        ends = [{"book": book, "records": sequence, "link": link} for book, sequence, link in heads]
        told = [_told(fault) for fault in found.faults]
        counts = {"records": found.records, "decisions": found.decisions, "earlier": dict(found.earlier), "books": found.books}
        emit({**counts, "heads": ends, "faults": told})
    else:
        click.echo(f"{found.records:,} records, {found.decisions:,} decisions made again, {counted(found.books, 'book')}")
        for rulebook, count in sorted(found.earlier.items()):
            click.echo(f"{counted(count, 'decision')} of rulebook {rulebook} as recorded: only its release makes them again")
        for book, sequence, link in heads:
            click.echo(f"book {book}: {sequence:,} records, chain ends at {link}")
        _list(found.faults)
        if not found.faults:
            click.echo("nothing differs")
    if found.faults:
        told_first = f"{len(found.faults):,} faults, the first at position {found.faults[0].position}"
        raise CheckFailed(
            "verify", told_first, "keep the file as it is, restore the last backup that verifies, and compare the two"
        )


def _list(faults: Sequence[Fault]) -> None:
    for fault in faults[:FAULTS_SHOWN]:
        click.echo(f"position {fault.position}: {fault.code}: {fault.message}")
    if len(faults) > FAULTS_SHOWN:
        click.echo(f"and {len(faults) - FAULTS_SHOWN:,} more; --json shows all", err=True)


def _told(fault: Fault) -> dict[str, object]:
    return {"position": fault.position, "code": fault.code, "message": fault.message}
