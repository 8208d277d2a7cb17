"""Handling: a batch of messages, decided one after the other in memory, written in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from engine.decider import stream
from engine.errors import Outdated, Refused
from engine.handling.batch import Batch
from engine.handling.coverage import covered
from engine.handling.intake import named
from engine.ports import Day, Gap, Receipt, Verdict, Writing
from engine.record import Happened
from engine.states import States
from engine.streams.quarantine import digest_of, quarantined
from schemas.envelope import Message
from schemas.gate import Unreadable
from schemas.inbound import InvoiceIssued, PaymentReceived, SourceGapDeclared

UNREADABLE_BOOK = "~"
"""The book of messages that name none; `~` is outside the character set of ids, so no real book has this name."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a source: its place, its bytes, and what was read in them."""

    source: str
    position: int
    raw: bytes
    said: Message | Unreadable


@dataclass(slots=True)
class Handled:
    """What a batch amounts to."""

    receipts: list[Receipt] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """How many messages met each verdict."""
        counts: dict[Verdict, int] = {"ACCEPTED": 0, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 0}
        for receipt in self.receipts:
            counts[receipt.verdict] += 1
        return counts


def handle(writing: Writing, states: States, came: Sequence[Incoming | Gap], now: int, day: Day) -> Handled:
    """Decide a batch and record it. The caller opens the transaction and commits; nothing here touches the world.

    What was read before is passed over. A gap says that no message for us stands at its positions.
    """
    states.begin(writing)
    read = {source: writing.source_position(source) for source in dict.fromkeys(each.source for each in came)}
    fresh = [each for each in came if isinstance(each, Incoming) and each.position > read[each.source]]
    batch = Batch(writing, states, now, day)
    _prefetch(states, batch, fresh)
    keys = [message_key(message) for message in fresh]
    known = dict(writing.accepted(set(keys)))
    handled = Handled()
    batch.release_what_is_due()
    for message, key in zip(fresh, keys, strict=True):
        receipt = _one(batch, message, key, known)
        if receipt.verdict == "ACCEPTED":
            known[receipt.message_key] = receipt.digest
        handled.receipts.append(receipt)
    declared = _declared(batch.happened)
    read |= {gap.source: writing.source_position(gap.source) for gap in declared if gap.source not in read}
    told = [*(each for each in came if isinstance(each, Gap)), *declared]
    positions, gaps = covered(read, [(message.source, message.position) for message in fresh], told)
    handled.happened = batch.happened
    writing.record(batch.happened, handled.receipts, positions, gaps)
    return handled


def _declared(happened: Sequence[Happened]) -> list[Gap]:
    events = [each.event for each in happened]
    return [Gap(event.source, event.from_, event.to, "DECLARED") for event in events if isinstance(event, SourceGapDeclared)]


def _prefetch(states: States, batch: Batch, fresh: Sequence[Incoming]) -> None:
    """Load what the batch will surely read, with one query a hop: the streams named, the accounts, the classes."""
    messages = [(message.said.envelope.book, message.said.data) for message in fresh if isinstance(message.said, Message)]
    states.prefetch([name for book, said in messages for name in named(book, said)])
    accounts = [
        stream(book, "account", account)
        for book, said in messages
        if isinstance(said, InvoiceIssued | PaymentReceived) and said.customer
        if (account := getattr(states.link(book, said.customer), "account", None)) is not None
    ]
    states.prefetch(accounts)
    batch.prefetch(messages)


def message_key(message: Incoming) -> bytes:
    """Return the identity of a message: the digest of book, source and id, or of its bytes when it is unreadable."""
    if isinstance(message.said, Unreadable):
        return digest_of(message.raw)[:16]
    envelope = message.said.envelope
    return sha256(f"{envelope.book}|{envelope.source}|{envelope.id}".encode()).digest()[:16]


def _one(batch: Batch, message: Incoming, key: bytes, known: Mapping[bytes, bytes]) -> Receipt:
    """Return the receipt of one message; whatever it holds, it has exactly one (law 10)."""
    digest = digest_of(message.raw)
    said = message.said
    book = said.envelope.book if isinstance(said, Message) else UNREADABLE_BOOK

    def receipt(verdict: Verdict, code: str) -> Receipt:
        return Receipt(message.source, message.position, verdict, code, digest, key, book)

    batch.begin(f"{message.source}#{message.position}", digest.hex(), said)
    if isinstance(said, Unreadable):
        batch.keep(book, quarantined(batch.locator, message.raw, said.code, said.message))
        return receipt("QUARANTINED", said.code)
    reused = known.get(key, digest) != digest
    if reused:
        key = digest[:16]  # The id belongs to the message that used it first; this one is known by its bytes.
    if known.get(key) == digest or (reused and key in batch.writing.accepted({key})):
        return receipt("DUPLICATE", "DUPLICATE_EVENT")
    try:
        code = batch.take(said, reused=reused)
    except Outdated:
        return receipt("STALE", "STALE_VERSION")
    except Refused as refused:
        batch.keep(book, quarantined(batch.locator, message.raw, refused.code, f"{refused.message}; {refused.remedy}"))
        return receipt("QUARANTINED", refused.code)
    return receipt("ACCEPTED" if code != "DUPLICATE_DOCUMENT" else "DUPLICATE", code)
