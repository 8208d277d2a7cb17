"""Collecting, row by row: statements, interest and letters of a class, each account with dates of its own (Q1 to Q7)."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from engine.audit.recheck import Recheck
from engine.collecting import running as collecting
from engine.record import decode
from projections.collection import CHARGES, COLLECTION, LETTERS, STATEMENTS, ChargeRow, LetterRow
from schemas.collected import DunningLetterIssued, InterestCalculated, StatementIssued
from schemas.events import PostingAuthorised
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.charging import CHARGE, TO, charged, owing
from tests.rules.test_batches import checked
from tests.rules.test_rules import Past
from tests.said import DAY, Saying

LEVELS = [{"level": 1, "days": 10, "letter": "Reminder"}, {"level": 2, "days": 30, "letter": "Demand"}]
FEBRUARY = ("2026-02", "2026-02-01", "2026-02-28")
MARCH = "2026-03-09"


def stated(story: Story, as_of: str = TO) -> Story:
    """Run statements for the class."""
    return story.said("statement.run", class_="HOUSE", as_of=as_of, by="ann")


def dunned(story: Story, as_of: str = TO) -> Story:
    """Run letters for the class."""
    return story.said("dunning.run", class_="HOUSE", as_of=as_of, by="ann")


def statements(story: Story) -> dict[str, StatementIssued]:
    """Return the statements of the last transaction, by account."""
    return {each.key[8:]: each.event for each in story.last.happened if isinstance(each.event, StatementIssued)}


def days(story: Story, party: str) -> tuple[str | None, str | None, str | None]:
    """Return the last statement, interest and dunning day of a class or an account."""
    rows = {row.party: row for row in story.log.views.rows(COLLECTION)}
    return (rows[party].statement, rows[party].interest, rows[party].dunning) if party in rows else (None, None, None)


def letters(story: Story) -> list[LetterRow]:
    """Return all letters, in order."""
    return sorted(story.log.views.rows(LETTERS), key=lambda row: row.letter)


def charges(story: Story) -> dict[str, ChargeRow]:
    """Return all charges by id."""
    return {row.charge: row for row in story.log.views.rows(CHARGES)}


@covers("Q1")
def test_a_statement_tells_what_is_open_and_for_how_long() -> None:
    """Opening and closing by currency, aged by days overdue; credits are not due; later documents are left out."""
    story = owing().invoice("i2", "50.00", date="2026-01-29").invoice("i3", "7.00", date="2026-03-01")
    story.invoice("i4", "20.00", date="2025-11-01").payment("p1", "30.00", date="2026-02-20").invoice("i5", "1.00", date=TO)
    (told,) = statements(stated(story)).values()
    assert [balance.model_dump() for balance in told.balances] == [
        {
            "currency": "EUR",
            "opening": 0,
            "closing": 104_100,
            "not_due": -2_900,
            "days_1_to_30": 105_000,
            "days_31_to_60": 0,
            "days_61_to_90": 0,
            "days_over_90": 2_000,
        }
    ]
    shown = [(each.document, each.open, each.overdue_days) for each in told.receivables]
    assert shown == [("i4", 2000, 119), ("i2", 5000, 30), ("i1", 100_000, 27), ("payment:p1", -3000, 0), ("i5", 100, 0)]
    assert (told.as_of, told.after, told.more) == (TO, None, 0)


@covers("Q1")
@pytest.mark.parametrize(
    ("due", "bucket"),
    [
        (TO, "not_due"),
        ("2026-02-27", "days_1_to_30"),
        ("2026-01-29", "days_1_to_30"),
        ("2026-01-28", "days_31_to_60"),
        ("2025-12-30", "days_31_to_60"),
        ("2025-12-29", "days_61_to_90"),
        ("2025-11-30", "days_61_to_90"),
        ("2025-11-29", "days_over_90"),
        (None, "not_due"),
    ],
)
def test_a_receivable_counts_under_its_age(due: str | None, bucket: str) -> None:
    """The day after the due date is the first; what has no due date is never overdue."""
    story = Story().shop().invoice("i1", "10.00", date="2025-11-01", **({"due_date": due} if due else {}))
    (told,) = statements(stated(story)).values()
    assert [getattr(balance, bucket) for balance in told.balances] == [1000]


@covers("Q1")
def test_a_statement_opens_with_what_the_last_one_closed_with() -> None:
    """A currency that was settled is shown once more, with nothing left."""
    story = stated(owing(), "2026-02-10").payment("p1", "1000.00", on="i1", date="2026-02-12")
    (told,) = statements(stated(story)).values()
    assert [(each.opening, each.closing) for each in told.balances] == [(100_000, 0)]
    (last,) = statements(stated(story, MARCH)).values()
    assert (last.balances, last.after) == ([], TO)


@covers("Q1")
def test_the_dates_advance_on_the_class_and_on_each_account() -> None:
    """An account that came later has a date of its own, and so has one that failed."""
    story = stated(owing().account("globex").assigned("globex", "HOUSE").assigned("unknown", "HOUSE"))
    assert sorted(statements(story)) == ["acme", "globex"]
    assert [days(story, party)[0] for party in ("class:HOUSE", "account:acme", "account:unknown")] == [TO, TO, None]
    assert stated(story).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert sorted(statements(stated(story.account("unknown")))) == ["unknown"]
    assert days(story, "account:unknown")[0] == TO
    assert [row.as_of for row in story.log.views.rows(STATEMENTS)] == [TO] * 3


def test_a_shared_debtor_gets_no_statement() -> None:
    """Q3. Nobody reads what is sent to everybody."""
    story = (
        Story()
        .counter(cutover="2026-01-01")
        .assigned("counter", "COUNTER")
        .invoice("i1", tenders=[said.tender("CASH", "100.00")])
    )
    story.said("statement.run", class_="COUNTER", as_of=DAY, by="ann")
    assert list(statements(story)) == ["walkers"]


@covers("Q2", "Q6")
def test_interest_is_owed_by_the_account_and_earned_apart() -> None:
    """27 days at 10 % on 1,000.00 is 7.40; the charge is due the day it is made, and is an entry of its own."""
    story = charged(owing())
    assert story.postings(CHARGE) == [("D", "1100", "acme", "7.40"), ("C", "7000", "", "7.40")]
    (posting,) = story.journals(CHARGE)
    assert (posting.kind, posting.route, posting.leg, posting.date, posting.due_date) == ("INTEREST", "ACCOUNT", "charge", TO, TO)
    assert story.receivables("acme") == {"i1": "1000.00", f"charge:{CHARGE}": "7.40"}
    (line,) = charges(story)[CHARGE].receivables.split("}, {")
    assert '"days": 27, "on": 100000, "amount": 740' in line
    row = story.row(CHARGE)
    assert (row.kind, row.state, row.gross, row.account, row.class_) == ("INTEREST", "POSTED", 740, "acme", "HOUSE")


@covers("Q2")
def test_the_next_run_begins_where_the_last_one_posted() -> None:
    """From the day after the last charge; said again for a day that was charged, it is ignored; it bears no interest itself."""
    story = charged(charged(charged(owing()), TO), MARCH)
    assert {name: (row.previous, row.last_day, row.amount) for name, row in charges(story).items()} == {
        CHARGE: (None, TO, 740),
        f"acme:EUR:{MARCH}": (TO, MARCH, 247),
    }
    assert charged(story, MARCH).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert (days(story, "account:acme")[1], days(story, "class:HOUSE")[1]) == (MARCH, MARCH)


@covers("Q2", "Q6")
def test_the_date_advances_only_when_the_charge_posts() -> None:
    """A charge in a closed period is held like any document; the period's reopening posts it and moves the date."""
    story = charged(owing().period(*FEBRUARY, verb="closed"))
    assert (story.state(CHARGE), story.codes(CHARGE)) == ("REQUIRES_ATTENTION", ["PERIOD_CLOSED"])
    assert days(story, "account:acme")[1] is None
    assert charged(story).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    story.then_released_by(CHARGE, said.period(*FEBRUARY, verb="reopened"))
    assert (days(story, "account:acme")[1], days(story, "class:HOUSE")[1]) == (TO, TO)


