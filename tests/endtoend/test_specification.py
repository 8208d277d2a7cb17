"""The specification is a second opinion: short, on its own, and of the same mind as the engine in any order."""

from __future__ import annotations

import ast
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters import clock
from schemas.events import PostingAuthorised
from tests.endtoend import specification
from tests.endtoend.specification import expected
from tests.endtoend.world import POISONS, World, attributes_of
from tests.properties.messages import Said
from tests.properties.shop import Shop

SOURCE = Path(specification.__file__)
LINES_MAX = 200


def test_it_imports_nothing_of_the_product() -> None:
    """A mistake that both make alike could not be seen."""
    names = {
        alias.name.split(".")[0] if isinstance(node, ast.Import) else str(node.module).split(".")[0]
        for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names - sys.stdlib_module_names == set()


def test_it_can_be_read_in_one_sitting() -> None:
    """Two hundred lines with something on them are what a person checks against the rulebook before coffee."""
    assert sum(1 for line in SOURCE.read_text(encoding="utf-8").splitlines() if line.strip()) <= LINES_MAX


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))])
def test_the_engine_agrees_in_any_order(seed: int) -> None:
    """States and postings of a world are those of the specification, to the ledger account, however the waves are shuffled."""
    agrees(World(seed, 150).waves, seed)


def test_the_engine_agrees_on_a_book_that_was_never_opened() -> None:
    """Nothing posts there, and a sale waits for the book, whether its money is there or not."""
    agrees(tuple([said for said in wave if said["book"] == "never-opened"] for wave in World(1, 2_000).waves), 1)


def agrees(waves: tuple[list[dict[str, Any]], ...], seed: int) -> None:
    """Say waves in some order, and compare every state and every row."""
    states, postings = expected(*waves)
    shop, random = Shop(now=clock.now()), Random(seed)
    for wave in waves:
        for _ in range(2):
            random.shuffle(wave)
            heard = [Said(json.dumps({**attributes_of(said), "data": said["data"]}).encode()) for said in wave]
            for start in range(0, len(heard), 97):
                shop.hear(*heard[start : start + 97])
    assert {(row.book, *row.stream.split("|")[1:], row.version): row.state for row in shop.documents.values()} == states
    found = {told.event.posting_key: net(told.event) for told in shop.happened if isinstance(told.event, PostingAuthorised)}
    assert found == {key: added(posting.rows) for key, posting in postings.items()}


def test_a_world_has_something_of_everything() -> None:
    """Every state, every leg and every kind of poison comes up; a world without them would prove nothing of them."""
    world = World(1, 4000)
    states, postings = expected(*world.waves)
    assert (
        min(Counter(states.values())[state] for state in (*specification.STATES.values(), "POSTED", "REVERSED", "CANCELLED")) > 0
    )
    assert {posting.leg.split(":")[0] for posting in postings.values()} >= {
        *("document", "settlement", "payment", "applied", "document/reversal", "settlement/reversal", "payment/reversal")
    }
    assert {record.poison for wave in (0, 1) for record in world.records(wave)} == {"", *POISONS}
    assert len({(posting.name, posting.leg) for posting in postings.values()}) == len(postings)


def test_the_same_seed_gives_the_same_world() -> None:
    """A failure can be looked at again."""
    one, other = World(7, 200), World(7, 200)
    assert one.waves == other.waves
    assert list(one.records(0)) == list(other.records(0))


def net(posting: PostingAuthorised) -> dict[str, int]:
    """Add up a stored posting by ledger account."""
    return added([(line.account, line.amount if line.side == "D" else -line.amount) for line in posting.lines])


def added(rows: list[tuple[str, int]] | tuple[tuple[str, int], ...]) -> dict[str, int]:
    """Add rows up by ledger account."""
    total = Counter[str]()
    for account, amount in rows:
        total[account] += amount
    return {account: amount for account, amount in total.items() if amount}
