"""Views in SQL and in memory are the same views: the same rows after the same events, and the same log beneath."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.eventlog.memory import MemoryLog
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from engine.record import decode
from projections.documents import DOCUMENTS
from projections.memory import MemoryViews
from projections.parties import ACCOUNTS
from projections.views import VIEWS
from tests.properties.changing import changing_shops
from tests.properties.messages import SHOP, Said, account, invoice
from tests.properties.shop import Shop, batches
from tests.servers import Server


@given(changing_shops(), st.lists(st.integers(1, 25), min_size=1, max_size=3))
@settings(max_examples=settings().max_examples // 4)
def test_both_logs_and_both_view_stores_agree(said: list[Said], cut: list[int]) -> None:
    """Whatever is said, the records are the same bytes, and live views, views in memory and a replay have the same rows."""
    with TemporaryDirectory() as folder:
        agree(SqliteLog.create(str(Path(folder) / "log.sqlite")), said, cut)


@pytest.mark.postgres
@given(said=changing_shops(), cut=st.lists(st.integers(1, 25), min_size=1, max_size=3))
@settings(max_examples=settings().max_examples // 8)
def test_a_log_on_a_server_agrees_too(postgres: Server, said: list[Said], cut: list[int]) -> None:
    """The same with a schema of a server: the same bytes, the same positions, the same rows in the same order."""
    agree(PostgresLog.create(postgres.fresh()), said, cut)


def agree(store: Store, said: list[Said], cut: list[int]) -> None:
    """Say the same to a store and to a log in memory, and compare what they keep."""
    with closing(store):
        file, memory = Shop(store), Shop(MemoryLog(store.deployment))
        for batch in batches(said, cut):
            assert file.hear(*batch).receipts == memory.hear(*batch).receipts
        assert store.read(0, 1_000_000) == memory.log.read(0, 1_000_000)
        anew = MemoryViews()
        anew.fold([decode(recorded) for recorded in store.read(0, 1_000_000)])
        with store.writing(dry=True) as kept, memory.log.writing(dry=True) as remembered:
            assert kept.chain("shop") == remembered.chain("shop")
        with store.reading() as views:
            for view in VIEWS:
                rows = list(views.find(view))
                assert rows == list(anew.rows(view)) == list(memory.views.rows(view)), view.name


def test_rows_are_found_by_their_cells(store: Store) -> None:
    """Equal cells, nothing set, an order and a limit each choose rows; a column that is not there is an error."""
    shop = Shop(store)
    shop.hear(*SHOP, account("a2", external_ref="X"), account("a3"), *(invoice(f"i{n}") for n in range(3)))
    with store.reading() as views:
        assert [row.account for row in views.find(ACCOUNTS)] == ["a1", "a2", "a3"]
        assert [row.account for row in views.find(ACCOUNTS, {"external_ref": "X"})] == ["a2"]
        assert [row.account for row in views.find(ACCOUNTS, {"external_ref": None, "class_": None})] == ["a3"]
        assert [row.document for row in views.find(DOCUMENTS, {"state": "POSTED"}, order=["received"], limit=2)] == ["i0", "i1"]
        with pytest.raises(ValueError, match="accounts has no column colour"):
            list(views.find(ACCOUNTS, {"colour": "red"}))


def test_more_rows_than_one_statement_holds_are_loaded(store: Store) -> None:
    """A fold may need more rows than a statement has places for values."""
    shop = Shop(store)
    many = [account(f"a{n:04}") for n in range(1_000)]
    shop.hear(*many)
    shop.hear(*(account(f"a{n:04}", 2, external_ref=f"X-{n}") for n in range(1_000)))
    with store.reading() as views:
        rows = list(views.find(ACCOUNTS))
    assert [(row.account, row.version, row.external_ref) for row in rows] == [(f"a{n:04}", 2, f"X-{n}") for n in range(1_000)]
