"""Alerts and dashboard ask for what the product tells, and every alert has its page in the runbook."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

import pytest

from adapters import clock
from adapters.eventlog.store import Store
from adapters.metrics import Metrics
from adapters.standing import UNPOSTED, Standing, Watch
from adapters.undelivered import STATES, Open
from adapters.workers.ingesting import IngestWorker
from adapters.workers.publishing import NUMBERS, PublishWorker
from adapters.workers.worker import BatchDone, Partition, WorkerState
from tests.deploy.reading import DEPLOY, alerts, document, panels, queries, selectors, text

GIVEN_BY_PROMETHEUS = {"job", "instance"}
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_ENTRY = re.compile(r"^## (Postgate\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PARTS_OF_AN_ENTRY = ("Means", "Look", "Mend", "Over")


@pytest.fixture(scope="module")
def told() -> Mapping[str, Mapping[str, set[str]]]:
    """Every metric with its labels and their values, as a process with something of everything tells them."""
    done = BatchDone(10, 1, 2_000, 30, {"ACCEPTED": 10}, {"ACCEPTED": 10}, 99, posted=5, held=3, released=2, behind_ms=40)
    ingest = WorkerState(partitions={"source": Partition("postgate.documents", 0)}, codes={"ACCEPTED": 10})
    states = {IngestWorker.name: ingest, PublishWorker.name: WorkerState(numbers=dict.fromkeys(NUMBERS, 1))}
    watch = Watch(_nowhere, ("books",))
    counts, undelivered = dict.fromkeys(UNPOSTED, 1), {("books", state): Open(1, clock.now()) for state in STATES}
    watch.found = Standing(99, {"cluster": 98}, counts, counts, {"LINK_MISSING": 1}, {"BAD_JSON": 1}, undelivered, 12)
    watch.found_at = clock.now()
    metrics = Metrics(lambda: states, watch)
    metrics.batch(IngestWorker.name, done)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, labels in _SAMPLE.findall(metrics.exposition().decode()):
        for label, value in _LABEL.findall(labels):
            found[name][label].add(value)
        found[name].setdefault("", set())
    return found


def _nowhere() -> AbstractContextManager[Store]:
    raise AssertionError("what is asked here is not asked of a store")


@pytest.mark.parametrize("place", queries())
def test_a_query_asks_for_what_is_told(place: str, told: Mapping[str, Mapping[str, set[str]]]) -> None:
    """Its metrics exist, have the labels it groups or chooses by, and can have the values it compares them to."""
    for selector in selectors(queries()[place]):
        assert selector.metric in told
        labels = told[selector.metric]
        asked = {label: value for label, value in selector.labels.items() if label not in GIVEN_BY_PROMETHEUS}
        if selector.metric.endswith("_bucket"):
            assert asked.pop("le", "") == ""
        assert set(asked) <= set(labels)
        assert {label: value for label, value in asked.items() if value and value not in labels[label]} == {}


def test_a_planted_query_is_found(told: Mapping[str, Mapping[str, set[str]]]) -> None:
    """The test above can tell a metric, a label and a value that do not exist."""
    (selector,) = selectors('sum by (topic) (rate(postgate_partition_gone{state="HELD"}[5m]))')
    assert (selector.metric, selector.labels) == ("postgate_partition_gone", {"topic": "", "state": "HELD"})
    assert selector.metric not in told
    assert "topic" not in told["postgate_unposted_documents"]
    assert "HELD" not in told["postgate_unposted_documents"]["state"]


def test_what_must_not_go_unseen_has_an_alert() -> None:
    """What stops money on its way, and what blinds those who watch."""
    asked = {selector.metric for alert in alerts() for selector in selectors(alert.query)}
    assert {
        "postgate_partition_lag_messages",
        "postgate_partition_stopped",
        "postgate_oldest_unposted_age_seconds",
        "postgate_unposted_documents",
        "postgate_receipts_total",
        "postgate_published_position",
        "postgate_publisher_fenced_total",
        "postgate_publish_too_large",
        "postgate_undelivered_oldest_age_seconds",
        "postgate_undelivered_postings",
        "postgate_store_reachable",
        "postgate_store_round_age_seconds",
        "postgate_worker_ready",
        "postgate_worker_last_step_age_seconds",
    } <= asked


def test_alerts_are_said_in_one_way() -> None:
    """One name, one of two severities, a sentence for the person who is woken, and where the runbook goes on."""
    names = [alert.name for alert in alerts()]
    assert len(set(names)) == len(names)
    for alert in alerts():
        assert alert.severity in ("page", "ticket")
        assert alert.annotations["summary"]
        assert alert.annotations["runbook"] == f"runbook.md#{alert.name.lower()}"


def test_every_alert_has_an_entry_and_every_entry_an_alert() -> None:
    """Nobody is woken without a page that says what to do, and no page speaks of an alert that is gone."""
    entries = dict(_ENTRY.findall(text("runbook.md")))
    assert list(entries) == [alert.name for alert in alerts()]
    for name, entry in entries.items():
        assert [part for part in PARTS_OF_AN_ENTRY if f"**{part}.**" not in entry] == [], name


def test_every_alert_is_shown_to_fire() -> None:
    """The unit tests of the rules name each of them."""
    tested = document("prometheus/alerts_test.yml")
    shown = re.findall(r'alertname="(\w+)"', str(tested["tests"]))
    assert tested["rule_files"] == ["alerts.yml"]
    assert set(shown) == {alert.name for alert in alerts()}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus: apt-get install prometheus")
@pytest.mark.parametrize("arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")])
def test_prometheus_itself_agrees(arguments: tuple[str, ...]) -> None:
    """Its own tool reads the files, and sees each alert fire for its fault and stay quiet otherwise."""
    done = subprocess.run(["promtool", *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_reads_what_compose_mounts() -> None:
    """The rules stand beside the configuration, and every service that answers with metrics is asked, at its port."""
    configured, services = document("prometheus/prometheus.yml"), document("compose.yaml")["services"]
    assert [(DEPLOY / "prometheus" / name).is_file() for name in configured["rule_files"]] == [True]
    jobs = {job["job_name"]: job for job in configured["scrape_configs"]}
    (asked,) = jobs["postgate"]["dns_sd_configs"]
    told = {name for name, service in services.items() if "POSTGATE_HEALTH" in service.get("environment", {})}
    assert set(asked["names"]) == told
    assert {services[name]["environment"]["POSTGATE_HEALTH"] for name in told} == {f"0.0.0.0:{asked['port']}"}


def test_the_dashboard_is_one_that_grafana_finds() -> None:
    """Its source is the one that is provisioned, panels have numbers and titles of their own, and none lies on another."""
    (source,) = document("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    (provider,) = document("grafana/provisioning/dashboards/postgate.yml")["providers"]
    mounted = [volume.split(":")[1] for volume in document("compose.yaml")["services"]["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounted
    assert {target["datasource"]["uid"] for panel in panels() for target in panel["targets"]} == {source["uid"]}
    every = document("grafana/dashboards/postgate.json")["panels"]
    assert len({panel["id"] for panel in every}) == len(every) == len({panel["title"] for panel in every})
    cells = [cell for panel in every for cell in _cells(panel["gridPos"])]
    assert len(set(cells)) == len(cells)
    assert {x for x, _ in cells} == set(range(24))


def _cells(place: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            yield x, y
