"""A life: everything that may be said about one small shop, in any order, sensible or not."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests import said
from tests.properties import living
from tests.properties.telling import HOW
from tests.properties.trades import Trades
from tests.said import Fields, Saying


class Life(Trades):
    """One book, from its opening on."""

    @rule(saying=living.PARTIES, how=HOW)
    def of_parties(self, saying: Saying, how: str) -> None:
        """Something is said of a customer, an account, a class or a link."""
        self.tell(saying, how)

    @rule(name=living.customers, account=living.accounts)
    def relinked(self, name: str, account: str) -> None:
        """A customer moves to another account."""
        self.tell(said.say("link.removed", customer=name), "together")
        self.tell(said.link(name, account))

    @rule(saying=living.BOOKS, how=HOW)
    def of_the_books(self, saying: Saying, how: str) -> None:
        """A period or a mapping changes."""
        self.tell(saying, how)

    @rule(saying=living.BILLING, how=HOW)
    def of_billing(self, saying: Saying, how: str) -> None:
        """A batch is run or taken back, a document is pulled from it, a day is closed."""
        self.tell(saying, how)

    @rule(saying=living.TRANSFERS, how=HOW)
    def transferred(self, saying: Saying, how: str) -> None:
        """What is open moves to another account."""
        self.tell(saying, how)

    @rule(name=living.invoices, net=st.sampled_from(living.NETS), customer=living.buyers)
    def plain_sale(self, name: str, net: str, customer: str) -> None:
        """Somebody buys something, as on most days; said again, it is amended."""
        self.tell(said.invoice(name, net, version=0, customer=customer, date=self.today))

    @rule(name=living.invoices, version=living.versions, fields=living.sales(), how=HOW)
    def invoice(self, name: str, version: int, fields: Fields, how: str) -> None:
        """An invoice is issued, amended, or contradicts itself."""
        self.tell(said.invoice(name, **{"version": version, **fields}), how)  # type: ignore[arg-type]  # Said as they are.

    @rule(
        name=living.credits, version=living.versions, original=st.sampled_from((None, "i1", "i2")), fields=living.sales(), how=HOW
    )
    def credit_note(self, name: str, version: int, original: str | None, fields: Fields, how: str) -> None:
        """A credit note is issued or amended."""
        self.tell(said.credit_note(name, **{"version": version, "original": original, **fields}), how)  # type: ignore[arg-type]

    @rule(name=living.documents, version=living.versions, how=HOW)
    def voided(self, name: str, version: int, how: str) -> None:
        """A document did not happen."""
        noun = "credit_note" if name in living.CREDITS else "invoice"
        self.tell(said.say(f"{noun}.voided", document=name, version=version), how)

    @rule(name=living.payments, document=living.invoices, whole=st.booleans(), how=HOW)
    def paid(self, name: str, document: str, *, whole: bool, how: str) -> None:
        """An invoice is paid, or half of it."""
        owed = next((row.gross for row in self.shop.documents.values() if row.document == document), 10_000)
        amount = owed if whole else owed // 2
        if amount > 0:
            self.tell(said.payment(name, f"{amount // 100}.{amount % 100:02}", on=document), how)

    @rule(name=living.payments, money=living.monies(), how=HOW)
    def payment(self, name: str, money: tuple[str, Fields], how: str) -> None:
        """Money comes in."""
        self.tell(said.payment(name, money[0], **money[1]), how)

    @rule(name=living.deposits, money=living.monies(), how=HOW)
    def deposit(self, name: str, money: tuple[str, Fields], how: str) -> None:
        """Money comes in before its invoice."""
        self.tell(said.payment(name, money[0], kind="DEPOSIT", **money[1]), how)

    @rule(name=living.refunds, money=living.monies(), how=HOW)
    def refund(self, name: str, money: tuple[str, Fields], how: str) -> None:
        """Money goes back."""
        self.tell(said.refund(name, money[0], **money[1]), how)

    @rule(name=st.one_of(living.payments, living.deposits), how=HOW)
    def bounced(self, name: str, how: str) -> None:
        """Money that came in did not stand."""
        row = next((row for row in self.shop.documents.values() if row.document == name), None)
        gross, currency = (row.gross, row.currency) if row else (12_000, "EUR")
        self.tell(said.reversal(name, f"{gross // 100}.{gross % 100:02}", currency=currency), how)

    @rule(name=living.documents, code=st.sampled_from(living.RELEASABLE), version=living.versions, how=HOW)
    def released(self, name: str, code: str, version: int, how: str) -> None:
        """Somebody lets a document pass."""
        self.tell(said.release(name, code, version=max(version, 1)), how)
