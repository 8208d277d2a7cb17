"""The schema of a store on PostgreSQL: what is made once, what is checked at every start, and that history never changes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from adapters.dialect import POSTGRES, Cursor
from adapters.errors import StoreUnreachable, StoreVersion
from adapters.eventlog.postgres.place import Place
from adapters.eventlog.postgres.recorder import Cells, Recorder, lock_key
from adapters.eventlog.postgres.roles import HISTORY, become_owner, overgranted, refuse_other_owner, refuse_stranger
from adapters.eventlog.tables import NOTES, facts_of, note_facts, stale_views
from adapters.viewstore import SqlViews

SERVER_MIN = 140_000
_TEXT = 'TEXT COLLATE "C"'
_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: history is never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
STATEMENTS = (
    # Streams are found by exact name, so the language of the database has no say in their order.
    f"ALTER TABLE stored_events ALTER COLUMN originator_id TYPE {_TEXT}, ALTER COLUMN topic SET NOT NULL, "
    "ALTER COLUMN state SET NOT NULL, ALTER COLUMN notification_id DROP DEFAULT",
    "DROP SEQUENCE IF EXISTS stored_events_notification_id_seq",
    f"CREATE TABLE meta (name {_TEXT} PRIMARY KEY, value TEXT NOT NULL)",
    f"CREATE TABLE receipts (source {_TEXT} NOT NULL, position BIGINT NOT NULL, verdict TEXT NOT NULL, code TEXT NOT NULL, "
    f"digest BYTEA NOT NULL, message_key BYTEA NOT NULL, book {_TEXT} NOT NULL, PRIMARY KEY (source, position))",
    "CREATE UNIQUE INDEX receipts_accepted ON receipts (message_key) WHERE verdict = 'ACCEPTED'",
    f"CREATE TABLE gaps (source {_TEXT} NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, why TEXT NOT NULL, "
    "PRIMARY KEY (source, first))",
    f"CREATE TABLE chain (position BIGINT PRIMARY KEY, book {_TEXT} NOT NULL, sequence BIGINT NOT NULL, leaf BYTEA NOT NULL, "
    "link BYTEA NOT NULL, UNIQUE (book, sequence))",
    f"CREATE TABLE heads (book {_TEXT} PRIMARY KEY, log TEXT NOT NULL, sequence BIGINT NOT NULL, link BYTEA NOT NULL)",
    NOTES.format(text=_TEXT),
    _FUNCTION,
    *(
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} EXECUTE FUNCTION refuse_change()"
        for name in HISTORY
    ),
    # Also for a session that says it is a replica.
    *(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_append_only" for name in HISTORY),
)
CHECKSUM = sha256("\n".join(STATEMENTS).encode()).hexdigest()


def make(place: Place, connection: Connection[TupleRow], recorder: Recorder) -> tuple[bool, Mapping[str, str]]:
    """Create what is missing, once, whoever else tries; return whether it was made now, and the facts.

    From here to the end of the transaction the connection acts as the owner of the schema.
    """
    cursor = Cells(connection.cursor())
    cursor.execute("SELECT pg_advisory_xact_lock(?)", (lock_key(place.schema, "migrate"),))
    cursor.execute("SELECT pg_advisory_xact_lock(?)", (lock_key(place.schema),))
    refuse_unsafe_server(place, cursor)
    tables = _tables(place, cursor)
    if tables and "meta" not in tables:
        remedy = "name another schema: ?schema=NAME; Postgate keeps one of its own"
        raise StoreVersion(str(place), "the schema has tables of something else", remedy)
    become_owner(place, connection)
    refuse_other_owner(place, cursor)
    if not tables:
        recorder._create_table(connection.cursor(row_factory=dict_row))
        for statement in STATEMENTS:
            cursor.execute(statement)
        SqlViews(cursor, dialect=POSTGRES).create()
        note_facts(cursor, {"checksum": CHECKSUM})
    return not tables, _facts(place, cursor)


def deployment(place: Place, connection: Connection[TupleRow]) -> str:
    """Check the server and the schema, and return the store's identity. Raises StoreUnreachable or StoreVersion."""
    cursor = Cells(connection.cursor())
    refuse_unsafe_server(place, cursor)
    tables = _tables(place, cursor)
    if "meta" not in tables:
        reason = "is not a Postgate store yet" if not tables else "the schema has tables of something else"
        raise StoreVersion(str(place), reason, "create it with the same --store: postgate migrate")
    refuse_stranger(place, cursor)
    facts = _facts(place, cursor)
    stale = [view.name for view in stale_views(facts)]
    if stale:
        told = f"has views of another version: {', '.join(stale)}"
        raise StoreVersion(str(place), told, "run postgate migrate; it rebuilds them")
    return facts["deployment"]


def durability(cursor: Cursor) -> tuple[str, str]:
    """Return how commits reach the disk, and what to do when a power cut may lose them."""
    found = {}
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        cursor.execute("SELECT current_setting(?)", (name,))
        found[name] = str(cursor.fetchall()[0][0])
    safe = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_write", "remote_apply")}
    wrong = [name for name, value in found.items() if value not in safe[name]]
    remedy = f"a power cut may lose commits: set {' and '.join(f'{name} = on' for name in wrong)} on the server" if wrong else ""
    return ", ".join(f"{name} {value}" for name, value in found.items()), remedy


def unguarded(place: Place, cursor: Cursor) -> list[str]:
    """Return what no longer keeps history from being changed: a trigger gone, disabled or calling something else, a grant."""
    cursor.execute(
        "SELECT c.relname, t.tgenabled, p.prosrc, pg_get_triggerdef(t.oid) FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE n.nspname = ? AND t.tgname = c.relname || '_append_only'",
        (place.schema,),
    )
    kept = {str(row[0]): (str(row[1]), str(row[2]).strip(), str(row[3])) for row in cursor.fetchall()}
    body, when = _FUNCTION.partition("$$")[2].rpartition("$$")[0].strip(), "BEFORE DELETE OR UPDATE OR TRUNCATE"
    sound = {name for name, (enabled, does, told) in kept.items() if (enabled, does) == ("A", body) and when in told}
    told = "nothing keeps {0} from being changed: trigger {0}_append_only is not as it was made"
    return [*(told.format(name) for name in HISTORY if name not in sound), *overgranted(place, cursor)]


def refuse_unsafe_server(place: Place, cursor: Cursor) -> None:
    """Refuse a server that is too old, cannot be written, or may lose what it has committed."""
    cursor.execute("SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('server_encoding')")
    ((version, replica, encoding),) = cursor.fetchall()
    if version < SERVER_MIN:
        raise StoreUnreachable(str(place), f"the server is of version {version // 10_000}", "use PostgreSQL 14 or later")
    if replica:
        raise StoreUnreachable(str(place), "the server is a replica and cannot be written", "name the primary server")
    if encoding != "UTF8":
        raise StoreUnreachable(str(place), f"the database keeps text as {encoding}", "create one with ENCODING 'UTF8'")
    found, remedy = durability(cursor)
    if remedy:
        raise StoreUnreachable(str(place), found, remedy)


def _tables(place: Place, cursor: Cursor) -> set[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = ?", (place.schema,))
    return {str(row[0]) for row in cursor.fetchall()}


def _facts(place: Place, cursor: Cursor) -> dict[str, str]:
    facts = facts_of(str(place), cursor)
    if facts.get("checksum") != CHECKSUM:
        reason = "its tables were made by other statements than those of this release"
        raise StoreVersion(str(place), reason, "use the release that made it, or name another schema: ?schema=NAME")
    return facts
