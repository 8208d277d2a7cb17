"""Boundaries of the journals: signs, halves and nothings of a ledger, and which amount of a sale goes where."""

from __future__ import annotations

import pytest

from engine.journal import imbalance
from engine.journal.ledger import Key, Ledger, in_base
from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.rules.charging import CHARGE, charged, owing
from tests.rules.dimensions import suspending
from tests.said import RECEIVABLE, REVENUE, VAT, line, tender

ONE: Key = ("4000", None, None, ())
OTHER: Key = ("4100", None, None, (), "tax GST")
OWED: Key = ("1100", "acme", None, ())

Row = tuple[str, str, int, int]
"""Account, side, amount, amount in the book's currency."""


def _ledger(number: int = 1, scale: int = 1) -> Ledger:
    return Ledger((number, scale), "N-1", "c1")


def _rows(ledger: Ledger) -> list[Row]:
    return [(row.account, row.side, row.amount, row.base_amount) for row in ledger.lines()]


@pytest.mark.parametrize(
    ("amount", "base"), [(0, 0), (1, 1), (2, 1), (3, 2), (5, 3), (-1, -1), (-2, -1), (-3, -2), (-5, -3), (100, 50)]
)
def test_half_a_unit_goes_away_from_zero(amount: int, base: int) -> None:
    """A rate of a half, on both sides of zero."""
    assert _ledger(1, 2).base(amount) == base


@pytest.mark.parametrize(("amount", "base"), [(1, 0), (2, 1), (4, 1), (5, 2), (-1, 0), (-2, -1)])
def test_less_than_half_is_nothing(amount: int, base: int) -> None:
    """A rate of a third."""
    assert _ledger(1, 3).base(amount) == base


def test_amounts_of_one_account_are_added_side_by_side() -> None:
    """Debits and credits stay apart, each amount is converted before it is added, and nothing makes no line."""
    ledger = _ledger(1, 2)
    for key, amount in ((ONE, -1), (ONE, -1), (OWED, 5), (ONE, 3), (OTHER, 0), (OTHER, -1)):
        ledger.add(key, amount)
    assert _rows(ledger) == [("1100", "D", 5, 3), ("4000", "D", 3, 2), ("4000", "C", 2, 2), ("4100", "C", 1, 1)]
    assert [row.memo for row in ledger.lines()] == ["N-1", "N-1", "N-1", "N-1 tax GST"]
    assert {(row.account, row.party, row.customer) for row in ledger.lines()} == {
        ("1100", "acme", "c1"), ("4000", None, "c1"), ("4100", None, "c1")
    }  # fmt: skip


def test_a_difference_of_worth_alone_is_a_line() -> None:
    """Its side is that of its worth; nothing in both currencies is none; what is put twice is added."""
    ledger = _ledger()
    for key, amount, base in ((ONE, 0, -7), (OTHER, 0, 7), (OWED, 0, 0), (ONE, 0, -1), (OWED, 4, 0), (OWED, -4, 9), (OWED, 6, 1)):
        ledger.put(key, amount, base)
    assert _rows(ledger) == [("4100", "D", 0, 7), ("1100", "D", 10, 1), ("4000", "C", 0, 8), ("1100", "C", 4, 9)]


@pytest.mark.parametrize(
    ("put", "balanced"),
    [
        ((-3, -5), [("1100", "D", 3, 5)]),
        ((3, 5), [("1100", "C", 3, 5)]),
        ((0, -5), [("1100", "D", 0, 5)]),
        ((0, 5), [("1100", "C", 0, 5)]),
        ((-3, 0), [("1100", "D", 3, 0)]),
        ((3, 0), [("1100", "C", 3, 0)]),
        ((3, -5), [("1100", "D", 0, 5), ("1100", "C", 3, 0)]),
        ((-3, 5), [("1100", "D", 3, 0), ("1100", "C", 0, 5)]),
        ((3, -1), [("1100", "D", 0, 1), ("1100", "C", 3, 0)]),
        ((-1, 5), [("1100", "D", 1, 0), ("1100", "C", 0, 5)]),
        ((0, 0), []),
    ],
)
def test_what_is_missing_is_one_line_unless_the_currencies_differ_in_sign(put: tuple[int, int], balanced: list[Row]) -> None:
    """A worth that turned its sign has a line of its own."""
    ledger = _ledger()
    ledger.put(ONE, put[0], 0)
    ledger.put(OTHER, 0, put[1])
    ledger.balance(OWED)
    assert [row for row in _rows(ledger) if row[0] == "1100"] == balanced
    assert imbalance(ledger.lines()) == (0, 0)


