"""Records: whatever a Kafka record holds, it is a message or it is quarantined, with the code that a file would have given it."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords

from adapters.kafka.bounded import BATCH_BYTES_MAX, Batch, _Batches
from adapters.kafka.compression import GZIP, LZ4, SNAPPY, TooLarge, opened
from adapters.kafka.records import incoming, kept, unread
from engine.handling.transaction import Incoming
from engine.streams.quarantine import digest_of, quarantined
from schemas.envelope import Message, read_binary, read_structured
from schemas.gate import KEYS_MAX, MESSAGE_BYTES_MAX, Unreadable
from tests.corpus.case import DOOR, Case
from tests.corpus.cases import CASES
from tests.corpus.form import HEADERS
from tests.corpus.messages import invoice, sale

STRUCTURED = [("content-type", b"application/cloudevents+json")]
CONTENT = json.dumps(sale()).encode()
BINARY = [("content-type", b"application/json"), *((f"ce_{name}", text.encode()) for name, text in HEADERS.items())]


@dataclass(frozen=True, slots=True)
class Written:
    """A record as a producer wrote it."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = field(default_factory=list)
    key: bytes | None = b"i-1"
    offset: int = 7
    timestamp: int = 0


def read(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Incoming:
    """Read a record at offset 7 of a source."""
    return incoming("kafka:c/t/i/0", Written(value, headers))


def refusal(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Unreadable:
    """Return why a record is no message."""
    said = read(value, headers).said
    assert isinstance(said, Unreadable)
    return said


def as_headers(attributes: Mapping[str, str]) -> list[tuple[str, bytes | None]]:
    """Return attributes as a producer sends them."""
    sent = ((f"ce_{name}", text.encode("utf-8", "surrogatepass")) for name, text in attributes.items())
    return [("content-type", b"application/json"), *sent]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}-{case.name}")
def test_a_record_meets_the_verdict_of_the_table(case: Case) -> None:
    """The same bytes have the same verdict whether they come in a file or from a broker (rows 67, 68 and 69 too)."""
    said = read(case.raw, STRUCTURED if case.headers is None else as_headers(case.headers)).said
    if case.verdict in DOOR and case.verdict == "QUARANTINED":
        assert isinstance(said, Unreadable)
        assert said.code == case.code
    else:
        assert isinstance(said, Message)


def test_a_position_is_the_next_offset() -> None:
    """Offset 0 is the first position, so that 0 means that nothing was read."""
    assert (read(invoice(), STRUCTURED).position, read(None, ()).position) == (8, 8)


def test_a_binary_record_is_kept_as_the_message_it_is() -> None:
    """Attributes and content stand together, so that the digest covers both and the record can be read again."""
    came = read(CONTENT, BINARY)
    assert came.raw == read_binary(dict(HEADERS), CONTENT).raw
    assert came.said == read_structured(came.raw)


def test_a_structured_record_is_kept_as_it_came() -> None:
    """Its value is the message."""
    came = read(invoice(), STRUCTURED)
    assert (came.raw, came.said) == (invoice(), read_structured(invoice()))


def test_a_tombstone_deletes_nothing() -> None:
    """A record without a value is quarantined with its key (row 2)."""
    came = read(None, BINARY)
    assert isinstance(came.said, Unreadable)
    assert came.said.code == "TOMBSTONE_NOT_ALLOWED"
    said = json.loads(came.raw)
    assert (b64decode(said["kafka_key"]), said["kafka_value"]) == (b"i-1", None)
    assert [name for name, _ in said["kafka_headers"]] == [name for name, _ in BINARY]


@pytest.mark.parametrize(
    ("value", "headers", "code", "told"),
    [
        (b"hello", [("content-type", b"text/plain")], "CONTENT_TYPE", "content-type: 'text/plain' is not read"),
        (invoice(), [], "CONTENT_TYPE", "neither ce_specversion nor a content-type of CloudEvents"),
        (invoice(), [("content-type", b"application/json")], "CONTENT_TYPE", "neither ce_specversion"),
        (CONTENT, [*BINARY[1:], ("content-type", b"application/avro")], "CONTENT_TYPE", "'application/avro'"),
        (CONTENT, [*BINARY[1:], ("content-type", b"application/json; charset=latin-1")], "CONTENT_TYPE", "latin-1"),
        (b"[]", [("content-type", b"application/cloudevents-batch+json")], "CONTENT_TYPE", "cloudevents-batch"),
        (b"\0\0\0\0\x07" + invoice(), [], "UNEXPECTED_FRAMING", "schema-registry framing"),
        (b"\0\0\0\0\x07{}", STRUCTURED, "UNEXPECTED_FRAMING", "schema-registry framing"),
        (CONTENT, [*BINARY, ("ce_id", b"e-1")], "DUPLICATE_KEY", "'ce_id' is given twice"),
        (CONTENT, [*BINARY, ("Content-Type", b"text/plain")], "DUPLICATE_KEY", "'Content-Type' is given twice"),
        (CONTENT, [*BINARY, ("ce_subject", None)], "SCHEMA_INVALID", "ce_subject: a header without a value"),
        (CONTENT, [*BINARY, ("ce_subject", b"\xff")], "ENCODING", "ce_subject: not UTF-8 at byte 0"),
        (CONTENT, [*BINARY, ("ce_colour", b"red")], "UNKNOWN_FIELD", "ce_colour"),
        (CONTENT, [("ce_specversion", b"1.0")], "SCHEMA_INVALID", "ce_"),
        (CONTENT, [*BINARY, *[("x", b"")] * KEYS_MAX], "TOO_MANY_KEYS", "5,007 headers; the limit is 5,000"),
        (CONTENT, [*BINARY, ("x", b"y" * MESSAGE_BYTES_MAX)], "TOO_LARGE", "bytes of headers; the limit is 262,144"),
        (b" " * (MESSAGE_BYTES_MAX + 1), STRUCTURED, "TOO_LARGE", "262,145 bytes"),
        (b" " * (MESSAGE_BYTES_MAX + 1), BINARY, "TOO_LARGE", "bytes; the limit is 262,144"),
    ],
)
def test_what_is_no_message_says_why(value: bytes, headers: list[tuple[str, bytes | None]], code: str, told: str) -> None:
    """Foreign content types, both modes half, headers that cannot be: each has its code, its place and its remedy."""
    refused = refusal(value, headers)
    assert refused.code == code
    assert told in refused.message


@pytest.mark.parametrize("content_type", [b"application/cloudevents", b"Application/CloudEvents+JSON; charset=UTF-8"])
def test_the_structured_mode_has_more_than_one_spelling(content_type: bytes) -> None:
    """Media types know no case, and say their charset or not."""
    assert isinstance(read(invoice(), [("Content-Type", content_type)]).said, Message)


def test_a_binary_record_needs_no_content_type() -> None:
    """A structured message without datacontenttype is taken, so a binary one without its counterpart is too."""
    assert isinstance(read(CONTENT, BINARY[1:]).said, Message)


def test_a_structured_record_may_repeat_its_attributes_in_headers() -> None:
    """As long as they say the same; two envelopes that differ are no envelope (both modes at once)."""
    agreeing = [*STRUCTURED, ("ce_id", b"e-1"), ("ce_book", b"uk")]
    assert isinstance(read(invoice(), agreeing).said, Message)
    for name, value in (("ce_id", b"e-2"), ("ce_colour", b"red"), ("ce_subject", b"s")):
        refused = refusal(invoice(), [*STRUCTURED, (name, value)])
        assert (refused.code, refused.message.split(":")[0]) == ("SCHEMA_INVALID", name)


def test_headers_that_are_none_of_ours_are_passed_over() -> None:
    """Tracing systems add their own."""
    assert isinstance(read(CONTENT, [*BINARY, ("b3", b"\xff"), ("b3", None)]).said, Message)


def test_a_binary_record_of_an_unknown_type_can_be_offered_again() -> None:
    """It is kept in structured form, so that an upgrade and a requeue take it; its digest is that of the record sent again."""
    future = {**HEADERS, "type": "postgate.invoice.issued.v2"}
    came = read(CONTENT, as_headers(future))
    assert isinstance(came.said, Unreadable)
    assert came.said.code == "UNKNOWN_SCHEMA_VERSION"
    assert json.loads(came.raw) == {**future, "data": sale()}
    reordered = read(CONTENT, as_headers(dict(reversed(future.items()))))
    assert digest_of(reordered.raw) == digest_of(came.raw)


@pytest.mark.parametrize("value", [b'{}, "subject": "x"', b"\xff", b'{"a": 1, "a": 2}', b""])
def test_a_value_that_is_not_json_never_becomes_part_of_an_envelope(value: bytes) -> None:
    """All of the record is kept in a form that nobody takes for a message, also when it is offered again."""
    came = read(value, BINARY)
    said = json.loads(came.raw)
    assert b64decode(said["kafka_value"]) == value
    assert [(name, b64decode(text)) for name, text in said["kafka_headers"]] == BINARY
    with pytest.raises(Unreadable):
        read_structured(came.raw)


def test_two_records_that_differ_in_a_header_alone_have_two_digests() -> None:
    """What is quarantined of a binary record covers its headers."""
    one, other = (read(b"\xff", [*BINARY[:-1], ("ce_book", book)]) for book in (b"uk", b"fr"))
    assert digest_of(one.raw) != digest_of(other.raw)


def test_of_an_immense_record_size_and_digest_are_of_all_of_it() -> None:
    """Its beginning is kept, and what it was in whole can be proven."""
    record = Written(b"v" * 1_000_000, BINARY)
    raw = kept(record)
    event = quarantined("s#8", raw, "TOO_LARGE", "why")
    assert (len(raw), event.size > 1_333_333, len(b64decode(event.head))) == (MESSAGE_BYTES_MAX + 1, True, MESSAGE_BYTES_MAX // 4)
    assert kept(record) == raw
    assert event.digest != quarantined("s#8", kept(Written(b"w" * 1_000_000, BINARY)), "TOO_LARGE", "why").digest


def test_a_record_is_set_aside_without_looking_into_it() -> None:
    """Bytes that killed whoever read them are kept as they are."""
    came = unread("s", Written(b"[" * 100_000, STRUCTURED), "KILLED_THE_PROCESS", "why")
    assert (came.position, came.raw) == (8, b"[" * 100_000)
    assert isinstance(came.said, Unreadable)
    assert came.said.code == "KILLED_THE_PROCESS"


def built(values: Sequence[bytes], *, codec: int = 0, headers: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """Return a batch of records as a producer sends it, from offset 0."""
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 1 << 30)
    for offset, value in enumerate(values):
        builder.append(offset, 1_700_000_000_000, b"k", value, list(headers))
    return bytes(builder.build())


def records(batch: bytes) -> list[Incoming]:
    """Read what the broker hands over."""
    found = _Batches(MemoryRecords(batch)).next_batch()
    assert isinstance(found, Batch)
    return [incoming("s", record) for record in found]


@pytest.mark.parametrize("codec", [0, GZIP, SNAPPY, LZ4])
def test_a_batch_opens_whatever_packed_it(codec: int) -> None:
    """Every record comes out with its key, its headers and its offset."""
    came = records(built([invoice(document=f"i-{n}") for n in range(50)], codec=codec, headers=STRUCTURED))
    assert [one.position for one in came] == list(range(1, 51))
    assert [one.raw for one in came] == [invoice(document=f"i-{n}") for n in range(50)]


def test_a_batch_that_grows_without_end_is_quarantined_by_its_offsets() -> None:
    """A compressed bomb is opened up to its bound; each of its offsets has a receipt, and the first keeps its bytes (row 5)."""
    batch = built([b"\0" * (BATCH_BYTES_MAX // 2)] * 3, codec=GZIP)
    came = records(batch)
    assert len(batch) < 300_000
    assert [(one.position, one.said.code) for one in came if isinstance(one.said, Unreadable)] == [
        (position, "DECOMPRESSION_BOMB") for position in (1, 2, 3)
    ]
    packed = batch[61:]
    events = [quarantined(f"s#{one.position}", one.raw, "DECOMPRESSION_BOMB", "why") for one in came]
    assert {(event.size, event.digest) for event in events} == {(len(packed), sha256(packed).hexdigest())}
    assert [packed.startswith(b64decode(event.head)) and len(event.head) > 0 for event in events] == [True, False, False]


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4])
def test_opening_stops_at_the_bound(codec: int) -> None:
    """What fits exactly is opened, one byte more is not."""
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 1 << 30)
    builder.append(0, 0, None, b"x" * 100_000, [])
    packed = bytes(builder.build())[61:]
    size = len(opened(packed, codec, BATCH_BYTES_MAX))
    assert size == len(opened(packed, codec, size))
    with pytest.raises(TooLarge):
        opened(packed, codec, size - 1)


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4])
def test_a_batch_that_cannot_be_opened_is_quarantined_by_its_offsets(codec: int) -> None:
    """Broken compression holds up nobody behind it."""
    batch = bytearray(built([invoice(), invoice()], codec=codec, headers=STRUCTURED))
    batch[61 + 30 :] = b"\xff" * (len(batch) - 61 - 30)
    came = records(bytes(batch))
    assert [one.position for one in came] == [1, 2]
    assert [one.said.code for one in came if isinstance(one.said, Unreadable)] == ["BATCH_UNREADABLE"] * 2


