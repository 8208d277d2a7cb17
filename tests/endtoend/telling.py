"""Telling a world to a site while things go wrong, and looking at what came of it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from tests.endtoend.chaos import Chaos, Plan
from tests.endtoend.checks import POSTINGS, faults
from tests.endtoend.specification import expected
from tests.endtoend.staging import Site
from tests.endtoend.world import World

_LOG = logging.getLogger("tests.endtoend")
SECOND_WAVE = 10
"""One fault of so many strikes in the second wave."""

IN_ORDER = (3, 4)
"""Exit codes with which a process may end by itself: another has its name (after a freeze), or a server was down at its start."""


@dataclass(slots=True)
class Outcome:
    """What a run came to: its faults by check, and its counts."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    proofs: dict[str, int] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    seconds: int = 0

    @property
    def is_right(self) -> bool:
        """True when no check has a fault, the product proves the same, and nobody crashed."""
        crashes = [name for name in self.ended if int(name.rpartition(" ")[2]) not in IN_ORDER]
        return not crashes and not any(any(each.values()) for each in (self.faults, self.proofs, self.exits))

    def told(self) -> str:
        """Write the outcome as a table."""
        rows = [f"{name:<52}{count:>10,}" for name, count in self.counts.items()]
        rows += [f"{name:<52}{'right' if not each else 'WRONG':>10}" for name, each in self.faults.items()]
        rows += [f"postgate {name:<43}{'exit ' + str(code):>10}" for name, code in self.proofs.items()]
        rows += [f"{name:<45} {count:>10,} times, by itself" for name, count in self.ended.items()]
        rows += [f"    {fault}" for each in self.faults.values() for fault in each]
        return "\n".join(rows)


def run(site: Site, world: World, plan: Plan, *, drain_s: int) -> Outcome:
    """Tell a world, wave by wave, strike between, wait until all is settled, and look."""
    began, random = time.monotonic(), Random(world.seed)
    chaos, strikes = Chaos(site, random, patient=plan.patient), plan.faults(random)
    later = len(strikes) // SECOND_WAVE
    site.supervisor.start()
    try:
        for wave, due in enumerate((strikes[later:], strikes[:later])):
            tell(site, world, wave, (chaos, due))
            site.drain(drain_s)
    finally:
        exits = site.supervisor.stop()
    outcome = judged(site, world, chaos)
    outcome.exits, outcome.ended, outcome.seconds = exits, dict(site.supervisor.ended), round(time.monotonic() - began)
    return outcome


def tell(site: Site, world: World, wave: int, trouble: tuple[Chaos, list[str]]) -> None:
    """Send a wave in as many parts as there are strikes, and strike while each is sent and taken in."""
    chaos, due = trouble
    records = list(world.records(wave))
    parts = len(due) + 1
    with ThreadPoolExecutor(1) as sender:
        for number in range(parts):
            part = records[len(records) * number // parts : len(records) * (number + 1) // parts]
            sending = sender.submit(site.send, part)
            if number < len(due):
                chaos.strike(due[number])
                _LOG.info("wave %d, strike %d of %d: %s", wave + 1, number + 1, len(due), due[number])
            sending.result()


def judged(site: Site, world: World, chaos: Chaos) -> Outcome:
    """Hold what was seen against what must be, and count."""
    states, postings = expected(*world.waves)
    seen = site.seen()
    verdicts = Counter(verdict for read in seen.sources.values() for verdict in read.verdicts.values())
    said = [told for told in seen.told if told.topic == POSTINGS]
    keys = {told.header("ce_id") for told in said}
    counts = {
        "documents": world.documents,
        "documents and payments, every version": len(states),
        "records acknowledged": sum(map(len, seen.acknowledged.values())),
        "sendings repeated": site.sent_again,
        **{f"receipts {verdict}": count for verdict, count in sorted(verdicts.items())},
        **{f"documents {state}": count for state, count in sorted(Counter(seen.states.values()).items())},
        **{f"faults: {fault}": count for fault, count in sorted(chaos.done.items())},
        "strikes while work was left": chaos.at_work,
        "zombies that left by themselves": chaos.left,
        "processes started": site.supervisor.starts,
        "processes that ended by themselves": site.supervisor.ended.total(),
        "postings that must be": len(postings),
        "postings on the topic, distinct": len(keys),
        "lost": len(postings.keys() - keys),
        "leaked": len(keys - postings.keys()),
        "repeated on the topic": len(said) - len(keys),
    }
    return Outcome(faults(seen, states, postings), counts, site.proven())
