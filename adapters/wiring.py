"""Wiring: the one place where settings become the things that the commands work on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.errors import NotFound, StoreUnreachable
from adapters.eventlog.sqlite import Migration, SqliteLog
from adapters.settings import Settings

SCHEME = "sqlite:///"


def store_path(settings: Settings) -> Path:
    """Return the file of the store that is set. Raises when the URL names something that this release cannot open."""
    url = settings.store.value
    scheme = url.partition(":")[0].lower()
    if scheme in ("postgresql", "postgres"):
        reason = "stores on PostgreSQL come with the next release"
        raise StoreUnreachable(f"{scheme}://…", reason, f"use a file for now: --store {SCHEME}postgate.db")
    if not url.startswith(SCHEME) or url == SCHEME or "?" in url:
        raise NotFound(
            url.partition("?")[0], "is not the URL of a store", f"write {SCHEME}postgate.db, or {SCHEME}/an/absolute/path.db"
        )
    name = url.removeprefix(SCHEME)
    if ":memory:" in name or "mode=memory" in name:
        raise NotFound(url, "a store in memory ends with the command", f"name a file: {SCHEME}postgate.db")
    return Path(name).absolute()


@contextmanager
def opened(settings: Settings) -> Iterator[SqliteLog]:
    """Open the store that is set, and close it at the end; it must have been made before."""
    path = store_path(settings)
    _refuse_folder(path)
    if not path.exists():
        # SQLite would leave an empty file behind.
        raise StoreUnreachable(str(path), "there is no store", f"create it: postgate migrate --store {SCHEME}{path}")
    log = SqliteLog(str(path), lock_timeout_s=settings.lock_seconds)
    try:
        yield log
    finally:
        log.close()


def migrated(settings: Settings) -> Migration:
    """Create the store that is set, or bring it up to this release."""
    path = store_path(settings)
    _refuse_folder(path)
    return SqliteLog.migrate(str(path), lock_timeout_s=settings.lock_seconds)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise StoreUnreachable(str(path), "is a folder", "name a file in it, such as postgate.db")
