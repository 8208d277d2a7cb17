"""Whatever prefixes classes put before numbers, and whenever, no two documents stand in the books under one (A4, C13)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.eventlog.memory import MemoryLog
from engine.audit.recheck import Recheck
from engine.record import Recorded, decode
from tests import said
from tests.given import Story
from tests.said import Saying

DEBTORS = ("north", "south")
CLASSES = ("PLAIN", "LETTERED")
DOCUMENTS = ("i1", "i2", "i3")

Step = tuple[str, str, str]
"""What is done, to what, and with what."""

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("issue"), st.sampled_from(DOCUMENTS), st.tuples(st.sampled_from("12"), st.sampled_from(DEBTORS)).map("".join)
        ),
        st.tuples(st.just("class"), st.sampled_from(DEBTORS), st.sampled_from(CLASSES)),
        st.tuples(st.just("prefix"), st.sampled_from(CLASSES), st.sampled_from(("", "A-", "B-"))),
        st.tuples(st.just("void"), st.sampled_from(DOCUMENTS), st.just("")),
    ),
    max_size=12,
)


SAID_FIRST: list[Step] = [
    ("class", "north", "PLAIN"),
    ("class", "south", "LETTERED"),
    ("issue", "i2", "2south"),
    ("issue", "i1", "2north"),
    ("issue", "i2", "2north"),
]
"""i2 waits for the number that i1 has got meanwhile."""


@dataclass(frozen=True, slots=True)
class Past:
    """A story's log as it stood at a position."""

    log: MemoryLog

    def events_until(self, streams: Collection[str], position: int) -> Sequence[Recorded]:
        """Return the records of several streams up to a position."""
        return [recorded for recorded in self.log.records[:position] if recorded.stream in streams]


def _said(step: Step, versions: dict[str, int]) -> Saying:
    """Return a step as the message that says it, under the next version of what it changes."""
    what, name, value = step
    if what == "class":
        return said.say("class.assigned", account=name, class_=value)
    versions[name] = versions.get(name, 0) + 1
    if what == "prefix":
        prefix = {"invoice_prefix": value} if value else {}
        return said.say("class.revised", class_=name, version=versions[name], name=name, behaviour="ACCOUNT", **prefix)
    if what == "void":
        return said.say("invoice.voided", document=name, version=versions[name])
    return said.invoice(name, version=versions[name], number=value[0], customer=value[1:])


@example([*SAID_FIRST, ("issue", "i1", "2south")], "say")
@given(steps, st.sampled_from(("say", "each")))
def test_no_number_stands_twice(drawn: list[Step], how: str) -> None:
    """Said one by one or in one batch: numbers in the books differ, and history is judged the same again."""
    story, versions = Story().book(), dict.fromkeys(CLASSES, 1)
    for name in DEBTORS:
        story.account(name).customer(name).linked(name, name)
    story.defined("PLAIN").defined("LETTERED", invoice_prefix="A-")
    sayings = [_said(step, versions) for step in drawn]
    story.say(*sayings) if how == "say" else story.each(*sayings)
    standing = [posting.number for posting in story.journals() if posting.leg == "document"]
    assert len(standing) == len(set(standing))
    recheck = Recheck(Past(story.log))
    faults = [fault for recorded in story.log.records for fault in recheck.check(decode(recorded))]
    assert [*faults, *recheck.at_the_end(story.log.head())] == []
