"""Relief: which accounts owe less than a moment ago, so that what is held for their credit is judged again (law 4)."""

from __future__ import annotations

from engine.facts.receivables import PENDING
from engine.facts.way import REDIRECTS_MAX
from engine.handling.intake import Touch
from engine.record import shapes_of
from engine.states import States
from engine.streams.documents import Document
from schemas.events import (
    DocumentDecided,
    DocumentSuperseded,
    PostingAuthorised,
    SettlementBooked,
    SettlementNoted,
    SettlementWithdrawn,
)
from schemas.shape import Shape

_RELIEVING = shapes_of(
    PostingAuthorised, SettlementBooked, DocumentDecided, DocumentSuperseded, SettlementNoted, SettlementWithdrawn
)


class Relief:
    """Collects the accounts with limits that money, credits, voids, or documents that went away have relieved."""

    def __init__(self, states: States) -> None:
        """Begin with nobody relieved."""
        self._states = states
        self._relieved: dict[str, dict[str, None]] = {}

    def foresee(self, name: str, event: Shape) -> None:
        """Take note of an event that is about to be recorded, while its stream still is as it was."""
        if type(event) not in _RELIEVING:
            return
        book = name.partition("|")[0]
        match event:
            case PostingAuthorised():
                for line in event.lines:
                    if line.party is not None and line.side == "C":
                        self._relieve(book, line.party)
            case SettlementBooked():
                self._relieve(book, event.account)
            case DocumentDecided() | DocumentSuperseded() if event.was in PENDING:
                self._no_more_pending(book, name, event.version)
            case SettlementNoted() | SettlementWithdrawn():
                self._no_more_pending(book, name, None)

    def _no_more_pending(self, book: str, name: str, version: int | None) -> None:
        """A pending document goes away, moves to another account, or is paid in part."""
        state = self._states.of(name)[0]
        if isinstance(state, Document):
            decision = state.decisions.get(state.version if version is None else version)
            if decision is not None and decision.state in PENDING and decision.account is not None:
                self._relieve(book, decision.account)

    def _relieve(self, book: str, account: str) -> None:
        state = self._states.account(book, account)
        for _ in range(REDIRECTS_MAX if state.survivor else 0):
            if state.survivor is None:
                break
            account, state = state.survivor, self._states.account(book, state.survivor)  # Who answers for it now (E7).
        if state.limited:
            self._relieved.setdefault(book, {})[account] = None

    def touches(self, book: str) -> tuple[Touch, ...]:
        """Return what was relieved since this was asked last."""
        return tuple([Touch(f"credit:{account}") for account in self._relieved.pop(book)]) if book in self._relieved else ()
