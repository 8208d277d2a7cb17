"""The laws of the log port (engine/ports.py), on every implementation."""

from __future__ import annotations

import pytest

from engine.chain import GENESIS, leaf, link
from engine.decider import stream
from engine.errors import Conflict
from engine.ports import Log, Receipt
from engine.record import Happened, Recorded, decode
from tests.contracts.batches import CAUSE, customer, everything, happened, receipt, run, sequences, write

EVERY_ID_CHARACTER = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-"


class Broken(Exception):
    """Something goes wrong in the middle of a batch."""


def break_down_after(log: Log, events: list[Happened], receipts: list[Receipt], positions: dict[str, int]) -> None:
    """Record a batch and fail before its end."""
    broken = False
    try:
        with log.writing() as writing:
            writing.record(events, receipts, positions)
            raise Broken
    except Broken:
        broken = True
    assert broken


def test_an_empty_log_has_nothing(log: Log) -> None:
    """Before the first batch every question has an answer, and it is nothing."""
    assert (log.head(), log.read(0, 10)) == (0, [])
    with log.writing() as writing:
        assert (writing.head(), writing.source_position("till"), writing.accepted([b"k"])) == (0, 0, {})
        assert list(writing.events_of(["shop|customer|c1"])) == []
        assert (writing.chain("shop").sequence, writing.chain("shop").link) == (0, GENESIS)
        assert writing.account_of_reference("shop", "r") is None


def test_a_batch_appears_with_everything_it_brought(log: Log) -> None:
    """Events, source position, accepted messages and chain are there together after the commit."""
    write(log, run("shop", 3), [receipt(7, key=b"k", digest=b"x")], {"till": 7})
    assert [recorded.position for recorded in log.read(0, 10)] == [1, 2, 3]
    with log.writing() as writing:
        assert (writing.head(), writing.source_position("till"), writing.accepted([b"k"])) == (3, 7, {b"k": b"x"})
        assert writing.chain("shop").sequence == 3


def test_an_exception_leaves_nothing(log: Log) -> None:
    """All or nothing: what was recorded before the failure is as if it had never been said."""
    write(log, run("shop", 1), [receipt(1)], {"till": 1})
    with log.writing() as writing:
        before = writing.chain("shop")
    break_down_after(log, run("shop", 2, first=2, noun="account"), [receipt(2, key=b"k")], {"till": 2})
    assert log.head() == 1
    with log.writing() as writing:
        assert (writing.chain("shop"), writing.source_position("till"), writing.accepted([b"k"])) == (before, 1, {})
    write(log, run("shop", 2, first=2), [receipt(2, key=b"k")], {"till": 2})
    assert [recorded.position for recorded in log.read(0, 10)] == [1, 2, 3]


@pytest.mark.parametrize("error", [OSError("no such file"), ValueError("wrong"), KeyboardInterrupt()])
def test_an_exception_comes_out_as_it_is(log: Log, error: BaseException) -> None:
    """What goes wrong inside a batch is not the store's fault and is not blamed on it."""
    with pytest.raises(type(error)) as caught, log.writing():
        raise error
    assert caught.value is error


def test_a_dry_run_shows_and_keeps_nothing(log: Log) -> None:
    """A dry batch sees what it would have written; afterwards nothing is there."""
    with log.writing(dry=True) as writing:
        writing.record(run("shop", 2), [receipt(1, key=b"k")], {"till": 1})
        assert (writing.head(), writing.source_position("till"), set(writing.accepted([b"k"]))) == (2, 1, {b"k"})
        assert len(writing.events_of(["shop|customer|c2"])) == 1
        assert writing.chain("shop").sequence == 2
    assert (log.head(), log.read(0, 10)) == (0, [])
    with log.writing() as writing:
        assert (writing.head(), writing.source_position("till"), writing.accepted([b"k"])) == (0, 0, {})
        assert writing.chain("shop").sequence == 0


