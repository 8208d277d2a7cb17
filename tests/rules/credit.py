"""Cases of engine/firewall/credit.py: what an account may owe, warn by default, hold where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from tests.given import Story
from tests.rules.case import Case

BLOCK = "WARN_AND_BLOCK"
NONE: Mapping[str, object] = {}
UNMAPPED = {"GST": "5.00"}
"""A tax that no story maps: what bears it is held, and counts."""


def limited(limit: str | None = "100.00", *, mode: str = BLOCK, policies: Mapping[str, object] = NONE, **credit: object) -> Story:
    """A shop whose account has limits."""
    known = {"mode": mode, **({} if limit is None else {"limit": limit}), **credit}
    return Story().shop(**policies).account("acme", version=2, credit=known)


def overdue(amount: str = "100.00", *, due: str = "2026-03-01", policies: Mapping[str, object] = NONE, **credit: object) -> Story:
    """A shop whose account owes an invoice that was due nine days ago, and has limits for that."""
    story = Story().shop(**policies).account("acme", version=2, credit={"mode": BLOCK, **credit})
    return story.invoice("i0", amount, date="2026-02-01", due_date=due)


def more(story: Story, **credit: object) -> Story:
    """Change the limits of the account."""
    return story.account("acme", version=3, credit={"mode": BLOCK, **credit})


CASES = (
    Case(
        "E1",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i1", "100.01"),
        beside=lambda: limited().invoice("i1", "100.00"),
        remedy=lambda s: more(s, limit="100.01"),
    ),
    Case(
        "E1",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i0", "60.00").invoice("i1", "40.01"),
        beside=lambda: limited().invoice("i0", "60.00").invoice("i1", "40.00"),
        remedy=lambda s: s.payment("p1", "0.01", on="i0"),
    ),
    Case(
        "E1",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i1", "100.01"),
        beside=lambda: limited().invoice("i1", "100.01", tenders=[{"tender": "CASH", "amount": "0.01"}]),
        remedy=lambda s: s.payment("p1", "0.01", on="i1"),
    ),
    Case(
        "E2",
        "CREDIT_WARNING",
        fires=lambda: limited(warning="80.00").invoice("i1", "80.01"),
        beside=lambda: limited(warning="80.00").invoice("i1", "80.00"),
        state="POSTED",
    ),
    Case(
        "E3",
        "OVERDUE_LIMIT_EXCEEDED",
        fires=lambda: overdue("50.01", overdue="50.00").invoice("i1"),
        beside=lambda: overdue("50.00", overdue="50.00").invoice("i1"),
        remedy=lambda s: s.payment("p1", "0.01", on="i0"),
    ),
    Case(
        "E4",
        "CREDIT_DAYS_EXCEEDED",
        fires=lambda: overdue(days=5, tolerance_days=3).invoice("i1"),
        beside=lambda: overdue(days=5, tolerance_days=4).invoice("i1"),
        remedy=lambda s: s.credit_note("k1", "100.00", original="i0"),
    ),
    Case(
        "E5",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited(mode="WARN_ONLY").invoice("i1", "100.01"),
        beside=lambda: limited(mode="NO_CHECK").invoice("i1", "100.01"),
        state="POSTED",
    ),
    Case(
        "E5",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited(mode="BLOCK_ONLY", warning="1.00").invoice("i1", "100.01"),
        beside=lambda: limited(mode="BLOCK_ONLY", warning="1.00").invoice("i1", "100.00"),
        remedy=lambda s: s.released("i1", "CREDIT_LIMIT_EXCEEDED"),
    ),
    Case(
        "E5",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited(mode="NOT_SET", policies={"credit_mode": "BLOCK_ONLY"}).invoice("i1", "100.01"),
        beside=lambda: (
            limited(mode="NOT_SET", policies={"credit_mode": "BLOCK_ONLY"})
            .defined("HOUSE", version=2, credit_mode="WARN_ONLY")
            .invoice("i1", "100.00")
        ),
        remedy=lambda s: s.defined("HOUSE", version=2, credit_mode="NO_CHECK"),
    ),
    Case(
        "E6",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited("0").invoice("i1", "0.01"),
        beside=lambda: limited(None, warning="1000000.00").invoice("i1", "999999.99"),
        remedy=more,
    ),
    Case(
        "E7",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().customer("c2").linked("c2", "acme").invoice("i0", "60.00", customer="c2").invoice("i1", "60.00"),
        beside=lambda: (
            limited()
            .account("b")
            .assigned("b", "HOUSE")
            .customer("c2")
            .linked("c2", "b")
            .invoice("i0", "60.00", customer="c2")
            .invoice("i1", "60.00")
        ),
        remedy=lambda s: s.voided("i0"),
    ),
    Case(
        "E7",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i1", "200.00", currency="USD", exchange_rate="0.50005"),
        beside=lambda: limited().invoice("i1", "200.00", currency="USD", exchange_rate="0.5"),
        remedy=lambda s: more(s, limit="100.01"),
    ),
    Case(
        "E8",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i0", "55.00", tax=UNMAPPED).invoice("i1", "45.00"),
        beside=lambda: (
            limited(policies={"credit_counts_held": False}).invoice("i0", "55.00", tax=UNMAPPED).invoice("i1", "45.00")
        ),
        remedy=lambda s: s.voided("i0"),
    ),
    Case(
        "E8",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().payment("p0", "19.99").invoice("i1", "120.00"),
        beside=lambda: limited().payment("p0", "20.00").invoice("i1", "120.00"),
        remedy=lambda s: s.deposit("p1", "0.01"),
    ),
    Case(
        "E9",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i1", "200.00", tenders=[{"tender": "CASH", "amount": "99.99"}]),
        beside=lambda: limited("0").invoice("i1", "200.00", tenders=[{"tender": "CASH", "amount": "200.00"}]),
        remedy=lambda s: s.payment("p1", "100.01", on="i1"),
    ),
    Case(
        "E10",
        "CREDIT_LIMIT_EXCEEDED",
        fires=lambda: limited().invoice("i0", "100.00").invoice("i1", "0.01"),
        beside=lambda: limited().invoice("i0", "99.99").invoice("i1", "0.01"),
        remedy=lambda s: s.released("i1", "CREDIT_LIMIT_EXCEEDED"),
    ),
    Case(
        "E11",
        "CREDIT_DAYS_EXCEEDED",
        fires=lambda: overdue("10.00", days=0, policies={"overdue_min": "10.00"}).invoice("i1"),
        beside=lambda: overdue("9.99", days=0, policies={"overdue_min": "10.00"}).invoice("i1"),
        remedy=lambda s: s.payment("p1", "0.01", on="i0"),
    ),
)
