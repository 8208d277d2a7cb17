"""Sources: the name that a partition has in the log, and what the log remembers of the partitions it has read."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from adapters.eventlog.store import Store

_NOTE = (
    "INSERT INTO notes (name, number, text) VALUES (?,?,?) "
    "ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A partition of a topic. The id is the topic's identity: made anew under its old name, it is another source."""

    cluster: str
    topic: str
    topic_id: str
    partition: int

    def __str__(self) -> str:
        return f"kafka:{self.cluster}/{self.topic}/{self.topic_id}/{self.partition}"


def parsed(name: str) -> Source | None:
    """Return the partition that a source's name stands for, none when it is of another kind."""
    parts = name.removeprefix("kafka:").split("/")
    if not name.startswith("kafka:") or len(parts) != 4 or not parts[3].isdigit():
        return None
    return Source(parts[0], parts[1], parts[2], int(parts[3]))


def written(topic_id: UUID) -> str:
    """Return a topic's id as Kafka's own tools write it."""
    return urlsafe_b64encode(topic_id.bytes).decode().rstrip("=")


def known(store: Store) -> list[Source]:
    """Return the partitions that the store has read."""
    with store.querying() as cursor:
        cursor.execute("SELECT application_name FROM tracking WHERE application_name LIKE 'kafka:%'")
        found = [parsed(str(row[0])) for row in cursor.fetchall()]
    return [source for source in found if source is not None]


@dataclass(frozen=True, slots=True)
class Stop:
    """That a partition is not read on from a position until somebody acts, and why; it outlives the process."""

    position: int
    why: str


def stop_of(store: Store, source: str) -> Stop | None:
    """Return the stop noted for a source."""
    with store.querying() as cursor:
        cursor.execute("SELECT number, text FROM notes WHERE name = ?", (f"stopped:{source}",))
        rows = cursor.fetchall()
    return Stop(int(rows[0][0]), str(rows[0][1])) if rows and rows[0][1] else None


def note_stop(store: Store, source: str, stop: Stop) -> None:
    """Note that a partition is stopped; a stop without a reason lifts it."""
    with store.noting() as cursor:
        cursor.execute(_NOTE, (f"stopped:{source}", stop.position, stop.why))
