"""Journals: a document as debits and credits, by the templates of the rulebook (b2), balanced in integers.

The receivable is always derived from the other lines (I6), tax is posted as charged (I7), and a foreign amount is
converted line by line, half up, before anything is added (golden number 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine import mapping
from engine.books import Book
from engine.firewall.facts import Facts, Subject
from engine.firewall.standing import debtor
from engine.settlements import overpaid_by
from schemas.events import PostingLine
from schemas.inbound import AccountOpened, BookOpened, PaymentReceived
from schemas.values import EXPONENTS, minor, scaled

Key = tuple[str, str | None, str | None, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Leg:
    """One journal of a document: the sale itself, its settlement at the till, a payment, a deposit applied."""

    name: str
    kind: str
    account: str
    lines: tuple[PostingLine, ...]


@dataclass(slots=True)
class Ledger:
    """Collects signed amounts (debit above zero) by account and writes them as posting lines."""

    rate: tuple[int, int]
    memo: str
    customer: str | None
    amounts: dict[tuple[Key, bool], list[int]] = field(default_factory=dict)

    def add(self, key: Key, amount: int) -> None:
        """Add a signed amount in document currency; debits and credits of one account stay apart."""
        if amount:
            row = self.amounts.setdefault((key, amount > 0), [0, 0])
            row[0] += amount
            row[1] += self.base(amount)

    def balance(self, key: Key) -> None:
        """Add what is missing to bring all lines together to zero, in both currencies."""
        rest = [-sum(row[0] for row in self.amounts.values()), -sum(row[1] for row in self.amounts.values())]
        if rest[0] * rest[1] < 0:
            # Converted line by line, the total can turn its sign: each currency is balanced by a line of its own.
            self.amounts[(key, rest[0] > 0)], self.amounts[(key, rest[1] > 0)] = [rest[0], 0], [0, rest[1]]
        elif rest[0] or rest[1]:
            self.amounts[(key, (rest[0] or rest[1]) > 0)] = rest

    def base(self, amount: int) -> int:
        """Convert to the book's currency, half away from zero."""
        number, scale = self.rate
        product = abs(amount) * number
        rounded = (2 * product + scale) // (2 * scale)
        return rounded if amount > 0 else -rounded

    def lines(self) -> tuple[PostingLine, ...]:
        """Return the lines, debits first, each side in the order in which its accounts came."""
        rows = [(key, row) for (key, _), row in self.amounts.items()]
        rows.sort(key=lambda row: row[1][0] < 0 or (row[1][0] == 0 and row[1][1] < 0))
        return tuple([self._line(key, amount, base) for key, (amount, base) in rows])

    def _line(self, key: Key, amount: int, base: int) -> PostingLine:
        account, party, tax_code, dimensions = key
        return PostingLine(
            account=account,
            side="D" if (amount or base) > 0 else "C",
            amount=abs(amount),
            base_amount=abs(base),
            party=party,
            tax_code=tax_code,
            memo=self.memo,
            dimensions=dict(dimensions),
            customer=self.customer,
        )


def legs(facts: Facts) -> tuple[Leg, ...]:
    """Return the journals of a document. Raises ValueError when a part has no place in the books."""
    owed, opened = debtor(facts), facts.book.opened
    if owed is None or opened is None:
        raise ValueError("nobody owes the document")
    payment = facts.subject.payment
    if payment is None:
        return tuple(leg for leg in (_sale(facts, owed, opened), _settlement(facts, owed, opened)) if leg)
    received = _deposit(facts, payment, owed, opened) if payment.kind == "DEPOSIT" else _payment(facts, payment, owed, opened)
    return (received, *(_applied(facts, payment, opened) if payment.kind == "DEPOSIT" else ()))


def _sale(facts: Facts, owed: AccountOpened, opened: BookOpened) -> Leg:
    ledger = _ledger(facts, opened)
    turned = 1 if facts.subject.kind == "CREDIT_NOTE" else -1
    for key, amount in _amounts(facts, opened):
        ledger.add(key, turned * amount)
    ledger.balance(_receivable(owed))
    return Leg("document", facts.subject.kind, owed.account, ledger.lines())


def _amounts(facts: Facts, opened: BookOpened) -> Iterator[tuple[Key, int]]:
    """Yield where each line, tax, charge and rounding of a sale belongs, with its amount as stated."""
    subject, book = facts.subject, facts.book
    day = subject.business_date
    for line, net, place in zip(subject.lines, subject.sums.nets, facts.places, strict=True):
        if place is None:
            raise ValueError(f"line {line.line} has no revenue account")
        code = line.tax[0].code if len(line.tax) == 1 else None
        yield (place.account, None, code, place.dimensions), net
        for tax in line.tax:
            value = mapping.tax_account(book, tax.code, day)
            if value is None or value.account is None:
                raise ValueError(f"tax {tax.code} has no account")
            yield (value.account, None, tax.code, ()), minor(tax.amount, subject.currency)
    if subject.sums.charges:
        account = charges_account(book, day)
        if account is None:
            raise ValueError("charges have no revenue account")
        yield (account, None, None, ()), subject.sums.charges
    yield (opened.control_accounts.rounding, None, None, ()), subject.sums.rounding


def charges_account(book: Book, day: str) -> str | None:
    """Return where charges on the header post: their own revenue mapping, else the default."""
    charges = book.mapped("revenue", "charges", day) or book.mapped("revenue", mapping.DEFAULT, day)
    return charges.account if charges else None


