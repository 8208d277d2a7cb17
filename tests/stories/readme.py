"""The transcripts in the documents: each command is run as it stands, and what it really prints is put below it.

    python -m tests.stories.readme      writes the documents anew from what the commands print today

A block of `console` holds commands after `$` and their output. A block of `sh` is run too, and its output is not shown.
Blocks marked `not-run` install something or need a file that is not here; one marked `kafka` needs a broker, and
test_readme_kafka runs it. What differs on every machine is replaced by
a placeholder that the document explains.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "adapters/README.md")
SECONDS_MAX = 120

_FENCE = re.compile(r"```(console|sh)")
_END = "\N{INFORMATION SEPARATOR TWO}"
_ENDED = re.compile(f"{_END}(\\d+){_END}\n")
_DIFFERING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"(?<=chain ends at )[0-9a-f]{64}"), "<hash>"),
    (re.compile(r"(?<=operator:)[0-9a-f-]{36}"), "<id>"),
    (re.compile(r"(?<=postgate-demo-)\w+"), "<name>"),
)


class Failed(Exception):
    """A command of a document did not end well."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block that is run: the lines between its fences, and whether it shows output."""

    first: int
    last: int
    shows_output: bool
    commands: tuple[str, ...]


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a document that are run, in order."""
    ends = iter([number for number, line in enumerate(lines) if line.startswith("```")])
    for fence in ends:
        last = next(ends)
        kind = _FENCE.fullmatch(lines[fence])
        if kind is None:
            continue
        inside = lines[fence + 1 : last]
        shows = kind[1] == "console"
        prompted = tuple(line[2:] for line in inside if line.startswith("$ "))
        yield Block(fence + 1, last, shows, prompted if shows else ("\n".join(inside),))


def rerun(text: str, folder: Path) -> str:
    """Return a document with what its commands print when they are run in an empty folder. Raises Failed."""
    lines = text.splitlines()
    found = list(blocks(lines))
    commands = [command for block in found for command in block.commands]
    outputs = iter(_outputs(commands, folder))
    result, done = [], 0
    for block in found:
        printed = [(command, next(outputs)) for command in block.commands]
        result += lines[done : block.first]
        if block.shows_output:
            result += [line for command, output in printed for line in (f"$ {command}", *output.splitlines())]
        else:
            result += lines[block.first : block.last]
        done = block.last
    return "\n".join([*result, *lines[done:]]) + "\n"


def _outputs(commands: Sequence[str], folder: Path) -> list[str]:
    """Run commands one after the other in one shell, as a person would, and return what each printed."""
    _install(folder)
    script = folder / "script.sh"
    script.write_text("".join(f"{command}\nprintf '\\036%d\\036\\n' $?\n" for command in commands), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTGATE_")}
    home = folder / "home"
    done = subprocess.run(
        ["bash", script],
        cwd=home,
        env={**kept, "PYTHONPATH": str(ROOT), "TMPDIR": str(home), "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS_MAX,
        check=False,
    )
    pieces = _ENDED.split(done.stdout.decode())
    for command, output, code in zip(commands, pieces[::2], pieces[1::2], strict=False):
        if code != "0":
            raise Failed(f"{command}\nended with exit code {code}:\n{output}")
    if len(pieces) != 2 * len(commands) + 1:
        raise Failed(f"the shell stopped after {len(pieces) // 2} of {len(commands)} commands: {pieces[-1]}")
    return [_without_differing(output, home).rstrip("\n") for output in pieces[:-1:2]]


def _install(folder: Path) -> None:
    """Put `postgate` and `python` where a fresh clone has them after installation, running what is tested here."""
    programs = folder / "home" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, arguments in (("postgate", "-c 'from adapters.cli import main; main()'"), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n', encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


def _without_differing(output: str, home: Path) -> str:
    for place in (str(home), str(home.resolve())):
        output = output.replace(place, "<folder>")
    for differing, placeholder in _DIFFERING:
        output = differing.sub(placeholder, output)
    return output


def main() -> None:
    """Write the documents anew."""
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            real = rerun(text, Path(folder))
        path.write_text(real, encoding="utf-8")
        sys.stdout.write(f"{name}: {'as it was' if real == text else 'written anew'}\n")


if __name__ == "__main__":
    main()
