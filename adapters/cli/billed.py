"""What a run billed, as people and programs read it: bills, members, what stayed behind, and what it let go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from adapters.cli.operating import tell, told
from adapters.cli.output import counted, emit, table

if TYPE_CHECKING:
    from adapters.operator import Done
    from schemas.billed import Billed, DocumentBilled
    from schemas.events import PostingAuthorised

Json = dict[str, object]
SHOWN = 20
STATES = ("ACCUMULATING", "REQUIRES_ATTENTION", "WAITING", "POSTED", "EXCLUDED", "REVERSED", "CANCELLED")
BILL_COLUMNS = (("number", "number"), ("account", "account"), ("kind", "kind"), ("documents ", "documents"), ("gross ", "gross"))


def tell_run(what: str, done: Done, book: str, *, dry: bool, as_json: bool) -> None:
    """Print what a batch run or the close of a day did, or would do."""
    bills, members, billed = _bills(done), _members(done), _billed(done)
    unresolved = list(billed.unresolved) if billed else []
    if as_json:
        emit(
            {
                "book": book,
                "dry_run": dry,
                "code": done.code,
                "bills": bills,
                "members": members,
                **_came_to(billed),
                **told(done.effect),
            }
        )
        return
    if not done.is_news:
        click.echo(f"{what}: it is so already; nothing changes")
        return
    click.echo(f"{what}: {'nothing is kept' if dry else 'done'}")
    if bills:
        cells = [[_cell(bill, key) for _, key in BILL_COLUMNS] for bill in bills]
        click.echo(table(cells, [heading for heading, _ in BILL_COLUMNS]))
    _few("member", [f"{m['document']:<24} {m['business_date']} {m['gross']:>14} {m['currency']}" for m in members])
    _few("document stays behind, held or waiting", unresolved, plural="documents stay behind, held or waiting")
    for reason in billed.reasons if billed else []:
        click.echo(f"{reason.code}: {reason.message}")
    if done.effect.released:
        tell(done.effect, dry=dry)


def tell_reversal(what: str, done: Done, book: str, *, dry: bool, as_json: bool) -> None:
    """Print where the members of a batch are after it was taken back."""
    from schemas.billed import DocumentUnbilled

    freed = [each.key for each in done.happened if isinstance(each.event, DocumentUnbilled)]
    after = {move.stream.split("|")[2]: move.after for move in done.effect.moves(("POSTED", "REQUIRES_ATTENTION"), STATES)}
    if as_json:
        emit(
            {"book": book, "dry_run": dry, "code": done.code, "members": [{"document": k, "state": after.get(k)} for k in freed]}
        )
        return
    if not done.is_news:
        click.echo(f"{what}: it is so already; nothing changes")
        return
    click.echo(f"{what}: {'nothing is kept' if dry else 'done'}")
    _few(
        "member is free again", [f"{name:<24} {after.get(name, '')}".rstrip() for name in freed], plural="members are free again"
    )


def _few(noun: str, lines: Sequence[str], plural: str | None = None) -> None:
    if not lines:
        return
    head = counted(len(lines), noun) if plural is None or len(lines) == 1 else f"{len(lines):,} {plural}"
    click.echo(head)
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  and {len(lines) - SHOWN:,} more")


def _cell(bill: Json, key: str) -> str:
    return f"{bill['gross']} {bill['currency']}" if key == "gross" else str(bill[key])


def _bills(done: Done) -> list[Json]:
    from schemas.events import PostingAuthorised, PostingReversed
    from schemas.values import major

    postings = [e.event for e in done.happened if isinstance(e.event, PostingAuthorised) and e.event.sources]
    return [
        {
            "number": posting.number,
            "account": posting.account,
            "kind": posting.kind,
            "class": posting.class_,
            "period": posting.period,
            "due_date": posting.due_date,
            "documents": len(posting.sources),
            "currency": posting.currency,
            "gross": major(_owed(posting), posting.currency),
            "posting_key": posting.posting_key,
        }
        for posting in postings
        if not isinstance(posting, PostingReversed)
    ]


def _owed(posting: PostingAuthorised) -> int:
    """Return what a bill asks for or a settlement pays: its receivable, without a sign."""
    return abs(sum(line.amount if line.side == "D" else -line.amount for line in posting.lines if line.party))


def _members(done: Done) -> list[Json]:
    from schemas.billed import DocumentBilled

    return [_member(e.key, e.event) for e in done.happened if isinstance(e.event, DocumentBilled)]


def _member(document: str, event: DocumentBilled) -> Json:
    from schemas.values import major

    return {
        "document": document,
        "number": event.number,
        "kind": event.kind,
        "business_date": event.business_date,
        "currency": event.currency,
        "gross": major(event.gross, event.currency),
        "posting_key": event.posting_key,
    }


def _billed(done: Done) -> Billed | None:
    from schemas.billed import Billed

    return next((each.event for each in done.happened if isinstance(each.event, Billed)), None)


def _came_to(billed: Billed | None) -> Json:
    if billed is None:
        return {"unresolved": [], "reasons": []}
    reasons: Iterable[Json] = [{"code": r.code, "message": r.message, "remedy": r.remedy, "path": r.path} for r in billed.reasons]
    return {"unresolved": list(billed.unresolved), "reasons": list(reasons)}
