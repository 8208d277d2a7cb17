"""Which rows of the rulebook are tested, and which are left for later and why; a row is in exactly one of the two."""

from __future__ import annotations

FAMILIES = {"A": 12, "B": 16, "C": 15, "D": 11, "E": 11, "F": 21, "G": 16, "H": 11, "I": 10, "J": 14, "K": 8, "L": 12, "M": 12}
FAMILIES |= {"N": 14, "O": 10, "P": 7, "Q": 7}
"""Family -> number of rows, for the families that judge one document."""

TARGET = "asks what one accounting system accepts; comes with its adapter"
SENDING = "asks whoever sends postings to an accounting system: nothing of ours sends yet, it answers through the door"

LATER: dict[str, str] = {
    "G14": "nothing is substituted: what has other letters or no mapping is held, never put right, so nothing is to be told",
    "G15": TARGET,
    "N2": SENDING,
    "N7": SENDING,
    "N13": SENDING,
}
"""Row -> why it is not tested here."""

FAMILIES_LATER: dict[str, str] = {}
"""Families that are left for later as a whole, apart from rows that are told already."""


def every_row() -> list[str]:
    """Return the rows of the families in scope, in order."""
    return [f"{family}{number}" for family, count in FAMILIES.items() for number in range(1, count + 1)]
