"""Options that many commands share, so that one word means one thing everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])

ROWS_SHOWN = 50


def store_option(command: F) -> F:
    """Add --store: where everything is kept."""
    told = "The store, such as sqlite:///postgate.db (the default).  [POSTGATE_STORE]"
    return click.option("--store", metavar="URL", help=told)(command)


def json_option(command: F) -> F:
    """Add --json: the same facts for a program."""
    told = "Print JSON: one object a line for lists. Amounts are decimal text."
    return click.option("--json", "as_json", is_flag=True, help=told)(command)


def book_option(command: F) -> F:
    """Add --book: the set of accounts."""
    return click.option("--book", metavar="BOOK", help="The book; may be left out where the store has only one.")(command)


def every_book_option(command: F) -> F:
    """Add --book as a filter."""
    return click.option("--book", metavar="BOOK", help="Only this book.")(command)


def limit_option(command: F) -> F:
    """Add --limit: how many rows."""
    told = f"At most this many rows, 0 for all.  [default: {ROWS_SHOWN}, or all with --json]"
    return click.option("--limit", type=click.IntRange(min=0), metavar="N", help=told)(command)


def dry_option(command: F) -> F:
    """Add --dry-run: the effect, with nothing kept."""
    return click.option("--dry-run", is_flag=True, help="Say what would happen and keep nothing.")(command)


def as_of_option(command: F) -> F:
    """Add --as-of: a moment of the past."""
    told = "As things stood at a position of the log, or at a time such as 2026-01-31T13:45:00Z."
    return click.option("--as-of", metavar="POSITION|TIME", help=told)(command)
