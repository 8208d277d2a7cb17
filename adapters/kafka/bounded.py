"""Bounded reading: no batch that the broker hands over can take more memory than its share, or hold up those behind it.

The library opens a compressed batch whole, however large it grows, and gives up on a partition for one record that it cannot
read. Here a batch that would grow over the bound, and a record that breaks its own form, come out as Sealed: bytes, code, why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import UnsupportedVersionError
from kafka.protocol.metadata import MetadataRequest
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.memory_records import MemoryRecords
from kafka.record.util import decode_varint

from adapters.kafka.compression import TooLarge, opened
from adapters.kafka.joining import Joining
from schemas.gate import KEYS_MAX, Oversized

BATCH_BYTES_MAX = 64 * 1024 * 1024
"""How large a compressed batch may grow when it is opened."""
QUESTION_MS = 5_000
STEP = 16
"""How many records are taken before their bytes are counted."""

NOWHERE = -1
"""The first offset of a stretch that is not whole, because its partition came back at another place meanwhile."""


class Sealed(bytes):
    """What stands in place of a record that cannot be opened: as much as is kept of it, a code, and why."""

    raw: bytes
    code: str
    why: str

    def __new__(cls, raw: bytes, code: str, why: str) -> Sealed:
        """Keep bytes, or the size and digest of some, with the reason."""
        sealed = super().__new__(cls, raw)
        sealed.raw, sealed.code, sealed.why = raw, code, why
        return sealed


class Batch(DefaultRecordBatch):  # type: ignore[misc]
    """A batch of records that opens within its bound, and yields a record for every offset, sealed ones too."""

    _buffer: bytearray
    _pos: int
    _seals: Iterator[DefaultRecord] | None

    def __iter__(self) -> Iterator[DefaultRecord]:
        """Open the batch, and begin with its first record."""
        self._seals = None
        packed = bytes(memoryview(self._buffer)[self._pos :]) if self.compression_type else b""
        try:
            if self.compression_type:
                self._assert_has_codec(self.compression_type)
                self._buffer, self._pos = bytearray(opened(packed, self.compression_type, BATCH_BYTES_MAX)), 0
        except TooLarge:
            why = f"{len(packed):,} bytes that grow to more than {BATCH_BYTES_MAX:,} when they are opened: send smaller batches"
            self._seals = self._sealed(packed, "DECOMPRESSION_BOMB", why)
        except ValueError as error:
            self._seals = self._sealed(packed, "BATCH_UNREADABLE", f"it cannot be opened ({error}): publish its messages again")
        self._decompressed = True
        return self

    def __next__(self) -> DefaultRecord:
        """Return the next record."""
        if self._seals is None:
            if self._next_record_index >= self._num_records:
                raise StopIteration
            start = self._pos
            try:
                record = self._read()
            except (ValueError, IndexError):
                rest = bytes(self._buffer[start:])
                why = "its records do not have the form they should: publish them again"
                self._seals = self._sealed(rest, "BATCH_UNREADABLE", why, first=self._next_record_index)
            else:
                self._next_record_index += 1
                return record
        return next(self._seals)

    def _read(self) -> DefaultRecord:
        """Read one record; one whose headers are broken or too many is sealed, and its neighbours are not."""
        buffer = self._buffer
        length, start = decode_varint(buffer, self._pos)
        end = start + length
        if length < 0 or end > len(buffer):
            raise ValueError("a record ends outside its batch")
        late, pos = decode_varint(buffer, start + 1)  # One byte of attributes comes first; no release has used it.
        delta, pos = decode_varint(buffer, pos)
        key, pos = _bytes(buffer, pos)
        value, pos = _bytes(buffer, pos)
        count, pos = decode_varint(buffer, pos)
        self._pos = end
        headers: list[tuple[str, bytes | None]] = []
        if count > KEYS_MAX:
            value = Sealed(bytes(buffer[start:end]), "TOO_MANY_KEYS", f"{count:,} headers; the limit is {KEYS_MAX:,}: send fewer")
        else:
            try:
                for _ in range(count):
                    name, pos = _bytes(buffer, pos)
                    content, pos = _bytes(buffer, pos)
                    headers.append(((name or b"").decode(), content))
                if pos != end:
                    raise ValueError("a record is longer than what is in it")
            except (ValueError, IndexError) as error:
                headers = []
                value = Sealed(bytes(buffer[start:end]), "ENCODING", f"its headers cannot be read ({error}): send UTF-8 names")
        timestamp = self.max_timestamp if self.timestamp_type else self.first_timestamp + late
        return DefaultRecord(length, self.base_offset + delta, timestamp, self.timestamp_type, key, value, headers)

    def _sealed(self, kept: bytes, code: str, why: str, *, first: int = 0) -> Iterator[DefaultRecord]:
        """Yield a sealed record for every offset from one on; the first keeps the bytes, the others their size and digest."""
        digest, offset = sha256(kept).hexdigest(), self.base_offset + first
        for delta in range(first, self.last_offset_delta + 1):
            whole = delta == first
            bare = kept if whole else Oversized(b"", len(kept), digest)
            told = f"a compressed or broken batch at offsets {offset} to {self.last_offset}: {why}"
            value = Sealed(bare, code, told if whole else f"{told}; its bytes are kept at offset {offset}")
            yield DefaultRecord(0, self.base_offset + delta, self.max_timestamp, self.timestamp_type, None, value, [])


def _bytes(buffer: bytearray, pos: int) -> tuple[bytes | None, int]:
    """Read bytes with their length before them; a negative length stands for nothing at all."""
    length, pos = decode_varint(buffer, pos)
    if length < 0:
        return None, pos
    if pos + length > len(buffer):
        raise ValueError("a part of a record ends outside it")
    return bytes(buffer[pos : pos + length]), pos + length


class _Batches:
    """The batches of one answer of the broker."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    def next_batch(self) -> DefaultRecordBatch | None:
        batch = self._records.next_batch()
        if batch is None or (batch.magic == 2 and batch.is_control_batch):
            return batch
        if batch.magic < 2:
            raise UnsupportedVersionError("the topic keeps records in a form from before Kafka 0.11")
        return Batch(batch._buffer)


