"""Exposure: what an account owes already, and is about to owe, as one invoice finds it; in the book's currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["WARN_ONLY", "WARN_AND_BLOCK", "BLOCK_ONLY", "NO_CHECK"]


@dataclass(frozen=True, slots=True)
class Exposure:
    """The account's limits, None where it has none, and its debts; `asked` is what the invoice would add to them.

    `open` is what was posted less what stands to the account's credit, `pending` what came before the invoice and is
    not posted yet; `overdue` counts debts alone, `overdue_days` the age of the oldest.
    """

    account: str
    mode: Mode
    currency: str
    open: int
    pending: int
    asked: int
    overdue: int = 0
    overdue_days: int = 0
    limit: int | None = None
    warning: int | None = None
    overdue_limit: int | None = None
    days_max: int | None = None

    @property
    def total(self) -> int:
        """What the account would owe with the invoice."""
        return self.open + self.pending + self.asked
