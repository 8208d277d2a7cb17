"""Explaining one document: where it stands and why, what every rule says, what happened to it, and what would release it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from adapters.cli.options import as_of_option, book_option, json_option, store_option
from adapters.cli.output import amount, emit
from adapters.errors import NotFound

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from engine.explain.explanation import Explanation
    from engine.explain.whatif import Release
    from engine.record import Happened
    from schemas.events import DocumentDecided, PostingAuthorised, Reason

WIDTH = 77


@dataclass(frozen=True, slots=True)
class Told:
    """A document at a position: its history until then, and the judgement of the facts as they stood."""

    stream: str
    position: int
    history: Sequence[Happened]
    explanation: Explanation | None

    @property
    def decided(self) -> DocumentDecided | None:
        """What was decided last."""
        from schemas.events import DocumentDecided

        return next((h.event for h in reversed(self.history) if isinstance(h.event, DocumentDecided)), None)

    @property
    def state(self) -> str:
        """Where the document stood."""
        from schemas.events import DocumentDecided, DocumentSuperseded

        events = [h.event for h in self.history if isinstance(h.event, DocumentDecided | DocumentSuperseded)]
        return events[-1].state if events else "RECEIVED"

    @property
    def standing(self) -> list[PostingAuthorised]:
        """The postings in force."""
        from schemas.events import PostingAuthorised, PostingReversed

        said = [h.event for h in self.history if isinstance(h.event, PostingAuthorised)]
        undone = {event.reverses for event in said if isinstance(event, PostingReversed)}
        return [event for event in said if event.posting_key not in undone and not isinstance(event, PostingReversed)]


@click.command()
@click.argument("document")
@as_of_option
@click.option("--all-rules", is_flag=True, help="Also the rules that agree.")
@book_option
@json_option
@store_option
def explain(document: str, as_of: str | None, all_rules: bool, book: str | None, as_json: bool, store: str | None) -> None:
    """Tell why a document or payment stands where it does. DOCUMENT is an id, `payment:ID`, or a number."""
    from adapters import settings, wiring
    from adapters.cli import choice

    with wiring.opened(settings.read(store), book) as log:
        told = look(log, choice.document_stream(log, document, book), choice.position(log, as_of))
    if as_json:
        emit(as_object(told))
    else:
        click.echo("\n".join(text(told, all_rules=all_rules)))


def look(log: Store, stream: str, position: int) -> Told:
    """Return a document as it stood at a position."""
    from adapters import auditing

    history = auditing.histories(log, [stream], position)
    if not history:
        raise NotFound(stream.split("|")[2], f"was not there yet at position {position}", "name a later moment")
    return Told(stream, position, history, auditing.explain_stream(log, stream, position))


def text(told: Told, *, all_rules: bool = False) -> Iterator[str]:
    """Yield an explanation as people read it."""
    from engine.firewall.ranking import ranked

    decided, key = told.decided, told.stream.split("|")[2]
    if decided:
        worth = f"{amount(decided.gross, decided.currency)} {decided.currency}"
        number = f", number {decided.number}" if decided.number != key else ""
        yield f"{decided.kind} {key} version {decided.version}{number}: {worth} of {decided.business_date}"
    yield f"state      {told.state} at position {told.position:,}"
    for reason in ranked(decided.reasons) if decided and told.state == decided.state else []:
        yield from wrap(
            f"{reason.code}: {reason.message}",
            WIDTH,
            initial_indent="reason     ",
            subsequent_indent=" " * 11,
            break_on_hyphens=False,
        )
    keys = waited_for(decided) if decided and told.state == decided.state else []
    yield from wrap(", ".join(keys), WIDTH, initial_indent="waits for  ", subsequent_indent=" " * 11, break_on_hyphens=False)
    for posting in told.standing:
        from adapters.cli.postings import ledger_lines

        yield f"posted     {posting.posting_key} on {posting.account}, period {posting.period}"
        yield from ledger_lines(posting)
    if told.explanation:
        yield from _judgement(told, told.explanation, all_rules=all_rules)
    yield "history"
    for happened in told.history:
        yield f"  {_when(happened)}  {what(happened)}{f'  by {happened.cause.actor}' if happened.is_fact else ''}"


def waited_for(decided: DocumentDecided) -> list[str]:
    """Return what would mend a document: the keys its reasons name, else all it is indexed by."""
    named = dict.fromkeys(key for reason in decided.reasons if reason.severity != "WARN" for key in reason.waits_for)
    return list(named or decided.waits_for)


def _judgement(told: Told, explanation: Explanation, *, all_rules: bool) -> Iterator[str]:
    yield "facts"
    for name, fact in explanation.facts:
        if name not in ("document", "amounts"):
            yield from wrap(fact, WIDTH, initial_indent=f"  {name:<14}", subsequent_indent=" " * 16, break_on_hyphens=False)
    spoken = [verdict for verdict in explanation.verdicts if verdict.reason is not None or all_rules]
    agreed = sum(verdict.reason is None for verdict in explanation.verdicts)
    yield f"rules      {agreed} agree, {len(explanation.verdicts) - agreed} object"
    for verdict in spoken:
        said = f"{verdict.reason.severity} {verdict.reason.code}" if verdict.reason else "agrees"
        yield f"  {verdict.number:<4} {verdict.rule:<38} {said}"
    if told.state not in ("POSTED", "ACCUMULATING") and explanation.remedies:
        yield "how to mend it"
        for remedy in explanation.remedies:
            yield f"  {remedy}"
    elif told.state in ("REQUIRES_ATTENTION", "WAITING") and explanation.decision.outcome == "POST":
        yield "judged now, it would post"
    if explanation.release:
        yield from _release(explanation.release)


def _release(release: Release) -> Iterator[str]:
    """Yield the smallest set of facts that would release it, each as a sentence and as the command or message that says it."""
    if release.facts:
        yield "what would release it" if release.complete else "what would help"
    for fact in release.facts:
        yield f"  {fact.sentence}"
        yield f"    {fact.command or json.dumps({'type': fact.type, 'data': fact.shown}, ensure_ascii=False)}"
    if release.left:
        yield f"no fact that we know of takes away {', '.join(dict.fromkeys(reason.code for reason in release.left))}"


def _when(happened: Happened) -> str:
    from adapters import clock

    return f"{happened.position:>8,}  {clock.text(happened.cause.at)}"


def what(happened: Happened) -> str:
    """Return an event of a document's history in a few words."""
    from schemas.events import (
        DocumentBilled,
        DocumentDecided,
        DocumentSuperseded,
        DocumentUnbilled,
        PostingAuthorised,
        PostingReversed,
    )

    event = happened.event
    match event:
        case DocumentDecided():
            codes = " ".join(dict.fromkeys(reason.code for reason in event.reasons))
            return f"decided {event.outcome}{f' for {codes}' if codes else ''}"
        case PostingReversed():
            return f"posting {event.reverses} reversed"
        case PostingAuthorised():
            return f"posting {event.posting_key} authorised"
        case DocumentSuperseded():
            return f"version {event.version} {event.state.lower()}"
        case DocumentBilled():
            return f"part of {event.route.lower()} {event.batch}, posting {event.posting_key}"
        case DocumentUnbilled():
            return f"no more part of {event.route.lower()} {event.batch}"
    version = getattr(event, "version", None)
    return f"{type(event).__name__}{f' version {version}' if version else ''}"


