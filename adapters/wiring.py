"""Wiring: the one place where settings become the things that the commands work on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from adapters.errors import NotFound, StoreUnreachable
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.tables import Migration
from adapters.settings import Settings

if TYPE_CHECKING:
    from adapters.cells import CellMap
    from adapters.eventlog.store import Store

SCHEME = "sqlite:///"
SERVER_SCHEMES = ("postgresql", "postgres")


def store_path(settings: Settings) -> Path | None:
    """Return the file of the store that is set, none when a server keeps it. Raises NotFound for what is no store."""
    url = settings.store.value
    if _is_on_server(url):
        return None
    if not url.startswith(SCHEME) or url == SCHEME or "?" in url:
        told = f"write {SCHEME}postgate.db, {SCHEME}/an/absolute/path.db or postgresql://USER@HOST/DATABASE"
        raise NotFound(without_password(url).partition("?")[0], "is not the URL of a store", told)
    name = url.removeprefix(SCHEME)
    if ":memory:" in name or "mode=memory" in name:
        raise NotFound(url, "a store in memory ends with the command", f"name a file: {SCHEME}postgate.db")
    return Path(name).absolute()


def cells(settings: Settings) -> CellMap | None:
    """Return which schema keeps which book, none where one store keeps all. Raises NotFound for what is no map."""
    if not _is_on_server(settings.store.value):
        return None
    from adapters.cells import NAME, read
    from adapters.eventlog.postgres.place import place as named

    found, here = read(settings.cells.value), named(settings.store.value)
    if found is not None and here.schema not in found.schemas:
        raise NotFound(str(here), f"{NAME} has no cell {here.schema}", f"name one of its cells: {', '.join(found.schemas)}")
    return found


@contextmanager
def opened(settings: Settings, book: str | None = None) -> Iterator[Store]:
    """Open the store that is set, or the cell of a book, and close it at the end; it must have been made before."""
    log = _opened(settings, book)
    try:
        yield log
    finally:
        log.close()


def _opened(settings: Settings, book: str | None) -> Store:
    path = store_path(settings)
    if path is None:
        # The driver takes a while to load, and files do not need it.
        from adapters.eventlog.postgres.log import PostgresLog

        url, known = settings.store.value, cells(settings)
        if known is not None and book is not None:
            url = in_schema(url, known.cell_of(book))
        return PostgresLog(url, lock_timeout_s=settings.lock_seconds, cells=known)
    _refuse_folder(path)
    if not path.exists():
        # SQLite would leave an empty file behind.
        raise StoreUnreachable(str(path), "there is no store", f"create it: postgate migrate --store {SCHEME}{path}")
    return SqliteLog(str(path), lock_timeout_s=settings.lock_seconds)


def migrated(settings: Settings) -> Mapping[str, Migration]:
    """Create the store that is set and every cell of it, or bring them up to this release; return what was done, by place."""
    path = store_path(settings)
    if path is None:
        from adapters.eventlog.postgres.log import PostgresLog
        from adapters.eventlog.postgres.place import place as named

        url, known = settings.store.value, cells(settings)
        urls = [in_schema(url, schema) for schema in known.schemas] if known else [url]
        return {str(named(each)): PostgresLog.migrate(each, lock_timeout_s=settings.lock_seconds) for each in urls}
    _refuse_folder(path)
    return {str(path): SqliteLog.migrate(str(path), lock_timeout_s=settings.lock_seconds)}


def in_schema(url: str, schema: str) -> str:
    """Return the URL of another schema of the same database."""
    before, _, query = url.partition("?")
    options = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "schema"]
    return f"{before}?{urlencode([*options, ('schema', schema)], quote_via=quote)}"


def _is_on_server(url: str) -> bool:
    return url.partition(":")[0].lower() in SERVER_SCHEMES


def without_password(url: str) -> str:
    """Return a URL as it may be shown."""
    password = urlsplit(url).password
    shown = url if password is None else url.replace(f":{password}@", ":…@")
    return re.sub(r"(password=)[^&]*", r"\1…", shown)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise StoreUnreachable(str(path), "is a folder", "name a file in it, such as postgate.db")
