"""Read-back on the command line: what the topics have against what the log says, and what was missing said again."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from adapters.cli.output import emit, table
from adapters.cli.progress import progress
from adapters.errors import CheckFailed

if TYPE_CHECKING:
    from adapters.kafka.readback import Comparison
    from adapters.settings import Settings

_WORDS = (
    ("expected", "messages the log tells"),
    ("read", "messages on the topics"),
    ("missing", "missing on the topics"),
    ("differing", "with other bytes than the log gives them"),
    ("unknown", "of this store, and not in its log"),
    ("foreign", "not written by Postgate"),
    ("elsewhere", "of other stores"),
    ("doubled", "said again with the same bytes"),
    ("disordered", "after what the log has behind them"),
    ("resent", "missing, and said again now"),
    ("too_large", "missing, and larger than the broker takes"),
)
_ALWAYS = ("expected", "read", "missing")


def read_back(in_force: Settings, book: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Compare, mend unless it is a dry run, and tell. Raises CheckFailed when something is, or was, not as the log says."""
    from adapters import wiring
    from adapters.kafka.readback import ReadBack

    with wiring.opened(in_force, book) as log:
        reader = ReadBack(in_force.kafka, log)
        # Both sides are read once; nearly every record of the log has a message.
        with progress(2 * log.head(), "reading") as moved:
            found = reader.compare(moved) if dry_run else reader.mend(moved)
    if as_json:
        emit({**asdict(found), "dry_run": dry_run, "ok": not found.is_wrong})
    else:
        click.echo(text(found))
    if found.is_wrong:
        raise CheckFailed("reconcile --topic", summary(found), remedy(found, dry_run=dry_run))


def text(found: Comparison) -> str:
    """Return a comparison as people read it."""
    counts = asdict(found)
    rows = [[told, f"{counts[name]:,}"] for name, told in _WORDS if counts[name] or name in _ALWAYS]
    lines = [table(rows, [f"position {found.position:,}", "messages "]), *(f"WRONG  {told}" for told in found.samples)]
    if not found.is_wrong:
        lines.append("ok  every message that the log tells stands on its topic, and nothing else")
    return "\n".join(lines)


def summary(found: Comparison) -> str:
    """Return what is wrong in one line."""
    counts = asdict(found)
    wrong = ("missing", "differing", "unknown", "foreign", "resent", "too_large")
    return ", ".join(f"{counts[name]:,} {told}" for name, told in _WORDS if name in wrong and counts[name])


def remedy(found: Comparison, *, dry_run: bool) -> str:
    """Return what to do about it."""
    if found.too_large:
        return "raise max.message.bytes of the topic, then run it again"
    if found.differing or found.unknown or found.foreign:
        return "find out who else writes there, or whether the store was restored from a backup"
    if dry_run:
        return "run it without --dry-run to say them again"
    return "nothing more: they stand there now; find out who truncated the topic"
