"""Every property again, with thousands of examples: python -m pytest tests/properties -m soak."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from tests.properties import test_changes, test_judgement, test_order

EXAMPLES = 2_000
LAWS = [
    law
    for module in (test_order, test_changes, test_judgement)
    for name, law in vars(module).items()
    if name.startswith("test_") and hasattr(law, "hypothesis")
]


@pytest.mark.soak
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_stands_a_long_search(law: Callable[[], None]) -> None:
    """Thousands of examples find nothing that the short search overlooked."""
    long = settings(max_examples=EXAMPLES, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
    before = law._hypothesis_internal_use_settings  # type: ignore[attr-defined]  # How hypothesis keeps a test's settings.
    law._hypothesis_internal_use_settings = long  # type: ignore[attr-defined]
    try:
        law()
    finally:
        law._hypothesis_internal_use_settings = before  # type: ignore[attr-defined]


def test_the_long_run_has_every_law() -> None:
    """A property that is written is also searched for long."""
    assert len(LAWS) == 12
