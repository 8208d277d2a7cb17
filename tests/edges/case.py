"""Which edge cases of the rulebook are told, and by which stories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])

CASES = range(1, 75)
"""The numbers of the edge cases."""

TOLD: dict[int, list[str]] = {}
"""Number of the case -> the stories that tell it, filled as test modules are imported."""


def tells(*numbers: int) -> Callable[[Test], Test]:
    """Mark a test as the story of edge cases."""

    def marked(test: Test) -> Test:
        for number in numbers:
            TOLD.setdefault(number, []).append(test.__name__)
        return test

    return marked
