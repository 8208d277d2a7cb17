"""Sources: what an operator declares lost."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.streams.sources import SOURCES, Declared
from schemas.inbound import SourceGapDeclared
from tests.decisions.specification import Specification

SOURCE = Specification(SOURCES)


def gap(first: int, last: int) -> SourceGapDeclared:
    """Positions of one source, declared lost."""
    said = {"source": "kafka:c/postgate.documents/t/0", "from": first, "to": last, "by": "m.hill", "reason": "disk lost"}
    return SourceGapDeclared.model_validate(said)


def test_a_gap_is_declared() -> None:
    """It reaches to its last position."""
    assert SOURCE.when(gap(5, 9)).then_it_is_recorded() == Declared(9)
    assert SOURCE.given(gap(5, 9)).when(gap(12, 14)).then_it_is_recorded() == Declared(14)


def test_a_gap_within_another_is_not_news() -> None:
    """What was declared lost before needs no second word."""
    SOURCE.given(gap(5, 9)).when(gap(6, 8)).then_nothing()


def test_a_gap_that_runs_backwards_is_refused() -> None:
    """By its shape, before anything is decided."""
    with pytest.raises(ValidationError, match="the gap ends before it begins"):
        gap(9, 5)
