"""Ingest into SQLite against its floor, and the growth of its cost; run `python -m tests.bench.ingest --help`.

The floor does nothing but what cannot be left out: `json.loads` of every message and `executemany` of the very rows
that stand in the store afterwards (events, chain, receipts and views, with the same tables and indexes), in as many
transactions, with the same durability. A ratio of 0.35 means that ingest reaches 35 % of that speed.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import os
import pstats
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from adapters.eventlog.sqlite import SqliteLog
from adapters.ingest import BATCH_MESSAGES_MAX, Ingester
from tests.acceptance.online_retail import messages

ROUNDS = 5
DOCUMENT_MARKS = (b'"postgate.invoice.', b'"postgate.credit_note.')


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parquet", type=Path, help="online-retail.parquet")
    arguments.add_argument("--documents", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument(
        "--growth", action="store_true", help="compare the first and the last tenth of a run ten times as long"
    )
    arguments.add_argument("--profile", action="store_true", help="print where the time of one run goes")
    chosen = arguments.parse_args()
    setup, documents = split(list(messages(chosen.parquet, anonymous_class=True, documents=None)))
    if chosen.growth:
        growth(setup, multiplied(documents, chosen.documents * 10))
    elif chosen.profile:
        profile(setup, documents[: chosen.documents])
    else:
        ratios(setup, documents[: chosen.documents], chosen.rounds)


def split(lines: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Part the facts about parties from the documents."""
    documents = [line for line in lines if any(mark in line[:400] for mark in DOCUMENT_MARKS)]
    return [line for line in lines if not any(mark in line[:400] for mark in DOCUMENT_MARKS)], documents


def multiplied(documents: Sequence[bytes], wanted: int) -> list[bytes]:
    """Repeat documents under new ids until there are enough of them."""
    result: list[bytes] = []
    for copy in range(-(-wanted // len(documents))):
        for line in documents:
            message = json.loads(line)
            message["id"] = f"{message['id']}.{copy}"
            message["data"]["document"] += f".{copy}"
            message["data"]["number"] += f".{copy}"
            result.append(json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode())
    return result[:wanted]


def ratios(setup: Sequence[bytes], documents: Sequence[bytes], rounds: int) -> None:
    """Print documents per second of ingest and of the floor, taken in turns, and their ratio."""
    ours: list[int] = []
    floors: list[int] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.db"
            ours.append(ingest(path, setup, documents))
            floors.append(floor(path, Path(folder) / "floor.db", setup, documents))
    rate = [len(documents) * 10**9 // nanoseconds for nanoseconds in (statistics.median_low(ours), statistics.median_low(floors))]
    best = [len(documents) * 10**9 // min(times) for times in (ours, floors)]
    load = os.getloadavg()[0]
    print(f"{len(documents):,} documents, {BATCH_MESSAGES_MAX:,} a batch, medians of {rounds} [best], load {load:.2f}")
    print(f"ingest  {rate[0]:>8,} documents/s [{best[0]:,}]")
    print(f"floor   {rate[1]:>8,} documents/s [{best[1]:,}]")
    print(f"ratio   {rate[0] / rate[1]:>8.2f} [{best[0] / best[1]:.2f}]")


def ingest(path: Path, setup: Sequence[bytes], documents: Sequence[bytes]) -> int:
    """Ingest the documents into a store that knows the parties; return nanoseconds."""
    log = SqliteLog.create(str(path))
    ingester = Ingester(log)
    ingester.ingest("setup", enumerate(setup, 1))
    gc.collect()
    began = time.perf_counter_ns()
    ingester.ingest("documents", enumerate(documents, 1))
    taken = time.perf_counter_ns() - began
    log.close()
    return taken


def floor(store: Path, path: Path, setup: Sequence[bytes], documents: Sequence[bytes]) -> int:
    """Parse the messages and write the rows the documents left in the store, with nothing else; return nanoseconds."""
    with sqlite3.connect(store) as source:
        definitions = [row[0] for row in source.execute("SELECT sql FROM sqlite_master WHERE sql NOT LIKE 'CREATE TRIGGER%'")]
        tables = [
            row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        ]
        rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    for name in ("stored_events", "chain"):
        rows[name] = rows[name][-(len(rows[name]) * len(documents) // (len(setup) + len(documents))) :]
    target = sqlite3.connect(path, isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    for definition in definitions:
        target.execute(definition)
    batches = -(-len(documents) // BATCH_MESSAGES_MAX)
    gc.collect()
    gc.disable()
    began = time.perf_counter_ns()
    for number in range(batches):
        for line in documents[number * BATCH_MESSAGES_MAX : (number + 1) * BATCH_MESSAGES_MAX]:
            json.loads(line)
        target.execute("BEGIN")
        for name, all_rows in rows.items():
            part = all_rows[number * len(all_rows) // batches : (number + 1) * len(all_rows) // batches]
            if part:
                target.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(part[0]))})", part)
        target.execute("COMMIT")
    taken = time.perf_counter_ns() - began
    gc.enable()
    target.close()
    return taken


def growth(setup: Sequence[bytes], documents: Sequence[bytes]) -> None:
    """Print what the last tenth of a long run costs against its first tenth."""
    times: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        ingester = Ingester(SqliteLog.create(str(Path(folder) / "store.db")))
        ingester.ingest("setup", enumerate(setup, 1))
        tenth = len(documents) // 10
        for part in range(10):
            began = time.perf_counter_ns()
            ingester.ingest("documents", enumerate(documents[part * tenth : (part + 1) * tenth], part * tenth + 1))
            times.append(time.perf_counter_ns() - began)
            print(f"{(part + 1) * tenth:>9,} documents: {times[-1] // tenth // 1000} us each", file=sys.stderr)
    print(f"{len(documents):,} documents: the last tenth costs {times[-1] / times[0]:.2f} times the first")


def profile(setup: Sequence[bytes], documents: Sequence[bytes]) -> None:
    """Print where the time of one run goes."""
    with tempfile.TemporaryDirectory() as folder:
        ingester = Ingester(SqliteLog.create(str(Path(folder) / "store.db")))
        ingester.ingest("setup", enumerate(setup, 1))
        profiler = cProfile.Profile()
        profiler.runcall(ingester.ingest, "documents", enumerate(documents, 1))
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
