"""Asides: what is said of documents beside the rules: by the judge, the life of a document, a batch, or the close of a day."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.events import Severity

BESIDES: dict[str, tuple[str, str, str]] = {
    "TAX_COMPONENT_UNMAPPED": ("TAX_CODE_UNMAPPED", "G9", "One of several taxes of a line has no account of its own."),
}
"""A code that a rule gives beside its own -> the rule's code, the row, what it means."""


@dataclass(frozen=True, slots=True)
class Aside:
    """One reason that no rule gives: the row it is of, how strong it is, what it means, what mends it."""

    row: str
    severity: Severity
    meaning: str
    remedy: str
    overridable: bool = False


_REPORT = "report this with the output of postgate explain: the rules allowed a journal that cannot stand"
_ANEW = "report this; the document is judged anew after an upgrade"

ASIDES: dict[str, Aside] = {
    "RULE_ERROR": Aside("A1", "HOLD", "A rule failed instead of answering, so nobody knows what it would have said.", _ANEW),
    "WAITING_FOR_VERSION": Aside(
        "A6",
        "WAIT",
        "A version came before its predecessors.",
        "publish the versions that are missing, or release this one to do without them",
        overridable=True,
    ),
    "COSMETIC_EDIT": Aside(
        "O3",
        "WARN",
        "A version that changes nothing financial leaves the posting of the one before.",
        "nothing to do: the new words are on record",
    ),
    "MEMBER_OF_POSTED_BATCH": Aside(
        "J7",
        "HOLD",
        "A new version came of a document that is part of a batch in the ledger; a void or other content is a remark on it.",
        "reverse the batch: postgate batch reverse BATCH, or publish a credit note",
    ),
    "CLEARING_NOT_ZERO": Aside(
        "J12",
        "WARN",
        "At the close of a day another amount of a tender was counted than its summary shows.",
        "find the difference before the clearing account is emptied",
    ),
    "ROUTE_MISSING": Aside("C1", "HOLD", "No class decides where the document posts.", "assign a class to the account"),
    "UNBALANCED": Aside("M1", "HOLD", "The journal does not balance.", _REPORT),
    "UNBALANCED_BY_KEY": Aside(
        "M3",
        "HOLD",
        "The lines of one code of a dimension do not balance.",
        "let every ledger account of the journal take the dimension, or take it off balance_by of the book",
    ),
    "UNBALANCED_TXN_CURRENCY": Aside("M4", "HOLD", "The journal does not balance in the currency of the document.", _REPORT),
    "JOURNAL_TOO_SHORT": Aside("M2", "HOLD", "The journal has fewer than two lines.", _REPORT),
    "CONTROL_LINE_WITHOUT_PARTY": Aside("M5", "HOLD", "The journal has a receivable that nobody owes.", _REPORT),
    "JOURNAL_IMPOSSIBLE": Aside("M1", "HOLD", "No journal can be made of the document.", _REPORT),
    "AMOUNT_RANGE": Aside("M1", "HOLD", "The journal has a line above the largest amount.", _REPORT),
}
"""Code -> what it is; a test compares with every code that the engine gives."""
