"""Amendments: which edits of a document touch its journals, and which only the words around them (O2, O3)."""

from __future__ import annotations

from engine.streams.documents import Document
from engine.streams.release import PASSED
from schemas.events import Reason
from schemas.inbound import InvoiceIssued

COSMETIC = frozenset(("version", "session", "job", "reason"))
"""Fields that no journal, no rule and no posting reads; all else is financial: amounts, parties, days, numbers, places."""

COSMETIC_INSIDE: dict[str, frozenset[str]] = {
    "lines": frozenset(("description",)),
    "tenders": frozenset(("reference",)),
    "walk_in": frozenset(("address", "email")),
}
"""The same, inside a document's parts."""

STANDS = Reason(
    code="COSMETIC_EDIT",
    severity="WARN",
    message="nothing financial changed: the posting of the version before stands",
    remedy="nothing to do: the new words are on record",
)
"""What the decision about a version says that leaves the posting alone."""


def financial(said: InvoiceIssued) -> dict[str, object]:
    """Return what of a document may change a journal or a judgement."""
    whole = said.model_dump()
    return {name: _without(part, COSMETIC_INSIDE.get(name)) for name, part in whole.items() if name not in COSMETIC}


def _without(part: object, words: frozenset[str] | None) -> object:
    """Return a part of a document, or each of a list of them, without its words."""
    if words is None:
        return part
    if isinstance(part, list):
        return [_without(one, words) for one in part]
    return {name: value for name, value in part.items() if name not in words} if isinstance(part, dict) else part


def leaves_the_posting(state: Document) -> bool:
    """True when the version in force says of a posted document what the one before said, in other words (O3)."""
    before, now = state.overtaken, state.content
    if before is None or not state.posted or now is None or not isinstance(before, InvoiceIssued):
        return False
    if {before.version, now.version} & state.conflicts:
        return False
    last = state.decisions.get(before.version)
    if last is None or last.state != "POSTED" or any(reason.message.startswith(PASSED) for reason in last.reasons):
        return False  # What somebody let pass is judged anew: a release is for one version (P1).
    return financial(before) == financial(now)
