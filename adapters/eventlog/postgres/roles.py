"""Roles: who may do what in the schema of a cell; the owner's own hands are tied as well, and nobody may change history.

The roles are groups that no one logs in as: a login user is granted one. Their names begin with the schema's, because a
server has one list of roles for all its databases. deploy/sql/roles.sql makes the same by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, LiteralString

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Composed, Identifier

from adapters.dialect import Cursor
from adapters.errors import StoreUnreachable
from adapters.eventlog.postgres.place import Place
from adapters.viewstore import table
from projections.views import VIEWS

OWNER, MIGRATOR, WRITER, READER, AUDITOR = ROLES = ("owner", "migrator", "writer", "reader", "auditor")
HISTORY = ("stored_events", "receipts", "gaps", "chain")
"""What is appended to and never changed."""
Right = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]
_LOOK: tuple[Right, ...] = ("SELECT",)
_APPEND: tuple[Right, ...] = (*_LOOK, "INSERT")
_ADVANCE: tuple[Right, ...] = (*_APPEND, "UPDATE")
_ALL: tuple[Right, ...] = (*_ADVANCE, "DELETE")
_VIEWS = tuple(table(view) for view in VIEWS)
_TABLES = (*HISTORY, "meta", "heads", "tracking", "notes", *_VIEWS)
GRANTS: dict[str, dict[str, Sequence[Right]]] = {
    OWNER: dict.fromkeys(HISTORY, _APPEND),
    WRITER: {
        **dict.fromkeys(HISTORY, _APPEND),
        "meta": _LOOK,
        "heads": _ADVANCE,
        "tracking": _ADVANCE,
        "notes": _ALL,
        **dict.fromkeys(_VIEWS, _ALL),
    },
    # Identity, version and the list of books are what every command that looks reads first.
    READER: dict.fromkeys(("stored_events", "meta", "heads", *_VIEWS), _LOOK),
    AUDITOR: dict.fromkeys(_TABLES, _LOOK),
}
"""Role -> table -> what it may do there. What is not here is the owner's alone, such as making views anew in another shape."""


def named(place: Place, role: str) -> str:
    """Return the name of a cell's role."""
    return f"{place.schema}_{role}"


def become_owner(place: Place, connection: Connection[TupleRow]) -> None:
    """Make the roles and the schema where they are missing, and act as the owner to the end of the transaction."""
    user, is_free, may_create = _user(connection)
    missing = _missing(place, connection)
    if missing and not may_create:
        reason = f"the roles {', '.join(missing)} are missing, and {user} may not create roles"
        raise StoreUnreachable(str(place), reason, _by_hand(place))
    for role in missing:
        _create(connection, role)
    owner, migrator = named(place, OWNER), named(place, MIGRATOR)
    if not _is_member(connection, migrator, owner):
        with _permitted(place, f"{user} may not let {migrator} act as {owner}", _by_hand(place)):
            connection.execute(_said("GRANT {0} TO {1}", owner, migrator))
    if not is_free and not _may_become(connection, user, owner):
        remedy = f"an administrator grants it: GRANT {migrator} TO {_quoted(user)}"
        with _permitted(place, f"{user} may not act as {owner}", remedy):
            connection.execute(_said("GRANT {0} TO {1}", migrator, user))
    _make_schema(place, connection, user)
    connection.execute(_said("SET LOCAL ROLE {0}", owner))


def give_rights(place: Place, connection: Connection[TupleRow]) -> None:
    """Give each role just what it needs on the tables as they are now; what was given besides is taken back."""
    for role in (WRITER, READER, AUDITOR):
        connection.execute(_said("GRANT USAGE ON SCHEMA {0} TO {1}", place.schema, named(place, role)))
        _give(place, connection, role, _TABLES)
    _give(place, connection, OWNER, HISTORY)
    for name in HISTORY:
        connection.execute(_said("REVOKE ALL ON {0}.{1} FROM PUBLIC", place.schema, name))


def _give(place: Place, connection: Connection[TupleRow], role: str, tables: Sequence[str]) -> None:
    group = named(place, role)
    for name in tables:
        connection.execute(_said("REVOKE ALL ON {0}.{1} FROM {2}", place.schema, name, group))
    for name, rights in GRANTS[role].items():
        grant = _said("GRANT {rights} ON {0}.{1} TO {2}", place.schema, name, group, rights=SQL(", ").join(map(SQL, rights)))
        connection.execute(grant)


def refuse_stranger(place: Place, cursor: Cursor) -> None:
    """Refuse a user who may not even look, and say which roles there are for that."""
    cursor.execute("SELECT current_user, has_schema_privilege(?, 'USAGE')", (place.schema,))
    ((user, may_enter),) = cursor.fetchall()
    lacking = _lacking(place, cursor, {"meta": _LOOK}) if may_enter else ["USAGE on the schema"]
    if lacking:
        remedy = f"GRANT {named(place, READER)} TO {_quoted(user)} to look, or {named(place, WRITER)} to write"
        raise StoreUnreachable(str(place), f"{user} may not read the store", f"an administrator runs: {remedy}")


