"""Effects: what a batch changed for documents: which were posted, held, released or taken back, and how much money that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.record import Happened
from schemas.events import DocumentDecided, DocumentSuperseded

HELD = ("REQUIRES_ATTENTION", "WAITING")
THROUGH = ("POSTED", "ACCUMULATING")


@dataclass(slots=True)
class Sum:
    """How many documents, and their gross in minor units by currency."""

    documents: int = 0
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, currency: str, gross: int) -> None:
        """Count one document."""
        self.documents += 1
        self.amounts[currency] = self.amounts.get(currency, 0) + gross


@dataclass(frozen=True, slots=True)
class Move:
    """One version of a document between the state before and the state after."""

    stream: str
    before: str | None
    after: str
    decided: DocumentDecided | DocumentSuperseded


class Effect:
    """Collects the moves of documents; several decisions about one version are one move from the first to the last."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._moves: dict[tuple[str, int], Move] = {}

    def add(self, happened: Iterable[Happened], *, locator: str | None = None) -> None:
        """Follow what happened; with a locator, only what that message made happen."""
        for each in happened:
            event = each.event
            if isinstance(event, DocumentDecided | DocumentSuperseded) and locator in (None, each.cause.locator):
                known = self._moves.get((each.stream, event.version))
                before = known.before if known else event.was
                self._moves[each.stream, event.version] = Move(each.stream, before, event.state, event)

    def join(self, other: Effect) -> None:
        """Add the moves of what came after."""
        for key, move in other._moves.items():
            known = self._moves.get(key)
            self._moves[key] = Move(move.stream, known.before if known else move.before, move.after, move.decided)

    def moves(self, before: tuple[str | None, ...], after: tuple[str, ...]) -> list[Move]:
        """Return the moves from one of some states to one of others, in the order in which they began."""
        return [move for move in self._moves.values() if move.before in before and move.after in after]

    @property
    def posted(self) -> list[Move]:
        """Documents that came and went through."""
        return self.moves((None,), THROUGH)

    @property
    def held(self) -> list[Move]:
        """Documents that came and are held or wait."""
        return self.moves((None,), HELD)

    @property
    def released(self) -> list[Move]:
        """Documents that were held or waited, and went through."""
        return self.moves(HELD, THROUGH)

    @property
    def withdrawn(self) -> list[Move]:
        """Documents that had gone through and do not stand any more."""
        return self.moves(THROUGH, (*HELD, "REVERSED", "CANCELLED", "EXCLUDED"))


def total(moves: Iterable[Move]) -> Sum:
    """Add up the documents of some moves."""
    result = Sum()
    for move in moves:
        result.add(move.decided.currency, move.decided.gross)
    return result


def by_reason(moves: Iterable[Move]) -> Mapping[str, Sum]:
    """Add up held documents under each reason that holds them; one with two reasons counts under both."""
    sums: dict[str, Sum] = {}
    for move in moves:
        reasons = move.decided.reasons if isinstance(move.decided, DocumentDecided) else []
        for code in dict.fromkeys(reason.code for reason in reasons if reason.severity != "WARN"):
            sums.setdefault(code, Sum()).add(move.decided.currency, move.decided.gross)
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1].documents, pair[0])))
