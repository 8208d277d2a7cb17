"""Account customers: the debtors that stand one to one for customers of the accounting system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.decider import Decider, newer
from engine.errors import Refused
from engine.streams.holds import Hold, hold_of
from schemas.events import AccountAbsorbed, AccountLikened, TermsDefaulted
from schemas.inbound import AccountHeld, AccountHoldReleased, AccountMerged, AccountOpened, ClassAssigned, ClassUnassigned
from schemas.inbound.accounts import Credit, Terms
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account customer; without a record it was only spoken about."""

    record: AccountOpened | None = None
    assigned: str | None = None
    assigned_by: str | None = None
    defaults: TermsDefaulted | None = None
    survivor: str | None = None
    hold: Hold | None = None
    like: str | None = None
    absorbed: tuple[str, ...] = ()

    @property
    def code(self) -> str | None:
        """The code the account is made under in the accounting system, None where that is its id or not ours to choose (C13)."""
        prefix = self.defaults.account_prefix if self.defaults else None
        return f"{prefix}{self.record.account}" if prefix and self.record and self.record.origin == "CREATED" else None

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

    @property
    def credit(self) -> Credit:
        """The account's own limits, with the credit limit of its first class where it has none (E6, C12)."""
        own = self.record.credit if self.record and self.record.credit else _UNLIMITED
        if own.limit is None and self.defaults and self.defaults.credit_limit is not None:
            return own.model_copy(update={"limit": self.defaults.credit_limit})
        return own

    @property
    def limited(self) -> bool:
        """True when there is a limit of any kind to check."""
        own = self.record.credit if self.record else None
        by_class = self.defaults is not None and self.defaults.credit_limit is not None
        return by_class or (own is not None and (own.limit, own.warning, own.overdue, own.days) != (None, None, None, None))


_UNLIMITED = Credit()


def decide(said: Shape, state: Account) -> Sequence[Shape]:
    """Record news; stay silent on what is known; never change what an account is in the accounting system."""
    match said:
        case AccountOpened():
            return (said,) if newer(said, state.record, f"account {said.account}") else ()
        case AccountMerged() if state.survivor == said.survivor:
            return ()
        case AccountMerged() if state.survivor is not None:
            raise Refused("ALREADY_MERGED", f"the account was merged into {state.survivor}", "merge the survivor instead")
        case AccountHeld() if state.hold == hold_of(said):
            return ()
        case AccountHoldReleased() if state.hold is None:
            return ()
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
        case AccountHeld():
            return replace(state, hold=hold_of(event))
        case AccountHoldReleased():
            return replace(state, hold=None)
        case ClassAssigned():
            return replace(state, assigned=event.class_, assigned_by=event.by)
        case ClassUnassigned():
            return replace(state, assigned=None, assigned_by=None)
        case TermsDefaulted():
            return replace(state, defaults=event)
        case AccountLikened():
            return replace(state, like=event.other)
        case AccountAbsorbed():
            return replace(state, absorbed=(*state.absorbed, event.other))
    return state


ACCOUNTS = Decider(Account(), decide, evolve)
