"""From Kafka through PostgreSQL to Kafka, while everything breaks: nothing lost, nothing double, nothing past the firewall."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.broker import Broker
from tests.endtoend.chaos import Plan
from tests.endtoend.staging import Site
from tests.endtoend.telling import Outcome, run
from tests.endtoend.world import World
from tests.servers import Server

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

SHORT = Plan(kills=5, databases=2, brokers=2, zombies=2, answers=2)
LONG = Plan(kills=100, databases=20, brokers=10, zombies=5, answers=20, patient=True)


@pytest.mark.slow
def test_nothing_is_lost_or_double_whatever_breaks(own_broker: Broker, own_postgres: Server, tmp_path: Path) -> None:
    """A small world under a handful of each fault ends as the specification says, and the product proves it itself."""
    outcome = run(Site(own_broker, own_postgres, tmp_path / "logs"), World(1, 2_000), SHORT, drain_s=120)
    assert outcome.is_right, outcome.told()
    assert_struck(outcome, SHORT)


@pytest.mark.soak
def test_nothing_is_lost_or_double_in_a_long_run(own_broker: Broker, own_postgres: Server, tmp_path: Path) -> None:
    """A hundred thousand documents under a hundred kills and everything else; `python -m tests.endtoend` prints the counts."""
    outcome = run(Site(own_broker, own_postgres, tmp_path / "logs"), World(1, 100_000), LONG, drain_s=3_600)
    assert outcome.is_right, outcome.told()
    assert_struck(outcome, LONG)


def assert_struck(outcome: Outcome, plan: Plan) -> None:
    """Assert that everything planned went wrong, most of it while there was work to lose."""
    struck = {fault.removeprefix("faults: "): count for fault, count in outcome.counts.items() if fault.startswith("faults:")}
    planned = Counter(plan.faults(Random(0)))
    assert struck == dict(planned)
    assert 2 * outcome.counts["strikes while work was left"] > planned.total()
