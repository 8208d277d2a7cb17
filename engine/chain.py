"""The chain: each book's records prove their own order and content (invariants, section 6.2, points 1 and 2).

    leaf = SHA-256(0x00 | tag | log | sequence | stream | version | kind | SHA-256(state)
                   | time | source | digest | actor | rulebook)
    link = SHA-256(tag | sequence | previous link | leaf)

Every part of variable length is preceded by its length, so no two records share an encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from engine.record import Cause

GENESIS = bytes(32)
_LEAF = b"postgate/leaf/v1"
_LINK = b"postgate/link/v1"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a book's chain: its log's identity, how many records it has, and the last link."""

    log: str
    sequence: int
    link: bytes


def leaf(log: str, sequence: int, row: tuple[str, int, str, bytes], cause: Cause) -> bytes:
    """Return the hash of one record: `row` is stream, version, kind and the stored bytes."""
    stream, version, kind, state = row
    return sha256(
        b"".join(
            (
                _head(log),
                sequence.to_bytes(8, "big"),
                _sized(stream),
                version.to_bytes(8, "big"),
                _sized(kind),
                sha256(state).digest(),
                _origin(cause.at, cause.locator, cause.digest, cause.actor, cause.rulebook),
            )
        )
    ).digest()


@lru_cache(maxsize=16)
def _head(log: str) -> bytes:
    """Return the part of a leaf that all records of one log share."""
    return b"\0" + _LEAF + _sized(log)


@lru_cache(maxsize=16)
def _origin(at: int, locator: str, digest: str, actor: str, rulebook: str) -> bytes:
    """Return the part of a leaf that all records of one message share."""
    return at.to_bytes(8, "big") + b"".join([_sized(text) for text in (locator, digest, actor, rulebook)])


def link(sequence: int, previous: bytes, of: bytes) -> bytes:
    """Return the link that binds a leaf to everything before it."""
    return sha256(_LINK + sequence.to_bytes(8, "big") + previous + of).digest()


def _sized(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw
