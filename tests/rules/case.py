"""A case of the rulebook: a story in which a rule speaks, one just beside in which it does not, and what mends the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.given import Story

Tell = Callable[[], Story]
Mend = Callable[[Story], Story]
Test = TypeVar("Test", bound=Callable[..., None])

COVERED: dict[str, list[str]] = {}
"""Row of the rulebook -> the tests that tell it as a story, filled as test modules are imported."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row: `fires` tells a story in which `document` has `code` (and what comes `also`), `beside` one in which it posts."""

    row: str
    code: str
    fires: Tell
    beside: Tell
    remedy: Mend | None = None
    document: str = "i1"
    state: str = "REQUIRES_ATTENTION"
    also: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """True unless the rule only remarks."""
        return self.state != "POSTED"


def covers(*rows: str) -> Callable[[Test], Test]:
    """Mark a test as the one that tells rows of the rulebook."""

    def marked(test: Test) -> Test:
        for row in rows:
            COVERED.setdefault(row, []).append(test.__name__)
        return test

    return marked
