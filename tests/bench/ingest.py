"""Ingest against its floor; run `python -m tests.bench.ingest --help`.

The floor does nothing but what cannot be left out: `json.loads` of every message, and writing the very rows that stand in
the store afterwards (events, chain, receipts and views, with the same tables and indexes), in as many transactions, with the
same durability. On PostgreSQL the rows are copied in the bytes that the server itself writes; on SQLite they are inserted
with `executemany`. A ratio of 0.35 means that ingest reaches 35 % of that speed.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
from pathlib import Path

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from adapters.ingest import BATCH_MESSAGES_MAX, Ingester
from tests.bench import postgres_floor, sqlite_floor
from tests.bench.figures import ROUNDS, Side, Took, heading, in_turns, timed, told, undisturbed
from tests.bench.workload import Workload, arguments, chosen
from tests.servers import Server


def main() -> None:
    """Measure and print."""
    asked = _asked()
    work = chosen(asked.parquet, asked.documents)
    if asked.store == "sqlite":
        measured = on_sqlite(work, asked.rounds, profiled=asked.profile)
    else:
        with postgres_floor.serving() as server:
            measured = on_postgres(server, work, asked.rounds, profiled=asked.profile)
    heading(f"{len(work.documents):,} {work.name} of {work.bytes_each:,} bytes, {BATCH_MESSAGES_MAX:,} a batch", asked.rounds)
    told(measured, of="ingest", to="floor")


def _asked() -> argparse.Namespace:
    parser = arguments(__doc__, documents=10_000)
    parser.add_argument("--store", choices=("postgres", "sqlite"), default="postgres", help="where to keep them (postgres)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often ({ROUNDS})")
    parser.add_argument("--profile", action="store_true", help="also print where the time of each ingest goes")
    return parser.parse_args()


def on_sqlite(work: Workload, rounds: int, *, profiled: bool) -> dict[str, Side]:
    """Measure ingest into files, and the floor beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"

        def ours() -> Took:
            path.unlink(missing_ok=True)
            return ingested(SqliteLog.create(str(path)), work, profiled=profiled)

        def floor() -> Took:
            target = Path(folder) / "floor.db"
            target.unlink(missing_ok=True)
            return sqlite_floor.floor(path, target, work)

        return dict(in_turns(rounds, len(work.documents), {"ingest": ours, "floor": floor}))


def on_postgres(server: Server, work: Workload, rounds: int, *, profiled: bool) -> dict[str, Side]:
    """Measure ingest into a server, and the floor beside it."""
    urls: list[str] = []

    def ours() -> Took:
        urls.append(server.fresh())
        return ingested(PostgresLog.create(urls[-1]), work, server, profiled=profiled)

    def floor() -> Took:
        left = postgres_floor.transactions(server, urls[-1])
        postgres_floor.drop(server, urls[-1])
        return postgres_floor.floor(server, left, work.documents)

    return dict(in_turns(rounds, len(work.documents), {"ingest": ours, "floor": floor}))


def ingested(store: Store, work: Workload, server: Server | None = None, *, profiled: bool = False) -> Took:
    """Ingest the documents into a store that knows the parties."""
    ingester, profiler = Ingester(store), cProfile.Profile()
    ingester.ingest("setup", enumerate(work.setup, 1))
    if server is not None:
        postgres_floor.settle(server)
    if profiled:
        profiler.enable()
    with undisturbed():
        took = timed(lambda: ingester.ingest("documents", enumerate(work.documents, 1)))
    if profiled:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
    store.close()
    return took


if __name__ == "__main__":
    main()
