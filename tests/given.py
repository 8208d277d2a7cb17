"""A story: facts said in the language of the domain, taken in by the real door, engine and log, then looked at.

    story = Story().shop().invoice("i1", "100.00", tax="20.00")
    assert story.state("i1") == "POSTED"
    assert story.postings("i1") == [("D", "1100", "acme", "120.00"), ("C", "4000", "", "100.00"), ("C", "2200", "", "20.00")]

Each step is one batch in one transaction; after each, the invariants of tests/invariants.py are checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from adapters.eventlog.memory import MemoryLog
from adapters.ingest import Ingester, incoming
from engine.decider import stream
from engine.facts.assembly import Moment, Owned, gather
from engine.firewall.facts import Facts
from engine.handling.transaction import Handled
from engine.ports import Receipt
from engine.record import decode
from engine.states import States
from projections.documents import DOCUMENTS, HOLDS, DocumentRow
from projections.ledger import BALANCES
from schemas.events import DocumentBilled, DocumentDecided, PostingAuthorised, PostingReversed
from schemas.values import instant, major
from tests import said
from tests.invariants import Watch
from tests.said import DAY, Saying

Line = tuple[str, str, str, str]
"""Side, ledger account, party (empty for none), amount as text."""


class Story:
    """What is said about one book, in order, and what came of it."""

    def __init__(self, *, book: str = "shop", on: str = DAY) -> None:
        """Begin with an empty log, at noon of a day."""
        self.name = book
        self.now = instant(f"{on}T12:00:00Z")
        self.log = MemoryLog()
        self.last = Handled()
        self.decided: dict[str, list[DocumentDecided]] = {}
        self._ingester = Ingester(self.log, now=lambda: self.now)
        self._watch = Watch()
        self._written: dict[str, tuple[str, dict[str, object]]] = {}
        self._messages = 0
        self.messages: list[bytes] = []
        """Everything that was said, as bytes, in order."""

    def say(self, *sayings: Saying) -> Story:
        """Take in messages as one batch, in one transaction."""
        written = []
        for saying in sayings:
            self._messages += 1
            self.messages.append(saying.written(self.name, f"m{self._messages}"))
            written.append(incoming("story", self._messages, self.messages[-1]))
        self.last = self._ingester.take(written)
        for happened in self.last.happened:
            if isinstance(happened.event, DocumentDecided):
                self.decided.setdefault(happened.key, []).append(happened.event)
        self._watch.check(self.log)
        return self

    def each(self, *sayings: Saying) -> Story:
        """Take in messages one after the other, each in a transaction of its own."""
        for saying in sayings:
            self.say(saying)
        return self

    def until(self, time: str) -> Story:
        """Let time pass until a day (noon) or an instant; what was due by then is released."""
        self.now = instant(time if "T" in time else f"{time}T12:00:00Z")
        return self.say()

    # What is said.

    def shop(self, **policies: object) -> Story:
        """Open a book with its mappings, account `acme` of class `HOUSE` (posts to ACCOUNT), and customer `c1` linked to it."""
        return self.book(**policies).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")

    def counter(self, **policies: object) -> Story:
        """Open a book where `c1` is linked to `walkers` of class `COUNTER`, which posts to the shared debtor `counter`."""
        self.book(**policies).account("counter", generic=True).account("walkers").customer("c1").linked("c1", "walkers")
        return self.classified("walkers", "COUNTER", "GENERIC", generic_account="counter")

    def book(self, **settings: object) -> Story:
        """Open the book with policies (and `currency`, `timezone`), and map what every story needs."""
        return self.say(said.book(**settings), *said.mappings())

    def mapped(self, kind: str, key: str, **value: object) -> Story:
        """Define a mapping."""
        return self.say(said.mapping(kind, key, **value))

    def account(self, name: str, /, **fields: object) -> Story:
        """Open an account customer, or change it under a higher `version`."""
        return self.say(said.account(name, **fields))

    def defined(self, class_: str, behaviour: str = "ACCOUNT", **fields: object) -> Story:
        """Define a class, or revise it under a higher `version`."""
        return self.say(said.class_(class_, behaviour, **fields))

    def assigned(self, account: str, class_: str) -> Story:
        """Give an account a class."""
        return self.say(said.say("class.assigned", account=account, class_=class_))

    def classified(self, account: str, class_: str, behaviour: str = "ACCOUNT", **fields: object) -> Story:
        """Define a class and give it to an account."""
        return self.defined(class_, behaviour, **fields).assigned(account, class_)

    def customer(self, name: str, /, **fields: object) -> Story:
        """Register an operational customer, or change it under a higher `version`."""
        return self.say(said.customer(name, **fields))

    def linked(self, customer: str, account: str, effective_from: str | None = None) -> Story:
        """Link a customer to an account."""
        return self.say(said.link(customer, account, effective_from))

    def period(self, name: str, first: str, last: str, *, verb: str = "opened") -> Story:
        """Declare, lock, close or reopen a period."""
        return self.say(said.period(name, first, last, verb=verb))

    def said(self, kind: str, /, **fields: object) -> Story:
        """Say anything else by its kind."""
        return self.say(said.say(kind, **fields))

    def invoice(self, document: str, net: str = "100.00", **fields: object) -> Story:
        """Issue an invoice."""
        self._written[document] = ("invoice", {"net": net, "version": 1, **fields})
        return self.say(said.invoice(document, net, **fields))

    def credit_note(self, document: str, net: str = "100.00", **fields: object) -> Story:
        """Issue a credit note."""
        self._written[document] = ("credit_note", {"net": net, "version": 1, **fields})
        return self.say(said.credit_note(document, net, **fields))

    def amended(self, document: str, **changes: object) -> Story:
        """Say a document anew, under the next version, as it was but for the changes."""
        return self.say(self.amendment(document, **changes))

    def amendment(self, document: str, **changes: object) -> Saying:
        """Return the next version of a document as a message."""
        noun, before = self._written[document]
        fields = before | {"version": int(str(before["version"])) + 1} | changes
        self._written[document] = (noun, fields)
        maker = said.invoice if noun == "invoice" else said.credit_note
        net, rest = str(fields["net"]), {name: value for name, value in fields.items() if name != "net"}
        return Saying(f"{noun}.amended", maker(document, net, **rest).fields)

    def voided(self, document: str, *, version: int = 2) -> Story:
        """Void a document."""
        noun = self._written.get(document, ("invoice", {}))[0]
        return self.said(f"{noun}.voided", document=document, version=version)

    def payment(self, name: str, amount: str = "100.00", **fields: object) -> Story:
        """Receive a payment; `on` names what it settles."""
        return self.say(said.payment(name, amount, **fields))

    def deposit(self, name: str, amount: str = "100.00", **fields: object) -> Story:
        """Receive a deposit."""
        return self.payment(name, amount, kind="DEPOSIT", **fields)

    def refund(self, name: str, amount: str = "100.00", **fields: object) -> Story:
        """Pay money back."""
        return self.say(said.refund(name, amount, **fields))

    def reversed(self, name: str, amount: str = "100.00", **fields: object) -> Story:
        """Take a payment back."""
        return self.say(said.reversal(name, amount, **fields))

    def released(self, document: str, *reasons: str, version: int = 1) -> Story:
        """Let a version pass the reasons named."""
        return self.say(said.release(document, *reasons, version=version))

    def then_released_by(self, document: str, *sayings: Saying) -> Story:
        """Expect that a document stands outside the ledger, and that these messages post it in their own transaction."""
        assert self.state(document) != "POSTED", f"{document} is posted already"
        self.say(*sayings)
        assert self.state(document) == "POSTED", f"{document} is still held for {self.codes(document)}"
        assert document in self.posted_now()
        return self

    # What came of it.

    @property
    def receipt(self) -> Receipt:
        """The receipt of the last message."""
        return self.last.receipts[-1]

    @property
    def verdict(self) -> tuple[str, str]:
        """What became of the last message: verdict and code."""
        return self.receipt.verdict, self.receipt.code

    def row(self, document: str, version: int | None = None) -> DocumentRow:
        """Return a document as it is shown, in its latest version unless one is named."""
        rows = [row for row in self.log.views.rows(DOCUMENTS) if (row.book, row.document) == (self.name, document)]
        return max((row for row in rows if version in (None, row.version)), key=lambda row: row.version)

    def state(self, document: str, version: int | None = None) -> str:
        """Return the state of a document or payment."""
        return self.row(document, version).state

    def codes(self, document: str, version: int | None = None) -> list[str]:
        """Return the reason codes of a document, in the order in which the rules spoke."""
        return self.row(document, version).codes.split()

    def decision(self, document: str) -> DocumentDecided:
        """Return the last decision about a document."""
        return self.decided[document][-1]

    def waits(self, document: str) -> list[str]:
        """Return what a document waits for, by the index of holds."""
        return [row.key for row in self.log.views.rows(HOLDS) if (row.book, row.stream.split("|")[2]) == (self.name, document)]

    def journals(self, document: str | None = None) -> list[PostingAuthorised]:
        """Return the postings that stand, of one document or of all, in order."""
        standing: dict[str, PostingAuthorised] = {}
        for happened in self._history():
            event = happened[1]
            if document in (None, happened[0]):
                if isinstance(event, PostingReversed):
                    del standing[event.reverses]
                else:
                    standing[event.posting_key] = event
        return list(standing.values())

    def _history(self) -> Sequence[tuple[str, PostingAuthorised]]:
        records = [decode(recorded) for recorded in self.log.records if recorded.kind.startswith("Posting")]
        return [(one.key, one.event) for one in records if isinstance(one.event, PostingAuthorised) and one.book == self.name]

    def postings(self, document: str) -> list[Line]:
        """Return the lines of a document's standing postings."""
        return [line for posting in self.journals(document) for line in lines_of(posting)]

    def ledger(self) -> Mapping[tuple[str, str], str]:
        """Return what each ledger account and party has, debits above zero; accounts at zero are left out."""
        rows = [row for row in self.log.views.rows(BALANCES) if row.book == self.name and row.debit != row.credit]
        return {(row.account, row.party): major(row.debit - row.credit, row.currency) for row in rows}

    def receivables(self, account: str) -> Mapping[str, str]:
        """Return what is open on an account, by document; what stands to its credit is below zero.

        Where a document is open in two currencies, each follows its name.
        """
        with self.log.writing(dry=True) as writing:
            rows = writing.receivables(self.name, account)
        several = Counter(row.document for row in rows)
        names = {row: f"{row.document} {row.currency}" if several[row.document] > 1 else row.document for row in rows}
        return {name: major(row.open, row.currency) for row, name in names.items()}

    def posted_now(self) -> list[str]:
        """Return the documents that got a posting in the last transaction, in order."""
        return list(
            dict.fromkeys(
                happened.key
                for happened in self.last.happened
                if isinstance(happened.event, PostingAuthorised | DocumentBilled)
                and not isinstance(happened.event, PostingReversed)
            )
        )

    def facts(self, document: str, noun: str = "document") -> Facts:
        """Return the facts by which a document would be judged now."""
        states, name = States(), stream(self.name, noun, document)
        with self.log.writing(dry=True) as writing:
            states.begin(writing)
            return gather(states, name, Moment(self.now, DAY, DAY), Owned())[0]


def lines_of(posting: PostingAuthorised) -> list[Line]:
    """Return the lines of a posting as (side, account, party, amount)."""
    return [(line.side, line.account, line.party or "", major(line.amount, posting.currency)) for line in posting.lines]
