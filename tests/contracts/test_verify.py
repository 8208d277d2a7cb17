"""Verify: whatever is done to a store behind the product's back is named, with its place; what the product did is not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.auditing import verify
from adapters.clock import day
from adapters.eventlog.sqlite import SqliteLog
from adapters.operator import Operator, quarantined
from engine import chain
from engine.handling.transaction import Incoming, handle
from engine.record import Recorded, decode
from engine.states import States
from projections.views import VIEWS
from schemas.envelope import read_binary
from tests.properties.messages import SHOP, credit_note, customer, in_book, invoice, link, payment, renamed, void
from tests.properties.shop import NOW, Shop

Tamper = Callable[[sqlite3.Connection], object]
I1, I2, I3 = "shop|document|i1", "shop|document|i2", "shop|document|i3"
DECIDED, POSTED, REVERSED = "DocumentDecided.v1", "PostingAuthorised.v1", "PostingReversed.v1"
CLOSED, NOTED, ISSUED = "DocumentSuperseded.v1", "SettlementNoted.v1", "InvoiceIssued.v1"
LAST = 29
"""The position of the last record of the store that is tampered with."""

STORY = (
    *(*SHOP, invoice(), invoice("i2", (500,)), payment(paid={"i1": 1200}), invoice("i3", customer="c9"), void("i2")),
    credit_note("n1", (100,), original="i1"),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which a small shop sold, was paid, held, voided and credited."""
    path = tmp_path_factory.mktemp("told") / "store.sqlite"
    log = SqliteLog.create(str(path))
    Shop(log).hear_one_by_one(STORY)
    log.close()
    return path


@pytest.fixture
def copy(told: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of that store, open behind the product's back, that nothing keeps from being changed."""
    with closing(sqlite3.connect(told)) as source, closing(sqlite3.connect(tmp_path / "copy.sqlite")) as target:
        source.backup(target)
        yield target


def found(path: Path) -> list[tuple[str, int]]:
    """Return the faults of a store, as code and position, each pair once."""
    log = SqliteLog(str(path))
    try:
        return list(dict.fromkeys((fault.code, fault.position) for fault in verify(log).faults))
    finally:
        log.close()


def tampered(copy: sqlite3.Connection, path: Path, tamper: Tamper, *, chained: bool) -> list[tuple[str, int]]:
    """Change a store with its guards down, put them up again, make the views anew, and return the faults."""
    guards = copy.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        copy.execute(f"DROP TRIGGER {name}")
    tamper(copy)
    if chained:
        chain_anew(copy)
    for _, statement in guards:
        copy.execute(statement)
    copy.commit()
    if chained:
        log = SqliteLog(str(path))
        with log.writing() as writing:
            writing.rebuild(list(VIEWS))
        log.close()
    return found(path)


def chain_anew(store: sqlite3.Connection) -> None:
    """Number the records of each book densely and compute the chain over them, as the product does."""
    ((deployment,),) = store.execute("SELECT value FROM meta WHERE name = 'deployment'").fetchall()
    store.execute("DELETE FROM chain")
    store.execute("DELETE FROM heads")
    heads: dict[str, tuple[int, bytes]] = {}
    cells = "rowid, originator_id, originator_version, topic, state"
    for position, name, version, kind, kept in store.execute(f"SELECT {cells} FROM stored_events ORDER BY rowid").fetchall():
        book, told = name.partition("|")[0], json.loads(kept)
        sequence, previous = heads.get(book, (0, chain.GENESIS))
        state = kept.replace(b'"seq":%d,' % told["seq"], b'"seq":%d,' % (sequence + 1), 1)
        store.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (state, position))
        cause = decode(Recorded(position, name, version, kind, state)).cause
        of = chain.leaf(f"{deployment}/{book}", sequence + 1, (name, version, kind, state), cause)
        heads[book] = (sequence + 1, chain.link(sequence + 1, previous, of))
        store.execute("INSERT INTO chain VALUES (?,?,?,?,?)", (position, book, sequence + 1, of, heads[book][1]))
    for book, (sequence, end) in heads.items():
        store.execute("INSERT INTO heads VALUES (?,?,?,?)", (book, f"{deployment}/{book}", sequence, end))


