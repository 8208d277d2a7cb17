"""Applications: the legs by which a deposit pays documents, each of a name of its own (L2)."""

from __future__ import annotations

from collections.abc import Mapping

AGAIN = "~"
"""Stands between a document and the number of the application; no identifier has it."""


def application(document: str, returned: int) -> str:
    """Name an application; after one that was given back when its document was reversed, the next has a number."""
    return f"applied:{document}{AGAIN}{returned + 1}" if returned else f"applied:{document}"


def document_of(leg: str) -> str | None:
    """Return the document that a leg applies a deposit to, None for any other leg."""
    name, _, _ = leg.removesuffix("/reversal").partition(AGAIN)
    return name.removeprefix("applied:") if name.startswith("applied:") else None


def given_back(before: Mapping[str, int], leg: str) -> Mapping[str, int]:
    """Return how often a deposit came back from each document, after the reversal of a leg."""
    document = document_of(leg)
    return {**before, document: before.get(document, 0) + 1} if document is not None else before
