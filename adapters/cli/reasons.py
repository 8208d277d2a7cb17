"""Reasons on the command line: the catalogue of what holds documents and refuses messages, each with messages that make it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from adapters.cli.options import json_option, limit_option
from adapters.cli.output import emit, show
from adapters.errors import NotFound

if TYPE_CHECKING:
    from engine.firewall.catalogue import Entry

SEVERITIES = ("HOLD", "WAIT", "EXCLUDE", "WARN", "REJECT", "REFUSED")
WIDTH = 77
SHOWN_CHARACTERS_MAX = 300
COLUMNS = (("code", "code"), ("row", "rows"), ("severity", "severities"), ("released", "overridable"), ("rule", "meaning"))


@click.command()
@click.argument("code", required=False)
@click.option(
    "--severity", type=click.Choice(SEVERITIES, case_sensitive=False), help="Only codes this strong; REFUSED are of messages."
)
@click.option("--releasable", is_flag=True, help="Only reasons that somebody who answers for it may release.")
@click.option("--example", "as_example", is_flag=True, help="Print the messages that make CODE, to be taken into an empty store.")
@limit_option
@json_option
def reasons(code: str | None, severity: str | None, releasable: bool, as_example: bool, limit: int | None, as_json: bool) -> None:
    """List every reason, or show one whole, with messages that make it. It needs no store.

    `postgate reasons CODE --example | postgate ingest -` makes that very reason in an empty store.
    """
    from engine.firewall.catalogue import catalogue

    known = catalogue()
    if code is None:
        if as_example:
            raise NotFound("CODE", "is missing: an example is of one reason", "name one that postgate reasons lists")
        chosen = (each for each in known.values() if severity is None or severity.upper() in each.severities)
        rows = (told(each) for each in chosen if each.overridable or not releasable)
        show(rows, COLUMNS, as_json=as_json, limit=limit, none="no such reason")
        return
    entry = known.get(code.upper())
    if entry is None:
        raise NotFound(code, "is no reason of this release", "look at postgate reasons --limit 0")
    if as_example:
        click.echo(_asked(entry), nl=False)
    elif as_json:
        emit({**told(entry), "example": example(entry.code).decode("utf-8", "backslashreplace").splitlines()})
    else:
        click.echo("\n".join(text(entry)))


def example(code: str) -> bytes:
    """Return the messages that make a code as JSON Lines, nothing where no message does."""
    path = files("adapters") / "reasons" / f"{code}.jsonl"
    return path.read_bytes() if path.is_file() else b""


def _asked(entry: Entry) -> bytes:
    found = example(entry.code)
    if not found:
        raise NotFound(entry.code, "has no example: no message is known to make it", "postgate reasons shows what it means")
    return found


def told(entry: Entry) -> dict[str, object]:
    """Return an entry as a JSON object."""
    return {
        "code": entry.code,
        "rows": list(entry.rows),
        "severities": list(entry.severities),
        "overridable": entry.overridable,
        "released_by": entry.released_by,
        "meaning": " ".join(entry.meanings),
        "remedies": list(entry.remedies),
    }


def text(entry: Entry) -> Iterator[str]:
    """Yield one entry as people read it."""
    rows = f", rulebook {', '.join(entry.rows)}" if entry.rows else ""
    yield f"{entry.code}{rows}"
    for name, lines in (
        ("severity", [", ".join(entry.severities)]),
        ("rule", entry.meanings),
        ("released", [entry.released_by]),
        ("remedy", entry.remedies),
    ):
        for line in lines:
            yield from wrap(line, WIDTH, initial_indent=f"{name:<11}", subsequent_indent=" " * 11, break_on_hyphens=False)
    messages = example(entry.code).decode("utf-8", "backslashreplace").splitlines()
    if not messages:
        yield "example    none: no message is known to make it"
        return
    yield f"example    postgate reasons {entry.code} --example | postgate ingest -"
    for message in messages:
        yield f"  {message if len(message) <= SHOWN_CHARACTERS_MAX else f'{message[:SHOWN_CHARACTERS_MAX]}…'}"
