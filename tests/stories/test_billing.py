"""Billing on the command line: what accumulates is shown, billed, looked into and taken back; days are closed and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import said
from tests.rules.accumulation import jobs, sold, till
from tests.stories.command import asked, dump, postgate

JOBS = jobs("B-").invoice("i1").invoice("i2", "50.00").invoice("bad", tax={"GST": "1.00"}).payment("p1", "30.00", on="i1")
DAY = sold(sold(till(), "i1"), "i2", "50.00", "CARD")
RUN = ("batch", "run", "b1", "--class", "HOUSE", "--cut-off", said.DAY, "--by", "Ada")
CLOSE = ("day", "close", "north", said.DAY, "--by", "Bo")


def taken(tmp_path: Path, messages: list[bytes]) -> None:
    """Take messages into the store."""
    path = tmp_path / "said.jsonl"
    path.write_bytes(b"\n".join(messages) + b"\n")
    assert postgate("ingest", path).code == 0


@pytest.fixture
def shop(empty: Path, tmp_path: Path) -> Path:
    """A store in which two documents of one account accumulate and a third is held."""
    taken(tmp_path, JOBS.messages)
    return empty


@pytest.fixture
def counter(empty: Path, tmp_path: Path) -> Path:
    """A store in which two sales of a branch accumulate for their day."""
    taken(tmp_path, DAY.messages)
    return empty


def test_a_preview_keeps_nothing(shop: Path) -> None:
    """It shows bills, members, what stays behind and what would be released, and the store is as before."""
    before = dump(shop)
    tried = postgate(*RUN, "--dry-run")
    assert (tried.code, dump(shop)) == (0, before)
    lines = tried.out.splitlines()
    assert lines[0] == "batch b1: nothing is kept"
    assert lines[3].split() == ["B-b1", "acme", "INVOICE", "2", "150.00", "EUR"]
    assert lines[4:] == [
        "2 members",
        "  i1                       2026-03-10         100.00 EUR",
        "  i2                       2026-03-10          50.00 EUR",
        "1 document stays behind, held or waiting",
        "  bad",
        "would release 1 document, 30.00 EUR",
        "  p1                       2026-03-10          30.00 EUR",
    ]


def test_a_run_over_held_documents_must_be_acknowledged(shop: Path) -> None:
    """Refused with their ids and exit code 5, it leaves no trace; acknowledged, it bills the others and says who did."""
    before = dump(shop)
    refused = postgate(*RUN)
    assert (refused.code, "bad (BATCH_HAS_UNRESOLVED)" in refused.err, dump(shop)) == (5, True, before)
    done = postgate(*RUN, "--acknowledge", "--json").row
    assert (done["bills"], done["unresolved"]) == (
        [
            {
                "number": "B-b1",
                "account": "acme",
                "kind": "INVOICE",
                "class": "HOUSE",
                "period": "2026-03",
                "due_date": None,
                "documents": 2,
                "currency": "EUR",
                "gross": "150.00",
                "posting_key": done["bills"][0]["posting_key"],  # type: ignore[index]
            }
        ],
        ["bad"],
    )
    (row,) = postgate("batch", "list", "--json").rows
    assert (row["batch"], row["state"], row["members"], row["unresolved"], row["acknowledged_by"]) == (
        "b1",
        "POSTED",
        2,
        ["bad"],
        "Ada",
    )
    again = postgate(*RUN, "--acknowledge")
    assert (again.code, again.out) == (0, "batch b1: it is so already; nothing changes\n")


@pytest.mark.usefixtures("shop")
def test_a_batch_is_looked_into_and_taken_back() -> None:
    """Its members are listed with what became of them, before and after."""
    assert postgate(*RUN, "--acknowledge").code == 0
    members = postgate("batch", "show", "b1", "--json").rows
    assert [(row["document"], row["gross"], row["state"]) for row in members] == [
        ("i1", "100.00", "BILLED"),
        ("i2", "50.00", "BILLED"),
    ]
    undone = postgate("batch", "reverse", "b1", "--by", "Ada", "--reason", "a price was wrong")
    assert undone.out.splitlines() == [
        "reverse batch b1: done",
        "2 members are free again",
        "  i1                       ACCUMULATING",
        "  i2                       ACCUMULATING",
    ]
    (row,) = postgate("batch", "list", "--state", "reversed", "--json").rows
    assert (row["state"], row["reversed_by"], row["reason"]) == ("REVERSED", "Ada", "a price was wrong")
    assert [row["state"] for row in postgate("batch", "show", "b1", "--json").rows] == ["REVERSED", "REVERSED"]
    assert (postgate("reconcile").code, postgate("verify").code) == (0, 0)


@pytest.mark.usefixtures("shop")
def test_one_document_is_pulled_out() -> None:
    """It posts alone, with what waited for it; what is not there to be pulled is refused."""
    assert postgate("batch", "pull", "i1", "--by", "Ada").out.splitlines()[:2] == [
        "pull i1: done",
        "released 1 document, 30.00 EUR",
    ]
    assert [row["state"] for row in postgate("documents", "--json").rows if row["document"] == "i1"] == ["POSTED"]
    assert postgate("batch", "pull", "bad", "--by", "Ada").code == 5


def test_a_day_is_closed_and_compared_with_what_was_counted(counter: Path) -> None:
    """The remark is printed, kept and shown; the second time nothing changes."""
    tried = postgate(*CLOSE, "--counted", "CASH=99.00", "--counted", "CARD=50.00", "--dry-run", "--json").row
    assert (tried["dry_run"], asked(counter, "SELECT COUNT(*) FROM view_days")) == (True, [(0,)])
    done = postgate(*CLOSE, "--counted", "CASH=99.00", "--counted", "CARD=50.00")
    assert done.out.splitlines()[-1] == "CLEARING_NOT_ZERO: CASH: 99.00 EUR was counted, the summary has 100.00"
    (row,) = postgate("day", "list", "--branch", "north", "--json").rows
    assert (row["members"], row["codes"], row["tendered"], row["counted"]) == (
        2,
        ["CLEARING_NOT_ZERO"],
        {"CARD": "50.00", "CASH": "100.00"},
        {"CASH": "99.00", "CARD": "50.00"},
    )
    again = postgate(*CLOSE, "--counted", "CASH=99.00", "--counted", "CARD=50.00")
    assert again.out == f"close {said.DAY} of north: it is so already; nothing changes\n"
    assert [row["document"] for row in postgate("day", "show", "north", said.DAY, "--json").rows] == ["i1", "i2"]
    assert (postgate("reconcile").code, postgate("verify").code, postgate("replay").code) == (0, 0, 0)


@pytest.mark.usefixtures("counter")
def test_a_count_must_name_its_tender() -> None:
    """An amount alone is nothing."""
    told = postgate(*CLOSE, "--counted", "99.00")
    assert (told.code, "write it as CASH=120.00" in told.err) == (2, True)
