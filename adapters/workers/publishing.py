"""Publishing: what the log has and the topics have not is told, batch by batch; of several publishers one is at work."""

from __future__ import annotations

import threading
import time

from adapters.announcing import PAGE_RECORDS_MAX, Announcer, Page
from adapters.errors import BrokerUnreachable, EdgeError, StoreUnreachable
from adapters.eventlog.store import Store
from adapters.kafka.notes import note_too_large, too_large
from adapters.kafka.producing import Fenced, Producing, TooLarge
from adapters.workers.worker import BatchDone, Tell, WorkerState, untold

LOOK_MS = 20
"""How often the end of the log is looked at when nothing is left to tell."""
STAND_BY_MS = 20_000
"""How long nobody may have told what is there before a publisher that stands by takes over."""
WATCH_MS = 1_000
STANDING_BY = "another publisher is at work; standing by"
RETRY_MS, RETRY_MS_MAX = 100, 5_000
BEGIN_MS_MAX = 15_000
"""How long the broker may be out of reach at the start; later we wait for it as long as it takes."""
NUMBERS = ("publisher_position", "publish_lag_records", "publish_too_large", "publisher_opened", "publisher_fenced")
"""What is shown besides batches: the position told, records behind it, messages the broker refuses, and changes of hands."""
_NS = 1_000_000


class PublishWorker:
    """The worker that publishes: it opens, tells, and begins again from what is known after any error."""

    name = "publish"

    def __init__(self, log: Store, producing: Producing, *, stand_by_ms: int = STAND_BY_MS, tell: Tell = untold) -> None:
        """Tell a log through a producer; whoever writes to the log in this process sets `grown`."""
        self.state = WorkerState(numbers=dict.fromkeys(NUMBERS, 0))
        self._log, self._producing = log, producing
        self._announcer = Announcer(log)
        self.grown = threading.Event()
        self._tell = tell
        self._stand_by_ms = stand_by_ms
        self._position: int | None = None
        """Where to go on; none while somebody else, or nobody, is at work."""
        self._stands_by = False
        self._watched = (0, time.monotonic_ns())
        """How far others came, and since when."""
        self._failures, self._retry_at, self._began = 0, 0, time.monotonic_ns()
        self._unsent: dict[int, str] = {}
        self._batch_max = PAGE_RECORDS_MAX

    def step(self, wait_ms: int) -> int:
        """Tell one batch, or wait; return how many messages were told. Raises EdgeError where going on is of no use."""
        try:
            if time.monotonic_ns() < self._retry_at:
                self._wait(min(wait_ms, (self._retry_at - time.monotonic_ns()) // _NS + 1))
                return 0
            done = self._stand_by(wait_ms) if self._stands_by else self._publish(wait_ms)
            self._failures = 0
            return done
        except Fenced:
            self._step_back()
        except (BrokerUnreachable, StoreUnreachable) as error:
            self._retry(error)
        finally:
            self.state.advanced()
        return 0

    def _publish(self, wait_ms: int) -> int:
        if self._position is None or not self._producing.is_open:
            self._open()
        page = self._next(wait_ms)
        if page is None:
            return 0
        began = time.monotonic_ns()
        messages = [message for message in page.messages if message.position not in self._unsent]
        try:
            self._producing.send(messages, page)
        except TooLarge as refused:
            self._pass_over(refused)
            return 0
        self._position = page.position
        self._count(page, sum(len(message.value) for message in messages), (time.monotonic_ns() - began) // _NS)
        return len(messages)

    def _open(self) -> None:
        self._position = None
        self._position = self._producing.open()
        self._unsent = dict(too_large(self._log, self._producing.cluster))
        self.state.numbers["publisher_opened"] += 1
        self._show(self._position, self._log.head())

    def _next(self, wait_ms: int) -> Page | None:
        """Return the next page, as soon as there is one."""
        if self._position is None:
            return None
        until = time.monotonic_ns() + wait_ms * _NS
        while True:
            # Before looking, so that what is written while we look wakes us.
            self.grown.clear()
            head = self._log.head()
            if head > self._position:
                return self._announcer.page(self._position, self._batch_max)
            if head < self._position:
                self._position = None  # An older state of the store is in its place: opening anew says what that means.
                return None
            self._show(self._position, self._position)
            left = (until - time.monotonic_ns()) // _NS
            if left <= 0:
                return None
            self._wait(min(left, LOOK_MS))

    def _stand_by(self, wait_ms: int) -> int:
        """Watch how far others come; take over when they leave something untold for too long."""
        position, now = self._producing.watched(), time.monotonic_ns()
        if position != self._watched[0]:
            self._watched = (position, now)
        head = self._log.head()
        if head <= position:
            self._watched = (position, now)
        self._show(position, head)
        self.state.ready, self.state.reason = True, STANDING_BY
        if (now - self._watched[1]) // _NS >= self._stand_by_ms:
            self._stands_by = False
            return 0
        self._wait(min(wait_ms, WATCH_MS))
        return 0

    def _step_back(self) -> None:
        self._position, self._stands_by = None, True
        self._watched = (-1, time.monotonic_ns())
        self.state.numbers["publisher_fenced"] += 1
        self.state.ready, self.state.reason = True, STANDING_BY

    def _pass_over(self, refused: TooLarge) -> None:
        """Keep a note of what cannot be sent, and let the others go on."""
        note_too_large(self._log, self._producing.cluster, refused.messages)
        for message in refused.messages:
            facts = {"position": message.position, "topic": message.topic, "id": message.id, "bytes": len(message.value)}
            self._tell("message is larger than the broker takes", facts)
        self._position = None

    def _retry(self, error: EdgeError) -> None:
        """Begin again from what is known, after a pause that grows. Raises the error when nothing ever worked."""
        self._position = None
        if not self.state.numbers["publisher_opened"] and time.monotonic_ns() - self._began > BEGIN_MS_MAX * _NS:
            raise error
        self._failures += 1
        self._retry_at = time.monotonic_ns() + min(RETRY_MS * 2 ** min(self._failures, 10), RETRY_MS_MAX) * _NS
        self.state.retries += 1
        self.state.ready, self.state.reason = False, str(error)

    def _count(self, page: Page, size: int, ms: int) -> None:
        state, topics = self.state, dict[str, int]()
        for message in page.messages:
            topics[message.topic] = topics.get(message.topic, 0) + 1
        state.batches += 1
        state.messages += len(page.messages)
        state.last = BatchDone(
            messages=len(page.messages), passed_over=0, bytes=size, ms=ms, verdicts={}, codes=topics, head=page.position
        )
        self._show(page.position, page.head)

    def _show(self, position: int, head: int) -> None:
        unsent = len(self._unsent)
        self.state.numbers["publisher_position"] = position
        self.state.numbers["publish_lag_records"] = max(0, head - position)
        self.state.numbers["publish_too_large"] = unsent
        self.state.ready = True
        self.state.reason = f"{unsent} messages are larger than the broker takes; postgate reconcile --topic" if unsent else ""

    def _wait(self, ms: int) -> None:
        self.grown.wait(timeout=max(0, ms) / 1_000)

    def close(self) -> None:
        """Give back connections; nothing is half told."""
        self._producing.close()
        self._position = None
