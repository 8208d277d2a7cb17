"""Progress of long work: a bar on a terminal, silence anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Open a bar on standard error and yield what moves it; without a terminal nothing is written."""
    if length <= 0 or not sys.stderr.isatty():
        yield _silent
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def _silent(_: int) -> None:
    """Show nothing."""