class _Taking(Fetcher):  # type: ignore[misc]
    """Takes records from the broker's answers, and notes which offsets it has passed."""

    class PartitionRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
        """The records of one partition in one answer."""

        def _unpack_records(self, tp: TopicPartition, records: MemoryRecords, *deserializers: Any) -> Any:
            return super()._unpack_records(tp, _Batches(records), *deserializers)

    passed: dict[TopicPartition, tuple[int, int]]
    bytes_max = BATCH_BYTES_MAX
    _bytes_taken = 0

    def fetched_records(self, max_records: int | None = None, update_offsets: bool = True) -> Any:  # noqa: FBT001, FBT002 - the library's
        """Return records up to a number and a size."""
        self._bytes_taken = 0
        return super().fetched_records(max_records, update_offsets)

    def _append(self, drained: Any, part: Any, max_records: int, update_offsets: bool) -> int:  # noqa: FBT001 - the library's
        """Take a few records of one partition; when enough bytes are in hand, claim that all records asked for are."""
        if not part:
            return 0
        tp, first = part.topic_partition, part.next_fetch_offset
        with ExitStack() as broken:
            broken.callback(part.drain)  # What is left of it would be asked for again and again, and never answer.
            took: int = super()._append(drained, part, min(max_records, STEP), update_offsets)
            broken.pop_all()
        if part.next_fetch_offset > first:
            began, until = self.passed.get(tp, (first, first))
            self.passed[tp] = (began if until == first else NOWHERE, part.next_fetch_offset)
        for record in drained[tp][-took:] if took else ():
            self._bytes_taken += len(record.value or b"") + max(record.serialized_header_size, 0)
        return max_records if self._bytes_taken >= self.bytes_max else took


@dataclass(frozen=True, slots=True)
class Stretch:
    """Offsets of one partition that were passed, the one to go on at, and the records between."""

    first: int
    after: int
    records: Sequence[Any]


class BoundedConsumer(KafkaConsumer):  # type: ignore[misc]
    """The library's consumer, reading within bounds."""

    def __init__(self, *, bytes_max: int, **configs: Any) -> None:
        """Take about `bytes_max` bytes at a time."""
        super().__init__(**configs)
        self._fetcher = _Taking(self._client, self._subscription, metrics=self._metrics, **self.config)
        self._fetcher.bytes_max, self._fetcher.passed = bytes_max, {}
        self._coordinator.__class__ = Joining  # Made anew, it would listen to the cluster twice.

    def take(self, wait_ms: int) -> dict[TopicPartition, Stretch]:
        """Return what was passed of each partition; returns early when there is something."""
        self._fetcher.passed = {}
        records = self.poll(timeout_ms=wait_ms)
        return {tp: Stretch(first, after, records.get(tp, [])) for tp, (first, after) in self._fetcher.passed.items()}

    def forget(self, partition: TopicPartition) -> None:
        """Drop what came of a partition and was not taken yet: its offsets may be those of a topic that is no more."""
        fetcher = self._fetcher
        for waiting in list(fetcher._completed_fetches):
            if waiting.topic_partition == partition:
                with suppress(ValueError):
                    fetcher._completed_fetches.remove(waiting)
        for parked in (fetcher._paused_completed_fetches, fetcher._paused_partition_records):
            parked.pop(partition, None)
        current = fetcher._next_partition_records
        if current and current.topic_partition == partition:
            current.drain()

    def identities(self, topics: Collection[str]) -> dict[str, UUID]:
        """Ask the broker which topics stand under the names now; one that was made anew is another, and reads on silently."""
        request = MetadataRequest(
            topics=[MetadataRequest.MetadataRequestTopic(name=topic) for topic in topics],
            allow_auto_topic_creation=False,
            include_cluster_authorized_operations=False,
            include_topic_authorized_operations=False,
        )
        net = self._client._manager

        async def asked() -> Any:
            return await net.wait_for(net.send(request, node_id=net.least_loaded_node()), QUESTION_MS)

        answer = self._net.run(asked)
        return {each.name: each.topic_id for each in answer.topics if not each.error_code and each.topic_id}

    def look_again(self) -> None:
        """Have the library ask for topics and leaders anew."""
        self._cluster.request_update()
