"""One broker and one PostgreSQL for all tests of this folder, and a fresh store of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from tests.kafka.feeding import Feed
from tests.servers import Server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "sqlite":
        store: Store = SqliteLog.create(str(tmp_path / "store.sqlite"))
    else:
        server: Server = request.getfixturevalue("postgres")
        store = PostgresLog.create(server.fresh())
    yield store
    _end(request)
    store.close()


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store in a file, where the kind makes no difference."""
    store = SqliteLog.create(str(tmp_path / "file.sqlite"))
    yield store
    _end(request)
    store.close()


@pytest.fixture
def feed(request: pytest.FixtureRequest) -> Iterator[Feed]:
    """A way to send to topics of the test's own, and to read them."""
    with Feed(request.getfixturevalue("broker")) as feed:
        yield feed


def _end(request: pytest.FixtureRequest) -> None:
    """End the workers of a test before the store that they write."""
    if "feed" in request.fixturenames:
        feed: Feed = request.getfixturevalue("feed")
        feed.end()
