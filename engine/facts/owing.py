"""Owing: adds up what an account owes, for an invoice of an account that has something to check (E1 to E11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from engine.decider import stream as stream_of
from engine.facts.exposure import Exposure, Mode
from engine.facts.interest import rounded
from engine.facts.receivables import Receivables
from engine.facts.settlements import asked
from engine.facts.way import REDIRECTS_MAX
from engine.firewall.facts import Facts
from engine.journal import in_base
from engine.ports import Pending, Receivable
from engine.states import States
from schemas.inbound import BookOpened
from schemas.values import EXPONENTS, scaled


def exposure(facts: Facts, states: States, stream: str, receivables: Receivables | None) -> Exposure | None:
    """Return what the account of an invoice owes; None where there is nothing to check, which costs no look-up."""
    opened, account = facts.book.opened, facts.account_id
    if opened is None or account is None or receivables is None or not facts.account.limited or _exempt(facts):
        return None
    mode = mode_of(facts, opened)
    added = _asked(facts, opened)
    if mode == "NO_CHECK" or added is None:
        return None
    book, _, own = stream.split("|", 2)
    accounts = answering(states, book, account)
    owed = _together([one for key in accounts for one in receivables.open(book, key)])
    others = [each for each in owed if each.document != own]
    overdue = [each for each in others if each.open > 0 and each.due_date is not None and each.due_date < facts.today]
    late = sum(each.base_open for each in overdue)
    matters = late >= (units(opened.policies.overdue_min, opened.base_currency) or 0)  # A small balance is no matter (E11).
    credit = facts.account.credit
    waiting = [one for key in accounts for one in receivables.pending(book, key)] if opened.policies.credit_counts_held else []
    return Exposure(
        account=account,
        mode=mode,
        currency=opened.base_currency,
        open=sum(each.base_open for each in others),
        pending=_pending(states, stream, waiting),
        asked=added,
        overdue=late if matters else 0,
        overdue_days=_days(overdue, facts.today) if matters else 0,
        limit=units(credit.limit, opened.base_currency),
        warning=units(credit.warning, opened.base_currency),
        overdue_limit=units(credit.overdue, opened.base_currency),
        days_max=None if credit.days is None else credit.days + credit.tolerance_days,
    )


def answering(states: States, book: str, account: str) -> tuple[str, ...]:
    """Return an account with all that were merged into it, and into those: it answers for what they owe (E7)."""
    found = {account: None}
    for _ in range(REDIRECTS_MAX):
        known = len(found)
        found |= dict.fromkeys(other for key in tuple(found) for other in states.account(book, key).absorbed)
        if len(found) == known:
            break
    return tuple(found)


def apart(states: States, receivables: Receivables, book: str, account: str) -> Sequence[Receivable]:
    """Return what is open on an account, without what was paid of it under another that it was merged with (Q1 to Q7).

    Of a document that one of them owes and another has a credit on, each loses what the other makes up for.
    """
    last = account
    for _ in range(REDIRECTS_MAX):
        survivor = states.account(book, last).survivor
        if survivor is None:
            break
        last = survivor
    accounts = answering(states, book, last)
    if account not in accounts or len(accounts) == 1:
        return receivables.open(book, account)  # As for nearly every account, and for one that rulebook 2026.1 merged.
    groups: dict[tuple[str, str], list[Receivable]] = {}
    for key in accounts:
        for each in receivables.open(book, key):
            groups.setdefault((each.document, each.currency), []).append(each)
    return [each for group in groups.values() for each in _offset(group) if each.account == account]


def _offset(group: Sequence[Receivable]) -> Iterator[Receivable]:
    """Yield what is left of debts and credits on one document once they make up for each other, at the worth of each."""
    debts = sum(each.open for each in group if each.open > 0)
    both = min(debts, debts - sum(each.open for each in group))
    spare = {True: both, False: both}
    for each in group:
        debit, units = each.open > 0, abs(each.open)
        left = max(units - spare[debit], 0)
        spare[debit] -= units - left
        worth = rounded(abs(each.base_open) * left, units)
        if left:
            turned = each._replace(open=left if debit else -left)
            yield turned._replace(base_open=worth if each.base_open > 0 else -worth)


def _together(owed: Sequence[Receivable]) -> Sequence[Receivable]:
    """Add up what stands on one document under several accounts: what was paid after a merge stands under the survivor."""
    if len({each.account for each in owed}) < 2:
        return owed
    found: dict[tuple[str, str], Receivable] = {}
    for each in sorted(owed, key=lambda one: one.due_date is None):
        known = found.get((each.document, each.currency))
        rest = (each.open + known.open, each.base_open + known.base_open) if known else (each.open, each.base_open)
        found[each.document, each.currency] = (known or each)._replace(open=rest[0], base_open=rest[1])
    return list(found.values())


def mode_of(facts: Facts, opened: BookOpened) -> Mode:
    """Return how credit is checked: as the account says, else its class, else the book (E5)."""
    class_ = facts.class_.record
    for mode in (facts.account.credit.mode, class_.credit_mode if class_ else "NOT_SET"):
        if mode != "NOT_SET":
            return mode
    return opened.policies.credit_mode


def units(text: str | None, currency: str) -> int | None:
    """Return a limit in minor units; whatever is more than it is also more than what its last digits say."""
    if text is None:
        return None
    number, scale = scaled(text)
    return int(number * 10 ** EXPONENTS[currency] // scale)


def _exempt(facts: Facts) -> bool:
    """True for what owes nothing to this account: corrections and money, what is paid, what a shared debtor takes (E9)."""
    class_ = facts.class_.record
    shared = facts.generic_id is not None or (class_ is not None and class_.behaviour == "GENERIC")
    return facts.subject.kind != "INVOICE" or shared or facts.outstanding <= 0


def _asked(facts: Facts, opened: BookOpened) -> int | None:
    """Return what the invoice leaves to pay, in the book's currency; None without a rate, for which another rule holds it."""
    try:
        return in_base(facts.subject, opened, facts.outstanding)
    except ValueError:
        return None


def _pending(states: States, stream: str, waiting: Iterable[Pending]) -> int:
    """Add up the invoices that came before this one and wait: of two that are held, the second counts the first."""
    own = states.document(stream).decision
    before = [each for each in waiting if each.kind == "INVOICE" and each.stream != stream]
    before = [each for each in before if own is None or each.received < own.received]
    states.prefetch([each.stream for each in before])
    return sum(_left(states, each) for each in before)


def _left(states: States, pending: Pending) -> int:
    """Return what a pending invoice leaves to pay, in the book's currency at the rate of the whole."""
    document = states.document(pending.stream)
    said = document.content
    gross = document.decisions[pending.version].gross if pending.version in document.decisions else 0
    if said is None or gross <= 0:
        return 0
    paid = sum(
        amount
        for name, (amount, currency) in document.settled.items()
        if currency == said.currency and _outside(states, pending, name)
    )
    return pending.gross * max(asked(document) - paid, 0) // gross


def _outside(states: States, pending: Pending, payment: str) -> bool:
    """True when money is not in the ledger yet: what is there is a credit of the account already, and counts once."""
    money = states.payment(stream_of(pending.stream.partition("|")[0], "payment", payment))
    return not money.posted and money.booked is None


def _days(overdue: Iterable[Receivable], today: str) -> int:
    """Return for how many days the oldest of them is overdue."""
    oldest = min((each.due_date for each in overdue if each.due_date), default=today)
    return (date.fromisoformat(today) - date.fromisoformat(oldest)).days
