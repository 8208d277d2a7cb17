"""What collecting decides: statements issued, interest calculated and charged, letters sent; amounts are minor units."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.shape import Shape

RECEIVABLES_SHOWN_MAX = 1_000
"""How many receivables one statement, charge or letter names; a statement or charge says how many more it has."""


class Collected(Shape):
    """What the engine records about collecting; a field whose name Python keeps for itself may be given by either name."""

    model_config = ConfigDict(populate_by_name=True)


class StatedBalance(Shape):
    """What is owed in one currency: before, now, and how long it has been due; what is owed to the debtor is below zero."""

    currency: str
    opening: int
    closing: int
    not_due: int = 0
    days_1_to_30: int = 0
    days_31_to_60: int = 0
    days_61_to_90: int = 0
    days_over_90: int = 0


class StatedReceivable(Shape):
    """One document that is open on a statement, and for how many days it has been due."""

    document: str
    kind: str
    number: str
    date: str
    due_date: str | None = None
    currency: str
    amount: int
    open: int
    overdue_days: int = 0


class StatementIssued(Collected):
    """An account was told what is open on it as of a day; `after` is the day of the statement before."""

    class_: Annotated[str, Field(alias="class")]
    class_version: int
    as_of: str
    after: str | None = None
    balances: list[StatedBalance] = []
    receivables: list[StatedReceivable] = []
    more: int = 0


class ChargedReceivable(Shape):
    """Interest on one document: on how much, for how many days, and what that comes to."""

    document: str
    due_date: str
    days: int
    on: int
    amount: int


class InterestCalculated(Collected):
    """What the days after `after`, up to and including `to`, cost an account in one currency; the gate decides if it posts."""

    charge: str
    account: str
    class_: Annotated[str, Field(alias="class")]
    class_version: int
    currency: str
    after: str | None = None
    to: str
    rate: str
    days_in_year: Literal[360, 365]
    base: Literal["REMAINING", "ORIGINAL"]
    amount: int
    receivables: list[ChargedReceivable]
    more: int = 0


class ChargeNoted(Collected):
    """A charge of interest was made for the account; until it posts, its days are not charged."""

    charge: str
    currency: str
    to: str


class InterestAdvanced(Collected):
    """A charge was posted: interest in its currency is charged up to and including `to`."""

    charge: str
    currency: str
    to: str


class DunnedReceivable(Shape):
    """One document a letter is about; `amount` is what is asked for, less than `open` where money on account counts."""

    document: str
    number: str
    due_date: str
    overdue_days: int
    level: int
    open: int
    amount: int


class DunningLetterIssued(Collected):
    """A letter was sent to an account about documents that reached a level they had not been told of."""

    class_: Annotated[str, Field(alias="class")]
    class_version: int
    as_of: str
    level: int
    letter: str
    per: Literal["INVOICE", "LEVEL", "CUSTOMER"]
    currency: str
    amount: int
    receivables: list[DunnedReceivable]


COLLECTED: tuple[type[Shape], ...] = (StatementIssued, InterestCalculated, ChargeNoted, InterestAdvanced, DunningLetterIssued)
