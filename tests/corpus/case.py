"""A case: one hostile input, its row in the design's table, and the receipt we owe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["ACCEPTED", "QUARANTINED", "DUPLICATE", "STALE", "HOLD", "WAIT", "POST"]
DOOR: frozenset[Verdict] = frozenset({"ACCEPTED", "QUARANTINED"})
"""Verdicts that the door alone can give; the others need the engine, and the door only has to let the message in."""


@dataclass(frozen=True, slots=True)
class Case:
    """One input: its row, its bytes (or how to make them), and the receipt with its code.

    `headers` makes it a binary-mode message. `before` is said first, after the setting. `rulebook` is the reason of the
    rulebook where it is finer than the code of the table.
    """

    row: int
    name: str
    content: bytes | Callable[[], bytes]
    verdict: Verdict
    code: str = ""
    headers: Mapping[str, str] | None = None
    before: tuple[bytes, ...] = field(default=())
    rulebook: str = ""

    @property
    def raw(self) -> bytes:
        """The exact bytes; large ones are made when they are asked for."""
        return self.content if isinstance(self.content, bytes) else self.content()


def refused(row: int, name: str, code: str, *contents: bytes | Callable[[], bytes]) -> list[Case]:
    """Return a case for each input that the door refuses under one code."""
    return [Case(row, f"{name} ({n})" if n else name, content, "QUARANTINED", code) for n, content in enumerate(contents)]
