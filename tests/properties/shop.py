"""A shop that hears messages, and what can be seen of it: postings, states, balances, conservation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from adapters.clock import day
from adapters.eventlog.memory import MemoryLog
from engine.facts.assembly import Moment, Owned, gather
from engine.firewall.judge import judge
from engine.handling.batch import Batch
from engine.handling.transaction import Handled, Incoming, handle
from engine.journal import imbalance
from engine.ports import Log
from engine.record import Happened, decode
from engine.states import States
from engine.streams.documents import Document
from engine.streams.followed import WITHDRAWN
from projections.completeness import COMPLETENESS, RECEIVED
from projections.documents import DOCUMENTS, DocumentRow
from projections.ledger import BALANCES
from projections.memory import MemoryViews
from schemas.envelope import read_structured
from schemas.events import DocumentBilled, DocumentUnbilled, PostingAuthorised, PostingReversed
from schemas.gate import Unreadable
from tests.properties.messages import Said

NOW = 1_768_478_400_000_000
"""2026-01-15T12:00:00Z in microseconds."""

Line = tuple[str, str, int, int, str | None, str | None]


class Shop:
    """A log with an ear; the states it keeps between batches are those the product keeps."""

    def __init__(self, log: Log | None = None, *, now: int = NOW) -> None:
        """Listen with a log."""
        self.log: Log = MemoryLog() if log is None else log
        self.now = now
        self.states = States()
        self._positions: Counter[str] = Counter()
        self._happened: list[Happened] = []

    def hear(self, *messages: Said, source: str = "till") -> Handled:
        """Take messages in as one batch of a source."""
        heard = []
        for raw in messages:
            self._positions[source] += 1
            heard.append(Incoming(source, self._positions[source], raw, _read(raw)))
        with self.log.writing() as writing:
            handled = handle(writing, self.states, heard, self.now, day)
            head = writing.head()
        self.states.end(head)
        return handled

    def hear_one_by_one(self, messages: Iterable[Said], source: str = "till") -> Shop:
        """Take each message in as a batch of its own."""
        for raw in messages:
            self.hear(raw, source=source)
        return self

    @property
    def happened(self) -> list[Happened]:
        """Everything in the log, decoded from its bytes."""
        after = self._happened[-1].position if self._happened else 0
        self._happened += [decode(recorded) for recorded in self.log.read(after, 1_000_000)]
        return self._happened

    @property
    def views(self) -> MemoryViews:
        """The views that stand, or a fold of the log where they are kept elsewhere."""
        if isinstance(self.log, MemoryLog):
            return self.log.views
        views = MemoryViews()
        views.fold(self.happened)
        return views

    @property
    def postings(self) -> dict[str, tuple[object, ...]]:
        """Every posting by its key: where it went, and its lines."""
        found = [told.event for told in self.happened if isinstance(told.event, PostingAuthorised)]
        keys = [posting.posting_key for posting in found]
        assert len(set(keys)) == len(keys), "two postings share a key"
        return {posting.posting_key: _posting(posting) for posting in found}

    @property
    def documents(self) -> dict[tuple[str, int], DocumentRow]:
        """The row of each version of each document and payment."""
        return {(row.stream, row.version): row for row in self.views.rows(DOCUMENTS)}

    @property
    def standing(self) -> dict[str, str]:
        """The state of each version, where WAITING and REQUIRES_ATTENTION are both `held`."""
        held = ("WAITING", "REQUIRES_ATTENTION")
        return {name: "held" if state in held else state for name, state in self.states_of.items()}

    @property
    def states_of(self) -> dict[str, str]:
        """The state of each version of each document, named as `shop|document|i1#1`."""
        return {f"{stream}#{version}": row.state for (stream, version), row in self.documents.items()}

    def state(self, name: str) -> str:
        """Return the state of a document of the book `shop`: `document|i1#1`."""
        return self.states_of[f"shop|{name}"]

    def codes(self, name: str) -> list[str]:
        """Return the reason codes of a document of the book `shop`."""
        stream, _, version = f"shop|{name}".partition("#")
        return self.documents[stream, int(version)].codes.split()

    def net(self, stream: str) -> Counter[tuple[str, str | None]]:
        """Return what stands in the ledger from one document, debit above zero, by account and party."""
        total: Counter[tuple[str, str | None]] = Counter()
        for told in self.happened:
            if isinstance(told.event, PostingAuthorised) and told.stream == stream:
                for line in told.event.lines:
                    total[line.account, line.party] += line.amount if line.side == "D" else -line.amount
        return Counter({key: amount for key, amount in total.items() if amount})


def _read(raw: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN202
    try:
        return read_structured(raw)
    except Unreadable as unreadable:
        return unreadable


def _posting(posting: PostingAuthorised) -> tuple[object, ...]:
    lines = tuple(
        sorted(
            (line.account, line.side, line.amount, line.base_amount, line.party or "", line.tax_code or "")
            for line in posting.lines
        )
    )
    where = (posting.leg, posting.kind, posting.number, posting.route, posting.account, posting.class_, posting.class_version)
    when = (posting.date, posting.business_date, posting.period, posting.due_date, posting.currency)
    return (*where, *when, posting.reverses if isinstance(posting, PostingReversed) else None, lines)


def assert_right(shop: Shop) -> None:
    """Assert what holds after every message."""
    assert_balanced(shop)
    assert_conserved(shop)
    assert_states_match_the_ledger(shop)


def assert_balanced(shop: Shop) -> None:
    """Every journal balances in both currencies, every line is above zero, and the trial balance is zero."""
    for told in shop.happened:
        if isinstance(told.event, PostingAuthorised):
            assert imbalance(told.event.lines) == (0, 0)
            assert len(told.event.lines) >= 2
            assert all(
                line.amount >= 0 and line.base_amount >= 0 and line.amount + line.base_amount > 0 for line in told.event.lines
            )
    total: Counter[tuple[str, str]] = Counter()
    base: Counter[str] = Counter()
    for row in shop.views.rows(BALANCES):
        total[row.book, row.currency] += row.debit - row.credit
        base[row.book] += row.base_debit - row.base_credit
    assert not any(total.values())
    assert not any(base.values())


def assert_conserved(shop: Shop) -> None:
    """Received is what stands in all states together, per book, day and currency, in count and in amount; none is below zero."""
    documents: Counter[tuple[str, str, str]] = Counter()
    amounts: Counter[tuple[str, str, str]] = Counter()
    for row in shop.views.rows(COMPLETENESS):
        assert row.documents >= 0
        sign = 1 if row.state == RECEIVED else -1
        documents[row.book, row.day, row.currency] += sign * row.documents
        amounts[row.book, row.day, row.currency] += sign * row.gross
    assert not any(documents.values())
    assert not any(amounts.values())


def assert_states_match_the_ledger(shop: Shop) -> None:
    """A document is POSTED, in one version, exactly while a journal of it stands (I4); an edit of words keeps it (O3)."""
    standing: Counter[str] = Counter()
    for told in shop.happened:
        if isinstance(told.event, PostingReversed | DocumentUnbilled):
            standing[told.stream] -= 1
        elif isinstance(told.event, DocumentBilled) or (
            isinstance(told.event, PostingAuthorised) and not told.event.leg.endswith(WITHDRAWN)
        ):
            standing[told.stream] += 1
    posted = Counter(stream for (stream, _), row in shop.documents.items() if row.state == "POSTED")
    assert all(count == 1 for count in posted.values()), posted
    for stream, _ in shop.documents:
        assert bool(posted[stream]) == (standing[stream] > 0), (stream, posted[stream], standing[stream])


def overlooked(shop: Shop) -> list[str]:
    """Return the documents that are held although nothing is against posting them any more (I7): there are none."""
    with shop.log.writing(dry=True) as writing:
        states = States()
        states.begin(writing)
        batch = Batch(writing, states, shop.now, day)
        found = []
        for (name, version), row in shop.documents.items():
            if row.state not in ("WAITING", "REQUIRES_ATTENTION") or row.codes == "WAITING_FOR_VERSION":
                continue
            state = states.of(name)[0]
            owned = batch.ownership.owned(row.book, state.content) if isinstance(state, Document) and state.content else Owned()
            facts, _ = gather(states, name, Moment(shop.now, batch.today(row.book), row.since), owned)
            if facts.subject.version == version and judge(facts).outcome in ("POST", "ACCUMULATE"):
                found.append(name)
        return found


def batches(messages: Sequence[Said], sizes: Sequence[int]) -> list[Sequence[Said]]:
    """Cut messages into batches of the sizes given, over and over."""
    cut, start, turn = [], 0, 0
    while start < len(messages):
        size = sizes[turn % len(sizes)]
        cut.append(messages[start : start + size])
        start, turn = start + size, turn + 1
    return cut
