"""Announcing: the log becomes the messages that consumers get, in the order of the log and with the same bytes every time.

Nothing here knows of a broker. A message is a function of stored records alone, so whoever says it again says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from adapters.dialect import Cursor
from adapters.eventlog.store import Store
from adapters.kafka.sources import parsed
from adapters.viewstore import PARAMETERS_MAX
from engine.decider import parts
from engine.errors import Corrupt
from engine.postings import posting_key
from engine.record import Happened, Recorded, decode
from schemas.events import KINDS, Billed, DocumentDecided, MessageQuarantined, PostingAuthorised, PostingReversed, TransferDecided
from schemas.outbound import Announcement, Place, decision, posting, quarantine
from schemas.upcasts import UPCASTS

POSTINGS, DECISIONS, QUARANTINE = "postgate.postings", "postgate.decisions", "postgate.quarantine"
OUTPUTS = (POSTINGS, DECISIONS, QUARANTINE)
"""The topics of the contract; where a deployment calls them otherwise, adapters.kafka.topics says how."""

_ANNOUNCED = tuple(shape.__name__ for shape in (PostingAuthorised, PostingReversed, DocumentDecided, MessageQuarantined))
KINDS_ANNOUNCED = tuple(kind for kind in (*KINDS, *UPCASTS) if kind.partition(".")[0] in _ANNOUNCED)
"""The stored kinds that the world hears of, retired ones too."""
_DECIDING = ("DocumentDecided", "Billed", "TransferDecided")
_DECISION_KINDS = tuple(kind for kind in (*KINDS, *UPCASTS) if kind.partition(".")[0] in _DECIDING)
_KINDS_READ = tuple(dict.fromkeys((*KINDS_ANNOUNCED, *_DECISION_KINDS)))
"""What must be read to tell it: what a batch came to is told with its postings only."""

PAGE_RECORDS_MAX = 1_000
PAGE_BYTES_MAX = 8 * 1024 * 1024
LIGHT_BYTES_MAX = 16 * 1024
"""Records above this size are fetched only when it is clear that the page has room for them."""

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it goes to a topic, and the position of the record it tells of."""

    position: int
    topic: str
    id: str
    source: str
    key: bytes
    headers: Headers
    value: bytes

    @property
    def identity(self) -> bytes:
        """What tells this message from every other, in 16 bytes."""
        return identity(self.source, self.id)

    @property
    def digest(self) -> bytes:
        """What tells the bytes of this message from any others, in 8 bytes; the headers are bound too."""
        return digest(self.key, self.value, self.headers)


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in the order of the log; up to `position`, the log has no others after those of the page before.

    `link` is the end of a hash chain at that position, by which the history up to it is known again.
    """

    messages: Sequence[Message]
    position: int
    head: int
    link: str


def identity(source: str, id: str) -> bytes:
    """Return what a message is known by, as CloudEvents say: its source and its id."""
    return blake2b(b"%s\n%s" % (source.encode(), id.encode()), digest_size=16).digest()


def digest(key: bytes, value: bytes, headers: Headers) -> bytes:
    """Return what differs when one byte of a message does."""
    told = blake2b(digest_size=8)
    for part in (key, value, *(part for name, content in headers for part in (name.encode(), content))):
        told.update(b"%d:" % len(part))
        told.update(part)
    return told.digest()


class Authorities:
    """Which decision authorised a posting: of its version of the document, the last one before it."""

    def __init__(self) -> None:
        """Begin with no decision heard."""
        self._last: dict[tuple[str, int], tuple[DocumentDecided | Billed | TransferDecided, int]] = {}

    def hear(self, happened: Happened) -> None:
        """Remember a decision; history is told in order."""
        event = happened.event
        if isinstance(event, DocumentDecided | Billed | TransferDecided):
            self._last[happened.stream, event.version] = event, happened.position

    def knows(self, happened: Happened) -> bool:
        """Say whether the decision behind a posting was heard; what is no posting needs none."""
        event = happened.event
        return not isinstance(event, PostingAuthorised) or (happened.stream, event.version) in self._last

    def of(self, happened: Happened, version: int) -> tuple[DocumentDecided | Billed | TransferDecided, int]:
        """Return the decision behind a posting, and its position. Raises Corrupt when there is none."""
        found = self._last.get((happened.stream, version))
        if found is None:
            raise Corrupt(f"position {happened.position} posts {happened.stream} version {version}, which nothing decided")
        return found


def announcement(happened: Happened, authorities: Authorities) -> Announcement | None:
    """Return what the world is told of a record, None when it is told nothing."""
    cause, event = happened.cause, happened.event
    place = Place(happened.book, happened.key, happened.sequence, cause.at, cause.locator)
    match event:
        case PostingAuthorised():
            return posting(event, place, *authorities.of(happened, event.version))
        case DocumentDecided():
            return decision(event, place, _posting_key(happened, event))
        case MessageQuarantined():
            return quarantine(event, place)
    return None


def _posting_key(happened: Happened, event: DocumentDecided) -> str | None:
    """Return the key under which the document or payment itself is posted; its other journals have keys of their own."""
    if event.state != "POSTED":
        return None
    if event.posting_key is not None:
        return event.posting_key  # It was posted as part of a batch or summary.
    book, noun, _ = parts(happened.stream)
    return posting_key(book, happened.stream, event.version, noun)


class Announcer:
    """Reads a log by position and tells it as messages; memory is bounded by the page."""

    def __init__(self, log: Store) -> None:
        """Read from a log."""
        self._log = log
        self._origin = ("postgate_log", log.deployment.encode())

    def page(self, after: int, records_max: int = PAGE_RECORDS_MAX) -> Page:
        """Return the messages that follow a position, as many as fit."""
        with self._log.querying() as cursor:
            head = _head(cursor, self._log)
            rows, complete = _rows(cursor, self._log, after, records_max)
            happened = [decode(row) for row in rows]
            authorities = Authorities()
            for earlier in self._decisions_before(cursor, happened):
                authorities.hear(earlier)
            position = head if complete else happened[-1].position
            link = link_at(cursor, position)
        return Page(list(self._messages(happened, authorities)), position, head, link)

    def _messages(self, happened: Iterable[Happened], authorities: Authorities) -> Iterator[Message]:
        for one in happened:
            authorities.hear(one)
            told = announcement(one, authorities)
            if told is not None:
                yield self._message(told, one)

    def _message(self, told: Announcement, happened: Happened) -> Message:
        headers = [(name, value.encode()) for name, value in told.headers().items()]
        headers += [("postgate_position", b"%d" % happened.position), self._origin]
        topic = POSTINGS
        if isinstance(happened.event, DocumentDecided):
            topic = DECISIONS
        elif isinstance(happened.event, MessageQuarantined):
            topic = QUARANTINE
            headers += error_headers(happened.event)
        said = told.attributes
        return Message(
            happened.position, topic, said["id"], said["source"], said["partitionkey"].encode(), headers, told.payload()
        )

    def _decisions_before(self, cursor: Cursor, happened: Sequence[Happened]) -> Iterator[Happened]:
        """Yield the decisions behind those postings of a page whose own decision stands on an earlier one, in order."""
        authorities, streams = Authorities(), dict[str, None]()
        for one in happened:
            authorities.hear(one)
            if not authorities.knows(one):
                streams[one.stream] = None
        wanted, dialect = list(streams), self._log.dialect
        for start in range(0, len(wanted), PARAMETERS_MAX - len(_DECISION_KINDS) - 1):
            test, values = dialect.among("originator_id", wanted[start : start + PARAMETERS_MAX - len(_DECISION_KINDS) - 1])
            kinds, known = dialect.among("topic", _DECISION_KINDS)
            select = f"SELECT {dialect.position}, originator_id, originator_version, topic, state FROM stored_events"
            order = "ORDER BY originator_id, originator_version"
            bounds = [*values, *known, happened[0].position]
            cursor.execute(f"{select} WHERE {test} AND {kinds} AND {dialect.position} < ? {order}", bounds)
            yield from (decode(Recorded(*row)) for row in cursor.fetchall())


def link_at(cursor: Cursor, position: int) -> str:
    """Return by what the history up to a position is known again: the chain's link there, empty where no record stands."""
    cursor.execute("SELECT link FROM chain WHERE position = ?", (position,))
    row = cursor.fetchone()
    return bytes(row[0]).hex() if row else ""


