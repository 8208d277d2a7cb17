"""Outbound messages: what is told is what was recorded, in the shape that is published, with the same bytes every time."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from engine.record import Happened, decode
from schemas.events import DocumentDecided, MessageQuarantined, PostingAuthorised, PostingLine, PostingReversed, Reason
from schemas.outbound import Announcement, Place, decision, posting, quarantine, recorded_time
from schemas.publish import published
from tests.goldens.museum_make import MUSEUM, read, story

PUBLISHED = published()
POSTED = "4cbc50aa-b48c-5ec5-8cf9-d66c6ff366c1"
PLACE = Place("north-shops", "i-3001", 22, 1_770_894_000_000_000, "museum#18")


def kept(kind: str) -> Happened:
    """Return the museum's record of a kind."""
    return decode(read(MUSEUM / f"{kind}.json"))


def at(happened: Happened) -> Place:
    """Return where a record stands."""
    return Place(happened.book, happened.key, happened.sequence, happened.cause.at, happened.cause.locator)


def decided() -> DocumentDecided:
    """Return a decision: the museum's, of a document that is held because its customer is."""
    event = kept("DocumentDecided.v1").event
    assert isinstance(event, DocumentDecided)
    reason = {
        "code": "CUSTOMER_ON_HOLD",
        "severity": "HOLD",
        "message": "customer c-1001 is on hold",
        "remedy": "end the hold, or release the document",
        "waits_for": ["customer:c-1001"],
    }
    held = {"outcome": "HOLD", "state": "REQUIRES_ATTENTION", "reasons": [Reason.model_validate(reason)], "posting_key": None}
    return event.model_copy(update=held)


def announcements() -> Iterator[Announcement]:
    """Yield one message of each outbound type."""
    for kind in ("PostingAuthorised.v1", "PostingReversed.v1"):
        happened = kept(kind)
        assert isinstance(happened.event, PostingAuthorised)
        yield posting(happened.event, at(happened), decided(), 21)
    yield decision(decided(), at(kept("DocumentDecided.v1")), None)
    happened = kept("MessageQuarantined.v1")
    assert isinstance(happened.event, MessageQuarantined)
    yield quarantine(happened.event, at(happened))


MESSAGES = {told.attributes["type"]: told for told in announcements()}


@pytest.mark.parametrize("told", MESSAGES.values(), ids=MESSAGES)
def test_a_message_fits_its_published_schema(told: Announcement) -> None:
    """What is sent is what the contract says, in both modes."""
    schema = PUBLISHED[f"{told.attributes['type']}.json"]
    assert isinstance(schema, dict)
    said = json.loads(told.structured())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(said)] == []
    headers = {name.removeprefix("ce_"): value for name, value in told.headers().items()}
    content = headers.pop("content-type")
    assert {**headers, "datacontenttype": content, "data": json.loads(told.payload())} == said


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_said_again_has_the_same_bytes(name: str) -> None:
    """Nothing of the moment of sending is in a message."""
    again = {told.attributes["type"]: told for told in announcements()}
    assert again[name].structured() == MESSAGES[name].structured()


def test_a_posting_is_told_byte_for_byte() -> None:
    """Amounts are decimal text, the id is the posting key, absent fields are left out."""
    event = PostingAuthorised.model_validate(
        {
            "posting_key": POSTED,
            "version": 1,
            "leg": "document",
            "kind": "INVOICE",
            "number": "12-3001",
            "route": "ACCOUNT",
            "account": "a-2001",
            "class": "trade",
            "class_version": 2,
            "date": "2026-01-30",
            "business_date": "2026-01-30",
            "period": "2026-01",
            "currency": "GBP",
            "base_currency": "GBP",
            "lines": [
                {"account": "1100", "side": "D", "amount": 4200, "base_amount": 4200, "party": "a-2001", "memo": "12-3001"},
                {"account": "4000", "side": "C", "amount": 4200, "base_amount": 4200, "dimensions": {"shop": "12", "area": "N"}},
            ],
        }
    )
    told = posting(event, PLACE, decided().model_copy(update={"reasons": []}), 21).structured().decode()
    assert told == (
        '{"specversion":"1.0","id":"4cbc50aa-b48c-5ec5-8cf9-d66c6ff366c1","source":"/postgate/north-shops",'
        '"type":"postgate.posting.authorised.v1","time":"2026-02-12T11:00:00.000000Z","book":"north-shops","subject":"i-3001",'
        '"partitionkey":"north-shops|a-2001","causationid":"museum#18","datacontenttype":"application/json","data":{'
        '"posting_key":"4cbc50aa-b48c-5ec5-8cf9-d66c6ff366c1","book":"north-shops","document":"i-3001","document_version":1,'
        '"document_number":"12-3001","kind":"INVOICE","route":"ACCOUNT","account":"a-2001","class":"trade","class_version":2,'
        '"date":"2026-01-30","business_date":"2026-01-30","period":"2026-01","currency":"GBP","lines":['
        '{"account":"1100","side":"D","amount":"42.00","currency":"GBP","base_amount":"42.00","base_currency":"GBP",'
        '"party":"a-2001","memo":"12-3001","dimensions":{}},'
        '{"account":"4000","side":"C","amount":"42.00","currency":"GBP","base_amount":"42.00","base_currency":"GBP",'
        '"memo":"","dimensions":{"area":"N","shop":"12"}}],'
        '"sources":[],"decision":{"position":21,"rulebook":"2026.3","reasons":[]}}}'
    )


