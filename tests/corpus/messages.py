"""Plain messages that the hostile ones are made from by one change."""

from __future__ import annotations

import json

HEAD = {"specversion": "1.0", "source": "/pos/store-12", "time": "2026-01-31T13:45:00+01:00", "book": "uk"}
INVOICE = "postgate.invoice.issued.v1"
CREDIT_NOTE = "postgate.credit_note.issued.v1"
PAYMENT = "postgate.payment.received.v1"


def said(kind: str, content: object, **attributes: object) -> bytes:
    """Return a structured CloudEvent; an attribute given replaces the plain one, None takes it away."""
    head = HEAD | {"id": "e-1", "type": kind} | attributes
    whole = {name: value for name, value in head.items() if value is not None} | {"data": content}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")


def line(**changes: object) -> dict[str, object]:
    """Return one line of 10.00 and 2.00 tax."""
    return {
        "line": 1,
        "description": "Mug",
        "net": "10.00",
        "tax": [{"code": "S", "amount": "2.00"}],
        "product": "85123A",
    } | changes


def sale(**changes: object) -> dict[str, object]:
    """Return the content of an invoice of 12.00 EUR for the customer c-1."""
    plain: dict[str, object] = {
        "document": "i-1",
        "version": 1,
        "number": "1001",
        "date": "2026-01-31",
        "business_date": "2026-01-31",
        "currency": "EUR",
        "prices_include_tax": False,
        "lines": [line()],
        "totals": {"net": "10.00", "tax": "2.00", "gross": "12.00"},
        "customer": "c-1",
    }
    return plain | changes


def invoice(**changes: object) -> bytes:
    """Return the plain invoice with changes to its content."""
    return said(INVOICE, sale(**changes))


def net(amount: object, currency: object = "EUR") -> bytes:
    """Return an invoice whose line has this net amount."""
    return invoice(currency=currency, lines=[line(net=amount, tax=[])], totals={"net": "0", "tax": "0", "gross": "0"})


def described(text: bytes) -> bytes:
    """Return an invoice whose line description is exactly these bytes."""
    return invoice().replace(b"Mug", text)


def credit(key: str, amount: str, original: str, event: str) -> bytes:
    """Return a credit note without tax for an original."""
    totals = {"net": amount, "tax": "0.00", "gross": amount}
    return said(
        CREDIT_NOTE, sale(document=key, number=key, lines=[line(net=amount, tax=[])], totals=totals, original=original), id=event
    )


def payment(amount: str, document: str, event: str) -> bytes:
    """Return a payment for a document."""
    content = {
        "payment": "p-1",
        "date": "2026-01-31",
        "currency": "EUR",
        "amount": amount,
        "tender": "CASH",
        "customer": "c-1",
        "allocations": [{"document": document, "amount": amount}],
    }
    return said(PAYMENT, content, id=event)


def named(name: str, **changes: object) -> bytes:
    """Return the registration of a customer with this name."""
    return said("postgate.customer.registered.v1", {"customer": "c-1", "version": 1, "name": name} | changes)


def mapping(kind: str, key: str, **value: object) -> bytes:
    """Return a mapping of the book."""
    return said("postgate.mapping.defined.v1", {"kind": kind, "key": key, "value": value}, id=f"m-{kind}-{key}")


CONTROLS = {"receivable": "1100", "deposits": "2100", "rounding": "8000"}
SETTING: tuple[bytes, ...] = (
    said("postgate.book.opened.v1", {"base_currency": "EUR", "control_accounts": CONTROLS, "timezone": "UTC"}, id="s-1"),
    mapping("product", "85123A", product_class="GOODS"),
    mapping("product_class", "GOODS", behaviour="DEPARTMENTAL", account="4000"),
    mapping("tax", "S", account="2200", rate="0.20", code="S"),
    mapping("tender", "CASH", account="1000"),
    said("postgate.customer.registered.v1", {"customer": "c-1", "version": 1, "name": "Ann"}, id="s-2"),
    said("postgate.customer.registered.v1", {"customer": "c-2", "version": 1, "name": "Bea"}, id="s-3"),
    said(
        "postgate.account.opened.v1",
        {"account": "a-1", "version": 1, "name": "Ann Ltd", "ledger_account": "1100", "origin": "IMPORTED", "external_ref": "X1"},
        id="s-4",
    ),
    said("postgate.class.defined.v1", {"class": "TRADE", "version": 1, "name": "Trade", "behaviour": "ACCOUNT"}, id="s-5"),
    said("postgate.class.assigned.v1", {"account": "a-1", "class": "TRADE"}, id="s-6"),
    said("postgate.link.made.v1", {"customer": "c-1", "account": "a-1"}, id="s-7"),
)
"""A book in which the plain invoice posts: what a later test tells the engine before a case that needs it."""
