"""The judgement is monotone: one more reason never lets more through (law 3)."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import day
from engine.facts.assembly import Moment, Owned, gather
from engine.firewall.balance import CODES
from engine.firewall.facts import Facts
from engine.firewall.judge import judge
from engine.firewall.rule import Finding, Rule, rule
from engine.firewall.rulebook import RULES
from engine.states import States
from schemas.events import Outcome, Severity
from tests.properties.messages import GENERIC, SHOP, invoice
from tests.properties.shop import NOW, Shop

STRENGTH: tuple[Outcome, ...] = ("POST", "ACCUMULATE", "EXCLUDE", "WAIT", "HOLD", "REJECT")
STANDS_IN_FOR: dict[Severity, Outcome] = {
    "WARN": "POST",
    "EXCLUDE": "EXCLUDE",
    "WAIT": "WAIT",
    "HOLD": "HOLD",
    "REJECT": "REJECT",
}
DOUBTS = {*CODES, "ROUTE_MISSING"}


def facts_of(shop: Shop) -> Facts:
    """Return the facts about invoice i1 as they stand."""
    with shop.log.writing(dry=True) as writing:
        states = States()
        states.begin(writing)
        today = day("Europe/London", NOW) or ""
        return gather(states, "shop|document|i1", Moment(NOW, today, today), Owned())[0]


CASES = [
    facts_of(Shop().hear_one_by_one(messages))
    for messages in (
        [*SHOP, invoice()],
        [*GENERIC, invoice()],
        [invoice()],
        [*SHOP, invoice(status="DRAFT")],
        [*SHOP, invoice(do_not_post=True)],
        [*SHOP, invoice(nets=(0,))],
    )
]


def saying(severity: Severity) -> Rule:
    """Return a rule that always finds something of a severity."""

    def check(facts: Facts) -> Finding:
        return Finding(f"said about {facts.subject.document}")

    return rule("ADDED", "X", severity=severity, remedy="none")(check)


severities = st.sampled_from(get_args(Severity))


@given(st.sampled_from(CASES), st.sets(st.integers(0, len(RULES) - 1)), st.lists(severities, max_size=3), severities)
def test_one_more_reason_never_weakens_the_outcome(facts: Facts, kept: set[int], before: list[Severity], added: Severity) -> None:
    """With any of the rules, and any others, one more reason leaves the outcome as strong or makes it stronger.

    A journal that cannot be built is looked for only when the rules let a document pass, so that doubt is left out.
    """
    rules = [*(RULES[number] for number in sorted(kept)), *(saying(severity) for severity in before)]
    without, within = judge(facts, rules), judge(facts, [saying(added), *rules])
    if not DOUBTS & {reason.code for reason in without.reasons}:
        assert STRENGTH.index(within.outcome) >= STRENGTH.index(without.outcome)
    assert STRENGTH.index(within.outcome) >= STRENGTH.index(STANDS_IN_FOR[added])
    assert judge(facts, [*rules, saying(added)]).outcome == within.outcome


@given(st.sampled_from(CASES))
def test_only_what_posts_has_journals(facts: Facts) -> None:
    """A decision has journals exactly when it posts, and reasons exactly when it does not, but for remarks."""
    decision = judge(facts)
    assert bool(decision.legs) == (decision.outcome == "POST")
    assert any(reason.severity != "WARN" for reason in decision.reasons) == (decision.outcome not in ("POST", "ACCUMULATE"))


def test_the_cases_differ() -> None:
    """The facts above lead to five different outcomes, so that the laws are tried on more than one."""
    assert {judge(facts).outcome for facts in CASES} == {"POST", "HOLD", "WAIT", "EXCLUDE"}
