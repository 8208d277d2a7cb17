"""Collecting: a run of a class becomes statements, charges and letters of its accounts, each with dates of its own (Q1 to Q7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from engine.collecting.dunning import letters
from engine.collecting.statements import statement
from engine.decider import stream
from engine.errors import Refused
from engine.facts.interest import Cost, costs
from engine.facts.owing import apart
from engine.handling.admission import MERGES_FOLLOWED_MAX
from engine.handling.lifecycle import Lifecycle
from engine.ports import Receivable
from engine.streams.accounts import Account
from engine.streams.collection import Collected, Run, day_of
from schemas.collected import (
    RECEIVABLES_SHOWN_MAX,
    ChargedReceivable,
    ChargeNoted,
    InterestCalculated,
)
from schemas.inbound import AccountOpened, ClassDefined, DunningRun, InterestRun, StatementRun
from schemas.inbound.accounts import Dunning, Interest
from schemas.shape import Shape
from schemas.values import InvalidAmount, minor

if TYPE_CHECKING:
    from engine.handling.batch import Batch

RUN_MADE_MAX = 20_000
"""How many statements, charges or letters one run makes; said again for the same day, it makes the rest."""

Made = tuple[str, Shape]
"""What is to be recorded, with the stream it belongs to."""


class Collecting:
    """Makes one run of a class in a batch."""

    def __init__(self, batch: Batch, book: str, run: Run) -> None:
        """Prepare a run; raise Refused when it cannot be made."""
        self._batch, self._book, self._run, self._day = batch, book, run, day_of(run)
        record = batch.states.class_(book, run.class_).on(self._day).record
        if record is None:
            raise Refused("RUN_CLASS_UNKNOWN", f"class {run.class_} is not defined on {self._day}", "define the class first")
        if self._day > batch.today(book):
            raise Refused("RUN_IN_FUTURE", f"{self._day} has not come yet", "run it when the day has come")
        self._class = record
        self._minimum = self._least(None if isinstance(run, StatementRun) else _terms(run, record))

    @property
    def is_over(self) -> bool:
        """True when the run would change nothing for any account."""
        return next(self._made(), None) is None

    def run(self) -> None:
        """Record what the run leads to, account by account; charges go to the gate."""
        for name in self._accounts():
            self._open(name)  # Loaded before there is news that each would be held against.
        for name, event in islice(self._made(), RUN_MADE_MAX):
            if isinstance(event, InterestCalculated):
                self._charge(name, event)
            else:
                self._batch.record(name, event)

    def _made(self) -> Iterator[Made]:
        """Yield what each account is told or charged, in the order of accounts."""
        names = self._accounts()
        self._batch.states.prefetch([stream(self._book, "account", name) for name in names])
        self._batch.states.prefetch([self._stream(name) for name in names])
        for name in names:
            account = self._batch.states.account(self._book, name)
            if account.record is not None and not self._is_shared(account) and account.assigned == self._run.class_:
                yield from self._of_account(account, account.record)

    def _is_shared(self, account: Account) -> bool:
        """True for a shared debtor, and for an account that was merged into one: nobody is told or charged by name there."""
        record = self._owing(account).record
        return record is not None and record.generic

    def _owing(self, account: Account) -> Account:
        """Return the account that a charge of this one goes to: itself, or the last survivor of its merges (B15)."""
        for _ in range(MERGES_FOLLOWED_MAX):
            if account.survivor is None:
                break
            account = self._batch.states.account(self._book, account.survivor)
        return account

    def _open(self, account: str) -> Sequence[Receivable]:
        return apart(self._batch.states, self._batch.receivables, self._book, account)

    def _accounts(self) -> Sequence[str]:
        stored = self._batch.writing.accounts_of_class(self._book, self._run.class_)
        return sorted({*stored, *self._batch.ownership.assigned(self._book, self._run.class_)})

    def _stream(self, account: str) -> str:
        return stream(self._book, "collection", f"account:{account}")

    def _of_account(self, account: Account, record: AccountOpened) -> Iterator[Made]:
        """Yield what one account, which exists and is nobody's shared debtor (Q3), is told or charged."""
        open_, name = self._open(record.account), self._stream(record.account)
        known = self._batch.states.collection(name)
        match self._run:
            case StatementRun() if known.statement is None or known.statement < self._day:
                yield name, statement(self._class, open_, (known.statement, known.closing), self._day)
            case DunningRun() if self._class.dunning is not None:
                for letter in letters(self._class, self._class.dunning, open_, known.letters, (self._day, self._minimum)):
                    yield name, letter
            case InterestRun() if self._is_charged(record) and self._is_charged(self._owing(account).record):
                for currency in sorted({each.currency for each in open_}):
                    mine = [each for each in open_ if each.currency == currency]
                    charge = self._calculated(record, known, mine)
                    if charge is not None:
                        yield stream(self._book, "charge", charge.charge), charge

    def _is_charged(self, record: AccountOpened | None) -> bool:
        """True when the account bears interest, and is not in dispute, or may be charged all the same (Q3, Q5)."""
        terms = self._class.interest
        if record is None or terms is None or not record.interest_applies:
            return False
        return record.standing != "DISPUTED" or terms.include_disputed

    def _calculated(self, record: AccountOpened, known: Collected, open_: Sequence[Receivable]) -> InterestCalculated | None:
        """Return the charge for the days that no posted charge has, None when there is none or it was made before (Q2)."""
        terms, currency = self._class.interest, open_[0].currency
        noted, after = known.noted.get(currency), self._after(known, currency)
        if terms is None or (after or "") >= self._day or (noted is not None and noted.to >= self._day):
            return None
        found = costs(terms, open_, after, self._day)
        if not found or sum(each.base_amount for each in found) < self._minimum:
            return None
        return InterestCalculated(
            charge=f"{record.account}:{currency}:{self._day}",
            account=record.account,
            class_=self._class.class_,
            class_version=self._class.version,
            currency=currency,
            after=after,
            to=self._day,
            rate=terms.rate,
            days_in_year=terms.days_in_year,
            base=terms.base,
            amount=sum(each.amount for each in found),
            receivables=[_charged(each) for each in found[:RECEIVABLES_SHOWN_MAX]],
            more=max(0, len(found) - RECEIVABLES_SHOWN_MAX),
        )

    def _after(self, known: Collected, currency: str) -> str | None:
        """Return the last day that is charged already; days before the cut-over are the old system's."""
        opened, charged = self._batch.states.book(self._book).opened, known.interest.get(currency)
        cutover = opened.policies.cutover if opened else None
        if cutover is None:
            return charged
        return max(charged or "", (date.fromisoformat(cutover) - timedelta(days=1)).isoformat())

    def _least(self, terms: Interest | Dunning | None) -> int:
        """Return less than which nobody is charged or sent letters, in minor units of the book's currency."""
        opened = self._batch.states.book(self._book).opened
        try:
            return minor(terms.minimum, opened.base_currency) if terms and opened else 0
        except InvalidAmount as error:
            raise Refused(error.code, f"minimum: {error}", "revise the class in the scale of the book's currency") from error

    def _charge(self, name: str, charge: InterestCalculated) -> None:
        """Put a charge to the gate; one that did not post gives way to it, because its days are in this one."""
        lifecycle, account = Lifecycle(self._batch), self._stream(charge.account)
        before = self._batch.states.collection(account).noted.get(charge.currency)
        if before is not None:
            lifecycle.overtaken(stream(self._book, "charge", before.charge))
        self._batch.record(name, charge)
        self._batch.record(account, ChargeNoted(charge=charge.charge, currency=charge.currency, to=charge.to))
        lifecycle.settle(name)


def _terms(run: InterestRun | DunningRun, record: ClassDefined) -> Interest | Dunning:
    what, terms = ("interest", record.interest) if isinstance(run, InterestRun) else ("dunning", record.dunning)
    if terms is None:
        raise Refused("RUN_TERMS_MISSING", f"class {run.class_} has no {what} terms", f"revise the class with its {what}")
    return terms


def _charged(cost: Cost) -> ChargedReceivable:
    return ChargedReceivable(
        document=cost.receivable.document,
        due_date=cost.receivable.due_date or "",
        days=cost.days,
        on=cost.on,
        amount=cost.amount,
    )
