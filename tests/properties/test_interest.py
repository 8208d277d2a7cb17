"""Interest is exact: against fractions, over windows that are split, and whatever else stands on the account."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from engine.collecting.dunning import dunned
from engine.collecting.statements import statement
from engine.facts.interest import costs, rounded
from engine.ports import Receivable
from schemas.inbound import ClassDefined
from schemas.inbound.accounts import Dunning, Interest

FIRST = date(2024, 1, 1)
DAYS = st.integers(0, 1_200).map(lambda number: (FIRST + timedelta(days=number)).isoformat())
RATES = st.decimals("0", "60", places=4).map(lambda rate: f"{rate:.4f}")
UNITS = st.integers(1, 10**15)
TERMS = st.builds(
    Interest,
    rate=RATES,
    days_in_year=st.sampled_from((360, 365)),
    base=st.sampled_from(("REMAINING", "ORIGINAL")),
    grace_days=st.integers(0, 40),
)


@st.composite
def receivables(draw: st.DrawFn, *, credits: bool = True) -> list[Receivable]:
    """Draw what stands on an account in one currency, each document once."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        amount, due = draw(UNITS), draw(st.none() | DAYS)
        open_ = draw(st.integers(-amount if credits else 1, amount).filter(bool))
        base = rounded(abs(open_) * 9, 10) * (1 if open_ > 0 else -1)
        found.append(Receivable("acme", f"i{number}", "INVOICE", f"{number}", FIRST.isoformat(), due, "EUR", amount, open_, base))
    return found


def exact(terms: Interest, receivable: Receivable, after: str | None, to: str) -> Fraction:
    """Return the interest on one receivable as a fraction, counting its days one by one."""
    if receivable.due_date is None or receivable.open <= 0:
        return Fraction(0)
    free = (date.fromisoformat(receivable.due_date) + timedelta(days=terms.grace_days)).isoformat()
    begins = max(free, after or "")
    days, day = 0, date.fromisoformat(to)
    while day.isoformat() > begins:
        days, day = days + 1, day - timedelta(days=1)
    units = receivable.open if terms.base == "REMAINING" else receivable.amount
    return Fraction(units) * Fraction(terms.rate) / 100 * days / terms.days_in_year


@given(TERMS, receivables(), st.none() | DAYS, DAYS)
def test_interest_is_the_fraction_rounded_half_up(terms: Interest, open_: list[Receivable], after: str | None, to: str) -> None:
    """Each receivable is rounded once, at the end."""
    expected = {each.document: floor(exact(terms, each, after, to) + Fraction(1, 2)) for each in open_}
    made = {cost.receivable.document: cost.amount for cost in costs(terms, open_, after, to)}
    assert made == {document: amount for document, amount in expected.items() if amount}


@given(TERMS, receivables(), st.lists(DAYS, min_size=3, max_size=5, unique=True).map(sorted))
def test_windows_that_are_split_add_up_to_the_whole(terms: Interest, open_: list[Receivable], days: list[str]) -> None:
    """When nothing changes, n windows differ from the whole by no more than (n + 1) / 2 minor units a receivable."""
    windows = list(pairwise(days))
    split: dict[str, int] = {}
    for after, to in windows:
        for cost in costs(terms, open_, after, to):
            split[cost.receivable.document] = split.get(cost.receivable.document, 0) + cost.amount
    whole = {cost.receivable.document: cost.amount for cost in costs(terms, open_, days[0], days[-1])}
    for document in whole.keys() | split.keys():
        assert 2 * abs(whole.get(document, 0) - split.get(document, 0)) <= len(windows) + 1


@given(TERMS, receivables(), DAYS, DAYS)
def test_order_and_credits_do_not_matter_to_interest(terms: Interest, open_: list[Receivable], after: str, to: str) -> None:
    """What is owed is charged, whatever else stands there and in whichever order."""
    debts = [each for each in open_ if each.open > 0]
    assert costs(terms, list(reversed(open_)), after, to) == costs(terms, debts, after, to)


@given(receivables(), DAYS)
def test_the_ages_of_a_statement_add_up_to_what_it_closes_with(open_: list[Receivable], as_of: str) -> None:
    """Every receivable is in one age, and on the statement once."""
    class_ = ClassDefined.model_validate({"class": "HOUSE", "version": 1, "name": "House", "behaviour": "ACCOUNT"})
    told = statement(class_, open_, (None, {}), as_of)
    for balance in told.balances:
        ages = balance.not_due + balance.days_1_to_30 + balance.days_31_to_60 + balance.days_61_to_90 + balance.days_over_90
        assert ages == balance.closing == sum(each.open for each in open_)
    assert sorted(each.document for each in told.receivables) == sorted(each.document for each in open_)


@given(receivables(), DAYS, st.sampled_from(({"nets_receipts": True}, {"nets_receipts": False})))
def test_what_is_dunned_is_what_is_overdue_less_what_is_on_account(
    open_: list[Receivable], as_of: str, choice: dict[str, bool]
) -> None:
    """With one level for everything overdue, the sum is exact, and no document is asked for more than is open on it."""
    levels = [{"level": 1, "days": 0, "letter": "Reminder"}]
    asked = dunned(Dunning.model_validate({"levels": levels, **choice}), open_, as_of)
    overdue = sum(each.open for each in open_ if each.open > 0 and each.due_date is not None and each.due_date < as_of)
    spare = -sum(each.open for each in open_ if each.open < 0) if choice["nets_receipts"] else 0
    assert sum(each.amount for each in asked) == max(0, overdue - spare)
    assert all(0 < each.amount <= each.receivable.open for each in asked)
