"""Rule M7: what has no place in the books posts to suspense, where the book chose so, and says so."""

from __future__ import annotations

from collections.abc import Iterator

from engine.facts import mapping
from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule
from engine.journal import charges_account


@rule(
    "POSTED_TO_SUSPENSE",
    "M7",
    severity="WARN",
    remedy="define the mapping for what comes next, and move what was posted out of suspense in the ledger",
)
def everything_has_a_place_of_its_own(facts: Facts) -> Finding | None:
    """M7. A line, tax, charge, tender or fee without a place goes to suspense; off unless the book says POST."""
    account = mapping.suspense(facts.book)
    parts = list(dict.fromkeys(_suspended(facts))) if account else []
    if not parts:
        return None
    told = ", ".join(parts[:5]) + (f" and {len(parts) - 5} more" if len(parts) > 5 else "")
    return Finding(f"posts to suspense account {account}: {told}")


def _suspended(facts: Facts) -> Iterator[str]:
    """Yield what has no place of its own, as the memo of its line says it."""
    subject, book = facts.subject, facts.book
    day = subject.business_date
    yield from (place.note for place in facts.places if place and place.suspended)
    codes = (tax.code for line in subject.lines for tax in line.tax)
    yield from (f"tax {code}" for code in codes if mapping.tax_account(book, code, day) is None)
    if subject.sums.charges and charges_account(book, day) is None:
        yield "charges"
    fees = book.opened.control_accounts.fees if book.opened else None
    for code, fee in _paid(facts):
        value = mapping.tender_account(book, code, day)
        if value is None:
            yield f"tender {code}"
        if fee is not None and fees is None and (value is None or value.fee_account is None):
            yield f"fee of {code}"


def _paid(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """Yield each means by which the document was paid, with the fee that was taken."""
    yield from ((tender.tender, tender.fee) for tender in facts.subject.invoice.tenders) if facts.subject.invoice else ()
    yield from ((facts.subject.payment.tender, facts.subject.payment.fee),) if facts.subject.payment else ()


def tenders(facts: Facts) -> Iterator[str]:
    """Yield the means by which the document was paid."""
    yield from (code for code, _ in _paid(facts))


RULES = (everything_has_a_place_of_its_own,)