@covers("Q2")
def test_a_later_run_takes_over_the_days_of_a_charge_that_did_not_post() -> None:
    """No day is charged twice: the held charge is cancelled, and what was held is in the new one."""
    story = charged(charged(owing().period(*FEBRUARY, verb="closed")), MARCH)
    assert (story.state(CHARGE), story.state(f"acme:EUR:{MARCH}")) == ("CANCELLED", "POSTED")
    assert (charges(story)[f"acme:EUR:{MARCH}"].previous, charges(story)[f"acme:EUR:{MARCH}"].amount) == (None, 986)
    story.period(*FEBRUARY, verb="reopened")
    assert (story.state(CHARGE), story.ledger()["7000", ""]) == ("CANCELLED", "-9.86")


@covers("Q2")
def test_a_run_that_charges_nothing_leaves_a_held_charge_alone() -> None:
    """What was paid meanwhile costs nothing more, but the days before are still owed."""
    story = charged(owing().period(*FEBRUARY, verb="closed")).payment("p1", "1000.00", on="i1", date="2026-03-01")
    charged(story, MARCH)
    assert (story.state(CHARGE), list(charges(story))) == ("REQUIRES_ATTENTION", [CHARGE])


@covers("Q3")
@pytest.mark.parametrize("fields", [{"interest_applies": False}, {"generic": True}, {"standing": "DISPUTED"}], ids=str)
def test_who_is_not_charged(fields: dict[str, object]) -> None:
    """Interest is for those who agreed to it, never for a shared debtor, nor for one in dispute."""
    story = charged(owing(**fields))
    assert (story.verdict, charges(story)) == (("ACCEPTED", "ACCEPTED"), {})


