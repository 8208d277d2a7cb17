"""Producing: batches of messages go to their topics in transactions that also carry how far the log was told.

One store has one transactional id. Whoever opens it shuts everybody else out, and only then reads how far they came, so
that publishers that were killed or frozen repeat nothing and lose nothing for readers of committed records. Should the
broker tear a transaction all the same, ids are derived, bytes repeat, and `reconcile --topic` finds what is missing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    InvalidProducerEpochError,
    InvalidTxnStateError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotCoordinatorError,
    ProducerFencedError,
    RecordListTooLargeError,
)
from kafka.producer.future import FutureRecordMetadata
from kafka.structs import OffsetAndMetadata

from adapters.announcing import OUTPUTS, POSTINGS, Message, Page, link_at
from adapters.errors import BrokerSetup
from adapters.eventlog.store import Store
from adapters.kafka.connection import configuration, opening, reaching, right_cluster
from adapters.kafka.notes import Told, note_position, note_topics, noted_position, noted_topics, told_clusters
from adapters.kafka.topics import PREFIX, Found, administrator, checked, found, named, partition_of
from adapters.settings import KafkaSettings

WAIT_MS = 6_000
"""How long one exchange with the broker may take. A stop may last 10 s; a batch that was given up is begun anew."""
CLOSE_S = 2
COORDINATOR_TRIES, COORDINATOR_PAUSE_S = 6, 1
BATCH_BYTES = 256 * 1024
REQUEST_BYTES_MAX = 32 * 1024 * 1024
"""More than any message has: how large one may be is for the topic to say."""
TRANSACTION_MS_MAX = 30_000
"""How long readers of committed records may wait for a publisher that froze in the middle of a batch."""
_FENCED = (ProducerFencedError, InvalidProducerEpochError, InvalidTxnStateError)
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
_RECONCILE = "postgate reconcile --topic --dry-run shows what differs, and without --dry-run it says again what is missing"


class Fenced(Exception):
    """Another publisher of the same store has taken over."""


class TooLarge(Exception):
    """Messages that the broker refuses for their size, none when it cannot be told yet which; nothing was committed."""

    def __init__(self, messages: Sequence[Message]) -> None:
        super().__init__(f"{len(messages)} messages are larger than the broker takes")
        self.messages = messages


class Producing:
    """The one producer of a store; `open` makes it so, and any error unmakes it."""

    def __init__(self, settings: KafkaSettings, log: Store, *, prefix: str = PREFIX) -> None:
        """Publish what a store has recorded to the topics whose names begin with a prefix."""
        self._settings = settings
        self._log = log
        self._names = {topic: named(topic, prefix) for topic in OUTPUTS}
        self._carrier = TopicPartition(self._names[POSTINGS], 0)
        self._partitions: dict[str, int] = {}
        self._producer: KafkaProducer | None = None
        self._admin: KafkaAdminClient | None = None
        self._careful = False
        self._told = Told(0, "")
        """What was told last: while we publish, the store may be replaced by an older state of it."""
        self.name = f"postgate-publish-{log.deployment}"
        self.cluster = ""

    def open(self, *, lenient: bool = False) -> int:
        """Shut out whoever published before, and return the position from which to go on.

        Raises BrokerUnreachable, or BrokerSetup where going on would lose or disorder something. `lenient` takes topics that
        were made anew and another history as they are, for whoever compares and mends.
        """
        self.close()
        with self._closing():
            with reaching(self._settings):
                self._check_partitions(self.topics(), lenient=lenient)
                self._producer = self._started()
                # The order matters: what a shut out publisher had under way is decided now, and not a moment before.
                self._producer.init_transactions()
                told = self.told()
            if not lenient:
                self._check_history(told)
        self._told = Told(0, "") if lenient else told
        return told.position

    @contextmanager
    def _closing(self) -> Iterator[None]:
        """Close whatever was opened when something goes wrong."""
        with ExitStack() as undoing:
            undoing.callback(self.close)
            yield
            undoing.pop_all()

    def _started(self) -> KafkaProducer:
        given = configuration(self._settings, "publish")
        given |= {
            "transactional_id": self.name,
            "transaction_timeout_ms": TRANSACTION_MS_MAX,
            "acks": "all",
            "allow_auto_create_topics": False,
            "batch_size": BATCH_BYTES,
            "linger_ms": 5,
            "max_request_size": REQUEST_BYTES_MAX,
            "max_block_ms": WAIT_MS,
            "metrics_enabled": False,
            # Between two transactions the coordinator asks for a moment; the library's pause of 100 ms would halve the rate.
            "retry_backoff_ms": 20,
        }
        with opening() as more:
            return KafkaProducer(**given, **more)

    def told(self) -> Told:
        """Return how far the log was told, whoever did it: the larger of what the broker and the store have noted."""
        kept = self._committed()
        committed = Told(kept.offset, kept.metadata or "") if kept is not None and kept.offset > 0 else Told(0, "")
        noted = noted_position(self._log, self.cluster)
        return max(committed, noted, key=lambda told: told.position)

    def _committed(self) -> OffsetAndMetadata | None:
        for left in reversed(range(COORDINATOR_TRIES)):
            try:
                return self._asked().list_group_offsets({self.name: [self._carrier]})[self.name].get(self._carrier)
            except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
                # A broker that has just begun has to make the topic first in which it keeps groups.
                if not left:
                    raise
                time.sleep(COORDINATOR_PAUSE_S)
        return None

    def _asked(self) -> KafkaAdminClient:
        if self._admin is None:
            self._admin = administrator(self._settings)
            self.cluster = str(self._admin.describe_cluster()["cluster_id"])
            right_cluster(self._settings, self.cluster, told_clusters(self._log))
        return self._admin

    def topics(self) -> Mapping[str, Found]:
        """Return the topics as the broker has them, by name. Raises BrokerUnreachable or BrokerSetup for unfit ones."""
        names = list(self._names.values())
        there = found(self._asked(), names)
        checked(self._settings.bootstrap.value, there, names)
        return there

    def watched(self) -> int:
        """Return how far another publisher has told the log. Raises BrokerUnreachable."""
        with self._closing(), reaching(self._settings):
            if self._admin is None:
                self.topics()
            return self.told().position

    def send(self, messages: Sequence[Message], page: Page | Told) -> None:
        """Commit messages and the position they bring the log to, all or nothing.

        Raises Fenced, TooLarge or BrokerUnreachable; after any of them `open` must be called, and says what became of it.
        Raises BrokerSetup when the history that was told before is not that of the store any more.
        """
        self._check_history(self._told)
        if messages:  # Otherwise there is nothing to say up to there, and that is true whoever publishes.
            with self._closing(), reaching(self._settings), self._fencing():
                self._transact(messages, page)
        self._told = Told(page.position, page.link)
        note_position(self._log, self.cluster, self._told)
        if messages and self._careful:
            self._careful = False
            self.close()

    @property
    def is_open(self) -> bool:
        """Say whether this is the publisher of the store, as far as it knows."""
        return self._producer is not None

    def must_adopt(self) -> bool:
        """Say whether history or topics are others than those that were noted; nobody is shut out by asking."""
        with reaching(self._settings):
            there, told = self.topics(), self.told()
        try:
            self._check_partitions(there, lenient=False)
            self._check_history(told)
        except BrokerSetup:
            return True
        return False

    def adopt(self, end: Told) -> None:
        """Take this history and these topics as the ones to go on with, after what was missing has been said again."""
        with self._closing(), reaching(self._settings):
            self._transact((), end)
            there = self.topics()
        note_position(self._log, self.cluster, end)
        note_topics(self._log, self.cluster, list(there.values()))

    def _transact(self, messages: Sequence[Message], page: Page | Told) -> None:
        producer, sent = self._opened(), list[tuple[Message, FutureRecordMetadata]]()
        producer.begin_transaction()
        try:
            for message in messages:
                name = self._names[message.topic]
                partition = partition_of(message.key, self._partitions[name])
                sent.append((message, producer.send(name, message.value, message.key, message.headers, partition)))
                if self._careful:
                    _acknowledged(producer, sent[-1:])
            _acknowledged(producer, sent)
        except KafkaError:
            # A record that is refused takes all others with it, those before it in its batch and those behind it anywhere.
            refused = [message for message, future in sent if isinstance(future.exception, _TOO_LARGE)]
            if not refused:
                raise
            certain, self._careful = self._careful or len(refused) == 1, True
            raise TooLarge(refused if certain else ()) from None
        carried = {self._carrier: OffsetAndMetadata(page.position, page.link, -1)}
        # The library's own calls wait for ever, and a broker may be gone for long.
        transactions = producer._transaction_manager
        self._await(producer, transactions.send_offsets_to_transaction(carried, self.name))
        self._await(producer, transactions.begin_commit())

    def _await(self, producer: KafkaProducer, result: Any) -> None:
        producer._sender.wakeup()
        if not result.wait(timeout_ms=WAIT_MS):
            raise KafkaTimeoutError(f"the broker did not answer within {WAIT_MS} ms")

    @contextmanager
    def _fencing(self) -> Iterator[None]:
        """Tell being shut out from other errors; the library often says only that an earlier request has failed."""
        try:
            yield
        except KafkaError as error:
            transactions = self._opened()._transaction_manager
            if isinstance(error, _FENCED) or isinstance(transactions.last_error, _FENCED):
                raise Fenced(str(error)) from error
            raise

    def _opened(self) -> KafkaProducer:
        if self._producer is None:
            raise RuntimeError("open comes first")
        return self._producer

    def _check_partitions(self, there: Mapping[str, Found], *, lenient: bool) -> None:
        """Hold topics against what was noted when they were first written to, and note them when they are."""
        place, begun = self._settings.bootstrap.value, noted_position(self._log, self.cluster).position
        noted = noted_topics(self._log, self.cluster, there)
        for name, topic in there.items():
            kept = noted.get(name)
            if kept is not None and kept[0] != topic.partitions:
                told = f"topic {name} has {topic.partitions} partitions, and had {kept[0]} when it was first written to"
                remedy = f"make it anew with {kept[0]} partitions: keys would change theirs, and consumers lose the order"
                raise BrokerSetup(place, told, remedy)
            if not lenient and (kept[1] != topic.id if kept else begun):
                told = f"topic {name} is another than the one that was told the log up to position {begun:,}"
                raise BrokerSetup(place, told, _RECONCILE)
            self._partitions[name] = topic.partitions
        if not begun:
            note_topics(self._log, self.cluster, [topic for name, topic in there.items() if name not in noted])

    def _check_history(self, told: Told) -> None:
        """Refuse to go on from a position that this log does not have, or has with another past: a backup was restored."""
        with self._log.querying() as cursor:
            link = link_at(cursor, told.position)
        if told.position and (not link or (told.link and told.link != link)):
            said = f"the topics were told of another history than this store has up to position {told.position:,}"
            raise BrokerSetup(self._settings.bootstrap.value, said, _RECONCILE)

    def close(self) -> None:
        """Give back connections; what was under way is decided by whoever opens next."""
        producer, self._producer = self._producer, None
        admin, self._admin = self._admin, None
        if producer is not None:
            # Without this, close waits for records that nobody will take, gives up, and leaves its thread running.
            producer._sender.force_close()
            producer.close(timeout=CLOSE_S)
        if admin is not None:
            admin.close()


def _acknowledged(producer: KafkaProducer, sent: Sequence[tuple[Message, FutureRecordMetadata]]) -> None:
    """Wait until the broker has all records. Raises the error of one that it has not."""
    producer.flush(timeout=WAIT_MS // 1_000)
    for _, future in sent:
        if not future.succeeded():
            raise future.exception or KafkaTimeoutError("no answer to a record")