def as_object(told: Told) -> dict[str, object]:
    """Return an explanation as a JSON object."""
    from engine.firewall.ranking import ranked
    from schemas.values import major

    book, noun, key = told.stream.split("|")
    decided, explanation = told.decided, told.explanation
    return {
        "book": book,
        noun: key,
        "position": told.position,
        "state": told.state,
        "kind": decided.kind if decided else None,
        "version": decided.version if decided else None,
        "currency": decided.currency if decided else None,
        "gross": major(decided.gross, decided.currency) if decided else None,
        "reasons": [_reason(reason) for reason in ranked(decided.reasons)] if decided else [],
        "waits_for": waited_for(decided) if decided else [],
        "facts": [{"name": name, "fact": fact} for name, fact in explanation.facts] if explanation else [],
        "read": explanation.read if explanation else {},
        "rules": [
            {"number": v.number, "rule": v.rule, "code": v.code, "reason": _reason(v.reason) if v.reason else None}
            for v in (explanation.verdicts if explanation else ())
        ],
        "remedies": list(explanation.remedies) if explanation else [],
        "release": _as_release(explanation.release) if explanation and explanation.release else None,
        "outcome_now": explanation.decision.outcome if explanation else None,
        "postings": [_posting(posting) for posting in told.standing],
        "history": [_event(happened) for happened in told.history],
    }


def _as_release(release: Release) -> dict[str, object]:
    facts = [{"told": fact.sentence, "type": fact.type, "data": fact.shown, "command": fact.command} for fact in release.facts]
    return {"complete": release.complete, "facts": facts, "left": [reason.code for reason in release.left]}


def _reason(reason: Reason) -> dict[str, object]:
    return reason.model_dump(exclude_defaults=True)


def _event(happened: Happened) -> dict[str, object]:
    from adapters import clock

    return {
        "position": happened.position,
        "time": clock.text(happened.cause.at),
        "kind": happened.kind,
        "told": what(happened),
        "actor": happened.cause.actor,
        "locator": happened.cause.locator,
    }


def _posting(event: PostingAuthorised) -> dict[str, object]:
    from schemas.values import major

    return {
        "posting_key": event.posting_key,
        "account": event.account,
        "period": event.period,
        "currency": event.currency,
        "lines": [
            {"account": line.account, "side": line.side, "amount": major(line.amount, event.currency), "party": line.party}
            for line in event.lines
        ],
    }
