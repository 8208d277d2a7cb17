"""Repairs: how the next version of a document might look when its publisher has corrected it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.explain.supposing import CUSTOMER, Fact
from schemas.inbound import CreditNoteIssued, InvoiceIssued
from schemas.values import major, minor

_DROPPED = ("prices_include_tax", "exempted_tax", "price_before_exemption", "tax_groups", "tax_total", "discount", "discounts")
MADE_UP: dict[str, tuple[str, object]] = {
    "FX_RATE_MISSING": ("exchange_rate", "1"),
    "CUSTOMER_ORDER_NO_REQUIRED": ("order_number", "ORDER"),
    "CUSTOMER_ORDER_NO_DUPLICATE": ("order_number", "ORDER"),
    "ANONYMOUS_NO_DEFAULT": ("customer", CUSTOMER),
    "MERGE_UNRESOLVED": ("customer", CUSTOMER),
    "CREDIT_CUSTOMER_MISMATCH": ("customer", None),
}
"""What only the publisher knows: reason -> the field it mends, and what stands in for it, None where it is left out."""


def next_version(said: InvoiceIssued, version: int, codes: Collection[str]) -> Fact:
    """Return the next version of a document, with whatever could be wrong in it corrected."""
    before = said.model_dump(by_alias=True, exclude_unset=True, mode="json")
    fields = {name: value for name, value in before.items() if name not in ("status", "do_not_post")}
    fields["version"] = version
    fields["lines"] = list(_lines(said, codes))
    fields["totals"] = _totals(said)
    for code, (name, value) in MADE_UP.items():
        if code in codes:
            fields[name] = value
    fields = {name: value for name, value in fields.items() if value is not None}
    if "DOCUMENT_NUMBER_COLLISION" in codes:
        fields["number"] = f"{said.number[:120]}-{version}"
    noun = "credit_note" if isinstance(said, CreditNoteIssued) else "invoice"
    changed = tuple(name for name in dict.fromkeys((*before, *fields)) if before.get(name) != fields.get(name))
    changed = tuple(name for name in changed if name != "version")
    told = f"publish version {version} of {said.document}{'' if changed else ', which settles what is true'}"
    return Fact(f"{noun}.amended", fields, told, chosen=changed, changed=changed, before=before)


def _lines(said: InvoiceIssued, codes: Collection[str]) -> Iterator[dict[str, object]]:
    for line in said.lines:
        fields = line.model_dump(by_alias=True, exclude_unset=True, mode="json")
        if line.quantity is not None and line.quantity.startswith("-") != line.net.startswith("-"):
            fields["quantity"] = line.quantity.removeprefix("-") if line.quantity.startswith("-") else f"-{line.quantity}"
        if line.unit_price is not None:
            fields["unit_price"] = line.unit_price.removeprefix("-")
        if "GIFT_CARD_RETURN" in codes:
            fields.pop("gift_card", None)
        yield {name: value for name, value in fields.items() if name not in _DROPPED}


def _totals(said: InvoiceIssued) -> dict[str, object]:
    """Return the totals that the lines add up to; charges stay, rounding is left out."""
    currency, counted = said.currency, [line for line in said.lines if not line.voided]
    net = sum(minor(line.net, currency) for line in counted)
    tax = sum(minor(part.amount, currency) for line in counted for part in line.tax)
    charges = minor(said.totals.charges, currency) if said.totals.charges else 0
    sums = {"net": net, "tax": tax, "gross": net + tax + charges}
    kept = {"charges": said.totals.charges} if said.totals.charges else {}
    return {**{name: major(units, currency) for name, units in sums.items()}, **kept}


def first_version(document: str, like: InvoiceIssued | None, owed: tuple[str, str], day: str, customer: str | None) -> Fact:
    """Return a document that was never received: like the credit note that names it, else of the amount that settles it."""
    amount, currency = owed
    made: dict[str, object] = {
        "lines": [{"line": 1, "description": "", "net": amount, "tax": []}],
        "totals": {"net": amount, "tax": "0", "gross": amount},
        "prices_include_tax": False,
    }
    if like is not None:
        whole = like.model_dump(by_alias=True, exclude_unset=True, mode="json")
        made = {name: whole[name] for name in ("lines", "totals", "prices_include_tax")}
    fields = {
        "document": document,
        "version": 1,
        "number": document,
        "date": day,
        "business_date": day,
        "currency": currency,
        **made,
        **({"customer": customer} if customer else {}),
    }
    chosen = tuple(name for name in fields if name not in ("document", "version"))
    return Fact("invoice.issued", fields, f"publish the original document {document}", chosen=chosen)
