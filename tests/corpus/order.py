"""Hostile orders: messages that are fine alone; what becomes of them depends on what was said before."""

from __future__ import annotations

from tests.corpus.case import Case, refused
from tests.corpus.messages import INVOICE, credit, invoice, line, named, payment, said, sale

PLAIN = invoice()
GROSS_DIFFERS = {"net": "10.00", "tax": "2.00", "gross": "12.01"}


def again(event: str, **changes: object) -> bytes:
    """Return the plain invoice in another message."""
    return said(INVOICE, sale(**changes), id=event)


def told(verb: str, event: str, **content: object) -> bytes:
    """Return a fact about customers, accounts or links."""
    return said(f"postgate.{verb}.v1", content, id=event)


def negative() -> bytes:
    """Return an invoice below zero that is no credit note."""
    return invoice(lines=[line(net="-10.00", tax=[])], totals={"net": "-10.00", "tax": "0.00", "gross": "-10.00"})


JANUARY = said("postgate.period.closed.v1", {"period": "2026-01", "from": "2026-01-01", "to": "2026-01-31"}, id="p-1")
THIRD = said("postgate.customer.changed.v1", {"customer": "c-1", "version": 3, "name": "Ann"}, id="e-3")
UNLINKED = told("link.removed", "l-2", customer="c-1")
MERGED = told("customer.merged", "g-1", survivor="c-2", merged=["c-1"])

ENGINE = [
    Case(
        38, "the total differs by 0.01", invoice(totals=GROSS_DIFFERS), "HOLD", "TOTAL_MISMATCH", rulebook="TOTAL_GROSS_MISMATCH"
    ),
    Case(
        40,
        "a negative quantity of a positive line",
        invoice(lines=[line(quantity="-1", unit_price="-10")]),
        "HOLD",
        "SIGN",
        rulebook="SIGN_CONTRADICTION",
    ),
    Case(40, "an invoice below zero", negative(), "HOLD", "SIGN", rulebook="NEGATIVE_INVOICE"),
    Case(
        54,
        "a date in the future",
        invoice(date="2099-01-01", business_date="2099-01-01"),
        "HOLD",
        "DATE_FUTURE",
        rulebook="FUTURE_DATED",
    ),
    Case(54, "a closed period", PLAIN, "HOLD", "PERIOD_CLOSED", before=(JANUARY,)),
    Case(55, "the same message again", PLAIN, "DUPLICATE", "DUPLICATE_EVENT", before=(PLAIN,)),
    Case(56, "the same message id with other content", invoice(number="1002"), "HOLD", "DOCUMENT_CONFLICT", before=(PLAIN,)),
    Case(57, "the same content in another message", again("e-2"), "DUPLICATE", "DUPLICATE_DOCUMENT", before=(PLAIN,)),
    Case(58, "the same version with other content", again("e-2", number="1002"), "HOLD", "DOCUMENT_CONFLICT", before=(PLAIN,)),
    Case(58, "the same the other way round", PLAIN, "HOLD", "DOCUMENT_CONFLICT", before=(again("e-2", number="1002"),)),
    Case(
        59,
        "version 3 before 2",
        again("e-3", version=3),
        "WAIT",
        "WAITING_FOR_DEPENDENCY",
        before=(PLAIN,),
        rulebook="WAITING_FOR_VERSION",
    ),
    Case(59, "version 1 after 2", PLAIN, "POST", before=(again("e-2", version=2, number="1002"),)),
    Case(59, "a customer's version 2 after 3", named("Ann", version=2), "STALE", "STALE_VERSION", before=(THIRD,)),
    Case(60, "a credit note for an unknown invoice", credit("n-1", "5.00", "i-9", "e-1"), "WAIT", "WAITING_FOR_DEPENDENCY"),
    Case(60, "a payment before its invoice", payment("12.00", "i-9", "e-1"), "WAIT", "WAITING_FOR_DEPENDENCY"),
    Case(
        61,
        "a credit note over its invoice",
        credit("n-1", "12.01", "i-1", "e-2"),
        "HOLD",
        "CREDIT_EXCEEDS_INVOICE",
        before=(PLAIN,),
    ),
    Case(
        61,
        "a second full credit",
        credit("n-2", "12.00", "i-1", "e-3"),
        "HOLD",
        "CREDIT_EXCEEDS_INVOICE",
        before=(PLAIN, credit("n-1", "12.00", "i-1", "e-2")),
    ),
    Case(62, "the customer was merged into one without a link", PLAIN, "HOLD", "LINK_MISSING", before=(MERGED,)),
    Case(62, "the link was removed just before", PLAIN, "HOLD", "LINK_MISSING", before=(UNLINKED,)),
    *refused(
        63,
        "merged into itself",
        "SCHEMA_INVALID",
        *(told(f"{noun}.merged", "e-1", survivor="x", merged=["x"]) for noun in ("customer", "account")),
    ),
    Case(
        63,
        "merged in a circle",
        PLAIN,
        "HOLD",
        "LINK_MISSING",
        before=(MERGED, told("customer.merged", "g-2", survivor="c-1", merged=["c-2"])),
    ),
]
"""Cases for the engine: the door lets them in, and what becomes of them is asserted where the engine is run."""
