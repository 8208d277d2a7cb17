"""Quarantine: a message that cannot be taken as said is kept with its bytes and its reason; nothing is lost."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from engine.decider import Decider
from engine.errors import Refused
from schemas.events import MessageQuarantined, MessageRequeued
from schemas.gate import MESSAGE_BYTES_MAX, Oversized
from schemas.shape import Shape

OVERSIZE_BYTES_KEPT = 64 * 1024
"""How much of a message above the size limit is kept; a message within the limit is kept whole and can be requeued."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A quarantined message, and whether it was offered again with success."""

    message: MessageQuarantined | None = None
    requeued: bool = False


def digest_of(raw: bytes) -> bytes:
    """Return the SHA-256 of a message, also of one that was too large to be held whole."""
    return bytes.fromhex(raw.digest) if isinstance(raw, Oversized) else sha256(raw).digest()


def quarantined(locator: str, raw: bytes, code: str, message: str) -> MessageQuarantined:
    """Return the record of a message that could not be taken as said."""
    kept = raw if len(raw) <= MESSAGE_BYTES_MAX else raw[:OVERSIZE_BYTES_KEPT]
    return MessageQuarantined(
        locator=locator,
        code=code,
        message=message[:2_000],
        size=raw.size if isinstance(raw, Oversized) else len(raw),
        digest=digest_of(raw).hex(),
        head=b64encode(kept).decode(),
    )


def decide(said: Shape, state: Kept) -> Sequence[Shape]:
    """Quarantine once; requeue only what is there and was kept whole."""
    match said:
        case MessageRequeued() if state.message is None:
            raise Refused("NOT_QUARANTINED", f"{said.locator} is not in quarantine", "look at postgate quarantine")
        case MessageRequeued() if state.requeued:
            return ()
    return (said,)


def evolve(state: Kept, event: Shape) -> Kept:
    """Return the quarantined message after an event."""
    match event:
        case MessageQuarantined():
            return Kept(event)
        case MessageRequeued():
            return Kept(state.message, requeued=True)
    return state


QUARANTINE = Decider(Kept(), decide, evolve)
