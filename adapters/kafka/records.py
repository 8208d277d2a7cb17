"""Records: what stands in a Kafka record becomes a message, or the reason why it is none; every record becomes one of them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from email.message import Message as Head
from hashlib import sha256
from typing import Protocol

from adapters.kafka.bounded import Sealed
from engine.handling.transaction import Incoming
from schemas import gate
from schemas.envelope import ATTRIBUTES, Envelope, Message, read_binary, read_structured
from schemas.gate import KEYS_MAX, MESSAGE_BYTES_MAX, Oversized, Unreadable

ATTRIBUTE = "ce_"
CONTENT_TYPE = "content-type"
_STRUCTURED = ("application/cloudevents", "application/cloudevents+json")
_JSON = "application/json"
CONTENT_TYPE_MAX = 1_000
"""Longer ones are not looked into."""
_SEND = f"send {_JSON} with {ATTRIBUTE} headers, or {_STRUCTURED[1]}"


class Record(Protocol):
    """As much of a record as a message is made of."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    @property
    def timestamp(self) -> int:
        """When it was sent or kept, in milliseconds; no rule looks at it."""

    @property
    def key(self) -> bytes | None:
        """What decided on its partition."""

    @property
    def value(self) -> bytes | None:
        """What it says."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """What it says about what it says."""


def incoming(source: str, record: Record) -> Incoming:
    """Read one record strictly; what cannot be read is carried as such, with all that was sent."""
    try:
        said = message(record)
    except Unreadable as unreadable:
        return Incoming(source, record.offset + 1, kept(record), unreadable)
    return Incoming(source, record.offset + 1, said.raw, said)


def unread(source: str, record: Record, code: str, why: str) -> Incoming:
    """Return a record that nobody looks into, with all that was sent."""
    return Incoming(source, record.offset + 1, kept(record), Unreadable(code, why))


def message(record: Record) -> Message:
    """Return the message of a record. Raises Unreadable with a stable code, the place and the remedy."""
    if isinstance(record.value, Sealed):
        raise Unreadable(record.value.code, record.value.why)
    _refuse_many(record.headers)
    if record.value is None:
        told = "a record without a value: nothing is deleted here, send a message that says what ended"
        raise Unreadable("TOMBSTONE_NOT_ALLOWED", told)
    attributes, content_type = _read(record.headers)
    if content_type in _STRUCTURED:
        return _agreeing(read_structured(record.value), attributes)
    if content_type not in (None, _JSON):
        raise Unreadable("CONTENT_TYPE", f"content-type: {content_type[:200]!r} is not read: {_SEND}")
    if "specversion" not in attributes:
        if record.value[:1] == b"\0":
            gate.read_value(record.value)  # It names the framing of a schema registry, which comes without any header.
        raise Unreadable("CONTENT_TYPE", f"neither {ATTRIBUTE}specversion nor a content-type of CloudEvents: {_SEND}")
    return read_binary(attributes, record.value)


def kept(record: Record) -> bytes:
    """Return the bytes that quarantine keeps of a record.

    A structured message is its value. A binary one is written in structured form where that says the same, so that it can be
    offered again; otherwise all of it is kept, headers too, in a form that nobody takes for a message.
    """
    value = record.value
    if isinstance(value, Sealed):
        return value.raw
    try:
        _refuse_many(record.headers)
        attributes, content_type = _read(record.headers)
    except Unreadable:
        return _everything(record)
    if value is not None and (content_type in _STRUCTURED or not attributes):
        return value
    same = _joined(attributes, value) if content_type in (None, _JSON) else None
    return same or _everything(record)


def _joined(attributes: dict[str, str], value: bytes | None) -> bytes | None:
    """Return a binary message in structured form, none when its value would not stay what it is there."""
    if value is None or len(value) > MESSAGE_BYTES_MAX:
        return None
    try:
        gate.read_value(value, keys_around=len(attributes) + 1)
        known = {name: attributes[name] for name in ATTRIBUTES if name in attributes}
        head = json.dumps(known | attributes, ensure_ascii=False).encode()
    except (Unreadable, UnicodeEncodeError):
        return None
    return head[:-1] + b',"data":' + value + b"}"


def _everything(record: Record) -> bytes:
    """Return all of a record as one JSON object, each part of it in base64; of an immense one the beginning."""

    def text(part: bytes | None) -> str | None:
        return None if part is None else b64encode(part).decode()

    headers = [[name.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), text(value)] for name, value in record.headers]
    said = {"kafka_key": text(record.key), "kafka_headers": headers, "kafka_value": text(record.value)}
    whole = json.dumps(said, separators=(",", ":")).encode()
    if len(whole) <= MESSAGE_BYTES_MAX:
        return whole
    return Oversized(whole[: MESSAGE_BYTES_MAX + 1], len(whole), sha256(whole).hexdigest())


def _refuse_many(headers: Sequence[tuple[str, bytes | None]]) -> None:
    """Raise when there are more headers, or larger ones, than any message has."""
    if len(headers) > KEYS_MAX:
        raise Unreadable("TOO_MANY_KEYS", f"{len(headers):,} headers; the limit is {KEYS_MAX:,}: send fewer")
    size = sum(len(name) + len(value or b"") for name, value in headers)
    if size > MESSAGE_BYTES_MAX:
        raise Unreadable("TOO_LARGE", f"{size:,} bytes of headers; the limit is {MESSAGE_BYTES_MAX:,}: send smaller headers")


def _read(headers: Sequence[tuple[str, bytes | None]]) -> tuple[dict[str, str], str | None]:
    """Return the attributes in the headers, without their prefix, and the content type."""
    attributes: dict[str, str] = {}
    content_type: str | None = None
    for name, value in headers:
        is_attribute = name.startswith(ATTRIBUTE)
        if not is_attribute and name.lower() != CONTENT_TYPE:
            continue
        if value is None:
            raise Unreadable("SCHEMA_INVALID", f"{name[:200]}: a header without a value: leave it out")
        try:
            text = value.decode()
        except UnicodeDecodeError as error:
            raise Unreadable("ENCODING", f"{name[:200]}: not UTF-8 at byte {error.start:,}: send UTF-8") from error
        attribute = name.removeprefix(ATTRIBUTE)
        if attribute in attributes or (not is_attribute and content_type is not None):
            raise Unreadable("DUPLICATE_KEY", f"{name[:200]!r} is given twice: say it once")
        if is_attribute:
            attributes[attribute] = text
        else:
            content_type = _plain(text)
    return attributes, content_type


def _plain(content_type: str) -> str:
    """Return a content type without the parameter that says what we expect anyway: the charset UTF-8."""
    if content_type in (_JSON, *_STRUCTURED):
        return content_type
    if len(content_type) > CONTENT_TYPE_MAX:
        return content_type
    head = Head()
    head["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    try:
        charset = head.get_param("charset", "utf-8")
    except (TypeError, ValueError):  # The library fails on parameters in numbered parts that do not fit together.
        return content_type
    return head.get_content_type() if str(charset).lower() in ("utf-8", "utf8") else content_type


def _agreeing(said: Message, attributes: dict[str, str]) -> Message:
    """Return a structured message whose headers, where it has any, say the same: two envelopes are no envelope."""
    for name, value in attributes.items():
        if name not in Envelope.model_fields or getattr(said.envelope, name) != value:
            told = f"{ATTRIBUTE}{name[:200]}: the header says otherwise than the message itself"
            raise Unreadable("SCHEMA_INVALID", f"{told}; leave it out, or say the same")
    return said
