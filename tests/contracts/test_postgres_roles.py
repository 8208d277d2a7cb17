"""Roles: the user who runs the engine can append and nothing else, whoever made the roles, and says what is missing."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from adapters.auditing import verify
from adapters.errors import StoreUnreachable
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.postgres.roles import GRANTS, HISTORY, ROLES
from adapters.ingest import Ingester
from adapters.operator import Operator
from adapters.reconciliation import reconcile
from projections.documents import DOCUMENTS
from projections.views import VIEWS
from tests.contracts.batches import run, write
from tests.properties.messages import SHOP, credit_note, invoice, payment, void
from tests.properties.shop import NOW
from tests.servers import PASSWORD, Server
from tests.stories.command import ROOT

pytestmark = pytest.mark.postgres
ROLES_BY_HAND = ROOT / "deploy" / "sql" / "roles.sql"
STORY = (*SHOP, invoice(), invoice("i2", (500,)), payment(paid={"i1": 1200}), invoice("i3", customer="c9"), void("i2"), b"{")
UPDATES = {
    "stored_events": "state = ''",
    "receipts": "verdict = 'STALE'",
    "gaps": "why = 'DECLARED'",
    "chain": "link = ''",
}


def schema_of(place: str) -> str:
    """Return the schema of a URL."""
    return place.partition("schema=")[2]


def as_user(place: str, user: str) -> str:
    """Return the URL of the same store for another user."""
    return place.replace("//postgres:", f"//{user}:")


def refused(place: str, user: str, statements: list[str]) -> list[str]:
    """Return the statements that a user is refused for want of a right."""
    found = []
    options = f"-c search_path={schema_of(place)}"
    with psycopg.connect(as_user(place, user).partition("?")[0], autocommit=True, options=options) as connection:
        for statement in statements:
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                found.append(statement)
    return found


def test_append_only_role_can_append(postgres: Server, place: str) -> None:
    """A member of the writers takes in a whole story, acts, rebuilds and keeps notes, and can change no history."""
    PostgresLog.migrate(place)
    user = postgres.user(f"IN ROLE {schema_of(place)}_writer")
    log = PostgresLog(as_user(place, user))
    Ingester(log, now=lambda: NOW).ingest("till", enumerate(STORY, 1))
    operator = Operator(log, now=lambda: NOW)
    assert operator.unlink("shop", "c1").is_news
    with log.noting() as cursor:
        cursor.execute("INSERT INTO notes VALUES ('published', 7, '')")
        cursor.execute("UPDATE notes SET number = 8")
        cursor.execute("DELETE FROM notes")
    with log.writing() as writing:
        writing.rebuild(list(VIEWS))
    assert (verify(log).faults, reconcile(log).faults) == ([], [])
    with log.reading() as views:
        states = {row.document: row.state for row in views.find(DOCUMENTS) if row.kind == "INVOICE"}
    assert states == {"i1": "POSTED", "i2": "REVERSED", "i3": "REQUIRES_ATTENTION"}
    log.close()
    changes = [f"UPDATE {name} SET {change}" for name, change in UPDATES.items()]
    changes += [f"{verb} {name}" for name in HISTORY for verb in ("DELETE FROM", "TRUNCATE", "DROP TABLE")]
    changes += [f"ALTER TABLE {name} DISABLE TRIGGER {name}_append_only" for name in HISTORY]
    changes += ["UPDATE meta SET value = ''", "DELETE FROM meta", "DELETE FROM heads", "DELETE FROM tracking", "DROP TABLE notes"]
    changes += ["CREATE TABLE more (x int)", f"SET ROLE {schema_of(place)}_owner", "TRUNCATE view_documents"]
    assert refused(place, user, changes) == changes


def test_even_the_owner_may_not_change_history(postgres: Server, place: str) -> None:
    """A migrator acting as the owner has no right to, and one who takes the right meets the trigger; verify names it."""
    log = PostgresLog.create(place)
    write(log, run("shop", 2))
    user, schema = postgres.user(f"IN ROLE {schema_of(place)}_migrator"), schema_of(place)
    options = f"-c search_path={schema}"
    with psycopg.connect(as_user(place, user).partition("?")[0], autocommit=True, options=options) as connection:
        connection.execute(f"SET ROLE {schema}_owner".encode())
        for statement in (b"UPDATE stored_events SET state = ''", b"DELETE FROM chain", b"TRUNCATE receipts, gaps"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute(f"GRANT DELETE ON chain TO {schema}_owner".encode())
        with pytest.raises(psycopg.errors.RestrictViolation, match="chain is append-only"):
            connection.execute(b"DELETE FROM chain")
    assert list(log.unguarded()) == [
        f"{schema}_owner was given DELETE on chain, which is never changed: REVOKE DELETE ON {schema}.chain FROM {schema}_owner"
    ]
    log.close()
    PostgresLog.create(place).close()
    assert list(PostgresLog(place).unguarded()) == []


def test_each_role_may_do_what_it_is_for(postgres: Server, place: str) -> None:
    """What each role may do on each table is what the table of grants says, and nothing else."""
    PostgresLog.migrate(place)
    schema, rights = schema_of(place), ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    with postgres.connect() as connection:
        tables = [str(row[0]) for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,))]
        assert len(tables) == len(VIEWS) + 8
        for role in ("writer", "reader", "auditor"):
            for name in tables:
                select = "SELECT w FROM unnest(%s::text[]) AS w WHERE has_table_privilege(%s, %s, w)"
                found = connection.execute(select, (list(rights), f"{schema}_{role}", f"{schema}.{name}")).fetchall()
                assert {row[0] for row in found} == set(GRANTS[role].get(name, ())), (role, name)
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
        assert owners == [(f"{schema}_owner",)]
        names = [f"{schema}_{role}" for role in ROLES]
        assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = ANY(%s) AND rolcanlogin", (names,)).fetchall() == []


def test_a_reader_looks_and_is_told_why_it_cannot_write(postgres: Server, place: str) -> None:
    """It opens and reads; before the first batch it is told its own name, what it lacks, and the grant to run."""
    kept = PostgresLog.create(place)
    write(kept, run("shop", 2))
    kept.close()
    schema = schema_of(place)
    user = postgres.user(f"IN ROLE {schema}_reader")
    log = PostgresLog(as_user(place, user))
    assert (log.head(), len(log.read(0, 10))) == (2, 2)
    with log.reading() as views:
        assert list(views.find(DOCUMENTS)) == []
    for opening in (log.writing, log.noting):
        with pytest.raises(StoreUnreachable) as told, opening():
            raise AssertionError("a reader writes")
        assert told.value.reason.startswith(f"{user} may not write to the store: it lacks INSERT on stored_events and ")
        assert told.value.remedy == f'an administrator runs: GRANT {schema}_writer TO "{user}"'
        assert told.value.exit_code == 4
    with pytest.raises(StoreUnreachable, match=f"permission denied for table chain; .*{schema}_auditor"):
        verify(log)
    log.close()


def test_an_auditor_verifies_and_changes_nothing(postgres: Server, place: str) -> None:
    """Everything is open to the auditor's eyes."""
    kept = PostgresLog.create(place)
    Ingester(kept, now=lambda: NOW).ingest("till", enumerate((*STORY, credit_note("n1", (100,), original="i1")), 1))
    kept.close()
    user = postgres.user(f"IN ROLE {schema_of(place)}_auditor")
    log = PostgresLog(as_user(place, user))
    assert (verify(log).faults, reconcile(log).faults) == ([], [])
    log.close()
    changes = [f"INSERT INTO {name} DEFAULT VALUES" for name in (*HISTORY, "notes", "view_documents")]
    assert refused(place, user, changes) == changes