@covers("Q5")
def test_an_account_in_dispute_is_charged_where_the_class_says_so() -> None:
    """The option is the class's."""
    story = owing(standing="DISPUTED").defined("HOUSE", version=3, interest={"rate": "10", "include_disputed": True})
    assert list(charges(charged(story))) == [CHARGE]


@covers("Q5")
def test_credits_of_the_account_do_not_lower_its_interest() -> None:
    """Money that settles no document is not taken off; allocated, it is."""
    paid = charged(owing().payment("p1", "400.00", date="2026-02-02"))
    assert charges(paid)[CHARGE].amount == 740
    allocated = charged(owing().payment("p1", "400.00", on="i1", date="2026-02-02"))
    assert charges(allocated)[CHARGE].amount == 444


@covers("Q4")
@pytest.mark.parametrize(
    ("terms", "amount"),
    [
        ({"rate": "10"}, 444),
        ({"rate": "10", "days_in_year": 360}, 450),
        ({"rate": "10", "base": "ORIGINAL"}, 740),
        ({"rate": "10", "grace_days": 7}, 329),
        ({"rate": "10", "grace_days": 27}, None),
        ({"rate": "10", "minimum": "4.44"}, 444),
        ({"rate": "10", "minimum": "4.45"}, None),
        ({"rate": "0"}, None),
        ({"rate": "8.375"}, 372),
    ],
    ids=str,
)
def test_what_interest_is_on(terms: dict[str, object], amount: int | None) -> None:
    """Of 1,000.00 with 400.00 paid: on what remains or on all, by the year of the class, after its grace, from its minimum."""
    story = owing().payment("p1", "400.00", on="i1", date="2026-02-02").defined("HOUSE", version=3, interest=terms)
    assert [row.amount for row in charges(charged(story)).values()] == ([amount] if amount else [])


@covers("Q4")
def test_what_is_below_the_minimum_is_charged_with_the_next_days() -> None:
    """Nothing posts, so the date stays, and nothing is lost."""
    story = owing().defined("HOUSE", version=3, interest={"rate": "10", "minimum": "8.00"})
    assert charges(charged(story)) == {}
    assert [(row.previous, row.amount) for row in charges(charged(story, MARCH)).values()] == [(None, 986)]


