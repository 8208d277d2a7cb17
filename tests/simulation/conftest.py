"""Stores to die on: one of each kind by name, and a server that one test may break as it likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from tests.kafka.feeding import Feed
from tests.servers import Server
from tests.simulation.dying import opened

Fresh = Callable[[], str]
"""Makes an empty store, and returns its URL."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """A maker of empty stores of each kind; slow on a server, where every commit waits for the disk."""
    if request.param == "postgres":
        return lambda: made_on(request.getfixturevalue("postgres"))

    def make() -> str:
        path = tmp_path / f"{len(list(tmp_path.glob('*.db')))}.db"
        SqliteLog.create(str(path)).close()
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def place(postgres: Server) -> str:
    """The URL of an empty store on the server of all tests."""
    return made_on(postgres)


@pytest.fixture
def kept(place: str) -> Iterator[Store]:
    """That store, opened."""
    log = opened(place)
    yield log
    log.close()


@pytest.fixture
def feed(request: pytest.FixtureRequest) -> Iterator[Feed]:
    """A way to send to topics of the test's own, and to read them."""
    with Feed(request.getfixturevalue("broker")) as feed:
        yield feed


def made_on(server: Server) -> str:
    """Make an empty store in a schema of its own, and return its URL."""
    url = server.fresh()
    PostgresLog.migrate(url)
    return url
