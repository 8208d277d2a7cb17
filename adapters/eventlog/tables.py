"""The tables of a SQLite store: what they are, which version they have, and that history in them never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from adapters.dialect import Cursor, Dialect
from adapters.errors import StoreVersion
from adapters.viewstore import SqlViews
from projections.projection import AnyView
from projections.views import VIEWS

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Migration:
    """What creating or upgrading a store did."""

    created: bool
    rebuilt: tuple[str, ...]


NOTES = "CREATE TABLE notes (name {text} PRIMARY KEY, number BIGINT NOT NULL, text TEXT NOT NULL)"
"""What workers keep for themselves between runs: how far they told the world, what they have in hand. It is no history."""
_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE receipts (source TEXT NOT NULL, position INTEGER NOT NULL, verdict TEXT NOT NULL, code TEXT NOT NULL, "
    "digest BLOB NOT NULL, message_key BLOB NOT NULL, book TEXT NOT NULL, PRIMARY KEY (source, position)) WITHOUT ROWID",
    "CREATE UNIQUE INDEX receipts_accepted ON receipts (message_key) WHERE verdict = 'ACCEPTED'",
    "CREATE TABLE gaps (source TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, why TEXT NOT NULL, "
    "PRIMARY KEY (source, first)) WITHOUT ROWID",
    "CREATE TABLE chain (position INTEGER PRIMARY KEY, book TEXT NOT NULL, sequence INTEGER NOT NULL, leaf BLOB NOT NULL, "
    "link BLOB NOT NULL, UNIQUE (book, sequence))",
    "CREATE TABLE heads (book TEXT PRIMARY KEY, log TEXT NOT NULL, sequence INTEGER NOT NULL, link BLOB NOT NULL) WITHOUT ROWID",
    NOTES.format(text="TEXT"),
)
_APPEND_ONLY = ("stored_events", "receipts", "gaps", "chain")


def create_tables(cursor: Cursor) -> None:
    """Create what is ours beside the library's tables, and note the versions."""
    for statement in _TABLES:
        cursor.execute(statement)
    for name in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            message = f"{name} is append-only: history is never changed"
            body = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            cursor.execute(f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {name} {body}")
    SqlViews(cursor).create()
    note_facts(cursor)


def unguarded(cursor: Cursor) -> list[str]:
    """Return the triggers that keep history from being changed and are not as they were made."""
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    kept = {str(row[0]): str(row[1]) for row in cursor.fetchall()}
    wanted = [(f"{table}_{verb.lower()}", table, verb) for table in _APPEND_ONLY for verb in ("UPDATE", "DELETE")]
    return [
        f"nothing keeps {table} from {verb}: trigger {name} is not as it was made"
        for name, table, verb in wanted
        if not kept.get(name, "").startswith(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT,")
    ]


def note_facts(cursor: Cursor, more: Mapping[str, str] | None = None) -> None:
    """Note the versions of a store that was just made, its identity, and what else it should say of itself."""
    facts = {"schema_version": str(SCHEMA_VERSION), "deployment": uuid4().hex, **(more or {})}
    facts.update({f"view:{view.name}": str(view.version) for view in VIEWS})
    cursor.executemany("INSERT INTO meta VALUES (?,?)", list(facts.items()))


def remake_views(cursor: Cursor, dialect: Dialect, views: Sequence[AnyView]) -> None:
    """Give views of another version the shape of this release, empty, and note their version."""
    for view in views:
        SqlViews(cursor, views, dialect=dialect).remake(view)
    noted = [(f"view:{view.name}", str(view.version)) for view in views]
    cursor.executemany("INSERT INTO meta VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", noted)


def facts_of(path: str, cursor: Cursor) -> dict[str, str]:
    """Return what the store says of itself. Raises StoreVersion when this release does not read it."""
    cursor.execute("SELECT name, value FROM meta")
    kept = {str(row[0]): str(row[1]) for row in cursor.fetchall()}
    version = kept.get("schema_version")
    if version != str(SCHEMA_VERSION):
        message = f"is a store of version {version}, this release reads version {SCHEMA_VERSION}"
        raise StoreVersion(path, message, "upgrade Postgate, or run postgate migrate with the newer release")
    return kept


def refuse_another_release(path: str, cursor: Cursor) -> None:
    """Refuse to write where a newer release has migrated the store since it was opened: our views would not be its views."""
    stale = [view.name for view in stale_views(facts_of(path, cursor))]
    if stale:
        told = f"was migrated by another release meanwhile, which has other views: {', '.join(stale)}"
        raise StoreVersion(path, told, "end this process, and start the release that migrated it")


def stale_views(kept: Mapping[str, str]) -> list[AnyView]:
    """Return the views that this release folds in another way than the store has them."""
    return [view for view in VIEWS if kept.get(f"view:{view.name}") != str(view.version)]
