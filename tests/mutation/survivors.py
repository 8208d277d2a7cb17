"""Survivors: mutants that no test can see, each with the reason; one that dies after all fails nothing."""

from __future__ import annotations

CONTENT, INTEGRITY = "engine/firewall/content.py", "engine/firewall/integrity.py"
LINKING, WAITING = "engine/firewall/linking.py", "engine/firewall/waiting.py"
CURRENCY, JUDGE = "engine/firewall/currency.py", "engine/firewall/judge.py"
CALENDAR = "engine/firewall/calendar.py"
_INVOICE = "kind == 'INVOICE'"
_ORDER = "record and record.order_number_required and (not invoice.order_number)"
_BASIS = "line.prices_include_tax is not None"
_FOLLOWED = "follows is None or follows.currency != payment.currency"
_NO_RATE = "not opened or (facts.subject.currency != opened.base_currency and (not facts.subject.rate))"
_SMALL, _LARGE = "abs(booked) <= _limit(opened)", "abs(booked) > _limit(opened)"
_ROLLED = "facts.book.takes(posting_period(facts), facts.today)"
_IGNORED = "opened.policies.tax_period == 'IGNORE'"
FACTS = "engine/firewall/facts.py"
_ORIGINAL = "facts.original is not None"
_DEPOSIT = "payment is None or payment.kind != 'DEPOSIT'"

SURVIVORS: dict[tuple[str, str], str] = {
    (
        CONTENT,
        f"order_number_is_given: facts.subject.{_INVOICE} and invoice and {_ORDER} -> facts.subject.{_INVOICE} and {_ORDER}",
    ): "what is of the kind INVOICE has an invoice; only the type checker asks",
    (
        LINKING,
        "invoiced_in_one_hop: len(facts.parties) > 1 -> len(facts.parties) >= 1",
    ): "who is invoiced through another is never alone: the one hop is always followed",
    (
        WAITING,
        f"_unapplied: outcome != 'POST' or {_DEPOSIT} -> {_DEPOSIT}",
    ): "what does not post waits for its documents and their money anyway; the keys come in another order",
    (
        WAITING,
        f"_unapplied: document is None or {_FOLLOWED} -> {_FOLLOWED}",
    ): "a document that is unknown is followed by nothing; only the type checker asks",
    (
        CURRENCY,
        f"_related: {_ORIGINAL} and isinstance(facts.subject.said, CreditNoteIssued) -> {_ORIGINAL}",
    ): "only a credit note has an original; only the type checker asks",
    (
        CURRENCY,
        "_related: facts.subject.said.original or '' -> facts.subject.said.original",
    ): "it has an original, as asked before",
    (
        CURRENCY,
        f"rounding_is_small: not opened or not booked or {_SMALL} -> not booked or {_SMALL}",
    ): "without a book nothing is booked; only the type checker asks",
    (
        CURRENCY,
        f"rounding_is_small: not opened or not booked or {_SMALL} -> not opened or {_SMALL}",
    ): "a cheap first test: nought is within every limit",
    (
        CURRENCY,
        f"rounding_is_told: not opened or not booked or {_LARGE} -> not booked or {_LARGE}",
    ): "without a book nothing is booked; only the type checker asks",
    (CURRENCY, f"_rounded: not rounding or {_NO_RATE} -> {_NO_RATE}"): "a cheap first test: nought is nought at every rate",
    (CURRENCY, "_rounded: return 0 -> return None"): "those who ask take nothing for nought",
    (
        CALENDAR,
        f"_is_taken: facts.book.takes(facts.period, facts.today) or {_ROLLED} -> {_ROLLED}",
    ): "a cheap first test: what is taken posts in its own period",
    (
        CALENDAR,
        f"tax_period_is_open: not facts.book.tax_periods or opened is None or invoice is None or ({_IGNORED})"
        f" -> opened is None or invoice is None or {_IGNORED}",
    ): "a cheap first test: where no return was made no day is in one",
    (CALENDAR, "date_is_not_in_the_future: day <= facts.today -> day < facts.today"): (
        "a cheap first test: today is within every tolerance"
    ),
    (CALENDAR, "_out_of_window: facts.book.window or '' -> facts.book.window"): "there is a window where a period is out of it",
    (FACTS, "module: 0 -> 1"): "only a sale is asked what is left to pay, and a sale says what was paid",
    (FACTS, "module: False -> True"): "only a sale is asked whether it was pulled, and a sale says so",
    (
        JUDGE,
        "_journals: finding.code or 'UNBALANCED' -> finding.code",
    ): "whoever looks at a journal names the code; only the type checker asks",
    (LINKING, "invoiced_in_one_hop: -1 -> 1"): "there are two parties at most: the last of two is the second",
    (
        INTEGRITY,
        f"tax_basis_is_one: invoice and {_BASIS} and (line.prices_include_tax != invoice.prices_include_tax)"
        f" -> {_BASIS} and line.prices_include_tax != invoice.prices_include_tax",
    ): "only an invoice has lines that mention it; only the type checker asks",
    (INTEGRITY, "signs_agree: net < 0 -> net <= 0"): "a net of nought was passed over before",
    (INTEGRITY, "signs_agree: 0 -> 1 (2)"): "nets are whole numbers, and nought was passed over before: below 1 is below 0",
}
"""(module, change) -> why it may live."""
