"""The repository holds what its layout names, nothing of one machine, and one test command."""

from __future__ import annotations

import os

from tests.tidy.files import FILE_BYTES_MAX, giants, places, strays, tracked
from tests.tidy.source import ROOT, listed

TEST_COMMAND = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest -n 2 --dist loadfile"


def test_no_file_names_a_machine_or_a_registry() -> None:
    """What is written here holds on every machine."""
    assert listed(places(tracked())) == ""


def test_a_planted_place_is_found() -> None:
    """Absolute paths of a machine and hosts of registries are reported with their line; relative and system paths pass."""
    home, index, host = "/" + "home/ann/x", "--index" + "-url", "https://pypi" + ".org/simple"
    text = f"fine ../shared/data/a.parquet /pos/store-12 /var/lib/postgate\nopen {home}\npip {index} x\n{host}\n"
    assert [(fault.line, fault.name) for fault in places({"a.txt": text.encode(), "b.bin": b"\0" + home.encode()})] == [
        (2, home[:7]),
        (3, index),
        (4, host[8:16]),
    ]
    assert str(next(places({"a.txt": home.encode()}))).startswith(f"a.txt:1: {home[:7]} is banned, use a path relative")


def test_the_top_level_is_the_layout() -> None:
    """A newcomer reads the architecture from the top level."""
    assert listed(strays(tracked())) == ""


def test_a_planted_stray_is_found() -> None:
    """A file beside the layout is reported; hidden files of tools are not."""
    files = {"setup.py": b"", ".ci/run": b"", "engine/streams/links.py": b"", "notes/a.md": b""}
    assert [str(fault) for fault in strays(files)] == [
        "notes:1: notes at the top is banned, use deploy/, tests/ or the package it belongs to",
        "setup.py:1: setup.py at the top is banned, use deploy/, tests/ or the package it belongs to",
    ]


def test_no_file_is_a_giant() -> None:
    """Every file can be reviewed."""
    assert listed(giants(tracked())) == ""


def test_a_planted_giant_is_found() -> None:
    """The limit is exact."""
    files = {"a": b"x" * FILE_BYTES_MAX, "b": b"x" * (FILE_BYTES_MAX + 1)}
    assert [str(fault) for fault in giants(files)] == [
        "b:1: 1,000,001 bytes is banned, use at most 1,000,000: a slice, or a script that makes it"
    ]


def test_people_and_machines_run_the_same_test_command() -> None:
    """The line in the README is the line the build runs, and the build can be run."""
    assert TEST_COMMAND in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert TEST_COMMAND in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert os.access(ROOT / ".ci/run", os.X_OK)
