"""The judgement: all rules speak, the strongest outcome wins, and whatever a rule raises is a hold that names it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.firewall.facts import Facts
from engine.firewall.judge import judge
from engine.firewall.rule import Finding, Rule, rule
from engine.firewall.rulebook import RULEBOOK, RULES
from schemas.events import Outcome, Severity
from tests import said
from tests.given import Story
from tests.said import Saying

STRENGTH: tuple[Severity, ...] = ("WARN", "EXCLUDE", "WAIT", "HOLD", "REJECT")
OUTCOMES: dict[Severity, Outcome] = {"WARN": "POST", "EXCLUDE": "EXCLUDE", "WAIT": "WAIT", "HOLD": "HOLD", "REJECT": "REJECT"}


def always(severity: Severity) -> Rule:
    """Return a rule that always speaks."""

    @rule(f"ALWAYS_{severity}", "X1", severity=severity, remedy="none")
    def speaks(facts: Facts) -> Finding:
        return Finding(f"about {facts.subject.document}")

    return speaks


def broken(good: Rule, error: Exception) -> Rule:
    """Return a rule that raises instead of answering."""

    def check(_facts: Facts) -> Finding | None:
        raise error

    check.__name__ = good.name
    return replace(good, check=check)


def facts_that_post() -> Facts:
    """Return facts to which no rule objects."""
    facts = Story().shop().invoice("i1", tax="20.00").facts("i1")
    return replace(facts, released=frozenset())


@pytest.mark.parametrize("good", RULES, ids=lambda good: good.name)
def test_a_rule_that_raises_is_a_hold_that_names_it(good: Rule) -> None:
    """Whichever rule fails, the document is held with RULE_ERROR, nothing is posted, and no release is offered."""
    rules = [broken(each, ZeroDivisionError("a bug")) if each is good else each for each in RULES]
    decision = judge(facts_that_post(), rules)
    assert (decision.outcome, decision.state, decision.legs) == ("HOLD", "REQUIRES_ATTENTION", ())
    assert [(reason.code, reason.severity, reason.overridable) for reason in decision.reasons] == [("RULE_ERROR", "HOLD", False)]
    assert decision.reasons[0].message == f"rule {good.name} ({good.number}) failed: ZeroDivisionError: a bug"


@pytest.mark.parametrize(
    "error", [KeyError("x"), ValueError("x"), RecursionError("x"), AssertionError("x"), MemoryError("x")], ids=repr
)
def test_any_exception_is_a_hold(error: Exception) -> None:
    """It does not matter what a rule raises."""
    decision = judge(facts_that_post(), [broken(RULES[0], error), *RULES[1:]])
    assert (decision.outcome, [reason.code for reason in decision.reasons], decision.legs) == ("HOLD", ["RULE_ERROR"], ())


def test_a_release_does_not_pass_a_failed_rule() -> None:
    """A rule that fails while its code is released still holds: nobody knows what it would have said."""
    held = next(each for each in RULES if each.code == "CUSTOMER_ON_HOLD")
    facts = replace(facts_that_post(), released=frozenset({("CUSTOMER_ON_HOLD", None), ("RULE_ERROR", None)}))
    decision = judge(facts, [broken(held, ValueError("x"))])
    assert (decision.outcome, [reason.code for reason in decision.reasons]) == ("HOLD", ["RULE_ERROR"])


def test_the_facts_post_with_all_rules() -> None:
    """The facts used here are good: with the rulebook as it is they post one journal."""
    decision = judge(facts_that_post())
    assert (decision.outcome, decision.reasons, [leg.name for leg in decision.legs]) == ("POST", (), ["document"])


@pytest.mark.parametrize(("weaker", "stronger"), list(combinations(STRENGTH, 2)))
def test_the_stronger_of_two_outcomes_wins(weaker: Severity, stronger: Severity) -> None:
    """REJECT beats HOLD beats WAIT beats EXCLUDE beats POST, in whatever order the rules speak."""
    for rules in ([always(weaker), always(stronger)], [always(stronger), always(weaker)]):
        assert judge(facts_that_post(), rules).outcome == OUTCOMES[stronger]


@given(st.lists(st.sampled_from(STRENGTH), max_size=6), st.sampled_from(STRENGTH))
def test_one_more_reason_never_weakens_the_outcome(spoken: list[Severity], more: Severity) -> None:
    """The judgement is monotone, and no reason is lost."""
    facts = facts_that_post()
    before = judge(facts, [always(severity) for severity in spoken])
    after = judge(facts, [always(severity) for severity in (*spoken, more)])
    order = [OUTCOMES[severity] for severity in STRENGTH]
    assert order.index(after.outcome) >= order.index(before.outcome)
    assert [reason.severity for reason in after.reasons] == [*spoken, more]
    assert bool(after.legs) == (after.outcome == "POST")


def test_all_reasons_are_collected() -> None:
    """Six things are wrong: six reasons are given, in the order of the rulebook, with all that can mend them."""
    story = Story().shop().said("customer.held", customer="c1").said("link.removed", customer="c1")
    story.mapped("branch", "north")
    story.invoice("i1", status="DRAFT", tax={"GST": "5.00"}, branch="south", totals={"gross": "1.00"})
    parties, content = ["LINK_MISSING", "CUSTOMER_ON_HOLD"], ["TOTAL_GROSS_MISMATCH", "TAX_CODE_UNMAPPED", "BRANCH_UNMAPPED"]
    assert story.codes("i1") == ["DOCUMENT_NOT_FINAL", *parties, *content]
    assert story.state("i1") == "REQUIRES_ATTENTION"
    assert {"customer:c1", "link:c1", "mapping:branch:south", "mapping:tax:GST"} <= set(story.waits("i1"))


def test_mending_one_of_several_reasons_leaves_the_others() -> None:
    """Each fact takes its own reason away; the last one posts the document."""
    story = Story().shop().said("link.removed", customer="c1").invoice("i1", tax={"GST": "5.00"}, branch="south")
    assert story.linked("c1", "acme").codes("i1") == ["TAX_CODE_UNMAPPED"]
    assert "mapping:tax:GST" in story.waits("i1")
    assert story.mapped("tax", "GST", account="2230").state("i1") == "POSTED"
    assert story.waits("i1") == []


@pytest.mark.parametrize(
    ("draft", "state"),
    [
        (said.invoice("i1", do_not_post=True), "EXCLUDED"),
        (said.invoice("i1", do_not_post=True, status="DRAFT"), "WAITING"),
        (said.invoice("i1", do_not_post=True, status="DRAFT", totals={"gross": "1.00"}), "REQUIRES_ATTENTION"),
    ],
    ids=["excluded", "waits", "held"],
)
def test_the_state_is_that_of_the_strongest_reason(draft: Saying, state: str) -> None:
    """A draft marked do not post waits; with a wrong total it is held."""
    assert Story().shop().say(draft).state("i1") == state


def test_nothing_is_said_twice() -> None:
    """A fact that changes nothing for a held document records no second decision."""
    story = Story().shop().said("link.removed", customer="c1").invoice("i1")
    story.customer("c1", version=2, short_name="Ann")
    assert len(story.decided["i1"]) == 1


def test_a_decision_cites_what_it_read() -> None:
    """The versions of every stream it looked at, the rulebook, and the class version are on record (C14, P5)."""
    decision = Story().shop().invoice("i1").decision("i1")
    # The account has three events: it was opened, took the class, and the class's terms.
    assert decision.read == {"account|acme": 3, "book|": 6, "class|HOUSE": 1, "customer|c1": 1, "document|i1": 1, "link|c1": 1}
    assert (decision.rulebook, decision.class_, decision.class_version) == (RULEBOOK, "HOUSE", 1)
