"""The long run, with a table of counts at its end:

python -m tests.endtoend --documents 100000 --kills 100 --databases 20 --brokers 10 --zombies 5 --answers 20
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.broker import Broker
from tests.endtoend.chaos import Plan
from tests.endtoend.staging import Site
from tests.endtoend.telling import run
from tests.endtoend.world import World
from tests.servers import ended, started

DAY_S = 24 * 60 * 60


def main() -> None:
    """Start a broker and a database, tell them a world, break everything, and print what came of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    for name, told in (
        ("kills", "kill -9 of an ingest or publish process"),
        ("databases", "kill -9 of PostgreSQL"),
        ("brokers", "restarts of the broker, half of them kill -9"),
        ("zombies", "processes frozen until another has their place"),
        ("answers", "answers to a commit that are lost"),
    ):
        arguments.add_argument(f"--{name}", type=int, default=0, help=f"how often: {told}")
    arguments.add_argument("--drain", type=int, default=DAY_S, help="seconds in which everything must be settled at last")
    chosen = arguments.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    plan = Plan(chosen.kills, chosen.databases, chosen.brokers, chosen.zombies, chosen.answers, patient=True)
    with tempfile.TemporaryDirectory(prefix="postgate-endtoend-") as name:
        broker, server = Broker(Path(name) / "broker"), started()
        try:
            broker.start()
            site = Site(broker, server, Path(name) / "logs")
            outcome = run(site, World(chosen.seed, chosen.documents), plan, drain_s=chosen.drain)
        finally:
            if broker.runs:
                broker.kill()
            ended(server)
    sys.stdout.write(f"{outcome.told()}\n{'seconds':<52}{outcome.seconds:>10,}\n")
    sys.exit(0 if outcome.is_right else 3)


if __name__ == "__main__":
    main()
