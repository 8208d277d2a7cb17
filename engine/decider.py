"""The decider: how a stream decides what to record, and what a record means."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, cast

from engine.errors import Outdated, Refused
from schemas.shape import Shape

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Decider(Generic[State]):
    """Three functions. `decide` may refuse; `evolve` is total and may not."""

    initial: State
    decide: Callable[[Shape, State], Sequence[Shape]]
    evolve: Callable[[State, Shape], State]


@cache
def _cells(kind: Hashable) -> tuple[Callable[[object], tuple[object, ...]], Mapping[str, int]]:
    """Return what tells the fields of a state, and the place of each."""
    names = [field.name for field in fields(cast(Any, kind))]
    return attrgetter(*names), {name: at for at, name in enumerate(names)}


def changed(state: State, **changes: object) -> State:
    """Return a state of several fields with some of them changed; `dataclasses.replace` asks each field whether it may."""
    tell, places = _cells(cast(Hashable, type(state)))
    cells = list(tell(state))
    for name, cell in changes.items():
        cells[places[name]] = cell
    return type(state)(*cells)


def stream(book: str, noun: str, key: str) -> str:
    """Name a stream; the separator is outside the character set of ids, so no two streams share a name."""
    return f"{book}|{noun}|{key}"


@lru_cache(maxsize=64)
def parts(name: str) -> tuple[str, str, str]:
    """Return (book, noun, key) of a stream's name; the few that a message is about are asked for many times."""
    book, noun, key = name.split("|", 2)
    return book, noun, key


class Versioned(Protocol):
    """A record said whole, under a version that grows."""

    @property
    def version(self) -> int:
        """The version of the record."""

    def model_dump(self) -> dict[str, Any]:
        """Return what it says."""


def newer(said: Versioned, known: Versioned | None, name: str) -> bool:
    """True when a record is news, False when it was said before; an older one is Outdated, other content is Refused (A5)."""
    if known is None or said.version > known.version:
        return True
    if said.version < known.version:
        raise Outdated(said.version, known.version)
    if said.model_dump() == known.model_dump():
        return False
    raise Refused(
        "VERSION_CONFLICT",
        f"{name} version {said.version} was already said with other content",
        "publish the change under a higher version",
    )
