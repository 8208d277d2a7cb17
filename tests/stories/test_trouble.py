"""Trouble: files, stores and disks that are not as they should be end with the place, the remedy and the right exit code."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.stories.command import (
    ENTRY,
    ROOT,
    SALES,
    SETUP,
    asked,
    changed,
    child,
    content,
    dump,
    enlarged,
    postgate,
    stopped_halfway,
    url,
)  # fmt: skip

STORE_BYTES_MAX = 400_000


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Only migrate makes a store; looking for one leaves nothing behind."""
    told = postgate("held", "--store", url(tmp_path / "none.db"))
    path = tmp_path / "none.db"
    assert (told.code, told.err) == (4, f"postgate: {path}: there is no store; create it: postgate migrate --store {url(path)}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("store", "code", "said"),
    [
        ("postgresql://user:secret@host/books", 4, "write sslmode=verify-full in the URL, or set PGSSLMODE"),
        ("mysql://host/books", 2, "is not the URL of a store"),
        ("sqlite:///", 2, "is not the URL of a store"),
        ("sqlite:///:memory:", 2, "a store in memory ends with the command"),
        ("sqlite:////proc/no/books.db", 4, "/proc/no"),
    ],
)
def test_a_url_that_names_no_store_is_refused(store: str, code: int, said: str) -> None:
    """With what to write instead, and without the password it may hold."""
    told = postgate("migrate", "--store", store)
    assert (told.code, told.out, said in told.err, "secret" in told.err) == (code, "", True, False)


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    """It is said to be one."""
    told = postgate("migrate", "--store", url(tmp_path))
    assert (told.code, told.err) == (4, f"postgate: {tmp_path}: is a folder; name a file in it, such as postgate.db\n")


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    """A file with tables of something else is refused, and gets none of ours."""
    path = tmp_path / "other.db"
    changed(path, "CREATE TABLE songs (name TEXT)", "INSERT INTO songs VALUES ('one')")
    before = dump(path)
    for command in ("migrate", "held"):
        assert postgate(command, "--store", url(path)).code == 3
    assert dump(path) == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """It keeps its bytes."""
    path = tmp_path / "notes.db"
    path.write_text("not a database at all, but long enough to be looked at. " * 40, encoding="utf-8")
    before = path.read_bytes()
    for command in ("migrate", "held"):
        told = postgate(command, "--store", url(path))
        assert (told.code, "file is not a database; name a Postgate store" in told.err) == (4, True)
    assert path.read_bytes() == before


def test_a_damaged_store_is_told_apart(store: Path) -> None:
    """Pages that were overwritten end a command with the remedy, exit code 4."""
    with store.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(store.stat().st_size - 8192))
    told = postgate("documents")
    assert (told.code, "malformed; restore the file from a backup" in told.err) == (4, True)


def test_a_store_of_another_version_is_refused(store: Path) -> None:
    """Every command says which version it is and how to go on; nothing is changed."""
    changed(store, "UPDATE meta SET value = '2' WHERE name = 'schema_version'")
    before = dump(store)
    for command in (("held",), ("ingest", SETUP), ("migrate",), ("verify",)):
        told = postgate(*command)
        assert (told.code, "is a store of version 2, this release reads version 1; upgrade Postgate" in told.err) == (3, True)
    assert dump(store) == before


