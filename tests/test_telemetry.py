"""Telemetry: every line is one JSON object with constant text, tells no secret, and cannot be forged by what it tells of."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from adapters.telemetry import VALUE_CHARACTERS_MAX, Lines
from adapters.workers.narrating import Narrator
from adapters.workers.worker import BatchDone, Partition, WorkerState

LOUD = '\x1b[31mred\x1b[0m\r\n{"event":"forged"}\u2028\u202e'


class Terminal(StringIO):
    """A stream behind which a person sits."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Full(StringIO):
    """A stream on a disk that is full."""

    def write(self, _text: str) -> int:
        """Take nothing."""
        raise OSError(28, "No space left on device")


class Tally:
    """Counts what it is told to count."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.batches: list[tuple[str, int]] = []

    def batch(self, worker: str, done: BatchDone) -> None:
        """Count one batch."""
        self.batches.append((worker, done.messages))


@pytest.fixture
def quiet() -> Iterator[logging.Logger]:
    """A library's logger, as it was before."""
    logger = logging.getLogger("noisy-library")
    yield logger
    logger.handlers[:] = []


def written(stream: StringIO) -> list[dict[str, object]]:
    """Return the lines as objects, without their times."""
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [{name: fact for name, fact in line.items() if name != "time"} for line in lines]


def test_a_line_is_one_object_that_begins_with_when_how_grave_and_what() -> None:
    """Facts follow as keys, numbers stay numbers."""
    stream = StringIO()
    Lines(stream).tell("batch", {"messages": 3, "receipts": {"ACCEPTED": 3}, "held": True, "reason": None}, level="warning")
    assert list(json.loads(stream.getvalue())) == ["time", "level", "event", "messages", "receipts", "held", "reason"]
    assert written(stream) == [
        {"level": "warning", "event": "batch", "messages": 3, "receipts": {"ACCEPTED": 3}, "held": True, "reason": None}
    ]
    assert json.loads(stream.getvalue())["time"].endswith("Z")


def test_what_is_told_cannot_begin_a_line_or_move_a_cursor() -> None:
    """Whatever stands in an id or a key, a line stays one line of plain ASCII, and keeps what was in it."""
    stream = StringIO()
    Lines(stream).tell("batch", {"source": LOUD, LOUD: [LOUD, b"\xff\x1b"], "deep": {LOUD: LOUD}})
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().rstrip("\n").isascii()
    assert stream.getvalue().rstrip("\n").isprintable()
    (line,) = written(stream)
    assert (line["event"], line["source"], line[LOUD], line["deep"]) == ("batch", LOUD, [LOUD, "\\xff\x1b"], {LOUD: LOUD})


def test_a_person_sees_what_a_terminal_would_obey() -> None:
    """On a terminal the same facts are easier to read, and control characters are written out."""
    stream = Terminal()
    Lines(stream).tell("batch", {"source": LOUD, "deep": {"place": LOUD}})
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert ("\r" in text, "\u2028" in text, "\u202e" in text, "\x1b[31m" in text.replace("\x1b[31m\x1b[1m", "")) == (False,) * 4
    assert "\\x1b[31mred" in text


def test_a_secret_never_leaves() -> None:
    """A password is cut out wherever it stands: in a value, deep down, in a key, and in what a library says."""
    stream = StringIO()
    lines = Lines(stream, secrets=["hunter2", "", "hunter2-and-more"])
    lines.tell("cannot log in", {"said": "password hunter2-and-more is wrong", "deep": [{"hunter2": "hunter2"}], "n": b"hunter2"})
    assert written(stream) == [
        {"level": "info", "event": "cannot log in", "said": "password … is wrong", "deep": [{"…": "…"}], "n": "…"}
    ]


def test_an_endless_value_is_cut_short() -> None:
    """A line cannot be made to fill the disk."""
    stream = StringIO()
    Lines(stream).tell("batch", {"said": "x" * 1_000_000})
    assert len(str(written(stream)[0]["said"])) == VALUE_CHARACTERS_MAX


def test_a_line_that_nobody_takes_stops_nothing() -> None:
    """A full disk and a closed stream are no reason to stop posting."""
    closed, full = StringIO(), Full()
    for lines, end in ((Lines(full), full.flush), (Lines(closed), closed.close)):
        end()
        lines.tell("batch", {"messages": 1})
    assert (closed.closed, full.getvalue()) == (True, "")