@pytest.mark.parametrize("put", [(4, 4), (-4, -4), (0, 4), (0, -4), (4, 0), (-4, 0), (1, 1), (-1, -1)])
def test_what_is_missing_never_takes_the_place_of_another_side(put: tuple[int, int]) -> None:
    """Debit and credit of one account both stand."""
    ledger = _ledger()
    ledger.put(OWED, *put)
    ledger.balance(OWED)
    assert [(row.side, row.amount, row.base_amount) for row in ledger.lines()] == [
        (side, abs(put[0]), abs(put[1])) for side in "DC"
    ]


def test_what_is_added_and_what_is_put_meet_on_their_side() -> None:
    """A unit of each side is enough to keep them apart."""
    ledger = _ledger()
    for amount in (1, -1, 2, -2):
        ledger.add(ONE, amount)
        ledger.put(ONE, amount, amount)
    for base in (1, -1):
        ledger.put(OTHER, 0, base)
    assert _rows(ledger) == [("4000", "D", 6, 6), ("4100", "D", 0, 1), ("4000", "C", 6, 6), ("4100", "C", 0, 1)]


def test_an_imbalance_is_debits_less_credits() -> None:
    """In the currency of the document, and in that of the book."""
    ledger = _ledger(2, 1)
    ledger.add(ONE, -3)
    ledger.add(OWED, 5)
    assert imbalance(ledger.lines()) == (2, 4)


def test_a_foreign_amount_without_a_rate_has_no_worth() -> None:
    """A document in the currency of the book needs none; currencies of other decimals are converted by their units."""
    story = Story().shop(currency="JPY").account("acme", version=2)
    story.invoice("i1", "10.00", currency="EUR", exchange_rate="150.5").invoice("i2", "10", currency="JPY")
    story.invoice("i3", "10.00", currency="EUR")
    for document, worth in (("i1", 1505), ("i2", 1000)):
        facts = story.facts(document)
        assert facts.book.opened is not None
        assert in_base(facts.subject, facts.book.opened, 1000) == worth
    facts = story.facts("i3")
    assert facts.book.opened is not None
    with pytest.raises(ValueError, match="no rate from EUR to JPY"):
        in_base(facts.subject, facts.book.opened, 1000)


def test_a_walk_in_without_a_name_leaves_the_memo_alone() -> None:
    """Only who said a name is named; money names its document."""
    story = Story().shop().invoice("i1", walk_in={"email": "a@example.org"}).invoice("i2", walk_in={"name": "Ann"}).payment("p1")
    memos = [story.journals(name)[0].lines[0].memo for name in ("i1", "i2", "p1")]
    assert memos == ["N-i1", "N-i2 Ann", "p1"]


def test_a_line_has_the_code_of_its_tax_where_it_has_one() -> None:
    """A line of two taxes, or none, has no code; the taxes have theirs."""
    story = Story().shop().invoice("i1", lines=[line(), line(tax="1.00", revenue_account="4100")])
    story.invoice("i2", lines=[line(tax={"VAT": "1.00", "CITY": "2.00"})])
    codes = [[(row.account, row.tax_code) for row in story.journals(name)[0].lines] for name in ("i1", "i2")]
    assert codes == [
        [(RECEIVABLE, None), (REVENUE, None), ("4100", "VAT"), (VAT, "VAT")],
        [(RECEIVABLE, None), (REVENUE, None), (VAT, "VAT"), (said.CITY_TAX, "CITY")],
    ]


