"""The judgement: all rules speak, the strongest outcome wins, and any doubt is a hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.firewall.accumulation import accumulates, summarised
from engine.firewall.balance import journal_is_sound
from engine.firewall.facts import Facts
from engine.firewall.money import asked
from engine.firewall.rule import Rule
from engine.firewall.rulebook import RULES_OF
from engine.firewall.standing import debtor
from engine.firewall.waiting import waits_for
from engine.journal import Leg, legs
from engine.streams.release import PASSED, lets_pass
from schemas.events import Outcome, Reason, Route, State

_STATES: dict[Outcome, State] = {
    "POST": "POSTED",
    "ACCUMULATE": "ACCUMULATING",
    "EXCLUDE": "EXCLUDED",
    "WAIT": "WAITING",
    "HOLD": "REQUIRES_ATTENTION",
    "REJECT": "REQUIRES_ATTENTION",
}
_STRENGTH: tuple[Outcome, ...] = ("REJECT", "HOLD", "WAIT", "EXCLUDE")
_MEND_JOURNAL = "report this with the output of postgate explain: the rules allowed a journal that cannot stand"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the firewall says of a document: the outcome, why, what would change it, and its journals."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    waits_for: tuple[str, ...]
    route: Route | None
    legs: tuple[Leg, ...]

    @property
    def state(self) -> State:
        """The state the outcome puts the document in."""
        return _STATES[self.outcome]


def judge(facts: Facts, rules: Sequence[Rule] | None = None) -> Decision:
    """Return the decision for a document. Pure and total: the same facts give the same decision, for ever."""
    reasons = [reason for _, reason in spoken(facts, rules)]
    outcome = _strongest(reasons)
    allowed: tuple[Leg, ...] = ()
    doubtful = False
    if outcome in ("POST", "ACCUMULATE"):
        allowed, doubt = _journals(facts)
        if doubt is not None:
            doubtful = True
            reasons.append(doubt)
            outcome = _strongest(reasons)
        elif accumulates(facts):
            outcome = "ACCUMULATE"
    waits = waits_for(facts, outcome, reasons, doubtful=doubtful)
    return Decision(outcome, tuple(reasons), waits, route_of(facts), allowed if outcome == "POST" else ())


def spoken(facts: Facts, rules: Sequence[Rule] | None = None) -> list[tuple[Rule, Reason]]:
    """Return the rules that object, each with its reason; without `rules` those of its kind of subject are asked.

    A rule that fails objects by that: the gate fails closed (law 3).
    """
    known = RULES_OF[facts.subject.kind] if rules is None else rules
    found: list[tuple[Rule, Reason]] = []
    for rule in known if facts.sale else asked(facts, known):
        try:
            finding = rule.check(facts)
        except Exception as error:  # noqa: BLE001  Whatever a rule raises, the document must not pass.
            message = f"rule {rule.name} ({rule.number}) failed: {type(error).__name__}: {error}"
            found.append((rule, _doubt("RULE_ERROR", message, "report this; the document is judged anew after an upgrade")))
            continue
        if finding is not None:
            found.append((rule, _released(rule, rule.reason(finding), facts)))
    return found


def _released(rule: Rule, reason: Reason, facts: Facts) -> Reason:
    """Turn a reason that somebody with the role has released into a remark (P1)."""
    if rule.overridable and reason.severity != "WARN" and lets_pass(facts.released, reason):
        return reason.model_copy(update={"severity": "WARN", "message": f"{PASSED}{reason.message}"})
    return reason


def route_of(facts: Facts) -> Route | None:
    """Return where the class sends the document; a correction goes where its original went (K2)."""
    if facts.follows:
        return facts.follows.route
    if facts.subject.kind == "INTEREST":
        return "ACCOUNT"
    record = facts.class_.record
    if record is None or record.behaviour == "ASK":
        return None
    if record.behaviour == "ACCOUNT":
        return "ACCOUNT"
    return "SUMMARY" if summarised(facts) else "GENERIC"


def _journals(facts: Facts) -> tuple[tuple[Leg, ...], Reason | None]:
    """Build the journals and look at them once more; what cannot be built or does not balance is held."""
    if route_of(facts) is None:
        return (), _doubt("ROUTE_MISSING", "no class decides where the document posts", "assign a class to the account")
    try:
        built = legs(facts)
    except (ValueError, ArithmeticError, KeyError) as error:
        return (), _doubt("JOURNAL_IMPOSSIBLE", str(error), _MEND_JOURNAL)
    owed, opened = debtor(facts), facts.book.opened
    receivables = {owed.ledger_account if owed else "", opened.control_accounts.receivable if opened else ""}
    for leg in built:
        finding = journal_is_sound(leg, receivables, opened.policies.balance_by if opened else ())
        if finding:
            doubt = _doubt(finding.code or "UNBALANCED", finding.message, finding.remedy or _MEND_JOURNAL)
            return (), doubt.model_copy(update={"path": finding.path, "waits_for": list(finding.waits_for)})
    return built, None


def _doubt(code: str, message: str, remedy: str) -> Reason:
    return Reason(code=code, severity="HOLD", message=message, remedy=remedy)


def _strongest(reasons: Sequence[Reason]) -> Outcome:
    spoken = {reason.severity for reason in reasons}
    return next((outcome for outcome in _STRENGTH if outcome in spoken), "POST")
