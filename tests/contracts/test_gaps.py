"""Gaps: what is passed over is recorded as such, in every store, and adds up with the receipts."""

from __future__ import annotations

import json

from adapters import clock
from adapters.auditing import verify
from adapters.eventlog.store import Store
from adapters.ingest import incoming
from adapters.reconciliation import sources_apart
from engine.handling.transaction import Handled, Incoming, handle
from engine.ports import Gap, Log
from engine.states import States
from schemas.examples import EXAMPLES

TILL = "kafka:c/postgate.documents/t/0"
NOW = 1_770_894_000_000_000


def take(log: Log, *came: Incoming | Gap) -> Handled:
    """Handle one batch."""
    with log.writing() as writing:
        return handle(writing, States(), came, NOW, clock.day)


def said(position: int, name: str, **changes: object) -> Incoming:
    """An example of the contract, at a position of the till, under an id of its own."""
    example = EXAMPLES[f"postgate.{name}.v1"]
    content = example["data"]
    assert isinstance(content, dict)
    return incoming(TILL, position, json.dumps(example | {"id": f"m-{position}", "data": content | changes}).encode())


def gaps(store: Store) -> list[tuple[object, ...]]:
    """Return what the store keeps of gaps."""
    with store.querying() as cursor:
        cursor.execute("SELECT source, first, last, why FROM gaps ORDER BY source, first")
        return [tuple(row) for row in cursor.fetchall()]


def test_holes_and_gaps_are_recorded(store: Store) -> None:
    """A hole nobody told of is absent; messages of another cell are elsewhere; both move the position."""
    take(store, said(3, "book.opened"), Gap(TILL, 4, 6, "ELSEWHERE"))
    take(store, Gap(TILL, 5, 9, "ABSENT"), said(10, "customer.registered"))
    assert gaps(store) == [(TILL, 1, 2, "ABSENT"), (TILL, 4, 6, "ELSEWHERE"), (TILL, 7, 9, "ABSENT")]
    assert (store.source_position(TILL), sources_apart(store)) == (10, [])


def test_only_a_declared_gap_moves_over_what_was_lost(store: Store) -> None:
    """The declaration is a message of its own, with its own receipt; declared again, it changes nothing."""
    take(store, said(1, "book.opened"))
    declared = {"source": TILL, "from": 2, "to": 60, "by": "m.hill", "reason": "the disk was lost"}
    example = EXAMPLES["postgate.source.gap_declared.v1"]
    for number in (1, 2):
        raw = json.dumps(example | {"id": f"gap-{number}", "data": declared}).encode()
        (receipt,) = take(store, incoming(f"operator:{number}", 1, raw)).receipts
        assert receipt.verdict == ("ACCEPTED" if number == 1 else "DUPLICATE")
    assert (gaps(store), store.source_position(TILL)) == ([(TILL, 2, 60, "DECLARED")], 60)
    assert (verify(store).faults, sources_apart(store)) == ([], [])


def test_what_was_read_before_is_passed_over(log: Log) -> None:
    """A zombie that comes back with old messages and old gaps finds nothing to do."""
    take(log, said(1, "book.opened"), Gap(TILL, 2, 5, "ABSENT"))
    head = log.head()
    again = take(log, said(1, "book.opened"), Gap(TILL, 2, 5, "ABSENT"))
    assert (again.receipts, again.happened, log.head()) == ([], [], head)
