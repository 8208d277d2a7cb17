"""The catalogue of reasons: every code a document can be held or a message refused for, made from the rules themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from engine.firewall.asides import ASIDES, BESIDES
from engine.firewall.ranking import rank
from engine.firewall.rulebook import RULES
from schemas.codes import ADMISSION, BROKER, DOOR

Strength = Literal["WARN", "EXCLUDE", "WAIT", "HOLD", "REJECT", "REFUSED"]
"""What a reason does to a document; REFUSED is done to a message, which is then kept in quarantine."""

_ROWS = re.compile(r"((?:[A-Z][0-9]+(?:, | and )?)+)\. (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: the rows of the rulebook it is of, what it means, how strong it is, who may release it, what mends it."""

    code: str
    rows: tuple[str, ...]
    meanings: tuple[str, ...]
    severities: tuple[Strength, ...]
    overridable: bool
    remedies: tuple[str, ...]

    @property
    def released_by(self) -> str:
        """Who may let it pass."""
        if self.overridable:
            return "whoever answers for it, in a role that the book's release_roles take"
        return "nobody: it must be mended"


def catalogue() -> dict[str, Entry]:
    """Return every entry by its code: reasons of documents in the order in which to mend them, then refusals of messages."""
    found: dict[str, Entry] = {}
    for entry in sorted(_of_documents(), key=_place):
        _join(found, entry)
    for codes in (DOOR, ADMISSION, BROKER):
        for code, (meaning, remedy) in codes.items():
            _join(found, Entry(code, (), (_sentence(meaning),), ("REFUSED",), overridable=False, remedies=(remedy,)))
    return found


def _of_documents() -> Iterable[Entry]:
    for rule in RULES:
        rows, meaning = _told(rule.check.__doc__ or "")
        own = Entry(rule.code, rows, (meaning,), (rule.severity,), rule.overridable, (rule.remedy,))
        yield own
        for code, (besides, row, other) in BESIDES.items():
            if besides == rule.code:
                yield replace(own, code=code, rows=(row,), meanings=(other,))
    for code, aside in ASIDES.items():
        yield Entry(code, (aside.row,), (aside.meaning,), (aside.severity,), aside.overridable, (aside.remedy,))


def _told(docstring: str) -> tuple[tuple[str, ...], str]:
    """Return the rows that a docstring begins with, and its first paragraph without them."""
    paragraph = " ".join(docstring.partition("\n\n")[0].split())
    found = _ROWS.fullmatch(paragraph)
    return (tuple(re.findall(r"[A-Z][0-9]+", found[1])), found[2]) if found else ((), paragraph)


def _place(entry: Entry) -> tuple[int, int, int]:
    (severity,) = entry.severities
    return rank(entry.code, severity)


def _join(found: dict[str, Entry], entry: Entry) -> None:
    """Add an entry; where a code is given by several rules, what they say stands together."""
    known = found.get(entry.code)
    if known is None:
        found[entry.code] = entry
        return
    found[entry.code] = Entry(
        entry.code,
        tuple(dict.fromkeys((*known.rows, *entry.rows))),
        tuple(dict.fromkeys((*known.meanings, *entry.meanings))),
        tuple(dict.fromkeys((*known.severities, *entry.severities))),
        known.overridable or entry.overridable,
        tuple(dict.fromkeys((*known.remedies, *entry.remedies))),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
