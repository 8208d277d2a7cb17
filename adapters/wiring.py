"""Wiring: the one place where settings become the things that the commands work on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.errors import NotFound, StoreUnreachable
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.tables import Migration
from adapters.settings import Settings

if TYPE_CHECKING:
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


def place(settings: Settings) -> str:
    """Return where the store is, for people to read."""
    path = store_path(settings)
    if path is not None:
        return str(path)
    from adapters.eventlog.postgres.place import place as named

    return str(named(settings.store.value))


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """Open the store that is set, and close it at the end; it must have been made before."""
    log = _opened(settings)
    try:
        yield log
    finally:
        log.close()


def _opened(settings: Settings) -> Store:
    path = store_path(settings)
    if path is None:
        # The driver takes a while to load, and files do not need it.
        from adapters.eventlog.postgres.log import PostgresLog

        return PostgresLog(settings.store.value, lock_timeout_s=settings.lock_seconds)
    _refuse_folder(path)
    if not path.exists():
        # SQLite would leave an empty file behind.
        raise StoreUnreachable(str(path), "there is no store", f"create it: postgate migrate --store {SCHEME}{path}")
    return SqliteLog(str(path), lock_timeout_s=settings.lock_seconds)


def migrated(settings: Settings) -> Migration:
    """Create the store that is set, or bring it up to this release."""
    path = store_path(settings)
    if path is None:
        from adapters.eventlog.postgres.log import PostgresLog

        return PostgresLog.migrate(settings.store.value, lock_timeout_s=settings.lock_seconds)
    _refuse_folder(path)
    return SqliteLog.migrate(str(path), lock_timeout_s=settings.lock_seconds)


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
