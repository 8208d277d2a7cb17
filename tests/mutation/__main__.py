"""Runs the tests on every mutant, each in a process of its own, and tells which none of them saw.

python -m tests.mutation                                     all of engine/firewall and engine/journal
python -m tests.mutation engine/firewall/credit.py --jobs 1  one module
python -m tests.mutation --part 2/4                          every fourth mutant, beginning with the second
python -m tests.mutation --without tests/rules/test_days.py  leave tests out, of a file or one by its name
python -m tests.mutation --only tests/rules/test_rules.py    these tests alone, to be quick: what they see the others need not
python -m tests.mutation --leave-red-out                     leave out whatever fails without a mutant
python -m tests.mutation --in posting_period --killers       the mutants of one function, and what saw each
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest

from tests.mutation.mutants import mutants
from tests.mutation.trial import NEVER, ROOT, Loaded, Notes, Place, Planted, Watch, apart, attempt, changed, heard

SCOPE = ("engine/firewall", "engine/journal")
TESTS = (
    "tests/rules",
    "tests/goldens/test_golden_numbers.py",
    "tests/edges",
    "tests/decisions",
    "tests/properties/test_findings.py",
)

SEEN = 3
"""How a process ends that was read anew, when a test failed in it."""


class Asked(argparse.Namespace):
    """What to run, and how."""

    paths: Sequence[str]
    jobs: int
    part: str
    only: Sequence[str]
    without: Sequence[str]
    leave_red_out: bool
    functions: Sequence[str]
    killers: bool
    planted: str
    first: Sequence[str]


class Trials:
    """All trials of one run, in the place where the tests would run; each learns from those before."""

    def __init__(self, asked: Asked, places: Sequence[Place], told: TextIO) -> None:
        """Begin knowing nothing of the tests."""
        self._asked, self._places, self._told = asked, places, told
        self._watch = Watch()
        self._killers: dict[str, None] = {}
        self._control = Notes()
        self.unexplained = 1

    def pytest_configure(self, config: pytest.Config) -> None:
        """Watch how tests end."""
        config.pluginmanager.register(self._watch)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the control, then every trial."""
        through, traced = self._asked.leave_red_out, {place.path for place in self._places}
        self._loaded = Loaded(traced)
        self._control = heard(apart(lambda: attempt(session.items, self._watch, through=through, traced=traced))[1])
        os.wait()
        red = set(self._control.failed)
        if red:
            self._say("fails without any mutant:", *sorted(red))
        if not red or through:
            self._all([each for each in session.items if each.nodeid not in red])
        return True

    def _all(self, items: Sequence[pytest.Item]) -> None:
        began, lived = time.monotonic(), []
        for done, (place, failed) in enumerate(self._run(items), start=1):
            self._killers = dict.fromkeys(failed[:1]) | self._killers
            if not failed:
                lived.append(place)
            if not failed or self._asked.killers:
                self._say(f"{place}  [{failed[0] if failed else 'lives: ' + (place.reason or 'NO REASON')}]")
            if done % 100 == 0:
                self._say(f"... {done} of {len(self._places)}, {len(lived)} lived, {time.monotonic() - began:.0f} s")
        self._summary(lived, time.monotonic() - began)

    def _summary(self, lived: Sequence[Place], seconds: float) -> None:
        for path in dict.fromkeys(place.path for place in self._places):
            every, left = (sum(place.path == path for place in some) for some in (self._places, lived))
            self._say(f"{path}: {every} mutants, {left} lived")
        score = 100 * (len(self._places) - len(lived)) / max(len(self._places), 1)
        self._say(f"{len(self._places)} mutants, {len(lived)} lived: {score:.1f} % were seen, in {seconds:.0f} s")
        self.unexplained = sum(place.reason is None for place in lived)

    def _run(self, items: Sequence[pytest.Item]) -> Iterator[tuple[Place, Sequence[str]]]:
        """Yield each place with the tests that failed on it."""
        running: dict[int, tuple[Place, int]] = {}
        waiting = list(reversed(self._places))
        while waiting or running:
            while waiting and len(running) < self._asked.jobs:
                place = waiting.pop()
                pid, reading = apart(partial(self._tried, place, items))
                running[pid] = (place, reading)
            place, reading = running.pop(os.wait()[0])
            yield place, heard(reading).failed

    def _tried(self, place: Place, items: Sequence[pytest.Item]) -> Notes:
        codes = changed(place)
        lines = {(place.path, line) for line in place.mutant.lines}
        seeing = [each for each in items if self._control.ran[each.nodeid] & lines]
        if codes is None or not seeing:  # What no test runs may have run when the module was read.
            return self._read_anew(place)
        self._loaded.put(place, codes)
        rank = {name: at for at, name in enumerate(self._killers)}
        seeing.sort(key=lambda each: (rank.get(each.nodeid, len(rank)), self._control.seconds[each.nodeid]))
        return Notes(failed=attempt(seeing, self._watch).failed)

    def _read_anew(self, place: Place) -> Notes:
        """Try a mutant in a process that has read nothing yet."""
        words = [sys.executable, "-m", "tests.mutation", "--planted", place.mutant.change, place.path]
        words += [word for each in (*self._asked.without, *self._control.failed) for word in ("--without", each)]
        words += [word for each in self._asked.only for word in ("--only", each)]
        words += [word for each in [*self._killers][:20] for word in ("--first", each)]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode not in (0, SEEN):
            raise RuntimeError(f"{place} could not be tried: has the module changed meanwhile?")
        return Notes(failed=done.stdout.splitlines() or [NEVER] if done.returncode else [])

    def _say(self, *words: str) -> None:
        print(*words, sep="\n    ", file=self._told, flush=True)


