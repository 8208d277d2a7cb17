"""Cases of engine/firewall/corrections.py, and refunds: credit notes follow their original and take what was left of it."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case


def _unlinked() -> Story:
    return Story().book().account("acme").classified("acme", "HOUSE").customer("c1")


def _two_lines() -> Story:
    return Story().shop().invoice("i1", lines=[said.line("60.00"), said.line("40.00")])


def _two_debtors() -> Story:
    story = Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")
    return story.invoice("i1").invoice("i2", customer="c2")


CASES = (
    Case(
        "K1",
        "WAITING_FOR_DEPENDENCY",
        fires=lambda: _unlinked().invoice("i1").credit_note("k1", original="i1"),
        beside=lambda: _unlinked().linked("c1", "acme").invoice("i1").credit_note("k1", original="i1"),
        remedy=lambda s: s.linked("c1", "acme"),
        document="k1",
        state="WAITING",
    ),
    Case(
        "K1",
        "WAITING_FOR_DEPENDENCY",
        fires=lambda: Story().shop().credit_note("k1", original="i1"),
        beside=lambda: Story().shop().invoice("i1").credit_note("k1", original="i1"),
        remedy=lambda s: s.invoice("i1"),
        document="k1",
        state="WAITING",
    ),
    Case(
        "K3",
        "CREDIT_EXCEEDS_INVOICE",
        fires=lambda: (
            Story().shop().invoice("i1").credit_note("k0", "60.00", original="i1").credit_note("k1", "40.01", original="i1")
        ),
        beside=lambda: (
            Story().shop().invoice("i1").credit_note("k0", "60.00", original="i1").credit_note("k1", "40.00", original="i1")
        ),
        remedy=lambda s: s.amended("k1", net="40.00"),
        document="k1",
    ),
    Case(
        "K5",
        "CREDIT_UNREFERENCED",
        fires=lambda: Story().shop().invoice("i1").credit_note("k1"),
        beside=lambda: Story().shop(unreferenced_credit="POST").invoice("i1").credit_note("k1"),
        remedy=lambda s: s.amended("k1", original="i1"),
        document="k1",
    ),
    Case(
        "K6",
        "REFUND_WITHOUT_CREDIT",
        fires=lambda: Story().shop().invoice("i1").credit_note("k1", original="i1").refund("r1"),
        beside=lambda: Story().shop().invoice("i1").credit_note("k1", original="i1").refund("r1", on="k1"),
        remedy=lambda s: s.released("payment:r1", "REFUND_WITHOUT_CREDIT"),
        document="r1",
    ),
    Case(
        "K2",
        "CREDIT_CUSTOMER_MISMATCH",
        fires=lambda: _two_debtors().credit_note("k1", "10.00", original="i1", customer="c2"),
        beside=lambda: (
            _two_debtors().customer("c3").linked("c3", "acme").credit_note("k1", "10.00", original="i1", customer="c3")
        ),
        remedy=lambda s: s.amended("k1", customer="c1"),
        document="k1",
    ),
    Case(
        "K3",
        "CREDIT_EXCEEDS_INVOICE",
        fires=lambda: _two_lines().credit_note("k1", lines=[said.line("60.01", original_line=1)], original="i1"),
        beside=lambda: _two_lines().credit_note("k1", lines=[said.line("60.00", original_line=1)], original="i1"),
        remedy=lambda s: s.amended("k1", lines=[said.line("60.00", original_line=1)]),
        document="k1",
    ),
    Case(
        "K4",
        "CREDIT_UNALLOCATED",
        fires=lambda: Story().shop().invoice("i1").payment("p1", "80.00", on="i1").credit_note("k1", "20.01", original="i1"),
        beside=lambda: Story().shop().invoice("i1").payment("p1", "80.00", on="i1").credit_note("k1", "20.00", original="i1"),
        document="k1",
        state="POSTED",
    ),
    Case(
        "O5",
        "REASSIGNED",
        fires=lambda: _two_debtors().amended("i1", customer="c2"),
        beside=lambda: _two_debtors().customer("c3").linked("c3", "acme").amended("i1", customer="c3"),
        state="POSTED",
    ),
)
