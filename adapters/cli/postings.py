"""Postings on the command line: the journals that went to the ledger, as rows, with lines, or as the messages consumers get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from adapters.cli.options import ROWS_SHOWN, every_book_option, json_option, limit_option, store_option
from adapters.cli.output import amount, show

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from engine.record import Happened
    from projections.ledger import PostingRow
    from schemas.events import DocumentDecided, PostingAuthorised

STREAMS_PER_QUERY_MAX = 500
COLUMNS = (
    ("number", "number"),
    ("kind", "kind"),
    ("date", "business_date"),
    ("period", "period"),
    ("account", "account"),
    ("total ", "total"),
    ("", "currency"),
    ("reversal", "reversal"),
    ("posting key", "posting_key"),
)


@click.command()
@store_option
@every_book_option
@click.option("--account", metavar="ACCOUNT", help="Only postings on this account customer.")
@click.option("--document", metavar="DOCUMENT", help="Only postings of this document or payment.")
@click.option("--kind", metavar="KIND", help="Only this kind of journal, such as INVOICE.")
@click.option("--period", metavar="PERIOD", help="Only postings in this period.")
@click.option("--lines", is_flag=True, help="Show the lines of every journal.")
@limit_option
@json_option
def postings(
    document: str | None, lines: bool, limit: int | None, as_json: bool, store: str | None, **wanted: str | None
) -> None:
    """List the journals that went to the ledger, in order. With --json, the messages that consumers get."""
    from adapters import settings, wiring
    from adapters.cli.choice import document_stream
    from projections.ledger import POSTINGS

    with wiring.opened(settings.read(store)) as log:
        where = {name: value.upper() if name == "kind" else value for name, value in wanted.items() if value is not None}
        if document is not None:
            where["stream"] = document_stream(log, document, wanted["book"])
        most = limit if limit is not None else 0 if as_json else ROWS_SHOWN
        with log.reading() as views:
            rows = list(views.find(POSTINGS, where, order=("book", "sequence"), limit=most + 1 if most else -1))
        chosen = rows[:most] if most else rows
        if as_json:
            for journal in journals(log, chosen):
                click.echo(journal.message())
        elif lines and chosen:
            click.echo("\n\n".join(journal.text() for journal in journals(log, chosen)))
            click.echo(
                f"the first {most}; --limit 0 shows all" if len(rows) > len(chosen) else "", err=True, nl=len(rows) > len(chosen)
            )
        else:
            show((told(row) for row in rows), COLUMNS, as_json=False, limit=most, none="no such posting")


def told(row: PostingRow) -> dict[str, object]:
    """Return a posting as a row of the table."""
    from schemas.values import major

    reversal = "of another" if row.reverses else "reversed" if row.reversed_by else None
    return {
        "number": row.number,
        "kind": row.kind,
        "business_date": row.business_date,
        "period": row.period,
        "account": row.account,
        "total": major(row.total, row.currency),
        "currency": row.currency,
        "reversal": reversal,
        "posting_key": row.posting_key,
    }


@dataclass(frozen=True, slots=True)
class Journal:
    """A posting as it was recorded, with the decision that allowed it."""

    row: PostingRow
    posting: Happened
    event: PostingAuthorised
    decision: Happened
    decided: DocumentDecided

    def message(self) -> str:
        """Return the message that consumers get, as one JSON object."""
        from schemas.outbound import Place
        from schemas.outbound import posting as announced

        cause = self.posting.cause
        place = Place(self.row.book, self.posting.key, self.posting.sequence, cause.at, cause.locator)
        return announced(self.event, place, self.decided, self.decision.position).structured().decode()

    def text(self) -> str:
        """Return the journal as people read it: a heading, and one line a side."""
        row = self.row
        undone = f"  reverses {row.reverses}" if row.reverses else "  (reversed since)" if row.reversed_by else ""
        head = f"{row.business_date}  {row.kind} {row.number}  {row.account}  {row.posting_key}{undone}"
        return "\n".join([head, *ledger_lines(self.event)])


def ledger_lines(event: PostingAuthorised) -> list[str]:
    """Return the lines of a journal, debits left and credits right."""
    lines = []
    for line in event.lines:
        shown = f"{amount(line.amount, event.currency)} {event.currency}"
        sides = f"{shown:>18}" if line.side == "D" else f"{'':18}{shown:>18}"
        party = f"  {line.party}" if line.party else ""
        lines.append(f"  {line.account:<12}{sides:<36}{party}".rstrip())
    return lines


def journals(log: Store, rows: Sequence[PostingRow]) -> Iterator[Journal]:
    """Yield the journals of postings, read from the records of their documents."""
    from adapters.auditing import histories
    from schemas.events import DocumentDecided, PostingAuthorised

    for start in range(0, len(rows), STREAMS_PER_QUERY_MAX):
        page = rows[start : start + STREAMS_PER_QUERY_MAX]
        by_key: dict[str, tuple[Happened, PostingAuthorised]] = {}
        decisions: dict[tuple[str, int], tuple[Happened, DocumentDecided]] = {}
        of: dict[str, tuple[Happened, DocumentDecided]] = {}
        for happened in histories(log, [row.stream for row in page], log.head()):
            event = happened.event
            if isinstance(event, DocumentDecided):
                decisions[happened.stream, event.version] = (happened, event)
            elif isinstance(event, PostingAuthorised):
                by_key[event.posting_key] = (happened, event)
                of[event.posting_key] = decisions[happened.stream, event.version]
        for row in page:
            yield Journal(row, *by_key[row.posting_key], *of[row.posting_key])
