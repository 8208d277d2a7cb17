"""Revoking: a link is taken away by one writer while another decides; the lock gives them turns, so nothing posts after it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from adapters.clock import day
from adapters.eventlog.postgres.log import PostgresLog
from engine.handling.transaction import Incoming, handle
from schemas.envelope import read_structured
from schemas.events import DocumentDecided, PostingAuthorised
from schemas.inbound import LinkMade, LinkRemoved
from tests.properties.messages import SHOP, invoice, link, renamed, unlink
from tests.properties.shop import NOW, Shop, assert_right
from tests.servers import Server

pytestmark = pytest.mark.postgres
I1 = "shop|document|i1"
TURNS = 40


@contextmanager
def two_writers(postgres: Server) -> Iterator[tuple[Shop, Shop]]:
    """Give two writers of one store, over connections of their own, who both know that the customer is linked."""
    place = postgres.fresh()
    logs = PostgresLog.create(place), PostgresLog(place)
    one, other = (Shop(log) for log in logs)
    one.hear_one_by_one(SHOP)
    other.hear(invoice("i0"), source="other")
    assert other.state("document|i0#1") == "POSTED"
    yield one, other
    for log in logs:
        log.close()


@pytest.mark.parametrize("revoked_first", [True, False])
def test_revoke_link_during_decide(postgres: Server, *, revoked_first: bool) -> None:
    """While one holds the lock the other waits, and then decides from what the first left, though it knew otherwise."""
    said, later = (unlink(), invoice()) if revoked_first else (invoice(), unlink())
    with two_writers(postgres) as (one, other), ThreadPoolExecutor(1) as pool:
        with one.log.writing() as writing:
            waiting = pool.submit(other.hear, later, source="late")
            until_one_waits(postgres)
            handle(writing, one.states, [Incoming("first", 1, said, read_structured(said))], NOW, day)
            assert not waiting.done()
        waiting.result()
        of_document = [told for told in other.happened if told.stream == I1]
        decided = [told.event.state for told in of_document if isinstance(told.event, DocumentDecided)]
        posted = [told.position for told in of_document if isinstance(told.event, PostingAuthorised)]
        (revoked,) = (told.position for told in other.happened if isinstance(told.event, LinkRemoved))
        assert decided == ["REQUIRES_ATTENTION" if revoked_first else "POSTED"]
        assert [position < revoked for position in posted] == ([] if revoked_first else [True])
        assert_right(other)


def until_one_waits(postgres: Server) -> None:
    """Return when a session waits for the writer's lock."""
    with postgres.connect() as outside:
        while outside.execute(b"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone() is None:
            time.sleep(0.01)


@pytest.mark.slow
def test_links_come_and_go_while_documents_are_decided(postgres: Server) -> None:
    """At full speed, with turns given to nobody: whatever posts, posts while its link stands, and all of it in the end."""
    comings = [renamed(unlink() if turn % 2 else link(), f"turn-{turn}") for turn in range(1, TURNS + 1)]
    with two_writers(postgres) as (linking, selling), ThreadPoolExecutor(2) as pool:
        linked = pool.submit(linking.hear_one_by_one, comings, "links")
        sold = pool.submit(selling.hear_one_by_one, [invoice(f"d{number}") for number in range(TURNS)], "sales")
        linked.result()
        sold.result()
        stands, posted = False, 0
        for told in selling.happened:
            if isinstance(told.event, LinkMade | LinkRemoved):
                stands = isinstance(told.event, LinkMade)
            elif isinstance(told.event, PostingAuthorised):
                assert stands, told
                posted += 1
        assert (stands, posted) == (True, TURNS + 1)
        assert_right(selling)
