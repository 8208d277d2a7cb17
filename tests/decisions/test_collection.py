"""Collection: a class is run once for each day, forward only; a charge is released like a document."""

from __future__ import annotations

from engine.streams.charges import CHARGES
from engine.streams.collection import COLLECTION
from schemas.collected import (
    ChargeNoted,
    DunnedReceivable,
    DunningLetterIssued,
    InterestAdvanced,
    InterestCalculated,
    StatedBalance,
    StatementIssued,
)
from schemas.inbound import DunningRun, InterestRun, ReleaseGranted, StatementRun
from tests.decisions.decided import held, posted
from tests.decisions.specification import Specification

COLLECTING = Specification(COLLECTION)
CHARGE = Specification(CHARGES)
CALCULATED = InterestCalculated(
    charge="acme:EUR:2026-02-28",
    account="acme",
    class_="HOUSE",
    class_version=1,
    currency="EUR",
    to="2026-02-28",
    rate="8",
    days_in_year=365,
    base="REMAINING",
    amount=100,
    receivables=[],
)
RELEASE = ReleaseGranted(document="charge:x", version=1, reasons=["PERIOD_LOCKED"], by="Ann", role="accountant", note="agreed")


def statement(day: str) -> StatementRun:
    """Return a run of statements."""
    return StatementRun.model_validate({"class": "HOUSE", "as_of": day, "by": "Ann"})


def interest(day: str) -> InterestRun:
    """Return a run of interest."""
    return InterestRun.model_validate({"class": "HOUSE", "to": day, "by": "Ann"})


def dunning(day: str) -> DunningRun:
    """Return a run of letters."""
    return DunningRun.model_validate({"class": "HOUSE", "as_of": day, "by": "Ann"})


def test_each_sort_of_run_has_a_day_of_its_own() -> None:
    """A statement of today does not forbid interest to yesterday."""
    state = COLLECTING.given(statement("2026-03-02")).when(interest("2026-03-01")).then_it_is_recorded()
    assert (state.statement, state.run_to, state.dunning) == ("2026-03-02", "2026-03-01", None)
    COLLECTING.given(statement("2026-03-02")).when(dunning("2026-03-01")).then_it_is_recorded()


def test_a_class_is_run_forward_only() -> None:
    """The same day is silence, a day before is refused."""
    for run in (statement, interest, dunning):
        COLLECTING.given(run("2026-03-02")).when(run("2026-03-02")).then_nothing()
        COLLECTING.given(run("2026-03-02")).when(run("2026-03-01")).then_refused("RUN_BACKWARDS")
        COLLECTING.given(run("2026-03-02")).when(run("2026-03-03")).then_it_is_recorded()


def test_a_charge_is_noted_until_it_or_a_later_one_is_posted() -> None:
    """The date moves with what posts; the note of a later charge stays."""
    first = ChargeNoted(charge="acme:EUR:2026-02-28", currency="EUR", to="2026-02-28")
    second = ChargeNoted(charge="acme:EUR:2026-03-31", currency="EUR", to="2026-03-31")
    dollars = ChargeNoted(charge="acme:USD:2026-02-28", currency="USD", to="2026-02-28")
    state = COLLECTING.given(first, dollars, second).state
    assert (state.noted, state.interest) == ({"EUR": second, "USD": dollars}, {})
    advanced = InterestAdvanced(charge=second.charge, currency="EUR", to=second.to)
    after = COLLECTING.given(first, dollars, second, advanced).state
    assert (after.noted, after.interest) == ({"USD": dollars}, {"EUR": "2026-03-31"})


def test_what_an_account_was_told_is_known() -> None:
    """What the statement closed with by currency, and the level each document was sent."""
    issued = StatementIssued(
        class_="HOUSE", class_version=1, as_of="2026-02-28", balances=[StatedBalance(currency="EUR", opening=0, closing=5)]
    )
    part = DunnedReceivable(document="i1", number="1", due_date="2026-02-01", overdue_days=27, level=2, open=5, amount=5)
    letter = DunningLetterIssued(
        class_="HOUSE",
        class_version=1,
        as_of="2026-03-01",
        level=2,
        letter="Demand",
        per="CUSTOMER",
        currency="EUR",
        amount=5,
        receivables=[part],
    )
    state = COLLECTING.given(issued, letter).state
    assert (state.statement, state.closing, state.dunning, state.letters) == ("2026-02-28", {"EUR": 5}, "2026-03-01", {"i1": 2})


def test_somebody_releases_a_charge() -> None:
    """What may be passed is passed, and said again it is no news."""
    released = CHARGE.given(CALCULATED, held("PERIOD_LOCKED")).when(RELEASE).then_it_is_recorded().released
    assert released == {("PERIOD_LOCKED", None)}


def test_a_charge_that_is_not_held_is_not_released() -> None:
    """Neither one that nobody knows, nor one that posted, nor for another reason."""
    CHARGE.when(RELEASE).then_refused("RELEASE_NOT_ALLOWED")
    CHARGE.given(CALCULATED, held("ACCOUNT_CLOSED")).when(RELEASE).then_refused("RELEASE_NOT_ALLOWED")
    CHARGE.given(CALCULATED, held("PERIOD_LOCKED"), posted()).when(RELEASE).then_refused("RELEASE_NOT_ALLOWED")
