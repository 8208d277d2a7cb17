"""Metrics and health: what Prometheus and a supervisor are told of workers and of the store, over real HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.errors import EdgeError, NotFound, StoreUnreachable
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from adapters.health import Answer, Health, address, live, ready
from adapters.ingest import Ingester
from adapters.metrics import Metrics
from adapters.settings import read
from adapters.standing import Standing, Watch, standing
from adapters.undelivered import Open, Undelivered
from adapters.wiring import opened
from adapters.workers.worker import BatchDone, Partition, WorkerState
from projections.ledger import POSTINGS
from tests.corpus.messages import SETTING, said, sale

MINUTE_NS = 60 * 10**9
Samples = Mapping[tuple[str, tuple[str, ...]], object]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = SqliteLog.create(str(tmp_path / "store.db"))
    yield store
    store.close()


def samples(metrics: Metrics) -> Samples:
    """Return every sample by its name and the values of its labels, as Prometheus' own parser reads them."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    each = [sample for family in families for sample in family.samples]
    found = [(sample.name, tuple(sample.labels[name] for name in sorted(sample.labels)), sample.value) for sample in each]
    assert len({(name, labels) for name, labels, _ in found}) == len(found)
    return {(name, labels): value for name, labels, value in found if name.startswith("postgate_")}


def unasked() -> Watch:
    """Return a watch that was never started."""
    return Watch(partial(opened, read("sqlite:///nowhere.db", {})), ())


def take(log: Store, *messages: bytes, source: str = "test") -> None:
    """Take messages in."""
    Ingester(log).ingest(source, enumerate(messages, start=log.source_position(source) + 1))


def sales(*ids: str, **more: object) -> list[bytes]:
    """Return sales of these documents."""
    return [said("postgate.invoice.issued.v1", sale(document=id, number=id, **more), id=id) for id in ids]


def answer(verb: str, key: str, target: str, **more: str) -> bytes:
    """Return what an accounting system says of a posting."""
    return said(f"postgate.posting.{verb}.v1", {"posting_key": key, "target": target, **more}, id=f"{verb}-{key}-{target}")


def keys(log: Store) -> list[str]:
    """Return the keys of all postings, in order."""
    with log.reading() as views:
        return [row.posting_key for row in views.find(POSTINGS, order=("book", "sequence"))]


