"""The books as a whole: everything received is accounted for, debits equal credits, and who owes how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from adapters.cli.options import every_book_option, json_option, limit_option, store_option
from adapters.cli.output import amount, emit, show, table
from adapters.cli.readback import read_back
from adapters.errors import CheckFailed

if TYPE_CHECKING:
    from adapters.reconciliation import Account, Reconciliation
    from projections.ledger import BalanceRow

WORDS = {
    "RECEIVED": "received",
    "POSTED": "posted",
    "REQUIRES_ATTENTION": "held",
    "WAITING": "waiting",
    "ACCUMULATING": "accumulating",
    "EXCLUDED": "excluded",
    "CANCELLED": "cancelled",
    "REVERSED": "reversed",
}
BALANCE_COLUMNS = (
    ("book", "book"),
    ("account", "account"),
    ("party", "party"),
    ("debit ", "debit"),
    ("credit ", "credit"),
    ("balance ", "balance"),
    ("", "currency"),
)


@click.command()
@store_option
@every_book_option
@click.option("--by-day", is_flag=True, help="One account for each business day.")
@click.option(
    "--topic", is_flag=True, help="Hold the topics that are written against the log, and say again what is missing there."
)
@click.option("--dry-run", is_flag=True, help="With --topic: only compare.")
@json_option
def reconcile(book: str | None, by_day: bool, topic: bool, dry_run: bool, as_json: bool, store: str | None) -> None:
    """Account for everything that was received, in count and in amount. Exit code 3 when something does not add up.

    With --topic, read the topics that are written from their beginning, and compare every message with what the log says:
    its id, its bytes, its order. What is missing is said again with the bytes it had; consumers drop what they know by its id.
    """
    from adapters import settings, wiring
    from adapters.reconciliation import reconcile as reconciled

    if dry_run and not topic:
        raise click.UsageError("--dry-run goes with --topic; without it nothing is written anyway")
    if topic:
        if by_day:
            raise click.UsageError("--by-day does not go with --topic, which compares single messages")
        read_back(settings.read(store), book, dry_run=dry_run, as_json=as_json)
        return
    with wiring.opened(settings.read(store), book) as log:
        result = reconciled(log, book=book, by_day=by_day)
    if as_json:
        for account in result.accounts:
            emit(told(account))
        for fault in result.faults:
            emit({"fault": fault})
    else:
        click.echo("\n\n".join(text(account) for account in result.accounts) or "nothing was received yet")
        click.echo("")
        for line in verdicts(result):
            click.echo(line)
    if result.faults:
        raise CheckFailed("reconcile", "; ".join(result.faults), "run postgate verify to see where history and views part")


def text(account: Account) -> str:
    """Return one account as people read it: what was received, and every place where it is."""
    from adapters.reconciliation import STATES

    where = " ".join(part for part in (account.book, account.day, account.currency) if part)
    rows = [
        [WORDS[state], f"{account.counts.get(state, 0):,}", amount(account.gross.get(state, 0), account.currency)]
        for state in ("RECEIVED", *STATES)
        if state == "RECEIVED" or account.counts.get(state)
    ]
    return table(rows, [where, "documents ", "amount "])


def told(account: Account) -> dict[str, object]:
    """Return one account as a JSON object."""
    from schemas.values import major

    states = {
        word: {"documents": account.counts.get(state, 0), "amount": major(account.gross.get(state, 0), account.currency)}
        for state, word in WORDS.items()
    }
    adds_up = account.missing == (0, 0)
    return {"book": account.book, "day": account.day or None, "currency": account.currency, **states, "adds_up": adds_up}


def verdicts(result: Reconciliation) -> list[str]:
    """Return what was checked, or what was found."""
    if result.faults:
        return [f"WRONG  {fault}" for fault in result.faults]
    return [f"ok  {check}" for check in result.checks]


@click.command()
@store_option
@every_book_option
@click.option("--parties", is_flag=True, help="What each account customer owes, instead of the trial balance.")
@click.option("--account", metavar="ACCOUNT", help="Only this ledger account.")
@limit_option
@json_option
def balances(book: str | None, parties: bool, account: str | None, limit: int | None, as_json: bool, store: str | None) -> None:
    """Show the trial balance by ledger account and currency. Exit code 3 when debits and credits differ."""
    from adapters import settings, wiring
    from adapters.reconciliation import trial_faults
    from projections.ledger import BALANCES

    with wiring.opened(settings.read(store), book) as log, log.reading() as views:
        rows = list(views.find(BALANCES, {"book": book} if book else None))
    chosen = [row for row in rows if (not parties or row.party) and account in (None, row.account)]
    summed = trial(chosen, parties=parties)
    columns = BALANCE_COLUMNS if parties else tuple(column for column in BALANCE_COLUMNS if column[1] != "party")
    show(summed, columns, as_json=as_json, limit=limit, none="nothing was posted yet")
    faults = trial_faults(rows)
    if faults:
        raise CheckFailed("balances", "; ".join(faults), "run postgate verify to see where history and views part")
    if not as_json:
        click.echo("debits equal credits in every book and currency", err=True)


def trial(rows: Iterable[BalanceRow], *, parties: bool) -> list[Mapping[str, object]]:
    """Add up balances by ledger account and currency, or by party as well."""
    from schemas.values import major

    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for row in rows:
        sides = sums.setdefault((row.book, row.account, row.party if parties else "", row.currency), [0, 0])
        sides[0] += row.debit
        sides[1] += row.credit
    return [
        {
            "book": book,
            "account": account,
            **({"party": party} if parties else {}),
            "currency": currency,
            "debit": major(debit, currency),
            "credit": major(credit, currency),
            "balance": major(debit - credit, currency),
        }
        for (book, account, party, currency), (debit, credit) in sorted(sums.items())
    ]