@covers("Q2")
def test_a_charge_names_its_documents_the_oldest_first() -> None:
    """Each with its days and its amount; their sum is what is charged."""
    story = charged(owing().invoice("a2", "73.00", date="2026-02-18").invoice("z3", "500.00", date="2026-01-19"))
    (event,) = [each.event for each in story.last.happened if isinstance(each.event, InterestCalculated)]
    parts = [(part.document, part.due_date, part.days, part.on, part.amount) for part in event.receivables]
    assert parts == [
        ("z3", "2026-01-19", 40, 50_000, 548),
        ("i1", "2026-02-01", 27, 100_000, 740),
        ("a2", "2026-02-18", 10, 7_300, 20),
    ]
    assert (event.amount, event.more) == (1_308, 0)


@covers("Q6")
def test_a_charge_has_the_account_of_its_account_customer_or_of_the_book() -> None:
    """The account's own interest account counts before the book's."""
    control = {"receivable": "1100", "deposits": "2300", "rounding": "8900", "interest": "7100"}
    opened = said.say("book.opened", base_currency="EUR", control_accounts=control, timezone="UTC")
    for own, earned in (("7000", "7000"), (None, "7100")):
        story = Story().say(opened, *said.mappings()).classified("acme", "HOUSE", interest={"rate": "10"})
        story.account("acme", interest_applies=True, terms={"days": 0}, **({"interest_account": own} if own else {}))
        story.customer("c1").linked("c1", "acme").invoice("i1", "1000.00", date="2026-02-01")
        assert charged(story).postings(CHARGE)[1] == ("C", earned, "", "7.40")


GATES: dict[str, tuple[Saying, Saying]] = {
    "ACCOUNT_NOT_APPROVED": (
        said.account("acme", version=3, status="DRAFT", interest_applies=True, interest_account="7000"),
        said.account("acme", version=4, interest_applies=True, interest_account="7000"),
    ),
    "ACCOUNT_CLOSED": (
        said.account("acme", version=3, status="CLOSED", interest_applies=True, interest_account="7000"),
        said.account("acme", version=4, interest_applies=True, interest_account="7000"),
    ),
    "CURRENCY_MISMATCH": (
        said.account("acme", version=3, currency="USD", interest_applies=True, interest_account="7000"),
        said.account("acme", version=4, currency="EUR", interest_applies=True, interest_account="7000"),
    ),
    "GL_ACCOUNT_UNPOSTABLE": (
        said.mapping("ledger_account", "7000", status="CLOSED"),
        said.mapping("ledger_account", "7000", status="OPEN"),
    ),
    "PERIOD_CLOSED": (said.period(*FEBRUARY, verb="closed"), said.period(*FEBRUARY, verb="reopened")),
    "PERIOD_LOCKED": (said.period(*FEBRUARY, verb="locked"), said.release(f"charge:{CHARGE}", "PERIOD_LOCKED")),
    "CLASS_INACTIVE": (said.say("class.deactivated", class_="HOUSE"), said.release(f"charge:{CHARGE}", "CLASS_INACTIVE")),
}


@covers("Q6")
@pytest.mark.parametrize("code", GATES)
def test_a_charge_passes_the_same_gates_as_a_document(code: str) -> None:
    """Account, currency, ledger account and period hold it with their reasons; their remedies post it."""
    against, remedy = GATES[code]
    story = charged(owing().say(against))
    assert (story.state(CHARGE), story.codes(CHARGE)) == ("REQUIRES_ATTENTION", [code])
    story.then_released_by(CHARGE, remedy)
    assert story.ledger()["7000", ""] == "-7.40"


@covers("Q6")
def test_interest_in_a_foreign_currency_is_converted_by_the_table() -> None:
    """Each currency is a charge of its own; without a rate it is held, and the rate releases it."""
    story = owing().invoice("i2", "500.00", date="2026-02-01", currency="USD", exchange_rate="0.8")
    dollars = f"acme:USD:{TO}"
    assert (charged(story).state(CHARGE), story.codes(dollars)) == ("POSTED", ["FX_RATE_MISSING"])
    story.then_released_by(dollars, said.mapping("rate", "USD", rate="0.9"))
    (posting,) = story.journals(dollars)
    assert [(line.amount, line.base_amount) for line in posting.lines] == [(370, 333), (370, 333)]


