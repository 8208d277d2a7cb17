"""Billing dies: a process that is killed while it bills a batch, takes one back or closes a day has done nothing of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from adapters.reconciliation import reconcile
from projections.documents import DOCUMENTS
from schemas.values import instant
from tests.rules.accumulation import closed, jobs, run, sold, till, undo
from tests.simulation.conftest import Fresh
from tests.simulation.dying import killed, opened, take

NOW = instant("2026-03-10T12:00:00Z")
SEAMS = ("a fact decided, nothing that follows", "events appended", "some views folded", "all but the commit")
BATCH = jobs().invoice("i1").invoice("i2", "50.00")
DAY = sold(sold(till(), "i1"), "i2", "50.00")
WORDS = {
    "run": (tuple(BATCH.messages), run().written("shop", "do"), "POSTED"),
    "reverse": ((*BATCH.messages, run().written("shop", "did")), undo().written("shop", "do"), "ACCUMULATING"),
    "close": (tuple(DAY.messages), closed().written("shop", "do"), "POSTED"),
}
"""What was said before, what is said when the process dies, and where the documents are once it was heard."""


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("seam", SEAMS)
def test_billing_is_one_transaction(fresh: Fresh, tmp_path: Path, word: str, seam: str) -> None:
    """Killed half-way nothing of it is there; the next process does all of it, once."""
    before, said, after = WORDS[word]
    url, file = fresh(), tmp_path / "said.jsonl"
    file.write_bytes(said + b"\n")
    with closing(opened(url)) as log:
        take(log, NOW, before)
        head = log.head()
    assert killed(url, seam, NOW, file)
    with closing(opened(url)) as log:
        assert log.head() == head
        take(log, NOW, [said], log.source_position("till") + 1)
        with log.reading() as views:
            assert {row.document: row.state for row in views.find(DOCUMENTS)} == {"i1": after, "i2": after}
        assert reconcile(log).faults == []
        standing = log.head()
        take(log, NOW, [said], log.source_position("till") + 1)
        assert log.head() == standing
