"""Cases of engine/firewall/dimensions.py and suspense.py: the codes that ledger accounts ask for, and what has no place."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.said import DEPOSITS, RECEIVABLE, REVENUE, ROUNDING, VAT

LINE = said.line
SUSPENSE = "9999"


def suspending(**policies: object) -> Story:
    """A shop that posts to suspense what has no place."""
    control = {"receivable": RECEIVABLE, "deposits": DEPOSITS, "rounding": ROUNDING, "suspense": SUSPENSE}
    opened = said.say("book.opened", base_currency="EUR", control_accounts=control, timezone="UTC", policies=policies)
    story = Story().say(opened, *said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1")
    return story.linked("c1", "acme")


def ruled(account: str, **wanted: str) -> Story:
    """A shop with a policy for one ledger account; `customer_1` stands for the dimension `customer.1`."""
    return (
        Story().shop().mapped("dimension_policy", account, dimensions={name.replace("_", "."): wanted[name] for name in wanted})
    )


CASES = (
    Case(
        "G13",
        "DIMENSION_MISSING",
        fires=lambda: ruled(REVENUE, SITE="MANDATORY").invoice("i1"),
        beside=lambda: ruled(REVENUE, SITE="MANDATORY").invoice("i1", lines=[LINE(dimensions={"SITE": "N"})]),
        remedy=lambda s: s.mapped("dimension_policy", REVENUE, dimensions={"SITE": "OPTIONAL"}),
    ),
    Case(
        "G13",
        "DIMENSION_MISSING",
        fires=lambda: ruled(REVENUE, customer_1="MANDATORY").invoice("i1"),
        beside=lambda: ruled(VAT, customer_1="MANDATORY").invoice("i1"),
        remedy=lambda s: s.customer("c1", version=2, analysis_codes={"1": "NORTH"}),
    ),
    Case(
        "G13",
        "DIMENSION_MISSING",
        fires=lambda: ruled(RECEIVABLE, account_10="MANDATORY").invoice("i1"),
        beside=lambda: ruled(RECEIVABLE, account_10="OPTIONAL").invoice("i1"),
        remedy=lambda s: s.account("acme", version=2, analysis_codes={"10": "KEY"}),
    ),
    Case(
        "G13",
        "DIMENSION_MISSING",
        fires=lambda: ruled(RECEIVABLE, SITE="MANDATORY").mapped("branch", "north").payment("p1", branch="north"),
        beside=lambda: (
            ruled(RECEIVABLE, SITE="MANDATORY").mapped("branch", "north", dimensions={"SITE": "N"}).payment("p1", branch="north")
        ),
        remedy=lambda s: s.mapped("branch", "north", dimensions={"SITE": "N"}),
        document="p1",
    ),
    Case(
        "G13",
        "DIMENSION_PROHIBITED",
        fires=lambda: ruled(REVENUE, SITE="PROHIBITED").invoice("i1", lines=[LINE(dimensions={"SITE": "N"})]),
        beside=lambda: ruled(REVENUE, SITE="PROHIBITED").invoice("i1", lines=[LINE(dimensions={"TEAM": "N"})]),
        remedy=lambda s: s.mapped("dimension_policy", REVENUE, dimensions={"SITE": "OPTIONAL"}),
    ),
    Case(
        "G13",
        "DIMENSION_CLOSED",
        fires=lambda: (
            Story().shop().mapped("dimension", "SITE:N", status="CLOSED").invoice("i1", lines=[LINE(dimensions={"SITE": "N"})])
        ),
        beside=lambda: (
            Story().shop().mapped("dimension", "SITE:N", status="CLOSED").invoice("i1", lines=[LINE(dimensions={"SITE": "S"})])
        ),
        remedy=lambda s: s.mapped("dimension", "SITE:N", status="OPEN"),
    ),
    Case(
        "G13",
        "DIMENSION_CLOSED",
        fires=lambda: (
            ruled(RECEIVABLE, customer_2="OPTIONAL")
            .mapped("dimension", "customer.2:OLD", status="CLOSED")
            .customer("c1", version=2, analysis_codes={"2": "OLD"})
            .invoice("i1")
        ),
        beside=lambda: (
            ruled(VAT, customer_2="OPTIONAL")
            .mapped("dimension", "customer.2:OLD", status="CLOSED")
            .customer("c1", version=2, analysis_codes={"2": "OLD"})
            .invoice("i1")
        ),
        remedy=lambda s: s.customer("c1", version=3, analysis_codes={"2": "NEW"}),
    ),
    Case(
        "M7",
        "POSTED_TO_SUSPENSE",
        fires=lambda: suspending(suspense="POST").invoice("i1", tax={"GST": "5.00"}),
        beside=lambda: suspending(suspense="POST").invoice("i1", tax={"VAT": "5.00"}),
        state="POSTED",
    ),
)
