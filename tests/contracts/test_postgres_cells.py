"""Cells: each book has one schema, every book has one, and a book with records never goes on in another."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import settings, wiring
from adapters.cells import CellMap, read
from adapters.errors import NotFound, StoreVersion
from adapters.eventlog.postgres.log import PostgresLog
from tests.contracts.batches import receipt, run, write
from tests.properties.messages import SHOP, in_book
from tests.servers import Server
from tests.stories.command import postgate


def test_a_map_gives_every_book_one_schema() -> None:
    """Named books have their own, and all others, messages without a book among them, that of the rest."""
    cells = read("shop-uk=cell_uk, shop-de=cell_de,*=postgate")
    assert cells == CellMap({"shop-uk": "cell_uk", "shop-de": "cell_de"}, "postgate")
    assert cells.schemas == ("postgate", "cell_uk", "cell_de")
    books = ("shop-uk", "shop-de", "shop", "~")
    assert [cells.cell_of(book) for book in books] == ["cell_uk", "cell_de", "postgate", "postgate"]
    for book in books:
        assert [schema for schema in cells.schemas if cells.is_mine(schema, book)] == [cells.cell_of(book)]
    assert read(" ") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("shop=cell_uk", "says nothing of the books that it does not name"),
        ("shop=cell_uk,*=", "'*=' does not say which schema keeps a book"),
        ("shop=cell_uk,,*=a", "'' does not say which schema keeps a book"),
        ("shop,*=a", "'shop' does not say which schema keeps a book"),
        ("sh op=b,*=a", "'sh op=b' does not say which schema keeps a book"),
        ("shop=Cell,*=a", "'shop=Cell' does not say which schema keeps a book"),
        ("shop=pg_x,*=a", "'shop=pg_x' does not say which schema keeps a book"),
        (f"shop={'c' * 55},*=a", f"'shop={'c' * 55}' does not say which schema keeps a book"),
        ("shop=a,shop=b,*=a", "book shop is given twice"),
        ("*=a,*=b", "book * is given twice"),
    ],
)
def test_a_map_with_a_hole_is_refused(text: str, reason: str) -> None:
    """Before anything is opened, with what is wrong and how to write it."""
    with pytest.raises(NotFound) as refused:
        read(text)
    assert (refused.value.place, refused.value.reason, refused.value.exit_code) == ("POSTGATE_CELLS", reason, 2)


def test_a_url_names_another_schema() -> None:
    """Everything else of the URL stays as it is, other options too."""
    url = "postgresql://me:p%40ss@db.example:6000/books?sslmode=verify-full&schema=a&options=-c%20x%3D1"
    assert wiring.in_schema(url, "b") == (
        "postgresql://me:p%40ss@db.example:6000/books?sslmode=verify-full&options=-c%20x%3D1&schema=b"
    )
    assert wiring.in_schema("postgresql:///books", "b") == "postgresql:///books?schema=b"


@pytest.fixture
def cells(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str]:
    """Three cells that are set and not made yet: of the rest, of book uk, of book de; the store is that of the rest."""
    rest, uk, de = (postgres.fresh() for _ in range(3))
    names = [place.partition("schema=")[2] for place in (rest, uk, de)]
    monkeypatch.setenv("POSTGATE_STORE", rest)
    monkeypatch.setenv("POSTGATE_CELLS", f"uk={names[1]}, de={names[2]}, *={names[0]}")
    return rest, uk, de


@pytest.mark.postgres
def test_commands_work_in_the_cell_of_their_book(cells: tuple[str, str, str], tmp_path: Path) -> None:
    """`migrate` makes all cells; `--book` opens that of the book; without it, a command works in the schema of the URL."""
    done = postgate("migrate", "--json")
    assert [(str(row["store"]).partition("schema=")[2], row["created"]) for row in done.rows] == [
        (place.partition("schema=")[2], True) for place in cells
    ]
    for place, book in zip(cells, ("shop", "uk", "de"), strict=True):
        file = tmp_path / f"{book}.jsonl"
        file.write_bytes(b"".join(in_book(said, book) + b"\n" for said in SHOP))
        assert postgate("ingest", file, "--store", place).code == 0
    for book in ("uk", "de", "shop"):
        assert {row["book"] for row in postgate("customers", "--book", book, "--json").rows} == {book}
        assert postgate("unlink", "c1", "--book", book).code == 0
    assert {row["book"] for row in postgate("customers", "--json").rows} == {"shop"}
    assert postgate("migrate").out.count("is up to date") == 3


@pytest.mark.postgres
def test_a_message_of_another_cell_is_refused(cells: tuple[str, str, str], tmp_path: Path) -> None:
    """A file of the wrong book changes nothing, and what is said names the book and both cells."""
    postgate("migrate")
    rest, uk, _ = cells
    file = tmp_path / "uk.jsonl"
    file.write_bytes(b"".join(in_book(said, "uk") + b"\n" for said in SHOP))
    ended = postgate("ingest", file)
    names = [place.partition("schema=")[2] for place in (rest, uk)]
    told = f"book uk would be kept in {names[0]}, and POSTGATE_CELLS gives it to {names[1]}; work there (--book uk), or "
    assert (ended.code, told in ended.err) == (3, True)
    assert postgate("customers", "--json").rows == []


@pytest.mark.postgres
def test_a_book_with_records_stays_in_its_cell(cells: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A map that gives a book of this cell to another is refused before the first writing, and reading goes on."""
    rest, uk, de = cells
    log = PostgresLog.create(uk)
    write(log, run("uk", 2), [receipt(1)], {"till": 1})
    log.close()
    names = [place.partition("schema=")[2] for place in (rest, uk, de)]
    moved = CellMap({"uk": names[2]}, names[1])
    log = PostgresLog(uk, cells=moved)
    with pytest.raises(StoreVersion) as refused, log.writing():
        raise AssertionError("a cell writes for a book of another")
    assert refused.value.reason == f"book uk would be kept in {names[1]}, and POSTGATE_CELLS gives it to {names[2]}"
    assert (refused.value.exit_code, log.head()) == (3, 2)
    with pytest.raises(StoreVersion):
        log.ready_to_write()
    log.close()
    monkeypatch.setenv("POSTGATE_CELLS", f"*={names[2]}")
    with pytest.raises(NotFound, match=f"POSTGATE_CELLS has no cell {names[0]}; name one of its cells: {names[2]}"):
        wiring.cells(settings.read())


def test_a_file_keeps_all_books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are of a server; a store in one file has none, whatever is set."""
    monkeypatch.setenv("POSTGATE_CELLS", "uk=cell_uk,*=postgate")
    store = f"sqlite:///{tmp_path}/store.db"
    assert wiring.cells(settings.read(store)) is None
    assert postgate("migrate", "--store", store).code == 0
