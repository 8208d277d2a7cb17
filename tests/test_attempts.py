"""Attempts: a record is deadly only if reading it kills, not because its reader was killed while it was in hand."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from adapters.workers import attempts
from adapters.workers.attempts import DEATHS_BEYOND_DOUBT, DEATHS_MAX, Suspicion, survives


def kill() -> None:
    """Do to a process what the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """Raise what a reader may raise."""
    raise ValueError("unreadable")


def test_a_child_tells_what_a_record_does_to_its_reader() -> None:
    """An error is no death; a signal is."""
    assert (survives(lambda: None), survives(fail), survives(kill)) == (True, True, False)


def test_a_record_that_is_read_for_ever_is_deadly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The child is given up, and does not stay behind."""
    monkeypatch.setattr(attempts, "READ_S_MAX", 1)
    child = tmp_path / "child"

    def read_for_ever() -> None:
        child.write_text(str(os.getpid()), encoding="utf-8")
        time.sleep(60)

    assert not survives(read_for_ever)
    with pytest.raises(ProcessLookupError):
        os.kill(int(child.read_text(encoding="utf-8")), 0)


@pytest.mark.parametrize("deaths", [0, 1, DEATHS_MAX, DEATHS_BEYOND_DOUBT - 1, DEATHS_BEYOND_DOUBT])
def test_an_innocent_record_is_taken(deaths: int) -> None:
    """However often chance struck while it was in hand, short of all doubt."""
    assert Suspicion(7, 1, deaths).is_deadly(lambda: None) == (deaths >= DEATHS_BEYOND_DOUBT)


@pytest.mark.parametrize("deaths", [0, 1, DEATHS_MAX, DEATHS_MAX + 1])
def test_a_killer_is_set_aside(deaths: int) -> None:
    """From the second death on, when the child dies too."""
    assert Suspicion(7, 1, deaths).is_deadly(kill) == (deaths >= DEATHS_MAX)
