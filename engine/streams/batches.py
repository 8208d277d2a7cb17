"""Batches: documents that accumulated are billed together, up to a day, and can be taken back as a whole (rulebook J)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.decider import Decider
from engine.errors import Refused
from schemas.events import Billed, PostingAuthorised, PostingReversed
from schemas.inbound import BatchReversed, BatchRun
from schemas.shape import Shape

BatchState = Literal["OPEN", "POSTED", "REVERSED"]


@dataclass(frozen=True, slots=True)
class BillingBatch:
    """One batch: the run that made it, what it came to, its journals that stand, and who took it back."""

    run: BatchRun | None = None
    billed: Billed | None = None
    postings: tuple[PostingAuthorised, ...] = ()
    reversal: BatchReversed | None = None

    @property
    def state(self) -> BatchState:
        """Where the batch is: not run yet, in the ledger, or taken back."""
        if self.reversal is not None:
            return "REVERSED"
        return "OPEN" if self.run is None else "POSTED"

    @property
    def members(self) -> Sequence[str]:
        """The documents in its journals that stand, by id, each once."""
        return tuple(dict.fromkeys(document for posting in self.postings for document in posting.sources))


def decide(said: Shape, state: BillingBatch) -> Sequence[Shape]:
    """Run a batch once and take it back once; the same said twice is silence (J14)."""
    match said:
        case BatchRun() if state.run is not None:
            if said.model_dump() == state.run.model_dump():
                return ()
            message = f"batch {said.batch} was run up to {state.run.cut_off} and dated {state.run.date}"
            raise Refused("BATCH_EXISTS", message, "give each batch an id of its own")
        case BatchReversed() if state.run is None:
            raise Refused("BATCH_UNKNOWN", f"batch {said.batch} was never run", "look at postgate batch list")
        case BatchReversed() if state.reversal is not None:
            return ()
    return (said,)


def evolve(state: BillingBatch, event: Shape) -> BillingBatch:
    """Return the batch after a fact or what followed from it."""
    match event:
        case BatchRun():
            return replace(state, run=event)
        case BatchReversed():
            return replace(state, reversal=event)
        case Billed():
            return replace(state, billed=event)
        case PostingReversed():
            return replace(state, postings=tuple(p for p in state.postings if p.posting_key != event.reverses))
        case PostingAuthorised():
            return replace(state, postings=(*state.postings, event))
    return state


BATCHES = Decider(BillingBatch(), decide, evolve)
