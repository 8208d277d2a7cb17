"""The rulebook in force: every rule, in the order in which it speaks, under one version."""

from __future__ import annotations

from engine.firewall import (
    calendar,
    content,
    corrections,
    currency,
    identity,
    integrity,
    linking,
    mapping,
    routing,
    settlement,
    standing,
)
from engine.firewall.rule import Rule

RULEBOOK = "2026.1"
"""The version recorded with every decision; raise it when a rule changes its mind."""

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *linking.RULES,
    *routing.RULES,
    *standing.RULES,
    *integrity.RULES,
    *content.RULES,
    *mapping.RULES,
    *currency.RULES,
    *calendar.RULES,
    *corrections.RULES,
    *settlement.RULES,
)