def _settlement(facts: Facts, owed: AccountOpened, opened: BookOpened) -> Leg | None:
    """Return the journal of the tenders: the debtor shows invoice and receipt, even when both happen at the till."""
    invoice = facts.subject.invoice
    if invoice is None or not any(minor(tender.amount, invoice.currency) or tender.fee for tender in invoice.tenders):
        return None
    ledger = _ledger(facts, opened)
    turned = -1 if facts.subject.kind == "CREDIT_NOTE" else 1
    for tender in invoice.tenders:
        amount = turned * minor(tender.amount, invoice.currency)
        _tender(facts, ledger, opened, (tender.tender, amount, tender.fee))
    ledger.balance(_receivable(owed))
    return Leg("settlement", "PAYMENT", owed.account, ledger.lines())


def _payment(facts: Facts, payment: PaymentReceived, owed: AccountOpened, opened: BookOpened) -> Leg:
    """Return the journal of a payment or refund: tender against the receivable."""
    ledger = _ledger(facts, opened)
    turned = -1 if facts.subject.kind == "REFUND" else 1
    _tender(facts, ledger, opened, (payment.tender, turned * facts.subject.sums.gross, payment.fee))
    ledger.balance(_receivable(owed))
    return Leg("payment", facts.subject.kind, owed.account, ledger.lines())


def _deposit(facts: Facts, payment: PaymentReceived, owed: AccountOpened, opened: BookOpened) -> Leg:
    """Return the journal of a deposit: a liability until its invoice is posted (L1)."""
    ledger = _ledger(facts, opened)
    _tender(facts, ledger, opened, (payment.tender, facts.subject.sums.gross, payment.fee))
    ledger.balance((opened.control_accounts.deposits, owed.account, None, ()))
    return Leg("payment", "DEPOSIT", owed.account, ledger.lines())


def _applied(facts: Facts, payment: PaymentReceived, opened: BookOpened) -> Iterator[Leg]:
    """Yield one journal for each posted document that the deposit pays (L2)."""
    holder = facts.deposited_with or (owed.account if (owed := debtor(facts)) else None)
    for allocation in payment.allocations:
        document = facts.settles.get(allocation.document)
        if document is None or not document.postings or document.postings[0].currency != payment.currency:
            continue
        if document.postings[0].route == "GENERIC" and overpaid_by(document, payment.payment):
            continue  # What is too much stays a deposit: nobody could claim it from a shared debtor (L4).
        posting = document.postings[0]
        control = next((line for line in posting.lines if line.party), None)
        if control is None:
            continue
        ledger = _ledger(facts, opened)
        ledger.add((opened.control_accounts.deposits, holder, None, ()), minor(allocation.amount, payment.currency))
        ledger.balance((control.account, posting.account, None, ()))
        yield Leg(f"applied:{allocation.document}", "DEPOSIT_APPLIED", posting.account, ledger.lines())


def _tender(facts: Facts, ledger: Ledger, opened: BookOpened, paid: tuple[str, int, str | None]) -> None:
    """Book one tender on its own account, gross, and its fee apart (L7, L8)."""
    code, amount, fee = paid
    value = mapping.tender_account(facts.book, code, facts.subject.business_date)
    if value is None or value.account is None:
        raise ValueError(f"tender {code} has no account")
    ledger.add((value.account, None, None, ()), amount)
    if fee is not None:
        costs = value.fee_account or opened.control_accounts.fees
        if costs is None:
            raise ValueError(f"tender {code} has no fee account")
        ledger.add((costs, None, None, ()), minor(fee, facts.subject.currency))
        ledger.add((value.account, None, None, ()), -minor(fee, facts.subject.currency))


def _ledger(facts: Facts, opened: BookOpened) -> Ledger:
    subject = facts.subject
    return Ledger(_rate_of(subject, opened), _memo(facts), subject.said.customer)


def in_base(subject: Subject, opened: BookOpened, amount: int) -> int:
    """Convert an amount of a document to the book's currency. Raises ValueError when a foreign one states no rate."""
    return Ledger(_rate_of(subject, opened), "", None).base(amount)


def _rate_of(subject: Subject, opened: BookOpened) -> tuple[int, int]:
    return _rate(subject.said.exchange_rate, subject.currency, opened.base_currency)


def _rate(text: str | None, currency: str, base: str) -> tuple[int, int]:
    """Return the factor from minor units of one currency to those of the other, as an exact fraction."""
    if currency == base:
        return 1, 1
    if text is None:
        raise ValueError(f"no rate from {currency} to {base}")
    number, scale = scaled(text)
    return number * 10 ** EXPONENTS[base], scale * 10 ** EXPONENTS[currency]


def _memo(facts: Facts) -> str:
    """Name the document, and who a walk-in customer said to be (B16)."""
    invoice = facts.subject.invoice
    if invoice and invoice.walk_in and invoice.walk_in.name:
        return f"{facts.subject.number} {invoice.walk_in.name}"
    return facts.subject.number


def _receivable(owed: AccountOpened) -> Key:
    return owed.ledger_account, owed.account, None, ()


def mapping_keys(facts: Facts) -> Iterator[str]:
    """Yield every mapping that has a say in the journals of a document."""
    subject = facts.subject
    day, branch = subject.business_date, subject.said.branch
    for line in subject.lines:
        yield from mapping.revenue_keys(facts.book, line, branch, day)
        for tax in line.tax:
            yield f"mapping:tax:{tax.code}"
    tenders = [tender.tender for tender in subject.invoice.tenders] if subject.invoice else []
    for tender in (*tenders, *((subject.payment.tender,) if subject.payment else ())):
        yield f"mapping:tender:{tender}"


def imbalance(lines: Sequence[PostingLine]) -> tuple[int, int]:
    """Return debits less credits, in document and in book currency; both are zero for a journal (M1)."""
    signed = [(line.amount, line.base_amount) if line.side == "D" else (-line.amount, -line.base_amount) for line in lines]
    return sum(amount for amount, _ in signed), sum(base for _, base in signed)
