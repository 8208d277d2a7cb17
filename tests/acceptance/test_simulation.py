"""The simulation of a year of real sales: equal to a real run under the changed class, in the time of a few replays."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters import auditing
from adapters.changes import Changes
from adapters.eventlog.sqlite import SqliteLog
from adapters.ingest import Ingester
from adapters.outcomes import DECISIONS, Outcomes
from adapters.simulation import Simulation
from tests.acceptance.online_retail import BOOK, messages
from tests.acceptance.test_online_retail import PARQUET

TIMES_MAX = 3
CLASS = "united-kingdom"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PARQUET.exists(), reason="the acceptance data, ../shared/data/online-retail.parquet, is not here"),
]


def ingested(path: Path, lines: Iterable[bytes]) -> SqliteLog:
    """Take messages into a new store."""
    log = SqliteLog.create(str(path))
    Ingester(log).ingest("year", enumerate(lines, 1))
    return log


def changed(line: bytes) -> bytes:
    """Return a message as it would be were the class one that asks."""
    if b"class.defined" not in line:
        return line
    message = json.loads(line)
    return json.dumps({**message, "data": {**message["data"], **asking(message["data"])}}).encode()


def asking(fields: dict[str, object]) -> dict[str, object]:
    """Return what is changed of a class."""
    return {"behaviour": "ASK"} if fields["class"] == CLASS else {}


def test_a_year_is_simulated_as_it_would_have_been(tmp_path: Path) -> None:
    """25,899 documents: decisions, reasons and journals of a real run under the changed class, within three times a replay."""
    lines = list(messages(PARQUET, anonymous_class=False))
    log = ingested(tmp_path / "stood.db", lines)
    begun = time.monotonic()
    auditing.differences(log, auditing.replay(log))
    replayed = time.monotonic()
    found = Simulation(log, BOOK, Changes(fields={CLASS: {"behaviour": "ASK"}})).run()
    ended = time.monotonic()
    real = ingested(tmp_path / "real.db", map(changed, lines))
    outcomes, after = Outcomes(), 0
    while page := real.read(after, 1_000):
        after = page[-1].position
        for recorded in page:
            if recorded.kind in DECISIONS:
                outcomes.recorded(recorded, json.loads(recorded.state)["body"])
    assert len(found.simulated.standings) == 25_899
    assert found.simulated == outcomes
    assert {each.change for each in found.differences()} == {"posted, would be held", "excluded, would be held"}
    assert ended - replayed <= TIMES_MAX * (replayed - begun)
