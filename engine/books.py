"""Books: control accounts, policies, mappings and periods of one set of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.decider import Decider
from engine.errors import Refused
from schemas.inbound import BookOpened, MappingDefined, PeriodClosed, PeriodLocked, PeriodOpened, PeriodReopened
from schemas.inbound.books import MappingValue
from schemas.shape import Shape

PeriodState = Literal["OPEN", "LOCKED", "CLOSED", "UNDECLARED"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first`..`last`, both included, and whether they take postings."""

    name: str
    first: str
    last: str
    state: PeriodState


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a book; mappings by (kind, key), each with its definitions in the order said."""

    opened: BookOpened | None = None
    mappings: Mapping[tuple[str, str], tuple[MappingDefined, ...]] = field(default_factory=dict)
    periods: Mapping[str, Period] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()

    @property
    def has_products(self) -> bool:
        """True when products were given classes at all."""
        return "product" in self.kinds

    @property
    def product_classes(self) -> Iterator[MappingValue]:
        """Every definition of a product class."""
        return (said.value for (kind, _), definitions in self.mappings.items() if kind == "product_class" for said in definitions)

    def mapped(self, kind: str, key: str, day: str) -> MappingValue | None:
        """Return what a source code stands for on a day: the latest definition effective by then."""
        best: MappingDefined | None = None
        for definition in self.mappings.get((kind, key), ()):
            if (definition.effective_from or "") <= day and (
                best is None or (definition.effective_from or "") >= (best.effective_from or "")
            ):
                best = definition
        return best.value if best else None

    def period_of(self, day: str) -> Period:
        """Return the declared period of a day; an undeclared one is named by its month."""
        for period in self.periods.values():
            if period.first <= day <= period.last:
                return period
        return Period(day[:7], day, day, "UNDECLARED")

    def takes(self, period: Period) -> bool:
        """True when operational postings may go into the period."""
        if period.state == "UNDECLARED":
            return self.opened is None or self.opened.policies.period_control == "OPEN_UNLESS_CLOSED"
        return period.state == "OPEN"

    def first_open_after(self, day: str) -> Period | None:
        """Return the earliest open period that ends on or after a day, for roll-forward and reversals (H2, H10)."""
        later = [period for period in self.periods.values() if period.state == "OPEN" and period.last >= day]
        return min(later, key=lambda period: period.first, default=None)


def decide(said: Shape, state: Book) -> Sequence[Shape]:
    """Open the book once, record mappings and the life of its periods."""
    match said:
        case BookOpened() if state.opened is not None:
            if said.model_dump() == state.opened.model_dump():
                return ()
            raise Refused(
                "BOOK_ALREADY_OPEN", "the book was opened with other settings", "open another book, or leave this one as it is"
            )
        case MappingDefined():
            known = [one for one in state.mappings.get((said.kind, said.key), ()) if one.effective_from == said.effective_from]
            return () if known and known[-1].model_dump() == said.model_dump() else (said,)
        case PeriodOpened():
            return _period(said, state)
    return (said,)


def _period(said: PeriodOpened, state: Book) -> Sequence[Shape]:
    if said.to < said.from_:
        raise Refused("PERIOD_INVALID", f"period {said.period} ends before it begins", "exchange from and to")
    known = state.periods.get(said.period)
    if known and (known.first, known.last) != (said.from_, said.to):
        raise Refused(
            "PERIOD_INVALID", f"period {said.period} is {known.first} to {known.last}", "name the same days, or another period"
        )
    if known is None and any(said.from_ <= other.last and other.first <= said.to for other in state.periods.values()):
        raise Refused("PERIOD_INVALID", f"period {said.period} overlaps another period", "periods may not share days")
    if known and known.state == _state_after(said):
        return ()
    if known and type(said) is PeriodOpened:
        return ()  # Opening says that the period exists; only reopening undoes a lock or a close.
    return (said,)


def _state_after(said: PeriodOpened) -> PeriodState:
    match said:
        case PeriodLocked():
            return "LOCKED"
        case PeriodClosed():
            return "CLOSED"
        case PeriodReopened():
            return "OPEN"
    return "OPEN"


def evolve(state: Book, event: Shape) -> Book:
    """Return the book after a fact."""
    match event:
        case BookOpened():
            return replace(state, opened=event)
        case MappingDefined():
            key = (event.kind, event.key)
            mappings = {**state.mappings, key: (*state.mappings.get(key, ()), event)}
            return replace(state, mappings=mappings, kinds=state.kinds | {event.kind})
        case PeriodOpened():
            period = Period(event.period, event.from_, event.to, _state_after(event))
            return replace(state, periods={**state.periods, event.period: period})
    return state


BOOKS = Decider(Book(), decide, evolve)
