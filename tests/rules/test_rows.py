"""Every row of the rulebook is told in a test, or left for later with a reason."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from adapters.eventlog.memory import MemoryLog
from engine.firewall.rulebook import RULES
from projections.completeness import COMPLETENESS, CompletenessRow
from projections.ledger import BALANCES, BalanceRow
from tests.given import Story
from tests.invariants import Watch, conserved, unbalanced
from tests.rules.case import COVERED, covers
from tests.rules.door import REFUSALS
from tests.rules.rows import FAMILIES_LATER, LATER, every_row
from tests.rules.table import CASES


def told() -> set[str]:
    """Return the rows that a case, a refusal or a story tells."""
    for path in Path(__file__).parent.glob("test_*.py"):
        import_module(f"tests.rules.{path.stem}")
    for other in ("tests.goldens.test_golden_numbers", "tests.stories.test_periods", "tests.decisions.test_deliveries"):
        import_module(other)
    return {case.row for case in CASES} | {refusal.row for refusal in REFUSALS} | COVERED.keys()


def test_every_row_is_told_or_left_for_later() -> None:
    """No row of the families in scope is forgotten."""
    assert [row for row in every_row() if row not in told() | LATER.keys()] == []


def test_no_row_is_both() -> None:
    """A reason why a row is untested goes when its test comes."""
    assert sorted(told() & LATER.keys()) == []


def test_no_row_is_made_up() -> None:
    """Whatever is told, or left, is a row of the rulebook."""
    known = set(every_row())
    assert [row for row in sorted(told() | LATER.keys()) if row not in known and row[0] not in FAMILIES_LATER] == []


def test_every_rule_names_a_row() -> None:
    """The number of each rule is a row in scope, and its docstring says which."""
    rows = set(every_row())
    assert [rule.name for rule in RULES if rule.number not in rows] == []
    assert [rule.name for rule in RULES if rule.number not in (rule.check.__doc__ or "").split(". ")[0]] == []


@covers("M12")
def test_a_lost_document_breaks_conservation() -> None:
    """What every story checks can fail: a count taken from a state is seen, and so is an amount."""
    log = Story().shop().invoice("i1").log
    assert conserved(log) == []
    row = next(row for row in log.views.rows(COMPLETENESS) if row.state == "POSTED")
    _planted(log, CompletenessRow(row.book, row.day, row.currency, row.state, documents=0, gross=row.gross))
    assert conserved(log) == ["shop 2026-03-10 EUR: [1, 0] received beyond all states"]
    _planted(log, CompletenessRow(row.book, row.day, row.currency, row.state, documents=1, gross=row.gross - 1))
    assert conserved(log) == ["shop 2026-03-10 EUR: [0, 1] received beyond all states"]


def test_a_lost_line_breaks_the_trial_balance() -> None:
    """A balance that is changed behind the log's back is seen."""
    log = Story().shop().invoice("i1").log
    assert unbalanced(log) == []
    _planted(log, BalanceRow("shop", "4000", "", "EUR", credit=9_999, base_credit=10_000))
    assert unbalanced(log) == ["shop EUR: [1, 0]"]


def test_a_leak_is_seen() -> None:
    """A posting whose customer's link is missing from history is caught by the watch."""
    log = Story().shop().invoice("i1").log
    leaky = MemoryLog()
    leaky.records = [recorded for recorded in log.records if recorded.kind != "LinkMade.v1"]
    with pytest.raises(AssertionError, match=r"shop\|document\|i1 passed to another debtor"):
        Watch().check(leaky)


def _planted(log: MemoryLog, row: CompletenessRow | BalanceRow) -> None:
    """Put a row into a view of the log."""
    view = COMPLETENESS if isinstance(row, CompletenessRow) else BALANCES
    log.views._rows[view.name][tuple(getattr(row, name) for name in view.key)] = row
