"""Verbatim: a fact keeps the very bytes that were heard, and they say what its record says."""

from __future__ import annotations

import json
from hashlib import sha256

from engine.errors import Corrupt
from engine.record import Happened, Recorded
from schemas.inbound import TYPES
from schemas.upcasts import UPCASTS

_SAID = b',"said":'
_CONTENT = b',"data":'


def said_in(recorded: Recorded) -> bytes:
    """Return the message that a fact's record keeps: everything between its head and the closing brace."""
    return recorded.state.partition(_SAID)[2][:-1]


def has_digest(said: bytes, digest: str) -> bool:
    """True when the message, or in binary mode its content alone, are the bytes that had the digest.

    Our own attributes come first in binary mode; a quote inside them is escaped, so the content begins where it seems to.
    """
    return digest in (sha256(said).hexdigest(), sha256(said.partition(_CONTENT)[2][:-1]).hexdigest())


def key_of(said: bytes) -> bytes:
    """Return the identity under which a message was accepted when its id was new: the digest of book, source and id."""
    told = _read(said)
    return sha256(f"{told.get('book')}|{told.get('source')}|{told.get('id')}".encode()).digest()[:16]


def _read(said: bytes) -> dict[str, object]:
    """Return a kept message; one that is not an object says nothing."""
    try:
        told = json.loads(said)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def difference(happened: Happened, recorded: Recorded) -> str | None:
    """Return what a fact's record has otherwise than its message, None when it is kept as said."""
    said = said_in(recorded)
    if not has_digest(said, happened.cause.digest):
        return "its bytes are not those that were heard"
    told = _read(said)
    if told.get("book") != happened.book:
        return "its message is of another book"
    if told.get("source") != happened.cause.actor:
        return "its message is of another actor"
    if recorded.kind not in UPCASTS and TYPES.get(str(told.get("type"))) is not type(happened.event):
        return "its message is of another type"
    return None


def sound(recorded: Recorded, happened: Happened) -> None:
    """Raise Corrupt when a record has numbers or texts that no chain could bind."""
    cause = happened.cause
    numbers, texts = (recorded.version, happened.sequence, cause.at), (cause.locator, cause.digest, cause.actor, cause.rulebook)
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers) or not all(type(t) is str for t in texts):
        raise Corrupt(f"position {recorded.position} ({recorded.kind} of {recorded.stream}) has a cause that cannot be")
