"""Places: what a PostgreSQL URL names, what it must not leave open, and how a connection there is set up."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from adapters.cells import is_schema
from adapters.errors import NotFound, StoreUnreachable

SCHEMA = "postgate"
CONNECT_TIMEOUT_S = 10
IDLE_IN_TRANSACTION_S = 300
POOL_SIZE = 2
POOLER_REMEDY = "connect to the server itself, or through a pooler in session mode that passes on what a session begins with"
_REMEDIES = (
    ("root certificate file", "name the file of the authority's certificate: sslrootcert=FILE in the URL, or PGSSLROOTCERT"),
    ("does not match host name", "write the name that stands in the server's certificate as the host of the URL"),
    ("certificate", "name the authority that signed the server's certificate: sslrootcert=FILE in the URL, or PGSSLROOTCERT"),
    ("does not support ssl", "set ssl = on on the server, with a certificate for its name"),
    ("unsupported startup parameter", POOLER_REMEDY),
    ("password authentication failed", "check user and password of the URL, or PGUSER and PGPASSWORD"),
    ("no password supplied", "give the password in PGPASSWORD or a password file"),
    ("does not exist", "check the names of database and role; an administrator creates them"),
    ("refused", "start the server, or check host and port"),
    ("couldn't get a connection", "look whether the server is up and has connections left"),
    ("could not translate", "check the name of the host"),
    ("failed to resolve", "check the name of the host"),
    ("permission denied", "an administrator grants the role for it, SCHEMA_reader, SCHEMA_writer or SCHEMA_auditor"),
    ("lock timeout", "another process writes to the store; wait for it, or stop it"),
    ("no space left", "free some space on the server's disk; nothing of the batch was recorded"),
    ("free disk space", "free some space on the server's disk; nothing of the batch was recorded"),
    ("invalid page", "a page on the server's disk is damaged: restore the server from a backup"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: what the driver needs to get there, and the schema; as text it never shows a password."""

    parameters: Mapping[str, str]
    schema: str
    pool_size: int = POOL_SIZE
    lock_timeout_s: int = 60

    def __str__(self) -> str:
        host, port = self.parameters.get("host", "localhost"), self.parameters.get("port", "5432")
        return f"{host}:{port}/{self.parameters.get('dbname', '')}?schema={self.schema}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of every session: only our schema, no transaction that waits or lingers forever, fresh plans."""
        return {
            "search_path": self.schema,
            "lock_timeout": f"{self.lock_timeout_s}s",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s",
            "default_transaction_isolation": r"read\ committed",
            # A plan made while a table was empty would be kept while it grows.
            "plan_cache_mode": "force_custom_plan",
            "jit": "off",
        }

    @property
    def options(self) -> str:
        """Those settings, after what the URL says, as the server is told them."""
        own = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        return f"{self.parameters.get('options', '')} {own}".strip()

    @property
    def connecting(self) -> dict[str, str]:
        """What the driver is given."""
        return {
            "connect_timeout": str(CONNECT_TIMEOUT_S),
            "application_name": "postgate",
            "client_encoding": "UTF8",
            **self.parameters,
            "options": self.options,
        }


def place(url: str, *, lock_timeout_s: int = 60, environment: Mapping[str, str] = os.environ) -> Place:
    """Return the place that a URL names. Raises NotFound or StoreUnreachable for one that is unclear or unsafe."""
    before, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    schema, pool = options.pop("schema", SCHEMA), options.pop("pool_size", str(POOL_SIZE))
    try:
        found = conninfo_to_dict(f"{before}?{urlencode(options, quote_via=quote)}")
    except psycopg.ProgrammingError as error:
        raise NotFound(f"{url.partition(':')[0]}://…", f"is not the URL of a store: {str(error).strip()}", _FORM) from error
    known = {name: str(value) for name, value in found.items() if value is not None}
    made = replace(Place({"dbname": "", **known}, schema), lock_timeout_s=lock_timeout_s)
    if not known.get("dbname"):
        raise NotFound(str(made), "the URL names no database", _FORM)
    if not is_schema(schema):
        remedy = "write up to 54 small letters, digits and _, such as postgate"
        raise NotFound(str(made), f"{schema!r} is not the name of a schema", remedy)
    if not pool.isascii() or not pool.isdigit() or not 2 <= int(pool) <= 100:
        reason = f"a pool of {pool} connections stalls when one of them listens"
        raise StoreUnreachable(str(made), reason, "write pool_size=2 or more, up to 100")
    _refuse_unsafe(made, environment)
    return replace(made, pool_size=int(pool))


_FORM = "write postgresql://USER@HOST:PORT/DATABASE?schema=postgate"


def _refuse_unsafe(made: Place, environment: Mapping[str, str]) -> None:
    if environment.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").lower() not in ("", "0", "n", "no", "f", "false", "off"):
        reason = "POSTGRES_ENABLE_DB_FUNCTIONS is set; it writes without the lock, and readers lose records"
        raise StoreUnreachable(str(made), reason, "unset it")
    mode = made.parameters.get("sslmode") or environment.get("PGSSLMODE") or "prefer"
    names = (("host", "PGHOST"), ("hostaddr", "PGHOSTADDR"))
    hosts = [made.parameters.get(name) or environment.get(known, "") for name, known in names]
    if mode != "verify-full" and not all(_is_here(host) for listed in hosts for host in listed.split(",")):
        reason = f"the server is on another machine and sslmode is {mode}, so nobody knows who answers"
        raise StoreUnreachable(str(made), reason, "write sslmode=verify-full in the URL, or set PGSSLMODE")


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def connected(place: Place) -> Iterator[psycopg.Connection[TupleRow]]:
    """Open one connection and one transaction of its own, outside the pool, so that what is wrong is said at once."""
    with reaching(place), psycopg.connect(**place.connecting) as connection:  # type: ignore[arg-type]  # All are texts.
        yield connection


@contextmanager
def reaching(place: Place) -> Iterator[None]:
    """Turn what the driver says into one error with the place and a remedy."""
    try:
        yield
    except psycopg.Error as error:
        raise unreachable(place, str(error)) from error


def unreachable(place: Place, said: str) -> StoreUnreachable:
    """Return the error for what a server or the driver said: one line, and what to do."""
    line = " ".join(said.split())
    password = place.parameters.get("password")
    line = line.replace(password, "…") if password else line
    remedy = next((remedy for sign, remedy in _REMEDIES if sign in line.lower()), "check the server and its log")
    return StoreUnreachable(str(place), line, remedy.replace("SCHEMA_", f"{place.schema}_"))
