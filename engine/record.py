"""Records: an event with where it came from, and the bytes in which it is kept.

A fact is kept as the very message that said it; a decision as its own fields. The bytes carry the book's sequence
number, the time, the source and the actor, so that the hash of a record binds them all (invariants, section 6.2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache

from engine.decider import parts
from engine.errors import Corrupt
from schemas.events import KIND_OF, KINDS
from schemas.shape import Shape
from schemas.upcasts import UPCASTS, newest


@dataclass(frozen=True, slots=True)
class Cause:
    """What made an event happen: the message's place and digest, who said it, and when it was recorded (microseconds)."""

    locator: str
    digest: str
    actor: str
    at: int
    rulebook: str
    said: bytes | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a stream, with its place in the book; `position` is 0 until the log has assigned it."""

    stream: str
    version: int
    sequence: int
    event: Shape
    cause: Cause
    is_fact: bool
    position: int = 0
    book: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note the book the stream belongs to: it is asked for many times."""
        object.__setattr__(self, "book", self.stream.partition("|")[0])

    @property
    def key(self) -> str:
        """The id within the stream's noun: the customer, document or account."""
        return parts(self.stream)[2]

    @property
    def kind(self) -> str:
        """The stored kind, a contract for ever."""
        return KIND_OF[type(self.event)]


def shapes_of(*shapes: type[Shape]) -> frozenset[type[Shape]]:
    """Return every stored shape that is one of these or a kind of one: whether an event is of them is one look, not many."""
    return frozenset(shape for shape in KIND_OF if issubclass(shape, shapes))


def encode(happened: Happened) -> bytes:
    """Return the bytes in which an event is kept; a fact keeps its message verbatim."""
    cause = happened.cause
    head = b'{"seq":%d,%s' % (happened.sequence, _origin(cause.at, cause.locator, cause.digest, cause.actor, cause.rulebook))
    if happened.is_fact and cause.said is not None:
        return b'%s,"said":%s}' % (head, cause.said)
    return b'%s,"body":%s}' % (head, happened.event.model_dump_json(by_alias=True, exclude_defaults=True).encode())


@lru_cache(maxsize=16)
def _origin(at: int, locator: str, digest: str, actor: str, rulebook: str) -> bytes:
    """Return the part of a record that all records of one message share."""
    shared = {"at": at, "src": locator, "digest": digest, "by": actor, "rules": rulebook}
    return json.dumps(shared, separators=(",", ":"), ensure_ascii=False)[1:-1].encode()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One stored row: the position in the log, the stream, the kind, and the bytes."""

    position: int
    stream: str
    version: int
    kind: str
    state: bytes


def decode(recorded: Recorded) -> Happened:
    """Return the event a row keeps. Raises Corrupt when the bytes are not what the kind says."""
    shape = KINDS.get(recorded.kind)
    if shape is None and recorded.kind not in UPCASTS:
        raise Corrupt(f"position {recorded.position} holds kind {recorded.kind}, newer than this release; upgrade Postgate")
    try:
        kept = json.loads(recorded.state)
        is_fact = "said" in kept
        fields = kept["said"]["data"] if is_fact else kept["body"]
        if shape is None:
            kind, fields = newest(recorded.kind, fields)
            shape = KINDS[kind]
        event = shape.model_validate(fields)
        cause = Cause(kept["src"], kept["digest"], kept["by"], kept["at"], kept["rules"])
        return Happened(recorded.stream, recorded.version, kept["seq"], event, cause, is_fact, recorded.position)
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"position {recorded.position} ({recorded.kind} of {recorded.stream}) cannot be read: {error}") from error
