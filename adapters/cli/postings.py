"""Postings on the command line: the journals that went to the ledger, as rows, with lines, or as the messages consumers get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import click

from adapters.cli.options import ROWS_SHOWN, every_book_option, json_option, limit_option, store_option
from adapters.cli.output import amount, show

if TYPE_CHECKING:
    from adapters.cli.deliveries import Answered, Asked
    from adapters.eventlog.store import Store
    from projections.ledger import PostingRow
    from schemas.events import PostingAuthorised
    from schemas.outbound import Announcement

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
@click.option("--target", metavar="TARGET", help="Only postings that this accounting system answered, or should.")
@click.option(
    "--delivery",
    type=click.Choice(("PENDING", "UNKNOWN", "CONFIRMED", "FAILED", "DRIFTED", "STOPPED"), case_sensitive=False),
    help="Only postings that stand so with a target.",
)
@click.option("--older-than", metavar="AGE", help="Only postings recorded before this long: 90s, 30m, 12h, 2d, 1w.")
@click.option("--lines", is_flag=True, help="Show the lines of every journal.")
@click.option("--deliveries", is_flag=True, help="With --json: each message in an object beside the answers to it.")
@limit_option
@json_option
def postings(
    document: str | None,
    lines: bool,
    deliveries: bool,
    limit: int | None,
    as_json: bool,
    store: str | None,
    target: str | None,
    delivery: str | None,
    older_than: str | None,
    **wanted: str | None,
) -> None:
    """List the journals that went to the ledger, in order. With --json, the messages that consumers get.

    Whoever stands in POSTGATE_TARGETS should answer each posting with posting.acknowledged or posting.refused; until then
    it is PENDING there.
    """
    from adapters import settings, wiring
    from adapters.cli.choice import document_stream
    from adapters.cli.deliveries import Asked

    in_force = settings.read(store)
    asked = Asked(in_force.expected_targets, target, delivery.upper() if delivery else None, older_than)
    with wiring.opened(in_force, wanted["book"]) as log:
        where = {name: value.upper() if name == "kind" else value for name, value in wanted.items() if value is not None}
        if document is not None:
            where["stream"] = document_stream(log, document, wanted["book"])
        most = limit if limit is not None else 0 if as_json else ROWS_SHOWN
        found = _found(log, where, asked, most)
        if as_json:
            _print_json(log, found[:most] if most else found, deliveries=deliveries)
        elif lines and found:
            _print_lines(log, found, most)
        else:
            _print_table(log, found, most)


def _found(log: Store, where: dict[str, str], asked: Asked, most: int) -> list[Answered]:
    """Return the postings that are wanted, one more than are shown."""
    from adapters.cli.deliveries import answered
    from projections.ledger import POSTINGS

    limit = most + 1 if most and asked.is_any else -1
    with log.reading() as views:
        rows = list(views.find(POSTINGS, where, order=("book", "sequence"), limit=limit))
    return list(islice(answered(log, rows, asked), most + 1 if most else None))


def _print_json(log: Store, found: Sequence[Answered], *, deliveries: bool) -> None:
    from adapters.cli.deliveries import envelope

    for journal, each in zip(journals(log, [each.row for each in found]), found, strict=True):
        click.echo(envelope(log, journal.message(), each) if deliveries else journal.message())


def _print_lines(log: Store, found: Sequence[Answered], most: int) -> None:
    chosen = [each.row for each in found][: most or None]
    click.echo("\n\n".join(journal.text() for journal in journals(log, chosen)))
    more = len(found) > len(chosen)
    click.echo(f"the first {most}; --limit 0 shows all" if more else "", err=True, nl=more)


def _print_table(log: Store, found: Sequence[Answered], most: int) -> None:
    """Print rows; where nobody answered and nobody should, nothing is said of it."""
    from adapters.cli.deliveries import cell, remedies

    spoken = any(each.said for each in found)
    columns = (*COLUMNS[:-1], ("delivery", "delivery"), COLUMNS[-1]) if spoken else COLUMNS
    rows = ({**told(each.row), "delivery": cell(log, each)} for each in found)
    show(rows, columns, as_json=False, limit=most, none="no such posting")
    for reason, remedy in remedies(found).items():
        click.echo(f"{reason}: {remedy}", err=True)


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
    """A posting as it was recorded, and as the world is told of it."""

    row: PostingRow
    event: PostingAuthorised
    told: Announcement

    def message(self) -> str:
        """Return the message that consumers get, as one JSON object."""
        return self.told.structured().decode()

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
    from adapters.announcing import Authorities, announcement
    from adapters.auditing import histories
    from schemas.events import PostingAuthorised

    for start in range(0, len(rows), STREAMS_PER_QUERY_MAX):
        page = rows[start : start + STREAMS_PER_QUERY_MAX]
        authorities = Authorities()
        told: dict[str, tuple[PostingAuthorised, Announcement]] = {}
        for happened in histories(log, [row.stream for row in page], log.head()):
            authorities.hear(happened)
            if isinstance(happened.event, PostingAuthorised):
                said = announcement(happened, authorities)
                if said is not None:
                    told[happened.event.posting_key] = (happened.event, said)
        for row in page:
            yield Journal(row, *told[row.posting_key])
