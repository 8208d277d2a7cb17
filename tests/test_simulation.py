"""A simulation gives what a real run under the changed rules gives, and leaves the store as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from adapters.changes import Changes, Said
from adapters.eventlog.sqlite import SqliteLog
from adapters.ingest import Ingester
from adapters.outcomes import DECISIONS, Outcomes
from adapters.simulation import Simulation
from engine.errors import Refused
from schemas import envelope
from schemas.values import instant
from tests import said
from tests.given import Story
from tests.rules.accumulation import closed, jobs, run, sold, till, undo
from tests.said import DAY
from tests.stories.command import changed

NOON = instant(f"{DAY}T12:00:00Z")
HOUR = 3_600_000_000


def shop() -> list[Said]:
    """A month of a shop: two classes, a shared debtor, corrections, refusals, and a void."""
    story = Story().shop().account("counter", generic=True).account("walkers").customer("c2").linked("c2", "walkers")
    story.classified("walkers", "COUNTER", "GENERIC", generic_account="counter")
    story.invoice("i1", tax="20.00").invoice("i2", customer="c2", tenders=[said.tender("CASH", "100.00")])
    story.invoice("i3", customer="c2").credit_note("k1", "10.00", original="i1").payment("p1", "30.00", on="i1")
    story.invoice("i4", tax={"GST": "5.00"}).invoice("i5", customer="c3").invoice("i6", "0.00").credit_note("k2", "5.00")
    story.defined("HOUSE", version=2, channels=["WEB"]).invoice("i7", channel="POS").invoice("i8", channel="WEB")
    story.invoice("i1", number="N-other").amended("i2", net="50.00").voided("i8").payment("p2", "7.00", on="i9")
    story.said("class.deactivated", class_="COUNTER").account("late").assigned("late", "COUNTER").linked("c1", "late")
    story.invoice("i12", date="2026-03-12").said("customer.merged", survivor="c1", merged=["c3", "c4"])
    story.said("customer.held", customer="c2", until="2026-03-10T20:00:00Z").invoice("i13", customer="c2", channel="WEB")
    story.invoice("i10", branch="north").mapped("revenue", "north", account="4100").invoice("i11", branch="north")
    return [json.loads(message) for message in story.messages]


def ingested(path: Path, messages: Sequence[Said]) -> Outcomes:
    """Take messages into a store, three at a time, an hour apart, and return where everything stands."""
    log = SqliteLog.create(str(path))
    for number in range(0, len(messages), 3):
        lines = [json.dumps(message).encode() for message in messages[number : number + 3]]
        ingester = Ingester(log, now=lambda at=NOON + HOUR * number: at)  # type: ignore[misc]
        ingester.ingest(f"file-{number}", enumerate(lines, 1))
    found = stands(log)
    log.close()
    return found


def at_once(path: Path, messages: Sequence[Said]) -> Outcomes:
    """Take messages into a store, all at noon, and return where everything stands."""
    log = SqliteLog.create(str(path))
    Ingester(log, now=lambda: NOON).ingest("all", enumerate((json.dumps(message).encode() for message in messages), 1))
    found = stands(log)
    log.close()
    return found


def stands(log: SqliteLog) -> Outcomes:
    """Return where everything stands by the records of a store."""
    outcomes = Outcomes()
    for recorded in log.read(0, 1_000_000):
        if recorded.kind in DECISIONS:
            outcomes.recorded(recorded, json.loads(recorded.state)["body"])
    return outcomes


def simulated(path: Path, changes: Changes) -> Simulation:
    """Simulate the history of the shop."""
    log = SqliteLog(str(path))
    result = Simulation(log, "shop", changes).run()
    log.close()
    return result


def message(saying: said.Saying) -> Said:
    """Return a message as a change says it."""
    found: Said = json.loads(saying.written("shop", "changed"))
    return found


def each(messages: Sequence[Said], change: Callable[[str, Said], Said | None]) -> list[Said]:
    """Return messages with other contents; None leaves one out."""
    told = []
    for each_said in messages:
        fields = each_said["data"]
        assert isinstance(fields, dict)
        changed = change(str(each_said["type"]).removeprefix("postgate.").removesuffix(".v1"), fields)
        if changed is not None:
            told.append({**each_said, "data": changed})
    return told


def _policy(fields: Said) -> Said:
    policies = fields.get("policies", {})
    assert isinstance(policies, dict)
    return {**fields, "policies": {**policies, "unreferenced_credit": "POST", "zero_value": "HOLD"}}


CHANGED: dict[str, tuple[Changes, Callable[[str, Said], Said | None]]] = {
    "a policy": (
        Changes(policies={"unreferenced_credit": "POST", "zero_value": "HOLD"}),
        lambda kind, fields: _policy(fields) if kind == "book.opened" else fields,
    ),
    "a field of a class": (
        Changes(fields={"COUNTER": {"payment_required": False}}),
        lambda _kind, fields: (
            fields | {"payment_required": False} if fields.get("class") == "COUNTER" and "name" in fields else fields
        ),
    ),
    "a version of a class": (
        Changes([message(said.class_("HOUSE", "ASK", version=2))]),
        lambda kind, fields: dict(said.class_("HOUSE", "ASK", version=2).fields) if kind == "class.revised" else fields,
    ),
    "a class altogether": (
        Changes([message(said.class_("HOUSE", "ACCOUNT", version=9, invoice_prefix="H"))]),
        lambda kind, fields: (
            fields | {"version": 9, "invoice_prefix": "H"}
            if (kind, fields.get("class")) == ("class.defined", "HOUSE")
            else None
            if (kind, fields.get("class")) == ("class.revised", "HOUSE")
            else fields
        ),
    ),
    "a mapping": (
        Changes([message(said.mapping("revenue", "default", account="4999"))]),
        lambda _kind, fields: fields | {"value": {"account": "4999"}} if fields.get("key") == "default" else fields,
    ),
    "the class of an account": (
        Changes([message(said.say("class.assigned", account="acme", class_="COUNTER"))]),
        lambda kind, fields: (
            fields | {"class": "COUNTER"} if (kind, fields.get("account")) == ("class.assigned", "acme") else fields
        ),
    ),
    "a class that may be assigned": (
        Changes(policies={"inactive_class": "POST"}),
        lambda kind, fields: fields | {"policies": {"inactive_class": "POST"}} if kind == "book.opened" else fields,
    ),
    "nothing": (Changes(), lambda _kind, fields: fields),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_simulation_is_what_a_real_run_would_be(name: str, tmp_path: Path) -> None:
    """The same decisions, reasons, accounts and journals as those of a store that heard the changed messages."""
    changes, change = CHANGED[name]
    stood = ingested(tmp_path / "stood.db", shop())
    real = ingested(tmp_path / "real.db", each(shop(), change))
    found = simulated(tmp_path / "stood.db", changes)
    assert found.stood == stood
    assert found.simulated == real
    assert (found.differences() == []) == (name == "nothing")


def billed() -> list[Said]:
    """Two batches of jobs, one taken back."""
    story = jobs().invoice("i1").invoice("i2", "50.00").say(run()).amended("i1", net="90.00").say(undo()).say(run("b2"))
    return [json.loads(line) for line in story.messages]


def counted() -> list[Said]:
    """A day over the counter that is closed, and a sale that comes late."""
    story = sold(sold(till(), "s1"), "s2", "40.00", "CARD").say(closed(CASH="90.00", CARD="40.00"))
    return [json.loads(line) for line in sold(story, "s3", "7.00").messages]


@pytest.mark.parametrize(
    ("told", "class_", "change"),
    [(billed, "HOUSE", {"batch_billing": False}), (counted, "COUNTER", {"detail": "ITEMISED"})],
    ids=["a batch", "a day"],
)
def test_batches_and_days_are_simulated_too(told: Callable[[], list[Said]], class_: str, change: Said, tmp_path: Path) -> None:
    """What would be billed, summarised or taken back otherwise is what a real run would have made of it."""
    ingested(tmp_path / "stood.db", told())
    real = each(told(), lambda _, fields: fields | change if fields.get("class") == class_ and "name" in fields else fields)
    found = simulated(tmp_path / "stood.db", Changes(fields={class_: change}))
    assert found.simulated == ingested(tmp_path / "real.db", real)
    assert found.differences() != []


def test_history_of_another_rulebook_shows_what_this_one_decides_otherwise(tmp_path: Path) -> None:
    """What stands is read from the records, so without changes the rules of this release are held against those of then."""
    ingested(tmp_path / "stood.db", shop())
    tampered = "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), '\"EXCLUDED\"', '\"ACCUMULATING\"') AS BLOB)"
    changed(tmp_path / "stood.db", "DROP TRIGGER stored_events_update", f"{tampered} WHERE topic = 'DocumentDecided.v1'")
    found = simulated(tmp_path / "stood.db", Changes()).differences()
    assert [(each.stream, each.change) for each in found] == [("shop|document|i6", "billed, would be excluded")]


def test_another_prefix_is_another_number(tmp_path: Path) -> None:
    """What posts as before, but under another number in the books, is told; what has other lines besides is told for those."""
    messages = shop()
    ingested(tmp_path / "stood.db", messages)
    found = simulated(tmp_path / "stood.db", Changes(fields={"HOUSE": {"invoice_prefix": "X-"}}))
    renamed = each(messages, lambda _, fields: fields | {"invoice_prefix": "X-"} if _named(fields, "HOUSE") else fields)
    assert found.simulated == ingested(tmp_path / "real.db", renamed)
    invoices = [f"shop|document|{name}" for name in ("i5", "i12", "i10", "i11")]
    assert [(each.stream, each.change) for each in found.differences()] == [
        (name, "posted, would have another number") for name in invoices
    ]
    elsewhere = Changes([message(said.mapping("revenue", "default", account="4999"))], fields={"HOUSE": {"invoice_prefix": "X-"}})
    both = {each.stream: each.change for each in simulated(tmp_path / "stood.db", elsewhere).differences()}
    assert {both[name] for name in invoices[:2]} == {"posted, would be posted otherwise"}


def _named(fields: Said, class_: str) -> bool:
    return fields.get("class") == class_ and "name" in fields


def test_a_mapping_that_nobody_said_is_said_first(tmp_path: Path) -> None:
    """A change that takes nobody's place is there from the beginning."""
    tax = said.mapping("tax", "GST", account="2230")
    messages = shop()
    ingested(tmp_path / "stood.db", messages)
    found = simulated(tmp_path / "stood.db", Changes([message(tax)]))
    assert found.simulated == ingested(tmp_path / "real.db", [messages[0], message(tax), *messages[1:]])
    assert [each.change for each in found.differences()] == ["held, would be posted"]


