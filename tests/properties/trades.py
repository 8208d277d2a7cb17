"""Trades: what a shop does on most days, each thing about something that was there before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from projections.documents import DocumentRow
from schemas.values import major
from tests import said
from tests.properties import living
from tests.properties.telling import HOW, Telling
from tests.said import Fields

WHICH = st.integers(0, 9)
PARTS = st.sampled_from((1, 1, 2, 3))
SUMS = st.sampled_from(("100.00", "60.00", "33.33", "0.01"))


class Trades(Telling):
    """Sales, money, credits and bills, of documents that are there."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.named: dict[str, list[str]] = {"s": [], "n": [], "q": [], "z": []}

    def name(self, kind: str) -> str:
        """Return a name that was never used, of a sale, a credit note, money or a batch."""
        self.named[kind].append(f"{kind}{len(self.named[kind]) + 1}")
        return self.named[kind][-1]

    def shown(self, kind: str, which: int) -> DocumentRow | None:
        """Return a document of a kind as it is shown, in its latest version."""
        rows = [row for row in self.shop.documents.values() if row.document in self.named[kind]]
        chosen = rows[which % len(rows)].document if rows else None
        return max((row for row in rows if row.document == chosen), key=lambda row: row.version, default=None)

    @rule(
        customer=living.buyers,
        net=SUMS,
        taken=st.sampled_from(("nothing", "nothing", "all", "some")),
        foreign=st.booleans(),
        how=HOW,
    )
    def sells(self, customer: str, net: str, taken: str, *, foreign: bool, how: str) -> None:
        """Somebody buys something, and pays for it or not."""
        fields: Fields = {"customer": customer, "date": self.today, "branch": "b1", "version": 0}
        if taken != "nothing":
            fields["tenders"] = [said.tender("CASH", net if taken == "all" else "0.01")]
        if foreign and customer == "c1":
            fields |= {"currency": "USD", "exchange_rate": "0.4007"}
        self.tell(said.invoice(self.name("s"), net, **fields), how)

    @precondition(lambda self: self.named["s"])
    @rule(which=WHICH, part=PARTS, again=st.sampled_from(("PAYMENT", "PAYMENT", "DEPOSIT")), how=HOW)
    def pays(self, which: int, part: int, again: str, how: str) -> None:
        """A sale is paid, in whole or in part, or has a deposit."""
        row = self.shown("s", which)
        if row is not None and row.gross // part:
            amount, rate = major(row.gross // part, row.currency), "0.5" if row.currency != "EUR" else None
            fields: Fields = {"kind": again, "on": row.document, "customer": row.customer, "currency": row.currency}
            self.tell(said.payment(self.name("q"), amount, exchange_rate=rate, **fields), how)

    @rule(net=SUMS, customer=living.buyers, how=HOW)
    def pays_before(self, net: str, customer: str, how: str) -> None:
        """A deposit is paid for the sale that comes next."""
        following = f"s{len(self.named['s']) + 1}"
        self.tell(said.payment(self.name("q"), net, kind="DEPOSIT", on=following, customer=customer), how)

    @precondition(lambda self: self.named["s"])
    @rule(which=WHICH, part=PARTS, back=st.booleans(), how=HOW)
    def credits(self, which: int, part: int, *, back: bool, how: str) -> None:
        """A sale is taken back, in whole or in part, with its money or without."""
        row = self.shown("s", which)
        if row is not None and row.gross // part:
            net, rate = major(row.gross // part, row.currency), "0.4007" if row.currency != "EUR" else None
            tenders = [said.tender("CASH", net)] if back else []
            fields: Fields = {"original": row.document, "customer": row.customer, "currency": row.currency, "version": 0}
            note = said.credit_note(
                self.name("n"), net, exchange_rate=rate, tenders=tenders, date=self.today, branch="b1", **fields
            )
            self.tell(note, how)

    @precondition(lambda self: self.named["n"])
    @rule(which=WHICH, part=PARTS, how=HOW)
    def refunds(self, which: int, part: int, how: str) -> None:
        """Money goes back for a credit note."""
        row = self.shown("n", which)
        if row is not None and row.gross // part and row.currency == "EUR":
            amount = major(row.gross // part, "EUR")
            self.tell(said.refund(self.name("q"), amount, on=row.document, customer=row.customer), how)

    @precondition(lambda self: self.named["s"])
    @rule(which=WHICH, net=SUMS, customer=living.buyers, words=st.booleans(), how=HOW)
    def amends(self, which: int, net: str, customer: str, *, words: bool, how: str) -> None:
        """A sale is said anew: with other words only, or with another amount or customer."""
        row = self.shown("s", which)
        if row is not None and row.currency == "EUR":
            told = major(row.gross, "EUR") if words else net
            lines = [said.line(told, description="other words")]
            buyer = row.customer if words else customer
            self.tell(said.invoice(row.document, lines=lines, version=0, customer=buyer, date=row.date, branch="b1"), how)

    @rule(kind=st.sampled_from(("s", "n")), which=WHICH, how=HOW)
    def undoes(self, kind: str, which: int, how: str) -> None:
        """A sale or a credit note did not happen."""
        row = self.shown(kind, which)
        if row is not None:
            noun = "invoice" if kind == "s" else "credit_note"
            self.tell(said.say(f"{noun}.voided", document=row.document, version=0), how)

    @precondition(lambda self: self.named["q"])
    @rule(which=WHICH, how=HOW)
    def bounces(self, which: int, how: str) -> None:
        """Money that was received did not stand."""
        row = self.shown("q", which)
        if row is not None:
            self.tell(said.reversal(row.document, major(row.gross, row.currency), currency=row.currency), how)

    @rule(by_class=st.booleans(), how=HOW)
    def bills(self, *, by_class: bool, how: str) -> None:
        """What accumulates up to today is billed."""
        scope = {"class_": "JOBS"} if by_class else {"account": "a2"}
        fields = {"cut_off": self.today, "date": self.today, "by": "ann", "acknowledged": True, **scope}
        self.tell(said.say("batch.run", batch=self.name("z"), **fields), how)

    @precondition(lambda self: self.named["z"])
    @rule(which=WHICH, how=HOW)
    def unbills(self, which: int, how: str) -> None:
        """A batch is taken back."""
        self.tell(said.say("batch.reversed", batch=self.named["z"][which % len(self.named["z"])], by="ann"), how)

    @rule(how=HOW)
    def closes(self, how: str) -> None:
        """The till is closed for the day."""
        self.tell(said.say("day.closed", branch="b1", day=self.today, currency="EUR"), how)

    @precondition(lambda self: self.named["s"])
    @rule(which=WHICH, to=st.sampled_from(("a1", "a2", "a3")), how=HOW)
    def moves(self, which: int, to: str, how: str) -> None:
        """What is open on a sale is owed by another account."""
        row = self.shown("s", which)
        if row is not None and row.account and row.account != to:
            transfer = f"t-{self.said}"
            fields = {"date": self.today, "from_account": row.account, "to_account": to, "by": "ann"}
            self.tell(said.say("balance.transferred", transfer=transfer, documents=[row.document], **fields), how)

    @rule(seed=st.integers(0, 2**20))
    def an_ordinary_hour(self, seed: int) -> None:
        """A few of these things happen, spread evenly: a search left to itself says some things often and others never."""
        chance = Random(seed)
        for _ in range(3):
            which, part, how = chance.randrange(10), chance.choice((1, 1, 2, 3)), chance.choice(("now", "now", "twice", "later"))
            net, customer, coin = (
                chance.choice(("100.00", "60.00", "33.33")),
                chance.choice(living.CUSTOMERS),
                chance.random() < 0.5,
            )
            ordinary: tuple[Callable[[], None], ...] = (
                partial(self.sells, customer=customer, net=net, taken="all" if coin else "nothing", foreign=False, how=how),
                partial(self.pays, which=which, part=part, again="DEPOSIT" if which == 0 else "PAYMENT", how=how),
                partial(self.credits, which=which, part=part, back=coin, how=how),
                partial(self.refunds, which=which, part=part, how=how),
                partial(self.amends, which=which, net=net, customer=customer, words=coin, how=how),
                partial(self.undoes, kind="s" if coin else "n", which=which, how=how),
                partial(self.bounces, which=which, how=how),
                partial(self.bills, by_class=coin, how="now"),
                partial(self.closes, how="now"),
            )
            chance.choice((*ordinary[:2], *ordinary))()
