"""Sweeping: what money and credits take from a member of a batch is taken from the batch, until the batch is taken back (J14).

A settlement names the member. While the member is billed, records without a journal carry it over to where the whole is
open; when the batch is taken back they are undone, and what was settled goes with the document wherever it posts next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decider import parts, stream
from engine.handling.booked import unbooked
from engine.record import shapes_of
from schemas.events import PostingAuthorised, Settled, SettlementBooked
from schemas.shape import Shape

if TYPE_CHECKING:
    from engine.handling.batch import Batch


_SETTLING = shapes_of(PostingAuthorised, SettlementBooked)


def settling(event: Shape) -> bool:
    """True for a record by which documents are settled."""
    if type(event) not in _SETTLING:
        return False
    return isinstance(event, PostingAuthorised | SettlementBooked) and bool(event.settles) and event.kind != "WITHDRAWAL"


def sweep(batch: Batch, name: str, event: Shape) -> None:
    """Carry over what was just settled of documents that are members of a batch."""
    book, noun, _ = parts(name)
    if not isinstance(event, PostingAuthorised | SettlementBooked):
        return
    if noun == "document" and isinstance(event, SettlementBooked):
        return  # It carries over, or undoes that.
    for part in event.settles:
        member = stream(book, "document", part.document)
        billed = batch.states.document(member).billed
        if billed is not None and billed.currency == event.currency:  # Money of before an amendment may be in another.
            _carry(batch, member, part.account or event.account, part.amount, part.base_amount)


def sweep_all(batch: Batch, name: str) -> None:
    """Carry over what was settled of a document before it became a member."""
    state, (book, _, key) = batch.states.document(name), parts(name)
    if state.billed is None or not (state.settled or state.credited):
        return
    known = batch.receivables.receivable(book, state.billed.account, key, state.billed.currency)
    if known is not None and (known.open or known.base_open):
        _carry(batch, name, state.billed.account, -known.open, -known.base_open)


def sweep_back(batch: Batch, name: str) -> None:
    """Give back to a member what was carried over to its batch."""
    for event in batch.states.document(name).swept:
        batch.record(name, unbooked(event))


def _carry(batch: Batch, name: str, account: str, amount: int, base_amount: int) -> None:
    state = batch.states.document(name)
    if state.billed is None or not state.frozen:
        return
    billed, key = state.billed, parts(name)[2]
    settles = [
        Settled(document=key, amount=-amount, base_amount=-base_amount),
        Settled(document=billed.receivable, amount=amount, base_amount=base_amount),
    ]
    event = SettlementBooked(
        account=account,
        kind=billed.kind,
        number=billed.number,
        date=billed.business_date,
        currency=billed.currency,
        amount=0,
        base_amount=0,
        settles=settles,
    )
    batch.record(name, event)
