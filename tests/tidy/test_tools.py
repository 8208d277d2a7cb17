"""The linter, the type checker and the import contract are part of the one green, and each is shown to be awake."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.tidy.source import PACKAGES, ROOT

LINT_IMPORTS = ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def _run(*arguments: str, folder: Path = ROOT) -> tuple[int, str]:
    """Run a tool of this interpreter; return its exit code and what it said."""
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _planted(folder: Path, files: dict[str, str]) -> Path:
    """Lay out an empty house with our settings, and put files into it."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    streams = next(one["modules"] for one in contract if one["id"] == "streams")
    empty = {f"{package}/__init__.py": "" for package in (*PACKAGES, "engine/streams", "engine/handling")}
    empty |= {f"{stream.replace('.', '/')}.py": "" for stream in streams}
    for path, text in (empty | files).items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def test_ruff_finds_nothing() -> None:
    """The linter has no complaint about source or tests."""
    code, told = _run("-m", "ruff", "check", "--no-fix", "--output-format=concise", ".")
    assert code == 0, told


def test_ruff_is_awake(tmp_path: Path) -> None:
    """A relative import, a printed word and an untyped function are found under our settings."""
    folder = _planted(tmp_path, {"engine/streams/links.py": "from .books import x\n\n\ndef decide(said):\n    print(said, x)\n"})
    code, told = _run("-m", "ruff", "check", "--no-fix", "--output-format=concise", "engine/streams/links.py", folder=folder)
    assert code == 1
    assert {line.split()[1] for line in told.splitlines() if line.startswith("engine/streams/links.py:")} == {
        "D100", "TID252", "ANN201", "D103", "ANN001", "T201",
    }  # fmt: skip


@pytest.mark.slow
def test_mypy_finds_nothing() -> None:
    """Source and tests are typed, strictly."""
    code, told = _run("-m", "mypy", "--no-error-summary")
    assert code == 0, told


def test_mypy_is_awake(tmp_path: Path) -> None:
    """An untyped function and a wrong value are found under our settings."""
    folder = _planted(tmp_path, {"engine/streams/links.py": "def decide(said): ...\ncount: int = ''\n"})
    code, told = _run("-m", "mypy", "--no-error-summary", "engine/streams/links.py", folder=folder)
    assert code == 1
    assert [line.split("[")[-1] for line in told.splitlines()] == ["no-untyped-def]", "assignment]"]


def test_the_imports_point_one_way() -> None:
    """The contract of the packages holds."""
    code, told = _run(*LINT_IMPORTS)
    assert code == 0, told


def test_the_import_contract_is_awake(tmp_path: Path) -> None:
    """Each contract is broken by a house that breaks it."""
    folder = _planted(
        tmp_path,
        {
            "schemas/values.py": "import engine.streams.books\nimport random",
            "engine/streams/links.py": "import engine.streams.books\nimport click",
            "engine/streams/books.py": "import engine.handling.transaction",
            "engine/handling/transaction.py": "import engine.streams.books\nimport eventsourcing",
            "projections/views.py": "import psycopg\nimport structlog\nimport kafka\nimport prometheus_client",
        },
    )
    code, told = _run(*LINT_IMPORTS, "--no-cache", folder=folder)
    assert code == 1
    broken = [line.rsplit(" BROKEN", 1)[0] for line in told.splitlines() if line.endswith(" BROKEN")]
    assert broken == [
        "Imports point one way: adapters > projections > engine > schemas",
        "The core asks nothing of the world: no IO, clock, chance or logger",
        "The engine: explain, audit > handling > firewall, facts, journal > streams",
        "Stream modules never import each other; they meet through events",
        "Only adapters.eventlog imports eventsourcing",
        "Only adapters.eventlog.postgres imports psycopg",
        "Only adapters.kafka imports kafka",
        "Only adapters.telemetry imports structlog",
        "Only adapters.metrics imports prometheus_client",
        "Only adapters.cli imports click and tabulate",
    ]


def test_the_contract_lets_each_library_live_in_its_home(tmp_path: Path) -> None:
    """A house that keeps the contract is left alone."""
    folder = _planted(
        tmp_path,
        {
            "adapters/eventlog/__init__.py": "",
            "adapters/eventlog/postgres.py": "import eventsourcing\nimport psycopg",
            "adapters/kafka.py": "import kafka",
            "adapters/telemetry.py": "import structlog",
            "adapters/metrics.py": "import prometheus_client",
            "adapters/cli.py": "import click\nimport tabulate\nimport adapters.eventlog.postgres\nimport projections",
            "engine/handling/transaction.py": "import engine.streams.books\nimport engine.streams.links\nimport schemas",
        },
    )
    code, told = _run(*LINT_IMPORTS, "--no-cache", folder=folder)
    assert code == 0, told
