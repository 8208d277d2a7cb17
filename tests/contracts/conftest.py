"""The implementations that every law is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.eventlog.memory import MemoryLog
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from engine.ports import Log
from tests.servers import Server

on_postgres = pytest.param("postgres", marks=pytest.mark.postgres)
slowly_on_postgres = pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])
"""Each of these tests has a schema of its own, and there are many of them."""


@pytest.fixture(params=["memory", "sqlite", slowly_on_postgres])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    """An empty log of each kind."""
    if request.param == "memory":
        yield MemoryLog()
        return
    store = _made(request, tmp_path)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", on_postgres])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty log in SQL, for what only those have."""
    store = _made(request, tmp_path)
    yield store
    store.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SqliteLog]:
    """An empty log on SQLite, for what only a file has."""
    store = SqliteLog.create(str(tmp_path / "store.sqlite"))
    yield store
    store.close()


@pytest.fixture
def place(postgres: Server) -> str:
    """The URL of a schema that nobody has used."""
    return postgres.fresh()


@pytest.fixture
def kept(place: str) -> Iterator[PostgresLog]:
    """An empty log on PostgreSQL, for what only a server has."""
    log = PostgresLog.create(place)
    yield log
    log.close()


def _made(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return SqliteLog.create(str(tmp_path / "store.sqlite"))
    server: Server = request.getfixturevalue("postgres")
    return PostgresLog.create(server.fresh())
