"""Books: control accounts, policies, mappings and periods of one set of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from engine.decider import Decider
from engine.errors import Refused
from engine.streams import periods
from engine.streams.periods import Period, Periods
from schemas.inbound import BookOpened, MappingDefined, PeriodOpened, TaxPeriodClosed
from schemas.inbound.books import MappingValue
from schemas.shape import Shape


class Definition(NamedTuple):
    """One definition of a mapping, and the version of the book from which on it was known."""

    said: MappingDefined
    version: int


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a book; mappings by (kind, key), each with its definitions in the order said.

    `pinned` holds what goes before them in the eyes of a document that posts where an earlier one did.
    """

    opened: BookOpened | None = None
    mappings: Mapping[tuple[str, str], tuple[Definition, ...]] = field(default_factory=dict)
    periods: Periods = field(default_factory=dict)
    tax_periods: Periods = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    version: int = 0
    pinned: Mapping[tuple[str, str], MappingValue | None] = field(default_factory=dict)

    @property
    def has_products(self) -> bool:
        """True when products were given classes at all."""
        return "product" in self.kinds

    @property
    def product_classes(self) -> Iterator[MappingValue]:
        """Every definition of a product class."""
        return (one.said.value for (kind, _), known in self.mappings.items() if kind == "product_class" for one in known)

    def mapped(self, kind: str, key: str, day: str) -> MappingValue | None:
        """Return what a source code stands for on a day: the latest definition effective by then."""
        if self.pinned and (kind, key) in self.pinned:
            return self.pinned[kind, key]
        return self.mapped_then(kind, key, day, self.version)

    def mapped_then(self, kind: str, key: str, day: str, version: int) -> MappingValue | None:
        """Return what a source code stood for on a day, as far as a version of the book knew."""
        best: MappingDefined | None = None
        for definition, known_from in self.mappings.get((kind, key), ()):
            if (
                known_from <= version
                and (definition.effective_from or "") <= day
                and (best is None or (definition.effective_from or "") >= (best.effective_from or ""))
            ):
                best = definition
        return best.value if best else None

    def period_of(self, day: str) -> Period:
        """Return the declared period of a day; an undeclared one is named by its month."""
        return periods.with_day(self.periods, day) or Period(periods.month_of(self.periods, day), day, day, "UNDECLARED")

    @property
    def window(self) -> str | None:
        """The periods around the present one that take postings, where the book limits them (H4)."""
        return self.opened.policies.open_periods if self.opened else None

    def takes(self, period: Period, today: str) -> bool:
        """True when operational postings may go into the period today."""
        return self.state_takes(period) and (self.window is None or periods.in_window(self.periods, period, self.window, today))

    def state_takes(self, period: Period) -> bool:
        """True when the period is open as it was declared, or needs no declaration."""
        if period.state == "UNDECLARED":
            return self.opened is None or self.opened.policies.period_control == "OPEN_UNLESS_CLOSED"
        return period.state == "OPEN"

    def first_open_after(self, day: str, today: str) -> Period | None:
        """Return the earliest open period that ends on or after a day, for roll-forward and reversals (H2, H10)."""
        later = [period for period in self.periods.values() if period.last >= day and self.takes(period, today)]
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
            known = state.mappings.get((said.kind, said.key), ())
            same = [one.said for one in known if one.said.effective_from == said.effective_from]
            return () if same and same[-1].model_dump() == said.model_dump() else (said,)
        case PeriodOpened():
            return (said,) if periods.is_news(said, state.periods) else ()
        case TaxPeriodClosed():
            return (said,) if periods.is_news(said, state.tax_periods) else ()
    return (said,)


def evolve(state: Book, event: Shape) -> Book:
    """Return the book after a fact; its version counts them."""
    state = replace(state, version=state.version + 1)
    match event:
        case BookOpened():
            return replace(state, opened=event)
        case MappingDefined():
            key = (event.kind, event.key)
            mappings = {**state.mappings, key: (*state.mappings.get(key, ()), Definition(event, state.version))}
            return replace(state, mappings=mappings, kinds=state.kinds | {event.kind})
        case PeriodOpened():
            return replace(state, periods=periods.after(state.periods, event))
        case TaxPeriodClosed():
            return replace(state, tax_periods=periods.after(state.tax_periods, event))
    return state


BOOKS = Decider(Book(), decide, evolve)
