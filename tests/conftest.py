"""What holds for every test: long runs are asked for by name, and a required service is never skipped in silence.

python -m pytest -m "not slow and not soak" -n 2 --dist loadfile     the fast set: within a minute on two cores
python -m pytest -n 2 --dist loadfile                                the whole suite: the fast set and what is slow
python -m pytest tests/properties -m soak                            a long run: every property with 2,000 examples

Of a property the fast set tries 20 examples, and the whole suite 100.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.servers import Server, ended, started

pytest_plugins = ("tests.broker",)

TOLERATED = [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large]
"""A shop is large even at its smallest: a book, mappings and parties."""
settings.register_profile("whole", max_examples=100, deadline=None, print_blob=True, suppress_health_check=TOLERATED)
settings.register_profile("fast", settings.get_profile("whole"), max_examples=20)
# One example that fails is enough, and the same ones every time, so that what a mutant meets is what met the code without it.
FOUND = (Phase.explicit, Phase.generate)
settings.register_profile(
    "mutation", settings.get_profile("whole"), max_examples=60, phases=FOUND, database=None, derandomize=True
)
SERVICES = ("postgres", "kafka", "browser")
REQUIRED = "is skipped, but POSTGATE_REQUIRE=all says that everything runs here"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL server for the tests that need one."""
    server = started()
    yield server
    ended(server)


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL for one test alone, to be killed: it is back soon, as it has little to recover."""
    server = started()
    yield server
    if server.process is None:
        server.start()
    ended(server)


def pytest_configure(config: pytest.Config) -> None:
    """Let properties search as long as the set that was asked for may take."""
    if config.getoption("--hypothesis-profile", None) is None:
        settings.load_profile("fast" if "not slow" in config.option.markexpr else "whole")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the search for garbage away from what was collected: it stays to the end, and is large."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the soak tests out unless -m names them or one test was asked for by its id; what needs a broker is slow."""
    for item in items:
        if item.get_closest_marker("kafka"):
            item.add_marker("slow")
    if "soak" in config.option.markexpr:
        return
    soaks = [item for item in items if item.get_closest_marker("soak") and item.nodeid not in config.args]
    if soaks:
        config.hook.pytest_deselected(items=soaks)
        items[:] = [item for item in items if item not in soaks]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test that needs a service into a failure where everything is required."""
    report = yield
    service = next((name for name in SERVICES if item.get_closest_marker(name)), None)
    if report.skipped and service and not hasattr(report, "wasxfail") and _everything_is_required():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} needs {service} and {REQUIRED}: {_said(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure there too: nobody could see what it would have run."""
    report = yield
    if report.skipped and _everything_is_required():
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} {REQUIRED}: {_said(report.longrepr)}"
    return report


def _everything_is_required() -> bool:
    return os.environ.get("POSTGATE_REQUIRE") == "all"


def _said(why: object) -> str:
    return str(why[2]) if isinstance(why, tuple) else str(why)
