"""Pulling: a document that accumulates is taken out of its batch or summary, so that it posts alone (J4)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Refused
from schemas.events import DocumentDecided
from schemas.inbound import DocumentPulled
from schemas.shape import Shape


def pulled(said: DocumentPulled, version: int, decision: DocumentDecided | None, *, before: bool) -> Sequence[Shape]:
    """Return what to record of a pull, nothing when it was said `before`; refuse one of what does not accumulate."""
    if decision is None or said.version != version or decision.state != "ACCUMULATING":
        if before and said.version == version:
            return ()
        message = f"{said.document} version {said.version} does not accumulate"
        raise Refused("PULL_NOT_ALLOWED", message, "reverse the batch it is in, or look at postgate documents")
    return (said,)
