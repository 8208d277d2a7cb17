"""Sharing: which messages of the broker one store keeps, and in which group it reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from adapters import wiring
from adapters.settings import KafkaSettings, Settings


def own_share(in_force: Settings) -> tuple[KafkaSettings, Callable[[str], bool] | None]:
    """Return what the store that is set reads from the broker, and which books it keeps; all, where nothing says cells.

    Every cell reads all messages and keeps its own, so each is a group of its own: in one group with another cell, it would
    pass over what that one needs.
    """
    known = wiring.cells(in_force)
    if known is None:
        return in_force.kafka, None
    from adapters.eventlog.postgres.place import place

    schema = place(in_force.store.value).schema
    group = replace(in_force.kafka.group, value=f"{in_force.kafka.group.value}-{schema}")
    return replace(in_force.kafka, group=group), partial(known.is_mine, schema)
