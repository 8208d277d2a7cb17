"""One party on the command line: everything that was said of a customer, an account or a class, and what happened to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from adapters.cli.output import emit
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from engine.record import Happened
    from schemas.shape import Shape

WIDTH = 100
NAME_CHARACTERS = 24

NOUNS: dict[str, tuple[str, ...]] = {"customer": ("customer", "link"), "account": ("account",), "class": ("class",)}
"""Whose history makes a party: a customer's link is a stream of its own."""


LOOKED_UP_BY = ("name_key", "tax_key")
"""Columns for the index alone, which say nothing that the name and the tax id do not."""


@dataclass(frozen=True, slots=True)
class Told:
    """A party with its history, oldest first."""

    book: str
    noun: str
    key: str
    history: Sequence[Happened]
    now: Mapping[str, object]
    collected: Mapping[str, str]

    @property
    def records(self) -> list[Shape]:
        """What was said of the party as a whole, one record a version."""
        return [happened.event for happened in self.history if _is_whole(happened.event)]


def tell(store: str | None, noun: str, key: str, *, book: str | None, as_json: bool) -> None:
    """Print one party: its record in force, and how it came to be as it is."""
    from adapters import settings, wiring
    from adapters.auditing import histories
    from adapters.cli import choice
    from adapters.cli.collected import last_days

    with wiring.opened(settings.read(store), book) as log:
        name = choice.one_book(log, book)
        streams = [f"{name}|{stream}|{key}" for stream in NOUNS[noun]]
        now, days = _row(log, name, noun, key), last_days(log, name, f"{noun}:{key}")
        told = Told(name, noun, key, histories(log, streams, log.head()), now, days)
    if not told.history:
        raise NotFound(key, f"is no {noun} of book {name}", f"look at postgate {'classes' if noun == 'class' else noun + 's'}")
    if as_json:
        emit(as_object(told))
    else:
        click.echo("\n".join(text(told)))


def _row(log: Store, book: str, noun: str, key: str) -> dict[str, object]:
    """Return how a party stands: what its lists show of it, without what is empty."""
    from adapters.viewstore import columns
    from projections.parties import ACCOUNTS, CLASSES, CUSTOMERS
    from projections.projection import AnyView

    views_of: dict[str, AnyView] = {"customer": CUSTOMERS, "account": ACCOUNTS, "class": CLASSES}
    view = views_of[noun]
    with log.reading() as views:
        row = next(views.find(view, {"book": book, view.key[1]: key}, limit=1), None)
    cells = {name: getattr(row, name, None) for name in columns(view) if name not in (*view.key, *LOOKED_UP_BY)}
    return {name.rstrip("_"): cell for name, cell in cells.items() if cell not in (None, False)}


def as_object(told: Told) -> dict[str, object]:
    """Return a party as a JSON object; of a class every version, because each is in force from a day of its own."""
    records = [_said(record) for record in told.records]
    return {
        "book": told.book,
        told.noun: told.key,
        "record": records[-1] if records else None,
        **({"versions": records} if told.noun == "class" else {}),
        "now": told.now,
        **told.collected,
        "history": [_event(happened) for happened in told.history],
    }


def text(told: Told) -> Iterator[str]:
    """Yield a party as people read it: each field that was said, then the history."""
    records = told.records
    yield f"{told.noun} {told.key} of book {told.book}" + ("" if records else ", spoken of and never described")
    for record in records if told.noun == "class" else records[-1:]:
        for field, said in _said(record).items():
            if field != told.noun:
                told_so = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
                yield from _field(field, told_so)
    yield "now"
    said_before = _said(records[-1]) if records else {}
    for name, cell in {**told.now, **told.collected}.items():
        if name not in said_before:
            yield from _field(name, "yes" if cell is True else str(cell))
    yield "history"
    for happened in told.history:
        yield f"  {_time(happened)}  {what(happened)}  by {happened.cause.actor}"


def what(happened: Happened) -> str:
    """Return what happened to a party in a few words, with who answers for it and where it was done."""
    said = _said(happened.event)
    known = [f"{field} {said[field]}" for field in ("version", "account", "class", "survivor", "other", "until") if field in said]
    doing = [f"{field} {said[field]}" for field in ("origin", "by", "reason", "effective_from") if field in said]
    return ", ".join((" ".join((happened.kind.removesuffix(".v1"), *known)), *doing))


def _event(happened: Happened) -> dict[str, object]:
    return {
        "position": happened.position,
        "time": _time(happened),
        "kind": happened.kind,
        "said": _said(happened.event),
        "actor": happened.cause.actor,
        "locator": happened.cause.locator,
    }


def _is_whole(event: Shape) -> bool:
    from schemas.inbound import AccountOpened, ClassDefined, CustomerRegistered

    return isinstance(event, AccountOpened | ClassDefined | CustomerRegistered)


def _said(event: Shape) -> dict[str, object]:
    """Return what was said, and nothing that was not."""
    return event.model_dump(by_alias=True, exclude_unset=True)


def _field(name: str, said: str) -> Iterator[str]:
    yield from wrap(said, WIDTH, initial_indent=f"  {name:<{NAME_CHARACTERS}}", subsequent_indent=" " * (NAME_CHARACTERS + 2))


def _time(happened: Happened) -> str:
    from adapters import clock

    return clock.text(happened.cause.at)
