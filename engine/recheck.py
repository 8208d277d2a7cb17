"""Recheck: replay history and decide again; what was recorded must be what the rules say (I6, I12).

History is read in order. Before each decision the streams stand exactly as they stood then, so judging again must give
the same outcome, reasons and postings. Nothing is written and nothing is published (P4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.assembly import Owned
from engine.decider import parts
from engine.documents import Document
from engine.firewall.rulebook import RULEBOOK
from engine.judging import Judged, Occasion, judged_now, says_the_same
from engine.payments import Payment
from engine.record import Happened, Recorded
from engine.states import States
from schemas.events import DocumentDecided, PostingAuthorised, PostingReversed
from schemas.inbound import InvoiceIssued

STREAMS_KEPT_MAX = 100_000


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

    def advance(self, happened: Happened) -> None:
        """Move past one event."""
        if self.knows(happened.stream):
            self.apply(happened.stream, happened.event)
        self.position = happened.position
        if self.size > STREAMS_KEPT_MAX:
            self.forget()


class Recheck:
    """Decides history again, record by record."""

    def __init__(self, past: Past) -> None:
        """Read the past from a log."""
        self._states = PastStates(past)
        self._owners: dict[tuple[str, str, str], str] = {}
        self._expected: dict[str, list[PostingAuthorised]] = {}
        self.decisions = 0

    def check(self, happened: Happened) -> list[Fault]:
        """Return what is wrong with the next record of history; records come in order, none left out."""
        faults: list[Fault] = []
        event = happened.event
        if isinstance(event, DocumentDecided):
            faults.extend(self._decision(happened, event))
        elif isinstance(event, PostingAuthorised) and not isinstance(event, PostingReversed):
            faults.extend(self._posting(happened, event))
        elif isinstance(event, InvoiceIssued):
            self._claim(happened, event)
        self._states.advance(happened)
        return faults

    def unposted(self, position: int) -> list[Fault]:
        """Return the postings that decisions allowed and history does not have."""
        return [
            Fault(position, "POSTING_MISSING", f"{name} was allowed posting {posting.posting_key}, which was never recorded")
            for name, postings in self._expected.items()
            for posting in postings
        ]

    def _decision(self, happened: Happened, event: DocumentDecided) -> list[Fault]:
        state = self._states.of(happened.stream)[0]
        version = state.version if isinstance(state, Document) else 1
        if event.version != version or not isinstance(state, Document | Payment):
            return []  # A version that waits for its predecessors was not judged.
        self.decisions += 1
        if event.rulebook != RULEBOOK:
            message = f"decided by rulebook {event.rulebook}, this release has {RULEBOOK}"
            return [Fault(happened.position, "RULEBOOK_UNKNOWN", message)]
        judged = self._judged(happened, event, state)
        self._expected[happened.stream] = list(judged.postings)
        if says_the_same(judged.event, event) and judged.event.state == event.state:
            return []
        said, rules = f"{event.outcome} {_codes(event)}", f"{judged.event.outcome} {_codes(judged.event)}"
        message = f"{happened.stream} was decided {said}, the rules say {rules}"
        return [Fault(happened.position, "DECISION_DIFFERS", message)]

    def _judged(self, happened: Happened, event: DocumentDecided, state: Document | Payment) -> Judged:
        at = Occasion(happened.cause.at, event.today, event.received)
        return judged_now(self._states, happened.stream, at, self._owned(happened.book, happened.stream, state))

    def _posting(self, happened: Happened, event: PostingAuthorised) -> list[Fault]:
        expected = self._expected.get(happened.stream, [])
        for posting in expected:
            if posting.posting_key == event.posting_key:
                expected.remove(posting)
                if posting.model_dump() == event.model_dump():
                    return []
                return [
                    Fault(
                        happened.position,
                        "POSTING_DIFFERS",
                        f"posting {event.posting_key} is not what the rules make of its document",
                    )
                ]
        return [Fault(happened.position, "POSTING_UNFOUNDED", f"posting {event.posting_key} follows from no decision")]

    def _claim(self, happened: Happened, event: InvoiceIssued) -> None:
        self._owners.setdefault((happened.book, "number", event.number), happened.stream)
        if event.order_number:
            self._owners.setdefault((happened.book, "order", f"{event.customer}|{event.order_number}"), happened.stream)

    def _owned(self, book: str, name: str, state: Document | Payment) -> Owned:
        said = state.content
        if not isinstance(said, InvoiceIssued):
            return Owned()
        number = self._owners.get((book, "number", said.number), name)
        order = self._owners.get((book, "order", f"{said.customer}|{said.order_number}"), name) if said.order_number else name
        return Owned(parts(number)[2] if number != name else None, parts(order)[2] if order != name else None)


def _codes(event: DocumentDecided) -> str:
    return " ".join(reason.code for reason in event.reasons) or "without reasons"
