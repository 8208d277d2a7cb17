"""Outbound messages: what Postgate tells ledgers, publishers and operators, made from stored events.

What is stored and what is told are shapes of their own, so that either may grow without the other. A message is a pure
function of stored records: said again, it has the same bytes. Amounts are decimal text in the scale of their currency;
every line also carries `base_amount` in the book's `base_currency`, even where the two are the same, because one rule
is simpler for a ledger than a field that comes and goes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from schemas import events
from schemas.envelope import ATTRIBUTES
from schemas.events import Billed, DocumentDecided, MessageQuarantined, PostingAuthorised, PostingReversed, TransferDecided
from schemas.shape import Shape
from schemas.values import CODE_PATTERN, CURRENCY_PATTERN, DAY_PATTERN, THRESHOLD_PATTERN, major

POSTING_KEY_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
DIGEST_PATTERN = r"^[0-9a-f]{64}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Sum = Annotated[str, Field(pattern=THRESHOLD_PATTERN, description="decimal text in the currency's scale, without a sign")]
Key = Annotated[str, Field(pattern=POSTING_KEY_PATTERN)]
Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Currency = Annotated[str, Field(pattern=CURRENCY_PATTERN)]
Day = Annotated[str, Field(pattern=DAY_PATTERN)]


class ToldReason(Shape):
    """Why a document does not post, or posts with a remark."""

    code: Code
    severity: events.Severity
    message: str
    remedy: str
    path: str | None = None


class ToldLine(Shape):
    """One side of a journal; debits equal credits exactly, in `amount` and in `base_amount`.

    An amount is above zero. It is zero only in a line that carries nothing but a difference of conversion: then
    `base_amount` is above zero.
    """

    account: str
    side: Literal["D", "C"]
    amount: Sum
    currency: Currency
    base_amount: Sum
    base_currency: Currency
    party: str | None = None
    tax_code: str | None = None
    memo: str
    dimensions: dict[str, str]
    operational_customer: str | None = None


class Authority(Shape):
    """The decision that allowed a posting: its position in the log, the rulebook, and the remarks it passed with."""

    position: int
    rulebook: str
    reasons: list[ToldReason]


class AuthorisedPosting(Shape):
    """A journal to be booked exactly once under its `posting_key`, which is the message's id too."""

    posting_key: Key
    book: str
    document: str
    document_version: int
    document_number: str
    kind: str
    route: events.Route
    account: str
    class_: Annotated[str | None, Field(alias="class")] = None
    class_version: int | None = None
    date: Day
    business_date: Day
    period: str
    due_date: Day | None = None
    currency: Currency
    lines: Annotated[list[ToldLine], Field(min_length=2)]
    sources: list[str]
    decision: Authority
    mode: Literal["PROVISIONAL", "HELD"] | None = None
    account_code: str | None = None


class ReversedPosting(AuthorisedPosting):
    """A journal that undoes the one named by `reverses`, line by line with the sides exchanged."""

    reverses: Key


class DecidedDocument(Shape):
    """What became of one version of a document, told to the system that published it."""

    document: str
    version: int
    kind: str
    outcome: events.Outcome
    state: events.State
    reasons: list[ToldReason]
    posting_key: Key | None = None


class QuarantinedMessage(Shape):
    """A message that could not be taken as said, with its bytes, so that it can be mended and offered again.

    A message over the size limit comes with its first 64 KiB; `size` and `digest` are those of the whole.
    """

    source: str
    position: int
    code: Code
    message: str
    original_bytes: str
    size: int
    digest: Annotated[str, Field(pattern=DIGEST_PATTERN)]


OUTBOUND: dict[str, type[Shape]] = {
    "postgate.posting.authorised.v1": AuthorisedPosting,
    "postgate.posting.reversed.v1": ReversedPosting,
    "postgate.document.decided.v1": DecidedDocument,
    "postgate.message.quarantined.v1": QuarantinedMessage,
}
"""CloudEvents type -> shape of its data."""

