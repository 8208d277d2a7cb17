"""A rule: a named question about the facts, with a stable code, a severity and a remedy in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

from engine.facts.subject import Kind
from engine.firewall.facts import Facts
from schemas.events import Reason, Severity

INVOICES: frozenset[Kind] = frozenset(("INVOICE",))
CREDITS: frozenset[Kind] = frozenset(("CREDIT_NOTE",))
SALES = INVOICES | CREDITS
MONEY: frozenset[Kind] = frozenset(("PAYMENT", "REFUND"))
INTEREST: frozenset[Kind] = frozenset(("INTEREST",))
ALL = SALES | MONEY | INTEREST


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found wrong; unset fields are taken from the rule."""

    message: str
    waits_for: tuple[str, ...] = ()
    path: str | None = None
    remedy: str | None = None
    severity: Severity | None = None
    code: str | None = None


Check = Callable[[Facts], Finding | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rulebook; `number` is the row, `check` states what should be true.

    It is asked of the `kinds` it can object to; of any other it would have nothing to say.
    """

    code: str
    number: str
    kinds: frozenset[Kind]
    severity: Severity
    overridable: bool
    remedy: str
    check: Check

    @property
    def name(self) -> str:
        """The function that states the rule."""
        return self.check.__name__

    def reason(self, finding: Finding) -> Reason:
        """Return a finding as the reason that is recorded and shown."""
        return Reason.model_construct(
            code=finding.code or self.code,
            severity=finding.severity or self.severity,
            message=finding.message,
            remedy=finding.remedy or self.remedy,
            path=finding.path,
            waits_for=list(finding.waits_for),
            overridable=self.overridable,
        )


def concerning(found: Mapping[str, str], *keys: str, severity: Severity | None = None) -> Finding | None:
    """Name all parties (`account:acme`) with what is so of each, also in the path, so that releasing one releases no other."""
    if not found:
        return None
    told = " and ".join(f"{party.replace(':', ' ', 1)} {is_so}" for party, is_so in found.items())
    return Finding(told, waits_for=tuple(dict.fromkeys((*found, *keys))), path=" ".join(found), severity=severity)


class Saying(TypedDict, total=False):
    """What a rule says when it objects: what mends it, how strongly it objects, and whether somebody may release it."""

    remedy: Required[str]
    severity: Severity
    overridable: bool


def rule(code: str, number: str, kinds: frozenset[Kind] = ALL, **says: Unpack[Saying]) -> Callable[[Check], Rule]:
    """Make a rule of a function that returns a finding or nothing; it holds and cannot be released unless it says so."""

    def named(check: Check) -> Rule:
        return Rule(code, number, kinds, says.get("severity", "HOLD"), says.get("overridable", False), says["remedy"], check)

    return named
