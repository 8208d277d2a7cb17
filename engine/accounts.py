"""Account customers: the debtors that stand one to one for customers of the accounting system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider, newer
from engine.errors import Refused
from schemas.events import TermsDefaulted
from schemas.inbound import AccountMerged, AccountOpened, ClassAssigned, ClassUnassigned
from schemas.inbound.accounts import Terms
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account customer; without a record it was only spoken about."""

    record: AccountOpened | None = None
    assigned: str | None = None
    defaults: TermsDefaulted | None = None
    survivor: str | None = None

    @property
    def version(self) -> int:
        """The version of the record, 0 before the first."""
        return self.record.version if self.record else 0

    @property
    def terms(self) -> Terms | None:
        """The account's own terms, else those copied from its first class (rulebook C12)."""
        if self.record and self.record.terms:
            return self.record.terms
        if self.defaults and self.defaults.days is not None:
            return Terms.model_validate({"days": self.defaults.days, "rule": self.defaults.rule})
        return None


def decide(said: Shape, state: Account) -> Sequence[Shape]:
    """Record news; stay silent on what is known; never change what an account is in the accounting system."""
    match said:
        case AccountOpened():
            return (said,) if newer(said, state.record, f"account {said.account}") else ()
        case AccountMerged() if state.survivor == said.survivor:
            return ()
        case AccountMerged() if state.survivor is not None:
            raise Refused("ALREADY_MERGED", f"the account was merged into {state.survivor}", "merge the survivor instead")
        case ClassAssigned() if state.assigned == said.class_:
            return ()
        case ClassUnassigned() if state.assigned is None:
            return ()
        case ClassUnassigned() if state.assigned != said.class_:
            raise Refused(
                "CLASS_NOT_ASSIGNED",
                f"account {said.account} has class {state.assigned}, not {said.class_}",
                "name the class the account has",
            )
    return (said,)


def evolve(state: Account, event: Shape) -> Account:
    """Return the account after a fact."""
    match event:
        case AccountOpened():
            return replace(state, record=event)
        case AccountMerged():
            return replace(state, survivor=event.survivor)
        case ClassAssigned():
            return replace(state, assigned=event.class_)
        case ClassUnassigned():
            return replace(state, assigned=None)
        case TermsDefaulted():
            return replace(state, defaults=event)
    return state


ACCOUNTS = Decider(Account(), decide, evolve)
