"""Release: which reasons of a decision somebody with the role lets pass, each at the place it was found (P1)."""

from __future__ import annotations

from schemas.events import DocumentDecided
from schemas.inbound import ReleaseGranted

Released = frozenset[tuple[str, str | None]]
"""Codes with the path of the reason: a block of the customer that was released does not release one of the account."""


def released_by(said: ReleaseGranted, decision: DocumentDecided | None) -> Released:
    """Return what a release lets pass of the decision it was given for."""
    reasons = decision.reasons if decision else ()
    return frozenset((reason.code, reason.path) for reason in reasons if reason.code in said.reasons)
