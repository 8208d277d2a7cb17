"""Applications: the legs by which a deposit pays documents, each of a name of its own (L2)."""

from __future__ import annotations

from collections.abc import Mapping

AGAIN = "~"
"""Stands between a document and the number of the application; no identifier has it."""

REVERSAL = "/reversal"
"""How the leg of a reversal ends. An identifier may end so too: then `AGAIN` stands behind it, to tell the two apart."""


def leg_about(what: str, document: str, more: str = "") -> str:
    """Name a leg that is about a document of another stream, which no reversal of another leg has."""
    return f"{what}:{document}{AGAIN}{more}" if more or document.endswith(REVERSAL) else f"{what}:{document}"


def application(document: str, returned: int) -> str:
    """Name an application; after one that was given back when its document was reversed, the next has a number."""
    return leg_about("applied", document, f"{returned + 1}" if returned else "")


def document_of(leg: str, what: str = "applied") -> str | None:
    """Return the document that a leg applies a deposit to, or is about otherwise; None for any other leg, not for reversals."""
    name, _, _ = leg.partition(AGAIN)
    return name.removeprefix(f"{what}:") if name.startswith(f"{what}:") else None


def given_back(before: Mapping[str, int], leg: str) -> Mapping[str, int]:
    """Return how often a deposit came back from each document, after the reversal of a leg."""
    document = document_of(leg.removesuffix(REVERSAL))
    return {**before, document: before.get(document, 0) + 1} if document is not None else before
