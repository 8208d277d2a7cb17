"""Rule family G, taxes: the account takes the tax, the rate is the one in the books, and exemptions are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from engine.firewall.standing import debtor
from schemas.inbound.customers import TaxExemption
from schemas.inbound.documents import Line
from schemas.values import minor, scaled


@rule("TAX_ACCOUNT_COMBINATION", "G7", SALES, remedy="map the line to another account, or let the ledger account take the tax")
def accounts_take_the_tax(facts: Facts) -> Finding | None:
    """G7. A ledger account that refuses a tax takes no line that bears it."""
    book, day = facts.book, facts.subject.business_date
    if "ledger_account" not in book.kinds:
        return None
    for line, place in zip(facts.subject.lines, facts.places, strict=True):
        account = place.account if place else ""
        ledger = book.mapped("ledger_account", account, day)
        refused = ledger.taxes_refused if ledger else []
        for tax in line.tax:
            known = book.mapped("tax", tax.code, day)
            if not {tax.code, known.code if known else None}.isdisjoint(refused):
                keys = (f"mapping:ledger_account:{account}", f"mapping:tax:{tax.code}")
                message = f"ledger account {account} of line {line.line} refuses tax {tax.code}"
                return Finding(message, waits_for=keys, path=f"lines.{line.line}.tax")
    return None


@rule(
    "TAX_RATE_MISMATCH", "G8", SALES, overridable=True, remedy="correct the rate where it was charged, or the mapping of the tax"
)
def tax_rates_agree(facts: Facts) -> Finding | None:
    """G8. A rate that a line states is the one that the books have for the tax on that day."""
    stated: dict[tuple[str, str], int] = {}
    for line in facts.subject.lines:
        for tax in line.tax:
            if tax.rate is not None:
                stated.setdefault((tax.code, tax.rate), line.line)
    for (code, rate), number in stated.items():
        known = facts.book.mapped("tax", code, _tax_day(facts))
        if known and known.rate is not None and not _same(rate, known.rate):
            message = f"line {number} was charged {code} at {rate}, the books have {known.rate}"
            return Finding(message, waits_for=(f"mapping:tax:{code}",), path=f"lines.{number}.tax")
    return None


def _same(one: str, other: str) -> bool:
    """True for one number however many zeros it is written with."""
    (number, scale), (known, known_scale) = scaled(one), scaled(other)
    return number * known_scale == known * scale


@rule(
    "TAX_EXEMPTION_CONFLICT",
    "G10",
    SALES,
    overridable=True,
    remedy="correct the tax of the document, or the exemption of the party",
)
def exemptions_are_kept(facts: Facts) -> Finding | None:
    """G10. Who is exempt from a tax that day is not charged it; who claims an exemption has one, where exemptions are kept."""
    customer, own, owed = facts.parties[0].customer.record if facts.parties else None, facts.account.record, debtor(facts)
    checked = facts.book.opened is not None and facts.book.opened.policies.tax_exemptions == "RECORDED"
    if not checked and not any(party.tax_exemptions for party in (customer, own, owed) if party):
        return None
    kept = [(f"customer:{customer.customer}", customer.tax_exemptions)] if customer else []
    accounts = (own, owed if owed is not own else None)  # Who buys through a shared debtor stays exempt by its own account.
    kept += [(f"account:{account.account}", account.tax_exemptions) for account in accounts if account]
    keys = tuple(key for key, _ in kept)
    valid = {one.tax for _, exemptions in kept for one in _valid(exemptions, _tax_day(facts))}
    for line in facts.subject.lines:
        charged = next(_charged(facts, line, valid), None)
        if charged:
            message, keys = f"line {line.line} charges {charged}, which is exempted", (*keys, f"mapping:tax:{charged}")
            return Finding(message, waits_for=keys, path=f"lines.{line.line}.tax")
        if line.exempted_tax is not None and minor(line.exempted_tax, facts.subject.currency) and not valid:
            message = f"line {line.line} leaves tax out, but no exemption is valid on {_tax_day(facts)}"
            return Finding(message, waits_for=keys, path=f"lines.{line.line}.exempted_tax")
    return None


def _charged(facts: Facts, line: Line, exempted: set[str]) -> Iterator[str]:
    """Yield the taxes a line charges an amount of, though they are exempted by the code of the till or by that of the books.

    A tax of zero is named, not charged.
    """
    for tax in line.tax if exempted else ():
        known = facts.book.mapped("tax", tax.code, _tax_day(facts))
        if not exempted.isdisjoint({tax.code, known.code if known else None}) and minor(tax.amount, facts.subject.currency):
            yield tax.code


def _valid(exemptions: Iterable[TaxExemption], day: str) -> Iterator[TaxExemption]:
    """Yield the exemptions that hold on a day, both ends included."""
    yield from (one for one in exemptions if (one.valid_from or "") <= day <= (one.valid_to or day))


def _tax_day(facts: Facts) -> str:
    """Return the day that counts for taxes: the tax date, else the business date, of what was sold and not of taking it back."""
    corrected = facts.original.content if facts.original else None
    sold = corrected or facts.subject.invoice
    return (sold.tax_date or sold.business_date) if sold else facts.subject.business_date


RULES = (accounts_take_the_tax, tax_rates_agree, exemptions_are_kept)
