"""Metrics: what Prometheus is told, taken when it asks from what the workers and the watch of the store already know."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from adapters import clock
from adapters.standing import STUCK_DAYS, Standing, Watch
from adapters.workers.worker import BatchDone, Partition, WorkerState
from engine.firewall.rulebook import RULEBOOK


def _release() -> str:
    try:
        return version("postgate")
    except PackageNotFoundError:
        return "source"


RELEASE = _release()
NANOSECONDS = 1_000_000_000
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = tuple(ms / 1_000 for ms in (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000))
_LATENCIES = (*_SECONDS, 300, 900, 3_600)
_MESSAGES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500)
_BYTES = tuple(4**power for power in range(4, 13))

disable_created_metrics()  # type: ignore[no-untyped-call]  # They double the series, and nobody asks when a counter began.

States = Callable[[], Mapping[str, WorkerState]]
"""Gives the state of every worker by its name, as it is now."""
Counts = dict[tuple[str, ...], int]
"""Numbers by the values of their labels."""


class Metrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self, states: States, watch: Watch) -> None:
        """Tell about workers and the store."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_Workers(states))
        self._registry.register(_Store(watch))
        kept, worker = self._registry, ("worker",)
        self._messages = Histogram("postgate_batch_messages", "Messages in a batch.", worker, buckets=_MESSAGES, registry=kept)
        told = "Bytes of the messages in a batch."
        self._bytes = Histogram("postgate_batch_bytes", told, worker, buckets=_BYTES, registry=kept)
        told = "From the first record in hand to the commit."
        self._seconds = Histogram("postgate_batch_duration_seconds", told, worker, buckets=_SECONDS, registry=kept)
        told = "From the fact that released documents, as the broker has its time, to the commit of their postings."
        self._latency = Histogram("postgate_release_latency_seconds", told, buckets=_LATENCIES, registry=kept)
        told = "Documents that came and were posted, came and were held, or were held and then released."
        self._documents = Counter("postgate_documents", told, ("change",), registry=kept)

    def batch(self, worker: str, done: BatchDone) -> None:
        """Count one batch."""
        self._messages.labels(worker).observe(done.messages)
        self._bytes.labels(worker).observe(done.bytes)
        self._seconds.labels(worker).observe(done.ms / 1_000)
        for change, count in (("posted", done.posted), ("held", done.held), ("released", done.released)):
            self._documents.labels(change).inc(count)
        if done.released:
            self._latency.observe(done.behind_ms / 1_000)

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Workers(Collector):
    """What the workers say of themselves."""

    def __init__(self, states: States) -> None:
        self._states = states

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        states, now = dict(self._states()), time.monotonic_ns()
        yield _build()
        ready: Counts = {(name,): int(state.ready) for name, state in states.items()}
        yield _gauge("worker_ready", "1 when the worker takes part.", ("worker",), ready)
        ages: Counts = {(name,): now - state.advanced_at for name, state in states.items()}
        told = "Since a step of the worker last came to its end."
        yield _gauge("worker_last_step_age_seconds", told, ("worker",), ages, per=NANOSECONDS)
        yield from _counted(states)
        yield from _partitions(states)
        yield from _numbers(states)


