"""The acceptance run on real sales: 25,900 documents of a wholesaler, one year, with all their irregularities."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters import auditing
from adapters.eventlog.sqlite import SqliteLog
from adapters.ingest import Ingester
from tests.acceptance.dumps import bytes_of, dump, postings
from tests.acceptance.online_retail import Mark, Summary, expected, messages

PARQUET = Path(__file__).parents[3] / "shared" / "data" / "online-retail.parquet"
PIECES = 100
KILLS = 50

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PARQUET.exists(), reason="the acceptance data, ../shared/data/online-retail.parquet, is not here"),
]


@pytest.fixture(scope="module")
def table() -> Summary:
    """The documents of the table, counted without the code under test."""
    return expected(PARQUET)


@pytest.fixture(scope="module", params=[False, True], ids=["anonymous sales held", "anonymous sales routed"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[bool, Path, list[bytes]]:
    """A store with the whole year in it, once without and once with a class for anonymous sales."""
    routed = bool(request.param)
    lines = list(messages(PARQUET, anonymous_class=routed))
    store = tmp_path_factory.mktemp("year") / "store.db"
    ingest(store, {"year": list(enumerate(lines, 1))})
    return routed, store, lines


def ingest(store: Path, sources: dict[str, Iterable[tuple[int, bytes]]]) -> None:
    """Take the messages of several sources into a store."""
    log = SqliteLog.create(str(store))
    ingester = Ingester(log)
    for source, lines in sources.items():
        ingester.ingest(source, lines)
    log.close()


def totals(store: Path) -> dict[str, tuple[int, int]]:
    """Return count and signed gross by state, credit notes counting negative, as the table has them."""
    with sqlite3.connect(store) as base:
        select = "SELECT state, COUNT(*), SUM(CASE kind WHEN 'CREDIT_NOTE' THEN -gross ELSE gross END) FROM view_documents"
        return {state: (count, gross) for state, count, gross in base.execute(f"{select} GROUP BY state")}


def test_every_document_is_where_the_table_says(run: tuple[bool, Path, list[bytes]], table: Summary) -> None:
    """Posted, held and excluded documents are those counted from the table, to the penny; one is too large for the door."""
    routed, store, _ = run
    found = totals(store)
    barring: frozenset[Mark] = frozenset({"unlinked", "zero", "negative", "too_large"})
    anonymous: frozenset[Mark] = frozenset({"anonymous"})
    posted = table.of(lacks=barring if routed else barring | anonymous)
    whole, too_large = table.of(), table.of(has=frozenset({"too_large"}))
    assert found["POSTED"] == (posted.documents, posted.pennies)
    assert sum(count for count, _ in found.values()) == whole.documents - too_large.documents == 25_899
    assert sum(gross for _, gross in found.values()) == whole.pennies - too_large.pennies


def test_anonymous_sales_and_the_unlinked_tenth_are_held(run: tuple[bool, Path, list[bytes]], table: Summary) -> None:
    """No link holds a document for ever; no customer holds it exactly when no class takes anonymous sales."""
    routed, store, _ = run
    with sqlite3.connect(store) as base:
        held = dict(base.execute("SELECT codes, COUNT(*) FROM view_documents WHERE state = 'REQUIRES_ATTENTION' GROUP BY codes"))
    unlinked = table.of(has=frozenset({"unlinked"})).documents
    anonymous = table.of(has=frozenset({"anonymous"}), lacks=frozenset({"too_large"})).documents
    assert sum(count for codes, count in held.items() if "LINK_MISSING" in codes) == unlinked
    assert sum(count for codes, count in held.items() if "ANONYMOUS_NO_DEFAULT" in codes) == (0 if routed else anonymous)


def test_the_books_balance_and_nothing_is_missing(run: tuple[bool, Path, list[bytes]]) -> None:
    """The trial balance is zero, received equals the sum of the states by day, every line has a receipt, history verifies."""
    _, store, lines = run
    with sqlite3.connect(store) as base:
        sums = "SELECT SUM(debit) - SUM(credit), SUM(base_debit) - SUM(base_credit) FROM view_balances"
        assert base.execute(sums).fetchone() == (0, 0)
        select = "SELECT book, day, currency, SUM(CASE state WHEN 'RECEIVED' THEN -documents ELSE documents END) AS documents,"
        rest = "SUM(CASE state WHEN 'RECEIVED' THEN -gross ELSE gross END) AS gross FROM view_completeness GROUP BY 1, 2, 3"
        assert [row for row in base.execute(f"{select} {rest}") if row[3:] != (0, 0)] == []
        assert base.execute("SELECT COUNT(*), MAX(position) FROM receipts").fetchone() == (len(lines), len(lines))
        verdicts = dict(base.execute("SELECT code, COUNT(*) FROM receipts GROUP BY code"))
    assert verdicts == {"ACCEPTED": len(lines) - 1, "TOO_MANY_KEYS": 1}
    verification = auditing.verify(SqliteLog(str(store)))
    assert (verification.faults, verification.decisions) == ([], 25_899)


def test_the_same_file_again_changes_nothing(run: tuple[bool, Path, list[bytes]]) -> None:
    """A second run over the same source leaves the store as it was, to the byte."""
    _, store, lines = run
    before = bytes_of(store)
    ingest(store, {"year": enumerate(lines, 1)})
    assert bytes_of(store) == before


def test_a_hundred_shuffled_pieces_with_every_message_twice_give_the_same_postings(
    run: tuple[bool, Path, list[bytes]], tmp_path: Path
) -> None:
    """Order and repetition do not matter: the same keys with the same lines, the same states, the same balances."""
    _, store, lines = run
    twice = [*lines, *lines]
    random.Random(20101201).shuffle(twice)
    shuffled = tmp_path / "shuffled.db"
    ingest(shuffled, {f"piece-{n}": enumerate(twice[n::PIECES], 1) for n in range(PIECES)})
    assert postings(shuffled) == postings(store)
    assert totals(shuffled) == totals(store)
    assert dump(shuffled).views["view_balances"] == dump(store).views["view_balances"]


def test_killed_fifty_times_the_run_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """Kill -9 at random moments, start again each time: events, receipts, positions and views equal the undisturbed run."""
    file = tmp_path / "year.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in messages(PARQUET, anonymous_class=True)))
    undisturbed = tmp_path / "undisturbed.db"
    command(file, undisturbed).wait()
    wanted, chance, kills, rounds = dump(undisturbed), random.Random(77), 0, 0
    while kills < KILLS:
        store, rounds = tmp_path / f"killed-{rounds}.db", rounds + 1
        kills += killed_until_done(file, store, chance, KILLS - kills)
        assert dump(store) == wanted
        store.unlink()


def killed_until_done(file: Path, store: Path, chance: random.Random, kills_max: int) -> int:
    """Start the run again and again, killing it at random moments, until it ends by itself; return how often it was killed."""
    SqliteLog.create(str(store)).close()
    kills = 0
    while True:
        process = command(file, store)
        if kills < kills_max:
            time.sleep(chance.uniform(0.3, 1.2))
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
                process.wait()
                continue
        assert process.wait() == 0
        return kills


def command(file: Path, store: Path) -> subprocess.Popen[bytes]:
    """Start `postgate ingest` in a process of its own."""
    program = "from adapters.cli import main; main()"
    SqliteLog.create(str(store)).close()
    arguments = [sys.executable, "-c", program, "ingest", str(file), "--store", f"sqlite:///{store}"]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
