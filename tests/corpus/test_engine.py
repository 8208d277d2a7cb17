"""The hostile orders, through the whole engine: the receipt and the reason that the table says, and nothing else lost."""

from __future__ import annotations

import pytest

from adapters.eventlog.memory import MemoryLog
from adapters.ingest import Ingester
from projections.documents import DOCUMENTS
from schemas.values import instant
from tests.corpus.case import Case
from tests.corpus.cases import CASES
from tests.corpus.messages import SETTING

NOW = instant("2026-02-01T12:00:00Z")
STATES = {"HOLD": "REQUIRES_ATTENTION", "WAIT": "WAITING"}


def run(*messages: bytes) -> MemoryLog:
    """Take messages in, one after the other, into a book in which the plain invoice would post."""
    log = MemoryLog()
    for position, raw in enumerate(messages, 1):
        Ingester(log, now=lambda: NOW).ingest("corpus", [(position, raw)])
    return log


@pytest.mark.parametrize("case", [case for case in CASES if case.headers is None], ids=lambda case: f"{case.row}-{case.name}")
def test_every_message_has_the_receipt_of_the_table(case: Case) -> None:
    """Each input of the corpus, whatever stands before it, has one receipt, with the verdict of its row (binary mode: Kafka)."""
    messages = (*SETTING, *case.before, case.raw)
    log = run(*messages)
    receipt = log.receipts["corpus", len(messages)]
    assert len(log.receipts) == len(messages)
    if case.verdict == "POST":
        assert receipt.verdict == "ACCEPTED"
        assert [row.state for row in log.views.rows(DOCUMENTS)] == ["REVERSED", "POSTED"]
    elif case.verdict in STATES:
        wanted = case.rulebook or case.code
        held = [row for row in log.views.rows(DOCUMENTS) if wanted in row.codes.split()]
        assert receipt.verdict == "ACCEPTED"
        assert [row.state for row in held] == [STATES[case.verdict]]
    else:
        assert receipt.verdict == case.verdict
        assert receipt.code == (case.rulebook or case.code or "ACCEPTED")
