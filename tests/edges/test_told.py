"""Every edge case of the rulebook is told, and nothing is told that is none."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.edges.case import CASES, TOLD


def test_every_edge_case_is_told() -> None:
    """Each number has a story."""
    for path in Path(__file__).parent.glob("test_*.py"):
        import_module(f"tests.edges.{path.stem}")
    assert [number for number in CASES if number not in TOLD] == []
    assert sorted(TOLD.keys() - set(CASES)) == []
