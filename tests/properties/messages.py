"""Messages of a small shop, each as short as its type allows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from schemas.values import major, minor

BOOK = "shop"
DAY = "2026-01-15"


class Said(bytes):
    """The bytes of a message; a counterexample shows it short."""

    def __repr__(self) -> str:
        told = json.loads(self)
        content = told["data"]
        named = {name: content[name] for name in _SHOWN if name in content}
        return f"<{told['type'][9:-3]} {named}>"


_SHOWN = (
    *(
        "document",
        "payment",
        "customer",
        "account",
        "class",
        "version",
        "original",
        "behaviour",
        "kind",
        "key",
        "period",
        "survivor",
    ),
    *("merged", "currency", "totals", "tenders", "amount", "allocations", "tender", "policies", "reasons"),
)


def say(
    type_: str, content: Mapping[str, object], *, book: str = BOOK, id_: str | None = None, publisher: str = "/till/1"
) -> Said:
    """Return a structured message; without an id it is named by its content, so that saying it again is the same message."""
    name = id_ or sha256(json.dumps([book, type_, content], sort_keys=True).encode()).hexdigest()[:24]
    envelope = {"specversion": "1.0", "id": name, "source": publisher, "time": "2026-01-15T12:00:00Z", "book": book}
    return Said(json.dumps({**envelope, "type": f"postgate.{type_}.v1", "data": content}).encode())


def renamed(said: Said, id_: str) -> Said:
    """Return the same message under another id."""
    return Said(json.dumps({**json.loads(said), "id": id_}).encode())


def in_book(said: Said, book: str) -> Said:
    """Return the same message for another book."""
    return Said(json.dumps({**json.loads(said), "book": book}).encode())


def opened(base: str = "EUR", **policies: object) -> Said:
    """Open the book."""
    accounts = {"receivable": "1100", "deposits": "2100", "rounding": "8900", "fees": "8800"}
    return say(
        "book.opened", {"base_currency": base, "control_accounts": accounts, "timezone": "Europe/London", "policies": policies}
    )


def mapping(kind: str, key: str, **value: object) -> Said:
    """Give a source code its place in the books."""
    return say("mapping.defined", {"kind": kind, "key": key, "value": value})


def period(verb: str = "opened", name: str = "2026-01", first: str = "2026-01-01", last: str = "2026-01-31") -> Said:
    """Open, lock, close or reopen a period."""
    return say(f"period.{verb}", {"period": name, "from": first, "to": last})


def customer(key: str = "c1", version: int = 1, **rest: object) -> Said:
    """Register a customer."""
    return say("customer.registered", {"customer": key, "version": version, "name": f"Customer {key}", **rest})


def account(key: str = "a1", version: int = 1, **rest: object) -> Said:
    """Open an account customer."""
    return say("account.opened", {"account": key, "version": version, "name": f"Account {key}", "ledger_account": "1100", **rest})


def link(customer_: str = "c1", account_: str = "a1") -> Said:
    """Link a customer to an account."""
    return say("link.made", {"customer": customer_, "account": account_})


def unlink(customer_: str = "c1") -> Said:
    """Take the link of a customer away."""
    return say("link.removed", {"customer": customer_})


def class_(key: str = "trade", behaviour: str = "ACCOUNT", version: int = 1, **rest: object) -> Said:
    """Define a class."""
    return say("class.defined", {"class": key, "version": version, "name": f"Class {key}", "behaviour": behaviour, **rest})


def classify(account_: str = "a1", key: str = "trade") -> Said:
    """Give an account a class."""
    return say("class.assigned", {"account": account_, "class": key})


def sale(document: str = "i1", nets: Sequence[int] = (1000,), *, version: int = 1, **rest: object) -> dict[str, object]:
    """Return the content of a sale with a line for each net amount, in minor units, and 20 % tax on each."""
    currency = str(rest.get("currency", "EUR"))
    taxes = [net // 5 for net in nets]
    lines = [
        {
            "line": number,
            "description": "Mug",
            "net": major(net, currency),
            "tax": [{"code": "S", "amount": major(tax, currency)}] if tax else [],
            "product_class": "mugs",
        }
        for number, (net, tax) in enumerate(zip(nets, taxes, strict=True), 1)
    ]
    totals = {
        name: major(units, currency)
        for name, units in (("net", sum(nets)), ("tax", sum(taxes)), ("gross", sum(nets) + sum(taxes)))
    }
    plain = {
        "document": document,
        "version": version,
        "number": f"N-{document}",
        "date": DAY,
        "business_date": DAY,
        "currency": currency,
    }
    named = {"customer": "c1"} if "customer" not in rest else {}
    return {
        name: value
        for name, value in {**plain, **named, "prices_include_tax": False, "lines": lines, "totals": totals, **rest}.items()
        if value is not None
    }


def invoice(document: str = "i1", nets: Sequence[int] = (1000,), *, version: int = 1, **rest: object) -> Said:
    """Issue an invoice; an amendment from version 2 on."""
    return say("invoice.issued" if version == 1 else "invoice.amended", sale(document, nets, version=version, **rest))


def credit_note(document: str = "n1", nets: Sequence[int] = (1000,), *, version: int = 1, **rest: object) -> Said:
    """Issue a credit note."""
    return say("credit_note.issued" if version == 1 else "credit_note.amended", sale(document, nets, version=version, **rest))


def void(document: str = "i1", version: int = 2, noun: str = "invoice") -> Said:
    """Void a document."""
    return say(f"{noun}.voided", {"document": document, "version": version})


def payment(
    key: str = "p1", amount: int = 1200, paid: Mapping[str, int] | None = None, verb: str = "payment.received", **rest: object
) -> Said:
    """Receive money, in minor units, for the documents given."""
    currency = str(rest.get("currency", "EUR"))
    allocations = [{"document": document, "amount": major(part, currency)} for document, part in (paid or {}).items()]
    plain = {
        "payment": key,
        "date": DAY,
        "currency": currency,
        "amount": major(amount, currency),
        "tender": "cash",
        "customer": "c1",
    }
    whole = {**plain, "allocations": allocations, **rest}
    return say(verb, {name: value for name, value in whole.items() if value is not None})


def release(document: str, *reasons: str, version: int = 1) -> Said:
    """Let a document pass the reasons named."""
    return say(
        "release.granted",
        {"document": document, "version": version, "reasons": list(reasons), "by": "Ann", "role": "accountant", "note": "agreed"},
    )


MAPPINGS = (
    mapping("revenue", "mugs", account="4000"),
    mapping("tax", "S", account="2200"),
    mapping("tender", "cash", account="1000"),
)
PARTIES = (customer(), account(), class_(), link(), classify())
SHOP = (opened(), *MAPPINGS, *PARTIES)
"""A book in which an invoice of customer c1 posts to account a1."""

GENERIC = (
    opened(),
    *MAPPINGS,
    customer(),
    account(),
    account("g1", generic=True),
    class_("walk-in", "GENERIC", generic_account="g1"),
    link(),
    classify("a1", "walk-in"),
)
"""A book in which an invoice of customer c1 posts to the shared account g1, once it is paid."""


def gross(said: Said) -> int:
    """Return the gross of a sale in minor units."""
    content = json.loads(said)["data"]
    return minor(content["totals"]["gross"], content["currency"])
