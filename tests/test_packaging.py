"""The wheel holds the four packages with what they need at run time, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("adapters", "engine", "projections", "schemas")
DIST_INFO = "postgate-0.1.0.dist-info"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as a user would get it, built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.iterdir()
    assert built.name == "postgate-0.1.0-py3-none-any.whl"
    return zipfile.ZipFile(built)


def test_the_top_level_is_the_four_packages(wheel: zipfile.ZipFile) -> None:
    """Nothing else lands in the user's site-packages: no tests, no deploy, no stray module."""
    assert {name.split("/")[0] for name in wheel.namelist()} == {*PACKAGES, DIST_INFO}


def test_every_source_file_and_resource_is_inside(wheel: zipfile.ZipFile) -> None:
    """Modules, published schemas, the demo's sales, the examples of reasons and the typing marks travel, byte for byte."""
    needed = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for package in PACKAGES
        for pattern in (
            "**/*.py",
            "py.typed",
            "**/README.md",
            "published/*.json",
            "demo/*.jsonl",
            "demo/ORIGIN.md",
            "reasons/*.jsonl",
        )
        for path in (ROOT / package).glob(pattern)
    }
    inside = {name: wheel.read(name) for name in wheel.namelist() if not name.startswith(DIST_INFO)}
    assert sorted(set(needed) - set(inside)) == []
    assert sorted(set(inside) - set(needed)) == []
    assert [name for name, content in needed.items() if inside[name] != content] == []


def test_what_must_be_there_is_there(wheel: zipfile.ZipFile) -> None:
    """The typing mark of each package, the demo's sales with their origin, and the published contract."""
    names = set(wheel.namelist())
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {f"{package}/__init__.py" for package in PACKAGES} <= names
    assert "adapters/demo/ORIGIN.md" in names
    assert any(name.startswith("adapters/demo/") and name.endswith(".jsonl") for name in names)
    assert "adapters/reasons/LINK_MISSING.jsonl" in names
    assert any(name.startswith("schemas/published/") and name.endswith(".json") for name in names)


def test_the_distribution_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    """Name, licence with its text, oldest Python and the command are in the metadata."""
    told = wheel.read(f"{DIST_INFO}/METADATA").decode().splitlines()
    assert {"Name: postgate", "Version: 0.1.0", "License-Expression: Apache-2.0", "Requires-Python: >=3.11"} <= set(told)
    assert wheel.read(f"{DIST_INFO}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert wheel.read(f"{DIST_INFO}/entry_points.txt").decode() == "[console_scripts]\npostgate = adapters.cli:main\n"