def test_a_journal_says_what_it_is_by_its_gross() -> None:
    """An invoice of nothing or more is one, one below zero is a credit note, and a credit note always is."""
    story = Story().shop(negative_invoice="CREDIT_NOTE", unreferenced_credit="POST").invoice("i1", "0.01").invoice("i2", "-0.01")
    story.credit_note("k1", "0.01")
    kinds = [story.journals(name)[0].kind for name in ("i1", "i2", "k1")]
    assert kinds == ["INVOICE", "CREDIT_NOTE", "CREDIT_NOTE"]
    assert [story.postings(name) for name in ("i2", "k1")] == [
        [("D", REVENUE, "", "0.01"), ("C", RECEIVABLE, "acme", "0.01")]
    ] * 2


def test_a_part_of_nothing_is_no_settlement_unless_it_costs_a_fee() -> None:
    """Tenders of zero make no journal; a fee alone does."""
    story = Story().shop().invoice("i1", tenders=[tender("CASH", "0.00")])
    story.invoice("i2", tenders=[tender("CARD", "0.00", fee="0.30")])
    story.invoice("i3", tenders=[tender("CASH", "0.00"), tender("CARD", "1.00")])
    legs = [[posting.kind for posting in story.journals(name)] for name in ("i1", "i2", "i3")]
    assert legs == [["INVOICE"], ["INVOICE", "PAYMENT"], ["INVOICE", "PAYMENT"]]
    fee = [("D", said.FEES, "", "0.30"), ("C", said.CARD, "", "0.30")]
    assert story.postings("i2")[2:] == fee


def test_interest_is_earned_where_the_account_says_and_owed_in_full() -> None:
    """The journal of a charge has two lines."""
    story = charged(owing())
    amount = story.receivables("acme")[f"charge:{CHARGE}"]
    assert story.postings(CHARGE) == [("D", RECEIVABLE, "acme", amount), ("C", "7000", "", amount)]


def test_a_closed_account_of_interest_takes_no_charge() -> None:
    """Invoices do not touch it."""
    story = charged(owing().mapped("ledger_account", "7000", status="CLOSED")).invoice("i2")
    assert objections(story, CHARGE) == [("GL_ACCOUNT_UNPOSTABLE", "HOLD", None, ["mapping:ledger_account:7000"])]
    assert messages(story, CHARGE) == ["ledger account 7000 is closed"]
    assert story.state("i2") == "POSTED"


def test_a_closed_account_matters_only_to_what_touches_it() -> None:
    """Charges, rounding and deposits that a document does not have do not hold it."""
    story = Story().shop(rounding_max="1.00").mapped("revenue", "charges", account="4500")
    for account in ("4500", said.ROUNDING, said.DEPOSITS):
        story.mapped("ledger_account", account, status="CLOSED")
    story.invoice("i1").payment("p1").deposit("d1")
    story.invoice("i2", totals={"charges": "1.00"}).invoice("i3", totals={"rounding": "0.01"})
    held = {name: [key for one in objections(story, name) for key in one[3]] for name in ("i1", "p1", "d1", "i2", "i3")}
    assert held == {
        "i1": [],
        "p1": [],
        "d1": ["mapping:ledger_account:2300"],
        "i2": ["mapping:ledger_account:4500"],
        "i3": ["mapping:ledger_account:8900"],
    }


def test_a_twin_is_told_by_what_it_shares() -> None:
    """The name or the tax id, and both accounts mend it."""
    story = Story().shop(duplicate_accounts="HOLD").account("acme", version=2, tax_id="DE 1").assigned("acme", "HOUSE")
    for name, fields in (("b", {"name": "acme."}), ("c", {"name": "Other", "tax_id": "de1"})):
        story.account(name, **fields).assigned(name, "HOUSE").customer(f"c{name}").linked(f"c{name}", name)
        story.invoice(f"i{name}", customer=f"c{name}")
    keys = [["account:b", "account:acme"], ["account:c", "account:acme"]]
    assert [objections(story, name) for name in ("ib", "ic")] == [
        [("POSSIBLE_DUPLICATE_ACCOUNT", "HOLD", None, each)] for each in keys
    ]
    assert (messages(story, "ib"), messages(story, "ic")) == (
        ["account b has the name of account acme, which was opened before"],
        ["account c has the tax id of account acme, which was opened before"],
    )
    story.account("b", version=2, name="acme.", external_ref="QB-7")  # The accounting system has it already.
    assert story.state("ib") == "POSTED"


