"""Requeue: a quarantined message goes through the door again; if it is taken, its quarantine ends in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Refused
from engine.handling.batch import Batch
from engine.handling.transaction import Handled, Incoming, handle
from engine.ports import Day, Writing
from engine.states import States
from engine.streams.quarantine import QUARANTINE, Kept
from schemas.events import MessageQuarantined, MessageRequeued


@dataclass(frozen=True, slots=True)
class Offer:
    """A quarantined message offered again: the stream that keeps it, the place it had, and the message as read now."""

    stream: str
    locator: str
    incoming: Incoming


def requeue(writing: Writing, states: States, offer: Offer, now: int, day: Day) -> Handled:
    """Decide an offered message and note what became of it. Raises Refused when it still cannot be taken: roll back then."""
    handled = handle(writing, states, [offer.incoming], now, day)
    refuse_quarantined(handled)
    (receipt,) = handled.receipts
    said = MessageRequeued(locator=offer.locator, verdict=receipt.verdict)
    batch = Batch(writing, states, now, day)
    batch.begin(receipt.locator, receipt.digest.hex(), offer.incoming.said)
    kept = states.of(offer.stream)[0]
    for event in QUARANTINE.decide(said, kept if isinstance(kept, Kept) else QUARANTINE.initial):
        batch.record(offer.stream, event)
    writing.record(batch.happened, (), {})
    handled.happened.extend(batch.happened)
    return handled


def refuse_quarantined(handled: Handled) -> None:
    """Raise Refused for the first message that would be quarantined; for callers who are there to be told."""
    for happened in handled.happened:
        event = happened.event
        if isinstance(event, MessageQuarantined):
            message, _, remedy = event.message.partition("; ")
            raise Refused(event.code, message, remedy or "correct it and try again")
