"""Collecting on the command line: a run is tried, made, and changes nothing when it is made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import said
from tests.said import Saying
from tests.stories.command import asked, dump, postgate

LEVELS = [{"level": 1, "days": 10, "letter": "Reminder"}, {"level": 2, "days": 30, "letter": "Demand"}]
TO = "2026-02-28"
CHARGE = f"acme:EUR:{TO}"
SAID: tuple[Saying, ...] = (
    said.book(),
    *said.mappings(),
    said.class_("HOUSE", interest={"rate": "10"}, dunning={"levels": LEVELS}),
    said.account("acme", interest_applies=True, interest_account="7000", terms={"days": 0}),
    said.account("globex", interest_applies=True, terms={"days": 0}),
    said.say("class.assigned", account="acme", class_="HOUSE"),
    said.say("class.assigned", account="globex", class_="HOUSE"),
    said.customer("c1"),
    said.customer("c2"),
    said.link("c1", "acme"),
    said.link("c2", "globex"),
    said.invoice("i1", "1000.00", date="2026-02-01"),
    said.invoice("i2", "500.00", date="2026-02-15", customer="c2"),
)


@pytest.fixture
def owing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in which two accounts of HOUSE owe; globex has no account for interest."""
    path, file = tmp_path / "owing.db", tmp_path / "owing.jsonl"
    file.write_bytes(b"\n".join(saying.written("shop", f"m{number}") for number, saying in enumerate(SAID)))
    monkeypatch.setenv("POSTGATE_STORE", f"sqlite:///{path}")
    assert (postgate("migrate").code, postgate("ingest", file).code) == (0, 0)
    return path


def run(noun: str, day: str = TO, *options: str) -> str:
    """Run HOUSE and return what is printed."""
    done = postgate(noun, "run", "HOUSE", "--to" if noun == "interest" else "--as-of", day, "--by", "Ann", *options)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize(
    ("noun", "lines"),
    [
        ("statement", ["  2 statements"]),
        ("dunning", ["  2 letters, 1,500.00 EUR"]),
        (
            "interest",
            [
                "  posted: 1 charge, 7.40 EUR",
                "  held: 1 charge, 1.78 EUR",
                "    INTEREST_ACCOUNT_MISSING: 1 charge",
            ],
        ),
    ],
)
def test_a_run_is_tried_made_and_not_made_twice(owing: Path, noun: str, lines: list[str]) -> None:
    """The rehearsal says what the run does, and keeps nothing."""
    before = dump(owing)
    assert run(noun, TO, "--dry-run").splitlines() == [f"{noun} run of HOUSE: nothing is kept", *lines]
    assert dump(owing) == before
    assert run(noun).splitlines() == [f"{noun} run of HOUSE: done", *lines]
    assert run(noun) == "it was run to that day already; nothing changes\n"
    assert len(postgate(noun, "list", "--json").rows) == 2


@pytest.mark.usefixtures("owing")
def test_a_statement_is_shown() -> None:
    """The latest of an account, for people and for programs."""
    run("statement", "2026-02-10")
    run("statement")
    assert postgate("statement", "show", "acme").out.splitlines() == [
        "account      acme",
        "class        HOUSE",
        "as_of        2026-02-28",
        "after        2026-02-10",
        "",
        "       opening    closing    not due      1-30    31-60    61-90    over 90",
        "---  ---------  ---------  ---------  --------  -------  -------  ---------",
        "EUR   1,000.00   1,000.00       0.00  1,000.00     0.00     0.00       0.00",
        "",
        "document    date        due           days over    amount      open",
        "----------  ----------  ----------  -----------  --------  --------  ---",
        "i1          2026-02-01  2026-02-01           27  1,000.00  1,000.00  EUR",
    ]
    told = postgate("statement", "show", "acme", "--as-of", "2026-02-10", "--json").row
    assert (told["after"], told["closes"]) == (None, "1000.00 EUR")
    assert postgate("statement", "show", "nobody").code == 2
    assert len(postgate("statement", "list", "--account", "acme", "--json").rows) == 2


