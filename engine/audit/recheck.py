"""Recheck: hear history again; what was recorded must be what the rules make of each message (I6, I7, I12).

History is read in order, message by message. Before each, streams and look-ups stand exactly as they stood then, so taking
the message in again must give the very records it left: facts, decisions, postings, reversals and what they closed.
Nothing is written and nothing is published (P4).
"""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from engine.audit.rulebooks import Rulebooks
from engine.decider import stream
from engine.errors import Corrupt, Outdated, Refused
from engine.facts.assembly import Owned
from engine.firewall.rulebook import RULEBOOK
from engine.handling.batch import TIMER, Batch
from engine.handling.judging import Occasion, judged_now, open_to_judgement
from engine.indexed import Indexed
from engine.ports import MIDNIGHT, Day
from engine.record import Happened, Recorded
from engine.states import States
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.payments import Payment
from engine.streams.quarantine import Kept
from schemas.envelope import Envelope, Message
from schemas.events import (
    DocumentConflicted,
    DocumentDecided,
    DocumentSuperseded,
    MessageQuarantined,
    MessageRequeued,
    PostingAuthorised,
    PostingReversed,
)
from schemas.inbound import CreditNoteIssued, CreditNoteVoided, InvoiceIssued, InvoiceVoided, PaymentReceived, RefundPaid
from schemas.shape import Shape

STREAMS_KEPT_MAX = 100_000
_NAMES: dict[type[Shape], str] = {
    DocumentDecided: "DECISION",
    PostingAuthorised: "POSTING",
    PostingReversed: "REVERSAL",
    DocumentSuperseded: "CLOSING",
}


class Past(Protocol):
    """A log that can be read as it stood at a position."""

    def events_until(self, streams: Collection[str], position: int) -> Sequence[Recorded]:
        """Return the records of several streams up to a position, each stream in order."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in history that cannot be right, with its position."""

    position: int
    code: str
    message: str


class PastStates(States):
    """States as they stood at a position of history, which moves forward."""

    def __init__(self, past: Past) -> None:
        """Read from a log."""
        super().__init__()
        self._past = past
        self.position = 0

    def _load(self, streams: Collection[str]) -> None:
        self._adopt(streams, self._past.events_until(list(streams), self.position))


