"""The demo: a week of sales comes in, the firewall decides, five customers are linked, and the books are shown to add up."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.documents import by_reason, found, total
from adapters.cli.options import json_option
from adapters.cli.output import amounts, documents, emit, exact, grouped, table

if TYPE_CHECKING:
    from adapters.effects import Effect
    from adapters.eventlog.store import Store
    from projections.documents import DocumentRow

BOOK = "grocer"
LINKED = 5
MEANINGS = {
    "LINK_MISSING": "nobody owes it yet",
    "CLASS_MISSING": "no posting rules yet",
    "ANONYMOUS_NO_DEFAULT": "who bought it?",
    "PAYMENT_REQUIRED_FOR_GENERIC": "unpaid, shared debtor",
    "ZERO_VALUE": "nothing to book",
}


@dataclass(frozen=True, slots=True)
class Linked:
    """A customer who was given an account, and what that released."""

    customer: str
    account: str
    effect: Effect


@click.command()
@click.option("--store", metavar="URL", help="Keep the demo here instead of in a fresh temporary folder.")
@json_option
def demo(store: str | None, as_json: bool) -> None:
    """Run the main job on a bundled week of sales: ingest, hold, link, release, explain, balance, reconcile."""
    from adapters import settings, wiring

    url = store or f"sqlite:///{Path(tempfile.mkdtemp(prefix='postgate-demo-')) / 'postgate.db'}"
    in_force = settings.read(url)
    wiring.migrated(in_force)
    with wiring.opened(in_force) as log:
        facts, sales = _ingested(log, "setup.jsonl"), _ingested(log, "sales.jsonl")
        before = _rows(log)
        linked = _link_the_largest(log, before)
        if as_json:
            emit(_as_object(log, wiring.without_password(url), before, linked))
            return
        for paragraph in (
            _arrived(facts, sales, before),
            _decided(before),
            _released(linked),
            _sample(log),
            _books(log),
            _next(wiring.without_password(url), log),
        ):
            click.echo("\n".join(paragraph) + "\n")


def _ingested(log: Store, name: str) -> int:
    """Take in one bundled file and return how many lines it has."""
    from adapters.cli.taking import take
    from adapters.ingest import Ingester

    with as_file(files("adapters.demo") / name) as path:
        return take(log, Ingester(log), str(path)).lines


def _rows(log: Store) -> Mapping[str, Sequence[DocumentRow]]:
    """Return all documents by their state."""
    rows: dict[str, list[DocumentRow]] = {"POSTED": [], "REQUIRES_ATTENTION": []}
    with log.reading() as views:
        for row in found(views, {"book": BOOK}):
            rows.setdefault(row.state, []).append(row)
    return rows


def _link_the_largest(log: Store, rows: Mapping[str, Sequence[DocumentRow]]) -> list[Linked]:
    """Give the customers with the most held money an account of their own, with the class HOUSE."""
    from adapters.operator import Operator

    owed: dict[str, int] = {}
    for row in rows["REQUIRES_ATTENTION"]:
        if row.customer and "LINK_MISSING" in row.codes.split():
            owed[row.customer] = owed.get(row.customer, 0) + row.gross
    operator, linked = Operator(log), []
    for customer in sorted(owed, key=lambda customer: (-owed[customer], customer))[:LINKED]:
        named = customer.removeprefix("hh-")
        account = f"debtor-{named}"
        opened = {"account": account, "version": 1, "name": f"Household {named}", "ledger_account": "1100", "currency": "USD"}
        operator.say("account.opened", BOOK, opened)
        operator.classify(BOOK, account, "HOUSE")
        linked.append(Linked(customer, account, operator.link(BOOK, {"customer": customer, "account": account}).effect))
    return linked


def _arrived(facts: int, sales: int, rows: Mapping[str, Sequence[DocumentRow]]) -> Iterator[str]:
    everything = [row for some in rows.values() for row in some]
    yield "POSTGATE DEMO: one week in five grocery stores"
    yield "Simulated sales based on real shopping patterns; adapters/demo/ORIGIN.md."
    yield ""
    yield f"1. What happened comes in: {facts:,} facts about customers, accounts and classes,"
    yield f"   and {sales:,} sales of {amounts(total(everything))}."


def _decided(rows: Mapping[str, Sequence[DocumentRow]]) -> Iterator[str]:
    posted, held = rows["POSTED"], rows["REQUIRES_ATTENTION"]
    yield "2. The firewall judges every sale. Only what it allows reaches the ledger:"
    yield f"   posted  {documents(len(posted)):>14}  {amounts(total(posted)):>14}"
    yield f"   held    {documents(len(held)):>14}  {amounts(total(held)):>14}"
    yield ""
    yield "   Why they are held (see also: postgate held):"
    groups = by_reason(held)
    cells = [
        [str(g["reason"]), str(g["documents"]), grouped(str(g["amount"])), MEANINGS.get(str(g["reason"]), "")] for g in groups
    ]
    yield from _indented(table(cells, ["reason", "documents ", "USD ", "in short"]))


def _released(linked: Sequence[Linked]) -> Iterator[str]:
    from adapters.effects import Effect
    from adapters.effects import total as added

    yield f"3. The {len(linked)} customers with the most held money get an account, a class and a"
    yield "   link. A link releases exactly what waited for it, in the same transaction:"
    yield "   (by hand: postgate link CUSTOMER ACCOUNT)"
    everything = Effect()
    for each in linked:
        sums = added(each.effect.released)
        yield f"   {each.customer}  released {documents(sums.documents):>12}  {amounts(sums.amounts):>14}"
        everything.join(each.effect)
    sums = added(everything.released)
    yield f"   {'together':<15}  released {documents(sums.documents):>12}  {amounts(sums.amounts):>14}"


def _sample(log: Store) -> Iterator[str]:
    """Explain the first document that is still held because its account has no class."""
    from adapters.cli.explaining import look, text

    with log.reading() as views:
        row = next(found(views, {"book": BOOK, "state": "REQUIRES_ATTENTION"}, "CLASS_MISSING"))
    yield "4. Ask why a sale is held, and get every rule's answer:"
    yield f"   $ postgate explain {row.document}"
    yield from (f"   {line}" for line in text(look(log, row.stream, log.head())))


def _books(log: Store) -> Iterator[str]:
    from adapters.cli.ledger import text, trial, verdicts
    from adapters.reconciliation import reconcile
    from projections.ledger import BALANCES

    yield "5. The ledger balances, and everything received is accounted for:"
    yield "   Trial balance in USD (see also: postgate balances):"
    with log.reading() as views:
        rows = trial(views.find(BALANCES, {"book": BOOK}), parties=False)
    cells = [[str(row["account"]), *(grouped(str(row[side])) for side in ("debit", "credit", "balance"))] for row in rows]
    yield from _indented(table(cells, ["account", "debit ", "credit ", "balance "]))
    yield ""
    yield "   Reconciliation (see also: postgate reconcile --by-day):"
    result = reconcile(log, book=BOOK)
    for account in result.accounts:
        yield from _indented(text(account))
    yield from (f"   {line}" for line in verdicts(result))


def _next(url: str, log: Store) -> Iterator[str]:
    with log.reading() as views:
        row = next(found(views, {"book": BOOK, "state": "REQUIRES_ATTENTION"}, "CLASS_MISSING"))
    yield "6. Try next, on this store:"
    yield f"   export POSTGATE_STORE={url}"
    yield f"   postgate classify {row.account} HOUSE --dry-run"
    yield "   postgate held --by wait --limit 10"
    yield "   postgate postings --lines --limit 3"
    yield "   postgate verify"


def _indented(text: str) -> Iterator[str]:
    yield from (f"   {line}".rstrip() for line in text.splitlines())


def _as_object(log: Store, url: str, before: Mapping[str, Sequence[DocumentRow]], linked: Sequence[Linked]) -> dict[str, object]:
    from adapters.cli.operating import told
    from adapters.reconciliation import reconcile

    held = before["REQUIRES_ATTENTION"]
    return {
        "store": url,
        "posted": {"documents": len(before["POSTED"]), "amounts": exact(total(before["POSTED"]))},
        "held": {"documents": len(held), "amounts": exact(total(held)), "by_reason": by_reason(held)},
        "links": [{"customer": each.customer, "account": each.account, **told(each.effect)} for each in linked],
        "faults": reconcile(log, book=BOOK).faults,
    }
