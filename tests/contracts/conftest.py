"""The implementations that every law is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.eventlog.memory import MemoryLog
from adapters.eventlog.sqlite import SqliteLog
from engine.ports import Log


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    """An empty log of each kind."""
    if request.param == "memory":
        yield MemoryLog()
        return
    store = SqliteLog.create(str(tmp_path / "log.sqlite"))
    yield store
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteLog]:
    """An empty log on SQLite, for what only a file has."""
    store = SqliteLog.create(str(tmp_path / "store.sqlite"))
    yield store
    store.close()
