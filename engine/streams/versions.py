"""Versions: what is news of a document, what was said before, and what contradicts it (rulebook A2 to A6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from engine.errors import Outdated, Refused
from schemas.events import DocumentConflicted
from schemas.inbound import CreditNoteIssued, CreditNoteVoided, InvoiceIssued, InvoiceVoided
from schemas.shape import Shape

Version = InvoiceIssued | InvoiceVoided
CREDITS = (CreditNoteIssued, CreditNoteVoided)


def versioned(
    said: Version, in_force: Version | None, pending: Mapping[int, Version], conflicts: Collection[int]
) -> Sequence[Shape]:
    """Return what to record of a version, given the one in force and those that wait; silence for what was said before."""
    first = in_force or next(iter(pending.values()), None)
    if first is not None and isinstance(first, CREDITS) != isinstance(said, CREDITS):
        raise Refused(
            "DOCUMENT_KIND_CHANGED", f"{said.document} is the other kind of document", "give credit notes ids of their own"
        )
    version = in_force.version if in_force else 0
    if said.version < version:
        raise Outdated(said.version, version)
    known = in_force if said.version == version else pending.get(said.version)
    if known is None:
        return (said,)
    if known.model_dump() == said.model_dump():
        return ()
    if said.version in conflicts:
        return ()
    conflict = DocumentConflicted(version=said.version, content=said.model_dump_json(by_alias=True, exclude_unset=True))
    # A void has no content to show as held; the version that contradicts it has.
    return (said, conflict) if isinstance(known, InvoiceVoided) and isinstance(said, InvoiceIssued) else (conflict,)