@covers("Q6")
def test_a_charge_of_a_merged_account_goes_to_the_survivor() -> None:
    """What is owed stays where it was posted; interest follows the merge."""
    story = owing().account("globex", interest_applies=True, interest_account="7000").assigned("globex", "HOUSE")
    story.said("account.merged", survivor="globex", merged=["acme"])
    assert charged(story).postings(CHARGE) == [("D", "1100", "globex", "7.40"), ("C", "7000", "", "7.40")]
    assert story.codes(CHARGE) == ["REDIRECTED_TO_SURVIVOR"]


def merged(paid: str) -> Story:
    """1,000.00 are owed by an account that was merged away, and money for it came afterwards, under the survivor."""
    dunning = {"levels": [{"level": 1, "days": 7, "letter": "Reminder"}]}
    story = owing().defined("HOUSE", version=3, interest={"rate": "10"}, dunning=dunning)
    story.account("globex", interest_applies=True, interest_account="7000").assigned("globex", "HOUSE")
    return story.said("account.merged", survivor="globex", merged=["acme"]).payment("p1", paid, on="i1")


@covers("Q1", "Q2", "Q7")
@pytest.mark.parametrize(
    ("paid", "left", "credit", "interest"), [("600.00", 40_000, 0, 296), ("1000.00", 0, 0, 0), ("1300.00", 0, -30_000, 0)]
)
def test_what_was_paid_under_the_survivor_is_told_charged_and_dunned_no_more(
    paid: str, left: int, credit: int, interest: int
) -> None:
    """What is left of the debt is asked of the account that has it, and what is too much is a credit of the survivor."""
    story = merged(paid)
    told = statements(stated(story, DAY))
    closing = {name: sum(each.closing for each in one.balances) for name, one in told.items()}
    assert closing == {"acme": left, "globex": credit}
    assert [(row.account, row.amount) for row in letters(dunned(story))] == ([("acme", left)] if left else [])
    assert [(name, row.amount) for name, row in charges(charged(story)).items()] == ([(CHARGE, interest)] if interest else [])
    assert checked(story.log) == []


@covers("Q3")
@pytest.mark.parametrize(
    "survivor", [{"interest_applies": False}, {"generic": True}, {"standing": "DISPUTED"}, {"merged": ["pool"]}], ids=str
)
def test_a_survivor_is_charged_only_what_it_may_be_charged_itself(survivor: dict[str, object]) -> None:
    """The charge would be owed by the last survivor, so that one must have agreed, be its own, and not be in dispute."""
    story, fields = owing().account("pool", generic=True, interest_applies=True, interest_account="7000"), dict(survivor)
    merged = fields.pop("merged", None)
    story.account("globex", **{"interest_applies": True, "interest_account": "7000", **fields}).assigned("globex", "HOUSE")
    story.said("account.merged", survivor="globex", merged=["acme"])
    if merged:
        story.said("account.merged", survivor="pool", merged=["globex"])
    assert (charges(charged(story)), story.receivables("acme")) == ({}, {"i1": "1000.00"})


@covers("Q2", "O7")
@pytest.mark.parametrize("base", ["REMAINING", "ORIGINAL"])
def test_what_was_moved_here_bears_interest_from_the_day_of_the_move(base: str) -> None:
    """The days before are those of the account it came from: no day is charged to both."""
    story = charged(owing().defined("HOUSE", version=3, interest={"rate": "10", "base": base}))
    story.account("globex", interest_applies=True, interest_account="7000").assigned("globex", "HOUSE")
    moved = {"date": "2026-03-05", "from_account": "acme", "to_account": "globex", "documents": ["i1"], "by": "ann"}
    charged(story.said("balance.transferred", transfer="t1", **moved), MARCH)
    told = charges(story)
    assert {name: (row.amount, json.loads(row.receivables)[0]["days"]) for name, row in told.items()} == {
        CHARGE: (740, 27),
        f"globex:EUR:{MARCH}": (110, 4),
    }


