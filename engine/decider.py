"""The decider: how a stream decides what to record, and what a record means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.shape import Shape

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Decider(Generic[State]):
    """Three functions. `decide` may refuse; `evolve` is total and may not."""

    initial: State
    decide: Callable[[Shape, State], Sequence[Shape]]
    evolve: Callable[[State, Shape], State]


def stream(book: str, noun: str, key: str) -> str:
    """Name a stream; the separator is outside the character set of ids, so no two streams share a name."""
    return f"{book}|{noun}|{key}"


def parts(name: str) -> tuple[str, str, str]:
    """Return (book, noun, key) of a stream's name."""
    book, noun, key = name.split("|", 2)
    return book, noun, key
