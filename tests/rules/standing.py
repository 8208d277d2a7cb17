"""Cases of engine/firewall/standing.py: the standing of both parties."""

from __future__ import annotations

from tests.given import Story
from tests.rules.case import Case

NOON = "2026-03-10T12:00:00Z"


def _account(**fields: object) -> Story:
    return Story().shop().account("acme", version=2, **fields)


def _customer(**fields: object) -> Story:
    return Story().shop().customer("c1", version=2, **fields)


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
