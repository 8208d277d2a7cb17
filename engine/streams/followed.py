"""Followed: what payments and credit notes of a document follow, its own posting or the whole it was billed in (K2, L3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.events import DocumentBilled, DocumentTransferred, PostingAuthorised, Route

WITHDRAWN = "/withdrawn"
"""How the leg of a journal ends that takes one document out of a summary."""

_WAYS: dict[Route, Route] = {"BATCH": "ACCOUNT", "SUMMARY": "GENERIC"}


@dataclass(frozen=True, slots=True)
class Followed:
    """The way a document was posted; `route` is ACCOUNT or GENERIC, `control` None where its journal has no receivable."""

    posting_key: str
    route: Route
    account: str
    control: str | None
    class_: str | None
    class_version: int | None
    currency: str


def followed(
    postings: Sequence[PostingAuthorised], billed: DocumentBilled | None, moved: Sequence[DocumentTransferred] = ()
) -> Followed | None:
    """Return what a document's money and corrections follow, None while it is not posted; a transfer has the last word (O7)."""
    one = _posted(postings, billed)
    if one is None or not moved:
        return one
    last = moved[-1]
    way = replace(one, route="ACCOUNT", account=last.account, control=last.control)
    if last.class_ is None:
        return way  # An earlier rulebook moved it to an account without a class: it keeps the one it was posted under (C1).
    return replace(way, class_=last.class_, class_version=last.class_version)


def _posted(postings: Sequence[PostingAuthorised], billed: DocumentBilled | None) -> Followed | None:
    if postings:
        first = postings[0]
        control = next((line.account for line in first.lines if line.party), None)
        return _followed(first, control)
    return _followed(billed, billed.control) if billed else None


def _followed(one: PostingAuthorised | DocumentBilled, control: str | None) -> Followed:
    """What follows a batch or a summary posts alone: to the account's own receivable, or to the shared debtor's."""
    way = _WAYS.get(one.route, one.route)
    return Followed(one.posting_key, way, one.account, control, one.class_, one.class_version, one.currency)
