"""The judgement at its boundaries: what a release passes, which way a document goes, and what the last look at a journal sees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.firewall.facts import Facts
from engine.firewall.judge import Decision, judge, route_of
from engine.firewall.rulebook import RULES
from engine.streams.release import PASSED
from tests.given import Story
from tests.rules.boundary import objections
from tests.rules.test_judgement import always, broken, facts_that_post
from tests.said import RECEIVABLE, tender


def _codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_rule_that_fails_does_not_silence_those_after_it() -> None:
    """Every rule speaks."""
    decision = judge(facts_that_post(), [broken(RULES[0], ValueError("x")), always("WAIT")])
    assert _codes(decision) == ["RULE_ERROR", "ALWAYS_WAIT"]


def test_a_reason_that_must_be_mended_passes_no_release() -> None:
    """Whatever is on record as released: a draft is not final."""
    facts = Story().shop().invoice("i1", status="DRAFT").facts("i1")
    decision = judge(replace(facts, released=frozenset({("DOCUMENT_NOT_FINAL", "status")})))
    assert (decision.outcome, _codes(decision)) == ("WAIT", ["DOCUMENT_NOT_FINAL"])


def test_a_release_names_code_and_path() -> None:
    """The release of one party's hold is none of another's; what is released says so, and what only remarks stays as it is."""
    story = Story().shop().customer("c1", version=2, status="DISPUTED").said("customer.held", customer="c1").invoice("i1")
    facts = story.facts("i1")
    elsewhere = judge(
        replace(facts, released=frozenset({("CUSTOMER_ON_HOLD", "customer:c2"), ("CUSTOMER_BLOCKED", "customer:c1")}))
    )
    assert elsewhere.outcome == "HOLD"
    both = frozenset({("CUSTOMER_ON_HOLD", "customer:c1"), ("CUSTOMER_DISPUTED", "customer:c1")})
    decision = judge(replace(facts, released=both))
    assert [(reason.severity, reason.message) for reason in decision.reasons] == [
        ("WARN", f"{PASSED}customer c1 is on hold"),
        ("WARN", "customer c1 is disputed"),
    ]
    assert (decision.outcome, len(decision.legs)) == ("POST", 1)


def test_the_class_says_the_way() -> None:
    """One that asks, and none at all, decide nothing."""
    assert route_of(Story().shop().invoice("i1").facts("i1")) == "ACCOUNT"
    assert route_of(Story().counter().invoice("i1").facts("i1")) == "GENERIC"
    asking = Story().shop().defined("HOUSE", "ASK", version=2).invoice("i1")
    assert route_of(asking.facts("i1")) is None
    assert _codes(judge(asking.facts("i1"), rules=())) == ["ROUTE_MISSING"]
    assert asking.decision("i1").route is None


def test_money_goes_where_its_document_went() -> None:
    """The class may have changed since."""
    story = Story().shop().invoice("i1").defined("HOUSE", "ASK", version=2).payment("p1", on="i1")
    assert (story.decision("p1").route, story.state("p1")) == ("ACCOUNT", "POSTED")


def _with_revenue_on(account: str, *, own: str) -> Facts:
    story = Story().shop().account("acme", version=2, ledger_account=own).mapped("revenue", "default", account=account)
    return story.invoice("i1").facts("i1")


@pytest.mark.parametrize(
    ("account", "own", "held"), [("1150", "1150", True), (RECEIVABLE, "1150", True), ("1150", RECEIVABLE, False)]
)
def test_no_line_without_a_party_stands_on_a_receivable(account: str, own: str, *, held: bool) -> None:
    """Neither on the debtor's own, nor on that of the book."""
    decision = judge(_with_revenue_on(account, own=own), rules=())
    assert _codes(decision) == (["CONTROL_LINE_WITHOUT_PARTY"] if held else [])
    assert [reason.remedy[:6] for reason in decision.reasons] == (["report"] if held else [])


def test_what_does_not_balance_by_a_key_says_what_mends_it() -> None:
    """The last look gives its own reason, with path, keys and remedy, and everything on the lines' way is waited for."""
    story = Story().shop(balance_by=["SITE"]).mapped("branch", "north", dimensions={"SITE": "N"}).invoice("i1", branch="north")
    keys = ["mapping:dimension_policy:1100", "mapping:dimension_policy:4000"]
    assert objections(story) == [("UNBALANCED_BY_KEY", "HOLD", "dimensions.SITE", keys)]
    assert {*keys, "mapping:revenue:default", "mapping:branch:north"} <= set(story.waits("i1"))
    assert story.decision("i1").reasons[0].remedy.startswith("let every ledger account")


def test_a_document_that_cannot_be_built_waits_for_all_its_mappings() -> None:
    """Nobody knows which of them is wrong."""
    facts = Story().shop().invoice("i1", tax="20.00", tenders=[tender("CASH", "1.00")]).facts("i1")
    decision = judge(replace(facts, places=(None,)), rules=())
    assert {"mapping:revenue:default", "mapping:tax:VAT", "mapping:tender:CASH"} <= set(decision.waits_for)
    assert (
        decision.reasons[0].remedy
        == "report this with the output of postgate explain: the rules allowed a journal that cannot stand"
    )
