"""Taking in: files of messages through the strict door, for good or as a rehearsal, and the check of a file alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from adapters.cli.options import dry_option, json_option, store_option
from adapters.cli.output import amounts, counted, documents, emit, exact
from adapters.cli.progress import progress
from adapters.errors import CheckFailed, Stopped

if TYPE_CHECKING:
    from adapters.effects import Effect
    from adapters.eventlog.store import Store
    from adapters.ingest import Ingester, Progress
    from engine.handling.transaction import Handled

FAULTS_TOLD_MAX = 100


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...|-")
@store_option
@dry_option
@json_option
def ingest(files: tuple[str, ...], dry_run: bool, as_json: bool, store: str | None) -> None:
    """Take in files of JSON Lines, one CloudEvent a line; `-` reads standard input.

    A file is known by its content: the same file twice changes nothing, and after an interruption the same command goes on
    at the line where it stopped. With --dry-run all files are handled in one transaction that is never committed: nobody
    else can write meanwhile, and the disk needs room for it.
    """
    from adapters import settings, wiring

    with wiring.opened(settings.read(store)) as log, _door(log, dry=dry_run) as door:
        refused = 0
        for path in files:
            taken = take(log, door, path)
            _tell(taken, dry=dry_run, as_json=as_json)
            refused += taken.progress.verdicts["QUARANTINED"]
        if refused and not as_json:
            hint = (
                "would be quarantined: postgate validate FILE shows them"
                if dry_run
                else "in quarantine: postgate quarantine shows them"
            )
            click.echo(f"{counted(refused, 'message')} {hint}", err=True)


@contextmanager
def _door(log: Store, *, dry: bool) -> Iterator[Ingester]:
    from adapters.ingest import Ingester, rehearsal

    if dry:
        with rehearsal(log) as rehearsing:
            yield rehearsing
    else:
        yield Ingester(log)


@dataclass(slots=True)
class Taken:
    """What became of one file."""

    path: str
    source: str
    lines: int
    after: int
    progress: Progress
    effect: Effect


def take(log: Store, door: Ingester, path: str) -> Taken:
    """Take in what is new of a file. Ctrl-C stops between two batches; what was committed stays."""
    from adapters.effects import Effect
    from adapters.files import open_source

    with open_source(path) as source:
        # Asked before anything is parsed, so that a file that was taken in costs no more than its digest.
        after, effect = log.source_position(source.tracking_name), Effect()
        try:
            with progress(source.lines - after, path) as moved:
                done = door.ingest(source.tracking_name, source.messages(after), _telling(effect, moved, after))
        except KeyboardInterrupt:
            kept = log.source_position(source.tracking_name)
            told = f"stopped; {kept:,} of {source.lines:,} lines are kept"
            raise Stopped(path, told, "run the same command again to go on from there") from None
        return Taken(path, source.tracking_name, source.lines, after, done, effect)


def _telling(effect: Effect, moved: Callable[[int], None], after: int) -> Callable[[Handled], None]:
    last = after

    def told(handled: Handled) -> None:
        nonlocal last
        effect.add(handled.happened)
        if handled.receipts:
            moved(handled.receipts[-1].position - last)
            last = handled.receipts[-1].position

    return told


def _tell(taken: Taken, *, dry: bool, as_json: bool) -> None:
    if as_json:
        emit({**summary(taken), "dry_run": dry})
        return
    if not taken.progress.messages:
        click.echo(f"{taken.path}: all {taken.lines:,} lines were taken in before; nothing changes")
        return
    resumed = f", from line {taken.after + 1:,}" if taken.after else ""
    click.echo(f"{taken.path}: {counted(taken.progress.messages, 'message')}{resumed}{', nothing is kept' if dry else ''}")
    for line in effect_lines(taken, dry=dry):
        click.echo(f"  {line}")


def effect_lines(taken: Taken, *, dry: bool) -> Iterator[str]:
    """Yield what became of the messages and what that means for documents, one line each."""
    from adapters.effects import by_reason, total

    for code, count in sorted(taken.progress.codes.items(), key=lambda pair: -pair[1]):
        yield f"{code.lower().replace('_', ' ') if code == 'ACCEPTED' else code:<32}{count:>8,}"
    effect = taken.effect
    would = "would be " if dry else ""
    for word, moves in (
        ("posted", effect.posted),
        ("held", effect.held),
        ("released", effect.released),
        ("taken back", effect.withdrawn),
    ):
        if moves:
            sums = total(moves)
            yield f"{would}{word}: {documents(sums.documents)}, {amounts(sums.amounts)}"
        if word == "held":
            for code, sums in by_reason(moves).items():
                yield f"  {code:<30}{sums.documents:>8,}  {amounts(sums.amounts):>20}"


def summary(taken: Taken) -> dict[str, object]:
    """Return what became of a file as a JSON object."""
    from adapters.effects import Move, by_reason, total

    def told(moves: list[Move]) -> dict[str, object]:
        sums = total(moves)
        return {"documents": sums.documents, "amounts": exact(sums.amounts)}

    effect = taken.effect
    reasons = by_reason(effect.held)
    return {
        "file": taken.path,
        "source": taken.source,
        "lines": taken.lines,
        "after_line": taken.after,
        "messages": taken.progress.messages,
        "verdicts": taken.progress.verdicts,
        "codes": taken.progress.codes,
        "posted": told(effect.posted),
        "held": told(effect.held),
        "held_by_reason": {code: {"documents": sums.documents, "amounts": exact(sums.amounts)} for code, sums in reasons.items()},
        "released": told(effect.released),
        "taken_back": told(effect.withdrawn),
    }


@dataclass(slots=True)
class Checked:
    """What a check of one file found."""

    path: str
    messages: int = 0
    faults: list[dict[str, object]] = field(default_factory=list)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...|-")
@json_option
def validate(files: tuple[str, ...], as_json: bool) -> None:
    """Check files against the contract, line by line, without a store. Exit code 3 when a line would be refused."""
    refused = 0
    for path in files:
        checked = check(path)
        refused += len(checked.faults)
        if as_json:
            for fault in checked.faults:
                emit(fault)
            continue
        for fault in checked.faults[:FAULTS_TOLD_MAX]:
            click.echo(f"{path}:{fault['line']}: {fault['code']}: {fault['message']}")
        if len(checked.faults) > FAULTS_TOLD_MAX:
            click.echo(f"{path}: and {len(checked.faults) - FAULTS_TOLD_MAX:,} more; --json shows all", err=True)
        click.echo(f"{path}: {counted(checked.messages, 'message')}, {len(checked.faults):,} would be refused", err=True)
    if refused:
        raise CheckFailed(
            " ".join(files), f"{counted(refused, 'message')} would be refused", "each line above says what to write instead"
        )


def check(path: str) -> Checked:
    """Read every message of a file as the door would."""
    from adapters.files import open_source
    from schemas.envelope import read_structured
    from schemas.gate import Unreadable

    checked = Checked(path)
    with open_source(path) as source, progress(source.lines, path) as moved:
        last = 0
        for number, raw in source.messages():
            checked.messages += 1
            try:
                read_structured(raw)
            except Unreadable as fault:
                checked.faults.append({"file": path, "line": number, "code": fault.code, "message": fault.message})
            moved(number - last)
            last = number
    return checked
