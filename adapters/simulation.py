"""Simulation: a book's history is heard again under changed rules, in a place of its own, and compared with what stands."""

from __future__ import annotations

import gc
import json
import sqlite3
from base64 import b64decode
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from typing import Any

from adapters import clock
from adapters.changes import KINDS, Changes, Identity, Said, identities
from adapters.eventlog.store import Store
from adapters.ingest import without_collector
from adapters.outcomes import DECISIONS, Difference, Outcomes, differences
from engine.audit.verbatim import said_in
from engine.decider import parts
from engine.errors import Refused
from engine.handling.transaction import Handled, Incoming, handle
from engine.indexed import Indexed
from engine.ports import Gap, Receipt
from engine.record import Happened, Recorded, encode
from engine.states import States
from schemas.codes import ADMISSION
from schemas.envelope import Envelope, Message, read_structured
from schemas.events import DECIDED, KIND_OF, MessageQuarantined
from schemas.events import KINDS as SHAPES
from schemas.gate import Unreadable
from schemas.inbound import TYPES
from schemas.upcasts import UPCASTS, newest

PAGE = 1_000
BATCH_MESSAGES_MAX = 1_000
PAGES_PER_COLLECTION = 10
SOURCE = "simulation"
CHANGED = "changed:"
HEARD = frozenset({*DECISIONS, "MessageQuarantined.v1", "DocumentConflicted.v1"})
UNHEARD = frozenset(KIND_OF[shape] for shape in DECIDED) - HEARD
"""What was decided and follows from what was said; it will be decided again."""
OFFERED_AGAIN = frozenset(ADMISSION) - {"MESSAGE_ID_REUSED", "NOT_QUARANTINED"}
"""Refusals that other rules might not make; whatever cannot be read stays unread."""


