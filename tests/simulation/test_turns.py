"""Two at once: the same message, the same hour and another release come together, and the lock gives each its turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from adapters.eventlog.store import Store
from adapters.ingest import Ingester, incoming
from engine.firewall.rulebook import RULEBOOK
from engine.handling import batch, judging
from engine.handling.transaction import Handled
from engine.record import decode
from projections.documents import DOCUMENTS
from schemas.events import DocumentDecided
from tests.properties.messages import SHOP, Said, invoice, renamed, say
from tests.properties.shop import NOW
from tests.simulation.conftest import Fresh
from tests.simulation.dying import SOURCE, killed, opened, take
from tests.simulation.test_seams import DAY_US, assert_sound, lines, posted_times

ROUNDS = 20
OTHER_RELEASE = "2099.9"


@contextmanager
def two_minds(url: str, now: int = NOW) -> Iterator[Callable[[Said | None, Said | None], list[Handled]]]:
    """Give a way to let two ingesters with connections of their own take a message each, or the time, at one moment."""
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        logs = [stack.enter_context(closing(opened(url))) for _ in range(2)]
        minds, start = [Ingester(log, now=lambda: now) for log in logs], Barrier(2)

        def one(number: int, said: Said | None) -> Handled:
            source = f"mind-{number}"
            position = logs[number].source_position(source)  # Also opens the connection, so that both are as quick.
            came = [incoming(source, position + 1, said)] if said is not None else []
            start.wait(timeout=60)
            return minds[number].take(came)

        yield lambda *said: list(pool.map(one, range(2), said))


@pytest.mark.parametrize("fresh", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_idempotency_key_race(fresh: Fresh) -> None:
    """Of one message that comes over two connections one is taken; of two messages under one id the second is set aside (I17)."""
    url = fresh()
    with closing(opened(url)) as log:
        take(log, NOW, SHOP)
        met: Counter[tuple[str, ...]] = Counter()
        with two_minds(url) as at_once:
            for number in range(ROUNDS):
                same = invoice(f"s{number}")
                met[codes(at_once(same, same))] += 1
                met[codes(at_once(*(renamed(invoice(f"{name}{number}"), f"id-{number}") for name in ("a", "b"))))] += 1
        assert met == {("ACCEPTED", "DUPLICATE_EVENT"): ROUNDS, ("ACCEPTED", "MESSAGE_ID_REUSED"): ROUNDS}
        times = posted_times(log)
        assert (len(times), set(times.values())) == (2 * ROUNDS, {1})
        assert_sound(log)


def codes(handled: list[Handled]) -> tuple[str, ...]:
    """Return what became of the messages of some batches, whichever came first."""
    return tuple(sorted(receipt.code for each in handled for receipt in each.receipts))


def test_a_tick_that_comes_twice_releases_once(fresh: Fresh) -> None:
    """Two processes notice the end of a hold at one moment: each document is judged and posted once, by one of them."""
    url, held = fresh(), say("customer.held", {"customer": "c1", "until": "2026-01-16T00:00:00Z"})
    with closing(opened(url)) as log:
        take(log, NOW, (*SHOP, held, *(invoice(f"h{number}") for number in range(200))))
        with two_minds(url, NOW + DAY_US) as at_once:
            assert sorted(len(handled.happened) for handled in at_once(None, None)) == [0, 400]
            assert [len(handled.happened) for handled in at_once(None, None)] == [0, 0]
        assert posted_times(log) == {f"shop|document|h{number}": 1 for number in range(200)}
        assert_sound(log)


@pytest.mark.slow
def test_a_batch_has_one_rulebook(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release dies in the middle of a batch and the next one takes it: every record of it bears the rules of who decided it."""
    url, said = fresh(), [invoice(f"i{number}") for number in range(3)]
    with closing(opened(url)) as log:
        take(log, NOW, (*SHOP, invoice("i9")))
        before = log.head()
        assert killed(url, "two messages decided", NOW, lines(tmp_path, *said))
        for module in (batch, judging):
            monkeypatch.setattr(module, "RULEBOOK", OTHER_RELEASE)
        take(log, NOW, said, log.source_position(SOURCE) + 1)
        assert rulebooks(log, 0, before) == {RULEBOOK}
        assert rulebooks(log, before, log.head()) == {OTHER_RELEASE}
        with log.reading() as views:
            assert [row.state for row in views.find(DOCUMENTS)] == ["POSTED"] * 4


def rulebooks(log: Store, after: int, last: int) -> set[str]:
    """Return the versions of the rules that stand in the records between two positions, and in their decisions."""
    happened = [decode(recorded) for recorded in log.read(after, last - after)]
    decided = {each.event.rulebook for each in happened if isinstance(each.event, DocumentDecided)}
    return {each.cause.rulebook for each in happened} | decided
