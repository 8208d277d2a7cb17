"""Quarantine: kept with its bytes, offered again once."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

from engine.streams.quarantine import OVERSIZE_BYTES_KEPT, QUARANTINE, quarantined
from schemas.events import MessageRequeued
from schemas.gate import MESSAGE_BYTES_MAX
from tests.decisions.specification import Specification

KEPT = quarantined("till#1", b"{}", "SCHEMA_INVALID", "empty")
AGAIN = MessageRequeued(locator="till#1", verdict="ACCEPTED")
STORE = Specification(QUARANTINE)


def test_a_message_is_kept() -> None:
    """With its bytes, its size and its digest."""
    state = QUARANTINE.evolve(QUARANTINE.initial, KEPT)
    assert (state.message, state.requeued) == (KEPT, False)
    assert (b64decode(KEPT.head), KEPT.size, KEPT.digest) == (b"{}", 2, sha256(b"{}").hexdigest())


def test_a_message_within_the_limit_is_kept_whole() -> None:
    """Above the limit its beginning is kept, with the size and digest of all of it."""
    for size, kept in ((MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX), (MESSAGE_BYTES_MAX + 1, OVERSIZE_BYTES_KEPT)):
        raw = b"x" * size
        told = quarantined("till#1", raw, "TOO_LARGE", "too large")
        assert (len(b64decode(told.head)), told.size, told.digest) == (kept, size, sha256(raw).hexdigest())


def test_a_kept_message_is_requeued_once() -> None:
    """Its verdict is recorded."""
    assert STORE.given(KEPT).when(AGAIN).then_it_is_recorded().requeued


def test_what_is_not_kept_is_not_requeued() -> None:
    """There is nothing to offer again."""
    STORE.when(AGAIN).then_refused("NOT_QUARANTINED")
