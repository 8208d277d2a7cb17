"""Collecting as it is shown: statements, charges of interest, letters, and how far each class and account has come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.record import Happened
from projections.projection import Key, Money, Rows, View, nothing
from schemas.collected import DunningLetterIssued, InterestAdvanced, InterestCalculated, StatementIssued
from schemas.inbound import DunningRun, InterestRun, StatementRun
from schemas.shape import Shape


def _listed(parts: Sequence[Shape]) -> str:
    return json.dumps([part.model_dump() for part in parts])


def _account(happened: Happened) -> str:
    return happened.key.removeprefix("account:")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement; balances and receivables as JSON with amounts in minor units, `more` receivables are not named."""

    book: str
    account: str
    as_of: str
    class_: str
    class_version: int
    previous: str | None
    balances: str
    receivables: str
    more: int


def _statement(happened: Happened, rows: Rows[StatementRow]) -> None:
    event = happened.event
    if isinstance(event, StatementIssued):
        balances, receivables = _listed(event.balances), _listed(event.receivables)
        named = (happened.book, _account(happened), event.as_of, event.class_, event.class_version, event.after)
        rows.put(StatementRow(*named, balances, receivables, event.more))


STATEMENTS = View("statements", 1, StatementRow, ("book", "account", "as_of"), (StatementIssued,), nothing, _statement)


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge of interest: the days after `previous`, up to and including `last_day`; its state is that of the document."""

    book: str
    charge: str
    account: str
    class_: str
    class_version: int
    currency: str
    previous: str | None
    last_day: str
    rate: str
    days_in_year: int
    base: str
    amount: Money
    receivables: str
    more: int


def _charge(happened: Happened, rows: Rows[ChargeRow]) -> None:
    event = happened.event
    if isinstance(event, InterestCalculated):
        named = (happened.book, event.charge, event.account, event.class_, event.class_version, event.currency)
        terms = (event.rate, event.days_in_year, event.base)
        rows.put(ChargeRow(*named, event.after, event.to, *terms, event.amount, _listed(event.receivables), event.more))


CHARGES = View("charges", 2, ChargeRow, ("book", "charge"), (InterestCalculated,), nothing, _charge)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One dunning letter; receivables as JSON with amounts in minor units."""

    book: str
    letter: str
    account: str
    as_of: str
    class_: str
    class_version: int
    level: int
    name: str
    per: str
    currency: str
    amount: Money
    receivables: str


def _letter(happened: Happened, rows: Rows[LetterRow]) -> None:
    event = happened.event
    if isinstance(event, DunningLetterIssued):
        account = _account(happened)
        named = (happened.book, f"{account}#{happened.version}", account, event.as_of, event.class_, event.class_version)
        rows.put(
            LetterRow(*named, event.level, event.letter, event.per, event.currency, event.amount, _listed(event.receivables))
        )


LETTERS = View("letters", 2, LetterRow, ("book", "letter"), (DunningLetterIssued,), nothing, _letter)


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """The last days of a class or an account, named `class:ID` or `account:ID`: statement, posted interest, letter or run."""

    book: str
    party: str
    statement: str | None = None
    interest: str | None = None
    dunning: str | None = None


def _collected(happened: Happened, rows: Rows[CollectionRow]) -> None:
    event = happened.event
    row = rows.get(happened.book, happened.key) or CollectionRow(happened.book, happened.key)
    match event:
        case StatementRun() | StatementIssued():
            row = replace(row, statement=event.as_of)
        case InterestAdvanced():
            row = replace(row, interest=max(row.interest or "", event.to))
        case DunningRun() | DunningLetterIssued():
            row = replace(row, dunning=event.as_of)
    rows.put(row)


def _by_party(happened: Happened) -> Iterable[Key]:
    yield happened.book, happened.key


COLLECTION = View(
    "collection",
    1,
    CollectionRow,
    ("book", "party"),
    (StatementRun, InterestRun, DunningRun, StatementIssued, InterestAdvanced, DunningLetterIssued),
    _by_party,
    _collected,
)
