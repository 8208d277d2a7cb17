"""Simulating: what other rules would have done is printed, nothing is written, and a slip is named."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.stories.command import SALES, SETUP, content, enlarged, postgate, started, url

CHANGE = {"specversion": "1.0", "id": "w1", "source": "/me", "time": "2017-06-01T00:00:00Z", "book": "grocer"}


def written(path: Path, kind: str, /, **fields: object) -> Path:
    """Write a file with one change."""
    path.write_text(json.dumps({**CHANGE, "type": f"postgate.{kind}.v1", "data": fields}) + "\n", encoding="utf-8")
    return path


def test_a_simulation_leaves_the_store_as_it_is(store: Path, tmp_path: Path) -> None:
    """Nothing is written, to the store or beside it, and the demo's week adds up either way."""
    before, beside = content(store), sorted(store.parent.iterdir())
    told = postgate("simulate", "--class", "COUNTER.payment_required=false", "--json").row
    assert (content(store), sorted(store.parent.iterdir())) == (before, beside)
    assert told["changes"] == [{"change": "held, would be posted", "documents": 7, "amounts": {"USD": "163.44"}}]
    assert [each["reason"] for each in told["reasons"]] == ["PAYMENT_REQUIRED_FOR_GENERIC"]  # type: ignore[attr-defined]
    real = tmp_path / "real.db"
    free = '"class":"COUNTER","payment_required":false,"version":1'
    setup = SETUP.read_text(encoding="utf-8").replace('"class":"COUNTER","version":1', free)
    (tmp_path / "setup.jsonl").write_text(setup, encoding="utf-8")
    assert postgate("migrate", "--store", url(real)).code == 0
    assert postgate("ingest", tmp_path / "setup.jsonl", SALES, "--store", url(real)).code == 0
    posted = len(postgate("documents", "--state", "posted", "--json", "--store", url(real)).rows)
    assert posted == len(postgate("documents", "--state", "posted", "--json").rows) + 7


@pytest.mark.usefixtures("store")
def test_differences_are_told_by_change_reason_and_customer() -> None:
    """Counts and amounts of each, the most frequent first; and one by one when asked."""
    told = postgate("simulate", "--policy", "zero_value=HOLD", "--class", "COUNTER.payment_required=false").out.splitlines()
    assert told[0].endswith("judged anew, nothing is kept")
    assert [line.split("  ")[0] for line in told if "would be" in line] == ["held, would be posted"]
    rows = postgate("simulate", "--class", "COUNTER.payment_required=false", "--documents", "--json").rows
    assert {(row["before"]["state"], row["after"]["state"]) for row in rows} == {("REQUIRES_ATTENTION", "POSTED")}  # type: ignore[index]
    assert len(rows) == 7


@pytest.mark.usefixtures("store")
def test_a_mapping_shows_what_would_post_otherwise(tmp_path: Path) -> None:
    """The same documents in the same state, on another ledger account."""
    path = written(tmp_path / "with.jsonl", "mapping.defined", kind="revenue", key="deli", value={"account": "4999"})
    told = postgate("simulate", "--with", path, "--json").row
    assert [each["change"] for each in told["changes"]] == ["posted, would be posted otherwise"]  # type: ignore[attr-defined]
    same = postgate("simulate", "--json").row
    assert (same["different"], postgate("simulate").out.splitlines()[-1]) == (0, "nothing would differ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("--policy", "colour=red"),
            "postgate: colour=red: colour is no field there; see the reference of messages, schemas/README.md",
        ),
        (("--policy", "zero_value"), "postgate: zero_value: is no change; write --policy NAME=VALUE"),
        (
            ("--class", "COUNTER.payment_required=maybe"),
            "postgate: COUNTER.payment_required=maybe: maybe does not fit payment_required",
        ),
        (("--class", "NONE.batch_billing=true"), "postgate: NONE: was never defined, so no field of it can be changed"),
        (("--from", "2017-06-01", "--policy", "zero_value=HOLD"), "postgate: --from: a book is opened once"),
        (("--from", "yesterday"), "postgate: yesterday: is no day; write one such as 2026-01-31"),
        (("--rulebook", "1999.1"), "postgate: 1999.1: this release has rulebook "),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
@pytest.mark.usefixtures("store")
def test_a_slip_is_named(words: tuple[str, ...], told: str) -> None:
    """Exit code 2, what is wrong, and what to write."""
    ended = postgate("simulate", *words)
    assert (ended.code, ended.out, ended.err.startswith(told)) == (2, "", True), ended.err


@pytest.mark.usefixtures("store")
def test_a_file_that_is_no_change_is_named_with_its_line(tmp_path: Path) -> None:
    """Not readable, of another kind, of another book; and a change that the rules refuse ends with exit code 5."""
    path = tmp_path / "with.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    assert postgate("simulate", "--with", path).err.startswith(f"postgate: {path}:1: SCHEMA_INVALID: ")
    written(path, "customer.registered", customer="c1", version=1, name="Ann")
    assert (
        "postgate.customer.registered.v1 is nothing that simulate changes; write one of"
        in postgate("simulate", "--with", path).err
    )
    path.write_text(path.read_text(encoding="utf-8").replace("grocer", "baker"), encoding="utf-8")
    assert postgate("simulate", "--with", path).code == 2
    written(path, "class.defined", **{"class": "COUNTER"}, version=1, name="X", behaviour="GENERIC")
    refused = postgate("simulate", "--with", path)
    assert (refused.code, "(CLASS_INVALID_COMBINATION)" in refused.err) == (5, True)


@pytest.mark.slow
def test_killed_half_way_it_leaves_nothing_behind(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at any moment, there is no file more than before, and the store is as it was."""
    assert postgate("ingest", enlarged(tmp_path / "more.jsonl", 10)).code == 0
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before, beside = content(store), sorted(store.parent.iterdir())
    for waited in (6, 9, 12):
        process = started("simulate", "--class", "COUNTER.payment_required=false")
        time.sleep(waited / 10)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        process.stderr.close()  # type: ignore[union-attr]
        assert list(folder.iterdir()) == []
        assert (content(store), sorted(store.parent.iterdir())) == (before, beside)
