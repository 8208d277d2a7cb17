"""The rulebook in force: every rule, in the order in which it speaks, under one version."""

from __future__ import annotations

from collections.abc import Mapping

from engine.facts.subject import Kind
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
from engine.firewall.rule import ALL, Rule

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

RULES_OF: Mapping[Kind, tuple[Rule, ...]] = {kind: tuple(rule for rule in RULES if kind in rule.kinds) for kind in ALL}
"""Kind of subject -> the rules that are asked of it, in the same order."""
