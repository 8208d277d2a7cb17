"""Every stored kind is evolved and every rule is in the rulebook."""

from __future__ import annotations

from engine.firewall.rulebook import RULES
from schemas.events import KINDS
from schemas.inbound import LinkMade, LinkRemoved
from tests.tidy.meaning import unevolved, unlisted_rules
from tests.tidy.source import listed, parse, product


def test_every_kind_is_evolved() -> None:
    """No stored fact is without a meaning for some stream."""
    assert listed(unevolved(product(), KINDS)) == ""


def test_a_planted_kind_without_an_evolve_is_found() -> None:
    """A kind that only a decide names is reported."""
    text = "def decide(said):\n    return LinkRemoved()\n"
    text += "def evolve(state, event):\n    match event:\n        case LinkMade(): ..."
    kinds = {"LinkMade.v1": LinkMade, "LinkRemoved.v1": LinkRemoved}
    assert [str(fault) for fault in unevolved([parse("engine/streams/links.py", text)], kinds)] == [
        "schemas/events.py:1: LinkRemoved.v1 without an evolve is banned, use a case LinkRemoved() in the evolve of its stream"
    ]


def test_every_rule_is_in_the_rulebook() -> None:
    """Whatever the firewall's modules ask of a document is asked."""
    assert listed(unlisted_rules(product(), [rule.name for rule in RULES])) == ""


def test_every_rule_has_a_name_of_its_own() -> None:
    """A verdict names one rule."""
    names = [rule.name for rule in RULES]
    assert sorted(names) == sorted(set(names))


def test_a_planted_rule_outside_the_rulebook_is_found() -> None:
    """A rule that is not listed, and a question without a code, are reported."""
    text = "@rule('A', 'A1', remedy='x')\ndef asked(facts: Facts) -> Finding | None: ...\n" + (
        "@rule('B', 'B1', remedy='x')\ndef forgotten(facts: Facts) -> Finding | None: ...\n"
        "def nameless(facts: Facts) -> Finding | None: ...\n"
        "def _step(facts: Facts) -> Finding | None: ..."
    )
    assert [str(fault) for fault in unlisted_rules([parse("engine/firewall/x.py", text)], ["asked"])] == [
        "engine/firewall/x.py:4: the rule forgotten outside RULES is banned, use RULES in engine/firewall/rulebook.py",
        "engine/firewall/x.py:5: nameless without a code answers like a rule: use @rule above it, or _ before it",
    ]
