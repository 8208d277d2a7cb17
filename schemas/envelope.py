"""The envelope: CloudEvents 1.0, read strictly. Nothing is defaulted, invented or repaired."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from schemas import gate
from schemas.gate import Unreadable
from schemas.inbound import TYPES
from schemas.refusals import explain
from schemas.shape import AT_THE_DOOR, Shape
from schemas.values import SOURCE_PATTERN, TYPE_PATTERN, Id, Name, Text, Time

ATTRIBUTES = (
    *("specversion", "id", "source", "type", "time", "book", "subject", "partitionkey"),
    *("correlationid", "causationid", "traceparent", "datacontenttype"),
)
"""The context attributes we read, in the order in which we write them."""


class Envelope(Shape):
    """Who says what, when, and for which book."""

    specversion: Literal["1.0"]
    id: Id
    source: Annotated[str, Field(pattern=SOURCE_PATTERN)]
    type: Annotated[str, Field(pattern=TYPE_PATTERN)]
    time: Time
    book: Id
    subject: Text | None = None
    partitionkey: Text | None = None
    correlationid: Name | None = None
    causationid: Name | None = None
    traceparent: Name | None = None
    datacontenttype: Literal["application/json"] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as read: its envelope, its data, and the bytes of both as they came."""

    envelope: Envelope
    data: Shape
    raw: bytes


def read_structured(raw: bytes) -> Message:
    """Read one structured-mode CloudEvent. Raises Unreadable with a stable code, the place and the remedy."""
    value = gate.read(raw)
    if "data" not in value:
        raise Unreadable("SCHEMA_INVALID", "data: is missing; a structured CloudEvent carries its payload there")
    data = value.pop("data")
    try:
        envelope = Envelope.model_validate(value)
    except ValidationError as error:
        raise explain(error, at="", shape=Envelope) from error
    return Message(envelope=envelope, data=_read_data(envelope.type, data), raw=raw)


def read_binary(attributes: dict[str, str], raw: bytes) -> Message:
    """Read one binary-mode CloudEvent: attributes from headers (without `ce_`), the value as data.

    The message keeps structured bytes, so that every source leaves the same record; they pass the same limits, so that
    what one door refuses, the other refuses too, and what was taken in can be read again.
    """
    head = _head(attributes)
    gate.size_checked(len(head) + (raw.size if isinstance(raw, gate.Oversized) else len(raw)) + len(b',"data":'))
    gate.read_value(head, keys_around=1)
    data = gate.read_value(raw, keys_around=len(attributes) + 1)
    try:
        envelope = Envelope.model_validate(attributes)
    except ValidationError as error:
        raise explain(error, at="ce_", shape=Envelope) from error
    whole = head[:-1] + b',"data":' + raw + b"}"
    return Message(envelope=envelope, data=_read_data(envelope.type, data), raw=whole)


def _head(attributes: dict[str, str]) -> bytes:
    """Write attributes as a JSON object; half a surrogate pair stays in its bytes, where the gate refuses it."""
    known = {name: attributes[name] for name in ATTRIBUTES if name in attributes}
    return json.dumps(known | attributes, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _read_data(name: str, data: object) -> Shape:
    shape = TYPES.get(name)
    if shape is None:
        code = "UNKNOWN_SCHEMA_VERSION" if _known_noun(name) else "UNKNOWN_TYPE"
        raise Unreadable(code, f"type: {name} is not known to this release; requeue the message after an upgrade")
    if not isinstance(data, dict):
        raise Unreadable("NOT_AN_OBJECT", "data: must be a JSON object")
    try:
        return shape.model_validate(data, context=AT_THE_DOOR)
    except ValidationError as error:
        raise explain(error, at="data.", shape=shape) from error


def _known_noun(name: str) -> bool:
    stem, _, version = name.rpartition(".")
    return version[:1] == "v" and version[1:].isdigit() and f"{stem}.v1" in TYPES
