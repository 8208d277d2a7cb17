"""Rule family M: whatever the rules allowed, a journal that cannot stand is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.firewall.balance import CODES, journal_is_sound
from engine.firewall.judge import judge
from engine.journal import Leg
from schemas.events import PostingLine
from schemas.inbound.accounts import AccountOpened
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.said import RECEIVABLE


def debit(amount: int, *, base: int | None = None, account: str = RECEIVABLE, party: str | None = "acme") -> PostingLine:
    """Return the receivable side of a journal."""
    return PostingLine(account=account, side="D", amount=amount, base_amount=amount if base is None else base, party=party)


def credit(amount: int, *, base: int | None = None) -> PostingLine:
    """Return the revenue side of a journal."""
    return PostingLine(account="4000", side="C", amount=amount, base_amount=amount if base is None else base)


UNSOUND: dict[str, tuple[str, tuple[PostingLine, ...]]] = {
    "a cent short": ("UNBALANCED", (debit(100), credit(99))),
    "short in the book's currency": ("UNBALANCED", (debit(100, base=90), credit(100, base=91))),
    "short in the document's currency": ("UNBALANCED_TXN_CURRENCY", (debit(101, base=90), credit(100, base=90))),
    "short for one site": (
        "UNBALANCED_BY_KEY",
        (debit(100), credit(60).model_copy(update={"dimensions": {"SITE": "N"}}), credit(40)),
    ),
    "nothing": ("JOURNAL_TOO_SHORT", ()),
    "one line": ("JOURNAL_TOO_SHORT", (debit(0),)),
    "nobody owes": ("CONTROL_LINE_WITHOUT_PARTY", (debit(100, party=None), credit(100))),
    "below zero": ("JOURNAL_IMPOSSIBLE", (debit(-100), credit(-100))),
    "a line above the largest amount": ("AMOUNT_RANGE", (debit(10**15 + 1), credit(10**15 + 1))),
    "a line of nothing": ("JOURNAL_IMPOSSIBLE", (debit(100), credit(100), credit(0))),
}
SOUND: dict[str, tuple[PostingLine, ...]] = {
    "two lines": (debit(100), credit(100)),
    "the largest amount": (debit(10**15), credit(10**15)),
    "three lines": (debit(100), credit(99), credit(1)),
    "no party needed": (debit(100, account="1000", party=None), credit(100)),
    "too small for the book's currency": (debit(1, base=0), credit(1, base=0)),
    "balanced for each site": (
        debit(60).model_copy(update={"dimensions": {"SITE": "N"}}),
        debit(40),
        credit(60).model_copy(update={"dimensions": {"SITE": "N"}}),
        credit(40),
    ),
    "balanced by a key that is not asked for": (debit(100), credit(100).model_copy(update={"dimensions": {"TEAM": "N"}})),
    "a difference of conversion alone": (debit(100, base=51), credit(100, base=50), credit(0, base=1)),
}


@covers("M1", "M2", "M3", "M4", "M5")
@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_journal_is_found(name: str) -> None:
    """Unbalanced by one unit, too short, without a party, or not above zero."""
    code, lines = UNSOUND[name]
    finding = journal_is_sound(Leg("document", "INVOICE", "acme", lines), {RECEIVABLE}, ["SITE"])
    assert finding is not None
    assert finding.code == code


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_journal_passes(name: str) -> None:
    """Just beside each fault stands a journal that is right."""
    assert journal_is_sound(Leg("document", "INVOICE", "acme", SOUND[name]), {RECEIVABLE}, ["SITE"]) is None


@covers("M3")
def test_a_journal_balances_for_each_site_where_the_book_asks_for_it() -> None:
    """A receivable without the site of the revenue is held; a policy that lets it take the branch's site posts both."""
    story = Story().shop(balance_by=["SITE"]).mapped("branch", "north", dimensions={"SITE": "N"})
    story.invoice("i1", branch="north").invoice("i2")
    assert (story.codes("i1"), story.codes("i2")) == (["UNBALANCED_BY_KEY"], [])
    story.then_released_by("i1", said.mapping("dimension_policy", RECEIVABLE, dimensions={"SITE": "OPTIONAL"}))
    assert [line.dimensions for line in story.journals("i1")[0].lines] == [{"SITE": "N"}] * 2


def test_every_code_of_a_journal_is_met() -> None:
    """The table above has all codes that the check can give."""
    assert {code for code, _ in UNSOUND.values()} == set(CODES)


def test_a_journal_that_cannot_be_built_is_held() -> None:
    """Facts that no rule objects to, but that leave a line without an account, hold with JOURNAL_IMPOSSIBLE and post nothing."""
    facts = Story().shop().invoice("i1").facts("i1")
    decision = judge(replace(facts, places=(None,)), rules=())
    assert (decision.outcome, [reason.code for reason in decision.reasons], decision.legs) == ("HOLD", ["JOURNAL_IMPOSSIBLE"], ())
    assert decision.reasons[0].message == "line 1 has no revenue account"


def test_a_document_without_a_route_is_held() -> None:
    """Without a class no rule may allow it: the judgement itself refuses."""
    facts = Story().book().account("acme").customer("c1").linked("c1", "acme").invoice("i1").facts("i1")
    decision = judge(facts, rules=())
    assert (decision.outcome, [reason.code for reason in decision.reasons], decision.legs) == ("HOLD", ["ROUTE_MISSING"], ())


def test_a_receivable_needs_a_debtor_even_when_no_rule_speaks() -> None:
    """Nobody owes a document whose account was never opened."""
    facts = Story().shop().invoice("i1").facts("i1")
    decision = judge(replace(facts, account=replace(facts.account, record=None)), rules=())
    assert (decision.outcome, [reason.code for reason in decision.reasons]) == ("HOLD", ["JOURNAL_IMPOSSIBLE"])


def test_an_account_in_another_control_account_keeps_its_party() -> None:
    """The receivable of an account is its own ledger account, and still names who owes."""
    story = Story().shop().account("acme", version=2, ledger_account="1150").invoice("i1")
    assert isinstance(story.facts("i1").account.record, AccountOpened)
    assert story.postings("i1") == [("D", "1150", "acme", "100.00"), ("C", "4000", "", "100.00")]