def test_each_currency_has_its_own_scale() -> None:
    """Yen have no digits after the point, dinars three; a difference of conversion alone has no amount."""
    rows = (("D", 1500, 9_050), ("C", 1500, 9_049), ("C", 0, 1))
    lines = [PostingLine(account="1", side="D" if s == "D" else "C", amount=amount, base_amount=base) for s, amount, base in rows]
    happened = kept("PostingAuthorised.v1")
    event = happened.event.model_copy(update={"currency": "JPY", "base_currency": "KWD", "lines": lines})
    assert isinstance(event, PostingAuthorised)
    told = json.loads(posting(event, at(happened), decided(), 21).payload())["lines"]
    assert [(line["amount"], line["currency"], line["base_amount"], line["base_currency"]) for line in told] == [
        ("1500", "JPY", "9.050", "KWD"),
        ("1500", "JPY", "9.049", "KWD"),
        ("0", "JPY", "0.001", "KWD"),
    ]


def test_a_reversal_names_what_it_undoes() -> None:
    """A reversal is a posting of its own, under a key of its own."""
    happened = kept("PostingReversed.v1")
    assert isinstance(happened.event, PostingReversed)
    told = json.loads(MESSAGES["postgate.posting.reversed.v1"].structured())
    assert told["id"] == told["data"]["posting_key"] == happened.event.posting_key
    assert told["data"]["reverses"] == happened.event.reverses
    assert told["data"]["document"] == "p-4001"


def test_a_publisher_hears_why_its_document_is_held() -> None:
    """Outcome, state and every reason with its remedy are told; a document that is not posted has no posting key."""
    told = MESSAGES["postgate.document.decided.v1"]
    data = json.loads(told.payload())
    assert (data["outcome"], data["state"]) == ("HOLD", "REQUIRES_ATTENTION")
    assert [(reason["code"], reason["severity"]) for reason in data["reasons"]] == [("CUSTOMER_ON_HOLD", "HOLD")]
    assert all(reason["message"] and reason["remedy"] for reason in data["reasons"])
    assert "posting_key" not in data
    assert told.attributes["partitionkey"] == f"north-shops|{kept('DocumentDecided.v1').key}"
    posted = decision(decided(), PLACE, POSTED)
    assert json.loads(posted.payload())["posting_key"] == POSTED


def test_two_decisions_of_a_document_are_two_messages() -> None:
    """The id of a decision is its place in the book, so that the later one is not taken for a repetition."""
    first, second = (decision(decided(), Place("b", "d", sequence, 0, "s#1"), None) for sequence in (19, 21))
    assert (first.attributes["id"], second.attributes["id"]) == ("decision:19", "decision:21")


def test_a_quarantined_message_comes_with_its_bytes() -> None:
    """Where it was read, why it was refused, and what it was; the museum's last message is the one nobody can read."""
    last = len(list(story()))
    told = MESSAGES["postgate.message.quarantined.v1"]
    data = json.loads(told.payload())
    assert (data["source"], data["position"], data["code"]) == ("museum", last, "SCHEMA_INVALID")
    assert b64decode(data["original_bytes"]) == b'{"specversion": "1.0"'
    assert (told.attributes["partitionkey"], told.attributes["book"]) == (f"museum#{last}", "~")


@pytest.mark.parametrize(
    ("micros", "told"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_770_894_000_000_001, "2026-02-12T11:00:00.000001Z"),
        (1_770_894_000_999_999, "2026-02-12T11:00:00.999999Z"),
    ],
)
def test_a_recorded_time_loses_nothing(micros: int, told: str) -> None:
    """Microseconds are written out, so that no two times look the same."""
    assert recorded_time(micros) == told
