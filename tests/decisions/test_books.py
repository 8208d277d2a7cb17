"""Books: opened once, mapped, and divided into periods."""

from __future__ import annotations

import pytest

from engine.streams.books import BOOKS
from schemas.inbound import BookOpened, MappingDefined, PeriodClosed, PeriodLocked, PeriodOpened, PeriodReopened
from tests.decisions.specification import Specification

BOOK = Specification(BOOKS)
ACCOUNTS = {"receivable": "1100", "deposits": "2100", "rounding": "8900"}
OPENED = BookOpened.model_validate({"base_currency": "EUR", "control_accounts": ACCOUNTS, "timezone": "UTC"})


def period(
    shape: type[PeriodOpened] = PeriodOpened, name: str = "01", first: str = "2026-01-01", last: str = "2026-01-31"
) -> PeriodOpened:
    """Return what is said of a period."""
    return shape.model_validate({"period": name, "from": first, "to": last})


def mapped(account: str, effective_from: str | None = None) -> MappingDefined:
    """Return a definition of where mugs belong."""
    said = {"kind": "revenue", "key": "mugs", "value": {"account": account}, "effective_from": effective_from}
    return MappingDefined.model_validate(said)


def account_on(specification: Specification[object], day: str) -> str | None:
    """Return the account of mugs on a day."""
    value = specification.state.mapped("revenue", "mugs", day)  # type: ignore[attr-defined]  # The state of a book.
    return value.account if value else None


def test_a_book_is_opened_once() -> None:
    """Other settings need another book."""
    BOOK.when(OPENED).then_it_is_recorded()
    BOOK.given(OPENED).when(OPENED.model_copy(update={"timezone": "Europe/London"})).then_refused("BOOK_ALREADY_OPEN")


def test_a_mapping_is_defined_and_replaced() -> None:
    """The latest definition that is effective on a day counts, whichever came first."""
    BOOK.when(mapped("4000")).then_it_is_recorded()
    BOOK.given(mapped("4000")).when(mapped("4100")).then_it_is_recorded()
    for happened in ((mapped("4000"), mapped("4200", "2026-02-01")), (mapped("4200", "2026-02-01"), mapped("4000"))):
        book = BOOK.given(*happened)
        assert [account_on(book, day) for day in ("2026-01-31", "2026-02-01")] == ["4000", "4200"]  # type: ignore[arg-type]


def test_a_period_opens_locks_closes_and_opens_again() -> None:
    """Each step is recorded once."""
    for shape, state in ((PeriodOpened, "OPEN"), (PeriodLocked, "LOCKED"), (PeriodClosed, "CLOSED")):
        assert BOOK.when(period(shape)).then_it_is_recorded().period_of("2026-01-31").state == state
    closed = BOOK.given(period(), period(PeriodClosed))
    assert closed.when(period(PeriodReopened)).then_it_is_recorded().period_of("2026-01-01").state == "OPEN"


def test_opening_does_not_undo_a_close() -> None:
    """Only reopening does, so that a repeated opening is harmless."""
    BOOK.given(period(), period(PeriodClosed)).when(period()).then_nothing()
    BOOK.given(period(), period(PeriodLocked)).when(period()).then_nothing()


@pytest.mark.parametrize(
    "wrong",
    [
        period(name="01", last="2026-02-01"),
        period(PeriodClosed, name="01", last="2026-01-30"),
        period(name="02", first="2026-01-31", last="2026-02-28"),
        period(name="00", first="2025-12-01", last="2026-01-01"),
        period(name="all", first="2025-01-01", last="2026-12-31"),
    ],
)
def test_periods_do_not_overlap_and_keep_their_days(wrong: PeriodOpened) -> None:
    """A day belongs to one period for ever."""
    BOOK.given(period()).when(wrong).then_refused("PERIOD_INVALID")


def test_periods_may_stand_side_by_side() -> None:
    """The next one begins the day after."""
    BOOK.given(period()).when(period(name="02", first="2026-02-01", last="2026-02-28")).then_it_is_recorded()
