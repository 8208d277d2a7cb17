"""Likeness: whether two account customers may be one and the same, by name or tax id (rulebook B13)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from unicodedata import normalize

from schemas.inbound.accounts import AccountOpened

Ground = Literal["NAME", "TAX_ID"]

_WORD = re.compile(r"\w+")


def name_key(name: str) -> str:
    """Return a name without case, punctuation and order: `Doe, John` and `john doe` are alike."""
    return " ".join(sorted(_WORD.findall(normalize("NFKC", name).casefold())))


def tax_key(tax_id: str | None) -> str | None:
    """Return a tax id without case and punctuation, None when there is none."""
    words = _WORD.findall(normalize("NFKC", tax_id or "").casefold())
    return "".join(words) or None


def grounds(record: AccountOpened) -> Iterator[tuple[Ground, str]]:
    """Yield by what an account is known again: the tax id first, because names are shared more often."""
    if (key := tax_key(record.tax_id)) is not None:
        yield "TAX_ID", key
    if key := name_key(record.name):
        yield "NAME", key


def alike(one: AccountOpened, other: AccountOpened) -> Ground | None:
    """Return by what two accounts are alike; None when nothing says so, or one of them says that they are not."""
    if other.account in one.distinct_from or one.account in other.distinct_from:
        return None
    known = set(grounds(other))
    return next((ground for ground, key in grounds(one) if (ground, key) in known), None)
