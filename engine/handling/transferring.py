"""Transferring: what is open of named documents moves from one account to another, by a journal for each (O7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.decider import stream
from engine.errors import Refused
from engine.facts.policies import closed_period
from engine.firewall.rulebook import RULEBOOK
from engine.journal.coding import Coding
from engine.journal.ledger import Key, Ledger
from engine.ports import Receivable
from engine.postings import posting_key
from engine.streams.books import Book
from engine.streams.followed import Followed
from engine.streams.transfers import leg_of
from schemas.events import DocumentTransferred, PostingAuthorised, PostingLine, Settled, TransferDecided
from schemas.inbound import AccountOpened, BalanceTransferred

if TYPE_CHECKING:
    from engine.handling.batch import Batch


class Transferring:
    """One transfer, inside a batch: first it is permitted as a whole, then it moves document by document."""

    def __init__(self, batch: Batch, book: str, said: BalanceTransferred) -> None:
        """Work inside a batch."""
        self.batch = batch
        self.book = book
        self.said = said
        self.stream = stream(book, "transfer", said.transfer)

    def permit(self) -> None:
        """Raise Refused unless all of it can be moved: open accounts, a day the books take, and documents open on the one."""
        if self.batch.states.transfer(self.stream).said is not None:
            return  # Its own decider knows whether it is said twice.
        for account in (self.said.from_account, self.said.to_account):
            self._account(account)
        self._period()
        for document in self.said.documents:
            for line in [line for posting in self._postings(*self._open(document)) for line in posting.lines]:
                self._takes(line)

    def _takes(self, line: PostingLine) -> None:
        """Refuse a line that its ledger account does not take: it is closed, or asks for a code that is not there (D10, G13)."""
        book, day = self.batch.states.book(self.book), self.said.date
        known, policy = book.mapped("ledger_account", line.account, day), book.mapped("dimension_policy", line.account, day)
        wanted = policy.dimensions.items() if policy else ()
        faults = [f"asks for {name}" for name, rule in wanted if rule == "MANDATORY" and name not in line.dimensions]
        if known and known.status in ("SUSPENDED", "CLOSED"):
            faults.insert(0, f"is {known.status.lower()}")
        if faults:
            message = f"ledger account {line.account} {faults[0]}"
            raise Refused("TRANSFER_ACCOUNT_UNUSABLE", message, "open the ledger account, or give the account its code, first")

    def move(self) -> None:
        """Record a journal for each document, and let what comes later follow it."""
        self.batch.record(self.stream, TransferDecided(documents=len(self.said.documents), rulebook=RULEBOOK))
        for document in self.said.documents:
            known, way = self._open(document)
            postings = self._postings(known, way)
            for posting in postings:
                self.batch.record(self.stream, posting)
            if way is not None and self._goes_along(known, way):
                account, control = self.said.to_account, self._account(self.said.to_account).ledger_account
                event = DocumentTransferred(
                    transfer=self.said.transfer,
                    account=account,
                    control=control,
                    class_=postings[0].class_,
                    class_version=postings[0].class_version,
                )
                self.batch.record(stream(self.book, "document", document), event)

    def _goes_along(self, known: Sequence[Receivable], way: Followed) -> bool:
        """True when the document moves too; a credit that it left behind moves alone to a third account."""
        return way.account in (self.said.from_account, self.said.to_account) or any(one.open > 0 for one in known)

    def _account(self, key: str) -> AccountOpened:
        account = self.batch.states.account(self.book, key)
        record = account.record
        if record is None or record.status in ("CLOSED", "DRAFT"):
            told = f"account {key} is {record.status.lower() if record else 'unknown'}"
            raise Refused("TRANSFER_ACCOUNT_UNUSABLE", told, "open the account first, or name another")
        if key == self.said.to_account and account.survivor is not None:
            told = f"account {key} was merged into {account.survivor}"
            raise Refused("TRANSFER_ACCOUNT_UNUSABLE", told, "move it to the survivor")
        if key == self.said.to_account and record.generic:
            raise Refused("TRANSFER_ACCOUNT_UNUSABLE", f"account {key} is shared", "move it to an account of one customer")
        return record

    def _class(self, account: str) -> tuple[str, int]:
        """Return the class of the account that receives, with its version on the day: what follows posts by that one too (C1)."""
        class_ = self.batch.states.account(self.book, account).assigned
        if class_ is None:
            remedy = f"give it a class first: postgate classify {account} CLASS"
            raise Refused("TRANSFER_ACCOUNT_UNUSABLE", f"account {account} has no class", remedy)
        known, opened = self.batch.states.class_(self.book, class_).on(self.said.date), self.batch.states.book(self.book).opened
        if known.record is None:
            message = f"class {class_} of account {account} is not in force on {self.said.date}"
            raise Refused("TRANSFER_ACCOUNT_UNUSABLE", message, "define the class first, or assign another")
        if not known.active and (opened is None or opened.policies.inactive_class == "HOLD"):
            raise Refused(
                "TRANSFER_ACCOUNT_UNUSABLE", f"class {class_} of account {account} is inactive", "assign an active class"
            )
        return class_, known.version

    def _period(self) -> str:
        """Return the period of the journals: that of the day said, or where the book rolls forward the next open one (H11)."""
        book, today, day = self.batch.states.book(self.book), self.batch.today(self.book), self.said.date
        ahead = book.opened.policies.future_days_max if book.opened else 0
        if book.opened is None or day > (date.fromisoformat(today) + timedelta(days=ahead)).isoformat():
            raise Refused("TRANSFER_DATE", f"{day} is not a day the books take now", "name a day of an open period")
        first, last = book.opened.policies.dates_from, book.opened.policies.dates_to
        period = book.period_of(day)
        if not book.takes(period, today):
            later = book.first_open_after(day, today) if closed_period(book, None) == "ROLL_FORWARD" else None
            if later is None:
                raise Refused("TRANSFER_DATE", f"period {period.name} takes no postings", "name a day of an open period")
            period = later
        if (first and day < first) or (last and day > last):
            raise Refused("TRANSFER_DATE", f"{day} is outside the open dates", "name a day of an open period")
        return period.name

    def _open(self, document: str) -> tuple[Sequence[Receivable], Followed | None]:
        """Return what is open of a document on the first account, in its own currency first, and the way its money follows."""
        state = self.batch.states.document(stream(self.book, "document", document))
        own = state.follows.currency if state.follows else None
        known = [one for one in self.batch.receivables.open(self.book, self.said.from_account) if one.document == document]
        known.sort(key=lambda one: one.currency != own)
        whole = state.in_force is None and document.partition(":")[0] in ("batch", "day")
        if not known or state.billed is not None or whole:
            message = f"nothing of {document} is open on {self.said.from_account}"
            raise Refused("TRANSFER_NOT_OPEN", message, "look at postgate balances, or reverse the batch it was billed in")
        to = self._account(self.said.to_account)
        for one in known:
            if to.currency not in (None, one.currency):
                message = f"account {to.account} is in {to.currency}, {document} in {one.currency}"
                raise Refused("TRANSFER_ACCOUNT_UNUSABLE", message, "move it to an account in its currency")
        return known, state.follows

    def _party(self, owed: AccountOpened, control: str) -> Key:
        """Return where an account owes, with the analysis codes that its ledger account asks for (G13)."""
        codes = {f"account.{number}": code for number, code in owed.analysis_codes.items()}
        return Coding(self.batch.states.book(self.book), self.said.date, codes).coded((control, owed.account, None, ()))

    def _postings(self, known: Sequence[Receivable], way: Followed | None) -> Sequence[PostingAuthorised]:
        """Return the journals that move a document: one, and one more for each currency that it was amended from."""
        legs = [leg_of(known[0].document), *(leg_of(one.document, one.currency) for one in known[1:])]
        return [self._posting(one, way, leg) for one, leg in zip(known, legs, strict=True)]

    def _posting(self, known: Receivable, way: Followed | None, leg: str) -> PostingAuthorised:
        book, said = self.batch.states.book(self.book), self.said
        new, old = self._account(said.to_account), self._account(said.from_account)
        control = way.control if way and way.account == old.account and way.control else old.ledger_account
        class_, version = self._class(new.account)
        parties = (self._party(new, new.ledger_account), self._party(old, control))
        return PostingAuthorised(
            posting_key=posting_key(self.book, self.stream, 1, leg),
            version=1,
            leg=leg,
            kind="BALANCE_TRANSFER",
            number=known.number,
            route="ACCOUNT",
            account=new.account,
            class_=class_,
            class_version=version,
            date=said.date,
            business_date=said.date,
            period=self._period(),
            due_date=known.due_date,
            currency=known.currency,
            base_currency=_base(book),
            lines=list(_lines(known, *parties, said)),
            settles=[
                Settled(document=known.document, amount=known.open, base_amount=known.base_open, account=old.account),
                Settled(document=known.document, amount=-known.open, base_amount=-known.base_open, account=new.account),
            ],
        )


def _base(book: Book) -> str:
    if book.opened is None:
        raise ValueError("a book that was never opened has no balances")
    return book.opened.base_currency


def _lines(known: Receivable, new: Key, old: Key, said: BalanceTransferred) -> Sequence[PostingLine]:
    """Return the new account owing what is open, and the old one no more (b2); a credit is moved the other way round."""
    ledger = Ledger((1, 1), f"{known.number} {said.transfer}", None)
    if known.open * known.base_open < 0:
        ledger.put(new, 0, known.base_open)
        ledger.put(old, 0, -known.base_open)
        ledger.put(new, known.open, 0)
    else:
        ledger.put(new, known.open, known.base_open)
    ledger.balance(old)
    return ledger.lines()