def test_a_change_from_a_day_leaves_what_was_before(tmp_path: Path) -> None:
    """The class is revised before the first message of that day, under the version that follows, and later versions keep it."""
    messages = shop()
    for number, each_said in enumerate(messages):
        each_said["time"] = f"2026-03-{10 + (number > 20):02}T09:00:00Z"
    at_once(tmp_path / "stood.db", messages)
    since = instant("2026-03-11T00:00:00Z")
    found = simulated(tmp_path / "stood.db", Changes(fields={"HOUSE": {"channels": ["SERVICE"]}}, since=since))
    revised = message(said.class_("HOUSE", version=2, channels=["SERVICE"]))
    later = each(
        messages[21:],
        lambda kind, fields: fields | {"version": 3, "channels": ["SERVICE"]} if kind == "class.revised" else fields,
    )
    assert found.simulated == at_once(tmp_path / "real.db", [*messages[:21], revised, *later])
    assert ("shop|document|i8", 1) in {(each.stream, each.version) for each in found.differences()}


TOLERANCE = {"rate_source": "DOCUMENT", "rate_tolerance": "-0.1"}
"""What the door of an earlier release took."""


def test_a_change_that_the_door_does_not_take_is_refused_with_its_place(tmp_path: Path) -> None:
    """It is the word of whoever asks, not a fault of ours."""
    ingested(tmp_path / "stood.db", shop())
    with pytest.raises(Refused, match=r"book\.opened\.v1 is not taken: data\.policies\.rate_tolerance: must not be below zero"):
        simulated(tmp_path / "stood.db", Changes(policies=TOLERANCE))


def test_what_was_refused_and_cannot_be_read_any_more_stays_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book said twice is refused by the rules; by now the door would not take its tolerance either."""
    with monkeypatch.context() as then:
        then.setattr(envelope, "AT_THE_DOOR", None)
        stood = ingested(tmp_path / "stood.db", [*shop(), message(said.book(currency="USD", **TOLERANCE))])
    found = simulated(tmp_path / "stood.db", Changes())
    assert (found.simulated, found.differences()) == (stood, [])