def edited(kind: str, stream: str, **fields: object) -> Tamper:
    """Change what one record says of itself; a callable is given what stood there."""

    def tamper(store: sqlite3.Connection) -> None:
        select = "SELECT rowid, state FROM stored_events WHERE topic = ? AND originator_id = ?"
        ((position, kept),) = store.execute(select, (kind, stream)).fetchall()
        told = json.loads(kept)
        body = told["body"] if "body" in told else told["said"]["data"]
        body.update({name: value(body[name]) if callable(value) else value for name, value in fields.items()})
        anew = json.dumps(told, separators=(",", ":")).encode()
        store.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (anew, position))

    return tamper


def doubled(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the lines of a posting with other amounts."""
    return [{**line, "amount": 2 * int(str(line["amount"])), "base_amount": 2 * int(str(line["base_amount"]))} for line in lines]


def elsewhere(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the lines of a posting on another account."""
    return [{**line, "account": "9999"} for line in lines]


def forged(kind: str, like: tuple[str, str], stream: str, *, version: int | None = None, **fields: object) -> Tamper:
    """Append a record made like another one, to a stream."""

    def tamper(store: sqlite3.Connection) -> None:
        select = "SELECT state FROM stored_events WHERE topic = ? AND originator_id = ?"
        ((kept,),) = store.execute(select, like).fetchall()
        told = json.loads(kept)
        told["body"] = {**told["body"], **fields}
        ((last,),) = store.execute("SELECT MAX(rowid) FROM stored_events").fetchall()
        of = "SELECT COUNT(*) FROM stored_events WHERE originator_id = ?"
        ((count,),) = store.execute(of, (stream,)).fetchall()
        row = (last + 1, stream, version or count + 1, kind, json.dumps(told, separators=(",", ":")).encode())
        names = "rowid, originator_id, originator_version, topic, state"
        store.execute(f"INSERT INTO stored_events ({names}) VALUES (?,?,?,?,?)", row)

    return tamper


def ran(*statements: str) -> Tamper:
    """Run statements, one after the other."""
    return lambda store: [store.execute(statement) for statement in statements]


def cut(store: sqlite3.Connection) -> None:
    """Cut off the last message, receipt and position too, set the head back, and leave the chain as it is."""
    store.execute("DELETE FROM stored_events WHERE rowid > 25")
    store.execute("DELETE FROM receipts WHERE position > 14")
    store.execute("DELETE FROM tracking WHERE notification_id > 14")
    ((sequence, end),) = store.execute("SELECT sequence, link FROM chain WHERE position = 25").fetchall()
    store.execute("UPDATE heads SET sequence = ?, link = ?", (sequence, end))


BEHIND: dict[str, tuple[Tamper, list[tuple[str, int]]]] = {
    "receipt verdict edited": (
        ran("UPDATE receipts SET verdict = 'DUPLICATE', code = 'DUPLICATE_EVENT' WHERE position = 13"),
        [("RECEIPT_DIFFERS", 21)],
    ),
    "receipt code edited": (ran("UPDATE receipts SET code = 'NONE' WHERE position = 13"), [("RECEIPT_DIFFERS", 21)]),
    "receipt deleted in the middle": (
        ran("DELETE FROM receipts WHERE position = 5"),
        [("RECEIPT_MISSING", 5), ("SOURCE_APART", 29)],
    ),
    "receipt digest edited": (ran("UPDATE receipts SET digest = x'00' WHERE position = 13"), [("RECEIPT_DIFFERS", 21)]),
    "receipt key edited": (ran("UPDATE receipts SET message_key = x'00' WHERE position = 13"), [("RECEIPT_DIFFERS", 21)]),
    "receipt made up": (
        ran("INSERT INTO receipts VALUES ('till', 0, 'ACCEPTED', 'ACCEPTED', x'00', x'00', 'shop')"),
        [("SOURCE_APART", 29), ("RECEIPT_UNFOUNDED", 29)],
    ),
    "gap made up": (
        ran("DELETE FROM receipts WHERE position = 13", "INSERT INTO gaps VALUES ('till', 13, 13, 'DECLARED')"),
        [("RECEIPT_MISSING", 21), ("GAP_UNFOUNDED", 29)],
    ),
    "tracking deleted": (ran("DELETE FROM tracking"), [("SOURCE_APART", 29)]),
    "tracking set back": (ran("DELETE FROM tracking WHERE notification_id > 5"), [("SOURCE_APART", 29)]),
    "log of a head changed": (ran("UPDATE heads SET log = 'x'"), [("CHAIN_LOG", 29)]),
    "sequence of a head changed": (ran("UPDATE heads SET sequence = sequence + 1"), [("CHAIN_END", 29)]),
    "links beyond the last record": (
        ran("INSERT INTO chain VALUES (9999, 'shop', 9999, x'00', x'00')"),
        [("CHAIN_BEYOND", 9999)],
    ),
    "a link edited": (ran("UPDATE chain SET link = x'00' WHERE position = 20"), [("CHAIN_BROKEN", 20), ("CHAIN_BROKEN", 21)]),
    "tail cut, links left": (
        cut,
        [
            ("SOURCE_APART", 25),
            ("CHAIN_BEYOND", 26),
            ("VIEW_DIFFERS", 0),
            ("CHAIN_BEYOND", 27),
            ("CHAIN_BEYOND", 28),
            ("CHAIN_BEYOND", 29),
        ],
    ),
    "a record kept as text": (
        ran("UPDATE stored_events SET state = CAST(state AS TEXT) WHERE rowid = 13"),
        [("RECORD_UNREADABLE", 13), ("CHAIN_GAP", 14), ("STREAM_GAP", 20), ("VIEW_DIFFERS", 0)],
    ),
    "a byte of a record edited": (
        edited(DECIDED, I1, gross=1),
        [("CHAIN_BROKEN", 12), ("DECISION_DIFFERS", 12), ("VIEW_DIFFERS", 0)],
    ),
    "a row of a view edited": (ran("UPDATE view_documents SET gross = 1 WHERE document = 'i1'"), [("VIEW_DIFFERS", 0)]),
}
"""What is done without touching the chain."""

CHAINED: dict[str, tuple[Tamper, list[tuple[str, int]]]] = {
    **{
        f"decision {name} edited": (edited(DECIDED, I1, **{name: value}), [("DECISION_DIFFERS", 12)])
        for name, value in {
            "gross": 1,
            "business_date": "2026-01-02",
            "number": "ZZ",
            "customer": "cX",
            "account": "aX",
            "class": "X",
            "read": {},
            "received": 1,
            "was": "WAITING",
            "since": "2020-01-01",
            "today": "2026-01-20",
            "state": "EXCLUDED",
        }.items()
    },
    "posting doubled": (edited(POSTED, I1, lines=doubled), [("POSTING_DIFFERS", 13)]),
    "reversal doubled": (edited(REVERSED, I2, lines=doubled), [("REVERSAL_DIFFERS", 24)]),
    "reversal on another account": (edited(REVERSED, I2, lines=elsewhere), [("REVERSAL_DIFFERS", 24)]),
    "reversal made up": (forged(REVERSED, (REVERSED, I2), I1, posting_key="0", reverses="0"), [("REVERSAL_UNFOUNDED", 30)]),
    "closing edited": (edited(CLOSED, I2, gross=7), [("CLOSING_DIFFERS", 25)]),
    "closing made up": (forged(CLOSED, (CLOSED, I2), I1), [("CLOSING_UNFOUNDED", 30)]),
    "settlement made up": (
        forged(NOTED, (NOTED, I1), I3, version=99, payment="pX"),
        [("STREAM_GAP", 30), ("RECORD_UNFOUNDED", 30)],
    ),
    "decision removed": (
        ran(f"DELETE FROM stored_events WHERE originator_id = '{I3}' AND topic = '{DECIDED}'"),
        [("DECISION_MISSING", 21), ("DECISION_DIFFERS", 28)],
    ),
    "document removed": (
        ran(f"DELETE FROM stored_events WHERE originator_id = '{I3}'"),
        [("DECISION_DIFFERS", 28), ("RECEIPT_UNFOUNDED", 29)],
    ),
    "fact edited under its digest": (
        edited(ISSUED, I1, number="N-forged"),
        [("FACT_DIFFERS", 11), ("DECISION_DIFFERS", 12), ("POSTING_DIFFERS", 13)],
    ),
}
"""What is done by somebody who computes the chain anew and rebuilds the views."""


def test_an_untouched_store_has_no_fault(told: Path) -> None:
    """What the product wrote verifies, to its last record."""
    log = SqliteLog(str(told))
    checked = verify(log)
    log.close()
    assert (checked.records, checked.books, checked.faults) == (LAST, 1, [])


@pytest.mark.parametrize("name", BEHIND)
def test_what_is_done_beside_the_chain_is_named(name: str, copy: sqlite3.Connection, tmp_path: Path) -> None:
    """Receipts, positions, heads, links and bytes: each change has its faults and places, and no other."""
    tamper, faults = BEHIND[name]
    assert tampered(copy, tmp_path / "copy.sqlite", tamper, chained=False) == faults


@pytest.mark.parametrize("name", CHAINED)
def test_what_is_done_under_a_chain_made_anew_is_named(name: str, copy: sqlite3.Connection, tmp_path: Path) -> None:
    """A chain that is right proves nothing about what was decided: hearing the messages again does."""
    tamper, faults = CHAINED[name]
    assert tampered(copy, tmp_path / "copy.sqlite", tamper, chained=True) == faults


@pytest.mark.parametrize("table", ["stored_events", "receipts", "chain"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_guard_that_is_gone_is_named(table: str, verb: str, copy: sqlite3.Connection, tmp_path: Path) -> None:
    """A store whose history could be changed is not sound, even while nothing was changed."""
    copy.execute(f"DROP TRIGGER {table}_{verb}")
    copy.commit()
    assert found(tmp_path / "copy.sqlite") == [("GUARD_MISSING", 0)]


def test_a_document_that_was_not_released_is_named(copy: sqlite3.Connection, tmp_path: Path) -> None:
    """Without the release that the link brought, the decision is missing, and the document is overlooked to the end (I7)."""
    copy.commit()
    log = SqliteLog(str(tmp_path / "copy.sqlite"))
    shop = heard_on(log)
    for said in (customer("c9"), link("c9")):
        shop.hear(said)
    log.close()
    assert found(tmp_path / "copy.sqlite") == []
    removed = ran(f"DELETE FROM stored_events WHERE originator_id = '{I3}' AND rowid > {LAST + 3}")
    assert tampered(copy, tmp_path / "copy.sqlite", removed, chained=True) == [
        ("NOT_RELEASED", LAST + 2),
        ("DECISION_MISSING", LAST + 3),
        ("POSTING_MISSING", LAST + 3),
    ]


def heard_on(log: SqliteLog) -> Shop:
    """Return a shop that goes on where the store of these tests ends."""
    shop = Shop(log)
    shop._positions["till"] = len(STORY)
    return shop


def test_every_door_leaves_what_verifies(copy: sqlite3.Connection, tmp_path: Path) -> None:
    """Binary mode, what could not be read, what contradicts, what waits, the operator, and the quarantine offered again."""
    copy.commit()
    log = SqliteLog(str(tmp_path / "copy.sqlite"))
    said = json.loads(customer("c8"))
    content, attributes = json.dumps(said.pop("data")).encode(), {name: str(value) for name, value in said.items()}
    with log.writing() as writing:
        binary = Incoming("kafka", 1, content, read_binary(attributes, content))
        assert [each.verdict for each in handle(writing, States(), [binary], NOW, day).receipts] == ["ACCEPTED"]
    shop = heard_on(log)
    other = link("c1", "a2")
    doubtful = (
        renamed(other, "o"),
        invoice("i4"),
        invoice("i4"),
        invoice("i4", (700,)),
        void("i5"),
        invoice("i5"),
        in_book(other, "x"),
    )
    codes = [shop.hear(each).receipts[0].code for each in doubtful]
    assert codes == [
        "LINK_ALREADY_EXISTS",
        "ACCEPTED",
        "DUPLICATE_EVENT",
        "DOCUMENT_CONFLICT",
        "ACCEPTED",
        "ACCEPTED",
        "ACCEPTED",
    ]
    operator = Operator(log, now=lambda: NOW)
    assert operator.unlink("shop", "c1").is_news
    (row,) = quarantined(log, (), "LINK_ALREADY_EXISTS")
    assert operator.requeue(row).is_news
    log.close()
    assert found(tmp_path / "copy.sqlite") == []
