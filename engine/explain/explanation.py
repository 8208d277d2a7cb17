"""Explain: one document, every rule with its verdict, the facts it looked at, and what would release it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.explain.supposing import World
from engine.explain.whatif import Release, what_if
from engine.facts.assembly import Moment, Owned, gather
from engine.firewall.credit import owing
from engine.firewall.facts import Facts
from engine.firewall.judge import Decision, judge, spoken
from engine.firewall.ranking import ranked
from engine.firewall.rulebook import RULES
from engine.states import States
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.links import Linked
from engine.streams.payments import Payment
from schemas.events import PostingAuthorised, Reason


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule said; `reason` is None where the rule agrees."""

    number: str
    rule: str
    code: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a document stands, why, on which facts, and what to do."""

    stream: str
    version: int
    decision: Decision
    verdicts: Sequence[RuleVerdict]
    facts: Sequence[tuple[str, str]]
    read: dict[str, int]
    postings: Sequence[PostingAuthorised]
    remedies: Sequence[str]
    release: Release | None = None


def explain(states: States, name: str, moment: Moment, owned: Owned, world: World | None = None) -> Explanation | None:
    """Explain a document as the states stand; None when there is nothing to judge.

    With a `world` to suppose facts in, it also finds the smallest set of them that would release the document.
    """
    state = states.of(name)[0]
    if not isinstance(state, Document | Payment | Charge) or state.content is None:
        return None
    facts, read = gather(states, name, moment, owned)
    decision = judge(facts)
    objections = {rule.name: reason for rule, reason in spoken(facts)}
    verdicts = [RuleVerdict(rule.number, rule.name, rule.code, objections.get(rule.name)) for rule in RULES]
    blocking = [reason for reason in ranked(decision.reasons) if reason.severity != "WARN"]
    return Explanation(
        stream=name,
        version=facts.subject.version,
        decision=decision,
        verdicts=verdicts,
        facts=_facts(facts),
        read=read,
        postings=state.postings,
        remedies=list(dict.fromkeys(reason.remedy for reason in blocking)),
        release=what_if(world) if world and decision.outcome not in ("POST", "ACCUMULATE") else None,
    )


def _facts(facts: Facts) -> list[tuple[str, str]]:
    """Return the facts a person asks for first, as pairs of name and text."""
    subject, sums, period = facts.subject, facts.subject.sums, facts.period
    told = [
        ("document", f"{subject.kind} {subject.document} version {subject.version}, number {subject.number}"),
        ("dated", f"{subject.date}, business date {subject.business_date}, period {period.name} {period.state}"),
        ("amounts", f"net {facts.told(sums.net)}, tax {facts.told(sums.tax)}, gross {facts.told(sums.gross)}"),
        ("settled", f"{facts.told(sums.tendered)} tendered, {facts.told(facts.paid)} by payments"),
        ("outstanding", facts.told(facts.outstanding)),
    ]
    for party in facts.parties:
        link = f"linked to {party.link.account}" if isinstance(party.link, Linked) else "not linked"
        known = party.customer.record.name if party.customer.record else "never registered"
        told.append(("customer", f"{party.id} ({known}), {link}"))
    if facts.anonymous:
        told.append(("customer", "none named"))
    return [*told, *_way(facts)]


def _way(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield where the document goes: account, class, shared debtor, or the posting it follows."""
    if facts.account_id:
        record = facts.account.record
        yield "account", f"{facts.account_id} ({record.name}, {record.status})" if record else f"{facts.account_id}, never opened"
    if facts.class_id:
        class_ = facts.class_.record
        known = f" version {class_.version}, {class_.behaviour}" if class_ else ", never defined"
        yield "class", f"{facts.class_id}{known}"
    if facts.exposure:
        yield "credit", owing(facts.exposure)
    if facts.generic_id:
        yield "shared debtor", facts.generic_id
    if facts.follows:
        yield "follows", f"posting {facts.follows.posting_key} on account {facts.follows.account}"
