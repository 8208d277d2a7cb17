"""Sessions: who answers is verified, and what stands between us and the server may not take our session away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.errors import StoreUnreachable
from adapters.eventlog.postgres.log import PostgresLog
from tests.certificates import authority, signed
from tests.contracts.batches import receipt, run, write
from tests.contracts.pooler import Forgetful, pgbouncer
from tests.contracts.terminator import Terminator
from tests.servers import Server, ended, started, unprivileged

pytestmark = pytest.mark.postgres
POOLER = "connect to the server itself, or through a pooler in session mode that passes on what a session begins with"


@dataclass(frozen=True, slots=True)
class Verified:
    """Where a server answers with TLS as books.test, and the folder with the certificates of two authorities."""

    folder: Path
    port: int

    def url(self, place: str, *, by: str = "ours", host: str = "books.test") -> str:
        """Return the URL of a store under a host's name, found at this machine's address, with an authority to trust."""
        there = urlsplit(place)
        name = there._replace(netloc=f"{there.netloc.rpartition('@')[0]}@{host}:{self.port}").geturl()
        return f"{name}&hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={self.folder}/{by}.crt"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Iterator[Verified]:
    """The server behind a terminator of TLS, as the wheel's PostgreSQL was built without it."""
    folder = tmp_path_factory.mktemp("certificates")
    terminator = Terminator(postgres.port, *certified(folder))
    yield Verified(folder, terminator.port)
    terminator.close()


def certified(folder: Path) -> tuple[Path, Path]:
    """Make two authorities, and certificate and key of books.test by the first."""
    authority(folder, "others")
    return signed(folder, authority(folder, "ours"), "books.test")


def test_a_verified_server_is_used(books: Verified, place: str) -> None:
    """With the authority that signed it and its own name, on every connection of the pool."""
    log = PostgresLog.create(books.url(place))
    write(log, run("shop", 2), [receipt(1)], {"till": 1})
    assert log.head() == 2
    log.close()


@pytest.mark.parametrize(
    ("wrong", "reason", "remedy"),
    [
        ({"by": "others"}, "certificate verify failed", "name the authority that signed the server's certificate"),
        ({"by": "none"}, "root certificate file", "name the file of the authority's certificate"),
        ({"host": "localhost"}, "does not match host name", "write the name that stands in the server's certificate"),
    ],
)
def test_a_server_that_is_not_verified_is_refused(
    books: Verified, place: str, wrong: dict[str, str], reason: str, remedy: str
) -> None:
    """Another authority, none, and another name are each told apart, with what to write."""
    with pytest.raises(StoreUnreachable) as refused:
        PostgresLog.migrate(books.url(place, **wrong))
    assert (reason in refused.value.reason, refused.value.exit_code) == (True, 4)
    assert refused.value.remedy.startswith(remedy)


@pytest.mark.soak
def test_a_server_with_tls_of_its_own_is_used() -> None:
    """A PostgreSQL with ssl = on; needs one that was built with TLS, as Debian's is, so it is asked for by name."""
    server = started(built_with_tls=True)
    certificate, key = certified(server.folder)
    key.chmod(0o600)
    unprivileged(certificate, key)
    server.settings = {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}
    server.stop()
    server.start()
    books = Verified(server.folder, server.port)
    log = PostgresLog.create(books.url(server.fresh()))
    write(log, run("shop", 2), [receipt(1)], {"till": 1})
    assert next(finding.found for finding in log.findings() if finding.name == "server").endswith(", TLS")
    log.close()
    for wrong, reason in (({"by": "others"}, "certificate verify failed"), ({"host": "localhost"}, "does not match host name")):
        with pytest.raises(StoreUnreachable, match=reason):
            PostgresLog.migrate(books.url(server.fresh(), **wrong))
    ended(server)


def test_a_server_without_tls_is_refused_where_it_is_asked_for(postgres: Server, place: str, tmp_path: Path) -> None:
    """The remedy is on the server's side."""
    authority(tmp_path, "ours")
    with pytest.raises(StoreUnreachable, match=r"does not support SSL.*; set ssl = on on the server"):
        PostgresLog.migrate(Verified(tmp_path, postgres.port).url(place))


def test_a_pooler_that_drops_what_a_session_begins_with_is_refused(postgres: Server, place: str) -> None:
    """Our schema, lock time-out and plans would be somebody else's, so nothing is begun, neither to open nor to make."""
    PostgresLog.migrate(place)
    proxy = Forgetful(postgres.port)
    for opening in (PostgresLog, PostgresLog.migrate):
        with pytest.raises(StoreUnreachable, match="a pooler stands before the server and drops") as refused:
            opening(place.replace(f":{postgres.port}/", f":{proxy.port}/"))
        assert (refused.value.remedy, refused.value.exit_code) == (POOLER, 4)
    proxy.close()


@pytest.mark.soak
@pytest.mark.parametrize(
    ("mode", "more", "reason"),
    [
        ("transaction", (), "unsupported startup parameter"),
        ("transaction", ("ignore_startup_parameters = options",), "drops what a session begins with"),
    ],
)
def test_a_real_pooler_in_the_way_is_refused(postgres: Server, place: str, mode: str, more: tuple[str, ...], reason: str) -> None:
    """A pgbouncer in another mode than session is told with the same remedy; needs pgbouncer, so it is asked for by name."""
    PostgresLog.migrate(place)
    user = postgres.user(f"IN ROLE {place.partition('schema=')[2]}_writer")
    with pgbouncer(postgres, user, mode, *more) as port, pytest.raises(StoreUnreachable, match=reason) as refused:
        PostgresLog(place.replace("//postgres:", f"//{user}:").replace(f":{postgres.port}/", f":{port}/"))
    assert refused.value.remedy == POOLER


@pytest.mark.soak
@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_real_pooler_is_known_by_its_sessions(postgres: Server, place: str, mode: str) -> None:
    """Where a user's own settings are ours, transaction mode is seen by the sessions it shares, and session mode is used."""
    schema = place.partition("schema=")[2]
    PostgresLog.migrate(place)
    user = postgres.user(f"IN ROLE {schema}_writer")
    settings = {"search_path": schema, "lock_timeout": "60s", "idle_in_transaction_session_timeout": "300s"}
    with postgres.connect() as connection:
        for name, value in {**settings, "plan_cache_mode": "force_custom_plan", "jit": "off"}.items():
            connection.execute(f"ALTER ROLE {user} SET {name} = '{value}'".encode())
    with pgbouncer(postgres, user, mode, "ignore_startup_parameters = options") as port:
        there = place.replace("//postgres:", f"//{user}:").replace(f":{postgres.port}/", f":{port}/")
        if mode == "transaction":
            with pytest.raises(StoreUnreachable, match="a pooler in transaction mode stands before the server") as refused:
                PostgresLog(there)
            assert refused.value.remedy == POOLER
        else:
            log = PostgresLog(there)
            write(log, run("shop", 2), [receipt(1)], {"till": 1})
            assert log.head() == 2
            log.close()


def test_every_session_of_the_pool_is_ours(kept: PostgresLog) -> None:
    """Settings hold in the pool as they do in the first connection; none waits in a transaction for ever."""
    wanted = {"search_path": kept._place.schema, "lock_timeout": "1min", "idle_in_transaction_session_timeout": "5min"}
    with kept.querying() as one, kept.querying() as other:
        for cursor in (one, other):
            for name, value in wanted.items():
                cursor.execute("SELECT current_setting(?)", (name,))
                assert cursor.fetchall() == [(value,)]