class Spool(Indexed):
    """A throw-away log: records in a file that has no name, look-ups in memory. Nothing of it outlives the process."""

    def __init__(self, outcomes: Outcomes) -> None:
        """Begin empty; `outcomes` hears what is decided."""
        super().__init__()
        self._base = sqlite3.connect("", isolation_level=None)  # A file without a name is gone when the process is.
        self._outcomes = outcomes
        self._records = self._position = 0
        for statement in (
            "PRAGMA journal_mode = OFF",
            "CREATE TABLE records (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, kind TEXT, state BLOB)",
            "CREATE INDEX records_of ON records (stream, version)",
        ):
            self._base.execute(statement)

    def close(self) -> None:
        """Let the records go."""
        self._base.close()

    def head(self) -> int:
        """Return how many records there are."""
        return self._records

    def events_of(self, streams: Collection[str]) -> Sequence[Recorded]:
        """Return the records of several streams, each stream in order."""
        names = list(streams)
        select = f"SELECT position, stream, version, kind, state FROM records WHERE stream IN ({','.join('?' * len(names))})"
        return [Recorded(*row) for row in self._base.execute(f"{select} ORDER BY stream, version", names)]

    def events_after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Return records after a position."""
        select = "SELECT position, stream, version, kind, state FROM records WHERE position > ? ORDER BY position LIMIT ?"
        return [Recorded(*row) for row in self._base.execute(select, (position, limit))]

    def source_position(self, source: str) -> int:
        """Return how many messages were heard."""
        return self._position if source == SOURCE else 0

    def accepted(self, message_keys: Collection[bytes]) -> Mapping[bytes, bytes]:  # noqa: ARG002  The signature is the port's.
        """Return nothing: history has each message once."""
        return {}

    def record(
        self,
        happened: Sequence[Happened],
        receipts: Sequence[Receipt],  # noqa: ARG002  What becomes of messages is not asked here.
        positions: Mapping[str, int],
        gaps: Sequence[Gap] = (),  # noqa: ARG002  As above.
    ) -> None:
        """Keep what happened, and note it."""
        self._base.execute("BEGIN")
        rows = ((self._records + n, e.stream, e.version, e.kind, encode(e)) for n, e in enumerate(happened, 1))
        self._base.executemany("INSERT INTO records VALUES (?,?,?,?,?)", rows)
        self._base.execute("COMMIT")
        for event in happened:
            self._records += 1
            self.note(event)
            self._outcomes.happened(event.stream, event.event)
        self._position = positions.get(SOURCE, self._position)


class Simulation:
    """Hears the history of one book again, with changes in the place of what was said."""

    def __init__(self, log: Store, book: str, changes: Changes) -> None:
        """Read from a log, which is not written to."""
        self._log, self._book, self._changes = log, book, changes
        self.stood, self.simulated = Outcomes(), Outcomes()
        self.messages = 0
        self._known = _known(log, book)
        changes.refuse_nothing(self._known)
        self._states = States()
        self._heard: list[Incoming] = []
        self._at: int | None = None
        self._locator = ""
        self._placed = False

    def run(self, told: Callable[[int], None] | None = None) -> Simulation:
        """Hear all of history, in the batches in which it came, at the times at which it was recorded."""
        with closing(Spool(self.simulated)) as spool, without_collector():
            after, pages = 0, 0
            while page := self._log.read(after, PAGE):
                after = page[-1].position
                for recorded in page:
                    if recorded.stream.startswith(f"{self._book}|"):
                        self._hear(spool, recorded)
                if told:
                    told(len(page))
                pages += 1
                if pages % PAGES_PER_COLLECTION == 0:
                    gc.collect(0)
            self._handle(spool)
        return self

    def differences(self) -> list[Difference]:
        """Return the documents that would stand otherwise, in the order in which they came."""
        return list(differences(self.stood, self.simulated))

    def _hear(self, spool: Spool, recorded: Recorded) -> None:
        """Take one record: what was decided is noted, what was said is said again."""
        if recorded.kind in UNHEARD:
            return
        kept = json.loads(recorded.state)
        if kept["at"] != self._at or len(self._heard) >= BATCH_MESSAGES_MAX:
            self._handle(spool)
            self._at = kept["at"]
        if "said" in kept:
            self._say(recorded, kept)
        elif recorded.kind in DECISIONS:
            self.stood.recorded(recorded, kept["body"])
        elif recorded.kind in ("MessageQuarantined.v1", "DocumentConflicted.v1"):
            self._offer(recorded, kept)

    def _say(self, recorded: Recorded, kept: Mapping[str, Any]) -> None:
        said, locator = kept["said"], str(kept["src"])
        if locator == self._locator:
            return  # One message may be recorded on several streams.
        self._locator = locator
        for change in self._changes.due(said["time"]):
            self._changed(change)
        if not self._placed and recorded.kind != "BookOpened.v1":
            self._begin()
        if recorded.kind not in KINDS:
            self._append(_again(recorded, kept))
            return
        for message in self._changes.instead(said, self._known):
            if message is said:
                self._append(_again(recorded, kept))
            else:
                self._changed(message)
        if not self._placed:
            self._begin()

    def _begin(self) -> None:
        """Say first what takes nobody's place, once the book is open."""
        self._placed = True
        for message in self._changes.at_the_beginning(self._known):
            self._changed(message)

    def _offer(self, recorded: Recorded, kept: Mapping[str, Any]) -> None:
        """Say again what was refused, or what contradicted a version: other rules may take it otherwise."""
        body, locator = kept["body"], str(kept["src"])
        if recorded.kind == "DocumentConflicted.v1":
            if locator != self._locator:
                self._append(_contradiction(self._first(recorded.stream), kept))
        elif body["code"] in OFFERED_AGAIN:
            try:
                message = read_structured(b64decode(body["head"]))
            except Unreadable:
                return  # The door of then took it; no source could say it now.
            self._append(Message(message.envelope.model_copy(update={"id": locator}), message.data, message.raw))

    def _first(self, stream: str) -> Recorded:
        """Return the first record of a stream, which says what kind of document it is."""
        with self._log.querying() as cursor:
            column = self._log.dialect.position
            select = f"SELECT {column}, originator_id, originator_version, topic, state FROM stored_events"
            cursor.execute(f"{select} WHERE originator_id = ? ORDER BY originator_version LIMIT 1", (stream,))
            return Recorded(*cursor.fetchall()[0])

    def _changed(self, said: Said) -> None:
        """Say something that nobody said. Raises Refused when the rules do not take it."""
        raw = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            message = read_structured(raw)
        except Unreadable as fault:
            told = f"the change {said['type']} is not taken: {fault.message}"
            raise Refused(fault.code, told, "change it otherwise") from fault
        self._append(Message(message.envelope.model_copy(update={"id": f"{CHANGED}{self.messages}"}), message.data, raw))

    def _append(self, message: Message) -> None:
        self.messages += 1
        self._heard.append(Incoming(SOURCE, self.messages, message.raw, message))

    def _handle(self, spool: Spool) -> None:
        """Decide what was heard since the last moment, at that moment."""
        if self._at is None:
            return
        heard, self._heard = self._heard, []
        handled = handle(spool, self._states, heard, self._at, clock.day)
        self._states.end(spool.head())
        for come, receipt in zip(heard, handled.receipts, strict=True):
            if isinstance(come.said, Message) and come.said.envelope.id.startswith(CHANGED) and receipt.verdict == "QUARANTINED":
                raise _refused(come.said, receipt, handled)


