"""Survivors: mutants that no test can see, each with the reason; one that dies after all fails nothing."""

from __future__ import annotations

CONTENT, INTEGRITY = "engine/firewall/content.py", "engine/firewall/integrity.py"
LINKING, WAITING = "engine/firewall/linking.py", "engine/firewall/waiting.py"
CURRENCY, JUDGE = "engine/firewall/currency.py", "engine/firewall/judge.py"
CALENDAR = "engine/firewall/calendar.py"
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
RULE = "engine/firewall/rule.py"
ROUTING = "engine/firewall/routing.py"
DUPLICATES = "engine/firewall/duplicates.py"
SUSPENSE = "engine/firewall/suspense.py"
LEDGERS = "engine/firewall/ledgers.py"
CATALOGUE = "engine/firewall/catalogue.py"
RANKING = "engine/firewall/ranking.py"
SETTLEMENT = "engine/firewall/settlement.py"
CORRECTIONS = "engine/firewall/corrections.py"
MONEY = "engine/firewall/money.py"
ACCUMULATION = "engine/firewall/accumulation.py"
JOURNAL_LEDGER = "engine/journal/ledger.py"
JOURNAL_MONEY = "engine/journal/money.py"
JOURNAL_SETTLING = "engine/journal/settling.py"
JOURNAL_DIFFERENCES = "engine/journal/differences.py"
JOURNAL_SALE = "engine/journal/sale.py"

