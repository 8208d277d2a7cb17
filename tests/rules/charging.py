"""Cases of engine/firewall/charging.py: a charge of interest goes through the gate like any document."""

from __future__ import annotations

from tests.given import Story
from tests.rules.case import Case

TO = "2026-02-28"
CHARGE = f"acme:EUR:{TO}"


def owing(**account: object) -> Story:
    """Account `acme` bears interest of 10 % a year and owes 1,000.00 since 1 February; interest is earned on 7000."""
    story = Story().shop().defined("HOUSE", version=2, interest={"rate": "10"})
    fields = {"interest_applies": True, "interest_account": "7000", "terms": {"days": 0}, **account}
    story.account("acme", version=2, **{name: value for name, value in fields.items() if value is not None})
    return story.invoice("i1", "1000.00", date="2026-02-01")


def charged(story: Story, to: str = TO) -> Story:
    """Run interest for the class."""
    return story.said("interest.run", class_="HOUSE", to=to, by="ann")


CASES = (
    Case(
        "Q6",
        "INTEREST_ACCOUNT_MISSING",
        fires=lambda: charged(owing(interest_account=None)),
        beside=lambda: charged(owing()),
        remedy=lambda s: s.account("acme", version=3, interest_applies=True, interest_account="7000"),
        document=CHARGE,
    ),
)
