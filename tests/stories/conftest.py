"""Stores for the stories: an empty one, and one that holds the demo's sales."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.stories.command import SALES, SETUP, postgate, url


@pytest.fixture(autouse=True)
def own_excepthook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command replaces the interpreter's last hook; the tests get theirs back."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.fixture(scope="session")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the demo's sales, to be copied."""
    path = tmp_path_factory.mktemp("sold") / "postgate.db"
    assert postgate("migrate", "--store", url(path)).code == 0
    assert postgate("ingest", SETUP, SALES, "--store", url(path)).code == 0
    return path


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new store, named by POSTGATE_STORE."""
    path = tmp_path / "postgate.db"
    monkeypatch.setenv("POSTGATE_STORE", url(path))
    assert postgate("migrate").code == 0
    return path


@pytest.fixture
def store(sold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of its own that holds the demo's sales, named by POSTGATE_STORE."""
    path = tmp_path / "postgate.db"
    shutil.copy(sold, path)
    monkeypatch.setenv("POSTGATE_STORE", url(path))
    return path
