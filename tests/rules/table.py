"""Every case of the rulebook, in the order in which the rules speak."""

from __future__ import annotations

from tests.rules import (
    accumulation,
    calendar,
    charging,
    classes,
    content,
    corrections,
    credit,
    currency,
    dimensions,
    identity,
    integrity,
    linking,
    mapping,
    routing,
    settlement,
    standing,
    taxes,
)
from tests.rules.case import Case

CASES: tuple[Case, ...] = (
    *identity.CASES,
    *linking.CASES,
    *routing.CASES,
    *classes.CASES,
    *standing.CASES,
    *integrity.CASES,
    *content.CASES,
    *mapping.CASES,
    *taxes.CASES,
    *dimensions.CASES,
    *currency.CASES,
    *calendar.CASES,
    *credit.CASES,
    *charging.CASES,
    *corrections.CASES,
    *settlement.CASES,
    *accumulation.CASES,
)
