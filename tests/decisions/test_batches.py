"""Batches and business days: run and closed once, taken back once."""

from __future__ import annotations

from engine.streams.batches import BATCHES
from engine.streams.days import DAYS
from schemas.inbound import BatchReversed, BatchRun, DayClosed
from tests.decisions.specification import Specification

BATCH, DAY = Specification(BATCHES), Specification(DAYS)


def run(**fields: object) -> BatchRun:
    """Return a run of a batch."""
    told = {"batch": "b", "class": "k", "cut_off": "2026-01-31", "date": "2026-01-31", "by": "Ada"}
    return BatchRun.model_validate({**told, **fields})


def closed(**fields: object) -> DayClosed:
    """Return the close of a day."""
    return DayClosed.model_validate({"branch": "n", "day": "2026-01-31", "currency": "EUR", **fields})


UNDO = BatchReversed(batch="b", by="Ada")


def test_a_batch_is_run_once() -> None:
    """The same run said twice is silence, another under its id is refused."""
    BATCH.when(run()).then_it_is_recorded()
    BATCH.given(run()).when(run()).then_nothing()
    BATCH.given(run()).when(run(date="2026-02-01")).then_refused("BATCH_EXISTS")


def test_a_batch_is_taken_back_once() -> None:
    """Only one that was run, and only once."""
    assert BATCH.given(run()).when(UNDO).then_it_is_recorded().state == "REVERSED"
    BATCH.when(UNDO).then_refused("BATCH_UNKNOWN")
    BATCH.given(run(), UNDO).when(UNDO).then_nothing()


def test_a_day_is_closed_once() -> None:
    """With one count; another one is refused."""
    assert DAY.when(closed()).then_it_is_recorded().closed
    DAY.given(closed()).when(closed()).then_nothing()
    DAY.given(closed()).when(closed(counted=[{"tender": "CASH", "amount": "1.00"}])).then_refused("DAY_ALREADY_CLOSED")
