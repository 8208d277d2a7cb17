"""Collection: what was told to an account, or run for a class, about what is owed: statements, interest and letters.

A class and an account have a stream each, `class:ID` and `account:ID`, so that an account that was passed over keeps its dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.decider import Decider
from engine.errors import Refused
from schemas.collected import ChargeNoted, DunningLetterIssued, InterestAdvanced, StatementIssued
from schemas.inbound import DunningRun, InterestRun, StatementRun
from schemas.shape import Shape

Run = StatementRun | InterestRun | DunningRun


@dataclass(frozen=True, slots=True)
class Collected:
    """How far collecting went; `interest` and `noted` by currency, `letters` the highest level sent by document."""

    statement: str | None = None
    closing: Mapping[str, int] = field(default_factory=dict)
    run_to: str | None = None
    interest: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, ChargeNoted] = field(default_factory=dict)
    dunning: str | None = None
    letters: Mapping[str, int] = field(default_factory=dict)


def day_of(run: Run) -> str:
    """Return the day to which a run is made."""
    return run.to if isinstance(run, InterestRun) else run.as_of


def last(run: Run, state: Collected) -> str | None:
    """Return the day of the run of the same sort before this one."""
    match run:
        case StatementRun():
            return state.statement
        case InterestRun():
            return state.run_to
        case DunningRun():
            return state.dunning


def decide(said: Shape, state: Collected) -> Sequence[Shape]:
    """Record a run of a class once for each day, forward only (rulebook Q1, Q2)."""
    if not isinstance(said, StatementRun | InterestRun | DunningRun):
        return (said,)
    before = last(said, state)
    if before is not None and day_of(said) < before:
        message = f"class {said.class_} was run to {before}, after {day_of(said)}"
        raise Refused("RUN_BACKWARDS", message, f"run it to {before} or a later day")
    return () if day_of(said) == before else (said,)


def evolve(state: Collected, event: Shape) -> Collected:
    """Return how far collecting went after a run, or after what it led to."""
    match event:
        case StatementRun():
            return replace(state, statement=event.as_of)
        case InterestRun():
            return replace(state, run_to=event.to)
        case DunningRun():
            return replace(state, dunning=event.as_of)
        case StatementIssued():
            return replace(state, statement=event.as_of, closing={each.currency: each.closing for each in event.balances})
        case ChargeNoted():
            return replace(state, noted={**state.noted, event.currency: event})
        case InterestAdvanced():
            noted = {currency: each for currency, each in state.noted.items() if each.charge != event.charge}
            return replace(state, interest={**state.interest, event.currency: event.to}, noted=noted)
        case DunningLetterIssued():
            told = {each.document: each.level for each in event.receivables}
            return replace(state, dunning=event.as_of, letters={**state.letters, **told})
    return state


COLLECTION = Decider(Collected(), decide, evolve)
