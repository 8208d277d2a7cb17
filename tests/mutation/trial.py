"""A trial: the tests on one mutant, in a process of its own, until the first that fails.

The tests are read once. Each trial is a fork of the process that read them; it puts the changed code into the functions that
are there already. A mutant of what is no function (a table, a default) is planted before everything is read anew.
"""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import pickle
import resource
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, TypeGuard

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.survivors import SURVIVORS

if TYPE_CHECKING:
    from _typeshed import TraceFunction

ROOT = Path(__file__).parents[2]
CPU_SECONDS_MAX = 120
"""What runs longer than this never ends."""
NEVER = "it never ends, or cannot start"


@dataclass(frozen=True, slots=True)
class Place:
    """A module and one of its mutants; `source` is the module as it was when the mutants were made."""

    path: str
    mutant: Mutant
    source: str

    @property
    def reason(self) -> str | None:
        """Why the mutant may live, None when it may not."""
        return SURVIVORS.get((self.path, self.mutant.change))

    @property
    def module(self) -> str:
        """The name under which the module is imported."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def __str__(self) -> str:
        """Name the mutant."""
        return f"{self.path}:{self.mutant.lines.start}: {self.mutant.change}"


@dataclass(slots=True)
class Notes:
    """What a process says of its tests: those that failed, how long each took, and the lines of the firewall that each ran."""

    failed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    ran: dict[str, set[tuple[str, int]]] = field(default_factory=dict)


class Watch:
    """Notes how each test ends."""

    def __init__(self) -> None:
        """Begin with nothing noted."""
        self.notes = Notes()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that cannot even be read."""
        if report.failed:
            self.notes.failed.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what failed, and how long it took."""
        if report.failed:
            self.notes.failed.append(report.nodeid)
        self.notes.seconds[report.nodeid] = self.notes.seconds.get(report.nodeid, 0) + report.duration


def apart(work: Callable[[], Notes]) -> tuple[int, int]:
    """Do work in a child; return its pid and where its notes can be read."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    os.close(reading)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    notes = Notes(failed=[NEVER])
    try:
        notes = work()
    finally:
        with os.fdopen(writing, "wb") as said:
            said.write(pickle.dumps(notes))
        os._exit(0)


def heard(reading: int) -> Notes:
    """Return what a child said; one that was killed said nothing."""
    with os.fdopen(reading, "rb") as said:
        told = said.read()
    notes = pickle.loads(told) if told else None
    return notes if isinstance(notes, Notes) else Notes(failed=[NEVER])


def attempt(items: Sequence[pytest.Item], watch: Watch, *, through: bool = False, traced: Collection[str] = ()) -> Notes:
    """Run tests in order until one fails, or all of them; note which lines of some modules each of them runs."""
    watch.notes = Notes()
    for each in items:
        ran: set[tuple[str, int]] = set()
        if traced:
            threading.settrace(_tracer(traced, ran))
            sys.settrace(_tracer(traced, ran))
        each.ihook.pytest_runtest_protocol(item=each, nextitem=None)
        if traced:
            sys.settrace(None)
            watch.notes.ran[each.nodeid] = ran
        if watch.notes.failed and not through:
            break
    return watch.notes


def _tracer(traced: Collection[str], ran: set[tuple[str, int]]) -> TraceFunction:
    paths = {str(ROOT / path): path for path in traced}

    def entered(frame: FrameType, _event: str, _about: object) -> TraceFunction | None:
        path = paths.get(frame.f_code.co_filename)

        def line(frame: FrameType, event: str, _about: object) -> TraceFunction:
            if event == "line" and path is not None:
                ran.add((path, frame.f_lineno))
            return line

        return line if path is not None else None

    return entered


def changed(place: Place) -> dict[str, CodeType] | None:
    """Return the functions that a mutant changes, by qualified name; None when it changes something else."""
    plain = ast.unparse(ast.parse(place.source))
    before, after = (compile(source, place.path, "exec") for source in (plain, place.mutant.source))
    if _outside(before) != _outside(after):
        return None
    old, new = dict(_functions(before)), dict(_functions(after))
    return {name: code for name, code in new.items() if code != old[name]}


def _outside(code: CodeType) -> tuple[object, ...]:
    """Return what a module or class does outside its functions, to compare."""
    consts = [_outside(each) if _is_class(each) else "" if _is_function(each) else each for each in code.co_consts]
    return (code.co_code, code.co_names, tuple((type(each), each) for each in consts))


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for each in code.co_consts:
        if _is_class(each):
            yield from _functions(each)
        elif _is_function(each) and isinstance(each, CodeType):
            yield each.co_qualname, each


def _is_class(code: object) -> TypeGuard[CodeType]:
    return isinstance(code, CodeType) and not code.co_flags & inspect.CO_NEWLOCALS


def _is_function(code: object) -> bool:
    """True for what stays as a function: not for an expression that runs once, as the module is read."""
    return isinstance(code, CodeType) and not _is_class(code) and not code.co_name.startswith("<")


class Loaded:
    """The functions of some modules, as they are loaded, wherever they are known by name."""

    def __init__(self, paths: Collection[str]) -> None:
        """Find them, and take everything there is from the garbage collector, so that a fork shares it."""
        files = {str(ROOT / path) for path in paths}
        gc.unfreeze()  # What was collected is frozen (tests/conftest.py), and nothing frozen is found.
        self._found = [each for each in gc.get_objects() if isinstance(each, FunctionType) and each.__code__.co_filename in files]
        gc.collect()
        gc.freeze()

    def put(self, place: Place, codes: Mapping[str, CodeType]) -> None:
        """Give functions of a module other code."""
        file = str(ROOT / place.path)
        for function in self._found:
            if function.__code__.co_filename == file and function.__code__.co_qualname in codes:
                function.__code__ = codes[function.__code__.co_qualname]


class Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another source; every other is found as ever."""

    def __init__(self, place: Place) -> None:
        """Take the place of the module of a file."""
        self._place, self._file = place, ROOT / place.path

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for the one module."""
        if fullname != self._place.module:
            return None
        package = [str(self._file.parent)] if self._file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self, submodule_search_locations=package)

    def exec_module(self, module: ModuleType) -> None:
        """Run the other source."""
        exec(compile(self._place.mutant.source, str(self._file), "exec"), module.__dict__)
