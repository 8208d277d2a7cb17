"""Release: which reasons of a decision somebody with the role lets pass, each at the place it was found (P1)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Refused
from schemas.events import DocumentDecided, Reason
from schemas.inbound import ReleaseGranted
from schemas.shape import Shape

PASSED = "released: "
"""How the message of a reason begins that somebody let pass."""

Released = frozenset[tuple[str, str | None]]
"""Codes with the path of the reason: a block of the customer that was released does not release one of the account."""


def released_by(said: ReleaseGranted, decision: DocumentDecided | None) -> Released:
    """Return what a release lets pass of the decision it was given for."""
    reasons = decision.reasons if decision else ()
    return frozenset((reason.code, reason.path) for reason in reasons if reason.code in said.reasons)


def lets_pass(released: Released, reason: Reason) -> bool:
    """True when a reason was released: at its place, or for each of the parties that it concerns now."""
    if (reason.code, reason.path) in released:
        return True
    named = {party for code, path in released if code == reason.code and path and _concerns(path) for party in path.split()}
    return reason.path is not None and _concerns(reason.path) and named.issuperset(reason.path.split())


def _concerns(path: str) -> bool:
    return path.startswith(("customer:", "account:"))


def granted(said: ReleaseGranted, held: DocumentDecided | None, released: Released) -> Sequence[Shape]:
    """Return what to record of a release, nothing when all of it was released before; refuse what the decision does not offer."""
    if held is None:
        raise Refused("RELEASE_NOT_ALLOWED", f"{said.document} version {said.version} is not held", "look at postgate held")
    offered(said, held, released)
    return () if released_by(said, held) <= released else (said,)


def offered(said: ReleaseGranted, decision: DocumentDecided, released: Released) -> None:
    """Raise Refused unless the decision offers everything that is to be released, now or before."""
    reasons = {reason.code: reason for reason in decision.reasons}
    for code in said.reasons:
        if code in reasons and not reasons[code].overridable:
            raise Refused("RELEASE_NOT_ALLOWED", f"{code} can only be released by mending it", reasons[code].remedy)
        if code not in reasons and code not in {known for known, _ in released}:
            raise Refused(
                "RELEASE_NOT_ALLOWED", f"{said.document} is not held for {code}", "name reasons shown by postgate explain"
            )
