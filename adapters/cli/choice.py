"""Choice: which book, document or moment the words of a command line mean; where they mean two, it asks for more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store

NOUNS = ("document", "payment", "charge")


def books(log: Store) -> list[str]:
    """Return every book that has a record; the place of messages without a book is none."""
    with log.querying() as cursor:
        cursor.execute("SELECT book FROM heads WHERE book <> '~' ORDER BY book")
        return [str(row[0]) for row in cursor.fetchall()]


def one_book(log: Store, asked: str | None) -> str:
    """Return the book that is meant: the one named, else the only one there is."""
    known = books(log)
    if asked is not None:
        if asked not in known:
            raise NotFound(asked, "the store has no such book", f"it has {', '.join(known) or 'none yet'}")
        return asked
    if len(known) != 1:
        reason = f"the store has {len(known)} books: {', '.join(known)}" if known else "the store has no book yet"
        raise NotFound("--book", reason, "name one" if known else "take in a book first: postgate ingest FILE")
    return known[0]


def document_stream(log: Store, asked: str, book: str | None) -> str:
    """Return the stream of a document or payment: by id, `payment:ID` or `document:ID`, else by its number."""
    from projections.documents import DOCUMENTS

    among = [one_book(log, book)] if book else books(log)
    noun, _, key = asked.partition(":")
    wanted = [(noun, key)] if noun in NOUNS and key else []
    wanted += [(noun, asked) for noun in NOUNS]
    with log.reading() as views:
        names = [f"{each}|{noun}|{key}" for each in among for noun, key in wanted]
        found = [name for name in names if next(views.find(DOCUMENTS, {"stream": name}, limit=1), None)]
        if not found:
            found = [row.stream for each in among for row in views.find(DOCUMENTS, {"book": each, "number": asked})]
    found = list(dict.fromkeys(found))
    if not found:
        raise NotFound(asked, "is no document or payment of this store", "look at postgate documents")
    if len(found) > 1:
        told = ", ".join(f"{name.split('|')[1]}:{name.split('|')[2]} in book {name.split('|')[0]}" for name in found)
        raise NotFound(asked, f"is ambiguous: {told}", "write it so, with --book")
    return found[0]


def position(log: Store, asked: str | None) -> int:
    """Return the position that is meant: a number, the last one recorded at a time, or the end of the log."""
    if asked is None:
        return log.head()
    if asked.isascii() and asked.isdigit():
        if int(asked) > log.head():
            raise NotFound(asked, "is behind the end of the log", f"the last position is {log.head()}")
        return int(asked)
    from adapters.auditing import position_at
    from schemas.values import instant

    try:
        return position_at(log, instant(_with_offset(asked)))
    except ValueError as error:
        raise NotFound(
            asked, "is neither a position nor a time", "write a number, or a time such as 2026-01-31T13:45:00Z"
        ) from error


def _with_offset(asked: str) -> str:
    """Refuse a time without an offset: nobody knows which hour it means."""
    from schemas.values import TIME_PATTERN

    if not re.fullmatch(TIME_PATTERN, asked):
        raise ValueError(asked)
    return asked