@covers("Q2", "O7")
def test_what_was_moved_away_and_back_bears_interest_from_the_day_it_came_back() -> None:
    """The days in between are the other account's: no day is charged to both, and money that comes lowers what is left."""
    story = charged(owing()).account("globex", interest_applies=True, interest_account="7000").assigned("globex", "HOUSE")
    there = {"date": "2026-03-01", "from_account": "acme", "to_account": "globex", "documents": ["i1"], "by": "ann"}
    back = {**there, "date": "2026-03-08", "from_account": "globex", "to_account": "acme"}
    charged(story.said("balance.transferred", transfer="t1", **there), "2026-03-08")
    story.said("balance.transferred", transfer="t2", **back).payment("p1", "500.00", on="i1")
    charged(story, "2026-03-10")
    assert {name: (row.amount, json.loads(row.receivables)[0]["days"]) for name, row in charges(story).items()} == {
        CHARGE: (740, 27),
        "globex:EUR:2026-03-08": (192, 7),
        "acme:EUR:2026-03-10": (27, 2),
    }


@covers("Q1", "Q2", "O7")
def test_what_is_moved_to_where_a_part_of_it_was_paid_is_as_overdue_there() -> None:
    """600.00 is left on the survivor, who was paid 400.00 of it before the debt came: it has number, due date and interest."""
    moved = {"date": TO, "from_account": "acme", "to_account": "globex", "documents": ["i1"], "by": "ann"}
    story = merged("400.00").said("balance.transferred", transfer="t1", **moved)
    (line,) = statements(stated(story, DAY))["globex"].receivables
    assert (line.number, line.due_date, line.open, line.overdue_days) == ("N-i1", "2026-02-01", 60_000, 37)
    assert [(row.account, row.amount) for row in letters(dunned(story))] == [("globex", 60_000)]
    assert [(name, row.amount) for name, row in charges(charged(story, MARCH)).items()] == [(f"globex:EUR:{MARCH}", 148)]
    assert checked(story.log) == []


@covers("Q2", "O7")
def test_interest_that_was_moved_bears_none() -> None:
    """A charge that another account took over is a charge there too, and when it comes back."""
    story = charged(owing()).account("globex", interest_applies=True, interest_account="7000").assigned("globex", "HOUSE")
    there = {"date": TO, "from_account": "acme", "to_account": "globex", "documents": [f"charge:{CHARGE}"], "by": "ann"}
    charged(story.said("balance.transferred", transfer="t1", **there), MARCH)
    assert story.receivables("globex") == {f"charge:{CHARGE}": "7.40"}
    back = {**there, "date": MARCH, "from_account": "globex", "to_account": "acme"}
    charged(story.said("balance.transferred", transfer="t2", **back), "2026-03-10")
    assert [row.receivables.count("document") for row in charges(story).values()] == [1, 1, 1]


def test_days_before_the_cutover_are_not_charged() -> None:
    """Q2. What the old system charged is not charged again."""
    story = Story().shop(cutover="2026-02-01").defined("HOUSE", version=2, interest={"rate": "10"})
    story.account("acme", version=2, interest_applies=True, interest_account="7000")
    story.invoice("i1", "1000.00", date="2026-02-01", due_date="2026-01-01")
    (row,) = charges(charged(story)).values()
    assert (row.previous, row.amount) == ("2026-01-31", 767)


@covers("Q6")
@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_a_charge_posts_the_same_in_every_order_of_what_it_waits_for(order: tuple[int, ...]) -> None:
    """Facts that add, said after the run in any order, give one posting under one key."""
    story = charged(
        owing(interest_account=None).say(said.mapping("ledger_account", "7000", status="CLOSED")).period(*FEBRUARY, verb="closed")
    )
    adding = (
        said.account("acme", version=3, interest_applies=True, interest_account="7000"),
        said.period(*FEBRUARY, verb="reopened"),
        said.mapping("ledger_account", "7000", status="OPEN"),
        said.customer("c2"),
    )
    story.each(*(adding[at] for at in order))
    (posting,) = story.journals(CHARGE)
    assert posting.posting_key == charged(owing()).journals(CHARGE)[0].posting_key
    assert [line.amount for line in posting.lines] == [740, 740]


