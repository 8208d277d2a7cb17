"""Rules I8, I9 and L9: what is worth more or less by the time it is paid, rounded to coins, or sold as money, has its account."""

from __future__ import annotations

from collections.abc import Iterator

from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from engine.firewall.standing import debtor
from engine.journal import in_base
from engine.journal.differences import differences_account, same_rate
from engine.streams.documents import Document
from schemas.values import minor


@rule("CASH_ROUNDING_UNMAPPED", "I8", SALES, remedy="open books with an account for the rounding of cash, or round nothing")
def cash_rounding_has_an_account(facts: Facts) -> Finding | None:
    """I8. What rounding to coins adds to the money taken, or takes off it, posts to an account of its own, up to the limit."""
    opened, rounding = facts.book.opened, facts.subject.sums.cash_rounding
    if not opened or not rounding:
        return None
    if opened.control_accounts.cash_rounding is None:
        return Finding("the book has no account for the rounding of cash", path="totals.cash_rounding")
    if facts.foreign and not facts.subject.rate:
        return None  # Without a rate it is held for that (I2).
    if abs(in_base(facts.subject, opened, rounding)) > minor(opened.policies.rounding_max, opened.base_currency):
        message = f"cash rounding of {facts.told(rounding)} exceeds the limit of {opened.policies.rounding_max}"
        return Finding(message, path="totals.cash_rounding", code="UNBALANCED")
    return None


@rule("FX_ACCOUNT_MISSING", "I9", remedy="give the account an fx_account, or open books with an account for differences")
def differences_have_an_account(facts: Facts) -> Finding | None:
    """I9. What a payment or credit at another rate than its document is worth more or less needs an account to post to."""
    if not facts.foreign or not facts.subject.rate:
        return None
    owed = debtor(facts)
    if differences_account(facts.book, owed) is not None:
        return None
    for name, document in _closed(facts):
        followed = document.follows
        if followed is not None and followed.currency == facts.subject.currency and not same_rate(facts, document):
            keys = (f"account:{owed.account}",) if owed else ()
            return Finding(f"document {name} was converted at another rate", waits_for=keys, path="exchange_rate")
    return None


def _closed(facts: Facts) -> Iterator[tuple[str, Document]]:
    """Yield the documents that money pays, or a credit note takes from."""
    yield from facts.settles.items()
    if facts.original is not None:
        yield str(getattr(facts.subject.said, "original", "")), facts.original


@rule(
    "GIFT_CARD_TAXED", "L9", SALES, overridable=True, remedy="take the tax off, or release it where vouchers are taxed when sold"
)
def gift_cards_carry_no_tax(facts: Facts) -> Finding | None:
    """L9. A gift card is money and no supply: it is taxed when it is spent."""
    if "gift_card" not in facts.subject.mentioned:
        return None
    for line, tax in zip(facts.subject.lines, facts.subject.sums.taxes, strict=True):
        if line.gift_card and tax:
            return Finding(f"line {line.line} sells a gift card with tax", path=f"lines.{line.line}.tax")
    return None


RULES = (cash_rounding_has_an_account, differences_have_an_account, gift_cards_carry_no_tax)