def test_a_stranger_is_told_which_roles_there_are(postgres: Server, place: str) -> None:
    """A user without any right learns what to ask for, not that a table is missing."""
    PostgresLog.migrate(place)
    schema, user = schema_of(place), postgres.user()
    with pytest.raises(StoreUnreachable) as told:
        PostgresLog(as_user(place, user))
    asked = f'an administrator runs: GRANT {schema}_reader TO "{user}" to look, or {schema}_writer to write'
    assert (told.value.reason, told.value.remedy) == (f"{user} may not read the store", asked)


def test_a_user_that_may_make_roles_migrates(postgres: Server, place: str) -> None:
    """No superuser is needed: CREATEROLE and CREATE on the database are enough, and the owner owns all of it."""
    user, schema = postgres.user("CREATEROLE"), schema_of(place)
    with pytest.raises(StoreUnreachable, match=f"{user} may not create the schema; .*GRANT CREATE ON DATABASE"):
        PostgresLog.migrate(as_user(place, user))
    with postgres.connect() as connection:
        connection.execute(f"GRANT CREATE ON DATABASE postgres TO {user}".encode())
    assert PostgresLog.migrate(as_user(place, user)).created
    with postgres.connect() as connection:
        found = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    assert found == [(f"{schema}_owner",)]
    assert not PostgresLog.migrate(as_user(place, user)).created


def by_hand(postgres: Server, schema: str) -> None:
    """Run the file for administrators, twice."""
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{postgres.port}/postgres"
    for _ in range(2):
        command = [str(postgres.programs / "psql"), "-X", "-q", "-v", f"schema={schema}", "-f", str(ROLES_BY_HAND), url]
        done = subprocess.run(command, capture_output=True, check=True)
        assert (done.stdout, done.stderr) == (b"", b"")


