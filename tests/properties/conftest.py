"""How long properties search: about a hundred examples by default, thousands when the long run is asked for.

python -m pytest tests/properties -m soak          every property with 2,000 examples
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

TOLERATED = [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large]
"""A shop is large even at its smallest: a book, mappings and parties."""

settings.register_profile("short", max_examples=60, deadline=None, print_blob=True, suppress_health_check=TOLERATED)
settings.load_profile("short")
