"""Cases of engine/firewall/corrections.py: credit notes follow their original, money follows what it settles."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case


def _unlinked() -> Story:
    return Story().book().account("acme").classified("acme", "HOUSE").customer("c1")


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
        "L3",
        "WAITING_FOR_DEPENDENCY",
        fires=lambda: _unlinked().invoice("i1").payment("p1", on="i1"),
        beside=lambda: _unlinked().linked("c1", "acme").invoice("i1").payment("p1", on="i1"),
        remedy=lambda s: s.linked("c1", "acme"),
        document="p1",
        state="WAITING",
    ),
    Case(
        "L3",
        "WAITING_FOR_DEPENDENCY",
        fires=lambda: Story().shop().invoice("i1").payment("p1", on={"i1": "50.00", "i2": "50.00"}, customer=None),
        beside=lambda: Story().shop().invoice("i1").deposit("p1", on={"i1": "50.00", "i2": "50.00"}),
        remedy=lambda s: s.invoice("i2", "50.00"),
        document="p1",
        state="WAITING",
    ),
    Case(
        "L4",
        "OVERPAYMENT_ON_GENERIC",
        fires=lambda: Story().counter().payment("p1", "100.01", on="i1").invoice("i1"),
        beside=lambda: Story().counter().payment("p1", "100.00", on="i1").invoice("i1"),
        remedy=lambda s: s.refund("r1", "0.01", on="i1"),
    ),
    Case(
        "L4",
        "OVERPAYMENT_ON_GENERIC",
        fires=lambda: (
            Story().counter().invoice("i1", tenders=[said.tender("CASH", "99.99")]).payment("p1", "1.00", on={"i1": "0.01"})
        ),
        beside=lambda: (
            Story().shop().invoice("i1", tenders=[said.tender("CASH", "99.99")]).payment("p1", "1.00", on={"i1": "0.01"})
        ),
        remedy=lambda s: s.released("payment:p1", "OVERPAYMENT_ON_GENERIC"),
        document="p1",
    ),
    Case(
        "L4",
        "OVERPAYMENT_ON_GENERIC",
        fires=lambda: Story().counter().invoice("i1", tenders=[said.tender("CASH", "100.00")]).payment("p1", "0.01", on="i1"),
        beside=lambda: Story().counter().invoice("i1", tenders=[said.tender("CASH", "99.99")]).payment("p1", "0.01", on="i1"),
        remedy=lambda s: s.released("payment:p1", "OVERPAYMENT_ON_GENERIC"),
        document="p1",
    ),
    Case(
        "L6",
        "PAYMENT_CUSTOMER_MISMATCH",
        fires=lambda: _two_debtors().payment("p1", on={"i1": "50.00", "i2": "50.00"}),
        beside=lambda: _two_debtors().invoice("i3").payment("p1", on={"i1": "50.00", "i3": "50.00"}),
        document="p1",
    ),
    Case(
        "L10",
        "PAYMENT_REVERSED",
        fires=lambda: Story().shop().reversed("p1").payment("p1"),
        beside=lambda: Story().shop().reversed("p0").payment("p1"),
        document="p1",
        state="EXCLUDED",
    ),
)
