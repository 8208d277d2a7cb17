"""What a document costs in a large store over what it costs in a small one; run `python -m tests.bench.growth --help`.

Both stores are built by real ingest. Then the next documents go to each of them in turns, so that whatever else the machine
does meets both alike. A ratio of 1.1 means that a document costs a tenth more once the store is large.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from adapters.ingest import Ingester
from tests.bench import postgres_floor
from tests.bench.figures import ROUNDS, Took, heading, in_turns, timed, told, undisturbed
from tests.bench.workload import arguments, invoices, parties
from tests.servers import Server

SMALL = 10_000
REPORTS = 20


@dataclass(slots=True)
class Growing:
    """A store that takes in one document after the other."""

    name: str
    store: Store
    ingester: Ingester
    stored: int = 0

    def more(self, documents: int) -> Took:
        """Take in the next documents."""
        messages = list(islice(invoices(self.stored), documents))
        with undisturbed():
            took = timed(lambda: self.ingester.ingest("documents", zip(count(self.stored + 1), messages, strict=False)))
        self.stored += documents
        return took

    def build(self, documents: int) -> None:
        """Take in so many documents, and say on the way what each of them cost."""
        self.ingester.ingest("setup", enumerate(parties(), 1))
        step = max(1_000, documents // REPORTS)
        while self.stored < documents:
            took = self.more(step)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(
                f"{self.name}: {self.stored:>9,} documents, {took.wall // step // 1_000:,} us each "
                f"({took.cpu // step // 1_000:,} us of our processor), at most {memory:,} MiB so far",
                file=sys.stderr,
            )


def main() -> None:
    """Build both stores, measure and print."""
    parser = arguments(__doc__, documents=1_000_000)
    parser.add_argument("--store", choices=("postgres", "sqlite"), default="postgres", help="where to keep them (postgres)")
    parser.add_argument("--window", type=int, default=2_000, help="how many documents a round (2,000)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often ({ROUNDS})")
    asked = parser.parse_args()
    with _stores(asked.store) as (small, large, server):
        small.build(SMALL)
        large.build(asked.documents)
        for each in (small, large):
            each.more(asked.window)  # What was pushed out of memory comes back.
        if server is not None:
            _sizes(server)
        sides = {each.name: lambda each=each: each.more(asked.window) for each in (small, large)}
        measured = in_turns(asked.rounds, asked.window, sides)
    heading(f"{asked.documents:,} documents stored against {SMALL:,}, {asked.window:,} more a round", asked.rounds)
    told(measured, of="small", to="large")
    ours = {name: side.cpu_us for name, side in measured.items()}
    print(f"{'of processor':<14} {ours['large'] / ours['small']:>9.2f}")


@contextmanager
def _stores(kind: str) -> Iterator[tuple[Growing, Growing, Server | None]]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            stores = [SqliteLog.create(str(Path(folder) / f"{name}.db")) for name in ("small", "large")]
            yield _growing("small", stores[0]), _growing("large", stores[1]), None
        return
    with postgres_floor.serving() as server:
        yield (
            _growing("small", PostgresLog.create(server.fresh())),
            _growing("large", PostgresLog.create(server.url("large"))),
            server,
        )


def _growing(name: str, store: Store) -> Growing:
    return Growing(name, store, Ingester(store))


def _sizes(server: Server) -> None:
    """Print how large each table of the large store and its indexes are."""
    with server.connect() as connection:
        connection.execute("SET search_path TO large")
        for name in postgres_floor.TABLES:
            row = connection.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", (name, name)).fetchone() or (0, 0)
            print(f"{name:<20} {int(str(row[0])) >> 20:>7,} MiB, its indexes {int(str(row[1])) >> 20:>6,} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
