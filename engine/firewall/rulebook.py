"""The rulebook in force: every rule, in the order in which it speaks, under one version."""

from __future__ import annotations

from engine.firewall import (
    accumulation,
    calendar,
    charging,
    content,
    corrections,
    credit,
    currency,
    dimensions,
    duplicates,
    identity,
    integrity,
    ledgers,
    linking,
    mapping,
    merging,
    money,
    routing,
    settlement,
    standing,
    suspense,
    taxes,
    worth,
)
from engine.firewall.rule import Rule

RULEBOOK = "2026.3"
"""The version recorded with every decision; raise it when a rule changes its mind, and keep the one before among EARLIER."""

EARLIER = ("2026.1", "2026.2")
"""The rulebooks of earlier releases: what they decided stands as recorded, and only those releases can decide it again."""

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *linking.RULES,
    *merging.RULES,
    *duplicates.RULES,
    *routing.RULES,
    *standing.RULES,
    *integrity.RULES,
    *content.RULES,
    *mapping.RULES,
    *ledgers.RULES,
    *taxes.RULES,
    *dimensions.RULES,
    *suspense.RULES,
    *currency.RULES,
    *worth.RULES,
    *calendar.RULES,
    *credit.RULES,
    *corrections.RULES,
    *settlement.RULES,
    *money.RULES,
    *charging.RULES,
    *accumulation.RULES,
)