def test_a_header_that_is_no_text_breaks_its_own_record_only() -> None:
    """The library gives the whole partition up for it."""
    batch = built([b"1", invoice(), b"3"], headers=[("name", b"x"), *STRUCTURED])
    broken = batch.replace(b"name", b"\xff\xfe\xfd\xfc", 1)
    came = records(broken)
    assert [isinstance(one.said, Message) for one in came] == [False, True, False]
    first = came[0]
    assert isinstance(first.said, Unreadable)
    assert (first.position, first.said.code) == (1, "ENCODING")
    assert b"\xff\xfe\xfd\xfc" in first.raw


def test_ten_thousand_headers_are_not_even_made() -> None:
    """They are counted before they take memory (row 68)."""
    came = records(built([b"x", b"y"], headers=[("h", b"")] * 10_000))
    assert [one.said.code for one in came if isinstance(one.said, Unreadable)] == ["TOO_MANY_KEYS"] * 2


def test_records_that_end_outside_their_batch_are_quarantined_with_all_behind_them() -> None:
    """Nothing behind a broken length can be found."""
    batch = bytearray(built([b"1" * 10, b"2" * 10, b"3" * 10]))
    at = batch.index(b"2" * 10) - 7
    batch[at] = 0x7E
    came = records(bytes(batch))
    assert [one.position for one in came] == [1, 2, 3]
    assert [one.said.code for one in came if isinstance(one.said, Unreadable)][1:] == ["BATCH_UNREADABLE"] * 2


def test_gzip_of_several_members_is_one_text() -> None:
    """Some producers write a member for each block."""
    assert opened(gzip.compress(b"a" * 10) + gzip.compress(b"b"), GZIP, 11) == b"a" * 10 + b"b"
    with pytest.raises(TooLarge):
        opened(gzip.compress(b"a" * 10) + gzip.compress(b"b"), GZIP, 10)