class _Store(Collector):
    """What the last round of questions found in the store."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        reached: Counts = {(): int(not self._watch.unreachable())}
        yield _gauge("store_reachable", "1 when the store answered when it was last asked.", (), reached)
        if self._watch.found_at:
            yield from _asked(self._watch.found, self._watch.found_at)


def _asked(found: Standing, asked_at: int) -> Iterator[Metric]:
    """Tell what the last round found; ages are as of now, not as of the round."""
    now, us, state, owed = clock.now(), clock.MICROSECONDS, ("state",), ("target", "state")

    def ages(at: Mapping[tuple[str, ...], int]) -> Counts:
        return {key: max(0, now - since) for key, since in at.items()}

    yield _gauge("store_round_duration_seconds", "What the last round of questions took.", (), {(): found.took_ms}, per=1_000)
    yield _gauge("store_round_age_seconds", "Since the figures of the store were asked.", (), ages({(): asked_at}), per=us)
    yield _gauge("log_head_position", "The last position of the log.", (), {(): found.head})
    told = "The last position of the log that is on the topics."
    yield _gauge("published_position", told, ("cluster",), _keyed(found.published))
    yield _gauge("unposted_documents", "Documents that are held or wait.", state, _keyed(found.unposted))
    yield _gauge("held_documents", "The same by each reason that holds them.", ("reason",), _keyed(found.held))
    oldest = ages(_keyed(found.oldest_at))
    yield _gauge("oldest_unposted_age_seconds", "Since the oldest of them was recorded.", state, oldest, per=us)
    told = f"Documents that are held or wait since more than {STUCK_DAYS} days."
    yield _gauge("stuck_documents", told, state, _keyed(found.stuck))
    told = "Messages in quarantine that were not offered again."
    yield _gauge("quarantined_messages", told, ("code",), _keyed(found.quarantined))
    silent: Counts = {key: opened.postings for key, opened in found.undelivered.items()}
    told = "Postings without an answer (PENDING), lost (UNKNOWN), refused (FAILED), or changed there (DRIFTED)."
    yield _gauge("undelivered_postings", told, owed, silent)
    since = ages({key: opened.oldest_at for key, opened in found.undelivered.items()})
    yield _gauge("undelivered_oldest_age_seconds", "Since the oldest of them was recorded.", owed, since, per=us)


def _keyed(numbers: Mapping[str, int]) -> Counts:
    return {(name,): number for name, number in numbers.items()}


def _build() -> Metric:
    labels = (RELEASE, RULEBOOK, platform.python_version())
    return _gauge("build_info", "What runs here.", ("version", "rulebook", "python"), {labels: 1})


_OF_WORKERS: tuple[tuple[str, str, Callable[[WorkerState], int]], ...] = (
    ("batches", "Transactions that were committed.", lambda state: state.batches),
    ("messages", "Messages that were handled.", lambda state: state.messages),
    ("redelivered_records", "Records that came again after they were committed.", lambda state: state.redelivered),
    ("elsewhere_records", "Records of books that another cell keeps.", lambda state: state.elsewhere),
    ("retries", "Batches that were begun again.", lambda state: state.retries),
)
_GROWING = ("publisher_opened", "publisher_fenced")
_OF_PARTITIONS: tuple[tuple[str, str, Callable[[Partition], int], int], ...] = (
    ("partition_position", "The next offset to read, as the store has it.", lambda one: one.position, 1),
    ("partition_end_offset", "The offset that the broker gives next.", lambda one: one.end, 1),
    ("partition_lag_messages", "Offsets that are left to read.", lambda one: one.lag, 1),
    ("partition_lag_seconds", "How old the last record was when it was taken.", lambda one: one.behind_ms, 1_000),
    ("partition_stopped", "1 while an operator must act.", lambda one: int(bool(one.stopped)), 1),
)


def _counted(states: Mapping[str, WorkerState]) -> Iterator[Metric]:
    """Tell what the workers have counted since they began."""
    verdicts = _added(dict(state.verdicts) for state in states.values())
    yield _counter("receipts", "Messages by what became of them.", ("verdict",), verdicts)
    codes = _added(dict(state.codes) for state in states.values())
    yield _counter("receipt_codes", "Messages by the code of their receipt.", ("code",), codes)
    for name, told, of in _OF_WORKERS:
        yield _counter(name, told, ("worker",), {(worker,): of(state) for worker, state in states.items()})


def _added(counts: Iterable[Mapping[str, int]]) -> Counts:
    sums: Counts = {}
    for each in counts:
        for name, count in each.items():
            sums[name,] = sums.get((name,), 0) + count
    return sums


def _partitions(states: Mapping[str, WorkerState]) -> Iterator[Metric]:
    held = [partition for state in states.values() for partition in state.partitions.values()]
    for name, told, of, per in _OF_PARTITIONS:
        values: Counts = {(one.topic, str(one.number)): of(one) for one in held}
        yield _gauge(name, told, ("topic", "partition"), values, per=per)


def _numbers(states: Mapping[str, WorkerState]) -> Iterator[Metric]:
    """Tell the other numbers of workers; some of them only grow."""
    for worker, state in states.items():
        for name, number in sorted(dict(state.numbers).items()):
            made = _counter if name in _GROWING else _gauge
            yield made(name, f"Of the worker {worker}.", ("worker",), {(worker,): number})


def _gauge(name: str, told: str, labels: Sequence[str], values: Mapping[tuple[str, ...], int], *, per: int = 1) -> Metric:
    """Return a gauge; `per` is how many of the values' unit make one of the gauge's."""
    family = GaugeMetricFamily(f"postgate_{name}", told, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value / per if per > 1 else value)
    return family


def _counter(name: str, told: str, labels: Sequence[str], values: Mapping[tuple[str, ...], int]) -> Metric:
    family = CounterMetricFamily(f"postgate_{name}", told, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
