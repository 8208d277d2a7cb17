"""Batches for the log: events, receipts and causes as small as a law needs them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.ports import Log, Receipt, Verdict
from engine.record import Cause, Happened, Recorded, decode
from schemas.inbound import CustomerRegistered
from schemas.shape import Shape

AT = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z in microseconds."""

CAUSE = Cause("till#1", "d1", "/pos/1", AT, "rules.1")


def customer(key: str = "c1", version: int = 1, name: str = "Ann") -> CustomerRegistered:
    """Return a fact about a customer."""
    return CustomerRegistered(customer=key, version=version, name=name)


def happened(stream: str, version: int, sequence: int, event: Shape | None = None) -> Happened:
    """Return one event at its place."""
    return Happened(stream, version, sequence, event or customer(stream.rsplit("|", 1)[1]), CAUSE, is_fact=False)


def run(book: str, count: int, *, first: int = 1, noun: str = "customer") -> list[Happened]:
    """Return events of as many streams of a book, the first with the sequence number `first`."""
    return [happened(f"{book}|{noun}|c{number}", 1, number) for number in range(first, first + count)]


def receipt(
    position: int, verdict: Verdict = "ACCEPTED", *, source: str = "till", key: bytes = b"", digest: bytes = b"d"
) -> Receipt:
    """Return the receipt of a message; without a key it has one of its own."""
    return Receipt(source, position, verdict, verdict, digest, key or f"{source}#{position}".encode(), "shop")


def write(
    log: Log, events: Sequence[Happened], receipts: Sequence[Receipt] = (), positions: dict[str, int] | None = None
) -> None:
    """Record one batch and commit it."""
    with log.writing() as writing:
        writing.record(events, receipts, positions or {})


def everything(log: Log) -> list[Recorded]:
    """Return every record of a log, page by page."""
    found: list[Recorded] = []
    while page := log.read(found[-1].position if found else 0, 1_000):
        found.extend(page)
    return found


def sequences(log: Log, book: str) -> list[int]:
    """Return the sequence numbers of a book in the order of positions."""
    return [decode(recorded).sequence for recorded in everything(log) if recorded.stream.startswith(f"{book}|")]
