"""Messages as a publisher writes them, short to read in a test: what is not named has a sensible default."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.values import major, minor

DAY = "2026-03-10"
"""The day on which a story plays, unless it says otherwise; a Tuesday."""

Fields = dict[str, object]

RECEIVABLE, DEPOSITS, ROUNDING, FEES = "1100", "2300", "8900", "6100"
REVENUE, VAT, CITY_TAX, CASH, CARD = "4000", "2200", "2210", "1000", "1010"
"""The ledger accounts of a story's book."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One message: its kind (`invoice.issued`), its fields, and an id of its own where a test cares."""

    kind: str
    fields: Mapping[str, object]
    id: str | None = None

    def under(self, message_id: str) -> Saying:
        """Return the same words under a given message id."""
        return replace(self, id=message_id)

    def written(self, book: str, message_id: str) -> bytes:
        """Return the structured CloudEvent, as bytes."""
        event = {
            "specversion": "1.0",
            "id": self.id or message_id,
            "source": "/till",
            "type": f"postgate.{self.kind}.v1",
            "time": f"{DAY}T09:00:00Z",
            "book": book,
            "data": self.fields,
        }
        return json.dumps(event).encode()


def say(kind: str, /, **fields: object) -> Saying:
    """Return a message of a kind; a field that is None is left out, `class_` and `from_` lose their underscore."""
    return Saying(kind, {name.rstrip("_"): value for name, value in fields.items() if value is not None})


def book(**settings: object) -> Saying:
    """Open the book; `currency`, `timezone` and `control` accounts are its own, whatever else is named is a policy."""
    control = {"receivable": RECEIVABLE, "deposits": DEPOSITS, "rounding": ROUNDING, "fees": FEES}
    currency, timezone, more = settings.pop("currency", "EUR"), settings.pop("timezone", "UTC"), settings.pop("control", {})
    if not isinstance(more, dict):
        raise TypeError("control names ledger accounts")
    control |= more
    return say("book.opened", base_currency=currency, control_accounts=control, timezone=timezone, policies=settings)


def mapping(kind: str, key: str, **value: object) -> Saying:
    """Give a source code its place in the books, from the day `effective_from` where one is named."""
    effective_from = value.pop("effective_from", None)
    return say("mapping.defined", kind=kind, key=key, value=value, effective_from=effective_from)


def mappings() -> tuple[Saying, ...]:
    """Return what every story's book maps: one revenue account, two taxes, two tenders."""
    return (
        mapping("revenue", "default", account=REVENUE),
        mapping("tax", "VAT", account=VAT),
        mapping("tax", "CITY", account=CITY_TAX),
        mapping("tender", "CASH", account=CASH),
        mapping("tender", "CARD", account=CARD),
    )


def account(name: str, /, **fields: object) -> Saying:
    """Open an account customer, or say it anew under a higher `version`."""
    whole: Fields = {"account": name, "version": 1, "name": name, "ledger_account": RECEIVABLE, **fields}
    return say("account.opened" if whole["version"] == 1 else "account.changed", **whole)


def class_(name: str, /, behaviour: str = "ACCOUNT", **fields: object) -> Saying:
    """Define a class, or revise it under a higher `version`."""
    whole: Fields = {"class": name, "version": 1, "name": name, "behaviour": behaviour, **fields}
    return say("class.defined" if whole["version"] == 1 else "class.revised", **whole)


def customer(name: str, /, **fields: object) -> Saying:
    """Register an operational customer, or say it anew under a higher `version`."""
    whole: Fields = {"customer": name, "version": 1, "name": name, **fields}
    return say("customer.registered" if whole["version"] == 1 else "customer.changed", **whole)


def link(operational: str, debtor: str, effective_from: str | None = None) -> Saying:
    """Let a customer owe through an account."""
    return say("link.made", customer=operational, account=debtor, effective_from=effective_from)


def period(name: str, first: str, last: str, *, verb: str = "opened") -> Saying:
    """Declare a period, or lock, close or reopen it."""
    return say(f"period.{verb}", period=name, from_=first, to=last)


