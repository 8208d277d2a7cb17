"""The table of crash points is complete, and every test that it names is there and runs with the whole suite."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.simulation.crash_points import GROUPS, NAMED, POINTS, Point, table

ROOT = Path(__file__).parents[2]
NUMBERS = [*range(1, 46), *range(55, 62)]


@cache
def defined_in(path: str) -> dict[str, ast.FunctionDef]:
    """Return the tests that a file defines, by name; one with parameters is one."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def is_left_out(path: str, name: str) -> bool:
    """Say whether the whole suite leaves a test out, by a mark of its own or of its module."""
    marks = [ast.unparse(decorator) for decorator in defined_in(path)[name].decorator_list]
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    marks += [ast.unparse(node) for node in module.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)]
    return any(mark in text for text in marks for mark in ("mark.soak", "mark.skip", "mark.xfail"))


def unfounded(point: Point) -> Iterator[str]:
    """Yield the tests that a point names and that are not there, or do not run."""
    for test in point.tests:
        path, _, name = test.partition("::")
        if not (ROOT / path).is_file() or name not in defined_in(path):
            yield f"{point.number}: {test} does not exist"
        elif is_left_out(path, name):
            yield f"{point.number}: {test} is left out of the whole suite"


def test_every_number_is_in_the_table_once() -> None:
    """All crash points from the broker to the log and back, in their order, each in its group."""
    assert [point.number for point in POINTS] == NUMBERS
    assert {group[0]: (points[0].number, points[-1].number) for group, points in GROUPS.items()} == {
        "A": (1, 17),
        "B": (18, 27),
        "C": (28, 34),
        "D": (35, 45),
        "F": (55, 60),
        "G": (61, 61),
    }


@pytest.mark.parametrize("point", POINTS, ids=lambda point: str(point.number))
def test_a_point_names_tests_that_are_there(point: Point) -> None:
    """A point without a test would be a promise; one that is renamed or left out is no proof either."""
    assert point.tests
    assert len(set(point.tests)) == len(point.tests)
    assert list(unfounded(point)) == []


def test_a_test_that_is_not_there_is_found() -> None:
    """A name that nobody defines, a file that is gone, and a test that is left out are each told."""
    here, soak = "tests/simulation/test_crash_points.py", "tests/endtoend/test_endtoend.py"
    names = (f"{here}::test_nobody", "tests/gone.py::test_gone", f"{soak}::test_nothing_is_lost_or_double_in_a_long_run")
    assert list(unfounded(Point(0, "", names))) == [
        f"0: {names[0]} does not exist",
        f"0: {names[1]} does not exist",
        f"0: {names[2]} is left out of the whole suite",
    ]


def test_the_named_concurrency_tests_are_there() -> None:
    """Each under exactly its name, once, and part of the whole suite."""
    paths = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("test_*.py"))]
    found = [(path, name) for path in paths for name in defined_in(path) if name in NAMED]
    assert len(NAMED) == 11
    assert Counter(name for _, name in found) == dict.fromkeys(NAMED, 1)
    assert [(path, name) for path, name in found if is_left_out(path, name)] == []


def test_the_table_is_shown() -> None:
    """Whoever prints it sees every point with its tests and its note."""
    shown = table()
    for point in POINTS:
        assert all(text in shown for text in (point.what, *point.tests, *point.note.split()))
