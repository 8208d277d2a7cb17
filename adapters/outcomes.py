"""Outcomes: where every version of every document stands under one set of rules, and how two sets of rules differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

from engine.record import Recorded
from schemas.events import DocumentDecided, DocumentSuperseded, PostingAuthorised, PostingReversed
from schemas.shape import Shape

DECISIONS = ("DocumentDecided.v1", "DocumentSuperseded.v1", "PostingAuthorised.v1", "PostingReversed.v1")
"""The stored kinds that say where documents stand."""

JUDGED = ("document", "payment")
"""The nouns whose standing is decided; of others only journals are known."""

_LINE = ("side", "amount", "account", "base_amount")
_NUMBER_BYTES, _LINES_BYTES = 8, 16
"""How many bytes of the print of a journal are for its number, and for its lines."""

Verb = Literal["posted", "billed", "held", "excluded", "taken back", "not there"]
_VERBS: dict[str, Verb] = {
    "POSTED": "posted",
    "ACCUMULATING": "billed",
    "REQUIRES_ATTENTION": "held",
    "WAITING": "held",
    "EXCLUDED": "excluded",
    "REVERSED": "taken back",
    "CANCELLED": "taken back",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One version of a document: its state, its reasons and whom it is about; `blocking` are the reasons that hold it."""

    state: str
    codes: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()
    kind: str = ""
    currency: str = ""
    gross: int = 0
    customer: str | None = None
    account: str | None = None

    @property
    def verb(self) -> Verb:
        """What became of it, in a word."""
        return _VERBS[self.state]


ABSENT = Standing("")


@dataclass(slots=True)
class Outcomes:
    """Where everything stands, told by what was decided; `journals` are prints of what stands, by stream and posting."""

    standings: dict[tuple[str, int], Standing] = field(default_factory=dict)
    journals: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def happened(self, stream: str, event: Shape) -> None:
        """Hear of an event."""
        match event:
            case DocumentDecided():
                reasons = [(reason.code, reason.severity) for reason in event.reasons]
                about = (event.kind, event.currency, event.gross, event.customer, event.account)
                self._decided(stream, event.version, event.state, reasons, about)
            case DocumentSuperseded():
                self._closed(stream, event.version, event.state)
            case PostingReversed():
                self._reversed(stream, event.version, event.reverses)
            case PostingAuthorised():
                lines = [
                    (each.side, each.amount, each.account, each.base_amount, each.party, sorted(each.dimensions.items()))
                    for each in event.lines
                ]
                known = (event.version, event.kind, event.currency, event.account, event.number)
                self._posted(stream, event.posting_key, known, lines)

    def recorded(self, recorded: Recorded, body: object) -> None:
        """Hear of a stored record, by the fields of its body."""
        if not isinstance(body, dict):
            raise TypeError(f"position {recorded.position} has no body")
        stream = recorded.stream
        match recorded.kind:
            case "DocumentDecided.v1":
                reasons = [(reason["code"], reason["severity"]) for reason in body.get("reasons", ())]
                about = (body["kind"], body["currency"], body["gross"], body.get("customer"), body.get("account"))
                self._decided(stream, body["version"], body["state"], reasons, about)
            case "DocumentSuperseded.v1":
                self._closed(stream, body["version"], body["state"])
            case "PostingReversed.v1":
                self._reversed(stream, body["version"], body["reverses"])
            case "PostingAuthorised.v1":
                lines = [
                    (*(each[name] for name in _LINE), each.get("party"), sorted(each.get("dimensions", {}).items()))
                    for each in body["lines"]
                ]
                known = (body["version"], body["kind"], body["currency"], body["account"], body["number"])
                self._posted(stream, body["posting_key"], known, lines)

    def _decided(
        self,
        stream: str,
        version: int,
        state: str,
        reasons: Sequence[tuple[str, str]],
        known: tuple[str, str, int, str | None, str | None],
    ) -> None:
        codes = tuple(code for code, _ in reasons)
        blocking = tuple(dict.fromkeys(code for code, severity in reasons if severity != "WARN"))
        self.standings[stream, version] = Standing(state, codes, blocking, *known)

    def _closed(self, stream: str, version: int, state: str) -> None:
        before = self.standings.get((stream, version), ABSENT)
        self.standings[stream, version] = Standing(
            state, before.codes, before.blocking, before.kind, before.currency, before.gross, before.customer, before.account
        )

    def _posted(self, stream: str, key: str, known: tuple[int, str, str, str, str], lines: Sequence[tuple[Any, ...]]) -> None:
        """Keep a print of a journal: its number, who owes, and every line. What is no document stands by its journal."""
        version, kind, currency, account, number = known
        named = blake2b(number.encode(), digest_size=_NUMBER_BYTES).digest()
        booked = blake2b(repr((account, lines)).encode(), digest_size=_LINES_BYTES).digest()
        self.journals.setdefault(stream, {})[key] = named + booked
        if stream.split("|", 2)[1] not in JUDGED:
            total = sum(amount for side, amount, *_ in lines if side == "D")
            self.standings[stream, version] = Standing("POSTED", kind=kind, currency=currency, gross=total, account=account)

    def _reversed(self, stream: str, version: int, key: str) -> None:
        self.journals.get(stream, {}).pop(key, None)
        if stream.split("|", 2)[1] not in JUDGED:
            self._closed(stream, version, "REVERSED")


@dataclass(frozen=True, slots=True)
class Difference:
    """One version of a document that other rules treat otherwise."""

    stream: str
    version: int
    before: Standing
    after: Standing
    other_lines: bool = False
    other_number: bool = False

    @property
    def change(self) -> str:
        """What is different, in a few words."""
        one, other = self._verb(self.before), self._verb(self.after)
        if one != other:
            return f"{one}, would be {other}"
        if one == "posted" and not self.other_lines and self.before.account == self.after.account:
            return f"{one}, would have {'another number' if self.other_number else 'other remarks'}"
        return f"{one}, would be {other} {'for other reasons' if one == 'held' else 'otherwise'}"

    @property
    def known(self) -> Standing:
        """The standing that says what the document is."""
        return self.after if self.after.state else self.before

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that would hold it, else those that do."""
        return self.after.blocking or self.before.blocking

    @staticmethod
    def _verb(standing: Standing) -> Verb:
        return standing.verb if standing.state else "not there"


def differences(stood: Outcomes, simulated: Outcomes) -> Iterator[Difference]:
    """Yield the versions that stand otherwise: another state, other reasons, another account, other lines or another number."""
    for stream, version in dict.fromkeys((*stood.standings, *simulated.standings)):
        before = stood.standings.get((stream, version), ABSENT)
        after = simulated.standings.get((stream, version), ABSENT)
        posts = "POSTED" in (before.state, after.state)
        one, other = stood.journals.get(stream, {}), simulated.journals.get(stream, {})
        if before != after or (posts and one != other):
            other_lines = posts and _lines(one) != _lines(other)
            yield Difference(stream, version, before, after, other_lines, other_number=posts and one != other and not other_lines)


def _lines(journals: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return what prints of journals tell of their lines."""
    return {key: journal[_NUMBER_BYTES:] for key, journal in journals.items()}
