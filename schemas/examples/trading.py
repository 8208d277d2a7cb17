"""Examples of trade: a small chain of shops; a trade customer owes through an account, a website customer does not."""

from __future__ import annotations

from schemas.examples.written import Content, told

_TILL = "/pos/store-12"
_WEB = "/shop/web"
_LEDGER = "/accounting/main"

_CUSTOMER: Content = {
    "customer": "c-1001",
    "version": 1,
    "name": "Harbour Café Ltd",
    "addresses": [{"use": "BILLING", "lines": ["4 Quay Street"], "city": "Whitby", "postcode": "YO21 1AA", "country": "GB"}],
    "contacts": [{"type": "EMAIL", "value": "accounts@harbour-cafe.example", "main": True}],
    "currency": "GBP",
    "channels": ["POS"],
}
_ACCOUNT: Content = {
    "account": "a-2001",
    "version": 1,
    "name": "Harbour Café Ltd",
    "ledger_account": "1100",
    "currency": "GBP",
    "origin": "IMPORTED",
    "external_ref": "HARB001",
    "terms": {"days": 30, "rule": "DAYS_AFTER_BILL_DATE"},
    "credit": {"limit": "5000.00", "warning": "4000.00", "mode": "WARN_ONLY"},
}
_CLASS: Content = {"class": "trade", "version": 1, "name": "Trade accounts", "behaviour": "ACCOUNT", "channels": ["POS"]}
_LINES = [
    {
        "line": 1,
        "description": "Espresso beans 1 kg",
        "net": "30.00",
        "tax": [{"code": "Z", "amount": "0.00", "rate": "0"}],
        "product": "beans-1kg",
        "product_class": "coffee",
        "quantity": "2",
        "unit_price": "15.00",
    },
    {
        "line": 2,
        "description": "Milk jug",
        "net": "10.00",
        "tax": [{"code": "S", "amount": "2.00", "rate": "0.20"}],
        "product": "jug-600",
        "product_class": "equipment",
        "quantity": "1",
        "unit_price": "10.00",
    },
]
_INVOICE: Content = {
    "document": "i-3001",
    "version": 1,
    "number": "12-3001",
    "date": "2026-01-30",
    "business_date": "2026-01-30",
    "currency": "GBP",
    "prices_include_tax": False,
    "lines": _LINES,
    "totals": {"net": "40.00", "tax": "2.00", "gross": "42.00"},
    "customer": "c-1001",
    "branch": "store-12",
    "channel": "POS",
    "order_number": "PO-778",
}
_CREDIT: Content = {
    "document": "n-3101",
    "version": 1,
    "number": "12-3101",
    "date": "2026-02-02",
    "business_date": "2026-02-02",
    "currency": "GBP",
    "prices_include_tax": False,
    "lines": [
        {
            "line": 1,
            "description": "Milk jug",
            "net": "10.00",
            "tax": [{"code": "S", "amount": "2.00"}],
            "product_class": "equipment",
        }
    ],
    "totals": {"net": "10.00", "tax": "2.00", "gross": "12.00"},
    "customer": "c-1001",
    "original": "i-3001",
    "reason": "chipped",
}
_PAYMENT: Content = {
    "payment": "p-4001",
    "date": "2026-02-03",
    "currency": "GBP",
    "amount": "30.00",
    "tender": "card",
    "customer": "c-1001",
    "allocations": [{"document": "i-3001", "amount": "30.00"}],
    "fee": "0.45",
}
_FEBRUARY: Content = {"period": "2026-02", "from": "2026-02-01", "to": "2026-02-28"}
_POSTING_KEY = "5b0f8b8e-5d2c-5c0e-9d8e-0f3f5c1c2a11"

