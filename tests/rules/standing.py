"""Cases of engine/firewall/standing.py: the standing of both parties."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case

NOON = "2026-03-10T12:00:00Z"
PAID = [said.tender("CASH", "100.00")]


def _account(**fields: object) -> Story:
    return Story().shop().account("acme", version=2, **fields)


def _customer(**fields: object) -> Story:
    return Story().shop().customer("c1", version=2, **fields)


def _merged_office(stopped: str) -> Story:
    """The head office of acme was merged into holding, and one of the accounts is on stop."""
    story = _account(head_office="group").account("group").account("other", stop_credit=stopped == "other")
    return story.account("holding", stop_credit=stopped == "holding").said("account.merged", survivor="holding", merged=["group"])


CASES = (
    Case(
        "D1",
        "ACCOUNT_CLOSED",
        fires=lambda: _account(status="CLOSED").invoice("i1"),
        beside=lambda: _account(status="HIDDEN").invoice("i1"),
        remedy=lambda s: s.account("acme", version=3, status="OPEN"),
    ),
    Case(
        "D1",
        "CUSTOMER_INACTIVE",
        fires=lambda: Story().shop().said("customer.deactivated", customer="c1").invoice("i1"),
        beside=lambda: Story().shop().said("customer.deactivated", customer="c1").payment("i1"),
        remedy=lambda s: s.said("customer.reactivated", customer="c1"),
    ),
    Case(
        "D2",
        "ACCOUNT_SUSPENDED",
        fires=lambda: _account(status="SUSPENDED").invoice("i1"),
        beside=lambda: Story().shop(post_to_suspended=True).account("acme", version=2, status="SUSPENDED").invoice("i1"),
        remedy=lambda s: s.account("acme", version=3, status="OPEN"),
    ),
    Case(
        "D3",
        "ACCOUNT_NOT_APPROVED",
        fires=lambda: _account(status="DRAFT").invoice("i1"),
        beside=lambda: _account(status="OPEN").invoice("i1"),
        remedy=lambda s: s.account("acme", version=3, status="OPEN"),
    ),
    Case(
        "D5",
        "CUSTOMER_ON_HOLD",
        fires=lambda: Story().shop().said("customer.held", customer="c1").invoice("i1"),
        beside=lambda: Story().shop().said("customer.held", customer="c1", from_="2026-03-10T12:00:01Z").invoice("i1"),
        remedy=lambda s: s.said("customer.hold_released", customer="c1"),
    ),
    Case(
        "D5",
        "CUSTOMER_ON_HOLD",
        fires=lambda: Story().shop().said("customer.held", customer="c1", from_=NOON, until="2026-03-10T12:00:01Z").invoice("i1"),
        beside=lambda: Story().shop().said("customer.held", customer="c1", until=NOON).invoice("i1"),
        remedy=lambda s: s.until("2026-03-10T12:00:01Z"),
    ),
    Case(
        "D6",
        "CUSTOMER_BLOCKED",
        fires=lambda: _customer(block="INVOICE").invoice("i1"),
        beside=lambda: _customer(block="SHIP").invoice("i1"),
        remedy=lambda s: s.customer("c1", version=3),
    ),
    Case(
        "D7",
        "CUSTOMER_BLOCKED",
        fires=lambda: _account(block="INVOICE").invoice("i1"),
        beside=lambda: _account(block="INVOICE").payment("i1"),
        remedy=lambda s: s.account("acme", version=3),
    ),
    Case(
        "D7",
        "CUSTOMER_ON_HOLD",
        fires=lambda: Story().shop().said("account.held", account="acme").invoice("i1"),
        beside=lambda: Story().shop().said("account.held", account="acme").payment("i1"),
        remedy=lambda s: s.said("account.hold_released", account="acme"),
    ),
    Case(
        "D7",
        "CUSTOMER_ON_HOLD",
        fires=lambda: Story().shop().said("account.held", account="acme", from_=NOON, until="2026-03-10T12:00:01Z").invoice("i1"),
        beside=lambda: Story().shop().said("account.held", account="acme", from_="2026-03-10T12:00:01Z").invoice("i1"),
        remedy=lambda s: s.until("2026-03-10T12:00:01Z"),
    ),
    Case(
        "D7",
        "CUSTOMER_ON_HOLD",
        fires=lambda: Story().counter().said("account.held", account="counter").invoice("i1", tenders=PAID),
        beside=lambda: Story().counter().said("account.held", account="counter", until=NOON).invoice("i1", tenders=PAID),
        remedy=lambda s: s.released("i1", "CUSTOMER_ON_HOLD"),
    ),
    Case(
        "D11",
        "CUSTOMER_BLOCKED",
        fires=lambda: _customer(block="ALL").payment("p1"),
        beside=lambda: _customer(block="INVOICE").payment("p1"),
        remedy=lambda s: s.customer("c1", version=3, block="INVOICE"),
        document="p1",
    ),
    Case(
        "D8",
        "STOP_CREDIT",
        fires=lambda: _account(stop_credit=True).invoice("i1"),
        beside=lambda: _account(stop_credit=True).payment("i1"),
        remedy=lambda s: s.account("acme", version=3),
    ),
    Case(
        "D8",
        "STOP_CREDIT",
        fires=lambda: _account(head_office="group").account("group", stop_credit=True).invoice("i1"),
        beside=lambda: _account(head_office="group").account("group", block="ALL").invoice("i1"),
        remedy=lambda s: s.account("group", version=2),
    ),
    Case(
        "D8",
        "STOP_CREDIT",
        fires=lambda: _account(head_office="group").account("group", stop_credit=True).invoice("i1"),
        beside=lambda: _account(head_office="group").account("group", stop_credit=True).payment("i1"),
        remedy=lambda s: s.account("acme", version=3),
    ),
    Case(
        "D8",
        "STOP_CREDIT",
        fires=lambda: _merged_office("holding").invoice("i1"),
        beside=lambda: _merged_office("other").invoice("i1"),
        remedy=lambda s: s.account("holding", version=2),
    ),
    Case(
        "D9",
        "CUSTOMER_DISPUTED",
        fires=lambda: _customer(status="DISPUTED").invoice("i1"),
        beside=lambda: _customer(status="ACTIVE").invoice("i1"),
        state="POSTED",
    ),
    Case(
        "D9",
        "CUSTOMER_DISPUTED",
        fires=lambda: Story().shop(disputed="HOLD").customer("c1", version=2, status="DISPUTED").invoice("i1"),
        beside=lambda: Story().shop(disputed="HOLD").customer("c1", version=2, status="ACTIVE").invoice("i1"),
        remedy=lambda s: s.customer("c1", version=3, status="ACTIVE"),
    ),
    Case(
        "D9",
        "CUSTOMER_DELINQUENT",
        fires=lambda: _account(standing="DELINQUENT").invoice("i1"),
        beside=lambda: _account(standing="DELINQUENT").payment("i1"),
        state="POSTED",
    ),
    Case(
        "D9",
        "CUSTOMER_DELINQUENT",
        fires=lambda: Story().shop(delinquent="HOLD").account("acme", version=2, standing="DELINQUENT").invoice("i1"),
        beside=lambda: Story().shop(delinquent="HOLD").account("acme", version=2, standing="DISPUTED").invoice("i1"),
        remedy=lambda s: s.account("acme", version=3),
    ),
)
