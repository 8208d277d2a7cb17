"""Every rule fires, stays silent just beside its boundary, and gives way to its remedy in the very transaction that says it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pytest

from adapters.eventlog.memory import MemoryLog
from engine.audit.recheck import Recheck
from engine.firewall.rulebook import RULES
from engine.record import Recorded, decode
from tests.given import Story
from tests.rules.case import Case
from tests.rules.table import CASES


def named(cases: Sequence[Case]) -> list[str]:
    """Name cases by row and code, with a number where a rule has several."""
    names = [f"{case.row}-{case.code}" for case in cases]
    return [f"{name}-{names[:at].count(name) + 1}" if names.count(name) > 1 else name for at, name in enumerate(names)]


MENDABLE = [case for case in CASES if case.remedy]


@pytest.mark.parametrize("case", CASES, ids=named(CASES))
def test_the_rule_fires(case: Case) -> None:
    """The document has exactly the reasons of the case, stands where they put it, and posts only if they are remarks."""
    story = case.fires()
    assert sorted(story.codes(case.document)) == sorted((case.code, *case.also))
    assert story.state(case.document) == case.state
    assert bool(story.journals(case.document)) == (case.state == "POSTED")


@pytest.mark.parametrize("case", CASES, ids=named(CASES))
def test_the_rule_is_silent_just_beside(case: Case) -> None:
    """One step away from the boundary the rule says nothing and the document posts."""
    story = case.beside()
    assert case.code not in story.codes(case.document)
    assert (story.state(case.document), bool(story.journals(case.document))) == ("POSTED", True)


@pytest.mark.parametrize("case", MENDABLE, ids=named(MENDABLE))
def test_the_remedy_releases_at_once(case: Case) -> None:
    """The fact that mends the document posts it, in its own transaction."""
    story = case.fires()
    assert case.document not in story.posted_now()
    assert case.remedy is not None
    case.remedy(story)
    assert (story.state(case.document), case.document in story.posted_now()) == ("POSTED", True)
    assert [code for code in story.codes(case.document) if not _remark(story, case, code)] == []


def _remark(story: Story, case: Case, code: str) -> bool:
    severities = {reason.code: reason.severity for reason in story.decision(case.document).reasons}
    return severities[code] == "WARN"


@pytest.mark.parametrize("case", CASES, ids=named(CASES))
def test_a_held_document_says_what_to_do(case: Case) -> None:
    """Each reason has a message and a remedy in plain words, and the document says what it waits for where a fact can come."""
    story = case.fires()
    reasons = story.decision(case.document).reasons
    assert all(reason.message and reason.remedy for reason in reasons)
    wanted = {key for reason in reasons if reason.severity != "WARN" for key in reason.waits_for}
    assert wanted <= set(story.waits(case.document))


@dataclass(frozen=True, slots=True)
class Past:
    """A story's log as it stood at a position."""

    log: MemoryLog

    def events_until(self, streams: Collection[str], position: int) -> Sequence[Recorded]:
        """Return the records of several streams up to a position."""
        return [recorded for recorded in self.log.records[:position] if recorded.stream in streams]


@pytest.mark.parametrize("case", CASES, ids=named(CASES))
def test_history_decides_the_same_again(case: Case) -> None:
    """Replayed from its records alone, each decision of the story has the same outcome, reasons and postings (I6, I12)."""
    story = case.fires()
    if case.remedy:
        case.remedy(story)
    recheck = Recheck(Past(story.log))
    faults = [fault for recorded in story.log.records for fault in recheck.check(decode(recorded))]
    assert [*faults, *recheck.at_the_end(story.log.head())] == []
    assert recheck.decisions >= 1


def test_every_rule_has_a_case() -> None:
    """A rule that nobody tells a story about may not be in the rulebook."""
    told = {(case.row, case.code) for case in CASES}
    assert [f"{rule.number} {rule.code}" for rule in RULES if (rule.number, rule.code) not in told] == []


def test_every_case_is_of_a_rule() -> None:
    """A case names a code that a rule gives; one rule gives two, because a second tax is another row."""
    codes = {rule.code for rule in RULES} | {"TAX_COMPONENT_UNMAPPED"}
    assert [case.code for case in CASES if case.code not in codes] == []


def test_a_row_and_a_code_name_one_rule() -> None:
    """No two rules share row and code, so that a case names its rule."""
    pairs = [(rule.number, rule.code) for rule in RULES]
    assert sorted(pairs) == sorted(set(pairs))
