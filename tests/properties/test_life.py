"""The whole life of documents, as a machine that says anything at any time: short, longer, and 2,000 lives when asked for.

python -m pytest tests/properties/test_life.py -m soak          2,000 lives of 40 words each
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.life import Life


def lives(examples: int, words: int) -> None:
    """Live so many lives of so many words."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=words,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=chosen)


def test_a_few_lives_are_right() -> None:
    """Whatever is said, the books stay right and history decides the same again."""
    lives(10, 20)


@pytest.mark.slow
def test_many_lives_are_right() -> None:
    """The same, searched for longer."""
    lives(200, 30)


@pytest.mark.soak
def test_thousands_of_lives_are_right() -> None:
    """The same, searched for very long."""
    lives(2_000, 40)
