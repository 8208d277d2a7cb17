"""Ranking: of several reasons, what must be mended first comes first; the order in which they are recorded stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from engine.firewall.rulebook import RULES
from schemas.events import Reason

FIRST_MENDED = "AFBCDGIEHKLMJNOPQ"
"""Families of the rulebook, causes before consequences.

A book and a version that says one thing come first. Then what only the next version of the document mends, because it is
judged anew and a release of this one does not hold for it. Then the way to who owes: link, class, standing. Then places in
the books, currency and credit, the day, and what follows another document.
"""

_AS: dict[str, str] = {"ITEM_UNKNOWN": "G", "UOM_INVALID": "G", "GL_ACCOUNT_UNPOSTABLE": "G"}
"""Reasons that are mended as those of another family are: here, by a mapping."""
_SEVERITIES = ("REJECT", "HOLD", "WAIT", "EXCLUDE", "WARN")
"""A person's mending before waiting; what is excluded or only remarked asks for nothing."""
_PLACES: dict[str, tuple[int, int]] = {}
for _at, _rule in enumerate(RULES):
    _PLACES.setdefault(_rule.code, (FIRST_MENDED.index(_AS.get(_rule.code, _rule.number[0])), _at))


def rank(code: str, severity: str) -> tuple[int, int, int]:
    """Return where a reason stands among others; a code that no rule has stands behind those that one has."""
    family, at = _PLACES.get(code, (len(FIRST_MENDED), 0))
    return _SEVERITIES.index(severity), family, at


def ranked(reasons: Iterable[Reason]) -> list[Reason]:
    """Return reasons in the order in which to mend them."""
    return sorted(reasons, key=lambda reason: rank(reason.code, reason.severity))
