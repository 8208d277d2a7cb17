"""Holds: a party is on hold from an instant until another, or without either end."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.inbound import AccountHeld, CustomerHeld
from schemas.values import instant


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold from and until (exclusive) instants, in microseconds; None is without that end."""

    since: int | None
    until: int | None
    reason: str | None

    def covers(self, now: int) -> bool:
        """True while the hold is in force; half-open, so it ends at the very instant of `until`."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


def hold_of(said: CustomerHeld | AccountHeld) -> Hold:
    """Return a hold as it was said."""
    return Hold(instant(said.from_) if said.from_ else None, instant(said.until) if said.until else None, said.reason)
