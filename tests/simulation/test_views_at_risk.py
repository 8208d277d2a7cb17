"""Views are folded in the transaction of their events, so what breaks one breaks its batch, and no cache runs ahead of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import NoReturn

import pytest

from adapters.auditing import differences, replay
from adapters.errors import StoreUnreachable, StoreVersion
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog, SqliteWriting
from adapters.eventlog.store import Store
from adapters.ingest import Ingester
from adapters.viewstore import SqlViews
from engine.record import Happened
from projections.documents import DOCUMENTS
from projections.parties import CUSTOMERS
from projections.projection import Rows, View, nothing
from projections.views import VIEWS
from schemas.inbound import CustomerRegistered
from tests.contracts.proxy import Proxy
from tests.properties.messages import SHOP, customer, invoice, renamed, unlink
from tests.properties.shop import NOW
from tests.servers import Server
from tests.simulation.conftest import Fresh, made_on
from tests.simulation.dying import REBUILD, SOURCE, killed, opened, take
from tests.simulation.test_seams import assert_sound, whole


@dataclass(frozen=True, slots=True)
class Name:
    """A row of the fragile view."""

    name: str
    version: int


def fragile(happened: Happened, rows: Rows[Name]) -> None:
    """Fold a name, unless it is the one nobody thought of."""
    if isinstance(happened.event, CustomerRegistered):
        if happened.event.name == "Customer poison":
            raise ZeroDivisionError("poison")
        rows.put(Name(happened.event.name, happened.event.version))


FRAGILE = View("fragile", 1, Name, ("name",), (CustomerRegistered,), nothing, fragile)


class Fragile(SqliteLog):
    """A store with one view more, which breaks on one event."""

    @contextmanager
    def writing(self, *, dry: bool = False) -> Iterator[SqliteWriting]:
        """Fold that view with the others."""
        with super().writing(dry=dry) as writing:
            writing.views = SqlViews(writing._cursor, (*VIEWS, FRAGILE))
            writing.views.create()
            yield writing


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
def test_an_event_that_a_view_cannot_fold_is_not_skipped(fresh: Fresh) -> None:
    """The message behind it is quarantined by itself, with what broke; every view has all the others, and none lacks one."""
    with closing(Fragile(fresh().removeprefix("sqlite:///"))) as log:
        said = [*SHOP, customer("poison"), customer("c3"), invoice()]
        progress = Ingester(log, now=lambda: NOW).ingest(SOURCE, enumerate(said, 1))
        assert progress.codes == {"ACCEPTED": len(SHOP) + 2, "ENGINE_ERROR": 1}
        with log.reading() as views:
            assert [row.customer for row in views.find(CUSTOMERS)] == ["c1", "c3"]
            assert [row.name for row in SqlViews(views._cursor, (FRAGILE,)).find(FRAGILE)] == ["Customer c1", "Customer c3"]
        assert_sound(log)


def test_a_rebuild_that_breaks_leaves_the_view_that_stands(fresh: Fresh) -> None:
    """It stops at the event it cannot fold, and nothing of what it made is kept."""
    with closing(opened(fresh())) as log:
        take(log, NOW, (*SHOP, customer("poison"), customer("c3")))
        broken = View("customers", 1, CUSTOMERS.row, CUSTOMERS.key, (CustomerRegistered,), nothing, _refuse)
        before = whole(log)
        with pytest.raises(ZeroDivisionError), log.writing() as writing:
            writing.rebuild([broken])
        assert whole(log) == before


def _refuse(_happened: Happened, _rows: object) -> NoReturn:
    raise ZeroDivisionError("poison")


@pytest.mark.slow
def test_a_rebuild_that_is_killed_leaves_the_views_that_stand(fresh: Fresh) -> None:
    """With the views emptied, half made anew, and made anew but not committed: readers see what stood, and so does the next."""
    url = fresh()
    with closing(opened(url)) as log:
        take(log, NOW, (*SHOP, *(invoice(f"i{number}") for number in range(400))))
        before = whole(log)
        for seam in ("views emptied", "some views made anew", "views made anew, not committed"):
            assert killed(url, seam, NOW, REBUILD), seam
            assert whole(log) == before, seam
        with log.writing() as writing:
            writing.rebuild(VIEWS)
        assert whole(log) == before
        assert_sound(log)


def test_a_rebuild_tells_nobody_anything(fresh: Fresh) -> None:
    """Only rows of views are written: no record, no receipt, no position, and no word to whoever publishes."""
    with closing(opened(fresh())) as log:
        take(log, NOW, (*SHOP, invoice("i1"), invoice("i2")))
        with log.noting() as cursor:
            cursor.execute("INSERT INTO notes VALUES ('published:C', 5, 'told')")
            cursor.execute("DELETE FROM view_documents")
        before = outside_of_views(log)
        with log.writing() as writing:
            writing.rebuild(VIEWS)
        assert outside_of_views(log) == before
        assert_sound(log)


def outside_of_views(log: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables that are no views."""
    found = {}
    with log.querying() as cursor:
        for name in ("stored_events", "receipts", "gaps", "chain", "heads", "tracking", "notes", "meta"):
            cursor.execute(f"SELECT * FROM {name} ORDER BY 1, 2")
            found[name] = [tuple(row) for row in cursor.fetchall()]
    return found


