"""Transfers: said once, with the journals that stand."""

from __future__ import annotations

from engine.streams.transfers import TRANSFERS, Transfer
from schemas.inbound import BalanceTransferred
from tests.decisions.specification import Specification

TRANSFER = Specification(TRANSFERS)


def moved(*documents: str) -> BalanceTransferred:
    """Move documents from one account to another."""
    said = {"transfer": "t1", "date": "2026-03-10", "from_account": "acme", "to_account": "globex", "by": "ann"}
    return BalanceTransferred.model_validate({**said, "documents": list(documents)})


def test_a_transfer_is_recorded_once() -> None:
    """The same words again are no news."""
    assert TRANSFER.when(moved("i1")).then_it_is_recorded() == Transfer(moved("i1"))
    TRANSFER.given(moved("i1")).when(moved("i1")).then_nothing()


def test_a_transfer_of_other_documents_under_one_id_is_refused() -> None:
    """What was moved under an id stays what was moved."""
    TRANSFER.given(moved("i1")).when(moved("i2")).then_refused("TRANSFER_KNOWN")
