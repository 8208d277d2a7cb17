"""The chain: a record's leaf binds every field, a link binds everything before it (invariants, section 6.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import chain
from engine.chain import GENESIS
from engine.ports import Log
from engine.record import Cause, Recorded, decode
from tests.contracts.batches import everything, run, write

text = st.text(max_size=12)
number = st.integers(0, 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """Every field that a leaf binds."""

    log: str = "ab"
    sequence: int = 7
    stream: str = "cd"
    version: int = 3
    kind: str = "ef"
    state: bytes = b"gh"
    at: int = 1_000_000
    locator: str = "ij"
    digest: str = "kl"
    actor: str = "mn"
    rulebook: str = "op"

    def hashed(self) -> bytes:
        """Return the leaf as the engine makes it."""
        cause = Cause(self.locator, self.digest, self.actor, self.at, self.rulebook)
        return chain.leaf(self.log, self.sequence, (self.stream, self.version, self.kind, self.state), cause)


TEXTS = ("log", "stream", "kind", "locator", "digest", "actor", "rulebook")
NUMBERS = ("sequence", "version", "at")


def sized(value: str) -> bytes:
    """Return text after its length in four bytes, most significant first."""
    encoded = value.encode("utf-8")
    return bytes([len(encoded) >> 24 & 255, len(encoded) >> 16 & 255, len(encoded) >> 8 & 255, len(encoded) & 255]) + encoded


def u64(value: int) -> bytes:
    """Return a number in eight bytes, most significant first."""
    return bytes(value >> shift & 255 for shift in range(56, -8, -8))


def leaf_by_the_book(of: Leaf) -> bytes:
    """Return the leaf as written down: 0x00, tag, log, sequence, stream, version, kind, SHA-256 of the bytes, time, cause."""
    hashing = sha256(b"\x00postgate/leaf/v1")
    for part in (sized(of.log), u64(of.sequence), sized(of.stream), u64(of.version), sized(of.kind)):
        hashing.update(part)
    hashing.update(sha256(of.state).digest())
    for part in (u64(of.at), sized(of.locator), sized(of.digest), sized(of.actor), sized(of.rulebook)):
        hashing.update(part)
    return hashing.digest()


def link_by_the_book(sequence: int, previous: bytes, leaf: bytes) -> bytes:
    """Return the link as written down: tag, sequence, previous link, leaf."""
    return sha256(b"postgate/link/v1" + u64(sequence) + previous + leaf).digest()


leaves = st.builds(Leaf, text, number, text, number, text, st.binary(max_size=40), number, text, text, text, text)


@given(leaves, st.binary(min_size=32, max_size=32))
def test_a_second_implementation_agrees(of: Leaf, previous: bytes) -> None:
    """Somebody who only reads the definition gets the same leaf and the same link."""
    assert of.hashed() == leaf_by_the_book(of)
    assert chain.link(of.sequence, previous, of.hashed()) == link_by_the_book(of.sequence, previous, of.hashed())


def test_the_first_leaf_and_link_are_what_they_always_were() -> None:
    """A definition that changed would leave every old log unprovable; these two were computed once and never change."""
    assert Leaf().hashed().hex() == "d40cc6873db1a6a134ba3c1cde4f38a303c7f7311a00bf0e9750cb958a9aed8d"
    assert chain.link(1, GENESIS, Leaf().hashed()).hex() == "64c2c64e506774bfb5c8490a4214330d51cd2a61b7ab4bb9a448ecfc6280af55"


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("change", [lambda t: t + "x", lambda t: t[:-1], lambda t: t[:0], lambda t: t.upper(), lambda t: t[::-1]])
def test_each_text_of_a_record_is_bound(field: str, change) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Changed, shortened, emptied or reversed text gives another leaf."""
    changed = replace(Leaf(), **{field: change(getattr(Leaf(), field))})
    assert changed.hashed() != Leaf().hashed()


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("step", [1, -1, 2**40])
def test_each_number_of_a_record_is_bound(field: str, step: int) -> None:
    """Another number gives another leaf."""
    assert replace(Leaf(), **{field: getattr(Leaf(), field) + step}).hashed() != Leaf().hashed()


@pytest.mark.parametrize("bit", range(16))
def test_each_bit_of_the_bytes_is_bound(bit: int) -> None:
    """One flipped bit of what is stored gives another leaf."""
    flipped = (int.from_bytes(Leaf().state, "big") ^ 1 << bit).to_bytes(2, "big")
    assert replace(Leaf(), state=flipped).hashed() != Leaf().hashed()


@pytest.mark.parametrize(("one", "other"), list(pairwise(TEXTS)))
def test_the_boundary_between_two_texts_is_bound(one: str, other: str) -> None:
    """A character that moves from one text into the next gives another leaf."""
    left, right = getattr(Leaf(), one), getattr(Leaf(), other)
    moved = replace(Leaf(), **{one: left[:-1], other: left[-1] + right})
    assert moved.hashed() != Leaf().hashed()
    assert replace(Leaf(), **{one: left + right, other: ""}).hashed() != Leaf().hashed()


@pytest.mark.parametrize(("one", "other"), list(combinations(TEXTS, 2)))
def test_texts_cannot_change_places(one: str, other: str) -> None:
    """Two texts exchanged give another leaf."""
    assert replace(Leaf(), **{one: getattr(Leaf(), other), other: getattr(Leaf(), one)}).hashed() != Leaf().hashed()


def test_a_link_binds_its_place_and_its_past() -> None:
    """Another number, another past or another leaf gives another link, and leaf and past cannot change places."""
    past, of = b"\x01" * 32, b"\x02" * 32
    links = [
        chain.link(2, past, of),
        chain.link(3, past, of),
        chain.link(2, GENESIS, of),
        chain.link(2, past, past),
        chain.link(2, of, past),
    ]
    assert len(set(links)) == 5


def chained(log_id: str, records: list[Recorded]) -> list[bytes]:
    """Return the links of one book's records, computed without the engine's hashing."""
    links = [GENESIS]
    for recorded in records:
        told = decode(recorded)
        cause = told.cause
        of = Leaf(
            log_id, told.sequence, recorded.stream, recorded.version, recorded.kind, recorded.state,
            cause.at, cause.locator, cause.digest, cause.actor, cause.rulebook,
        )  # fmt: skip
        links.append(link_by_the_book(told.sequence, links[-1], leaf_by_the_book(of)))
    return links[1:]


def test_a_log_proves_itself(log: Log) -> None:
    """From the stored rows alone the end of the chain is computed again, and any tampering moves it."""
    write(log, run("shop", 5))
    write(log, run("shop", 3, first=6))
    with log.writing() as writing:
        head = writing.chain("shop")
    records = everything(log)
    assert chained(head.log, records)[-1] == head.link
    assert chained("another/shop", records)[-1] != head.link
    for number, recorded in enumerate(records):
        without = [*records[:number], *records[number + 1 :]]
        edited = [*records[:number], replace(recorded, state=recorded.state.replace(b"Ann", b"Bob")), *records[number + 1 :]]
        twice = [*records[: number + 1], *records[number:]]
        for tampered in (without, edited, twice):
            assert chained(head.log, tampered)[-1] != head.link
    swapped = [records[1], records[0], *records[2:]]
    assert chained(head.log, swapped)[-1] != head.link
