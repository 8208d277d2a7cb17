"""Beginning: a store is made, files are taken in or only tried, the demo runs, help is quick."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from adapters.cli.main import COMMANDS
from tests.stories.command import SALES, SETUP, child, content, dump, enlarged, postgate, url

NAMES = [name for group in COMMANDS.values() for name in group]
HELP_S_MAX = 1


def test_the_contract_names_these_commands() -> None:
    """Every command that needs neither HTTP nor signing is there; `topics` and `skip` are ours."""
    promised = "demo migrate ingest run publish topics skip validate documents held postings customers accounts classes"
    operating = "quarantine link unlink classify release requeue explain reconcile balances replay verify rebuild schemas doctor"
    closing = "period resolve statement interest dunning batch day reasons receivables simulate"
    assert sorted(NAMES) == sorted(f"{promised} {operating} {closing}".split())


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help(name: str) -> None:
    """Help says what a command does and which options it has."""
    told = postgate(name, "--help")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"Usage: postgate {name} ")
    assert "--help" in told.out


def test_help_loads_nothing_heavy() -> None:
    """A person who asks what there is does not wait for pydantic, SQLite or the engine's rules."""
    begun = time.monotonic()
    assert child("--help").code == 0
    assert child("ingest", "--help").code == 0
    assert time.monotonic() - begun < 2 * HELP_S_MAX


def test_a_store_is_made_once(tmp_path: Path) -> None:
    """Migrating twice changes nothing, and folders on the way are made."""
    path = tmp_path / "new" / "folder" / "books.db"
    first = postgate("migrate", "--store", url(path), "--json").row
    assert first == {"store": str(path), "created": True, "schema_version": 1, "views_rebuilt": []}
    before = dump(path)
    assert postgate("migrate", "--store", url(path), "--json").row == {**first, "created": False}
    assert dump(path) == before


def test_a_file_is_taken_in_once(empty: Path) -> None:
    """The second time nothing changes, and it is said."""
    first = postgate("ingest", SETUP, SALES, "--json")
    assert [(row["messages"], row["verdicts"]) for row in first.rows] == [
        (410, {"ACCEPTED": 410, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 0}),
        (314, {"ACCEPTED": 314, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 0}),
    ]
    assert first.rows[1]["posted"] == {"documents": 138, "amounts": {"USD": "5903.48"}}
    assert first.rows[1]["held"] == {"documents": 176, "amounts": {"USD": "5159.99"}}
    before = dump(empty)
    again = postgate("ingest", SETUP, SALES)
    assert (again.code, dump(empty)) == (0, before)
    assert again.out.splitlines() == [
        f"{SETUP}: all 410 lines were taken in before; nothing changes",
        f"{SALES}: all 314 lines were taken in before; nothing changes",
    ]


def test_a_rehearsal_keeps_nothing(empty: Path) -> None:
    """A dry run of two files sees the first in the second, tells the same as the real run, and leaves the store as it was."""
    before, bytes_before = dump(empty), empty.read_bytes()
    tried = postgate("ingest", SETUP, SALES, "--dry-run", "--json")
    assert (tried.code, dump(empty), empty.read_bytes()) == (0, before, bytes_before)
    real = postgate("ingest", SETUP, SALES, "--json")
    assert [{**row, "dry_run": False} for row in tried.rows] == real.rows
    assert real.rows[1]["held_by_reason"] == {
        "LINK_MISSING": {"documents": 145, "amounts": {"USD": "4307.13"}},
        "CLASS_MISSING": {"documents": 15, "amounts": {"USD": "495.22"}},
        "ANONYMOUS_NO_DEFAULT": {"documents": 9, "amounts": {"USD": "194.20"}},
        "PAYMENT_REQUIRED_FOR_GENERIC": {"documents": 7, "amounts": {"USD": "163.44"}},
        "ZERO_VALUE": {"documents": 1, "amounts": {"USD": "0.00"}},
    }


@pytest.mark.usefixtures("empty")
def test_a_rehearsal_says_what_would_be_released() -> None:
    """Sales without their setup wait; taking in the setup would release them."""
    assert postgate("ingest", SALES).code == 0
    tried = postgate("ingest", SETUP, "--dry-run")
    assert "  would be released: 138 documents, 5,903.48 USD" in tried.out.splitlines()
    real = postgate("ingest", SETUP)
    assert "  released: 138 documents, 5,903.48 USD" in real.out.splitlines()


