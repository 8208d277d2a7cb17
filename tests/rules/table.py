"""Every case of the rulebook, in the order in which the rules speak."""

from __future__ import annotations

from tests.rules import calendar, content, corrections, currency, identity, integrity, linking, mapping, routing, standing
from tests.rules.case import Case

CASES: tuple[Case, ...] = (
    *identity.CASES,
    *linking.CASES,
    *routing.CASES,
    *standing.CASES,
    *integrity.CASES,
    *content.CASES,
    *mapping.CASES,
    *currency.CASES,
    *calendar.CASES,
    *corrections.CASES,
)
