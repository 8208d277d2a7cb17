"""Versions on the command line: what was said of one document, time after time, and what each said differently (P3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import click

from adapters.cli.options import ROWS_SHOWN
from adapters.cli.output import emit

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from engine.record import Happened

UNSAID = ("version",)
"""Fields that differ between versions by their nature."""


def show_versions(log: Store, document: str, book: str | None, *, limit: int | None, as_json: bool) -> None:
    """Print what was said of a document or payment, oldest first, each with what changed: field, old, new, by whom and when."""
    from adapters.auditing import histories
    from adapters.cli.choice import document_stream

    told = list(_told(histories(log, [document_stream(log, document, book)], log.head())))
    most = limit if limit is not None else 0 if as_json else ROWS_SHOWN
    for each in islice(told, most or None):
        if as_json:
            emit(each)
        else:
            click.echo("\n".join(_lines(each)))
    if most and len(told) > most:
        click.echo(f"the first {most}; --limit 0 shows all", err=True)


def _told(history: Sequence[Happened]) -> Iterator[dict[str, object]]:
    """Yield each fact about a document, with how it differs from what was said before it."""
    from adapters import clock

    before: dict[str, str] = {}
    for happened in history:
        if not happened.is_fact:
            continue
        dumped = happened.event.model_dump(by_alias=True, exclude_unset=True)
        said = {path: value for path, value in _fields(dumped) if path not in UNSAID}
        yield {
            "document": happened.key,
            "said": happened.kind.partition(".")[0],
            "version": dumped.get("version"),
            "at": clock.text(happened.cause.at),
            "by": str(dumped.get("by") or happened.cause.actor),
            "changes": _changes(before, said) if before and "lines" in dumped else [],
        }
        before = said if "lines" in dumped else before


def _changes(before: Mapping[str, str], said: Mapping[str, str]) -> list[dict[str, str | None]]:
    """Return the fields that differ, each with what it was and what it is."""
    paths = dict.fromkeys((*before, *said))
    return [
        {"field": path, "old": before.get(path), "new": said.get(path)} for path in paths if before.get(path) != said.get(path)
    ]


def _fields(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every field of what was said with its place, such as `lines[1].net`."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _fields(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from _fields(part, f"{path}[{number}]")
    else:
        yield path, str(value)


def _lines(told: Mapping[str, object]) -> Iterator[str]:
    """Yield a fact as people read it: a heading, and one line for each field that changed."""
    version = f" version {told['version']}" if told["version"] is not None else ""
    yield f"{told['at']}  {told['said']}{version}  by {told['by']}"
    changes = told["changes"]
    for change in changes if isinstance(changes, list) else ():
        yield f"  {change['field']}: {change['old'] or '(nothing)'} -> {change['new'] or '(nothing)'}"