def catalogue(postgres: Server, schema: str) -> list[object]:
    """Return all that the server knows of a cell's roles and rights, with the cell's name left out."""
    questions = (
        "SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolcreaterole FROM pg_roles "
        "WHERE rolname ~ ('^' || %s || '_') ORDER BY 1",
        "SELECT m.roleid::regrole, m.member::regrole, m.admin_option FROM pg_auth_members m "
        "WHERE m.roleid::regrole::text ~ ('^' || %s || '_') ORDER BY 1, 2",
        "SELECT nspname, nspowner::regrole, nspacl FROM pg_namespace WHERE nspname = %s",
        "SELECT relname, relowner::regrole, relacl FROM pg_class WHERE relnamespace = to_regnamespace(%s) ORDER BY 1",
    )
    with postgres.connect() as connection:
        found = [connection.execute(question.encode(), (schema,)).fetchall() for question in questions]
    return [str(rows).replace(schema, "CELL") for rows in found]


def test_roles_made_by_hand_are_those_of_migrate(postgres: Server, place: str) -> None:
    """A user who is only a migrator says what is missing before, and makes after it the very store that a superuser makes."""
    schema = schema_of(place)
    user = postgres.user()
    with pytest.raises(StoreUnreachable) as told:
        PostgresLog.migrate(as_user(place, user))
    names = ", ".join(f"{schema}_{role}" for role in ROLES)
    assert told.value.reason == f"the roles {names} are missing, and {user} may not create roles"
    asked = f"an administrator makes the roles first: psql -v schema={schema} -f deploy/sql/roles.sql"
    assert (told.value.remedy, told.value.exit_code) == (asked, 4)
    by_hand(postgres, schema)
    with pytest.raises(StoreUnreachable) as told:
        PostgresLog.migrate(as_user(place, user))
    assert (told.value.reason, told.value.remedy) == (
        f"{user} may not act as {schema}_owner",
        f'an administrator grants it: GRANT {schema}_migrator TO "{user}"',
    )
    with postgres.connect() as connection:
        connection.execute(f"GRANT {schema}_migrator TO {user}".encode())
    assert PostgresLog.migrate(as_user(place, user)).created
    other = postgres.fresh()
    PostgresLog.migrate(other)
    with postgres.connect() as connection:
        connection.execute(f"REVOKE {schema}_migrator FROM {user}".encode())
    assert catalogue(postgres, schema) == catalogue(postgres, schema_of(other))


def test_views_made_anew_keep_their_grants(postgres: Server, place: str) -> None:
    """After a migration that changed the shape of a view its readers and writers go on."""
    PostgresLog.migrate(place)
    user = postgres.user(f"IN ROLE {schema_of(place)}_migrator")
    before = catalogue(postgres, schema_of(place))
    with postgres.connect() as connection:
        connection.execute(f"UPDATE {schema_of(place)}.meta SET value = '0' WHERE name LIKE 'view:%'".encode())
        connection.execute(f"ALTER TABLE {schema_of(place)}.view_holds ADD COLUMN older TEXT".encode())
    assert set(PostgresLog.migrate(as_user(place, user)).rebuilt) == {view.name for view in VIEWS}
    assert catalogue(postgres, schema_of(place)) == before


def test_tables_of_another_owner_are_said(postgres: Server, place: str) -> None:
    """A restore that gave the tables to somebody else is named with the statement that mends it."""
    PostgresLog.migrate(place)
    schema = schema_of(place)
    with postgres.connect() as connection:
        connection.execute(f"ALTER TABLE {schema}.chain OWNER TO postgres".encode())
        with pytest.raises(StoreUnreachable, match=f"ALTER TABLE {schema}.chain OWNER TO {schema}_owner, for each"):
            PostgresLog.migrate(place)
        empty = schema_of(postgres.fresh())
        connection.execute(f"CREATE SCHEMA {empty}".encode())
    with pytest.raises(StoreUnreachable, match=f"ALTER SCHEMA {empty} OWNER TO {empty}_owner"):
        PostgresLog.migrate(postgres.url(empty))


def test_a_doctor_is_told_of_server_and_role(postgres: Server, place: str) -> None:
    """A superuser could take the guards down, a writer could not; checksums are told, and are on by default since 18."""
    PostgresLog.migrate(place)
    schema = schema_of(place)
    user = postgres.user(f"IN ROLE {schema}_writer")
    found = {}
    for name in ("postgres", user):
        log = PostgresLog(as_user(place, name))
        found[name] = {finding.name: (finding.found, finding.advice) for finding in log.findings()}
        log.close()
    advice = f"it may take the guards down: run as a member of {schema}_writer only"
    assert found["postgres"]["role"] == ("postgres, a superuser", advice)
    assert found[user]["role"] == (f"{user}, a member of {schema}_writer", "")
    assert found[user]["server"][0].startswith("PostgreSQL ")
    kept, told = found[user]["data checksums"]
    assert (kept == "on", "pg_checksums --enable" in told) in ((True, False), (False, True))
