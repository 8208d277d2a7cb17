"""Rule family J: what is billed with others waits for its batch run, or for the close of its business day."""

from __future__ import annotations

from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule


def accumulates(facts: Facts) -> bool:
    """True when a document that may post does so only together with others (C7, J1, J9)."""
    return billed_in_batches(facts) or _open_window(facts) is not None


def billed_in_batches(facts: Facts) -> bool:
    """C7, J1, J4. True when the class bills its documents in batches and nobody pulled this one out."""
    record = facts.class_.record
    return _alone(facts) and record is not None and record.batch_billing


def summarised(facts: Facts) -> bool:
    """J10, J13. True when a sale over the counter is part of its day's summary: paid in full, on a shared debtor, of a branch."""
    return facts.window is not None and _alone(facts) and facts.outstanding == 0


def _open_window(facts: Facts) -> str | None:
    """Return the day whose summary a document is to be part of, None where there is none or it was posted."""
    return facts.window.window if facts.window is not None and not facts.window.closed and summarised(facts) else None


def _alone(facts: Facts) -> bool:
    """True for a sale or return that follows no other document and was not pulled."""
    return facts.sale and not facts.follows and not facts.pulled


@rule("AGGREGATE_WINDOW_OPEN", "J9", SALES, severity="WARN", remedy="close the day: postgate day close BRANCH DAY CURRENCY")
def window_is_closed(facts: Facts) -> Finding | None:
    """J9. What belongs to the summary of a business day accumulates until the branch closes the day."""
    named = _open_window(facts)
    return Finding(f"the day {named} is not closed", path="business_date") if named else None


@rule(
    "LATE_FOR_WINDOW", "J8", SALES, severity="WARN", remedy="nothing to do: it is a summary of its own beside the one of its day"
)
def document_is_in_time(facts: Facts) -> Finding | None:
    """J8. What comes after its day was closed posts beside the summary, which is never edited."""
    if facts.window is None or not facts.window.closed or not summarised(facts):
        return None
    return Finding(f"the day {facts.window.window} was closed before", path="business_date")


RULES = (window_is_closed, document_is_in_time)
