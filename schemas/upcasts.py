"""Upcasts: a kind that is no longer written is read as the one that took its place (law 11).

Retiring a kind: take its shape out of `schemas.events`, and add here a function that turns its fields into those of a
newer kind. Its sample stays in the museum, so that a test reads it for ever. Stored bytes are never written again, so
the chain of hashes stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable

Fields = dict[str, object]
Upcast = Callable[[Fields], tuple[str, Fields]]

UPCASTS: dict[str, Upcast] = {}
"""Retired kind -> what its fields say today: a newer kind and its fields. Nothing has been retired yet."""

STEPS_MAX = 100


def newest(kind: str, fields: Fields) -> tuple[str, Fields]:
    """Return a stored kind and its fields as they are written today, by as many steps as there were versions."""
    for _ in range(STEPS_MAX):
        upcast = UPCASTS.get(kind)
        if upcast is None:
            return kind, fields
        kind, fields = upcast(fields)
    raise ValueError(f"kind {kind} is upcast in a circle")