def _again(recorded: Recorded, kept: Mapping[str, Any]) -> Message:
    """Return a message of history as it was taken in; it passed the door then."""
    said, kind, fields = kept["said"], recorded.kind, kept["said"]["data"]
    if kind in UPCASTS:
        kind, fields = newest(kind, fields)
    envelope = _envelope(kept, said["type"], said["time"], said["book"])
    return Message(envelope, SHAPES[kind].model_validate(fields), said_in(recorded))


def _envelope(kept: Mapping[str, Any], kind: str, time: str, book: str) -> Envelope:
    """Return an envelope under an id of its own: each message of history is another."""
    named, actor = str(kept["src"]), str(kept["by"])
    return Envelope.model_construct(specversion="1.0", id=named, source=actor, type=kind, time=time, book=book)


def _contradiction(first: Recorded, kept: Mapping[str, Any]) -> Message:
    """Return the message that said a version with other content; only its content was kept."""
    book, noun, _ = parts(first.stream)
    fields = json.loads(kept["body"]["content"])
    credit = first.kind.startswith(("CreditNote", "Refund"))
    if noun == "payment":
        kind = "refund.paid" if credit else "payment.received"
    else:
        kind = f"{'credit_note' if credit else 'invoice'}.{'issued' if 'lines' in fields else 'voided'}"
    named, time = f"postgate.{kind}.v1", clock.text(kept["at"])
    raw = json.dumps({"type": named, "book": book, "data": fields}, ensure_ascii=False).encode()
    return Message(_envelope(kept, named, time, book), TYPES[named].model_validate(fields), raw)


def _refused(message: Message, receipt: Receipt, handled: Handled) -> Refused:
    told = [h.event for h in handled.happened if isinstance(h.event, MessageQuarantined) and h.event.code == receipt.code]
    because = told[0].message.partition("; ")[0] if told else "it contradicts what was said before it"
    return Refused(receipt.code, f"the change {message.envelope.type} is not taken: {because}", "change it otherwise")


def _known(log: Store, book: str) -> frozenset[Identity]:
    """Return what the history of a book has facts about that could be changed."""
    test, values = log.dialect.among("topic", KINDS)
    with log.querying() as cursor:
        cursor.execute(f"SELECT originator_id, state FROM stored_events WHERE {test}", values)
        states = [bytes(state) for stream, state in cursor.fetchall() if stream.startswith(f"{book}|")]
    return frozenset(place for state in states for place in identities(json.loads(state)["said"]))