@covers("Q1", "Q2", "Q7")
@pytest.mark.parametrize("order", list(permutations(("statement", "interest", "dunning"))), ids=str)
def test_the_runs_of_a_day_come_in_any_order(order: tuple[str, ...]) -> None:
    """None of them changes what another finds, but that a statement shows a charge that was made before it."""
    story = owing().defined("HOUSE", version=3, interest={"rate": "10"}, dunning={"levels": LEVELS})
    runs = {"statement": stated, "interest": charged, "dunning": dunned}
    for name in order:
        runs[name](story)
    assert ([row.amount for row in charges(story).values()], [row.amount for row in letters(story)]) == ([740], [100_000])
    (row,) = story.log.views.rows(STATEMENTS)
    before = order.index("interest") < order.index("statement")
    assert f'"closing": {100_740 if before else 100_000}' in row.balances


@covers("Q1", "Q2", "Q7")
def test_a_run_twice_in_one_batch_is_one_run() -> None:
    """What the first did in the transaction, the second sees."""
    runs = [
        said.say("interest.run", class_="HOUSE", to=TO, by="ann"),
        said.say("statement.run", class_="HOUSE", as_of=TO, by="ann"),
    ]
    story = owing().say(*runs, *runs, said.invoice("i2"))
    assert [receipt.verdict for receipt in story.last.receipts] == ["ACCEPTED", "ACCEPTED", "DUPLICATE", "DUPLICATE", "ACCEPTED"]
    made = [each.event for each in story.last.happened if isinstance(each.event, InterestCalculated | StatementIssued)]
    assert len(made) == 2


def letting(per: str, **terms: object) -> Story:
    """Account `acme` owes 1,000.00 since 1 February, 70.00 since 15 February and 500.00 since 20 January."""
    story = owing().invoice("i2", "70.00", date="2026-02-15").invoice("i3", "500.00", date="2026-01-20")
    return story.defined("HOUSE", version=3, dunning={"levels": LEVELS, "letter_per": per, **terms})


def told(story: Story) -> list[tuple[int, str, int, list[str]]]:
    """Return the letters of the last transaction: level, name, amount, documents."""
    events = [each.event for each in story.last.happened if isinstance(each.event, DunningLetterIssued)]
    return [(each.level, each.letter, each.amount, [part.document for part in each.receivables]) for each in events]


@covers("Q7")
@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("INVOICE", [(1, "Reminder", 100_000, ["i1"]), (1, "Reminder", 7_000, ["i2"]), (2, "Demand", 50_000, ["i3"])]),
        ("LEVEL", [(1, "Reminder", 107_000, ["i1", "i2"]), (2, "Demand", 50_000, ["i3"])]),
        ("CUSTOMER", [(2, "Demand", 157_000, ["i3", "i1", "i2"])]),
    ],
)
def test_one_letter_for_each_invoice_level_or_customer(per: str, expected: list[tuple[int, str, int, list[str]]]) -> None:
    """The letter of several documents is that of the highest level among them."""
    assert told(dunned(letting(per))) == expected


@covers("Q7")
def test_no_level_is_sent_twice_for_a_document() -> None:
    """The same day again changes nothing; a later day sends what reached a higher level, and what became overdue."""
    story = dunned(letting("CUSTOMER"))
    assert dunned(story).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert told(dunned(story, "2026-03-02")) == []
    story.invoice("i4", "9.00", date="2026-02-20")
    assert told(dunned(story, "2026-03-03")) == [(2, "Demand", 100_900, ["i1", "i4"])]
    assert days(story, "class:HOUSE")[2] == days(story, "account:acme")[2] == "2026-03-03"


@covers("Q7")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, [(1, "Reminder", 98_000, ["i1"])]),
        ({"nets_receipts": False}, [(1, "Reminder", 100_000, ["i1"]), (2, "Demand", 50_000, ["i3"])]),
    ],
)
def test_money_on_account_lowers_what_is_dunned_or_not(
    terms: dict[str, object], expected: list[tuple[int, str, int, list[str]]]
) -> None:
    """The oldest document is taken first: 520.00 settles i3 and 20.00 of i1."""
    story = letting("LEVEL", minimum="100.00", **terms)
    story.payment("p1", "590.00", on={"i2": "70.00"}, date="2026-02-20")
    assert told(dunned(story)) == expected


