"""Announced bills: the world is told of batches and summaries as of any posting, and publishers what their documents became."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.announcing import DECISIONS, POSTINGS, Announcer, Message
from adapters.eventlog.sqlite import SqliteLog
from adapters.ingest import Ingester, incoming
from adapters.reconciliation import reconcile
from engine.record import decode
from schemas.events import Billed
from schemas.values import instant
from tests.given import Story
from tests.rules.accumulation import closed, jobs, run, sold, till, undo
from tests.said import DAY as TODAY
from tests.said import line
from tests.stories.command import changed

NOW = instant("2026-03-10T12:00:00Z")
BATCH = jobs("B-").invoice("i1").invoice("i2", "50.00").payment("p1", "30.00", on="i1").say(run()).amended("i1", net="90.00")
TAKEN_BACK = jobs().invoice("i1").say(run(), undo())
DAY = sold(sold(till(), "i1"), "i2", "50.00").say(closed(CASH="149.00")).amended("i2", customer="c2")
RENAMED = [line("100.00", description="the same goods")]
REWORDED = (
    sold(till(), "i1").say(closed()).amended("i1", lines=RENAMED).amended("i1", lines=[line("100.00", description="goods")])
)
ALONE = Story().shop().account("globex").assigned("globex", "HOUSE").invoice("i1").amended("i1", lines=RENAMED)
MOVED = Story().shop().account("globex").assigned("globex", "HOUSE").invoice("i1")
MOVED.said(
    "balance.transferred",
    transfer="t1",
    date=TODAY,
    from_account="acme",
    to_account="globex",
    documents=["i1"],
    by="Ada",
    reason="x",
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    """An empty store."""
    made = SqliteLog.create(str(tmp_path / "store.db"))
    yield made
    made.close()


def told(log: SqliteLog, said: list[bytes], records_max: int = 1_000) -> list[Message]:
    """Take messages in, one after the other, and return what the world is told of them."""
    ingester = Ingester(log, now=lambda: NOW)
    for number, raw in enumerate(said, 1):
        ingester.take([incoming("till", number, raw)])
    messages: list[Message] = []
    after = 0
    while after < log.head():
        page = Announcer(log).page(after, records_max)
        messages += page.messages
        after = page.position
    return messages


@pytest.mark.parametrize("records_max", [1, 2, 3, 1_000])
def test_a_batch_names_its_members_and_its_run(log: SqliteLog, records_max: int) -> None:
    """Its posting has them as sources, and as decision the record of the run; it is read on pages of any size."""
    postings = [json.loads(m.value) for m in told(log, BATCH.messages, records_max) if m.topic == POSTINGS]
    batch = postings[0]
    assert (batch["document"], batch["document_number"], batch["route"], batch["sources"]) == (
        "b1",
        "B-b1",
        "BATCH",
        ["i1", "i2"],
    )
    billed = [each.position for each in map(decode, log.read(0, log.head())) if isinstance(each.event, Billed)]
    assert batch["decision"] == {"position": billed[0], "rulebook": "2026.3", "reasons": []}
    assert [posting["kind"] for posting in postings] == ["INVOICE", "PAYMENT"]


def test_a_member_hears_of_its_batch(log: SqliteLog) -> None:
    """Its decision names the posting of the whole; a version that waits for the batch hears why."""
    messages = told(log, BATCH.messages)
    decisions = [json.loads(m.value) for m in messages if m.topic == DECISIONS]
    key = next(json.loads(m.value)["posting_key"] for m in messages if m.topic == POSTINGS)
    posted = [(d["document"], d["posting_key"]) for d in decisions if d["state"] == "POSTED" and d["kind"] == "INVOICE"]
    assert posted == [("i1", key), ("i2", key)]
    assert [(r["code"], decisions[-1]["version"]) for r in decisions[-1]["reasons"]] == [("MEMBER_OF_POSTED_BATCH", 2)]


def test_a_batch_that_is_taken_back_is_told(log: SqliteLog) -> None:
    """The reversal names the posting, and the member accumulates again."""
    messages = told(log, TAKEN_BACK.messages)
    first, last = [json.loads(m.value) for m in messages if m.topic == POSTINGS]
    assert (last["reverses"], last["sources"]) == (first["posting_key"], ["i1"])
    assert [json.loads(m.value)["state"] for m in messages if m.topic == DECISIONS] == ["ACCUMULATING", "POSTED", "ACCUMULATING"]


def test_a_summary_is_told_with_its_remarks(log: SqliteLog) -> None:
    """What was counted otherwise stands beside the decision; a sale taken out is told as a journal of its own document."""
    postings = [json.loads(m.value) for m in told(log, DAY.messages) if m.topic == POSTINGS]
    assert [(p["route"], p["kind"], p["document"].partition(":")[0]) for p in postings] == [
        ("SUMMARY", "INVOICE", "north"),
        ("SUMMARY", "PAYMENT", "north"),
        ("SUMMARY", "WITHDRAWAL", "i2"),
        ("SUMMARY", "WITHDRAWAL", "i2"),
        ("ACCOUNT", "INVOICE", "i2"),
        ("ACCOUNT", "PAYMENT", "i2"),
    ]
    assert [reason["code"] for reason in postings[0]["decision"]["reasons"]] == ["CLEARING_NOT_ZERO"]


@pytest.mark.parametrize(
    "story",
    [BATCH, TAKEN_BACK, DAY, REWORDED, ALONE, MOVED],
    ids=["batch", "reversed", "day", "reworded member", "reworded", "transferred"],
)
def test_what_was_billed_reconciles(log: SqliteLog, story: Story) -> None:
    """Documents, members and postings agree; other words leave the posting where it is, and a transfer has no document."""
    assert story.verdict == ("ACCEPTED", "ACCEPTED")
    told(log, story.messages)
    assert reconcile(log).faults == []


def test_a_lost_member_is_seen(log: SqliteLog, tmp_path: Path) -> None:
    """A batch that took two documents, of which one names it, does not reconcile."""
    told(log, BATCH.messages)
    changed(tmp_path / "store.db", "DELETE FROM view_members WHERE document = 'i2'")
    assert reconcile(log).faults == [
        "shop|document|i2 version 1 is posted, but no posting of it stands",
        "shop|batch|b1 took 2 documents, 1 name it and 1 of them stand as they must",
    ]


def test_a_posting_left_behind_is_seen(log: SqliteLog, tmp_path: Path) -> None:
    """A version in other words stands by the last posting before it: an older one beside that has no document."""
    told(log, ALONE.messages)
    older = "UPDATE kept SET version = 0, posting_key = 'older'"
    taken = "CREATE TABLE kept AS SELECT * FROM view_postings WHERE stream = 'shop|document|i1'"
    changed(tmp_path / "store.db", taken, older, "INSERT INTO view_postings SELECT * FROM kept", "DROP TABLE kept")
    assert reconcile(log).faults == ["posting older stands, but shop|document|i1 version 0 is not posted"]
    changed(tmp_path / "store.db", "DELETE FROM view_postings")
    assert reconcile(log).faults == ["shop|document|i1 version 2 is posted, but no posting of it stands"]


def test_a_bill_is_told_in_messages_that_brokers_take(log: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long names and many dimensions split a bill, so that no posting of several documents is larger than the limit."""
    limit = 32 * 1024
    monkeypatch.setattr("engine.billing.bills.POSTING_BYTES_MAX", limit)
    story = jobs()
    for number in range(30):
        name = f"i{number}-{'x' * 120}"
        dimensions = {f"d{part}-{'y' * 100}": f"{number}-{'z' * 120}" for part in range(5)}
        story.invoice(name, lines=[line("1.00", dimensions=dimensions), line("2.00")], number=f"{number}")
    messages = [m for m in told(log, story.say(run(), undo()).messages) if m.topic == POSTINGS]
    assert [len(m.value) <= limit for m in messages] == [True] * len(messages)
    billed = [json.loads(m.value) for m in messages if b"reverses" not in m.value]
    assert sorted(name for posting in billed for name in posting["sources"]) == sorted(f"i{n}-{'x' * 120}" for n in range(30))
    assert max(len(posting["sources"]) for posting in billed) > 1
    assert sum(len(m.value) for m in messages) > limit