TRADING: dict[str, Content] = dict(
    (
        told(
            "book.opened",
            "book-1",
            "2026-01-01T08:00:00Z",
            {
                "base_currency": "GBP",
                "control_accounts": {"receivable": "1100", "deposits": "2300", "rounding": "8900", "fees": "7400"},
                "timezone": "Europe/London",
                "policies": {"anonymous_class": "web-sales", "rounding_max": "0.05", "future_days_max": 1},
            },
        ),
        told(
            "mapping.defined",
            "mapping-tax-S-1",
            "2026-01-01T08:05:00Z",
            {
                "kind": "tax",
                "key": "S",
                "value": {"account": "2200", "rate": "0.20", "code": "S"},
                "effective_from": "2026-01-01",
            },
        ),
        told("period.opened", "period-2026-02-open", "2026-01-25T09:00:00Z", _FEBRUARY),
        told("period.locked", "period-2026-02-lock", "2026-03-02T09:00:00Z", _FEBRUARY),
        told("period.closed", "period-2026-02-close", "2026-03-06T09:00:00Z", _FEBRUARY),
        told("period.reopened", "period-2026-02-reopen", "2026-03-07T09:00:00Z", _FEBRUARY),
        told("customer.registered", "c-1001-v1", "2026-01-05T10:00:00Z", _CUSTOMER),
        told("customer.changed", "c-1001-v2", "2026-01-20T10:00:00Z", {**_CUSTOMER, "version": 2, "order_number_required": True}),
        told(
            "customer.held",
            "c-1001-hold-1",
            "2026-02-10T10:00:00Z",
            {
                "customer": "c-1001",
                "from": "2026-02-11T00:00:00Z",
                "until": "2026-02-18T00:00:00Z",
                "reason": "disputed delivery",
            },
        ),
        told("customer.hold_released", "c-1001-hold-1-over", "2026-02-12T10:00:00Z", {"customer": "c-1001"}),
        told("customer.merged", "merge-c-1001-1", "2026-02-14T10:00:00Z", {"survivor": "c-1001", "merged": ["c-1055"]}),
        told("customer.deactivated", "c-1077-off", "2026-02-15T10:00:00Z", {"customer": "c-1077", "reason": "closed down"}),
        told("customer.reactivated", "c-1077-on", "2026-02-20T10:00:00Z", {"customer": "c-1077", "reason": "new owner"}),
        told("account.opened", "a-2001-v1", "2026-01-05T11:00:00Z", _ACCOUNT),
        told("account.changed", "a-2001-v2", "2026-01-21T11:00:00Z", {**_ACCOUNT, "version": 2, "stop_credit": True}),
        told("account.merged", "merge-a-2001-1", "2026-02-14T11:00:00Z", {"survivor": "a-2001", "merged": ["a-2055"]}),
        told(
            "link.made",
            "link-c-1001-1",
            "2026-01-05T11:05:00Z",
            {"customer": "c-1001", "account": "a-2001", "effective_from": "2026-01-05"},
        ),
        told(
            "link.removed", "unlink-c-1001-1", "2026-02-25T11:05:00Z", {"customer": "c-1001", "reason": "pays cash from now on"}
        ),
        told("class.defined", "class-trade-v1", "2026-01-02T09:00:00Z", {**_CLASS, "default_terms": {"days": 14}}),
        told(
            "class.revised", "class-trade-v2", "2026-01-15T09:00:00Z", {**_CLASS, "version": 2, "default_credit_limit": "2500.00"}
        ),
        told("class.deactivated", "class-legacy-off", "2026-02-01T09:00:00Z", {"class": "legacy"}),
        told("class.assigned", "a-2001-trade", "2026-01-05T11:10:00Z", {"account": "a-2001", "class": "trade"}),
        told("class.unassigned", "a-2001-trade-off", "2026-02-25T11:10:00Z", {"account": "a-2001", "class": "trade"}),
        told("invoice.issued", "i-3001-v1", "2026-01-30T14:02:11+00:00", _INVOICE, _TILL),
        told(
            "invoice.amended",
            "i-3001-v2",
            "2026-01-30T15:10:00+00:00",
            {**_INVOICE, "version": 2, "due_date": "2026-02-28"},
            _TILL,
        ),
        told(
            "invoice.voided",
            "i-3001-v3",
            "2026-01-30T16:00:00+00:00",
            {"document": "i-3001", "version": 3, "reason": "keyed twice"},
            _TILL,
        ),
        told("credit_note.issued", "n-3101-v1", "2026-02-02T09:30:00+00:00", _CREDIT, _TILL),
        told(
            "credit_note.amended",
            "n-3101-v2",
            "2026-02-02T09:40:00+00:00",
            {**_CREDIT, "version": 2, "reason": "wrong size"},
            _TILL,
        ),
        told("credit_note.voided", "n-3101-v3", "2026-02-02T09:50:00+00:00", {"document": "n-3101", "version": 3}, _TILL),
        told("payment.received", "p-4001", "2026-02-03T12:00:00+00:00", _PAYMENT, _WEB),
        told("payment.reversed", "p-4001-back", "2026-02-09T12:00:00+00:00", _PAYMENT, _WEB),
        told(
            "refund.paid",
            "r-4101",
            "2026-02-04T12:00:00+00:00",
            {
                "payment": "r-4101",
                "date": "2026-02-04",
                "currency": "GBP",
                "amount": "12.00",
                "tender": "card",
                "customer": "c-1001",
                "allocations": [{"document": "n-3101", "amount": "12.00"}],
            },
            _WEB,
        ),
        told(
            "release.granted",
            "release-i-3001-1",
            "2026-02-05T08:30:00+00:00",
            {
                "document": "i-3001",
                "version": 1,
                "reasons": ["CUSTOMER_ON_HOLD"],
                "by": "m.hill",
                "role": "credit-controller",
                "note": "delivery confirmed by phone",
            },
        ),
        told(
            "posting.acknowledged",
            "ack-1",
            "2026-01-30T14:05:00+00:00",
            {"posting_key": _POSTING_KEY, "target": "main-ledger", "external_id": "INV-88121", "external_lines": ["1", "2", "3"]},
            _LEDGER,
        ),
        told(
            "posting.refused",
            "ack-2",
            "2026-01-30T14:05:00+00:00",
            {"posting_key": _POSTING_KEY, "target": "main-ledger", "code": "ARCHIVED", "text": "the contact is archived"},
            _LEDGER,
        ),
        told(
            "source.gap_declared",
            "gap-1",
            "2026-01-31T08:15:00+00:00",
            {
                "source": "kafka:kZ3nQ8xVTaqz0bqXw1c2Rg/postgate.documents/Jq3vD7cTQm6p9hYt0aLr2w/3",
                "from": 1201,
                "to": 1260,
                "by": "m.hill",
                "reason": "the broker's disk was lost; store 12 sent the day again",
            },
            "/operations",
        ),
    )
)
"""CloudEvents type -> one message of that type."""