class One:
    """A trial that was read anew, with its mutant planted."""

    def __init__(self, first: Sequence[str]) -> None:
        """Begin with nothing noted."""
        self._first = frozenset(first)
        self.watch = Watch()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests until one fails."""
        attempt(sorted(session.items, key=lambda each: each.nodeid not in self._first), self.watch)
        return True


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; 1 when a mutant lives without a reason."""
    asked = _asked(arguments)
    every = list(_places(asked.paths))
    if asked.planted:
        sys.meta_path.insert(0, Planted(next(place for place in every if place.mutant.change == asked.planted)))
        one = One(asked.first)
        code = _pytest(asked, one, one.watch)
        print(*one.watch.notes.failed, sep="\n")
        return SEEN if code not in (0, 5) or one.watch.notes.failed else 0
    first, of = (int(number) for number in asked.part.split("/"))
    places = [place for place in every if _within(place, asked.functions)][first - 1 :: of]
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as told:
        trials = Trials(asked, places, told)
        code = _pytest(asked, trials)
    if code not in (0, 5):
        print("the tests cannot be read", file=sys.stderr)
    return 1 if trials.unexplained else 0


def _pytest(asked: Asked, *plugins: object) -> int:
    options = [
        "--hypothesis-profile=mutation",
        "-q",
        "--tb=no",
        "--assert=plain",
        "--capture=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    left_out = [f"--{how}={ROOT / path if how == 'ignore' else path}" for path in asked.without for how in ("ignore", "deselect")]
    chosen = ["-m", "not slow and not soak", f"--rootdir={ROOT}", *(str(ROOT / test) for test in asked.only or TESTS)]
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return int(pytest.main([*options, *left_out, *chosen], plugins=list(plugins)))


def _asked(arguments: Sequence[str]) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("paths", nargs="*", default=SCOPE)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--only", action="append", default=[], metavar="PATH")
    parser.add_argument("--without", action="append", default=[], metavar="PATH")
    parser.add_argument("--leave-red-out", action="store_true")
    parser.add_argument("--in", dest="functions", action="append", default=[], metavar="FUNCTION")
    parser.add_argument("--killers", action="store_true")
    parser.add_argument("--planted", default="", help=argparse.SUPPRESS)
    parser.add_argument("--first", action="append", default=[], help=argparse.SUPPRESS)
    return parser.parse_args(arguments, namespace=Asked())


def _places(paths: Sequence[str]) -> Iterator[Place]:
    files = [file for path in paths for file in ([ROOT / path] if path.endswith(".py") else sorted((ROOT / path).glob("*.py")))]
    for file in files:
        source = file.read_text(encoding="utf-8")
        for mutant in mutants(source):
            yield Place(file.relative_to(ROOT).as_posix(), mutant, source)


def _within(place: Place, functions: Sequence[str]) -> bool:
    """True for a mutant of one of the functions, of any where none is named."""
    return not functions or place.mutant.change.split(":")[0] in functions


if __name__ == "__main__":
    os.chdir(ROOT)
    raise SystemExit(main(sys.argv[1:]))