@pytest.mark.usefixtures("owing")
def test_a_charge_is_shown_explained_posted_and_proved() -> None:
    """It is among the documents, the held, the postings, and in every proof."""
    run("interest")
    told = postgate("interest", "show", CHARGE, "--json").row
    assert (told["state"], told["amount"], told["rate"]) == ("POSTED", "7.40", "10")
    assert told["receivables"] == [{"document": "i1", "due_date": "2026-02-01", "days": 27, "on": "1000.00", "amount": "7.40"}]
    assert [row["kind"] for row in postgate("documents", "--kind", "INTEREST", "--json").rows] == ["INTEREST", "INTEREST"]
    assert [row["reason"] for row in postgate("held", "--json").rows] == ["INTEREST_ACCOUNT_MISSING"]
    held = f"globex:EUR:{TO}"
    explained = postgate("explain", held)
    assert (explained.code, "INTEREST_ACCOUNT_MISSING" in explained.out) == (0, True)
    (posting,) = [json.loads(line) for line in postgate("postings", "--kind", "INTEREST", "--json").out.splitlines()]
    assert (posting["data"]["document"], posting["data"]["kind"], posting["data"]["due_date"]) == (CHARGE, "INTEREST", TO)
    for proof in ("reconcile", "replay", "verify", "balances"):
        done = postgate(proof)
        assert done.code == 0, done.out + done.err


@pytest.mark.usefixtures("owing")
def test_a_class_and_an_account_show_their_last_days() -> None:
    """The account whose charge is held keeps its date, the class has that of what was posted."""
    for noun in ("statement", "interest", "dunning"):
        run(noun)
    days = {"last_statement_date": TO, "last_interest_date": TO, "last_dunning_date": TO}
    for words in (("classes", "HOUSE"), ("accounts", "acme")):
        told = postgate(*words, "--json").row
        assert {name: told[name] for name in days} == days
    assert "last_interest_date" not in postgate("accounts", "globex", "--json").row
    assert "  last_statement_date     2026-02-28" in postgate("accounts", "globex").out.splitlines()


@pytest.mark.usefixtures("owing")
def test_letters_are_shown_with_their_documents() -> None:
    """Each with its level and what is asked for."""
    run("dunning")
    (letter,) = postgate("dunning", "list", "--account", "acme", "--json").rows
    assert (letter["level"], letter["name"], letter["amount"], letter["documents"]) == (1, "Reminder", "1000.00", 1)
    shown = postgate("dunning", "show", str(letter["letter"]))
    assert (shown.code, shown.out.splitlines()[-1].split()) == (0, ["i1", "2026-02-01", "27", "1", "1,000.00", "1,000.00"])


@pytest.mark.usefixtures("owing")
def test_a_charge_in_a_locked_period_is_released() -> None:
    """By its id, like a document."""
    assert postgate("period", "lock", "2026-02").code == 0
    assert run("interest").splitlines()[1] == "  held: 2 charges, 9.18 EUR"
    words = ("--reason", "PERIOD_LOCKED", "--by", "Ann", "--role", "accountant", "--note", "agreed")
    assert postgate("release", CHARGE, *words).out.splitlines()[1] == "released 1 document, 7.40 EUR"


def test_a_run_that_may_not_be_made_is_refused(owing: Path) -> None:
    """With its code and a remedy; nothing is recorded."""
    run("statement")
    before = dump(owing)
    for words in (
        ("statement", "run", "HOUSE", "--as-of", "2026-02-27", "--by", "Ann"),
        ("statement", "run", "HOUSE", "--as-of", "2100-01-01", "--by", "Ann"),
        ("interest", "run", "NONE", "--to", TO, "--by", "Ann"),
    ):
        assert postgate(*words).code == 5
    assert (dump(owing), asked(owing, "SELECT COUNT(*) FROM view_quarantine")) == (before, [(0,)])
