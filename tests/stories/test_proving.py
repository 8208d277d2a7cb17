"""Proving: a document is explained, everything adds up, history is read again, and tampering is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stories.command import asked, changed, dump, postgate

UNPAID, UNNAMED, POSTED = "33385646912", "33362821300", "33363010463"


@pytest.mark.usefixtures("store")
def test_a_held_document_is_explained() -> None:
    """State, reason, what it waits for, the rule that objects, what would release it, and its history."""
    told = postgate("explain", UNPAID)
    lines = told.out.splitlines()
    assert (told.code, lines[0]) == (0, f"INVOICE {UNPAID} version 1: 37.54 USD of 2017-05-30")
    assert "waits for  payment:33385646912, class:COUNTER" in lines
    assert [line.split() for line in lines if line.startswith("  C6")] == [
        ["C6", "generic_sale_is_paid", "HOLD", "PAYMENT_REQUIRED_FOR_GENERIC"]
    ]
    assert lines[lines.index("how to mend it") + 1] == "  take the payment, or give the customer an account of its own"
    assert lines[lines.index("what would release it") + 1] == f"  take the payment of 37.54 USD on {UNPAID}"
    assert len(postgate("explain", UNPAID, "--all-rules").out.splitlines()) > len(lines) + 50


def test_what_an_explanation_names_releases_the_document(store: Path, tmp_path: Path) -> None:
    """The message it prints, with the open choices filled in, posts the document; of the past it names none."""
    before = str(asked(store, "SELECT MAX(rowid) FROM stored_events")[0][0])
    told = postgate("explain", UNPAID, "--json").row["release"]
    assert isinstance(told, dict)
    assert (told["complete"], told["left"], len(told["facts"])) == (True, [], 1)
    (fact,) = told["facts"]
    assert [name for name, value in fact["data"].items() if value == "?"] == ["payment", "date", "tender"]
    envelope = {"specversion": "1.0", "id": "p9", "source": "/pos", "time": "2017-06-05T09:00:00Z", "book": "grocer"}
    chosen = {"payment": "p9", "date": "2017-06-05", "tender": "CARD"}
    path = tmp_path / "paid.jsonl"
    path.write_text(json.dumps({**envelope, "type": fact["type"], "data": {**fact["data"], **chosen}}), encoding="utf-8")
    assert postgate("ingest", path).code == 0
    assert postgate("explain", UNPAID, "--json").row["state"] == "POSTED"
    assert postgate("explain", UNPAID, "--json", "--as-of", before).row["release"] is None


@pytest.mark.usefixtures("store")
def test_an_explanation_is_complete_for_programs() -> None:
    """Every rule with its verdict, facts, streams read, postings with lines, and history with position, time and actor."""
    told = postgate("explain", POSTED, "--json").row
    assert (told["document"], told["state"], told["gross"], told["reasons"]) == (POSTED, "POSTED", "98.80", [])
    postings, history, rules = told["postings"], told["history"], told["rules"]
    assert isinstance(postings, list)
    assert isinstance(history, list)
    assert isinstance(rules, list)
    assert [(line["account"], line["side"], line["amount"]) for line in postings[0]["lines"]] == [
        ("1100", "D", "98.80"),
        ("4020", "C", "21.93"),
        ("4010", "C", "74.78"),
        ("4040", "C", "2.09"),
    ]
    assert [each["kind"] for each in history] == ["InvoiceIssued.v1", "DocumentDecided.v1", "PostingAuthorised.v1"]
    assert {each["actor"] for each in history} == {"/pos/store-356"}
    assert [rule["rule"] for rule in rules if rule["reason"]] == []
    assert len(rules) > 50


def test_a_document_is_explained_as_of_then(store: Path) -> None:
    """By position and by time; before it came there is nothing to tell."""
    held_at = asked(store, "SELECT MAX(rowid) FROM stored_events")[0][0]
    assert postgate("classify", "debtor-e22e9c22f92b", "HOUSE").code == 0
    assert postgate("explain", "33362690388", "--json").row["state"] == "POSTED"
    assert postgate("explain", "33362690388", "--json", "--as-of", str(held_at)).row["state"] == "REQUIRES_ATTENTION"
    assert postgate("explain", "33362690388", "--json", "--as-of", "2100-01-01T00:00:00Z").row["state"] == "POSTED"
    early = postgate("explain", "33362690388", "--as-of", "2")
    assert (early.code, early.err) == (2, "postgate: 33362690388: was not there yet at position 2; name a later moment\n")
    for wrong in ("yesterday", "2017-06-01T12:00:00", "99999999"):
        assert postgate("explain", UNPAID, "--as-of", wrong).code == 2


@pytest.mark.usefixtures("store")
def test_a_payment_is_explained_and_an_ambiguous_id_asks(tmp_path: Path) -> None:
    """A payment has a namespace of its own; where an id means two things, both names are given."""
    said = {
        "specversion": "1.0",
        "id": "p1",
        "source": "/pos",
        "type": "postgate.payment.received.v1",
        "time": "2017-06-05T09:00:00Z",
    }
    paid = {"date": "2017-06-05", "currency": "USD", "amount": "37.54", "tender": "CARD", "customer": "hh-7e62ce154998"}
    rows = [{**said, "id": name, "book": "grocer", "data": {"payment": name, **paid}} for name in ("p1", UNPAID)]
    path = tmp_path / "paid.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert postgate("ingest", path).code == 0
    assert postgate("explain", "p1", "--json").row["payment"] == "p1"
    both = postgate("explain", UNPAID)
    assert (both.code, "is ambiguous: document:33385646912 in book grocer, payment:33385646912 in book grocer" in both.err) == (
        2,
        True,
    )
    assert postgate("explain", f"payment:{UNPAID}", "--json").row["kind"] == "PAYMENT"
    assert postgate("explain", f"document:{UNPAID}", "--json").row["kind"] == "INVOICE"


@pytest.mark.usefixtures("store")
def test_an_unknown_document_is_said_to_be() -> None:
    """Exit code 2, with where to look."""
    told = postgate("explain", "nope")
    assert (told.code, told.err) == (2, "postgate: nope: is no document or payment of this store; look at postgate documents\n")


@pytest.mark.usefixtures("store")
def test_everything_received_is_accounted_for() -> None:
    """In total and by day, in documents and in amount."""
    (row,) = postgate("reconcile", "--json").rows
    assert {name: row[name] for name in ("received", "posted", "held", "adds_up")} == {
        "received": {"documents": 314, "amount": "11063.47"},
        "posted": {"documents": 138, "amount": "5903.48"},
        "held": {"documents": 176, "amount": "5159.99"},
        "adds_up": True,
    }
    days = postgate("reconcile", "--by-day", "--json").rows
    assert [row["day"] for row in days] == [
        f"2017-{day}" for day in ("05-29", "05-30", "05-31", "06-01", "06-02", "06-03", "06-04")
    ]
    assert days[0]["received"] == {"documents": 47, "amount": "1926.29"}
    assert "ok  every position read has its receipt" in postgate("reconcile").out.splitlines()


@pytest.mark.usefixtures("store")
def test_the_trial_balance_is_zero() -> None:
    """By ledger account; and by party, the receivables alone."""
    rows = postgate("balances", "--json").rows
    assert {row["account"]: row["balance"] for row in rows}["1020"] == "829.35"
    assert sum(int(str(row["balance"]).replace(".", "")) for row in rows) == 0
    owed = {row["party"]: row["balance"] for row in postgate("balances", "--parties", "--json").rows}
    assert (owed["counter-sales"], owed["band-150-174k"]) == ("0.00", "924.73")
    assert postgate("balances").err == "debits equal credits in every book and currency\n"


@pytest.mark.usefixtures("store")
def test_a_replay_is_what_stands() -> None:
    """Rebuilt in memory it is the same; at an earlier position less had happened."""
    now = postgate("replay", "--json").row
    assert (now["compared"], now["faults"]) == (True, [])
    assert now["states"] == {
        "POSTED": {"documents": 138, "amounts": {"USD": "5903.48"}},
        "REQUIRES_ATTENTION": {"documents": 176, "amounts": {"USD": "5159.99"}},
    }
    then = postgate("replay", "--as-of", "600", "--json").row
    assert (then["position"], then["compared"]) == (600, False)
    states = then["states"]
    assert isinstance(states, dict)
    assert 0 < states["POSTED"]["documents"] < 138
    assert postgate("replay", "--as-of", "0").out == "position 0\nno documents yet\n"
    assert postgate("replay", "--as-of", "2000-01-01T00:00:00Z", "--json").row["position"] == 0


@pytest.mark.usefixtures("store")
def test_history_proves_itself() -> None:
    """Chain, decisions and views are what the stored bytes make of them."""
    found = postgate("verify", "--json").row
    assert (found["decisions"], found["books"], found["faults"]) == (314, 1, [])
    assert postgate("verify").out.splitlines()[-1] == "nothing differs"


@pytest.mark.parametrize(
    ("command", "statement"),
    [
        ("reconcile", "UPDATE view_completeness SET gross = gross + 1 WHERE state = 'POSTED' AND day = '2017-05-30'"),
        ("reconcile", "DELETE FROM view_postings WHERE number = '33363010463'"),
        ("reconcile", "UPDATE view_documents SET state = 'REQUIRES_ATTENTION' WHERE document = '33363010463'"),
        ("reconcile", "UPDATE tracking SET notification_id = notification_id + 1"),
        ("reconcile", "UPDATE view_balances SET debit = debit + 1 WHERE account = '1020'"),
        ("balances", "UPDATE view_balances SET debit = debit + 1 WHERE account = '1020'"),
        ("replay", "UPDATE view_documents SET gross = 1 WHERE document = '33363010463'"),
        ("verify", "UPDATE view_documents SET gross = 1 WHERE document = '33363010463'"),
        ("verify", "UPDATE heads SET sequence = sequence + 1"),
    ],
)
def test_what_does_not_add_up_is_named(store: Path, command: str, statement: str) -> None:
    """A check that finds something names it and ends with exit code 3."""
    changed(store, statement)
    told = postgate(command)
    assert (told.code, told.err.count("postgate: ")) == (3, 1)


def test_a_program_reads_what_does_not_add_up(store: Path) -> None:
    """Each account says whether it adds up, and every fault is an object of its own."""
    changed(store, "UPDATE view_completeness SET documents = documents - 1 WHERE state = 'POSTED' AND day = '2017-05-30'")
    account, fault = postgate("reconcile", "--json").rows
    assert (account["adds_up"], fault) == (False, {"fault": "grocer USD: 1 documents and 0.00 USD were received and are nowhere"})


def test_an_edited_record_is_found(store: Path) -> None:
    """One changed byte of history breaks the chain at its position."""
    edited = "UPDATE stored_events SET state = CAST(REPLACE(CAST(state AS TEXT), '98.80', '99.80') AS BLOB) WHERE rowid = {}"
    ((position,),) = asked(store, "SELECT MIN(rowid) FROM stored_events WHERE originator_id = 'grocer|document|33363010463'")
    changed(store, "DROP TRIGGER stored_events_update", edited.format(position))
    told = postgate("verify")
    assert (told.code, f"position {position}: CHAIN_BROKEN" in told.out) == (3, True)


def test_a_view_is_made_anew(store: Path) -> None:
    """What was damaged stands again, from the log alone; other views are left alone."""
    before = dump(store)
    changed(store, "DELETE FROM view_balances", "UPDATE view_documents SET gross = 1")
    assert postgate("replay").code == 3
    assert postgate("rebuild", "balances", "--json").row["views"] == ["balances"]
    assert postgate("balances").code == 0
    assert postgate("replay").code == 3
    assert postgate("rebuild", "--all").code == 0
    assert (postgate("replay").code, sorted(dump(store).splitlines()) == sorted(before.splitlines())) == (0, True)
    assert [postgate("rebuild").code, postgate("rebuild", "nope").code, postgate("rebuild", "balances", "--all").code] == [
        2,
        2,
        2,
    ]


def test_views_of_another_version_are_rebuilt_by_migrate(store: Path) -> None:
    """Every other command refuses them and says what to do."""
    before = dump(store)
    changed(store, "UPDATE meta SET value = '0' WHERE name = 'view:balances'", "DELETE FROM view_balances")
    refused = postgate("balances")
    assert (refused.code, "has views of another version: balances; run postgate migrate; it rebuilds them" in refused.err) == (
        3,
        True,
    )
    assert postgate("migrate", "--json").row["views_rebuilt"] == ["balances"]
    assert (postgate("balances").code, sorted(dump(store).splitlines()) == sorted(before.splitlines())) == (0, True)


def test_schemas_are_listed_and_written(tmp_path: Path) -> None:
    """Every type of the contract has one."""
    listed = {str(row["file"]) for row in postgate("schemas", "--json").rows}
    assert {"postgate.invoice.issued.v1.json", "postgate.posting.authorised.v1.json", "asyncapi.json"} <= listed
    assert postgate("schemas", "--output", tmp_path / "published").code == 0
    assert {path.name for path in (tmp_path / "published").iterdir()} == listed
    schema = json.loads((tmp_path / "published" / "postgate.link.made.v1.json").read_text(encoding="utf-8"))
    assert schema["properties"]["type"] == {
        "const": "postgate.link.made.v1",
        "description": schema["properties"]["type"]["description"],
    }


def test_the_doctor_finds_a_sound_store_well(store: Path) -> None:
    """Settings with their source, programs, disk, durability, positions and what is held."""
    rows = {str(row["check"]): row for row in postgate("doctor", "--json").rows}
    assert {name for name, row in rows.items() if not row["ok"]} == set()
    assert rows["setting store"]["found"] == f"sqlite:///{store} (environment; POSTGATE_STORE)"
    assert rows["durability"]["found"] == "journal wal, synchronous FULL"
    assert rows["held"]["found"] == "176 documents, the oldest of 2017-05-29"
    assert rows["sources"]["found"] == "2 sources, 724 positions read"


def test_the_doctor_names_what_is_not_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is not there is exit code 4, and the remedy stands beside it."""
    monkeypatch.setenv("POSTGATE_STORE", f"sqlite:///{tmp_path}/none.db")
    told = postgate("doctor")
    assert (told.code, f"create it: postgate migrate --store sqlite:///{tmp_path}/none.db" in told.out) == (4, True)
    assert list(tmp_path.iterdir()) == []