def test_streams_come_whole_and_in_order(log: Log) -> None:
    """Each stream asked for comes with all its versions in order, and no other stream comes along."""
    events = [
        happened("shop|customer|a", 1, 1),
        happened("shop|customer|b", 1, 2),
        happened("shop|customer|a", 2, 3),
        happened("shop|customer|ab", 1, 4),
        happened("shop|customer|a", 3, 5),
    ]
    write(log, events)
    with log.writing() as writing:
        found = [(recorded.stream, recorded.version) for recorded in writing.events_of(["shop|customer|b", "shop|customer|a"])]
    assert [version for name, version in found if name == "shop|customer|a"] == [1, 2, 3]
    assert sorted(found) == [(f"shop|customer|{key}", version) for key, version in (("a", 1), ("a", 2), ("a", 3), ("b", 1))]


def test_many_streams_come_at_once(log: Log) -> None:
    """As many streams as the engine asks for in one query are one query."""
    write(log, run("shop", 600))
    with log.writing() as writing:
        found = writing.events_of([f"shop|customer|c{number}" for number in range(51, 551)])
    assert len(found) == 500


def test_stream_names_keep_every_character(log: Log) -> None:
    """A name may hold every character that ids may hold, at its greatest length, and is found by exactly that name."""
    book = EVERY_ID_CHARACTER
    name = stream(book, "customer", (EVERY_ID_CHARACTER * 2)[:128])
    write(log, [happened(name, 1, 1), happened(name.lower(), 1, 1)])
    with log.writing() as writing:
        assert [recorded.stream for recorded in writing.events_of([name])] == [name]
        assert writing.chain(book).sequence == 1


def test_a_version_is_taken_once(log: Log) -> None:
    """Two events never share stream and version: the second writer is told that the world moved."""
    write(log, [happened("shop|customer|a", 1, 1)])
    with pytest.raises(Conflict):
        write(log, [happened("shop|customer|a", 1, 2)])
    assert log.head() == 1


def test_a_version_is_taken_once_within_a_batch(log: Log) -> None:
    """The same holds for two events of one batch, and the whole batch is refused."""
    with pytest.raises(Conflict):
        write(log, [happened("shop|customer|b", 1, 1), happened("shop|customer|a", 1, 2), happened("shop|customer|a", 1, 3)])
    assert log.head() == 0


def test_a_position_has_one_receipt(log: Log) -> None:
    """Every position read has exactly one receipt."""
    write(log, [], [receipt(1)], {"till": 1})
    with pytest.raises(Conflict):
        write(log, [], [receipt(1, "DUPLICATE")], {"till": 2})


def test_a_message_is_accepted_once(log: Log) -> None:
    """One identity is accepted once; its repeats are recorded under other verdicts."""
    write(log, [], [receipt(1, key=b"k", digest=b"x"), receipt(2, "DUPLICATE", key=b"k", digest=b"y")], {"till": 2})
    with pytest.raises(Conflict):
        write(log, [], [receipt(3, key=b"k", digest=b"z")], {"till": 3})
    with log.writing() as writing:
        assert writing.accepted([b"k", b"other"]) == {b"k": b"x"}


@pytest.mark.parametrize("verdict", ["DUPLICATE", "STALE", "QUARANTINED"])
def test_only_what_was_accepted_counts_as_known(log: Log, verdict: str) -> None:
    """A message that was not accepted may come again."""
    refused = Receipt("till", 1, verdict, verdict, b"x", b"k", "shop")  # type: ignore[arg-type]  # One of the literals.
    write(log, [], [refused], {"till": 1})
    with log.writing() as writing:
        assert writing.accepted([b"k"]) == {}


def test_many_accepted_messages_are_found(log: Log) -> None:
    """The look-up has no limit of its own."""
    write(log, [], [receipt(n) for n in range(1, 1_203)], {"till": 1_202})
    with log.writing() as writing:
        assert len(writing.accepted([f"till#{n}".encode() for n in range(1, 1_203)])) == 1_202


