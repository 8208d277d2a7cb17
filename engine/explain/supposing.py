"""Supposing: facts that nobody said are taken in on a copy of the states, as if they had been; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from engine.chain import Head
from engine.decider import parts, stream
from engine.errors import Outdated, Refused
from engine.handling.batch import Batch
from engine.ports import Day, Index
from engine.states import States
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.payments import Payment
from schemas.envelope import Envelope, Message
from schemas.events import DocumentDecided, Reason
from schemas.inbound import TYPES, AccountOpened, ClassAssigned, ClassDefined, CustomerRegistered, LinkMade

ACCOUNT, CLASS, CUSTOMER = "ACCOUNT", "CLASS", "CUSTOMER"
"""Names that stand in for what a person chooses: an account that is open and has a class that posts to it, and so on."""
LEDGER, PERSON, ROLE, NOTE, MONEY = "LEDGER", "PERSON", "ROLE", "NOTE", "PAYMENT"
CHOSEN = "?"
"""What is shown where a person chooses."""
_THROUGH = ("POSTED", "ACCUMULATING")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that would help: its kind, its fields as supposed, which of them a person chooses, and words for people.

    `before` has, of fields that are changed in a record, what was there; a field that was not is left out of it.
    """

    kind: str
    fields: Mapping[str, object]
    told: str
    chosen: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    before: Mapping[str, object] = field(default_factory=dict)
    command: str | None = None

    @property
    def type(self) -> str:
        """The type of the message that says it."""
        return f"postgate.{self.kind}.v1"

    @property
    def shown(self) -> dict[str, object]:
        """The fields as a person reads them: `?` where there is something to choose; of an amended record what is changed."""
        noun = self.kind.partition(".")[0]
        kept = {"document" if noun in ("invoice", "credit_note") else noun, "version", *self.changed}
        fields = {name: value for name, value in self.fields.items() if not self.before or name in kept}
        left_out = {name: None for name in self.changed if name not in self.fields}
        return {**fields, **left_out, **{name: CHOSEN for name in self.chosen if name in fields}}

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        other = [name for name in self.changed if name in self.fields]
        without = [f"{name} {before}" if isinstance(before := self.before[name], str) else name for name in self._left_out]
        words = [f"with other {_listed(other)}" if other else "", f"without {_listed(without)}" if without else ""]
        return " ".join(word for word in (self.told, *words) if word)

    @property
    def _left_out(self) -> list[str]:
        return [name for name in self.changed if name not in self.fields]

    def without(self, name: str) -> Fact:
        """Return the fact with one field left as it was."""
        fields = {other: value for other, value in self.fields.items() if other != name}
        if name in self.before:
            fields[name] = self.before[name]
        changed, chosen = ([other for other in names if other != name] for names in (self.changed, self.chosen))
        return replace(self, fields=fields, changed=tuple(changed), chosen=tuple(chosen))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(name.replace("_", " ") for name in names)


class Supposed(States):
    """States as they would stand: what is supposed lies over what stands, which is never touched."""

    def __init__(self, standing: States) -> None:
        """Lie over states that stand."""
        super().__init__()
        self._standing = standing

    def _load(self, streams: Collection[str]) -> None:
        self._standing.prefetch(streams)
        for name in streams:
            self._states[name] = self._standing.of(name)


class Standing(Index, Protocol):
    """The look-ups over what stands, and where the chain of a book ends; nothing is recorded through it."""

    def chain(self, book: str) -> Head:
        """Return the end of a book's chain."""


@dataclass(frozen=True, slots=True)
class World:
    """What stands: states, look-ups, the time, and how a day is told; and the document that is asked about."""

    states: States
    index: Standing
    now: int
    day: Day
    name: str

    @property
    def book(self) -> str:
        """The book of the document."""
        return parts(self.name)[0]

    def after(self, facts: Sequence[Fact]) -> Supposed | None:
        """Return how everything would stand after some facts; None when one of them would be refused, or be no news."""
        states = Supposed(self.states)
        batch = Batch(self.index, states, self.now, self.day)  # type: ignore[arg-type]  # It looks up; it never records.
        self._stand_in(states)
        for number, fact in enumerate(facts):
            try:
                said = TYPES[fact.type].model_validate(dict(fact.fields))
            except ValueError:
                return None
            envelope = Envelope.model_construct(
                specversion="1.0", id=str(number), source="/supposed", type=fact.type, time="", book=self.book
            )
            message = Message(envelope, said, b"{}")
            batch.begin(f"supposed#{number}", "", message)
            try:
                if batch.take(message, reused=False) != "ACCEPTED":
                    return None
            except (Refused, Outdated):
                return None
        return states

    def _stand_in(self, states: Supposed) -> None:
        """Let there be what a person may choose: an account that is open, with a class that posts to it, and its customer."""
        opened = states.book(self.book).opened
        ledger = opened.control_accounts.receivable if opened else LEDGER
        class_ = {"class": CLASS, "version": 1, "name": CLASS, "behaviour": "ACCOUNT"}
        account = {"account": ACCOUNT, "version": 1, "name": ACCOUNT, "ledger_account": ledger}
        customer = {"customer": CUSTOMER, "version": 1, "name": CUSTOMER}
        if states.class_(self.book, CLASS).record is None:
            states.apply(stream(self.book, "class", CLASS), ClassDefined.model_validate(class_))
        if states.account(self.book, ACCOUNT).record is None:
            states.apply(stream(self.book, "account", ACCOUNT), AccountOpened.model_validate(account))
            assigned = ClassAssigned.model_validate({"account": ACCOUNT, "class": CLASS})
            states.apply(stream(self.book, "account", ACCOUNT), assigned)
        if states.customer(self.book, CUSTOMER).record is None:
            states.apply(stream(self.book, "customer", CUSTOMER), CustomerRegistered.model_validate(customer))
            states.apply(stream(self.book, "link", CUSTOMER), LinkMade(customer=CUSTOMER, account=ACCOUNT))


def decision_of(states: States, name: str) -> DocumentDecided | None:
    """Return what is decided last of a document or payment, by its version in force, else by the one that waits."""
    state = states.of(name)[0]
    if isinstance(state, Document):
        return state.decision or next(iter(state.decisions.values()), None)
    return state.decision if isinstance(state, Payment | Charge) else None


def released(states: States, name: str) -> bool:
    """True when a document stands in the ledger, or waits for its batch bill."""
    decision = decision_of(states, name)
    return decision is not None and decision.state in _THROUGH


def blocking(states: States, name: str) -> list[Reason]:
    """Return the reasons for which a document does not post, as they were given."""
    decision = decision_of(states, name)
    return [reason for reason in decision.reasons if reason.severity != "WARN"] if decision else []