def test_a_twin_that_was_merged_away_is_no_other_any_more() -> None:
    """What it owed is owed by its survivor, which is not like the new account."""
    story = Story().shop(duplicate_accounts="HOLD").account("globex").account("b", name="acme.").assigned("b", "HOUSE")
    story.customer("c2").linked("c2", "b").invoice("i1", customer="c2")
    assert story.codes("i1") == ["POSSIBLE_DUPLICATE_ACCOUNT"]
    story.said("account.merged", survivor="globex", merged=["acme"])
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", [])


def test_a_twin_in_a_book_that_was_never_opened_is_no_reason_yet() -> None:
    """Nobody has said what to do with it."""
    story = Story().account("acme").account("b", name="acme").classified("b", "HOUSE").customer("c1").linked("c1", "b")
    story.invoice("i1")
    assert (story.codes("i1").count("RULE_ERROR"), story.codes("i1").count("POSSIBLE_DUPLICATE_ACCOUNT")) == (0, 0)


def test_the_codes_of_branch_customer_and_account_reach_the_lines_whose_account_wants_them() -> None:
    """What the line has itself goes first; what is prohibited or not named stays away."""
    wanted = {"SITE": "OPTIONAL", "customer.1": "MANDATORY", "account.2": "OPTIONAL", "account.3": "PROHIBITED"}
    story = Story().shop().mapped("branch", "north", dimensions={"SITE": "N", "AREA": "W"})
    story.mapped("dimension_policy", REVENUE, dimensions=wanted)
    story.customer("c1", version=2, analysis_codes={"1": "EAST", "4": "NO"})
    story.account("acme", version=2, analysis_codes={"2": "KEY", "3": "NO"})
    lines = [line(revenue_account="4100"), line(), line(dimensions={"SITE": "S", "TEAM": "b"})]
    story.invoice("i1", branch="north", lines=lines).invoice("i2")
    rows = [(row.account, dict(row.dimensions)) for row in story.journals("i1")[0].lines]
    parties = {"customer.1": "EAST", "account.2": "KEY"}
    assert rows == [
        (RECEIVABLE, {}),
        ("4100", {"SITE": "N", "AREA": "W"}),
        (REVENUE, {"SITE": "N", "AREA": "W", **parties}),
        (REVENUE, {"SITE": "S", "AREA": "W", "TEAM": "b", **parties}),
    ]
    assert [dict(row.dimensions) for row in story.journals("i2")[0].lines] == [{}, parties]


def test_the_codes_of_a_return_are_those_of_its_sale() -> None:
    """Taken back at another branch, the revenue is that of the branch where it was sold."""
    story = Story().shop().mapped("branch", "north", dimensions={"SITE": "N"}).mapped("branch", "south", dimensions={"SITE": "S"})
    story.mapped("dimension_policy", RECEIVABLE, dimensions={"SITE": "OPTIONAL"}).invoice("i1", branch="north")
    story.credit_note("k1", original="i1", branch="south").payment("p1", branch="south")
    found = {
        name: {row.dimensions.get("SITE") for row in story.journals(name)[0].lines if row.party} for name in ("i1", "k1", "p1")
    }
    assert found == {"i1": {"N"}, "k1": {"N"}, "p1": {"S"}}


def test_the_codes_of_an_account_leave_its_memo_alone() -> None:
    """What went to suspense keeps its code in the memo, where suspense asks for a dimension too."""
    story = suspending(suspense="POST").mapped("branch", "north", dimensions={"SITE": "N"})
    story.mapped("dimension_policy", "9999", dimensions={"SITE": "MANDATORY"}).invoice("i1", branch="north", tax={"GST": "5.00"})
    assert [(row.memo, row.dimensions) for row in story.journals("i1")[0].lines if row.account == "9999"] == [
        ("N-i1 tax GST", {"SITE": "N"})
    ]
