"""The checks see what they are for: in a run in which everything is right one thing is spoilt, and exactly that is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.endtoend.checks import DECISIONS, POSTINGS, QUARANTINE, Read, Seen, Told, faults
from tests.endtoend.specification import Name, Posting

SOURCE = "kafka:CLUSTER/postgate.documents/TOPICID/0"
PLACE = ("postgate.documents", 0)
SALE: Name = ("shop", "document", "i1", 1)
HELD: Name = ("shop", "document", "i2", 1)
STATES = {SALE: "POSTED", HELD: "REQUIRES_ATTENTION"}
FIRST = Posting(SALE, "document", "a1", "EUR", (("4000", -1000), ("1100", 1000)))
PAID = Posting(SALE, "settlement", "a1", "EUR", (("1000", 1000), ("1100", -1000)))
POSTED = {posting.key: posting for posting in (FIRST, PAID)}


def told(topic: str, position: int, id_: str, content: dict[str, object], offset: int = -1) -> Told:
    """Return a message of an output topic."""
    headers = (("ce_id", id_), ("ce_source", "/postgate/shop"), ("ce_book", "shop"), ("postgate_position", str(position)))
    encoded = tuple((name, value.encode()) for name, value in headers)
    return Told(topic, 0, position if offset < 0 else offset, b"shop|a1", json.dumps(content).encode(), encoded)


def journal(posting: Posting, position: int, amount: str = "10.00") -> Told:
    """Return the message of a posting."""
    book, _, key, version = posting.name
    lines = [
        {"account": account, "side": "D" if units > 0 else "C", "amount": amount, "currency": "EUR"}
        | {"base_amount": amount, "base_currency": "EUR"}
        for account, units in posting.rows
    ]
    content = {"posting_key": posting.key, "book": book, "document": key, "document_version": version, "lines": lines}
    return told(POSTINGS, position, posting.key, content | {"account": posting.account, "currency": "EUR"})


def decision(name: Name, position: int, state: str) -> Told:
    """Return the message of a decision."""
    content = {"document": name[2], "version": name[3], "kind": "INVOICE", "state": state}
    return told(DECISIONS, position, f"decision:{position}", content)


def right() -> Seen:
    """Return a run in which everything is right: two documents, one poison, one offset without a record."""
    notice = {"source": SOURCE, "position": 3, "original_bytes": "eA==", "size": 1}
    return Seen(
        acknowledged={PLACE: {0: "", 1: "", 2: "tombstone"}},
        ends={PLACE: 4},
        sources={SOURCE: Read({1: "ACCEPTED", 2: "ACCEPTED", 3: "QUARANTINED"}, {}, [(4, 4)], 4)},
        states=dict(STATES),
        told=[
            *(decision(SALE, 2, "POSTED"), journal(FIRST, 3), journal(PAID, 4), decision(HELD, 5, "REQUIRES_ATTENTION")),
            told(QUARANTINE, 6, "quarantine:6", notice),
        ],
    )


def lose(seen: Seen) -> None:
    """A posting never reached the topic."""
    seen.told = [one for one in seen.told if one.header("ce_id") != PAID.key]


def double(seen: Seen) -> None:
    """A posting came again with other bytes."""
    again = replace(journal(FIRST, 3), offset=9)
    seen.told = [*seen.told, replace(again, value=again.value + b" ")]


def double_rightly(seen: Seen) -> None:
    """A posting came again as it was: that is allowed, a consumer drops it."""
    seen.told = [*seen.told, replace(journal(FIRST, 3), offset=9)]


def leak(seen: Seen) -> None:
    """A held document posted."""
    stray = Posting(HELD, "document", "a1", "EUR", (("4000", -1000), ("1100", 1000)))
    seen.told = [*seen.told, journal(stray, 7)]


def unbalance(seen: Seen) -> None:
    """One side of a journal is a cent more."""
    content = json.loads(journal(FIRST, 3).value)
    content["lines"][0]["amount"] = "10.01"
    seen.told = [told(POSTINGS, 3, FIRST.key, content) if one.header("ce_id") == FIRST.key else one for one in seen.told]


def swap(seen: Seen) -> None:
    """The payment comes before the sale."""
    first, second = journal(FIRST, 3), journal(PAID, 4)
    seen.told = [second if one.id == first.id else first if one.id == second.id else one for one in seen.told]


def stray(seen: Seen) -> None:
    """A copy lies in another partition."""
    seen.told = [*seen.told, replace(journal(FIRST, 3), partition=1)]


def forget(seen: Seen) -> None:
    """An offset has neither receipt nor gap."""
    seen.sources[SOURCE].gaps.clear()


def pass_over(seen: Seen) -> None:
    """An acknowledged message lies in a gap."""
    del seen.sources[SOURCE].verdicts[2]
    seen.sources[SOURCE].gaps.append((2, 2))


def read_twice(seen: Seen) -> None:
    """A gap lies over a receipt."""
    seen.sources[SOURCE].gaps.append((1, 1))


def rename(seen: Seen) -> None:
    """A partition was read again under another name."""
    seen.sources[SOURCE.replace("CLUSTER", "OTHER")] = seen.sources[SOURCE]


def stop_short(seen: Seen) -> None:
    """The last records were never read."""
    seen.ends[PLACE] = 5


def admit(seen: Seen) -> None:
    """Poison was taken in."""
    seen.sources[SOURCE].verdicts[3] = "ACCEPTED"


def let_pass(seen: Seen) -> None:
    """A document that must be held is posted."""
    seen.states[HELD] = "POSTED"


def mislay(seen: Seen) -> None:
    """A document has no state."""
    del seen.states[HELD]


def misinform(seen: Seen) -> None:
    """The last decision told is not the last that was taken."""
    seen.told = [*seen.told, decision(SALE, 8, "WAITING")]


def keep_quiet(seen: Seen) -> None:
    """Nobody hears of the poison."""
    seen.told = [one for one in seen.told if one.topic != QUARANTINE]


OFFSETS, POISON, STATE = "every offset has one receipt", "poison is quarantined, and nothing else", "every document has its state"
LEAKS, JOURNALS, BOOKS = "no posting is lost, none leaks", "every journal is what it must be", "books add up"
ORDER, COPIES = "order is kept", "copies are alike"
DECIDED, QUARANTINED = "decisions tell where documents stand", "quarantine is told"


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lose, {LEAKS, BOOKS}),
        (double, {COPIES}),
        (double_rightly, set()),
        (leak, {LEAKS, BOOKS}),
        (unbalance, {JOURNALS, BOOKS}),
        (swap, {ORDER}),
        (stray, {COPIES}),
        (forget, {OFFSETS}),
        (pass_over, {OFFSETS}),
        (read_twice, {OFFSETS}),
        (rename, {OFFSETS, QUARANTINED}),
        (stop_short, {OFFSETS}),
        (admit, {POISON, QUARANTINED}),
        (let_pass, {STATE}),
        (mislay, {STATE}),
        (misinform, {DECIDED}),
        (keep_quiet, {QUARANTINED}),
    ],
)
def test_a_planted_fault_is_found(spoil: Callable[[Seen], None], found: set[str]) -> None:
    """Each fault is found by the checks that are for it, and by no other."""
    seen = right()
    spoil(seen)
    assert {name for name, each in faults(seen, STATES, POSTED).items() if each} == found


def test_what_is_right_has_no_fault() -> None:
    """A run in which everything is right passes every check."""
    assert set(map(len, faults(right(), STATES, POSTED).values())) == {0}
    assert len(faults(right(), STATES, POSTED)) == 10


def test_a_fault_names_what_is_wrong() -> None:
    """Whoever reads a fault knows where to look."""
    seen = right()
    lose(seen)
    forget(seen)
    told = faults(seen, STATES, POSTED)
    assert told[LEAKS] == ["lost: ('shop', 'document', 'i1', 1) settlement"]
    assert told[OFFSETS] == ["('postgate.documents', 0) offset 3 is covered 0 times"]