def _head(cursor: Cursor, log: Store) -> int:
    cursor.execute(f"SELECT COALESCE(MAX({log.dialect.position}), 0) FROM stored_events")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _rows(cursor: Cursor, log: Store, after: int, records_max: int) -> tuple[list[Recorded], bool]:
    """Return records that are announced, from behind a position, within the size of a page; and whether they were the last."""
    dialect = log.dialect
    kinds, values = dialect.among("topic", _KINDS_READ)
    light = f"CASE WHEN length(state) <= {LIGHT_BYTES_MAX} THEN state END"
    columns = f"{dialect.position}, originator_id, originator_version, topic, length(state), {light}"
    where = f"{dialect.position} > ? AND {kinds} ORDER BY {dialect.position} LIMIT ?"
    cursor.execute(f"SELECT {columns} FROM stored_events WHERE {where}", [after, *values, records_max])
    found = cursor.fetchall()
    fitting, size = 0, 0
    for row in found:
        size += int(row[4])
        if size > PAGE_BYTES_MAX and fitting:
            break
        fitting += 1
    chosen = found[:fitting]
    heavy = _states(cursor, log, [int(row[0]) for row in chosen if row[5] is None])
    rows = [Recorded(row[0], row[1], row[2], row[3], heavy[row[0]] if row[5] is None else row[5]) for row in chosen]
    return rows, fitting == len(found) < records_max


def _states(cursor: Cursor, log: Store, positions: Sequence[int]) -> dict[int, bytes]:
    """Return the bytes of large records."""
    if not positions:
        return {}
    test, values = log.dialect.among(log.dialect.position, positions)
    cursor.execute(f"SELECT {log.dialect.position}, state FROM stored_events WHERE {test}", values)
    return {int(row[0]): row[1] for row in cursor.fetchall()}


def error_headers(event: MessageQuarantined) -> Headers:
    """Return the headers by which tools of Kafka Connect show where a message came from and what was wrong with it."""
    source, _, position = event.locator.rpartition("#")
    told = [("connector.name", "postgate"), ("exception.class.name", event.code), ("exception.message", event.message)]
    read = parsed(source)
    if read is not None:
        # Positions count from 1, offsets from 0.
        told = [("topic", read.topic), ("partition", str(read.partition)), ("offset", str(int(position) - 1)), *told]
    return [(f"__connect.errors.{name}", value.encode()) for name, value in told]