def day_in_utc(_timezone: str, instant: int, begins: str = MIDNIGHT) -> str:
    """Return the day of an instant by UTC, for those who have no time zones at hand."""
    begun = timedelta(hours=int(begins[:2]), minutes=int(begins[3:]))
    return (datetime.fromtimestamp(instant // 1_000_000, tz=UTC) - begun).date().isoformat()


class Recheck:
    """Hears history again, record by record."""

    def __init__(self, past: Past, day: Day = day_in_utc) -> None:
        """Read the past from a log; `day` gives the day of an instant in a time zone."""
        self._states = PastStates(past)
        self._index = Indexed()
        self._day = day
        self._group: list[Happened] = []
        self._spoiled = False
        self._at = -1
        self._told: set[str] = set()
        self.rulebooks = Rulebooks()
        self.decisions = 0

    def check(self, happened: Happened) -> list[Fault]:
        """Return what is wrong up to the message before this record; records come in order, none left out."""
        faults = self._close() if self._group and _another(self._group[0], happened) else []
        self._group.append(happened)
        return faults

    def spoil(self) -> None:
        """Note that the next record cannot be read: the message it belongs to cannot be heard again."""
        self._spoiled = True

    def at_the_end(self, position: int) -> list[Fault]:
        """Return what is wrong at the end: with the last message, and with what should stand in the ledger by then (I7)."""
        faults = self._close()
        self._states.position = position
        batch = self._batch(max(self._at, 0))
        for name, said_at in sorted(self._index.held()):
            if self._states.size > STREAMS_KEPT_MAX:
                self._states.forget()
            try:
                if self._overlooked(batch, name):
                    message = f"{name} is held, though nothing is against posting it any more"
                    faults.append(Fault(said_at, "NOT_RELEASED", message))
            except (Corrupt, Refused, LookupError, TypeError, ValueError) as error:
                faults += self._impossible(said_at, error)
        return faults

    def _overlooked(self, batch: Batch, name: str) -> bool:
        state = self._states.of(name)[0]
        if not isinstance(state, Document | Payment | Charge) or not open_to_judgement(state):
            return False
        if state.decision is not None and state.decision.rulebook != RULEBOOK:
            return False  # An earlier rulebook held it; this one judges it when something touches it.
        book = name.partition("|")[0]
        money = Owned(receivables=batch.receivables)
        owned = batch.ownership.owned(book, state.content) if isinstance(state, Document) and state.content else money
        judged = judged_now(self._states, name, Occasion(batch.now, batch.today(book), batch.sequence(book)), owned)
        # What accumulates already is nowhere held; remarks told what was known when they were made.
        known = state.decision.outcome if state.decision else None
        allowed = judged.event.outcome in ("POST", "ACCUMULATE") and judged.event.outcome != known
        return bool(judged.postings) or (allowed and not state.posted)

    def _close(self) -> list[Fault]:
        """Hear the message whose records are complete, hold them against what it says, and move past them."""
        group, self._group = self._group, []
        if not group:
            return []
        self._index.begin(group)
        faults: list[Fault] = []
        try:
            if not self._spoiled:
                faults = self._heard(group)
        except (Corrupt, Refused, LookupError, TypeError, ValueError) as error:
            faults = self._impossible(group[0].position, error)
        for happened in group:
            self._index.note(happened)
        if faults or self._spoiled or self._states.size > STREAMS_KEPT_MAX:
            self._states.forget()
        self._spoiled, self._states.position, self._at = False, group[-1].position, group[0].cause.at
        return faults

    def _impossible(self, position: int, error: Exception) -> list[Fault]:
        """Tell once what keeps history from being heard."""
        told = str(error)
        if told in self._told:
            return []
        self._told.add(told)
        return [Fault(position, "HISTORY_IMPOSSIBLE", f"what the rules read here cannot be: {told}")]

    def _batch(self, at: int) -> Batch:
        return Batch(self._index, self._states, at, self._day)  # type: ignore[arg-type]  # It looks up; it never records.

    def _heard(self, group: Sequence[Happened]) -> list[Fault]:
        first = group[0].cause
        elsewhere = self.rulebooks.elsewhere(group)
        if elsewhere is not None:
            return [Fault(group[0].position, code, message) for code, message in elsewhere]
        self.decisions += sum(isinstance(each.event, DocumentDecided) for each in group)
        batch, faults = self._batch(first.at), []
        if first.locator == TIMER or first.at != self._at:
            batch.release_what_is_due()
        if first.locator != TIMER:
            faults = [_late(each, group[0].position) for each in batch.happened if isinstance(each.event, DocumentDecided)]
            batch.happened.clear()
            faults += self._taken(batch, group)
        return faults + compared(group, [*batch.happened, *self._kept(group)])

    def _taken(self, batch: Batch, group: Sequence[Happened]) -> list[Fault]:
        """Take the message in again; the batch then has what follows from it."""
        said = self._said(group)
        if said is None:
            return []
        cause, book, kind = group[0].cause, group[0].book, group[0].kind
        envelope = Envelope.model_construct(
            specversion="1.0", id=cause.locator, source=cause.actor, type=kind, time="", book=book
        )
        message = Message(envelope, said, b"")
        batch.begin(cause.locator, cause.digest, message)
        try:
            batch.take(message, reused=False)
        except Refused as refused:
            return [Fault(group[0].position, "FACT_REFUSED", f"the rules refuse the message: {refused.code}")]
        except Outdated:
            return [Fault(group[0].position, "FACT_REFUSED", "a later version was already there")]
        return []

    def _said(self, group: Sequence[Happened]) -> Shape | None:
        """Return what the message said: its fact, or the content that contradicted an earlier one."""
        fact = next((each.event for each in group if each.is_fact), None)
        if fact is not None:
            return fact
        found = next((each for each in group if isinstance(each.event, DocumentConflicted)), None)
        if found is None or not isinstance(found.event, DocumentConflicted):
            return None
        content, state = found.event.content, self._states.of(found.stream)[0]
        if isinstance(state, Payment):
            refund = isinstance(state.content, RefundPaid)
            return RefundPaid.model_validate_json(content) if refund else PaymentReceived.model_validate_json(content)
        known = (state.in_force, *state.pending.values()) if isinstance(state, Document) else ()
        credit = any(isinstance(each, CreditNoteIssued | CreditNoteVoided) for each in known)
        if '"lines":' not in content:
            return (CreditNoteVoided if credit else InvoiceVoided).model_validate_json(content)
        return (CreditNoteIssued if credit else InvoiceIssued).model_validate_json(content)

    def _kept(self, group: Sequence[Happened]) -> list[Happened]:
        """Return the records about quarantine that are as they must be; they follow from no fact."""
        return [each for each in group if self._is_kept_well(each)]

    def _is_kept_well(self, happened: Happened) -> bool:
        event, cause = happened.event, happened.cause
        if not isinstance(event, MessageQuarantined | MessageRequeued):
            return False
        if happened.stream != stream(happened.book, "quarantine", event.locator):
            return False
        kept, version = self._states.of(happened.stream)
        if isinstance(event, MessageRequeued):
            waits = isinstance(kept, Kept) and kept.message is not None and not kept.requeued
            fits = waits and cause.locator.startswith(f"requeue:{event.locator}#")
        else:
            head = b64decode(event.head)
            whole = event.size != len(head) or sha256(head).hexdigest() == event.digest
            fits = version == 0 and whole and (event.locator, event.digest) == (cause.locator, cause.digest)
        if fits:
            self._states.apply(happened.stream, event)
        return fits


def compared(group: Sequence[Happened], made: Sequence[Happened]) -> list[Fault]:
    """Hold the records of one message against those that follow from it."""
    expected: dict[Hashable, deque[Happened]] = {}
    for each in made:
        expected.setdefault(_identity(each), deque()).append(each)
    faults, cause = [], group[0].cause
    for each in group:
        name, what = _NAMES.get(type(each.event), "RECORD"), f"{each.kind} of {each.stream}"
        waiting = expected.get(_identity(each))
        if not waiting:
            faults.append(Fault(each.position, f"{name}_UNFOUNDED", f"{what} follows from nothing that was said"))
            continue
        other = waiting.popleft()
        if each.cause != cause:
            faults.append(Fault(each.position, "CAUSE_DIFFERS", f"{what} names another cause than the message it follows from"))
        elif (each.event, each.version, each.is_fact) != (other.event, other.version, other.is_fact):
            faults.append(Fault(each.position, f"{name}_DIFFERS", f"{what}: {_difference(each, other)}"))
    for each in (each for waiting in expected.values() for each in waiting):
        name = _NAMES.get(type(each.event), "RECORD")
        faults.append(Fault(group[-1].position, f"{name}_MISSING", f"{each.kind} of {each.stream} was never recorded"))
    return faults


def _another(one: Happened, other: Happened) -> bool:
    """True when two records follow from different messages, or from different moments."""
    if one.cause.locator != other.cause.locator:
        return True
    return one.cause.locator == TIMER and one.cause.at != other.cause.at


def _identity(happened: Happened) -> Hashable:
    event = happened.event
    return happened.stream, type(event), event.posting_key if isinstance(event, PostingAuthorised) else ""


def _difference(recorded: Happened, made: Happened) -> str:
    one, other = recorded.event.model_dump(), made.event.model_dump()
    names = [name for name in one if one[name] != other[name]]
    return ", ".join(f"{name} is {one[name]!r}, not {other[name]!r}"[:200] for name in names) or "another place in its stream"


def _late(happened: Happened, position: int) -> Fault:
    return Fault(position, "NOT_RELEASED", f"{happened.stream} was due before this and was not judged again")
