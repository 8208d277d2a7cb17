"""Cases of engine/firewall/integrity.py: a document agrees with itself."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case

LINE = said.line


def _shop() -> Story:
    return Story().shop()


CASES = (
    Case(
        "F1",
        "TOTAL_NET_MISMATCH",
        fires=lambda: _shop().invoice("i1", "100.00", totals={"net": "99.99", "gross": "99.99"}),
        beside=lambda: _shop().invoice("i1", "100.00", totals={"net": "100.00", "gross": "100.00"}),
        remedy=lambda s: s.amended("i1", totals={}),
    ),
    Case(
        "F2",
        "TOTAL_TAX_MISMATCH",
        fires=lambda: _shop().invoice("i1", tax="20.00", totals={"tax": "20.01", "gross": "120.01"}),
        beside=lambda: _shop().invoice("i1", tax="20.00", totals={"tax": "20.00", "gross": "120.00"}),
        remedy=lambda s: s.amended("i1", totals={}),
    ),
    Case(
        "F3",
        "TOTAL_GROSS_MISMATCH",
        fires=lambda: _shop().invoice("i1", tax="20.00", totals={"charges": "5.00", "gross": "120.00"}),
        beside=lambda: _shop().invoice("i1", tax="20.00", totals={"charges": "5.00", "gross": "125.00"}),
        remedy=lambda s: s.amended("i1", totals={}),
    ),
    Case(
        "F4",
        "TOTAL_DISCOUNT_MISMATCH",
        fires=lambda: _shop().invoice("i1", lines=[LINE(discount="3.00"), LINE(discount="2.00")], totals={"discount": "5.01"}),
        beside=lambda: _shop().invoice("i1", lines=[LINE(discount="3.00"), LINE(discount="2.00")], totals={"discount": "5.00"}),
        remedy=lambda s: s.amended("i1", totals={"discount": "5.00"}),
    ),
    Case(
        "F5",
        "TOTAL_PAYMENT_MISMATCH",
        fires=lambda: _shop().invoice("i1", tenders=[said.tender("CASH", "60.00")], totals={"paid": "60.01"}),
        beside=lambda: _shop().invoice("i1", tenders=[said.tender("CASH", "60.00")], totals={"paid": "60.00"}),
        remedy=lambda s: s.amended("i1", totals={"paid": "60.00"}),
    ),
    Case(
        "F6",
        "PAYMENT_OUT_OF_TOLERANCE",
        fires=lambda: Story().shop(payment_tolerance="0.01").invoice("i1", status="PAID", tenders=[said.tender("CASH", "99.98")]),
        beside=lambda: (
            Story().shop(payment_tolerance="0.01").invoice("i1", status="PAID", tenders=[said.tender("CASH", "99.99")])
        ),
        remedy=lambda s: s.amended("i1", tenders=[said.tender("CASH", "100.00")]),
    ),
    Case(
        "F7",
        "EMPTY_DOCUMENT",
        fires=lambda: _shop().invoice("i1", lines=[LINE(voided=True), LINE(voided=True)]),
        beside=lambda: _shop().invoice("i1", lines=[LINE(voided=True), LINE(voided=False)]),
        remedy=lambda s: s.amended("i1", lines=[LINE()]),
        state="EXCLUDED",
        also=("ZERO_VALUE",),
    ),
    Case(
        "F8",
        "SIGN_CONTRADICTION",
        fires=lambda: _shop().invoice("i1", lines=[LINE("100.00", quantity="-1")]),
        beside=lambda: _shop().invoice(
            "i1", lines=[LINE("-1.00", quantity="-1"), LINE("0.00", quantity="-1"), LINE("9.00", quantity="1")]
        ),
        remedy=lambda s: s.amended("i1", lines=[LINE("100.00", quantity="1")]),
    ),
    Case(
        "F9",
        "NEGATIVE_PRICE",
        fires=lambda: _shop().invoice("i1", lines=[LINE(unit_price="-0.01")]),
        beside=lambda: _shop().invoice("i1", lines=[LINE(unit_price="0.00")]),
        remedy=lambda s: s.amended("i1", lines=[LINE(unit_price="100.00")]),
    ),
    Case(
        "F10",
        "TAX_BASIS_INCONSISTENT",
        fires=lambda: _shop().invoice("i1", lines=[LINE(prices_include_tax=True)], prices_include_tax=False),
        beside=lambda: _shop().invoice("i1", lines=[LINE(prices_include_tax=True), LINE()], prices_include_tax=True),
        remedy=lambda s: s.amended("i1", prices_include_tax=True),
    ),
    Case(
        "F15",
        "ZERO_VALUE",
        fires=lambda: _shop().invoice("i1", "0.00"),
        beside=lambda: _shop().invoice("i1", lines=[LINE("10.00"), LINE("-10.00")]),
        remedy=lambda s: s.amended("i1", net="0.01"),
        state="EXCLUDED",
    ),
    Case(
        "F15",
        "ZERO_VALUE",
        fires=lambda: Story().shop(zero_value="HOLD").invoice("i1", "0.00"),
        beside=lambda: Story().shop(zero_value="HOLD").invoice("i1", "0.01"),
        remedy=lambda s: s.amended("i1", net="0.01"),
    ),
    Case(
        "F16",
        "NEGATIVE_INVOICE",
        fires=lambda: _shop().invoice("i1", "-0.01"),
        beside=lambda: Story().shop(negative_invoice="CREDIT_NOTE").invoice("i1", "-0.01"),
        remedy=lambda s: s.amended("i1", net="0.01"),
    ),
)
