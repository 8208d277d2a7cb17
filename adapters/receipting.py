"""Receipting: every message that left a record has the receipt that says so, and no receipt claims one that left none."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.chaining import as_bytes, read
from adapters.eventlog.store import Store
from adapters.reconciliation import sources_apart
from engine.audit.recheck import Fault
from engine.audit.verbatim import key_of, said_in
from engine.errors import Corrupt
from engine.handling.transaction import UNREADABLE_BOOK
from engine.record import Happened, Recorded
from schemas.events import DocumentConflicted, MessageQuarantined
from schemas.inbound import SourceGapDeclared

PAGE = 1_000
SOURCES_KEPT_MAX = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as it is stored."""

    verdict: object
    code: object
    digest: bytes
    key: bytes
    book: object


class Receipts:
    """Holds the records of each message against its receipt, in one pass; receipts are read ahead, source by source."""

    def __init__(self, log: Store) -> None:
        """Read a log."""
        self._log = log
        self._ahead: dict[str, dict[int, Kept]] = {}
        self._last = ""
        self._heard = 0
        self._declared: set[tuple[str, int]] = set()

    def check(self, event: Happened, recorded: Recorded) -> list[Fault]:
        """Return what is wrong with the receipt of the message that this record was made for."""
        if isinstance(event.event, SourceGapDeclared):
            self._declared.add((event.event.source, event.event.to))
        conflict, quarantined = isinstance(event.event, DocumentConflicted), isinstance(event.event, MessageQuarantined)
        if not (event.is_fact or conflict or quarantined):
            return []
        locator = event.cause.locator
        kept = self._receipt(locator)
        self._heard += kept is not None and locator != self._last
        self._last = locator
        if kept is None:
            return [Fault(recorded.position, "RECEIPT_MISSING", f"{locator} left a record and has no receipt")]
        wrong = _wrong(event, recorded, kept)
        return [Fault(recorded.position, "RECEIPT_DIFFERS", f"the receipt of {locator} has another {wrong}")] if wrong else []

    def _receipt(self, locator: str) -> Kept | None:
        source, _, number = locator.rpartition("#")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        position = int(number)
        if position not in self._ahead.get(source, {}):
            while len(self._ahead) >= SOURCES_KEPT_MAX:
                del self._ahead[next(iter(self._ahead))]
            select = "SELECT position, verdict, code, digest, message_key, book FROM receipts"
            with self._log.querying() as cursor:
                cursor.execute(f"{select} WHERE source = ? AND position >= ? ORDER BY position LIMIT {PAGE}", (source, position))
                rows = cursor.fetchall()
            self._ahead[source] = {r[0]: Kept(r[1], r[2], as_bytes(r[3]), as_bytes(r[4]), r[5]) for r in rows}
        return self._ahead[source].get(position)

    def ends(self, last: int) -> list[Fault]:
        """Return the receipts of messages that left no record, and the sources read to another place than their receipts say."""
        faults = [Fault(last, "SOURCE_APART", told) for told in sources_apart(self._log)]
        with self._log.querying() as cursor:
            cursor.execute("SELECT source, first, last FROM gaps WHERE why = 'DECLARED' ORDER BY source, first")
            faults += [
                Fault(last, "GAP_UNFOUNDED", f"nobody declared positions {gap[1]} to {gap[2]} of {gap[0]} lost")
                for gap in cursor.fetchall()
                if (gap[0], gap[2]) not in self._declared
            ]
            cursor.execute("SELECT COUNT(*) FROM receipts WHERE verdict IN ('ACCEPTED', 'QUARANTINED')")
            if cursor.fetchall()[0][0] == self._heard:
                return faults
        return [*faults, *self._unfounded(last)]

    def _unfounded(self, last: int) -> list[Fault]:
        """Name the receipts without a record; only a log that has such pays for looking."""
        heard: set[str] = set()
        after = 0
        while page := self._log.read(after, PAGE):
            after = page[-1].position
            heard.update(_locator(recorded) for recorded in page)
        select = "SELECT source, position, verdict FROM receipts WHERE verdict IN ('ACCEPTED', 'QUARANTINED')"
        with self._log.querying() as cursor:
            cursor.execute(f"{select} ORDER BY source, position")
            rows = [(f"{row[0]}#{row[1]}", row[2]) for row in cursor.fetchall()]
        told = "the receipt of {} says {}, and no record is there"
        return [Fault(last, "RECEIPT_UNFOUNDED", told.format(*row)) for row in rows if row[0] not in heard][:PAGE]


def _locator(recorded: Recorded) -> str:
    try:
        return read(recorded).cause.locator
    except Corrupt:
        return ""


def _wrong(event: Happened, recorded: Recorded, kept: Kept) -> str | None:
    quarantined, conflict = isinstance(event.event, MessageQuarantined), isinstance(event.event, DocumentConflicted)
    if kept.verdict != ("QUARANTINED" if quarantined else "ACCEPTED"):
        return "verdict"
    codes = ("DOCUMENT_CONFLICT",) if conflict else ("ACCEPTED", "DOCUMENT_CONFLICT")
    if kept.code not in ((event.event.code,) if isinstance(event.event, MessageQuarantined) else codes):
        return "code"
    if kept.digest.hex() != event.cause.digest:
        return "digest"
    if kept.book != event.book:
        return "book"
    own = (key_of(said_in(recorded)),) if event.is_fact else ()
    known = event.is_fact or event.book == UNREADABLE_BOOK
    return "key" if known and kept.key not in (*own, kept.digest[:16]) else None