def test_two_rebuilds_at_once_and_a_writer(fresh: Fresh) -> None:
    """They take turns; every batch is in the views once, the log has what was said and nothing of the rebuilds."""
    url = fresh()
    with closing(opened(url)) as log, ThreadPoolExecutor(3) as pool:
        take(log, NOW, (*SHOP, *(invoice(f"i{number}") for number in range(50))))
        rebuilding = [pool.submit(_rebuild, url) for _ in range(2)]
        sold = pool.submit(_sell, url, range(50, 80))
        for done in (*rebuilding, sold):
            done.result()
        assert differences(log, replay(log)) == []
        with log.reading() as views:
            assert [row.state for row in views.find(DOCUMENTS)] == ["POSTED"] * 80
        assert_sound(log)


def _rebuild(url: str) -> None:
    with closing(opened(url)) as log:
        for _ in range(3):
            with log.writing() as writing:
                writing.rebuild(VIEWS)


def _sell(url: str, numbers: range) -> None:
    with closing(opened(url)) as log:
        for number in numbers:
            take(log, NOW, [invoice(f"i{number}")], log.source_position(SOURCE) + 1)


def test_a_process_of_the_old_release_is_stopped_by_the_migration(fresh: Fresh) -> None:
    """It was at work before; from the migration on it writes nothing, and the process that starts anew is refused at once."""
    url = fresh()
    with closing(opened(url)) as log:
        take(log, NOW, SHOP)
        with log.noting() as cursor:
            # What `migrate` of a release does whose documents are folded in another way.
            cursor.execute("UPDATE meta SET value = '99' WHERE name = 'view:documents'")
        before = whole(log)
        with pytest.raises(StoreVersion, match="migrated by another release meanwhile, which has other views: documents"):
            take(log, NOW, [invoice()], len(SHOP) + 1)
        assert whole(log) == before
        with pytest.raises(StoreVersion, match="has views of another version: documents; run postgate migrate") as refused:
            opened(url)
        assert refused.value.exit_code == 3


@pytest.mark.postgres
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_mind_is_only_trusted_after_its_commit(postgres: Server, *, is_lost: bool) -> None:
    """The commit of an unlinking is lost on its way, or its answer is; the same ingester goes on with what the log knows."""
    url, proxy = made_on(postgres), Proxy(postgres.port)
    log = PostgresLog(url.replace(f":{postgres.port}/", f":{proxy.port}/"))
    ingester = take(log, NOW, (*SHOP, invoice("i1")))
    proxy.drop_commit, proxy.drop_answer = is_lost, not is_lost
    if is_lost:
        with pytest.raises(StoreUnreachable):
            ingester.ingest(SOURCE, [(len(SHOP) + 2, unlink())])
    else:
        ingester.ingest(SOURCE, [(len(SHOP) + 2, unlink())])
    proxy.drop_commit = proxy.drop_answer = False
    ingester.ingest("other", [(1, invoice("i2"))])
    with log.reading() as views:
        states = {row.document: row.state for row in views.find(DOCUMENTS)}
    assert states == {"i1": "POSTED", "i2": "POSTED" if is_lost else "REQUIRES_ATTENTION"}
    # The batch comes again, as it does from a source that was not told.
    ingester.ingest(SOURCE, [(len(SHOP) + 2, renamed(unlink(), "again") if is_lost else unlink())])
    ingester.ingest("other", [(2, invoice("i3"))])
    with log.reading() as views:
        assert [row.state for row in views.find(DOCUMENTS, {"document": "i3"})] == ["REQUIRES_ATTENTION"]
    assert_sound(log)
    log.close()
    proxy.close()
