"""No module is dead, and each dependency has a home and a locked version."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions

from tests.tidy.source import ROOT, listed, parse, product
from tests.tidy.ties import HOMES, circles, dead_modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower()


def _locked(path: str) -> dict[str, str]:
    """Return name -> everything said about it, of a file of hashed requirements."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return {found[1].lower(): found[2] for found in re.finditer(r"^([A-Za-z0-9._-]+)(==.*(?:\n +--hash.*)*)", text, re.MULTILINE)}


def test_no_module_is_dead() -> None:
    """Every module is reached from the command, or is the log in memory, on which every story of the tests runs."""
    entries = [*(target.split(":")[0] for target in PROJECT["scripts"].values()), "adapters.eventlog.memory"]
    assert listed(dead_modules(product(), entries)) == ""


def test_a_planted_dead_module_is_found() -> None:
    """A module that is imported by nobody, or only by another dead one, is reported; one named as text is alive."""
    modules = [
        parse("adapters/cli.py", "from engine import links\nlate = 'adapters.lists:show'"),
        parse("adapters/lists.py", "import engine.deep.inner"),
        parse("engine/__init__.py", '"""The engine."""'),
        parse("engine/links.py", ""),
        parse("engine/deep/__init__.py", "x = 1"),
        parse("engine/deep/inner.py", ""),
        parse("engine/old.py", "import engine.older"),
        parse("engine/older.py", ""),
    ]
    assert [fault.name for fault in dead_modules(modules, ["adapters.cli"])] == ["engine.old", "engine.older"]
    assert str(next(dead_modules(modules, ["adapters.cli"]))) == (
        "engine/old.py:1: engine.old is never imported by the product: use it, or delete it"
    )
    assert [fault.name for fault in dead_modules(modules[:1], ["adapters.gone"])] == ["adapters.gone", "adapters.cli"]


def test_no_module_imports_itself_around_a_corner() -> None:
    """Modules are read in one order."""
    assert listed(circles(product())) == ""


def test_a_planted_circle_is_found() -> None:
    """Three modules that need each other are reported once, with the way around."""
    modules = [
        parse("engine/__init__.py", ""),
        parse("engine/a.py", "from engine import b"),
        parse("engine/b.py", "from engine.c import x"),
        parse("engine/c.py", "def f():\n    import engine.a"),
        parse("engine/d.py", "import engine.a\nimport engine.e"),
        parse("engine/e.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from engine import d"),
    ]
    (fault,) = circles(modules)
    around = fault.name.split(" > ")
    assert (around[0], sorted(set(around))) == (around[-1], ["engine.a", "engine.b", "engine.c"])
    assert str(fault).endswith("is a circle and banned, use a module of its own for what they share")


def test_every_dependency_has_one_home() -> None:
    """What the distribution depends on is what has a home, and nothing has a home that it does not depend on."""
    declared = {_name(requirement) for requirement in PROJECT["dependencies"]}
    along = {"psycopg-pool": "psycopg", "pydantic-core": "pydantic"}
    installed = packages_distributions()
    homes = {library: {dist.lower().replace("_", "-") for dist in installed[library]} for library in HOMES}
    imported = {along.get(name, name) for names in homes.values() for name in names}
    assert imported == declared - {"tzdata"}, "tzdata is read by the standard library, nobody imports it"


def test_every_dependency_is_locked_with_hashes() -> None:
    """An installation can be repeated to the byte: each requirement has one version and its hashes."""
    locked, locked_test = _locked("deploy/requirements.txt"), _locked("deploy/requirements-test.txt")
    assert {_name(requirement) for requirement in PROJECT["dependencies"]} <= set(locked)
    assert {_name(requirement) for requirement in PROJECT["optional-dependencies"]["test"]} <= set(locked_test)
    assert set(locked) <= set(locked_test)
    assert [name for name, told in (locked | locked_test).items() if "--hash=sha256:" not in told] == []


def test_every_dependency_is_bounded() -> None:
    """Each requirement says the newest release it was meant for."""
    declared = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    assert [requirement for requirement in declared if "<" not in requirement and "==" not in requirement] == []