def test_workers_are_told_as_they_are_now() -> None:
    """Readiness, counts, positions, lag in messages and in seconds, and the partitions that an operator must look at."""
    ingest, publish = WorkerState(ready=True, reason=""), WorkerState()
    ingest.partitions = {
        "a": Partition("sales", 0, position=7, end=10, behind_ms=1_500),
        "b": Partition("sales", 1, position=3, end=3, stopped="offsets 3 to 8 are gone"),
    }
    ingest.verdicts |= {"ACCEPTED": 6, "QUARANTINED": 1}
    ingest.codes = {"ACCEPTED": 6, "SCHEMA_INVALID": 1}
    ingest.batches, ingest.messages, ingest.redelivered, ingest.retries = 2, 7, 3, 1
    publish.numbers = {"publisher_fenced": 2, "publish_lag_records": 5}
    found = samples(Metrics(lambda: {"ingest": ingest, "publish": publish}, unasked()))
    wanted: Samples = {
        ("postgate_worker_ready", ("ingest",)): 1,
        ("postgate_worker_ready", ("publish",)): 0,
        ("postgate_receipts_total", ("ACCEPTED",)): 6,
        ("postgate_receipts_total", ("QUARANTINED",)): 1,
        ("postgate_receipts_total", ("STALE",)): 0,
        ("postgate_receipt_codes_total", ("SCHEMA_INVALID",)): 1,
        ("postgate_batches_total", ("ingest",)): 2,
        ("postgate_messages_total", ("ingest",)): 7,
        ("postgate_redelivered_records_total", ("ingest",)): 3,
        ("postgate_retries_total", ("ingest",)): 1,
        ("postgate_partition_position", ("0", "sales")): 7,
        ("postgate_partition_end_offset", ("0", "sales")): 10,
        ("postgate_partition_lag_messages", ("0", "sales")): 3,
        ("postgate_partition_lag_seconds", ("0", "sales")): 1.5,
        ("postgate_partition_stopped", ("0", "sales")): 0,
        ("postgate_partition_stopped", ("1", "sales")): 1,
        ("postgate_publisher_fenced_total", ("publish",)): 2,
        ("postgate_publish_lag_records", ("publish",)): 5,
        ("postgate_store_reachable", ()): 0,
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert found.keys() >= {("postgate_worker_last_step_age_seconds", ("ingest",))}
    (build,) = [labels for name, labels in found if name == "postgate_build_info"]
    assert build[1] == "2026.3"


def test_a_label_with_quotes_and_line_ends_stays_one_label() -> None:
    """What a source calls itself cannot break the exposition."""
    state = WorkerState(codes={'a"b\\c\nd{}': 1})
    assert samples(Metrics(lambda: {"ingest": state}, unasked()))["postgate_receipt_codes_total", ('a"b\\c\nd{}',)] == 1


def test_batches_fill_histograms() -> None:
    """Messages, bytes and time of each batch, and the latency of releases alone, from the broker's time to the commit."""
    metrics = Metrics(dict, unasked())
    metrics.batch("ingest", BatchDone(10, 0, 5_000, 40, {}, {}, 1, posted=4, held=2))
    metrics.batch("ingest", BatchDone(20, 0, 9_000, 60, {}, {}, 2, released=3, behind_ms=700))
    found = samples(metrics)
    wanted: Samples = {
        ("postgate_batch_messages_count", ("ingest",)): 2,
        ("postgate_batch_messages_sum", ("ingest",)): 30,
        ("postgate_batch_messages_bucket", ("10.0", "ingest")): 1,
        ("postgate_batch_bytes_sum", ("ingest",)): 14_000,
        ("postgate_batch_duration_seconds_bucket", ("0.05", "ingest")): 1,
        ("postgate_release_latency_seconds_count", ()): 1,
        ("postgate_release_latency_seconds_sum", ()): 0.7,
        ("postgate_documents_total", ("posted",)): 4,
        ("postgate_documents_total", ("held",)): 2,
        ("postgate_documents_total", ("released",)): 3,
    }
    assert {key: found.get(key) for key in wanted} == wanted


def test_the_store_is_told_as_it_stands(log: Store) -> None:
    """What is held, why and since when, what is in quarantine, and what the topics have been told."""
    take(log, *SETTING, *sales("i1", "i2"), *sales("i3", customer="unlinked"), *sales("i4", customer="unlinked"), b"nonsense")
    with log.noting() as cursor:
        cursor.execute("INSERT INTO notes VALUES ('published:c1', 12, '')")
    before = time.time_ns() // 1_000
    found = standing(log, Undelivered(log, ()))
    assert (found.head, dict(found.published)) == (log.head(), {"c1": 12})
    assert dict(found.unposted) == {"REQUIRES_ATTENTION": 2, "WAITING": 0}
    assert dict(found.held) == {"CUSTOMER_UNKNOWN": 2, "LINK_MISSING": 2}
    assert dict(found.quarantined) == {"SCHEMA_INVALID": 1}
    assert before - 60 * 10**6 < found.oldest_at["REQUIRES_ATTENTION"] <= before
    assert set(found.oldest_at) == {"REQUIRES_ATTENTION"}


def test_an_empty_store_has_nothing_to_tell(log: Store) -> None:
    """Nothing is held, and nothing is invented."""
    found = standing(log, Undelivered(log, ("xero",)))
    assert found == Standing(unposted={"REQUIRES_ATTENTION": 0, "WAITING": 0}, took_ms=found.took_ms)


def test_postings_without_an_answer_age_by_target(log: Store) -> None:
    """A target that has not answered, one that refused, and one that booked: only what is not booked is told."""
    take(log, *SETTING, *sales("i1", "i2", "i3"))
    one, two, three = keys(log)
    watch = Undelivered(log, ("xero", "sap"))
    at = watch.look()["xero", "PENDING"].oldest_at
    assert watch.look() == {("xero", "PENDING"): Open(3, at), ("sap", "PENDING"): Open(3, at)}
    take(log, answer("acknowledged", one, "xero", external_id="X1"), answer("refused", two, "xero", code="E1"))
    take(log, answer("acknowledged", one, "sap", external_id="S1"), answer("acknowledged", three, "other", external_id="O1"))
    assert watch.look() == {
        ("xero", "PENDING"): Open(1, at),
        ("xero", "FAILED"): Open(1, at),
        ("sap", "PENDING"): Open(2, at),
    }
    take(log, answer("acknowledged", two, "xero", external_id="X2"), *sales("i4"))
    four = keys(log)[3]
    assert watch.look()["xero", "PENDING"].postings == 2
    take(log, *(answer("acknowledged", key, "xero", external_id=key) for key in (three, four)))
    take(log, *(answer("acknowledged", key, "sap", external_id=key) for key in (two, three, four)))
    assert watch.look() == {}


def test_a_new_run_begins_where_everything_is_answered(log: Store) -> None:
    """What was answered is not looked at again after a restart, unless another target is expected now."""
    take(log, *SETTING, *sales("i1", "i2", "i3"))
    one, _, _ = keys(log)
    take(log, answer("acknowledged", one, "xero", external_id="X1"))
    Undelivered(log, ("xero",)).look()
    with log.querying() as cursor:
        cursor.execute("SELECT sequence FROM view_postings ORDER BY sequence")
        first, second, _ = (int(row[0]) for row in cursor.fetchall())
        cursor.execute("SELECT number FROM notes WHERE name LIKE 'answered:%'")
        assert first <= int(cursor.fetchall()[0][0]) == second - 1
    assert Undelivered(log, ("xero",)).look()["xero", "PENDING"].postings == 2
    assert Undelivered(log, ("sap", "xero")).look()["sap", "PENDING"].postings == 3


def test_the_count_of_open_postings_has_a_limit(log: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that never answers fills no memory: the count stops, the oldest stays right, and it goes on when answers come."""
    monkeypatch.setattr("adapters.undelivered.OPEN_MAX", 2)
    take(log, *SETTING, *sales("i1", "i2", "i3", "i4"))
    watch = Undelivered(log, ("xero",))
    assert watch.look()["xero", "PENDING"].postings == 2
    take(log, *(answer("acknowledged", key, "xero", external_id=key) for key in keys(log)[:2]))
    assert watch.look()["xero", "PENDING"].postings == 2
    take(log, *(answer("acknowledged", key, "xero", external_id=key) for key in keys(log)[2:3]))
    assert watch.look()["xero", "PENDING"].postings == 1


def test_the_watch_asks_in_the_background_and_sees_a_store_go(tmp_path: Path) -> None:
    """It finds the store, tells its figures, and says why when there is none."""
    path = tmp_path / "store.db"
    SqliteLog.create(str(path)).close()
    watch = Watch(partial(opened, read(f"sqlite:///{path}", {})), ())
    assert watch.unreachable() == "not asked yet"
    watch.start()
    until = time.monotonic_ns() + MINUTE_NS
    while not watch.found_at and time.monotonic_ns() < until:
        time.sleep(0.01)
    metrics = Metrics(dict, watch)
    assert (watch.unreachable(), samples(metrics)["postgate_store_reachable", ()]) == ("", 1)
    assert samples(metrics)["postgate_log_head_position", ()] == 0
    watch.stop()
    gone = Watch(partial(opened, read(f"sqlite:///{tmp_path / 'none.db'}", {})), ())
    gone.start()
    while gone.reason == "not asked yet" and time.monotonic_ns() < until:
        time.sleep(0.01)
    assert "there is no store" in gone.unreachable()
    gone.stop()


def told(answered: Answer) -> tuple[int, dict[str, object]]:
    """Return the code and the object of an answer."""
    return answered.code, json.loads(answered.body)


def test_a_worker_that_hangs_is_not_live() -> None:
    """A minute without the end of a step: a restart is the remedy."""
    fresh, old = WorkerState(), WorkerState(advanced_at=time.monotonic_ns() - 61 * 10**9)
    assert told(live({"ingest": fresh})) == (200, {"live": True, "hanging": [], "seconds_since_step": {"ingest": 0}})
    code, found = told(live({"ingest": fresh, "publish": old}))
    assert (code, found["hanging"]) == (503, ["publish"])


def test_readiness_names_every_reason() -> None:
    """Workers that have not joined, that are still being made, and a store out of reach; a stopped partition is told, no more."""
    joined, joining = WorkerState(ready=True, reason=""), WorkerState(reason="joining the group")
    joined.partitions = {"kafka:c/t/i/0": Partition("t", 0, stopped="gone")}
    stopped = {"kafka:c/t/i/0": "gone"}
    assert told(ready({"ingest": joined}, "", 1)) == (200, {"ready": True, "reasons": [], "stopped": stopped})
    code, found = told(ready({"ingest": joined, "publish": joining}, "it is down", 3))
    assert code == 503
    assert found["reasons"] == ["publish: joining the group", "a worker is still starting", "store: it is down"]


def test_health_answers_over_http() -> None:
    """Each path has its answer, HEAD has no body, and what is not there is told apart."""
    health = Health(("127.0.0.1", 0), {"/readyz": lambda: Answer(HTTPStatus.SERVICE_UNAVAILABLE, "application/json", b"{}\n")})
    try:
        place = f"http://{health.address}"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{place}/readyz?verbose", timeout=5)
        with refused.value as response:
            assert (response.code, response.headers["Content-Type"], response.read()) == (503, "application/json", b"{}\n")
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(urllib.request.Request(f"{place}/../etc/passwd", method="HEAD"), timeout=5)
        with missing.value as response:
            assert (response.code, response.read()) == (404, b"")
        with pytest.raises(EdgeError, match="cannot listen") as taken:
            Health(("127.0.0.1", int(health.address.rpartition(":")[2])), {})
        assert taken.value.exit_code == 4
    finally:
        health.close()


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:1", ("localhost", 1)),
        ("off", None),
    ],
)
def test_the_address_of_health_is_read(asked: str, where: tuple[str, int] | None) -> None:
    """Loopback unless somebody says otherwise, or nowhere."""
    assert address(asked) == where


@pytest.mark.parametrize("asked", ["", "9464", ":9464", "host:", "example.com:80", "127.0.0.1:70000", "127.0.0.1:x"])
def test_what_is_no_address_is_refused(asked: str) -> None:
    """With what to write instead."""
    with pytest.raises(NotFound, match="HOST:PORT"):
        address(asked)


def test_the_default_listens_on_this_machine_alone() -> None:
    """Nobody outside reads figures unless somebody chose it."""
    assert address(read(environment={}).health.value) == ("127.0.0.1", 9464)


def test_a_store_that_cannot_be_opened_is_an_error_of_the_edge() -> None:
    """The watch turns it into a reason; everybody else gets the error."""
    with pytest.raises(StoreUnreachable):
        opened(read("sqlite:////nowhere/none.db", {})).__enter__()