def refuse_reader(place: Place, cursor: Cursor) -> None:
    """Refuse a user who may look and not write, before anything is tried."""
    lacking = _lacking(place, cursor, GRANTS[WRITER])
    if lacking:
        user = who(cursor)
        reason = f"{user} may not write to the store: it lacks {lacking[0]} and {len(lacking) - 1} more rights of a writer"
        raise StoreUnreachable(str(place), reason, f"an administrator runs: GRANT {named(place, WRITER)} TO {_quoted(user)}")


def refuse_other_owner(place: Place, cursor: Cursor) -> None:
    """Refuse tables that the owner does not own, as a restore by another user leaves them."""
    owner = named(place, OWNER)
    cursor.execute("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = ? AND tableowner <> ?", (place.schema, owner))
    found = cursor.fetchall()
    if found:
        name, other = found[0]
        reason = f"{len(found)} tables, {name} among them, belong to {other} and not to {owner}"
        remedy = f"an administrator runs ALTER TABLE {place.schema}.{name} OWNER TO {owner}, for each"
        raise StoreUnreachable(str(place), reason, remedy)


def who(cursor: Cursor) -> str:
    """Return the user of a session."""
    cursor.execute("SELECT current_user")
    return str(cursor.fetchall()[0][0])


def overgranted(place: Place, cursor: Cursor) -> list[str]:
    """Return who was given a right to change history, each in a sentence."""
    cursor.execute(
        "SELECT c.relname, a.privilege_type, COALESCE(r.rolname, 'PUBLIC') FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "CROSS JOIN aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE n.nspname = ? AND c.relname = ANY(?) AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') "
        "ORDER BY 1, 2, 3",
        (place.schema, list(HISTORY)),
    )
    told = "{2} was given {1} on {0}, which is never changed: REVOKE {1} ON {3}.{0} FROM {2}"
    return [told.format(*row, place.schema) for row in cursor.fetchall()]


def _lacking(place: Place, cursor: Cursor, wanted: dict[str, Sequence[Right]]) -> list[str]:
    pairs = [(name, right) for name, rights in wanted.items() for right in rights]
    cursor.execute(
        "SELECT name, wanted FROM unnest(?::text[], ?::text[]) AS pairs(name, wanted) "
        "WHERE NOT COALESCE(has_table_privilege(to_regclass(?::text || '.' || name), wanted), FALSE)",
        ([name for name, _ in pairs], [right for _, right in pairs], place.schema),
    )
    return [f"{right} on {name}" for name, right in cursor.fetchall()]


def _user(connection: Connection[TupleRow]) -> tuple[str, bool, bool]:
    select = "SELECT rolname, rolsuper, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ((name, is_free, may_create),) = connection.execute(select).fetchall()
    return str(name), bool(is_free), bool(may_create)


def _missing(place: Place, connection: Connection[TupleRow]) -> list[str]:
    wanted = [named(place, role) for role in ROLES]
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (wanted,)).fetchall()}
    return [name for name in wanted if name not in known]


def _create(connection: Connection[TupleRow], role: str) -> None:
    """Create a group; one that migrates must say so (SET ROLE) before it acts as the owner."""
    try:
        with connection.transaction():
            connection.execute(_said("CREATE ROLE {0} NOLOGIN NOINHERIT", role))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return  # The migration of another database on this server made it just now; their lock is not ours.


def _is_member(connection: Connection[TupleRow], member: str, of: str) -> bool:
    select = "SELECT 1 FROM pg_auth_members WHERE roleid = to_regrole(%s) AND member = to_regrole(%s)"
    return connection.execute(select, (_quoted(of), _quoted(member))).fetchone() is not None


def _may_become(connection: Connection[TupleRow], user: str, role: str) -> bool:
    # Since version 16 a membership may be one that only administers; before, every member could set the role.
    kind = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
    found = connection.execute("SELECT pg_has_role(%s, %s, %s)", (user, role, kind)).fetchone()
    return bool(found and found[0])


def _make_schema(place: Place, connection: Connection[TupleRow], user: str) -> None:
    owner, schema = named(place, OWNER), place.schema
    select = "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = %s"
    there = connection.execute(select, (schema,)).fetchone()
    if there is None:
        database = place.parameters["dbname"]
        remedy = f"an administrator runs GRANT CREATE ON DATABASE {_quoted(database)} TO {_quoted(user)}, or deploy/sql/roles.sql"
        with _permitted(place, f"{user} may not create the schema", remedy):
            connection.execute(_said("CREATE SCHEMA {0} AUTHORIZATION {1}", schema, owner))
    elif there[0] != owner:
        remedy = f"an administrator runs ALTER SCHEMA {schema} OWNER TO {owner}, or name another schema: ?schema=NAME"
        raise StoreUnreachable(str(place), f"the schema belongs to {there[0]} and not to {owner}", remedy)


@contextmanager
def _permitted(place: Place, reason: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreUnreachable(str(place), reason, remedy) from error


def _by_hand(place: Place) -> str:
    return f"an administrator makes the roles first: psql -v schema={place.schema} -f deploy/sql/roles.sql"


def _said(statement: LiteralString, *names: str, **parts: Composable) -> Composed:
    return SQL(statement).format(*map(Identifier, names), **parts)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
