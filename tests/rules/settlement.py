"""Cases of engine/firewall/settlement.py, money.py and worth.py: money follows what it settles, at what it is worth."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case


def _unlinked() -> Story:
    return Story().book().account("acme").classified("acme", "HOUSE").customer("c1")


def _two_debtors() -> Story:
    story = Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")
    return story.invoice("i1").invoice("i2", customer="c2")


def _cheques() -> Story:
    return Story().shop().mapped("tender", "CHEQUE", account="1020", clears_after_days=5)


def _rounded(story: Story) -> Story:
    return story.invoice("i1", "99.98", totals={"cash_rounding": "0.02"}, tenders=[said.tender("CASH", "100.00")])


def _dollars(story: Story) -> Story:
    story.invoice("i1", currency="USD", exchange_rate="0.90")
    return story.payment("p1", on="i1", currency="USD", exchange_rate="0.95")


def _gift_card(tax: str | None = None) -> Story:
    story = Story().shop().mapped("revenue", "gift_card", account="2400")
    return story.invoice("i1", lines=[said.line("50.00", gift_card=True, tax=tax)])


CASES = (
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
        fires=lambda: Story().counter().payment("p1", "1.00"),
        beside=lambda: Story().shop().payment("p1", "1.00"),
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
    Case(
        "L10",
        "REVERSAL_DIFFERS",
        fires=lambda: Story().shop().reversed("p1", "90.00").payment("p1"),
        beside=lambda: Story().shop().reversed("p0", "90.00").payment("p1"),
        remedy=lambda s: s.released("payment:p1", "REVERSAL_DIFFERS"),
        document="p1",
    ),
    Case(
        "L11",
        "TENDER_NOT_CLEARED",
        fires=lambda: _cheques().invoice("i1").payment("p1", on="i1", tender="CHEQUE"),
        beside=lambda: _cheques().invoice("i1").payment("p1", on="i1", tender="CHEQUE", date="2026-03-05"),
        remedy=lambda s: s.until("2026-03-15"),
        document="p1",
        state="WAITING",
    ),
    Case(
        "L12",
        "BOOKED_IN_ACCOUNTING",
        fires=lambda: Story().shop().invoice("i1").payment("p1", on="i1", origin="ACCOUNTING"),
        beside=lambda: Story().shop().invoice("i1").payment("p1", on="i1"),
        document="p1",
        state="EXCLUDED",
    ),
    Case(
        "I8",
        "CASH_ROUNDING_UNMAPPED",
        fires=lambda: _rounded(Story().shop(rounding_max="0.02")),
        beside=lambda: _rounded(Story().shop(rounding_max="0.02", control={"cash_rounding": "8910"})),
        remedy=lambda s: s.amended("i1", totals={}, tenders=[said.tender("CASH", "99.98")]),
    ),
    Case(
        "I9",
        "FX_ACCOUNT_MISSING",
        fires=lambda: _dollars(Story().shop()),
        beside=lambda: _dollars(Story().shop(control={"fx_difference": "7900"})),
        remedy=lambda s: s.account("acme", version=2, fx_account="7901"),
        document="p1",
    ),
    Case(
        "L9",
        "GIFT_CARD_TAXED",
        fires=lambda: _gift_card(tax="10.00"),
        beside=_gift_card,
        remedy=lambda s: s.amended("i1", lines=[said.line("50.00", gift_card=True)]),
    ),
)
