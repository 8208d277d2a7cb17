"""A batch: one message after the other becomes facts, facts touch documents, documents are judged until all is quiet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from engine.billing.gathering import Billing
from engine.billing.runs import Drawn
from engine.collecting.running import Collecting
from engine.decider import parts, stream
from engine.errors import Refused
from engine.facts.likeness import alike, grounds
from engine.facts.outstanding import moves
from engine.facts.ownership import Ownership
from engine.facts.receivables import Receivables
from engine.firewall.rulebook import RULEBOOK
from engine.handling.admission import admit
from engine.handling.intake import Place, Touch, place
from engine.handling.lifecycle import Lifecycle
from engine.handling.permission import permit
from engine.handling.relief import Relief
from engine.handling.sweeping import settling, sweep
from engine.handling.transferring import Transferring
from engine.handling.waits import Waits
from engine.ports import MIDNIGHT, Day, Writing
from engine.record import Cause, Happened
from engine.states import DECIDERS, States
from engine.streams.collection import Run
from engine.streams.documents import Document
from engine.streams.payments import Payment
from schemas.envelope import Message
from schemas.events import AccountAbsorbed, AccountLikened, DocumentConflicted, MessageQuarantined, TermsDefaulted
from schemas.gate import Unreadable
from schemas.inbound import (
    AccountMerged,
    AccountOpened,
    BalanceTransferred,
    BatchReversed,
    BatchRun,
    BookOpened,
    ClassAssigned,
    ClassDefined,
    DayClosed,
    DocumentPulled,
    InvoiceIssued,
    InvoiceVoided,
    PaymentReceived,
    ReleaseGranted,
)
from schemas.shape import Shape

TIMER = "timer"


class Batch:
    """Collects what a batch of messages makes happen; nothing is written before the end."""

    def __init__(self, writing: Writing, states: States, now: int, day: Day) -> None:
        """Begin a batch at an instant; `day` gives the day of an instant in a time zone."""
        self.writing = writing
        self.states = states
        self.now = now
        self.happened: list[Happened] = []
        self.waits = Waits(writing)
        self.receivables = Receivables(writing)
        self.ownership = Ownership(writing, self.receivables)
        self.relief = Relief(states)
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
            if isinstance(said, InvoiceIssued | InvoiceVoided):
                touched.append(f"document:{said.document}")
            elif isinstance(said, PaymentReceived):
                touched.extend(f"payment:{allocation.document}" for allocation in said.allocations)
            else:
                touched.extend(touch.first for touch in place(book, said).touches if touch.last is None)
        for book, wanted in keys.items():
            self.waits.prefetch(book, wanted)
        self.ownership.prefetch(messages)

    def take(self, message: Message, *, reused: bool) -> str:
        """Record a message's facts and all that follows from them; return the receipt's code. May raise Refused or Outdated."""
        book, said = message.envelope.book, message.data
        where = self._place_of_payment(book, said) or place(book, said)
        drawn = None if isinstance(said, InvoiceIssued) else self._admitted(book, said, where)  # A document is judged instead.
        decided = {name: DECIDERS[parts(name)[1]].decide(said, self.states.of(name)[0]) for name in where.streams}
        conflict = any(isinstance(event, DocumentConflicted) for events in decided.values() for event in events)
        if isinstance(said, Run) and not Collecting(self, book, said).is_over:
            decided = dict.fromkeys(where.streams, (said,))
        if not any(decided.values()):
            return "DUPLICATE_DOCUMENT"
        if reused and not conflict:
            raise Refused(
                "MESSAGE_ID_REUSED", "source and id were used before for other content", "give every message an id of its own"
            )
        for name, events in decided.items():
            for event in events:
                self.record(name, event, fact=event is said)
        if drawn is not None:
            Billing(self, book).post(drawn)
        self._follow(book, said, where.streams)
        self.settle(book, where.touches)
        self._relieve(book)
        return "DOCUMENT_CONFLICT" if conflict else "ACCEPTED"

    def _admitted(self, book: str, said: Shape, where: Place) -> Drawn | None:
        """Let in what may be said, by this person and now, and return what it would bill; may raise Refused."""
        timezone_known = not isinstance(said, BookOpened) or self._day(said.timezone, self.now) is not None
        admit(book, said, self.states, self.ownership, timezone_known=timezone_known)
        drawn = Billing(self, book).drawn(said) if isinstance(said, BatchRun | DayClosed) else None
        if isinstance(said, BalanceTransferred):
            Transferring(self, book, said).permit()
        permit(said, where.streams[0], self.states, lambda first, last: self._outstanding(book, first, last))
        return drawn

    def _place_of_payment(self, book: str, said: Shape) -> Place | None:
        """Return the payment or charge that `payment:ID` or `charge:ID` releases, unless a document has that very name."""
        noun, _, key = said.document.partition(":") if isinstance(said, ReleaseGranted) else ("", "", "")
        if not isinstance(said, ReleaseGranted) or noun not in ("payment", "charge"):
            return None
        if self.states.document(stream(book, "document", said.document)).in_force is not None:
            return None
        return Place((stream(book, noun, key),))

    def _outstanding(self, book: str, first: str, last: str) -> int:
        """Return how many documents of these business days are outstanding, with what this batch has already changed."""
        changes = sum(change for day, change in moves(self.happened, book) if first <= day <= last)
        return self.writing.outstanding(book, first, last) + changes

    def _follow(self, book: str, said: Shape, streams: Sequence[str]) -> None:
        match said:
            case InvoiceIssued() | InvoiceVoided():
                Lifecycle(self).document_said(streams[0])
            case PaymentReceived():
                Lifecycle(self).payment_said(streams[0], said)
            case DocumentPulled():
                Lifecycle(self).settle(streams[0])
            case BalanceTransferred():
                Transferring(self, book, said).move()
            case BatchReversed():
                Billing(self, book).reverse(said)
            case ReleaseGranted():
                Lifecycle(self).released(streams[0], said)
            case _ if isinstance(said, Run):
                Collecting(self, book, said).run()
            case AccountOpened():
                self._liken(book, said)
            case AccountMerged():
                self._absorb(book, said)
            case ClassAssigned():
                self._default_terms(book, said.account, said.class_)
            case ClassDefined():
                stored, fresh = self.writing.accounts_of_class(book, said.class_), self.ownership.assigned(book, said.class_)
                for account in sorted({*stored, *fresh}):
                    self._default_terms(book, account, said.class_)

    def _liken(self, book: str, said: AccountOpened) -> None:
        """Note the account that was opened before and may be the same, where the book asks for it (B13)."""
        opened = self.states.book(book).opened
        if opened is None or opened.policies.duplicate_accounts == "IGNORE" or said.external_ref:
            return
        for name in self.ownership.like(book, [key for _, key in grounds(said)]):
            other = self.states.account(book, name)
            ground = alike(said, other.record) if other.record and other.survivor is None and name != said.account else None
            if ground is None or other.like == said.account:
                continue
            if self.states.account(book, said.account).like != name:
                self.record(stream(book, "account", said.account), AccountLikened(other=name, by=ground))
            return

    def _absorb(self, book: str, said: AccountMerged) -> None:
        """Let the survivor of a merge answer for what the others owe (E7)."""
        known = self.states.account(book, said.survivor).absorbed
        for name in dict.fromkeys(said.merged):
            if name not in known:
                self.record(stream(book, "account", said.survivor), AccountAbsorbed(other=name))

    def _default_terms(self, book: str, account: str, class_: str) -> None:
        """Copy terms, credit limit and prefix from the first class an account is given, once (C12)."""
        rules, state = self.states.class_(book, class_), self.states.account(book, account)
        record = rules.on(self.today(book)).record or rules.record
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
                "account_prefix": record.account_prefix,
            }
        )
        self.record(stream(book, "account", account), event)

    def record(self, name: str, event: Shape, *, fact: bool = False) -> Happened:
        """Append an event to a stream of this batch."""
        book = name.partition("|")[0]
        sequence = self.sequence(book)
        self._sequences[book] = sequence + 1
        self.relief.foresee(name, event)
        version = self.states.apply(name, event)
        happened = Happened(name, version, sequence + 1, event, self._fact if fact else self._cause, fact)
        self.happened.append(happened)
        self.ownership.noted(happened)
        self.receivables.noted(happened)
        if settling(event):
            sweep(self, name, event)
        return happened

    def sequence(self, book: str) -> int:
        """Return the book's sequence number of the latest record."""
        return self._sequences.get(book) or self.writing.chain(book).sequence

    def keep(self, book: str, event: MessageQuarantined) -> None:
        """Keep a message that could not be taken as said."""
        self.record(stream(book, "quarantine", self.locator), event)

    def settle(self, book: str, touches: Iterable[Touch]) -> None:
        """Judge the documents that wait for what was touched, oldest first, until nothing more is released (law 4)."""
        if not touches:
            return
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

    def _relieve(self, book: str) -> None:
        """Judge what is held for the credit of accounts that owe less than before, until nothing more is released."""
        while touches := self.relief.touches(book):
            self.settle(book, touches)

    def _content(self, name: str) -> Shape | None:
        state = self.states.of(name)[0]
        return state.content if isinstance(state, Document | Payment) else None  # A charge has no number of its own.

    def release_what_is_due(self) -> None:
        """Judge the documents whose day or instant has come."""
        latest = {"date:": f"date:{self._utc_tomorrow()}", "instant:": f"instant:{self.now:020d}"}
        for book in self.writing.books_waiting_until(latest):
            self.settle(book, (Touch("date:", f"date:{self.today(book)}"), Touch("instant:", latest["instant:"])))
            self._relieve(book)

    def today(self, book: str) -> str:
        """Return the day it is in the book's time zone, by the hour at which its days begin (H8); UTC before it is opened."""
        if book not in self._days or self._days[book].endswith("?"):
            opened = self.states.book(book).opened
            begins = opened.policies.day_begins if opened else MIDNIGHT
            day = self._day(opened.timezone if opened else "UTC", self.now, begins)
            if day is None:
                raise Refused("TIMEZONE_UNKNOWN", "the book's time zone is not known here", "install the time zone database")
            self._days[book] = day if opened else f"{day}?"
        return self._days[book].rstrip("?")

    def _utc_tomorrow(self) -> str:
        return self._day("UTC", self.now + 86_400_000_000) or ""
