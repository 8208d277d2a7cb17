"""Sums of money in views have no end: however much comes, every store keeps it, finds it and adds to it."""

from __future__ import annotations

import pytest

from adapters.eventlog.lookups import SqlLookups
from adapters.eventlog.store import Store
from adapters.ingest import Ingester
from adapters.owed import exposures
from engine.record import decode
from projections.completeness import COMPLETENESS
from projections.ledger import BALANCES
from projections.memory import MemoryViews
from projections.receivables import RECEIVABLES
from projections.views import VIEWS
from schemas.shape import Shape
from tests import said
from tests.contracts.batches import write
from tests.contracts.test_receivables import decided, happening, posted
from tests.given import Story

LARGEST = 2**63 - 1
"""What just fits into the integers of every database, and is more than one document can have."""


def told(store: Store, **events: Shape) -> None:
    """Record one event for each document, each in a transaction of its own: what was kept is read again and grows."""
    for each in happening([(f"shop|document|{name}", event) for name, event in events.items()]):
        write(store, [each])


@pytest.mark.parametrize("sign", [1, -1], ids=["debts", "credits"])
def test_a_sum_beyond_64_bits_is_kept_and_added_to(store: Store, sign: int) -> None:
    """Balances, receivables and completeness go on growing, and a replay comes to the same rows."""
    much = sign * LARGEST
    money = {f"p{n}": posted(f"{n}", "PAYMENT", much, on={"i1": -much}) for n in range(4)}
    waiting = {name: decided("WAITING", gross=LARGEST) for name in ("h1", "h2")}
    told(store, **money, **waiting, i9=posted("9", "INVOICE", 100))
    with store.reading() as views:
        (balance,) = views.find(BALANCES)
        owed = {row.document: (row.open, row.base_open) for row in views.find(RECEIVABLES, {"state": "OPEN"})}
        assert [row.gross for row in views.find(COMPLETENESS)] == [2 * LARGEST]
        found = {view.name: list(views.find(view)) for view in VIEWS}
    assert (balance.debit - balance.credit, balance.base_debit - balance.base_credit) == (4 * much + 100, 8 * much + 200)
    assert owed == {"i1": (4 * much, 8 * much), "i9": (100, 200)}
    anew = MemoryViews()
    anew.fold([decode(recorded) for recorded in store.read(0, 1_000)])
    assert found == {view.name: list(anew.rows(view)) for view in VIEWS}


@pytest.mark.slow
def test_many_invoices_of_the_largest_amount_do_not_stop_their_source(store: Store) -> None:
    """Each is within the contract, and together they are more than 64 bits; the source goes on behind them."""
    story, count = Story().shop(), 9_300
    invoices = [said.invoice(f"x{n}", "9999999999999.99").written("shop", f"x{n}") for n in range(count)]
    last = said.invoice("last", "1.00").written("shop", "last")
    came = Ingester(store, now=lambda: story.now).ingest("till", enumerate((*story.messages, *invoices, last), 1))
    assert came.codes == {"ACCEPTED": len(story.messages) + count + 1}
    with store.reading() as views:
        debits = {row.account: row.debit - row.credit for row in views.find(BALANCES)}
        gross = {row.state: row.gross for row in views.find(COMPLETENESS)}
    total = count * 999_999_999_999_999 + 100
    assert total > 2**63
    assert (debits, gross) == ({"1100": total, "4000": -total}, {"RECEIVED": total, "POSTED": total})


def test_look_ups_and_exposures_have_no_end_either(store: Store) -> None:
    """What an account owes is added up in whole integers, and one document may be beyond 64 bits by itself."""
    told(store, i1=posted("1", "INVOICE", 2**70), i2=posted("2", "INVOICE", LARGEST), i3=decided("WAITING", gross=2**65))
    with store.querying() as cursor:
        lookups = SqlLookups(cursor, store.dialect)
        owed = [(row.open, row.base_open) for row in lookups.receivables("shop", "acme")]
        first, waiting = lookups.receivable("shop", "acme", "i1", "USD"), [row.gross for row in lookups.pending("shop", "acme")]
    assert (owed, waiting) == ([(2**70, 2**71), (LARGEST, 2 * LARGEST)], [2**65])
    assert first is not None
    assert (first.amount, first.open) == (2**70, 2**70)
    assert exposures(store) == {("shop", "acme"): (2**71 + 2 * LARGEST, 2**65)}