@pytest.mark.parametrize("again", [5, 4, 1])
def test_the_position_of_a_source_only_grows(log: Log, again: int) -> None:
    """A position of a source is recorded once, and never one before it: a second reader of the source is stopped."""
    write(log, [], [receipt(5)], {"till": 5})
    with pytest.raises(Conflict):
        write(log, run("shop", 1), [], {"till": again})
    with log.writing() as writing:
        assert (writing.source_position("till"), writing.head()) == (5, 0)


def test_sources_are_apart(log: Log) -> None:
    """Each source has a position of its own."""
    write(log, [], [], {"till": 5, "web": 2})
    write(log, [], [], {"web": 3})
    with log.writing() as writing:
        assert [writing.source_position(source) for source in ("till", "web", "phone")] == [5, 3, 0]


def test_positions_follow_the_order_of_commits(log: Log) -> None:
    """Later commits have later positions, whatever their books, and a rolled back batch does not disturb that."""
    write(log, run("a", 2))
    break_down_after(log, run("b", 3), [], {})
    write(log, run("b", 1))
    write(log, run("a", 1, first=3))
    found = everything(log)
    assert [recorded.stream for recorded in found] == ["a|customer|c1", "a|customer|c2", "b|customer|c1", "a|customer|c3"]
    assert [recorded.position for recorded in found] == sorted({recorded.position for recorded in found})
    assert log.head() == found[-1].position


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_lose_nothing(log: Log, limit: int) -> None:
    """Reading page after page gives every record once, inside a batch and outside."""
    write(log, run("shop", 10))
    for read in (log.read, _after(log)):
        found: list[Recorded] = []
        after = 0
        while page := read(after, limit):
            assert len(page) <= limit
            found.extend(page)
            after = page[-1].position
        assert [recorded.stream for recorded in found] == [f"shop|customer|c{n}" for n in range(1, 11)]


def _after(log: Log):  # type: ignore[no-untyped-def]  # noqa: ANN202  The signature is that of Log.read.
    def read(after: int, limit: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
        with log.writing() as writing:
            return writing.events_after(after, limit)

    return read


def test_what_is_read_is_what_was_said(log: Log) -> None:
    """A record gives back the event, its place and its cause."""
    told = Happened("shop|customer|c1", 1, 1, customer(name="Žoë ☕"), CAUSE, is_fact=False)
    write(log, [told])
    found = decode(log.read(0, 1)[0])
    assert (found.event, found.cause, found.stream, found.version, found.sequence) == (told.event, CAUSE, told.stream, 1, 1)


def test_a_reader_sees_only_what_was_committed(log: Log) -> None:
    """While a batch is being written, readers see the log as it was."""
    write(log, run("shop", 1))
    with log.writing() as writing:
        writing.record(run("shop", 2, first=2), [], {})
        assert (log.head(), len(log.read(0, 10))) == (1, 1)
    assert (log.head(), len(log.read(0, 10))) == (3, 3)


def test_each_book_has_a_dense_chain_of_its_own(log: Log) -> None:
    """Sequence numbers of a book have no holes, and another book beside it changes nothing of its chain."""
    write(log, [*run("a", 2), *run("b", 1)])
    write(log, [*run("b", 1, first=2), *run("a", 1, first=3)])
    assert (sequences(log, "a"), sequences(log, "b")) == ([1, 2, 3], [1, 2])
    with log.writing() as writing:
        heads = {book: writing.chain(book) for book in ("a", "b")}
    for book, head in heads.items():
        expected = GENESIS
        for recorded in everything(log):
            told = decode(recorded)
            if told.book == book:
                row = (recorded.stream, recorded.version, recorded.kind, recorded.state)
                expected = link(told.sequence, expected, leaf(head.log, told.sequence, row, told.cause))
        assert head.link == expected
    assert heads["a"].log != heads["b"].log


@pytest.mark.parametrize("wrong", [1, 3, 9])
def test_a_hole_in_a_chain_is_refused(log: Log, wrong: int) -> None:
    """A book's next record has the next sequence number, or it is not recorded."""
    write(log, run("shop", 1))
    with pytest.raises(Conflict):
        write(log, [happened("shop|account|a", 1, wrong)])
    assert log.head() == 1