@covers("Q7")
def test_a_letter_below_the_minimum_is_not_sent_and_not_forgotten() -> None:
    """It is sent when it has grown."""
    story = letting("INVOICE", minimum="70.01")
    assert [documents for *_, documents in told(dunned(story))] == [["i1"], ["i3"]]
    story.defined("HOUSE", version=4, dunning={"levels": LEVELS, "letter_per": "INVOICE", "minimum": "70.00"})
    assert [documents for *_, documents in told(dunned(story, "2026-03-01"))] == [["i2"]]


@covers("Q7")
def test_a_charge_is_dunned_like_an_invoice() -> None:
    """Interest that nobody pays is overdue too."""
    story = charged(
        letting("INVOICE").defined("HOUSE", version=4, interest={"rate": "10"}, dunning={"levels": LEVELS}), "2026-02-15"
    )
    assert "charge:acme:EUR:2026-02-15" in told(dunned(story))[0][3]


def test_a_charge_is_told_to_ledgers_and_counted() -> None:
    """It is received and posted as one document; its posting is among those in the log."""
    story = charged(owing())
    assert len([each for each in story.last.happened if isinstance(each.event, PostingAuthorised)]) == 1
    assert story.decision(CHARGE).read.keys() >= {"account|acme", "class|HOUSE", f"charge|{CHARGE}"}


@covers("Q1", "Q2", "Q7")
def test_history_collects_the_same_again() -> None:
    """Heard again from its records alone, every run leads to the same statements, charges, letters and closings."""
    story = letting("INVOICE").account("globex", interest_applies=True, terms={"days": 0})
    story.assigned("globex", "HOUSE").customer("c2").linked("c2", "globex").invoice("i9", customer="c2", date="2026-02-02")
    story.defined("HOUSE", version=4, interest={"rate": "10"}, dunning={"levels": LEVELS})
    dunned(charged(stated(story.period(*FEBRUARY, verb="closed"))))
    charged(story, MARCH).period(*FEBRUARY, verb="reopened").payment("p1", "100.00", on="i9", customer="c2")
    dunned(stated(story, MARCH), MARCH)
    recheck = Recheck(Past(story.log))
    faults = [fault for recorded in story.log.records for fault in recheck.check(decode(recorded))]
    assert [*faults, *recheck.at_the_end(story.log.head())] == []
    assert sorted((row.account, row.last_day) for row in charges(story).values()) == [
        ("acme", TO),
        ("acme", MARCH),
        ("globex", TO),
        ("globex", MARCH),
    ]


def test_a_run_of_many_accounts_is_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 12. Said again for the same day, it makes the rest, and then it is over."""
    monkeypatch.setattr(collecting, "RUN_MADE_MAX", 2)
    story = owing()
    for name in ("a1", "a2", "a3"):
        story.account(name).assigned(name, "HOUSE")
    assert [sorted(statements(stated(story))) for _ in range(3)] == [["a1", "a2"], ["a3", "acme"], []]
    assert story.verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")


@covers("Q4", "Q7")
@pytest.mark.parametrize(
    "terms",
    [
        {"interest": {"rate": "-1"}},
        {"dunning": {"levels": [{"level": 1, "days": 10, "letter": "A"}, {"level": 2, "days": 10, "letter": "B"}]}},
        {"dunning": {"levels": [{"level": 1, "days": 10, "letter": "A"}, {"level": 1, "days": 20, "letter": "B"}]}},
        {"dunning": {"levels": [{"level": 2, "days": 10, "letter": "A"}, {"level": 1, "days": 20, "letter": "B"}]}},
    ],
    ids=str,
)
def test_terms_that_contradict_themselves_are_refused(terms: dict[str, object]) -> None:
    """Interest is not paid to the debtor, and a higher level comes later."""
    assert Story().say(said.say("class.defined", class_="X", version=1, name="X", behaviour="ACCOUNT", **terms)).verdict == (
        "QUARANTINED",
        "SCHEMA_INVALID",
    )
