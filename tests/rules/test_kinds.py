"""Rules are asked of the kinds of subject they say they concern; of any other they would have nothing to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from engine.firewall.facts import Facts
from engine.firewall.rule import ALL, INTEREST, Rule
from engine.firewall.rulebook import RULES, RULES_OF
from projections.documents import DOCUMENTS
from tests.given import Story
from tests.rules.case import Case
from tests.rules.table import CASES

NO_MORE = ("REVERSED", "CANCELLED")


def judged(story: Story) -> Iterator[Facts]:
    """Yield the facts about every document, payment and charge of a story that is still there to be judged."""
    for row in story.log.views.rows(DOCUMENTS):
        if row.book == story.name and row.state not in NO_MORE and row.version == story.row(row.document).version:
            yield story.facts(row.document, row.stream.split("|")[1])


def unheard(facts: Facts, rules: Sequence[Rule]) -> list[str]:
    """Return the rules that would object and are not asked."""
    return [rule.code for rule in rules if facts.subject.kind not in rule.kinds and rule.check(facts) is not None]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.row}-{case.code}-{number}" for number, case in enumerate(CASES)])
def test_no_rule_that_objects_goes_unasked(case: Case) -> None:
    """In every story of the rulebook, the rules that are not asked of a subject agree with it."""
    assert [code for facts in judged(case.fires()) for code in unheard(facts, RULES)] == []


def test_the_stories_judge_every_kind() -> None:
    """The stories above are about all kinds of subject."""
    assert {facts.subject.kind for case in CASES for facts in judged(case.fires())} == ALL


def test_a_rule_of_the_wrong_kind_is_found() -> None:
    """A rule about customers on hold that said it concerns interest alone would go unasked, and be found."""
    facts = Story().shop().said("customer.held", customer="c1").invoice("i1").facts("i1")
    assert unheard(facts, [replace(rule, kinds=INTEREST) for rule in RULES]) == ["CUSTOMER_ON_HOLD"]


def test_every_rule_is_asked_in_its_place() -> None:
    """The rules of each kind stand in the order of the rulebook, and together they are all of it."""
    assert {kind: [RULES.index(rule) for rule in rules] for kind, rules in RULES_OF.items()} == {
        kind: [at for at, rule in enumerate(RULES) if kind in rule.kinds] for kind in ALL
    }
    assert all(rule.kinds for rule in RULES)
