"""Notes: what a store remembers about what was published, and to which cluster; it is no history, and survives restarts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.announcing import Message
from adapters.dialect import Cursor
from adapters.eventlog.store import Store
from adapters.kafka.topics import Found

_ADVANCED = (
    "INSERT INTO notes (name, number, text) VALUES (?,?,?) "
    "ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text WHERE notes.number <= excluded.number"
)
_KEPT = "INSERT INTO notes (name, number, text) VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET text = excluded.text"


@dataclass(frozen=True, slots=True)
class Told:
    """How far the log was told, and the link of the hash chain there; empty where nobody noted it."""

    position: int
    link: str


def noted_position(log: Store, cluster: str) -> Told:
    """Return how far the store has noted that it was told to a cluster."""
    with log.querying() as cursor:
        kept = _note(cursor, f"published:{cluster}")
    return Told(*kept) if kept else Told(0, "")


def told_clusters(log: Store) -> set[str]:
    """Return the ids of the clusters to which a store was told."""
    with log.querying() as cursor:
        cursor.execute("SELECT name FROM notes WHERE name LIKE 'published:%'")
        return {str(row[0]).removeprefix("published:") for row in cursor.fetchall()}


def note_position(log: Store, cluster: str, told: Told) -> None:
    """Note how far the log was told; never less than is noted, because a publisher that froze may come back late."""
    with log.noting() as cursor:
        cursor.execute(_ADVANCED, (f"published:{cluster}", told.position, told.link))


def note_too_large(log: Store, cluster: str, messages: Sequence[Message]) -> None:
    """Note messages that the broker does not take, before anything that follows them is published."""
    with log.noting() as cursor:
        for message in messages:
            told = f"{message.topic} {message.source} {message.id}: {len(message.value):,} bytes"
            cursor.execute(_KEPT, (f"unsent:{cluster}/{message.position}", message.position, told))


def too_large(log: Store, cluster: str) -> Mapping[int, str]:
    """Return the messages that the broker did not take, by position."""
    with log.querying() as cursor:
        cursor.execute("SELECT number, text FROM notes WHERE name LIKE ? ORDER BY number", (f"unsent:{cluster}/%",))
        return {int(row[0]): str(row[1]) for row in cursor.fetchall()}


def forget_too_large(log: Store, cluster: str, positions: Sequence[int]) -> None:
    """Strike off messages that the broker has taken after all."""
    with log.noting() as cursor:
        for position in positions:
            cursor.execute("DELETE FROM notes WHERE name = ?", (f"unsent:{cluster}/{position}",))


def noted_topics(log: Store, cluster: str, names: Iterable[str]) -> Mapping[str, tuple[int, str]]:
    """Return partitions and id of topics as they were when they were first written to, by name."""
    with log.querying() as cursor:
        kept = {name: _note(cursor, f"partitions:{cluster}/{name}") for name in names}
    return {name: note for name, note in kept.items() if note is not None}


def note_topics(log: Store, cluster: str, topics: Sequence[Found]) -> None:
    """Note topics as they are written to from now on."""
    # Nothing is read before: on SQLite, who reads first and writes then may find that another has written meanwhile.
    if topics:
        with log.noting() as cursor:
            for topic in topics:
                cursor.execute(_KEPT, (f"partitions:{cluster}/{topic.name}", topic.partitions, topic.id))


def _note(cursor: Cursor, name: str) -> tuple[int, str] | None:
    cursor.execute("SELECT number, text FROM notes WHERE name = ?", (name,))
    row = cursor.fetchone()
    return (int(row[0]), str(row[1])) if row else None