_TYPE_OF = {shape: name for name, shape in OUTBOUND.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stored event stands: the id within its stream, its book's sequence number, its time and its cause.

    `at` is in microseconds since 1970; `locator` names the place of the message that made it happen.
    """

    book: str
    key: str
    sequence: int
    at: int
    locator: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message to be sent: its CloudEvents attributes, in the order of the contract, and its data."""

    attributes: dict[str, str]
    data: Shape

    def structured(self) -> bytes:
        """Return the message as one JSON object; the same bytes whenever it is said again."""
        head = json.dumps(self.attributes, ensure_ascii=False, separators=(",", ":")).encode()
        return b'%s,"data":%s}' % (head[:-1], self.payload())

    def headers(self) -> dict[str, str]:
        """Return the attributes as the headers of binary mode."""
        content = self.attributes["datacontenttype"]
        told = {f"ce_{name}": value for name, value in self.attributes.items() if name != "datacontenttype"}
        return told | {"content-type": content}

    def payload(self) -> bytes:
        """Return the data as the value of binary mode: fields in declared order, absent ones left out."""
        return self.data.model_dump_json(by_alias=True, exclude_none=True).encode()


Deciding = DocumentDecided | Billed | TransferDecided
"""What authorises a posting: the judgement of a document, a batch, or a transfer."""


def posting(event: PostingAuthorised, place: Place, decided: Deciding, position: int) -> Announcement:
    """Tell ledgers of a posting or its reversal; `position` is where the decision that authorised it is recorded."""
    said: dict[str, object] = {
        "posting_key": event.posting_key,
        "book": place.book,
        "document": place.key,
        "document_version": event.version,
        "document_number": event.number,
        "kind": event.kind,
        "route": event.route,
        "account": event.account,
        "class": event.class_,
        "class_version": event.class_version,
        "date": event.date,
        "business_date": event.business_date,
        "period": event.period,
        "due_date": event.due_date,
        "currency": event.currency,
        "lines": _lines(event),
        "sources": event.sources,
        "decision": Authority(position=position, rulebook=decided.rulebook, reasons=_reasons(decided.reasons)),
    }
    said |= {"mode": event.mode} if event.mode != "PERMANENT" else {}
    said |= {"account_code": event.account_code} if event.account_code else {}
    shape: type[Shape] = AuthorisedPosting
    if isinstance(event, PostingReversed):
        shape, said["reverses"] = ReversedPosting, event.reverses
    return _announced(shape.model_validate(said), place, id=event.posting_key, subject=place.key, key=event.account)


def decision(event: DocumentDecided, place: Place, posting_key: str | None) -> Announcement:
    """Tell the publisher what became of its document; a posted one names the posting of the document itself."""
    told = DecidedDocument(
        document=place.key,
        version=event.version,
        kind=event.kind,
        outcome=event.outcome,
        state=event.state,
        reasons=_reasons(event.reasons),
        posting_key=posting_key,
    )
    return _announced(told, place, id=f"decision:{place.sequence}", subject=place.key, key=place.key)


def quarantine(event: MessageQuarantined, place: Place) -> Announcement:
    """Tell operators of a message that could not be taken; the key is the place it was read from."""
    source, _, position = event.locator.rpartition("#")
    told = QuarantinedMessage(
        source=source,
        position=int(position),
        code=event.code,
        message=event.message,
        original_bytes=event.head,
        size=event.size,
        digest=event.digest,
    )
    return _announced(told, place, id=f"quarantine:{place.sequence}", subject=event.locator, key=event.locator)


def _lines(event: PostingAuthorised) -> list[ToldLine]:
    return [
        ToldLine(
            account=line.account,
            side=line.side,
            amount=major(line.amount, event.currency),
            currency=event.currency,
            base_amount=major(line.base_amount, event.base_currency),
            base_currency=event.base_currency,
            party=line.party,
            tax_code=line.tax_code,
            memo=line.memo,
            dimensions=dict(sorted(line.dimensions.items())),
            operational_customer=line.customer,
        )
        for line in event.lines
    ]


def _reasons(reasons: Sequence[events.Reason]) -> list[ToldReason]:
    return [ToldReason(code=r.code, severity=r.severity, message=r.message, remedy=r.remedy, path=r.path) for r in reasons]


def _announced(told: Shape, place: Place, *, id: str, subject: str, key: str) -> Announcement:
    """Put data into its envelope. Everything is taken from the record, nothing from the moment of sending."""
    attributes = {
        "specversion": "1.0",
        "id": id,
        "source": f"/postgate/{place.book}",
        "type": _TYPE_OF[type(told)],
        "time": recorded_time(place.at),
        "book": place.book,
        "subject": subject,
        "partitionkey": key if isinstance(told, QuarantinedMessage) else f"{place.book}|{key}",
        "causationid": place.locator,
        "datacontenttype": "application/json",
    }
    return Announcement({name: attributes[name] for name in ATTRIBUTES if name in attributes}, told)


def recorded_time(at: int) -> str:
    """Return microseconds since 1970 as RFC 3339 in UTC, always with six digits of the second."""
    return (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