SURVIVORS: dict[tuple[str, str], str] = {
    (
        CONTENT,
        f"order_number_is_given: invoice and {_ORDER} -> {_ORDER}",
    ): "only invoices are asked; only the type checker asks again",
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
    (
        CALENDAR,
        f"tax_period_is_open: not facts.book.tax_periods or opened is None or invoice is None or ({_IGNORED})"
        f" -> not facts.book.tax_periods or opened is None or {_IGNORED}",
    ): "only sales are asked; only the type checker asks again",
    (
        ROUTING,
        "channel_is_enabled: not record or not invoice or (not record.channels) or (invoice.channel is None) or dependent(facts)"
        " -> not record or not record.channels or invoice.channel is None or dependent(facts)",
    ): "only sales are asked; only the type checker asks again",
    (RULE, "module: False -> True"): "a type alone: nothing asks for it when it runs",
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
    (
        ROUTING,
        "generic_sale_is_paid: facts.outstanding < 0 -> facts.outstanding <= 0",
    ): "what is paid to the cent has passed before",
    (
        ROUTING,
        "generic_sale_is_paid: 0 -> 1 (2)",
    ): "amounts are whole units, and nought has passed before: below 1 is below 0",
    (
        DUPLICATES,
        "account_is_no_other: facts.twin is None or record is None or opened is None or record.external_ref ->"
        " facts.twin is None or opened is None or record.external_ref",
    ): "only an account that was opened has a twin; only the type checker asks",
    (
        DUPLICATES,
        "account_is_no_other: facts.twin is None or record is None or opened is None or record.external_ref ->"
        " facts.twin is None or record is None or record.external_ref",
    ): "twins are noted in open books alone; only the type checker asks",
    (
        DUPLICATES,
        "account_is_no_other: other is None or (ground := alike(record, other)) is None or"
        " opened.policies.duplicate_accounts == 'IGNORE' -> other is None or (ground := alike(record, other)) is"
        " None",
    ): "a book that ignores twins notes none; only the type checker asks",
    (
        SUSPENSE,
        "_suspended: place and place.suspended -> place.suspended",
    ): "where there is suspense, every line has a place; only the type checker asks",
    (
        LEDGERS,
        "_controls: said.sums.cash_rounding and control.cash_rounding -> said.sums.cash_rounding",
    ): "no mapping is named nothing: an account that is not there is never closed",
    (
        LEDGERS,
        "_controls: control.cutover and any((before_cutover(document) for document in facts.settles.values())) ->"
        " any((before_cutover(document) for document in facts.settles.values()))",
    ): "no mapping is named nothing: an account that is not there is never closed",
    (
        LEDGERS,
        "_ledger_accounts: for ((value.account if value else None) or suspense,), ifs 1 -> for ((value.account if"
        " value else None) or suspense,), ifs 0",
    ): "no mapping is named nothing: an account that is not there is never closed",
    (
        CATALOGUE,
        "_join: known.overridable or entry.overridable -> known.overridable",
    ): "rules that share a code agree on it, as a test asks",
    (
        CATALOGUE,
        "_of_documents: rule.check.__doc__ or '' -> rule.check.__doc__",
    ): "every rule has its words; only the type checker asks",
    (
        RANKING,
        "rank: 0 -> 1",
    ): "codes that no rule has stand in one place, whichever number it has",
    (
        SETTLEMENT,
        "refund_has_a_credit: facts.subject.kind != 'REFUND' or payment is None -> facts.subject.kind != 'REFUND'",
    ): "a refund is money; only the type checker asks",
    (
        SETTLEMENT,
        "shared_debtor_is_not_overpaid: shared and facts.sale and (facts.outstanding < 0 <"
        " facts.subject.sums.gross) -> shared and facts.outstanding < 0 < facts.subject.sums.gross",
    ): "money has nothing paid on it, so its own sum is always outstanding: a cheap first test",
    (
        SETTLEMENT,
        "shared_debtor_is_not_overpaid: shared and payment and (facts.subject.kind == 'PAYMENT') and"
        " (payment.kind == 'PAYMENT') -> shared and facts.subject.kind == 'PAYMENT' and (payment.kind =="
        " 'PAYMENT')",
    ): "what is of the kind PAYMENT is one; only the type checker asks",
    (
        CORRECTIONS,
        "credit_names_the_debtor: follows is None or follows.route == 'GENERIC' or named is None or"
        " (facts.original is None) or (facts.original.content is None) -> follows is None or follows.route =="
        " 'GENERIC' or named is None or (facts.original is None)",
    ): "what is followed was posted, and has content; only the type checker asks",
    (
        CORRECTIONS,
        "credit_fits_the_original: name is None or facts.original is None or facts.original.content is None ->"
        " facts.original is None or facts.original.content is None",
    ): "who has an original names it; only the type checker asks",
    (
        CORRECTIONS,
        "credit_fits_the_original: name is None or facts.original is None or facts.original.content is None ->"
        " name is None or facts.original.content is None",
    ): "who names an original has it; only the type checker asks",
    (
        CORRECTIONS,
        "credit_settles_what_is_open: invoice is None or _credits(facts) > minor(invoice.totals.gross,"
        " invoice.currency) -> _credits(facts) > minor(invoice.totals.gross, invoice.currency)",
    ): "what is followed was posted, and has content; only the type checker asks",
    (
        MONEY,
        "reversal_takes_all_back: other is None or own is None or facts.reversed -> other is None or facts.reversed",
    ): "only money has a reversal; only the type checker asks",
    (
        ACCUMULATION,
        "billed_in_batches: _alone(facts) and record is not None and record.batch_billing -> _alone(facts) and"
        " record.batch_billing",
    ): "it is asked of what may post, which has a class; only the type checker asks",
    (
        JOURNAL_LEDGER,
        "base: amount > 0 -> amount >= 0",
    ): "nought is nought on either side",
    (
        JOURNAL_LEDGER,
        "add: amount > 0 -> amount >= 0",
    ): "nought is not added at all",
    (
        JOURNAL_LEDGER,
        "put: (amount or base) > 0 -> (amount or base) >= 0",
    ): "nought in both currencies is not put at all",
    (
        JOURNAL_LEDGER,
        "_line: (amount or base) > 0 -> (amount or base) >= 0",
    ): "no row is nought in both currencies",
    (
        JOURNAL_LEDGER,
        "balance: rest[0] > 0 -> rest[0] >= 0",
    ): "neither is nought where they differ in sign",
    (
        JOURNAL_LEDGER,
        "balance: rest[1] > 0 -> rest[1] >= 0",
    ): "neither is nought where they differ in sign",
    (
        JOURNAL_LEDGER,
        "balance: (rest[0] or rest[1]) > 0 -> (rest[0] or rest[1]) >= 0",
    ): "one of the two is not nought, as asked before",
    (
        JOURNAL_LEDGER,
        "lines: row[1][0] == 0 and row[1][1] < 0 -> row[1][1] < 0",
    ): "the amounts of a row have one sign in both currencies",
    (
        JOURNAL_LEDGER,
        "lines: row[1][1] < 0 -> row[1][1] <= 0",
    ): "no row is nought in both currencies",
    (
        JOURNAL_LEDGER,
        "lines: 0 -> 1 (4)",
    ): "amounts are whole units, and no row is nought in both currencies: below 1 is below 0",
    (
        JOURNAL_MONEY,
        "applied: part.document is None or follows is None or follows.control is None or (follows.currency !="
        " payment.currency) -> follows is None or follows.control is None or follows.currency != payment.currency",
    ): "a document that is unknown is followed by nothing; only the type checker asks",
    (
        JOURNAL_MONEY,
        "applied: part.document is None or follows is None or follows.control is None or (follows.currency !="
        " payment.currency) -> part.document is None or follows is None or follows.currency != payment.currency",
    ): "a document that was posted has a receivable: one of nothing is left out; only the type checker asks",
    (
        JOURNAL_MONEY,
        "tender: suspense or '' -> suspense",
    ): "one of the two is there, as asked before; only the type checker asks",
    (
        JOURNAL_SETTLING,
        "settled_as: document is not None and document.frozen -> document.frozen",
    ): "every document that is settled was read; only the type checker asks",
    (
        JOURNAL_SETTLING,
        "allocated: part.document is not None and before_cutover(part.document) and"
        " opened.control_accounts.cutover -> before_cutover(part.document) and opened.control_accounts.cutover",
    ): "every document that is settled was read; only the type checker asks",
    (
        JOURNAL_SETTLING,
        "credited: return () -> return None (2)",
    ): "what follows an original names it; only the type checker asks",
    (
        JOURNAL_SETTLING,
        "credited: facts.follows is None or facts.follows.currency != facts.subject.currency -> facts.follows is None",
    ): "a credit note in another currency than its original is held (I1)",
    (
        JOURNAL_SETTLING,
        "receivable_of: document is not None and document.postings -> document is not None",
    ): "money and credits settle what was posted, alone or in a batch",
    (
        JOURNAL_SETTLING,
        "closing: amount > 0 -> amount >= 0",
    ): "a part of nothing is refused at the door",
    (
        JOURNAL_DIFFERENCES,
        "moved: units * amount >= 0 -> units * amount > 0",
    ): "what is not open in one currency is not open in the other: both ways give the rate of the money",
    (
        JOURNAL_DIFFERENCES,
        "moved: 0 -> 1",
    ): "a product of whole numbers below 1 is 0 or less, and of 0 both ways give the rate of the money",
    (
        JOURNAL_DIFFERENCES,
        "moved: units * amount -> units // amount",
    ): "a quotient of whole numbers, rounded down, is below 0 exactly where the signs differ",
    (
        JOURNAL_DIFFERENCES,
        "moved: base < 0 -> base <= 0",
    ): "a share of nought is nought on either side",
    (
        JOURNAL_DIFFERENCES,
        "moved: 0 -> 1 (2)",
    ): "a share of nought is nought on either side, and amounts are whole units",
    (
        JOURNAL_DIFFERENCES,
        "same_rate: own is None or other is None -> other is None",
    ): "documents of one currency both have a rate or both have none; only the type checker asks",
    (
        JOURNAL_SALE,
        "_tax: value and value.account -> value",
    ): "a tax without an account is given as none; only the type checker asks",
    (
        JOURNAL_SALE,
        "settlement: invoice is None or not any((minor(part.amount, invoice.currency) or part.fee for part in"
        " invoice.tenders)) -> not any((minor(part.amount, invoice.currency) or part.fee for part in"
        " invoice.tenders))",
    ): "a sale says what was paid; only the type checker asks",
    (
        JOURNAL_SALE,
        "_kind: facts.subject.sums.gross < 0 -> facts.subject.sums.gross <= 0",
    ): "what is of nothing does not post",
    (
        JOURNAL_SALE,
        "_kind: 0 -> 1",
    ): "amounts are whole units, and what is of nothing does not post: below 1 is below 0",
    (
        JOURNAL_SALE,
        "_still: getattr(facts.subject.said, 'original', None) or '' -> getattr(facts.subject.said, 'original', None)",
    ): "nothing is open under no name; only the type checker asks",
    (
        JOURNAL_SETTLING,
        "allocated: part.document is not None and before_cutover(part.document) and opened.control_accounts.cutover"
        " -> part.document is not None and before_cutover(part.document)",
    ): "where the book has no account for such money it waits before (L3)",
    (
        JOURNAL_MONEY,
        "applied: part.document is None or follows is None or follows.control is None or (follows.currency != payment.currency)"
        " -> part.document is None or follows is None or follows.control is None",
    ): "a document of another currency has no part of the money: it is asked twice, as it is said and as it was posted",
    (
        JOURNAL_DIFFERENCES,
        "same_rate: own is None or other is None -> own is None and other is None",
    ): "documents of one currency both have a rate or both have none; only the type checker asks",
    (
        JOURNAL_DIFFERENCES,
        "same_rate: own is None or other is None -> own is None",
    ): "documents of one currency both have a rate or both have none; only the type checker asks",
    (
        JOURNAL_DIFFERENCES,
        "same_rate: return own == other -> return None",
    ): "without rates all is in the book's own currency, where a share and an amount are one",
    (
        JOURNAL_DIFFERENCES,
        "same_rate: own == other -> own != other",
    ): "without rates all is in the book's own currency, where a share and an amount are one",
}
"""(module, change) -> why it may live."""
