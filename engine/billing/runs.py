"""Runs: what a batch run or the close of a day will do, drawn up before anything of it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.billing.bills import Bill, Member
from engine.decider import parts
from engine.handling.judging import Judged
from schemas.events import Route
from schemas.inbound import BatchRun, DayClosed


@dataclass(slots=True)
class Drawn:
    """What a run will do, before anything of it is recorded."""

    stream: str
    said: BatchRun | DayClosed
    members: list[Member] = field(default_factory=list)
    fallen: list[tuple[str, Judged]] = field(default_factory=list)
    unpaid: dict[str, Judged] = field(default_factory=dict)
    """Money that would be held by now, by stream: what it let accumulate is no member."""
    unresolved: list[str] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)

    @property
    def named(self) -> str:
        """The batch or the day, as documents name it."""
        return parts(self.stream)[2]

    @property
    def route(self) -> Route:
        """How its postings went."""
        return "BATCH" if isinstance(self.said, BatchRun) else "SUMMARY"

    @property
    def date(self) -> str:
        """The date of its postings."""
        return self.said.date if isinstance(self.said, BatchRun) else self.said.day
