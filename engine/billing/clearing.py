"""Clearing: what was counted at the end of a day against what its summary took in, tender by tender (J12)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.billing.bills import Member
from schemas.events import Reason
from schemas.inbound import DayClosed
from schemas.values import major, minor


def tendered_by(members: Sequence[Member]) -> dict[str, int]:
    """Return what members took in, less what they gave back, by tender, in minor units of their currency."""
    sums: dict[str, int] = {}
    for member in members:
        invoice, turned = member.facts.subject.invoice, -1 if member.facts.subject.kind == "CREDIT_NOTE" else 1
        for tender in invoice.tenders if invoice else ():
            sums[tender.tender] = sums.get(tender.tender, 0) + turned * minor(tender.amount, member.facts.subject.currency)
    return dict(sorted(sums.items()))


def cleared(said: DayClosed, tendered: dict[str, int]) -> list[Reason]:
    """Return a remark for each tender of which another amount was counted than the summary shows (J12)."""
    counted: dict[str, int] = {}
    for one in said.counted:
        counted[one.tender] = counted.get(one.tender, 0) + minor(one.amount, said.currency)
    tenders = sorted({*counted, *tendered}) if counted else []
    apart = [tender for tender in tenders if counted.get(tender, 0) != tendered.get(tender, 0)]
    return [
        Reason(
            code="CLEARING_NOT_ZERO",
            severity="WARN",
            message=f"{tender}: {major(counted.get(tender, 0), said.currency)} {said.currency} was counted, "
            f"the summary has {major(tendered.get(tender, 0), said.currency)}",
            remedy="find the difference before the clearing account is emptied",
            path=tender,
        )
        for tender in apart
    ]
