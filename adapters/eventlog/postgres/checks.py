"""Checks of the server and of what stands before it: those that refuse to begin, and those that a doctor tells."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from adapters.dialect import Cursor
from adapters.errors import StoreUnreachable
from adapters.eventlog.postgres.place import POOLER_REMEDY, Place, reaching
from adapters.eventlog.postgres.roles import MIGRATOR, OWNER, ROLES, WRITER, named, who
from adapters.eventlog.store import Finding

_HELD = ("search_path", "lock_timeout", "idle_in_transaction_session_timeout", "plan_cache_mode", "jit")


def refuse_shared_session(place: Place, connection: Connection[TupleRow]) -> None:
    """Refuse a pooler that gives each transaction another session: settings, locks and waits would not be ours.

    It is known by the settings that we began the session with and that do not hold. Where they do hold, a pooler shows
    itself by another number of the session than the one it told at first; then two sessions are held against each other.
    """
    select = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
    kept = {str(row[0]): str(row[1]) for row in connection.execute(select, (list(_HELD),)).fetchall()}
    asked = {name: _plain(place.settings[name]) for name in _HELD}
    lost = [f"{name} is {kept.get(name)}" for name in _HELD if kept.get(name) != asked[name]]
    if lost:
        reason = f"a pooler stands before the server and drops what a session begins with: {lost[0]}"
        raise StoreUnreachable(str(place), reason, POOLER_REMEDY)
    ((number,),) = connection.execute("SELECT pg_backend_pid()").fetchall()
    connection.rollback()
    if number != connection.info.backend_pid and _are_shared(place):
        reason = "a pooler in transaction mode stands before the server: each transaction may have another session"
        raise StoreUnreachable(str(place), reason, POOLER_REMEDY)


def _plain(setting: str) -> str:
    """Return a setting as the server tells it: times in milliseconds."""
    return f"{setting.removesuffix('s')}000" if setting.removesuffix("s").isdigit() else setting


def _are_shared(place: Place) -> bool:
    """Mark one session and look whether another connection, or its own next transaction, gets another one."""
    token = uuid4().hex
    given: dict[str, object] = dict(place.connecting)
    with (
        reaching(place),
        psycopg.connect(**given, autocommit=True) as one,  # type: ignore[arg-type]  # All are texts.
        psycopg.connect(**given, autocommit=True) as other,  # type: ignore[arg-type]  # As above.
    ):
        ((first, _),) = one.execute("SELECT pg_backend_pid(), set_config('postgate.session', %s, FALSE)", (token,)).fetchall()
        with other.transaction():
            ((second, mark),) = other.execute("SELECT pg_backend_pid(), current_setting('postgate.session', TRUE)").fetchall()
            if mark == token or second == first:
                return True
            ((now,),) = one.execute("SELECT pg_backend_pid()").fetchall()
            return bool(now != first)


def findings(place: Place, cursor: Cursor) -> list[Finding]:
    """Return what a doctor tells of the server, beside what would have refused to begin."""
    return [_version(cursor), _checksums(cursor), _role(place, cursor)]


def _version(cursor: Cursor) -> Finding:
    cursor.execute("SELECT current_setting('server_version'), (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())")
    ((version, is_encrypted),) = cursor.fetchall()
    return Finding("server", f"PostgreSQL {version}, {'TLS' if is_encrypted else 'without TLS'}")


def _checksums(cursor: Cursor) -> Finding:
    """Say whether a page that rotted on the disk is noticed when it is read.

    Not refused: it can only be turned on while the server is stopped, before version 18 a new server has it off, and a
    record that rotted is found by `postgate verify` all the same, by its chain. Indexes and views are not.
    """
    cursor.execute("SELECT current_setting('data_checksums')")
    found = str(cursor.fetchall()[0][0])
    advice = "" if found == "on" else "damage on the disk is noticed late: stop the server and run pg_checksums --enable"
    return Finding("data checksums", found, advice)


def _role(place: Place, cursor: Cursor) -> Finding:
    user = who(cursor)
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    is_free = bool(cursor.fetchall()[0][0])
    cursor.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(?) AND pg_has_role(current_user, oid, 'MEMBER') ORDER BY rolname",
        ([named(place, role) for role in ROLES],),
    )
    groups = [str(row[0]) for row in cursor.fetchall()]
    found = f"{user}, a superuser" if is_free else f"{user}, a member of {', '.join(groups) or 'no role of ours'}"
    too_free = is_free or {named(place, OWNER), named(place, MIGRATOR)} & set(groups)
    advice = f"it may take the guards down: run as a member of {named(place, WRITER)} only"
    return Finding("role", found, advice if too_free else "")
