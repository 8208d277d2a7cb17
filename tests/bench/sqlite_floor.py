"""The floor on SQLite: the messages are parsed and the very rows of a store are written, with nothing else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from adapters.ingest import BATCH_MESSAGES_MAX
from tests.bench.figures import Took, timed, undisturbed
from tests.bench.workload import Workload


def floor(store: Path, path: Path, work: Workload) -> Took:
    """Write the rows that the documents left in a store into tables like its own."""
    setup, documents = work.setup, work.documents
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
    batches = [documents[at : at + BATCH_MESSAGES_MAX] for at in range(0, len(documents), BATCH_MESSAGES_MAX)]

    def write() -> None:
        for number, batch in enumerate(batches):
            parts = {
                name: all_rows[number * len(all_rows) // len(batches) : (number + 1) * len(all_rows) // len(batches)]
                for name, all_rows in rows.items()
            }
            _batch(target, batch, parts)

    with undisturbed():
        took = timed(write)
    target.close()
    return took


def _batch(target: sqlite3.Connection, batch: Sequence[bytes], parts: dict[str, list[tuple[object, ...]]]) -> None:
    for line in batch:
        json.loads(line)
    target.execute("BEGIN")
    for name, part in parts.items():
        if part:
            target.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(part[0]))})", part)
    target.execute("COMMIT")
