"""Mapping: where in the books a line, a tax or a tender of the till belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.books import Book
from schemas.inbound.books import MappingValue
from schemas.inbound.documents import Line

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger account with the dimensions that go with it."""

    account: str
    dimensions: tuple[tuple[str, str], ...]


def class_of(book: Book, line: Line, day: str) -> str | None:
    """Return the product class of a line: its own, else that of its product."""
    if line.product_class is not None or line.product is None or not book.has_products:
        return line.product_class
    product = book.mapped("product", line.product, day)
    return product.product_class if product else None


def product_class(book: Book, key: str, day: str) -> MappingValue | None:
    """Return how lines of a product class post, None when it was not said (they post directly)."""
    return book.mapped("product_class", key, day)


def places(book: Book, lines: Sequence[Line], branch: str | None, day: str) -> tuple[Place | None, ...]:
    """Return where each line's net posts; lines of one class that name nothing of their own are looked up once."""
    found: dict[str | None, Place | None] = {}
    result: list[Place | None] = []
    for line in lines:
        if line.dimensions or line.revenue_account:
            result.append(revenue(book, line, branch, day))
            continue
        key = class_of(book, line, day)
        if key not in found:
            found[key] = revenue(book, line, branch, day)
        result.append(found[key])
    return tuple(result)


def revenue(book: Book, line: Line, branch: str | None, day: str) -> Place | None:
    """Return where a line's net posts: its own account, product class, branch, then the default (rulebook G5)."""
    branch_value = book.mapped("branch", branch, day) if branch else None
    key = class_of(book, line, day)
    value = _revenue_value(book, key, branch, day)
    account = line.revenue_account or (value.account if value else None) or (branch_value.account if branch_value else None)
    if account is None:
        default = book.mapped("revenue", DEFAULT, day)
        if default is None or default.account is None:
            return None
        account, value = default.account, default
    dimensions = {
        **(branch_value.dimensions if branch_value else {}),
        **(value.dimensions if value else {}),
        **(line.dimensions or {}),
    }
    return Place(account, tuple(sorted(dimensions.items())))


def _revenue_value(book: Book, key: str | None, branch: str | None, day: str) -> MappingValue | None:
    if key is None:
        return None
    named = book.mapped("revenue", f"{key}:{branch}", day) if branch else None
    direct = named or book.mapped("revenue", key, day)
    if direct:
        return direct
    described = product_class(book, key, day)
    return described if described and described.account else None


def revenue_keys(book: Book, line: Line, branch: str | None, day: str) -> tuple[str, ...]:
    """Return what a definition would have to be called to give a line its revenue account."""
    key = class_of(book, line, day)
    named = [f"mapping:revenue:{key}", f"mapping:product_class:{key}"] if key else []
    named += [f"mapping:revenue:{key}:{branch}"] if key and branch else []
    product = (f"mapping:product:{line.product}",) if line.product else ()
    return (*named, *product, *((f"mapping:branch:{branch}",) if branch else ()), f"mapping:revenue:{DEFAULT}")


def tax_account(book: Book, code: str, day: str) -> MappingValue | None:
    """Return where a tax component posts."""
    value = book.mapped("tax", code, day)
    return value if value and value.account else None


def tender_account(book: Book, code: str, day: str) -> MappingValue | None:
    """Return the bank or clearing account of a tender."""
    value = book.mapped("tender", code, day)
    return value if value and value.account else None
