"""Telling: how things are said about one small shop, when they are heard, and what must hold after each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters import clock
from adapters.auditing import verify
from adapters.eventlog.memory import MemoryLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.ingest import Ingester, incoming
from engine.audit.recheck import Recheck
from engine.record import Happened, Recorded, decode
from projections.ledger import BALANCES
from projections.memory import MemoryViews
from projections.receivables import RECEIVABLES
from projections.views import VIEWS
from schemas.events import DocumentBilled, DocumentDecided, DocumentUnbilled, PostingAuthorised, PostingReversed
from schemas.values import instant
from tests import said
from tests.given import Story
from tests.invariants import Watch
from tests.properties import living
from tests.properties.shop import Shop, assert_balanced, assert_conserved, overlooked
from tests.said import DAY, Fields, Saying

HOW = st.sampled_from(("now", "now", "twice", "later", "together", "now", "now"))
"""Most is heard when it is said; some is heard twice, some late, and some together with what comes next."""

OFTEN = 4
"""After how many words it is asked what could post and does not: that judges everything that is held."""

INTEREST: Fields = {"interest": {"rate": "12"}}
"""What the overdue invoices of the first class cost a year."""

OWN = ("document", "payment")
"""The first journals of a document and of money; others follow them."""


class Patient(Watch):
    """A watch that asks for link and class when something passes, not again when what is posted is decided anew.

    A deposit is, when its document is voided; by then its customer may be linked to nobody, and its account have no class.
    """

    def _allowed(self, happened: Happened, event: DocumentDecided) -> None:
        if event.was != "POSTED":
            super()._allowed(happened, event)


class Telling(RuleBasedStateMachine):
    """One book, from its opening on."""

    def __init__(self) -> None:
        """Begin before anything was said."""
        super().__init__()
        self.story = Story()
        self.story._watch = Patient()
        self.shop = Shop(self.story.log)
        self.today = DAY
        self.late: list[Saying] = []
        self.waiting: list[Saying] = []
        self.heard: list[tuple[int, list[Saying]]] = []
        self.said = 0
        self.right = True
        self.versions: dict[str, int] = {}

    # How it is said.

    def tell(self, saying: Saying, how: str = "now") -> None:
        """Say something once or twice, now or later, alone or together with the next."""
        self.said += 1
        named = self.versioned(saying).under(f"said-{self.said}")
        if how == "later":
            self.late.append(named)
            return
        self.waiting.append(named)
        if how == "twice":
            self.waiting.append(replace(named, id=f"again-{self.said}"))
        if how != "together":
            self.hear()

    def hear(self) -> None:
        """Take in what was said since the last time, in one transaction."""
        self.right = False
        came, self.waiting = self.waiting, []
        self.heard.append((self.story.now, came))
        self.story.say(*came)
        self.shop.now = self.story.now
        self.right = True

    def versioned(self, saying: Saying) -> Saying:
        """Return what is said under the next version where it names none."""
        noun, name = saying.kind.partition(".")[0], next(iter(saying.fields.values()))
        if "version" not in saying.fields:
            return saying
        known = self.versions.get(f"{name}", 0)
        version = int(str(saying.fields["version"])) or known + 1
        self.versions[f"{name}"] = max(known, version)
        verb = saying.kind
        if noun in ("invoice", "credit_note") and not verb.endswith("voided"):
            verb = f"{noun}.issued" if version == 1 else f"{noun}.amended"
        return Saying(verb, {**saying.fields, "version": version}, saying.id)

    @initialize(
        policies=living.POLICIES,
        known=st.sampled_from((True, True, True, False, True, True, True)),
        third=st.sampled_from(living.CLASSES),
    )
    def begins(self, policies: Fields, known: bool, third: str) -> None:  # noqa: FBT001  # hypothesis names it.
        """The book opens; usually everybody is known from the start."""
        told = [living.book_said(policies), *said.mappings(), said.account(living.SHARED, generic=True)]
        if known:
            told += [living.class_said(name, 0, INTEREST if name == "HOUSE" else {}) for name in living.CLASSES]
            told += [said.account(name, version=0, terms={"days": 7}, interest_applies=True) for name in living.ACCOUNTS]
            told += [said.customer(name, version=0) for name in living.CUSTOMERS]
            for customer, account, class_ in (("c1", "a1", "HOUSE"), ("c2", "a2", "JOBS"), ("c3", "a3", third)):
                told += [said.say("class.assigned", account=account, class_=class_), said.link(customer, account)]
            told += [said.period(*living.MONTHS[0])]
        for saying in told:
            self.tell(saying, "together")
        self.hear()

    @precondition(lambda self: self.late)
    @rule(which=st.integers(0, 20))
    def something_arrives_late(self, which: int) -> None:
        """What was said before is heard now, in whatever order."""
        self.waiting.append(self.late.pop(which % len(self.late)))
        self.hear()

    @rule(passed=st.sampled_from((1, 2, 9, 30)))
    def days_pass(self, passed: int) -> None:
        """It is a later day; what was due is released."""
        self.today = (date.fromisoformat(self.today) + timedelta(days=passed)).isoformat()
        self.story.now = instant(f"{self.today}T12:00:00Z")
        self.hear()

    # What holds.

    @invariant()
    def all_is_right(self) -> None:
        """States add up, journals balance, receipts and receivables are complete, and nothing that could post is left behind."""
        if not self.right:
            return
        self.right = False
        assert_balanced(self.shop)
        assert_conserved(self.shop)
        assert posted_streams(self.shop) == standing_streams(self.shop)
        assert len(self.story.log.receipts) == sum(len(came) for _, came in self.heard)
        assert owed(self.shop) == posted(self.shop)
        assert self.said % OFTEN or self.waiting or overlooked(self.shop) == []
        self.right = True

    def teardown(self) -> None:
        """At the end everything late is heard, history decides the same again, and views and batches make no difference."""
        if not self.right:
            return  # Something was wrong before, and has been told.
        self.waiting += self.late
        self.hear()
        self.all_is_right()
        assert overlooked(self.shop) == []
        log, anew = self.story.log, MemoryViews()
        anew.fold([decode(recorded) for recorded in log.records])
        for view in VIEWS:
            assert list(anew.rows(view)) == list(log.views.rows(view)), view.name
        with TemporaryDirectory() as folder, closing(SqliteLog.create(f"{folder}/store.sqlite")) as kept:
            self._hear_again(kept)
            assert list(kept.read(0, 1_000_000)) == log.records
            assert [str(fault) for fault in verify(kept).faults] == []

    def _hear_again(self, log: SqliteLog) -> None:
        """Hear the same messages again in another log, all of one moment in one transaction."""
        moments: dict[int, list[Saying]] = {}
        for now, came in self.heard:
            moments.setdefault(now, []).extend(came)
        number, times = 0, iter(moments)
        for came in moments.values():
            written = []
            for saying in came:
                number += 1
                written.append(incoming("story", number, saying.written(self.story.name, f"m{number}")))
            Ingester(log, now=partial(next, times)).take(written)


def posted_streams(shop: Shop) -> Counter[str]:
    """Return the documents that are shown as posted, with how many of their versions are: never more than one."""
    return Counter(stream for (stream, _), row in shop.documents.items() if row.state == "POSTED")


def standing_streams(shop: Shop) -> Counter[str]:
    """Return the documents that are in the ledger: by a journal of their own, or as part of a batch or summary."""
    standing: Counter[str] = Counter()
    for told in shop.happened:
        match told.event:
            case DocumentBilled():
                standing[told.stream] += 1
            case DocumentUnbilled():
                standing[told.stream] -= 1
            case PostingReversed():
                standing[told.stream] -= told.event.leg.startswith(OWN)
            case PostingAuthorised() if told.event.kind != "WITHDRAWAL":
                standing[told.stream] += told.event.leg.startswith(OWN)
    return Counter({name: count for name, count in standing.items() if count and name.split("|")[1] in ("document", "payment")})


def owed(shop: Shop) -> Counter[tuple[str, str]]:
    """Return what is open by account and currency, and in the book's currency, from the view of receivables."""
    total: Counter[tuple[str, str]] = Counter()
    for row in shop.views.rows(RECEIVABLES):
        total[row.account, row.currency] += row.open
        total[row.account, "base"] += row.base_open
    return Counter({key: amount for key, amount in total.items() if amount})


def posted(shop: Shop) -> Counter[tuple[str, str]]:
    """Return the same from the balances of the ledger."""
    total: Counter[tuple[str, str]] = Counter()
    for row in shop.views.rows(BALANCES):
        if row.party:
            total[row.party, row.currency] += row.debit - row.credit
            total[row.party, "base"] += row.base_debit - row.base_credit
    return Counter({key: amount for key, amount in total.items() if amount})


@dataclass(frozen=True, slots=True)
class Past:
    """A log in memory as it stood at a position."""

    log: MemoryLog

    def events_until(self, streams: Collection[str], position: int) -> list[Recorded]:
        """Return the records of several streams up to a position."""
        return [recorded for recorded in self.log.records[:position] if recorded.stream in streams]


def faults(log: MemoryLog) -> list[str]:
    """Return what the rules find wrong with a history when they hear it again."""
    recheck = Recheck(Past(log), clock.day)
    found = [fault for recorded in log.records for fault in recheck.check(decode(recorded))]
    return [f"{fault.position} {fault.code} {fault.message}" for fault in (*found, *recheck.at_the_end(log.head()))]
