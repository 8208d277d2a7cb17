"""A batch: one message after the other becomes facts, facts touch documents, documents are judged until all is quiet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from engine.admission import admit
from engine.decider import parts, stream
from engine.documents import Document
from engine.errors import Refused
from engine.firewall.rulebook import RULEBOOK
from engine.intake import Place, Touch, place
from engine.lifecycle import Lifecycle
from engine.ownership import Ownership
from engine.payments import Payment
from engine.ports import Writing
from engine.record import Cause, Happened
from engine.states import DECIDERS, States
from engine.waits import Waits
from schemas.envelope import Message
from schemas.events import DocumentConflicted, MessageQuarantined, TermsDefaulted
from schemas.gate import Unreadable
from schemas.inbound import BookOpened, ClassAssigned, ClassDefined, InvoiceIssued, InvoiceVoided, PaymentReceived, ReleaseGranted
from schemas.shape import Shape

TIMER = "timer"


class Batch:
    """Collects what a batch of messages makes happen; nothing is written before the end."""

    def __init__(self, writing: Writing, states: States, now: int, day: Callable[[str, int], str | None]) -> None:
        """Begin a batch at an instant; `day` gives the day of an instant in a time zone."""
        self.writing = writing
        self.states = states
        self.now = now
        self.happened: list[Happened] = []
        self.waits = Waits(writing)
        self.ownership = Ownership(writing)
        self.locator = TIMER
        self._cause = Cause(TIMER, "", TIMER, now, RULEBOOK)
        self._fact = self._cause
        self._day = day
        self._sequences: dict[str, int] = {}
        self._days: dict[str, str] = {}

    def begin(self, locator: str, digest: str, said: Message | Unreadable) -> None:
        """Start on the next message: what happens from here on was caused by it."""
        self.locator = locator
        actor = said.envelope.source if isinstance(said, Message) else "unreadable"
        self._cause = Cause(locator, digest, actor, self.now, RULEBOOK)
        self._fact = Cause(locator, digest, actor, self.now, RULEBOOK, said.raw) if isinstance(said, Message) else self._cause

    def prefetch(self, messages: Sequence[tuple[str, Shape]]) -> None:
        """Load who waits for what these messages may touch, and who owns the numbers they use."""
        keys: dict[str, list[str]] = {}
        for book, said in messages:
            touched = keys.setdefault(book, [])
            where = place(book, said)
            touched.extend(touch.first for touch in where.touches if touch.last is None)
            if isinstance(said, InvoiceIssued | InvoiceVoided):
                touched.append(f"document:{said.document}")
            elif isinstance(said, PaymentReceived):
                touched.extend(f"payment:{allocation.document}" for allocation in said.allocations)
        for book, wanted in keys.items():
            self.waits.prefetch(book, wanted)
        self.ownership.prefetch(messages)

    def take(self, message: Message, *, reused: bool) -> str:
        """Record a message's facts and all that follows from them; return the receipt's code. May raise Refused or Outdated."""
        book, said = message.envelope.book, message.data
        timezone_known = not isinstance(said, BookOpened) or self._day(said.timezone, self.now) is not None
        admit(book, said, self.states, self.ownership, timezone_known=timezone_known)
        where = self._place_of_payment(book, said) or place(book, said)
        decided = {name: DECIDERS[parts(name)[1]].decide(said, self.states.of(name)[0]) for name in where.streams}
        conflict = any(isinstance(event, DocumentConflicted) for events in decided.values() for event in events)
        if not any(decided.values()):
            return "DUPLICATE_DOCUMENT"
        if reused and not conflict:
            raise Refused(
                "MESSAGE_ID_REUSED", "source and id were used before for other content", "give every message an id of its own"
            )
        for name, events in decided.items():
            for event in events:
                self.record(name, event, fact=event is said)
        self._follow(book, said, where.streams)
        self.settle(book, where.touches)
        return "DOCUMENT_CONFLICT" if conflict else "ACCEPTED"

    def _place_of_payment(self, book: str, said: Shape) -> Place | None:
        """Return the payment that `payment:ID` releases, unless a document has that very name."""
        if not isinstance(said, ReleaseGranted) or not said.document.startswith("payment:"):
            return None
        if self.states.document(stream(book, "document", said.document)).in_force is not None:
            return None
        return Place((stream(book, "payment", said.document.removeprefix("payment:")),))

    def _follow(self, book: str, said: Shape, streams: Sequence[str]) -> None:
        match said:
            case InvoiceIssued() | InvoiceVoided():
                Lifecycle(self).document_said(streams[0])
            case PaymentReceived():
                Lifecycle(self).payment_said(streams[0], said)
            case ReleaseGranted():
                Lifecycle(self).settle(streams[0])
            case ClassAssigned():
                self._default_terms(book, said.account, said.class_)
            case ClassDefined():
                for account in self.writing.accounts_of_class(book, said.class_):
                    self._default_terms(book, account, said.class_)
                for account in self.ownership.assigned(book, said.class_):
                    self._default_terms(book, account, said.class_)

    def _default_terms(self, book: str, account: str, class_: str) -> None:
        """Copy terms and credit limit from the first class an account is given, once (C12)."""
        record, state = self.states.class_(book, class_).record, self.states.account(book, account)
        if record is None or state.assigned != class_ or state.defaults is not None:
            return
        terms = record.default_terms
        event = TermsDefaulted.model_validate(
            {
                "class": class_,
                "class_version": record.version,
                "days": terms.days if terms else None,
                "rule": terms.rule if terms else None,
                "credit_limit": record.default_credit_limit,
            }
        )
        self.record(stream(book, "account", account), event)

    def record(self, name: str, event: Shape, *, fact: bool = False) -> Happened:
        """Append an event to a stream of this batch."""
        book = name.partition("|")[0]
        sequence = self.sequence(book)
        self._sequences[book] = sequence + 1
        version = self.states.apply(name, event)
        happened = Happened(name, version, sequence + 1, event, self._fact if fact else self._cause, fact)
        self.happened.append(happened)
        self.ownership.noted(happened)
        return happened

    def sequence(self, book: str) -> int:
        """Return the book's sequence number of the latest record."""
        return self._sequences.get(book) or self.writing.chain(book).sequence

    def keep(self, book: str, event: MessageQuarantined) -> None:
        """Keep a message that could not be taken as said."""
        self.record(stream(book, "quarantine", self.locator), event)

    def settle(self, book: str, touches: Iterable[Touch]) -> None:
        """Judge the documents that wait for what was touched, oldest first, until nothing more is released (law 4)."""
        queue = deque(self.waits.released(book, touches))
        if not queue:
            return  # As for nearly every document that comes.
        queued, lifecycle = set(queue), Lifecycle(self)
        self.states.prefetch(list(queue))
        self.waits.prefetch(book, [f"document:{parts(name)[2]}" for name in queue])
        self.ownership.prefetch([(book, said) for name in queue if (said := self._content(name)) is not None])
        while queue:
            name = queue.popleft()
            queued.discard(name)
            for other in self.waits.released(book, lifecycle.judge(name)):
                if other not in queued:
                    queue.append(other)
                    queued.add(other)

    def _content(self, name: str) -> Shape | None:
        state = self.states.of(name)[0]
        return state.content if isinstance(state, Document | Payment) else None

    def release_what_is_due(self) -> None:
        """Judge the documents whose day or instant has come."""
        latest = {"date:": f"date:{self._utc_tomorrow()}", "instant:": f"instant:{self.now:020d}"}
        for book in self.writing.books_waiting_until(latest):
            self.settle(book, (Touch("date:", f"date:{self.today(book)}"), Touch("instant:", latest["instant:"])))

    def today(self, book: str) -> str:
        """Return the day it is in the book's time zone; UTC before the book is opened."""
        if book not in self._days or self._days[book].endswith("?"):
            opened = self.states.book(book).opened
            day = self._day(opened.timezone if opened else "UTC", self.now)
            if day is None:
                raise Refused("TIMEZONE_UNKNOWN", "the book's time zone is not known here", "install the time zone database")
            self._days[book] = day if opened else f"{day}?"
        return self._days[book].rstrip("?")

    def _utc_tomorrow(self) -> str:
        return self._day("UTC", self.now + 86_400_000_000) or ""
