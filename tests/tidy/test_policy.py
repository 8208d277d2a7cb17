"""Which tests run: soaks when named, and no skip where everything is required."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.tidy.source import ROOT

MARKED = """
import pytest

@pytest.mark.{marker}
def test_it():
    pytest.skip("no server here")

@pytest.mark.xfail(reason="known", strict=True)
def test_known():
    assert False
"""
SOAK = """
import pytest

@pytest.mark.soak
def test_long(): ...

@pytest.mark.slow
def test_slow(): ...

def test_short(): ...
"""
SEARCH = """
from hypothesis import given, settings, strategies

tried = []

@given(strategies.integers())
def test_a_law(number):
    tried.append(number)

def test_so_many(): assert len(tried) == {examples} == settings.default.max_examples
"""
MARKERS = "[pytest]\nmarkers =\n    slow\n    soak\n    postgres\n    kafka\n    browser\n"


@pytest.fixture
def house(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """A folder of tests under our policy, without other plugins."""
    searching = settings.get_current_profile_name()
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(MARKERS)
    pytester.makeconftest((ROOT / "tests/conftest.py").read_text(encoding="utf-8"))
    yield pytester
    settings.load_profile(searching)


@pytest.mark.parametrize("marker", ["postgres", "kafka", "browser"])
def test_a_skip_of_a_required_service_fails(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, marker: str) -> None:
    """Where everything is required, a missing server is a failure that says so; a known failure stays one."""
    monkeypatch.setenv("POSTGATE_REQUIRE", "all")
    house.makepyfile(MARKED.format(marker=marker))
    done = house.runpytest()
    done.assert_outcomes(failed=1, xfailed=1)
    done.stdout.fnmatch_lines([f"*test_it needs {marker} and is skipped, but POSTGATE_REQUIRE=all*no server here*"])


def test_a_skip_is_a_skip_elsewhere(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the requirement a person without the server is not bothered."""
    monkeypatch.delenv("POSTGATE_REQUIRE", raising=False)
    house.makepyfile(MARKED.format(marker="kafka"))
    house.runpytest().assert_outcomes(skipped=1, xfailed=1)


def test_a_skip_for_another_reason_stays_a_skip(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only services are required: acceptance data may be absent."""
    monkeypatch.setenv("POSTGATE_REQUIRE", "all")
    house.makepyfile(MARKED.format(marker="slow"))
    house.runpytest().assert_outcomes(skipped=1, xfailed=1)


def test_a_skipped_module_fails(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module cannot leave the run as a whole."""
    monkeypatch.setenv("POSTGATE_REQUIRE", "all")
    house.makepyfile("import pytest\npytest.importorskip('no_such_library')\ndef test_it(): ...")
    house.runpytest().assert_outcomes(errors=1)


@pytest.mark.parametrize(
    ("asked", "ran"),
    [
        ((), ["test_slow", "test_short"]),
        (("-m", "soak"), ["test_long"]),
        (("-m", "slow or soak"), ["test_long", "test_slow"]),
        (("-m", "not slow"), ["test_short"]),
        (("-m", "not slow and not soak"), ["test_short"]),
        (("test_soaks.py::test_long",), ["test_long"]),
    ],
)
def test_soaks_run_when_they_are_named(house: pytest.Pytester, asked: tuple[str, ...], ran: list[str]) -> None:
    """The whole suite is everything but the soaks."""
    house.makepyfile(test_soaks=SOAK)
    done = house.runpytest(*asked, "-v")
    done.assert_outcomes(passed=len(ran), deselected=3 - len(ran) if "::" not in "".join(asked) else 0)
    done.stdout.fnmatch_lines([f"*::{name} PASSED*" for name in ran])


@pytest.mark.parametrize(("asked", "examples"), [((), 100), (("-m", "not slow and not soak"), 20)])
def test_the_fast_set_searches_less(house: pytest.Pytester, asked: tuple[str, ...], examples: int) -> None:
    """A property tries a hundred examples in the whole suite, and a fifth of them in the fast set."""
    house.makepyfile(SEARCH.format(examples=examples))
    house.runpytest(*asked).assert_outcomes(passed=2)
