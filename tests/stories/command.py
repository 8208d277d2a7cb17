"""The command as a test runs it: in this process or in a child, and what a store holds before and after."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from adapters.cli.main import run

ROOT = Path(__file__).parents[2]
SETUP = ROOT / "adapters" / "demo" / "setup.jsonl"
SALES = ROOT / "adapters" / "demo" / "sales.jsonl"
ENTRY = (sys.executable, "-c", "from adapters.cli import main; main()")
WAIT_S = 60
CHANGING = ("at", "recorded_at", "since")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, object]]:
        """The output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, object]:
        """The output as one JSON object."""
        (row,) = self.rows
        return row


def postgate(*words: str | Path) -> Ended:
    """Run a command line in this process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(word) for word in words])
    return Ended(code, out.getvalue(), err.getvalue())


def child(*words: str | Path, given: bytes = b"", environment: Mapping[str, str] | None = None) -> Ended:
    """Run a command line in a process of its own."""
    done = subprocess.run(
        [*ENTRY, *map(str, words)], input=given, capture_output=True, check=False, env=_environment(environment)
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def started(*words: str | Path) -> subprocess.Popen[bytes]:
    """Start a command line in a process of its own and let it run."""
    return subprocess.Popen([*ENTRY, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(None))


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, **(more or {})}


def url(path: Path) -> str:
    """Return the URL of a store."""
    return f"sqlite:///{path}"


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    """Ask a store directly, past the product."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return list(store.execute(question))


def changed(path: Path, *statements: str) -> None:
    """Tamper with a store directly, past the product."""
    with closing(sqlite3.connect(path)) as store:
        for statement in statements:
            store.execute(statement)
        store.commit()


def dump(path: Path) -> str:
    """Return everything a store holds, as SQL."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return "\n".join(store.iterdump())


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what does not depend on when and where a store was made: records, receipts, positions and views."""
    found = {
        "events": asked(path, "SELECT originator_id, originator_version, topic FROM stored_events ORDER BY rowid"),
        "receipts": asked(path, "SELECT source, position, verdict, code, digest FROM receipts ORDER BY source, position"),
        "positions": asked(path, "SELECT application_name, notification_id FROM tracking ORDER BY application_name"),
    }
    for (name,) in asked(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'view_%' ORDER BY name"):
        columns = [str(row[1]) for row in asked(path, f"PRAGMA table_info({name})") if row[1] not in CHANGING]
        found[str(name)] = asked(path, f"SELECT {', '.join(columns)} FROM {name} ORDER BY {', '.join(columns)}")
    return found


def enlarged(path: Path, times: int) -> Path:
    """Write the demo's sales several times over, each time under ids of their own."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(times):
            for line in SALES.read_text(encoding="utf-8").splitlines():
                sale = json.loads(line)
                for name in ("document", "number"):
                    sale["data"][name] = f"{sale['data'][name]}.{number}"
                file.write(json.dumps({**sale, "id": f"{sale['id']}.{number}"}, separators=(",", ":")) + "\n")
    return path


def stopped_halfway(how: signal.Signals, words: Iterable[str | Path], store: Path) -> Ended:
    """Start an ingest of new files, stop it after the first batch is kept, and return how it ended."""
    known = _read(store)
    process = started(*words)
    deadline = time.monotonic() + WAIT_S
    while _read(store) == known and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(how)
    out, err = process.communicate(timeout=WAIT_S)
    return Ended(process.returncode, out.decode(), err.decode())


def _read(store: Path) -> object:
    return asked(store, "SELECT COUNT(*) FROM receipts")
