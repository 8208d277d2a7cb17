"""What if: the smallest set of facts that would release a document, found by supposing them and judging again."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from engine.explain.mending import mending
from engine.explain.supposing import Fact, World, blocking, released
from engine.firewall.ranking import ranked
from engine.states import States
from schemas.events import Reason

FACTS_MAX = 6
TRIALS_MAX = 600
"""How many facts a set may have, and how many sets are tried; a document with more faults is told what was found so far."""


@dataclass(frozen=True, slots=True)
class Release:
    """What would release a document: facts, each of which is needed; and the reasons that no fact we know of takes away."""

    facts: tuple[Fact, ...]
    left: tuple[Reason, ...]
    trials: int

    @property
    def complete(self) -> bool:
        """True when the facts release the document."""
        return not self.left


def what_if(world: World) -> Release | None:
    """Return the smallest set of facts that would release a document; None for one that stands in the ledger, or asks nothing.

    Sets are tried by size, smaller ones first. A set that releases must take away the reason that ranks first, so each
    set grows by one fact that does so, as the reasons stand by then. Then each fact is left out once, to prove that it is
    needed, and of a record that is said anew each change that is not.
    """
    if released(world.states, world.name) or not blocking(world.states, world.name):
        return None
    waiting: deque[tuple[Fact, ...]] = deque([()])
    best: tuple[int, tuple[Fact, ...], Sequence[Reason]] | None = None
    seen: set[frozenset[str]] = set()
    trials = 0
    while waiting and trials < TRIALS_MAX:
        facts = waiting.popleft()
        states = world.after(facts)
        trials += 1
        if states is None or (facts and _unmoved(world, states, facts)):
            continue
        if released(states, world.name):
            return Release(_needed(world, facts), (), trials)
        against = ranked(blocking(states, world.name))
        if best is None or len(against) < best[0]:
            best = (len(against), facts, against)
        for fact in mending(states, world.name, against[0]) if against and len(facts) < FACTS_MAX else ():
            larger = (*facts, fact)
            named = frozenset(f"{each.kind} {sorted(each.fields.items())!r}" for each in larger)
            if named not in seen:
                seen.add(named)
                waiting.append(larger)
    if best is None:
        return None
    return Release(best[1], tuple(best[2]), trials)


def _unmoved(world: World, states: States, facts: Sequence[Fact]) -> bool:
    """True when the last fact changed nothing about the document; taking a link away is a step towards another."""
    if facts[-1].kind == "link.removed":
        return False
    before = world.after(facts[:-1])
    return before is not None and _against(before, world.name) == _against(states, world.name)


def _against(states: States, name: str) -> list[tuple[str, str | None, str]]:
    """Return what is against a document, and against those it waits for."""
    told = [(reason.code, reason.path, reason.message) for reason in blocking(states, name)]
    for key in dict.fromkeys(key for reason in blocking(states, name) for key in reason.waits_for):
        noun, _, other = key.partition(":")
        if noun == "document":
            stream = f"{name.partition('|')[0]}|document|{other}"
            told += [(reason.code, reason.path, reason.message) for reason in blocking(states, stream)]
    return told


def _needed(world: World, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Leave out every fact, and every change of a record, without which the document is released as well."""
    for fact in facts:
        rest = tuple(each for each in facts if each is not fact)
        if len(facts) > 1 and _release(world, rest):
            return _needed(world, rest)
    for at, fact in enumerate(facts):
        for name in fact.changed:
            less = (*facts[:at], fact.without(name), *facts[at + 1 :])
            if len(less[at].changed) > 0 and _release(world, less):
                return _needed(world, less)
    return facts


def _release(world: World, facts: Sequence[Fact]) -> bool:
    states = world.after(facts)
    return states is not None and released(states, world.name)
