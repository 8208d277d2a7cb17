"""Cases of engine/firewall/currency.py: one document's currency, rate and rounding."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case

DOLLARS = {"currency": "USD", "exchange_rate": "0.5"}


def _euro_account() -> Story:
    story = Story().shop().account("acme", version=2, currency="EUR").account("acme-usd", currency="USD")
    return story.assigned("acme-usd", "HOUSE")


def _table(rate: str = "0.5", **policies: object) -> Story:
    """Return a shop that knows what a dollar is in euros."""
    return Story().shop(rate_source="TABLE", **policies).mapped("rate", "USD", rate=rate)


CASES = (
    Case(
        "I1",
        "CURRENCY_MISMATCH",
        fires=lambda: _euro_account().invoice("i1", **DOLLARS),
        beside=lambda: Story().shop().invoice("i1", **DOLLARS),
        remedy=lambda s: s.say(said.say("link.removed", customer="c1"), said.link("c1", "acme-usd")),
    ),
    Case(
        "I1",
        "CURRENCY_MISMATCH",
        fires=lambda: Story().shop().invoice("i1").payment("p1", on="i1", **DOLLARS),
        beside=lambda: Story().shop().invoice("i1", **DOLLARS).payment("p1", on="i1", **DOLLARS),
        document="p1",
    ),
    Case(
        "I2",
        "FX_RATE_MISSING",
        fires=lambda: Story().shop().invoice("i1", currency="USD"),
        beside=lambda: Story().shop(currency="USD").invoice("i1", currency="USD"),
        remedy=lambda s: s.amended("i1", exchange_rate="0.5"),
    ),
    Case(
        "I2",
        "FX_RATE_MISSING",
        fires=lambda: Story().shop(rate_source="TABLE").invoice("i1", currency="USD"),
        beside=lambda: _table().invoice("i1", currency="USD"),
        remedy=lambda s: s.mapped("rate", "USD", rate="0.5"),
    ),
    Case(
        "I2",
        "FX_RATE_MISSING",
        fires=lambda: (Story().shop(rate_source="TABLE").mapped("rate", "USD", rate="0.5", effective_from="2026-03-11")).invoice(
            "i1", currency="USD"
        ),
        beside=lambda: (Story().shop(rate_source="TABLE").mapped("rate", "USD", rate="0.5", effective_from="2026-03-10")).invoice(
            "i1", currency="USD"
        ),
        remedy=lambda s: s.mapped("rate", "USD", rate="0.49", effective_from="2026-03-09"),
    ),
    Case(
        "I3",
        "FX_RATE_OUT_OF_TOLERANCE",
        fires=lambda: _table("0.4", rate_tolerance="0.25").invoice("i1", currency="USD", exchange_rate="0.501"),
        beside=lambda: _table("0.4", rate_tolerance="0.25").invoice("i1", currency="USD", exchange_rate="0.5"),
        remedy=lambda s: s.mapped("rate", "USD", rate="0.41", effective_from="2026-03-10"),
    ),
    Case(
        "I3",
        "FX_RATE_OUT_OF_TOLERANCE",
        fires=lambda: _table("0.4", rate_tolerance="0.25").invoice("i1", currency="USD", exchange_rate="0.299"),
        beside=lambda: _table("0.4", rate_tolerance="0.25").invoice("i1", currency="USD", exchange_rate="0.3"),
        remedy=lambda s: s.amended("i1", exchange_rate="0.3"),
    ),
    Case(
        "I4",
        "ROUNDING_BALANCED",
        fires=lambda: Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "0.02"}),
        beside=lambda: Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "0.00"}),
        state="POSTED",
    ),
    Case(
        "I5",
        "UNBALANCED",
        fires=lambda: Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "-0.03"}),
        beside=lambda: Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "-0.02"}),
        remedy=lambda s: s.amended("i1", totals={}),
    ),
    Case(
        "I5",
        "UNBALANCED",
        fires=lambda: Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "0.05"}, **DOLLARS),
        beside=lambda: Story().shop(rounding_max="0.02").invoice("i1", totals={"rounding": "0.04"}, **DOLLARS),
        remedy=lambda s: s.amended("i1", totals={"rounding": "0.04"}),
    ),
)
