"""Examples of what back office and accounting say: batches, days, runs, holds, transfers, drift."""

from __future__ import annotations

from schemas.examples.written import Content, told

_JANUARY: Content = {"period": "2026-Q1", "from": "2026-01-01", "to": "2026-03-31", "by": "Ada"}
_LEDGER = "/accounting/main"
_POSTING_KEY = "5b0f8b8e-5d2c-5c0e-9d8e-0f3f5c1c2a11"

OPERATIONS: dict[str, Content] = dict(
    (
        told("tax_period.closed", "tax-2026-Q1-close", "2026-04-10T09:00:00Z", _JANUARY),
        told("tax_period.reopened", "tax-2026-Q1-reopen", "2026-04-11T09:00:00Z", _JANUARY),
        told(
            "account.held",
            "a-2001-hold-1",
            "2026-02-10T09:00:00Z",
            {"account": "a-2001", "from": "2026-03-01T00:00:00Z", "until": "2026-03-08T00:00:00Z", "reason": "stocktaking"},
        ),
        told(
            "account.hold_released",
            "a-2001-hold-1-end",
            "2026-02-11T09:00:00Z",
            {"account": "a-2001", "reason": "called off"},
        ),
        told(
            "balance.transferred",
            "transfer-1",
            "2026-02-12T09:00:00Z",
            {
                "transfer": "t-1",
                "date": "2026-02-12",
                "from_account": "a-2001",
                "to_account": "a-2002",
                "documents": ["i-3001"],
                "by": "Ada",
                "reason": "the café was sold",
            },
        ),
        told(
            "document.pulled",
            "i-3001-pull",
            "2026-02-01T09:00:00Z",
            {"document": "i-3001", "version": 1, "by": "Ada", "reason": "the customer wants it apart"},
        ),
        told(
            "batch.run",
            "batch-2026-01",
            "2026-02-01T10:00:00Z",
            {"batch": "b-2026-01", "class": "trade", "cut_off": "2026-01-31", "date": "2026-01-31", "by": "Ada"},
        ),
        told(
            "batch.reversed",
            "batch-2026-01-undo",
            "2026-02-02T10:00:00Z",
            {"batch": "b-2026-01", "by": "Ada", "reason": "a price was wrong"},
        ),
        told(
            "day.closed",
            "store-12-2026-01-30",
            "2026-01-30T22:10:00Z",
            {
                "branch": "store-12",
                "day": "2026-01-30",
                "currency": "GBP",
                "counted": [{"tender": "cash", "amount": "812.40"}, {"tender": "card", "amount": "1930.15"}],
                "by": "Lin",
            },
            "/pos/store-12",
        ),
        told(
            "statement.run",
            "statement-trade-2026-01",
            "2026-02-03T08:00:00Z",
            {"class": "trade", "as_of": "2026-01-31", "by": "Ada"},
        ),
        told(
            "interest.run", "interest-trade-2026-01", "2026-02-03T08:05:00Z", {"class": "trade", "to": "2026-01-31", "by": "Ada"}
        ),
        told(
            "dunning.run", "dunning-trade-2026-01", "2026-02-03T08:10:00Z", {"class": "trade", "as_of": "2026-02-03", "by": "Ada"}
        ),
        told(
            "posting.unanswered",
            "sent-1-lost",
            "2026-02-03T10:01:00Z",
            {"posting_key": _POSTING_KEY, "target": "main", "code": "TIMEOUT", "text": "no answer within 30 s"},
            _LEDGER,
        ),
        told(
            "posting.drifted",
            "drift-1",
            "2026-02-20T06:00:00Z",
            {
                "posting_key": _POSTING_KEY,
                "target": "main",
                "finding": "CHANGED",
                "external_id": "INV-881",
                "text": "total 40.00",
            },
            _LEDGER,
        ),
        told(
            "drift.resolved",
            "drift-1-end",
            "2026-02-20T09:00:00Z",
            {
                "posting_key": _POSTING_KEY,
                "target": "main",
                "resolution": "ACCEPT_THEIRS",
                "by": "Ada",
                "note": "agreed by phone",
            },
        ),
    )
)
