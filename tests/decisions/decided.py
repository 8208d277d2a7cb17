"""What the engine decided before, as far as a later decision looks at it."""

from __future__ import annotations

from schemas.events import DocumentDecided, PostingAuthorised, Reason


def held(*codes: str, overridable: bool = True) -> DocumentDecided:
    """Return a decision that holds version 1 for these reasons."""
    return DocumentDecided(
        version=1,
        outcome="HOLD",
        state="REQUIRES_ATTENTION",
        reasons=[Reason(code=code, severity="HOLD", message="m", remedy="r", overridable=overridable) for code in codes],
        kind="INVOICE",
        number="N-1",
        date="2026-01-15",
        business_date="2026-01-15",
        currency="EUR",
        gross=1200,
        received=1,
        since="2026-01-15",
        today="2026-01-15",
        rulebook="1",
    )


def posted() -> PostingAuthorised:
    """Return a posting of version 1."""
    return PostingAuthorised(
        posting_key="k",
        version=1,
        leg="document",
        kind="INVOICE",
        number="N-1",
        route="ACCOUNT",
        account="a1",
        date="2026-01-15",
        business_date="2026-01-15",
        period="2026-01",
        currency="EUR",
        base_currency="EUR",
        lines=[],
    )