def test_a_rehearsal_spans_batches(empty: Path, tmp_path: Path) -> None:
    """A file of several batches is tried as a whole."""
    many = enlarged(tmp_path / "many.jsonl", 4)
    before = dump(empty)
    tried = postgate("ingest", SETUP, many, "--dry-run", "--json").rows[1]
    assert (tried["messages"], tried["posted"]) == (1256, {"documents": 552, "amounts": {"USD": "23613.92"}})
    assert dump(empty) == before


@pytest.mark.usefixtures("empty")
def test_standard_input_is_a_file_too() -> None:
    """What comes through a pipe is known by its content, as the file is."""
    taken = child("ingest", "-", "--json", given=SETUP.read_bytes())
    assert (taken.code, taken.row["messages"]) == (0, 410)
    assert postgate("ingest", SETUP, "--json").row["messages"] == 0


def test_a_sound_file_is_valid() -> None:
    """The demo's files keep the contract; nothing is printed as data, and no store is needed."""
    checked = postgate("validate", SETUP, SALES)
    assert (checked.code, checked.out) == (0, "")
    assert f"{SALES}: 314 messages, 0 would be refused" in checked.err


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    """File, line, code and what to write instead; exit code 3."""
    lines = SETUP.read_text(encoding="utf-8").splitlines()[:4]
    wrong = json.loads(lines[1])
    wrong["data"]["from"] = "1 May"
    path = tmp_path / "wrong.jsonl"
    path.write_text("\n".join([lines[0], json.dumps(wrong), lines[2][:48]]), encoding="utf-8")
    checked = postgate("validate", path)
    assert checked.code == 3
    assert checked.out.splitlines() == [
        f'{path}:2: DATE: data.from: write a day in quotes as "YYYY-MM-DD"',
        f"{path}:3: SCHEMA_INVALID: not JSON at line 1 column 27: Unterminated string starting at",
    ]
    assert [(row["line"], row["code"]) for row in postgate("validate", path, "--json").rows] == [
        (2, "DATE"),
        (3, "SCHEMA_INVALID"),
    ]


def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    """The main job runs end to end in a store of its own, on a screen of 80 columns."""
    path = tmp_path / "demo.db"
    told = postgate("demo", "--store", url(path))
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert max(len(line) for line in lines if str(tmp_path) not in line) <= 80
    assert len(lines) <= 85
    assert "   posted   138 documents    5,903.48 USD" in lines
    assert "   held     176 documents    5,159.99 USD" in lines
    assert "   together         released 23 documents    1,199.71 USD" in lines
    assert "   ok  received is the sum of its places, in documents and in amount" in lines
    assert postgate("verify", "--store", url(path)).code == 0


def test_the_demo_is_the_same_every_time(tmp_path: Path) -> None:
    """Two runs keep the same content but for times and drawn ids, and tell programs the same."""
    one, two = (postgate("demo", "--json", "--store", url(tmp_path / name)).row for name in ("one.db", "two.db"))
    assert {**one, "store": ""} == {**two, "store": ""}
    assert one["faults"] == []
    first, second = content(tmp_path / "one.db"), content(tmp_path / "two.db")
    assert first["view_postings"] == second["view_postings"]
    assert first["view_balances"] == second["view_balances"]


def test_the_demo_again_on_its_store_links_the_next(tmp_path: Path) -> None:
    """A second run on the same store takes in nothing twice."""
    path = tmp_path / "demo.db"
    first = postgate("demo", "--store", url(path), "--json").row
    second = postgate("demo", "--store", url(path), "--json").row
    assert isinstance(first["links"], list)
    assert isinstance(second["links"], list)
    assert {link["customer"] for link in first["links"]}.isdisjoint(link["customer"] for link in second["links"])
    assert second["faults"] == []


def test_the_demo_makes_its_own_folder(tmp_path: Path) -> None:
    """Without --store it leaves the current folder and the store of the environment alone."""
    told = child("demo", "--json", environment={"POSTGATE_STORE": "sqlite:////nowhere/at/all.db", "TMPDIR": str(tmp_path)})
    assert told.code == 0
    assert [url(path) for path in tmp_path.glob("postgate-demo-*/postgate.db")] == [told.row["store"]]
