"""What holds for every test: long runs are asked for by name, and a required service is never skipped in silence."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from tests.servers import Server, ended, started

pytest_plugins = ("tests.broker",)

SERVICES = ("postgres", "kafka", "browser")
REQUIRED = "is skipped, but POSTGATE_REQUIRE=all says that everything runs here"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL server for the tests that need one."""
    server = started()
    yield server
    ended(server)


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
