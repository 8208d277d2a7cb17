"""A journal at its boundaries: each side of each line counts, in both currencies, and by every key that is asked for."""

from __future__ import annotations

import pytest

from engine.firewall.balance import journal_is_sound
from engine.firewall.rule import Finding
from engine.journal import Leg
from schemas.events import PostingLine
from schemas.values import MINOR_UNITS_MAX
from tests.rules.test_balance import credit, debit
from tests.said import RECEIVABLE


def _judged(*lines: PostingLine, by: tuple[str, ...] = ()) -> Finding | None:
    return journal_is_sound(Leg("document", "INVOICE", "acme", lines), {RECEIVABLE}, by)


@pytest.mark.parametrize(
    ("lines", "code", "message"),
    [
        ((debit(100), credit(99)), "UNBALANCED", "does not balance: (1, 1)"),
        ((debit(100, base=90), credit(100, base=91)), "UNBALANCED", "does not balance: (0, -1)"),
        ((debit(101, base=90), credit(100, base=90)), "UNBALANCED_TXN_CURRENCY", "does not balance: (1, 0)"),
        ((debit(0),), "JOURNAL_TOO_SHORT", "has 1 lines"),
        ((debit(100, base=-1), credit(100, base=-1)), "JOURNAL_IMPOSSIBLE", "has a line that is not above zero"),
        ((debit(-1, base=1), credit(-1, base=1)), "JOURNAL_IMPOSSIBLE", "has a line that is not above zero"),
        (
            (debit(1, base=MINOR_UNITS_MAX + 1), credit(1, base=MINOR_UNITS_MAX + 1)),
            "AMOUNT_RANGE",
            "has a line above the largest amount",
        ),
        (
            (debit(MINOR_UNITS_MAX + 1, base=1), credit(MINOR_UNITS_MAX + 1, base=1)),
            "AMOUNT_RANGE",
            "has a line above the largest amount",
        ),
    ],
)
def test_what_is_unsound_is_told(lines: tuple[PostingLine, ...], code: str, message: str) -> None:
    """The leg is named, with what is left on either side."""
    finding = _judged(*lines)
    assert finding is not None
    assert (finding.code, finding.message, finding.waits_for) == (code, f"the document journal {message}", ())


def test_only_a_receivable_needs_a_party() -> None:
    """Another account without one is fine, and so is a receivable with one; every line is looked at."""
    cash = debit(40, account="1000", party=None)
    assert _judged(cash, debit(60), credit(100)) is None
    finding = _judged(cash, debit(60, party=None), credit(100))
    assert finding is not None
    assert finding.code == "CONTROL_LINE_WITHOUT_PARTY"


def test_every_key_that_is_asked_for_is_looked_at() -> None:
    """It balances by the first key and not by the second: the second is told, with what would mend it."""
    sited = credit(100).model_copy(update={"dimensions": {"SITE": "N"}})
    finding = _judged(debit(100), sited, by=("TEAM", "SITE"))
    assert finding is not None
    assert (finding.code, finding.path) == ("UNBALANCED_BY_KEY", "dimensions.SITE")
    assert finding.waits_for == ("mapping:dimension_policy:1100", "mapping:dimension_policy:4000")
    assert finding.message == "the document journal does not balance for SITE without a code: (100, 100)"
    assert finding.remedy == "let every ledger account of the journal take SITE, or take SITE off balance_by of the book"


def test_each_code_of_a_key_balances_in_both_currencies() -> None:
    """Balanced for a site in one currency is not balanced for it."""
    north = {"dimensions": {"SITE": "N"}}
    lines = (
        debit(60, base=60).model_copy(update=north),
        credit(60, base=59).model_copy(update=north),
        debit(40, base=39),
        credit(40, base=40),
    )
    finding = _judged(*lines, by=("SITE",))
    assert finding is not None
    assert finding.message == "the document journal does not balance for SITE N: (0, 1)"
