"""The command `postgate`: data on standard output, everything else on standard error, an exit code that means something."""

from adapters.cli.main import main

__all__ = ["main"]
