"""Reversals: what leaves the ledger with a document: its own journals, what deposits paid on it, what was transferred of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decider import parts, stream
from engine.handling.booked import unbooked
from engine.postings import reversed_posting
from engine.streams.applications import document_of
from engine.streams.documents import Document
from engine.streams.payments import Payment
from engine.streams.transfers import Transfer

if TYPE_CHECKING:
    from engine.handling.batch import Batch


def stands_free(state: object) -> bool:
    """True for a document that has nothing in the ledger, and that nothing was paid on."""
    return isinstance(state, Document) and not (state.posted or state.moved or state.settled)


def take_back(batch: Batch, name: str) -> None:
    """Take every journal of a document or payment that stands out of the ledger again."""
    state = batch.states.of(name)[0]
    if isinstance(state, Document):
        _transfers(batch, name, state)
    if isinstance(state, Document | Payment):
        for posting in state.postings:
            _reverse(batch, name, posting.leg)
    if isinstance(state, Payment) and state.booked is not None:
        batch.record(name, unbooked(state.booked))


def give_back(batch: Batch, name: str) -> tuple[str, ...]:
    """Free what deposits paid on a document that stands no more, and return the deposits, which may be applied anew (L2)."""
    book, _, key = parts(name)
    freed = []
    for payment in batch.states.document(name).settled:
        deposit = stream(book, "payment", payment)
        legs = [posting.leg for posting in batch.states.payment(deposit).postings if document_of(posting.leg) == key]
        for leg in legs:
            _reverse(batch, deposit, leg)
        freed += [deposit] if legs else []
    return tuple(freed)


def _transfers(batch: Batch, name: str, state: Document) -> None:
    """What was moved of a document goes back to where its own journal will be reversed (O7)."""
    book, _, key = parts(name)
    for moved in reversed(state.moved):
        transfer = stream(book, "transfer", moved.transfer)
        for leg in batch.states.transfer(transfer).legs(key):
            _reverse(batch, transfer, leg)


def _reverse(batch: Batch, name: str, leg: str) -> None:
    state = batch.states.of(name)[0]
    postings = state.postings if isinstance(state, Document | Payment | Transfer) else ()
    book = parts(name)[0]
    for posting in postings:
        if posting.leg == leg:
            batch.record(name, reversed_posting(batch.states.book(book), name, posting, batch.today(book)))