def test_a_locked_store_is_waited_for_and_then_given_up(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers go on; a writer gives up after the time that is set, and keeps nothing."""
    monkeypatch.setenv("POSTGATE_LOCK_TIMEOUT_S", "1")
    before = dump(store)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = postgate("link", "hh-b123f95a5578", "band-15-24k")
        assert (told.code, "database is locked; another process writes to the store; wait for it, or stop it" in told.err) == (
            4,
            True,
        )
        assert postgate("held").code == 0
    assert dump(store) == before


@pytest.mark.usefixtures("store")
def test_a_lock_timeout_must_be_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that cannot be read is a fault of usage."""
    monkeypatch.setenv("POSTGATE_LOCK_TIMEOUT_S", "soon")
    assert postgate("held").err == "postgate: POSTGATE_LOCK_TIMEOUT_S: 'soon' is not a number of seconds; write 1 to 3600\n"


def test_a_file_that_cannot_be_read_is_named(empty: Path, tmp_path: Path) -> None:
    """Missing, or a folder: exit code 4, and the store is as it was."""
    before = dump(empty)
    for command in ("ingest", "validate"):
        missing, folder = postgate(command, tmp_path / "none.jsonl"), postgate(command, tmp_path)
        assert (missing.code, missing.err) == (4, f"postgate: {tmp_path / 'none.jsonl'}: does not exist; check the name\n")
        assert (folder.code, "is a directory; name a file of JSON Lines" in folder.err) == (4, True)
    assert dump(empty) == before


@pytest.mark.usefixtures("empty")
def test_a_truncated_file_keeps_its_whole_lines(tmp_path: Path) -> None:
    """Half a line is quarantined with its place; the whole file later repeats nothing and adds the rest."""
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(SETUP.read_bytes()[:1000])
    told = postgate("ingest", cut)
    assert (told.code, told.err) == (0, "1 message in quarantine: postgate quarantine shows them\n")
    assert postgate("quarantine", "--json").row["code"] == "SCHEMA_INVALID"
    whole = postgate("ingest", SETUP, "--json").row
    assert whole["verdicts"] == {"ACCEPTED": 407, "DUPLICATE": 3, "STALE": 0, "QUARANTINED": 0}


@pytest.mark.usefixtures("empty")
def test_a_future_version_is_kept_for_later(tmp_path: Path) -> None:
    """A type that a later release knows is quarantined, and says so."""
    sale = json.loads(SALES.read_text(encoding="utf-8").splitlines()[0])
    path = tmp_path / "future.jsonl"
    path.write_text(json.dumps({**sale, "type": "postgate.invoice.issued.v9"}), encoding="utf-8")
    assert postgate("ingest", path).code == 0
    (kept,) = postgate("quarantine", "--json").rows
    assert (kept["code"], "requeue the message after an upgrade" in str(kept["message"])) == ("UNKNOWN_SCHEMA_VERSION", True)


@pytest.mark.usefixtures("store")
def test_wrong_words_are_a_fault_of_usage() -> None:
    """Exit code 2, whatever is wrong with the words."""
    for words in ((), ("nope",), ("held", "--nope"), ("documents", "--state", "NOPE"), ("explain",), ("held", "--limit", "-1")):
        assert postgate(*words).code == 2


@pytest.mark.slow
def test_a_full_disk_keeps_whole_batches_only(empty: Path, tmp_path: Path) -> None:
    """A file size limit stands in for a full disk: the batch that does not fit is not there, and a larger disk takes the rest."""
    many = enlarged(tmp_path / "many.jsonl", 4)
    limited = subprocess.run(
        [*ENTRY, "ingest", str(SETUP), str(many)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (STORE_BYTES_MAX, STORE_BYTES_MAX)),
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    said = limited.stderr.decode()
    assert (limited.returncode, said.count("\n"), str(empty) in said) == (4, 1, True)
    assert asked(empty, "PRAGMA integrity_check") == [("ok",)]
    assert asked(empty, "SELECT COUNT(*) FROM receipts")[0][0] in (0, 410)
    assert postgate("reconcile").code == 0
    assert postgate("ingest", SETUP, many).code == 0
    assert (postgate("reconcile").code, asked(empty, "SELECT COUNT(*) FROM receipts")) == (0, [(410 + 4 * 314,)])


@pytest.mark.usefixtures("store")
def test_a_full_output_is_said() -> None:
    """Data that cannot be written is no success."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*ENTRY, "documents", "--json"], stdout=full, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    assert (done.returncode, b"standard output: No space left on device" in done.stderr) == (4, True)


@pytest.mark.usefixtures("store")
def test_a_closed_pipe_ends_quietly() -> None:
    """`| head` gets what it wants and nothing is complained about."""
    process = subprocess.Popen([*ENTRY, "documents", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 141)
    process.stderr.close()


@pytest.mark.usefixtures("store")
def test_what_nobody_expected_is_one_line() -> None:
    """A fault of ours says what to report; --debug shows where it came from; exit code 1."""
    program = "import adapters.wiring as w\ndef broken(*s): raise ZeroDivisionError('oh')\nw.opened = broken\n"
    entry = [ENTRY[0], "-c", f"{program}{ENTRY[2]}"]
    plain = subprocess.run([*entry, "held"], capture_output=True, check=False, cwd=ROOT)
    assert (
        plain.returncode,
        plain.stderr.count(b"\n"),
        b"unexpected ZeroDivisionError in broken, line 2: oh" in plain.stderr,
    ) == (1, 1, True)
    debug = subprocess.run([*entry, "--debug", "held"], capture_output=True, check=False, cwd=ROOT)
    assert (debug.returncode, b"Traceback" in debug.stderr) == (1, True)


@pytest.mark.usefixtures("empty")
def test_a_terminal_sees_progress() -> None:
    """A bar on a terminal, and none in a file."""
    leader, follower = pty.openpty()
    done = subprocess.run(
        [*ENTRY, "ingest", str(SETUP), "--json"], stdout=subprocess.PIPE, stderr=follower, check=False, cwd=ROOT
    )
    os.close(follower)
    shown = os.read(leader, 65_536)
    os.close(leader)
    assert (done.returncode, b"100%" in shown, json.loads(done.stdout)["messages"]) == (0, True, 410)
    assert child("ingest", SALES, "--json").err == ""


@pytest.mark.slow
def test_ctrl_c_says_what_is_kept(empty: Path, tmp_path: Path) -> None:
    """The batches that were committed stay, exit code 130, and the same command goes on from there."""
    assert postgate("ingest", SETUP).code == 0
    many = enlarged(tmp_path / "many.jsonl", 8)
    ended = stopped_halfway(signal.SIGINT, ("ingest", many), empty)
    ((kept,),) = asked(empty, "SELECT MAX(notification_id) FROM tracking WHERE application_name LIKE 'file:%'")
    assert isinstance(kept, int)
    assert (ended.code, 0 < kept < 8 * 314) == (130, True)
    assert f"{kept:,} of 2,512 lines are kept; run the same command again to go on from there" in ended.err
    assert postgate("ingest", many, "--json").row["after_line"] == kept
    assert postgate("reconcile").code == 0


@pytest.mark.slow
def test_a_killed_ingest_goes_on_as_if_undisturbed(empty: Path, tmp_path: Path) -> None:
    """kill -9 between and within batches, again and again: in the end the store equals that of an undisturbed run."""
    many = enlarged(tmp_path / "many.jsonl", 16)
    undisturbed = tmp_path / "undisturbed.db"
    assert postgate("migrate", "--store", url(undisturbed)).code == 0
    assert postgate("ingest", SETUP, many, "--store", url(undisturbed)).code == 0
    assert postgate("ingest", SETUP).code == 0
    killed = 0
    while (ended := stopped_halfway(signal.SIGKILL, ("ingest", many), empty)).code == -signal.SIGKILL and killed < 20:
        killed += 1
        assert postgate("reconcile").code == 0
    assert (ended.code, killed > 1) == (0, True)
    assert postgate("ingest", many, "--json").row["messages"] == 0
    assert content(empty) == content(undisturbed)
    assert postgate("verify").code == 0


@pytest.mark.slow
def test_a_killed_rebuild_leaves_the_old_view(store: Path) -> None:
    """Until a rebuild commits, what stood stands."""
    before = dump(store)
    code = "import os\nfrom adapters.eventlog.sqlite import SqliteWriting as W\nr = W.rebuild\n"
    code += "def half(self, views, told=None):\n    r(self, views, told)\n    os.kill(os.getpid(), 9)\nW.rebuild = half\n"
    done = subprocess.run([ENTRY[0], "-c", f"{code}{ENTRY[2]}", "rebuild", "--all"], check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert dump(store) == before