def line(net: str = "100.00", *, tax: str | Mapping[str, str] | None = None, **fields: object) -> Fields:
    """Return a line; `tax` is an amount of VAT, or amounts by code."""
    taxes = {"VAT": tax} if isinstance(tax, str) else tax or {}
    stated: Fields = {"description": "goods", "net": net, "tax": [{"code": code, "amount": taxes[code]} for code in taxes]}
    return stated | fields


def tender(code: str, amount: str, **fields: object) -> Fields:
    """Return a part paid at the till."""
    return {"tender": code, "amount": amount, **fields}


def invoice(document: str, net: str = "100.00", **fields: object) -> Saying:
    """Issue an invoice of one line, or of `lines`; totals are what the lines add up to, `totals` says otherwise."""
    return Saying("invoice.issued", _sale(document, net, fields))


def credit_note(document: str, net: str = "100.00", **fields: object) -> Saying:
    """Issue a credit note; `original` is the invoice it corrects."""
    return Saying("credit_note.issued", _sale(document, net, fields))


def _sale(document: str, net: str, given: Mapping[str, object]) -> Fields:
    fields = dict(given)
    tax = fields.pop("tax", None)
    if not isinstance(tax, str | dict | None):
        raise TypeError("tax is an amount of VAT, or amounts by code")
    asked = fields.pop("lines", None) or [line(net, tax=tax)]
    stated = fields.pop("totals", {})
    currency = str(fields.get("currency", "EUR"))
    if not isinstance(asked, list) or not isinstance(stated, dict):
        raise TypeError("lines is a list of line(), totals a dict")
    lines: list[Fields] = [{"line": number, **given_line} for number, given_line in enumerate(asked, 1)]
    whole: Fields = {
        "document": document,
        "version": 1,
        "number": f"N-{document}",
        "date": DAY,
        "business_date": fields.get("date", DAY),
        "currency": currency,
        "prices_include_tax": False,
        "lines": lines,
        "totals": _totals(lines, stated, currency),
        "customer": "c1",
    }
    return {name: value for name, value in (whole | fields).items() if value is not None}


def _totals(lines: Sequence[Mapping[str, object]], stated: Mapping[str, object], currency: str) -> Fields:
    """Add the lines up; charges and rounding that are stated belong to the gross."""
    net = tax = 0
    for counted in lines:
        if not counted.get("voided"):
            net += minor(str(counted["net"]), currency)
            taxes = counted["tax"]
            tax += sum(minor(part["amount"], currency) for part in taxes) if isinstance(taxes, list) else 0
    extra = sum(minor(str(stated[name]), currency) for name in ("charges", "rounding") if name in stated)
    sums = {"net": net, "tax": tax, "gross": net + tax + extra}
    return {name: major(units, currency) for name, units in sums.items()} | dict(stated)


def payment(name: str, amount: str = "100.00", **fields: object) -> Saying:
    """Receive money; `on` names the document, or documents with amounts, that it settles."""
    return Saying("payment.received", _money(name, amount, fields))


def refund(name: str, amount: str = "100.00", **fields: object) -> Saying:
    """Pay money back."""
    return Saying("refund.paid", _money(name, amount, fields))


def reversal(name: str, amount: str = "100.00", **fields: object) -> Saying:
    """Take a payment back: it did not stand."""
    return Saying("payment.reversed", _money(name, amount, fields))


def _money(name: str, amount: str, given: Mapping[str, object]) -> Fields:
    fields = dict(given)
    on = fields.pop("on", None)
    settled = {on: amount} if isinstance(on, str) else on or {}
    if not isinstance(settled, dict):
        raise TypeError("on is a document, or amounts by document")
    allocations = [{"document": document, "amount": part} for document, part in settled.items()]
    whole: Fields = {
        "payment": name,
        "date": DAY,
        "currency": "EUR",
        "amount": amount,
        "tender": "CASH",
        "customer": "c1",
        "allocations": allocations,
    }
    return {name: value for name, value in (whole | fields).items() if value is not None}


def release(document: str, *reasons: str, version: int = 1) -> Saying:
    """Let one version of a document pass the reasons named."""
    return say(
        "release.granted", document=document, version=version, reasons=list(reasons), by="ann", role="accountant", note="agreed"
    )
