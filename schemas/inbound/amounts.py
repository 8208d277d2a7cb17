"""Checks that need the currency of the whole document: scale, sign of zero and range of every amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NoReturn

from pydantic_core import PydanticCustomError

from schemas.values import EXPONENTS, MINOR_UNITS_MAX, InvalidAmount, minor

if TYPE_CHECKING:
    from schemas.inbound.documents import InvoiceIssued, PaymentReceived

LINE_AMOUNTS = ("discount", "tax_total", "exempted_tax", "price_before_exemption")
RARE = frozenset((*LINE_AMOUNTS, "discounts"))
HEADER_AMOUNTS = ("net", "tax", "gross", "charges", "rounding", "cash_rounding", "discount", "paid")


def checked_document(document: InvoiceIssued) -> None:
    """Raise when an amount does not fit the currency, or the sum of the lines leaves the range."""
    currency, lines = document.currency, document.lines
    try:
        total = sum([abs(minor(line.net, currency)) for line in lines])
        total += sum([abs(minor(tax.amount, currency)) for line in lines for tax in line.tax])
        for _, amount in _other_amounts(document):
            minor(amount, currency)
    except InvalidAmount:
        _refuse(_every_amount(document), currency)
    if len({line.line for line in lines}) != len(lines):
        twice = _first_twice(line.line for line in lines)
        _fail("DUPLICATE_LINE", "lines", f"two lines have the number {twice}; give each its own")
    if total > MINOR_UNITS_MAX:
        _fail("AMOUNT_RANGE", "lines", "the lines add up to more than the largest amount, 10^15 of the smallest unit")


def checked_payment(payment: PaymentReceived) -> None:
    """Raise when an amount does not fit the currency, is not positive, or the allocations exceed the payment."""
    places = [("amount", payment.amount), *((f"allocations.{i}.amount", a.amount) for i, a in enumerate(payment.allocations))]
    try:
        units = [minor(amount, payment.currency) for _, amount in places]
        if payment.fee is not None:
            minor(payment.fee, payment.currency)
    except InvalidAmount:
        _refuse([*places, ("fee", payment.fee or "0")], payment.currency)
    for (place, _), amount in zip(places, units, strict=True):
        if amount <= 0:
            _fail("AMOUNT_RANGE", place, "must be above zero; money that goes the other way has a type of its own")
    if sum(units[1:]) > units[0]:
        _fail("ALLOCATED_TOO_MUCH", "allocations", "add up to more than the payment")
    documents = [a.document for a in payment.allocations]
    if len(set(documents)) != len(documents):
        _fail("DUPLICATE_LINE", "allocations", f"{_first_twice(documents)} is allocated twice; add the two up")


def _other_amounts(document: InvoiceIssued) -> Iterator[tuple[str, str]]:
    """Every amount but the net and tax of the lines, with its place."""
    for index, line in enumerate(document.lines):
        if RARE.isdisjoint(line.model_fields_set):
            continue
        for name in LINE_AMOUNTS:
            amount = getattr(line, name)
            if amount is not None:
                yield f"lines.{index}.{name}", amount
        for at, amount in enumerate(line.discounts or ()):
            yield f"lines.{index}.discounts.{at}", amount
    for name in HEADER_AMOUNTS:
        amount = getattr(document.totals, name)
        if amount is not None:
            yield f"totals.{name}", amount
    for index, tender in enumerate(document.tenders):
        yield f"tenders.{index}.amount", tender.amount
        if tender.fee is not None:
            yield f"tenders.{index}.fee", tender.fee


def _every_amount(document: InvoiceIssued) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(document.lines):
        yield f"lines.{index}.net", line.net
        for at, tax in enumerate(line.tax):
            yield f"lines.{index}.tax.{at}.amount", tax.amount
    yield from _other_amounts(document)


def _refuse(amounts: Iterable[tuple[str, str]], currency: str) -> NoReturn:
    """Raise for the first amount that does not fit; only called when there is one."""
    remedies = {
        "SCALE": f"{currency} has {EXPONENTS[currency]} digits after the point",
        "AMOUNT_FORMAT": "write zero without a sign",
        "AMOUNT_RANGE": "the largest amount is 10^15 of the smallest unit",
    }
    for place, amount in amounts:
        try:
            minor(amount, currency)
        except InvalidAmount as error:
            raise PydanticCustomError(
                error.code, "{text} does not fit: {remedy}", {"place": place, "text": amount, "remedy": remedies[error.code]}
            ) from error
    raise AssertionError("refused, but every amount fits")


def _fail(code: str, place: str, told: str) -> NoReturn:
    raise PydanticCustomError(code, "{told}", {"place": place, "told": told})


def _first_twice(names: Iterable[object]) -> object:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    raise AssertionError("refused, but nothing is said twice")