def test_a_library_is_heard_once_a_minute(quiet: logging.Logger) -> None:
    """Its warnings become lines, what it repeats at once is not told again, and its chatter is not told at all."""
    stream = StringIO()
    Lines(stream).listen("noisy-library")
    for _ in range(100):
        quiet.warning("no leader for %s", LOUD)
    quiet.error("gone")
    quiet.info("chatter")
    told = [(line["level"], line["event"], line["logger"], line["said"]) for line in written(stream)]
    assert told == [
        ("warning", "a library says", "noisy-library", f"no leader for {LOUD}"),
        ("error", "a library says", "noisy-library", "gone"),
    ]


def test_a_batch_of_ingest_is_one_line() -> None:
    """Its line says what was taken where, what became of it, and what that changed; a step without one says nothing."""
    stream, tally, state = StringIO(), Tally(), WorkerState(ready=True, reason="")
    narrator = Narrator("ingest", Lines(stream), tally)
    narrator.after_step(state)
    state.partitions = {"kafka:c/t/i/0": Partition("t", 0, 7, 7), "kafka:c/t/i/1": Partition("t", 1, 0, 0)}
    verdicts = {"ACCEPTED": 2, "DUPLICATE": 0, "STALE": 0, "QUARANTINED": 1}
    taken, codes = {"kafka:c/t/i/0": (4, 7)}, {"ACCEPTED": 2, "SCHEMA_INVALID": 1}
    state.last = BatchDone(3, 1, 900, 12, verdicts, codes, 40, posted=1, held=1, released=2, behind_ms=250, positions=taken)
    state.batches = 1
    narrator.after_step(state)
    narrator.after_step(state)
    assert written(stream) == [
        {"level": "info", "event": "worker is ready", "worker": "ingest", "reason": ""},
        {"level": "info", "event": "partitions are assigned", "worker": "ingest", "partitions": {"t": [0, 1]}},
        {
            "level": "info",
            "event": "batch",
            "worker": "ingest",
            "messages": 3,
            "ms": 12,
            "bytes": 900,
            "positions": {"kafka:c/t/i/0": [4, 7]},
            "receipts": {"ACCEPTED": 2, "QUARANTINED": 1},
            "codes": {"SCHEMA_INVALID": 1},
            "posted": 1,
            "held": 1,
            "released": 2,
            "passed_over": 1,
            "behind_ms": 250,
            "batches": 1,
            "head": 40,
        },
    ]
    assert tally.batches == [("ingest", 3)]


def test_a_batch_of_publish_is_one_line() -> None:
    """Its line says what went to which topic and up to which position."""
    stream, tally, state = StringIO(), Tally(), WorkerState(ready=True, reason="")
    narrator = Narrator("publish", Lines(stream), tally)
    state.last = BatchDone(5, 0, 2_000, 30, {}, {"postgate.decisions": 3, "postgate.postings": 2}, 90)
    state.batches = 1
    narrator.after_step(state)
    assert written(stream)[1:] == [
        {
            "level": "info",
            "event": "batch",
            "worker": "publish",
            "messages": 5,
            "ms": 30,
            "bytes": 2_000,
            "topics": {"postgate.decisions": 3, "postgate.postings": 2},
            "batches": 1,
            "head": 90,
        }
    ]


def test_a_worker_that_falls_out_and_comes_back_says_so_once() -> None:
    """Trouble after work was done is a warning."""
    stream, state = StringIO(), WorkerState()
    narrator = Narrator("ingest", Lines(stream), Tally())
    turns = ((False, "starting", 0), (True, "", 0), (False, "store: gone", 5), (False, "store: gone", 5), (True, "", 5))
    for ready, reason, batches in turns:
        state.ready, state.reason, state.batches = ready, reason, batches
        narrator.after_step(state)
    assert [(line["level"], line["event"], line["reason"]) for line in written(stream)] == [
        ("info", "worker is not ready", "starting"),
        ("info", "worker is ready", ""),
        ("warning", "worker is not ready", "store: gone"),
        ("info", "worker is ready", ""),
    ]
