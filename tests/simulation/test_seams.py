"""A process that is killed at any seam of its work leaves all of a batch or nothing, and the next one goes on from there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from adapters.auditing import verify
from adapters.eventlog.store import Store
from adapters.reconciliation import reconcile
from engine.record import decode
from projections.documents import DOCUMENTS
from projections.views import VIEWS
from schemas.events import PostingAuthorised
from tests.properties.messages import SHOP, customer, invoice, link, release, renamed, say
from tests.properties.shop import NOW
from tests.simulation.conftest import Fresh
from tests.simulation.dying import SOURCE, killed, opened, take

SETUP = tuple(said for said in SHOP if said != link())
HELD = tuple(invoice(f"h{number}") for number in range(10))
BATCH = (
    *(invoice(f"i{number}") for number in range(5)),
    link(),
    customer("c2"),
    b'{"specversion": "1.0"',
    renamed(invoice("h1"), "said-again"),
    invoice("i9"),
)
"""Sales that are held, the link that releases them and those before, poison, a repetition, and a sale that posts at once."""
IN_A_BATCH = (
    "before the lock",
    "under the lock, nothing read",
    "two messages decided",
    "a fact decided, nothing that follows",
    "a fact decided, no document judged",
    "events appended",
    "chain appended",
    "receipts appended",
    "position moved",
    "some views folded",
    "all but the commit",
)
DAY_US = 86_400_000_000
MANY = 3_000

Whole = tuple[object, ...]


def whole(log: Store) -> Whole:
    """Return everything that a store holds, but the chain, which bears the store's own name, and must be whole in itself."""
    with log.querying() as cursor:
        cursor.execute(
            "SELECT source, position, verdict, code, digest, message_key, book FROM receipts ORDER BY source, position"
        )
        receipts = cursor.fetchall()
    with log.reading() as views:
        rows = [list(views.find(view)) for view in VIEWS]
    return log.read(0, 1_000_000), receipts, log.source_position(SOURCE), rows


def assert_sound(log: Store) -> None:
    """Everything received is in one place, and every record, view and link of the chain follows from what was heard."""
    assert reconcile(log).faults == []
    assert verify(log).faults == []


def lines(folder: Path, *said: bytes) -> Path:
    """Write messages to a file, a line for each."""
    path = folder / "batch.jsonl"
    path.write_bytes(b"\n".join(said))
    return path


def posted_times(log: Store) -> dict[str, int]:
    """Return how often each document was posted."""
    found: dict[str, int] = {}
    for recorded in log.read(0, 1_000_000):
        if isinstance(decode(recorded).event, PostingAuthorised):
            found[recorded.stream] = found.get(recorded.stream, 0) + 1
    return found


@pytest.mark.slow
def test_a_process_killed_in_a_batch_leaves_nothing_of_it(fresh: Fresh, tmp_path: Path) -> None:
    """At each seam before the commit; the batch that is given again leaves the very bytes of an undisturbed life."""
    calm, file = opened(fresh()), lines(tmp_path, *BATCH)
    take(calm, NOW, (*SETUP, *HELD))
    take(calm, NOW, BATCH, len(SETUP) + len(HELD) + 1)
    url = fresh()
    with closing(calm), closing(opened(url)) as stormy:
        take(stormy, NOW, (*SETUP, *HELD))
        before = whole(stormy)
        for seam in IN_A_BATCH:
            assert killed(url, seam, NOW, file), seam
            assert whole(stormy) == before, seam
        take(stormy, NOW, BATCH, stormy.source_position(SOURCE) + 1)
        assert whole(stormy) == whole(calm)
        assert_sound(stormy)


@pytest.mark.slow
def test_a_process_killed_after_its_commit_has_done_all_of_it(fresh: Fresh, tmp_path: Path) -> None:
    """It told nobody, so the batch is given once more and passed over: the position came with it."""
    url, file = fresh(), lines(tmp_path, *BATCH)
    with closing(opened(url)) as log:
        take(log, NOW, (*SETUP, *HELD))
        assert killed(url, "committed, nobody told", NOW, file)
        done = whole(log)
        assert log.source_position(SOURCE) == len(SETUP) + len(HELD) + len(BATCH)
        take(log, NOW, BATCH, len(SETUP) + len(HELD) + 1)
        assert whole(log) == done
        assert set(posted_times(log).values()) == {1}
        assert_sound(log)


@pytest.mark.slow
def test_a_release_of_thousands_is_one_transaction(fresh: Fresh, tmp_path: Path) -> None:
    """Killed before the first document, in the middle, and before the commit: all are held; then all post, each once."""
    url, file = fresh(), lines(tmp_path, link())
    with closing(opened(url)) as log:
        take(log, NOW, (*SETUP, *(invoice(f"h{number}") for number in range(MANY))))
        before = log.head()
        for seam in ("a fact decided, no document judged", "some documents judged", "all but the commit"):
            assert killed(url, seam, NOW, file), seam
            assert log.head() == before, seam
        take(log, NOW, [link()], log.source_position(SOURCE) + 1)
        assert posted_times(log) == {f"shop|document|h{number}": 1 for number in range(MANY)}
        with log.reading() as views:
            assert {row.state for row in views.find(DOCUMENTS)} == {"POSTED"}
        assert_sound(log)


@pytest.mark.slow
def test_an_override_and_its_effect_are_one_transaction(fresh: Fresh, tmp_path: Path) -> None:
    """Killed between the two, the document is held as before; given again, that version posts and no later one."""
    url, granted = fresh(), release("i1", "CUSTOMER_ON_HOLD")
    with closing(opened(url)) as log:
        take(log, NOW, (*SETUP, link(), say("customer.held", {"customer": "c1"}), invoice("i1")))
        before = whole(log)
        for seam in ("a fact decided, nothing that follows", "all but the commit"):
            assert killed(url, seam, NOW, lines(tmp_path, granted)), seam
            assert whole(log) == before, seam
        take(log, NOW, [granted], log.source_position(SOURCE) + 1)
        assert posted_times(log) == {"shop|document|i1": 1}
        take(log, NOW, [invoice("i1", (2_000,), version=2)], log.source_position(SOURCE) + 1)
        with log.reading() as views:
            assert [(row.version, row.state) for row in views.find(DOCUMENTS)] == [(1, "REVERSED"), (2, "REQUIRES_ATTENTION")]
        assert_sound(log)


@pytest.mark.slow
def test_a_day_that_came_while_nobody_lived_is_not_missed(fresh: Fresh) -> None:
    """A process that dies of the release of what was due leaves it to the next one, whenever that comes."""
    url = fresh()
    with closing(opened(url)) as log:
        held = say("customer.held", {"customer": "c1", "until": "2026-01-16T00:00:00Z"})
        take(log, NOW, (*SETUP, link(), held, *HELD))
        before = whole(log)
        assert killed(url, "a fact decided, no document judged", NOW + DAY_US)
        assert whole(log) == before
        take(log, NOW + 3 * DAY_US, [])
        take(log, NOW + 3 * DAY_US, [])
        assert posted_times(log) == {f"shop|document|h{number}": 1 for number in range(len(HELD))}
        assert_sound(log)
