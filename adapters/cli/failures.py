"""How a command fails: the one place where an error becomes a line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from types import TracebackType

import click

from adapters.errors import EdgeError
from adapters.files import FileUnreadable
from engine.errors import Conflict, Corrupt, PostgateError, Refused

EXPECTED = (
    click.ClickException,
    click.exceptions.Exit,
    click.Abort,
    KeyboardInterrupt,
    OSError,
    EdgeError,
    FileUnreadable,
    PostgateError,
)
"""What may end a command; anything else is a fault of ours."""

UNEXPECTED, USAGE, CHECK_FAILED, UNREACHABLE, REFUSED, STOPPED, PIPE_CLOSED = 1, 2, 3, 4, 5, 130, 141


def ended(error: BaseException) -> int:
    """Say what ended a command, with its remedy, and return the exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case BrokenPipeError():
            _give_output_up()  # The reader has what it wanted.
            return PIPE_CLOSED
        case click.ClickException():
            error.show()
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            return _told("stopped", STOPPED)
        case EdgeError():
            return _told(str(error), error.exit_code)
        case FileUnreadable():
            return _told(str(error), UNREACHABLE)
        case Refused():
            return _told(f"refused: {error}", REFUSED)
        case Corrupt():
            return _told(f"{error}; run postgate verify, and restore the store from a backup", CHECK_FAILED)
        case Conflict():
            return _told(f"{error}; run the command again", UNEXPECTED)
        case OSError():
            if error.filename is None:
                _give_output_up()
            return _told(
                f"{error.filename or 'standard output'}: {error.strerror or error}; check the disk and the permissions",
                UNREACHABLE,
            )
    return _told(f"{error}", UNEXPECTED)


def _give_output_up() -> None:
    """Python flushes what is left at the end, and would end with a code of its own when that fails: give it nowhere to fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(line: str, code: int) -> int:
    click.echo(f"postgate: {line}", err=True)
    return code


def hide_tracebacks(*, debug: bool) -> None:
    """Let what nobody expected end with one line that says what to report, exit code 1; with `debug`, show where it came from."""
    sys.excepthook = sys.__excepthook__ if debug else _unexpected


def _unexpected(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    place = ""
    while traceback is not None:
        place = f"{traceback.tb_frame.f_code.co_qualname}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    told = f"unexpected {kind.__name__} in {place}: {error}"
    _told(f"{told}; this is our fault: report this line and the output of postgate --debug with the same command", UNEXPECTED)
