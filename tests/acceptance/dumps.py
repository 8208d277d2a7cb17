"""What a store holds, without the times and the identity of the deployment, so that two runs can be compared."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Dump:
    """A store's content: facts and decisions by stream, receipts, positions read, views."""

    events: dict[tuple[str, int], tuple[str, str]]
    receipts: set[tuple[str, int, str, str, bytes]]
    positions: dict[str, int]
    views: dict[str, frozenset[tuple[object, ...]]]


def dump(store: Path) -> Dump:
    """Read everything in a store that must not depend on when or how often its run was interrupted."""
    with sqlite3.connect(store) as base:
        tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'view_%'")]
        events = base.execute("SELECT originator_id, originator_version, topic, state FROM stored_events")
        return Dump(
            {(stream, version): (kind, _timeless(state)) for stream, version, kind, state in events},
            set(base.execute("SELECT source, position, verdict, code, digest FROM receipts")),
            dict(base.execute("SELECT application_name, notification_id FROM tracking")),
            {name: frozenset(base.execute(f"SELECT {_columns(base, name)} FROM {name}")) for name in tables},
        )


def _columns(base: sqlite3.Connection, table: str) -> str:
    return ", ".join(f'"{row[1]}"' for row in base.execute(f"PRAGMA table_info({table})") if row[1] != "recorded_at")


def _timeless(state: bytes) -> str:
    kept = json.loads(state)
    del kept["at"]
    return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def postings(store: Path) -> dict[str, str]:
    """Return every posting by key, with its lines."""
    with sqlite3.connect(store) as base:
        rows = base.execute("SELECT state FROM stored_events WHERE topic IN ('PostingAuthorised.v1', 'PostingReversed.v1')")
        bodies = [json.loads(row[0])["body"] for row in rows]
    return {body["posting_key"]: json.dumps(body["lines"], sort_keys=True) for body in bodies}


def bytes_of(store: Path) -> str:
    """Return a digest of everything in a store, times included: equal when nothing at all has changed."""
    with sqlite3.connect(store) as base:
        return sha256("\n".join(base.iterdump()).encode()).hexdigest()
