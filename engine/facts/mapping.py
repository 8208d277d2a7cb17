"""Mapping: where in the books a line, a tax or a tender of the till belongs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.streams.books import Book
from schemas.inbound.books import MappingValue
from schemas.inbound.customers import Channel
from schemas.inbound.documents import Line

DEFAULT = "default"
GIFT_CARD = "gift_card"
"""The key of the revenue mapping that names where gift cards are owed (L9)."""

DEPARTMENT = "department"
"""The dimension under which the department of a line reaches the ledger (G4)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger account with the dimensions that go with it; `note` is what the line's memo keeps besides the document.

    A departmental line keeps its product, a line in suspense the code that has no place of its own.
    """

    account: str
    dimensions: tuple[tuple[str, str], ...]
    note: str = ""
    departmental: bool = False
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Sold:
    """When, where and how a document was sold, and the revenue account its debtor asks for: what decides where lines post."""

    day: str
    branch: str | None = None
    channel: Channel | None = None
    revenue_account: str | None = None


def class_of(book: Book, line: Line, sold: Sold) -> str | None:
    """Return the product class of a line: its own, that of its product, or for free text the default of the channel."""
    if line.product_class is not None or not book.has_products:
        return line.product_class
    keys = (line.product,) if line.product is not None else _free_text(sold)
    return next((value.product_class for key in keys if (value := book.mapped("product", key, sold.day))), None)


def _free_text(sold: Sold) -> tuple[str, ...]:
    """Return the names under which lines of free text find a class: that of their channel, then that of all."""
    return (f"{DEFAULT}:{sold.channel}", DEFAULT) if sold.channel else (DEFAULT,)


def product_keys(line: Line, sold: Sold) -> tuple[str, ...]:
    """Return what a definition would have to be called to give a line without a class one."""
    return tuple(f"mapping:product:{key}" for key in ((line.product,) if line.product else _free_text(sold)))


def product_class(book: Book, key: str, day: str) -> MappingValue | None:
    """Return how lines of a product class post, None when it was not said (they post directly)."""
    return book.mapped("product_class", key, day)


def places(book: Book, lines: Sequence[Line], sold: Sold) -> tuple[Place | None, ...]:
    """Return where each line's net posts; lines of one class that name nothing of their own are looked up once."""
    found: dict[str | None, Place | None] = {}
    result: list[Place | None] = []
    for line in lines:
        if line.gift_card:
            result.append(_noted(book, line, _gift_card(book, line, sold)))
            continue
        if line.dimensions or line.revenue_account:
            result.append(_noted(book, line, revenue(book, line, sold, class_of(book, line, sold))))
            continue
        key = class_of(book, line, sold)
        if key not in found:
            found[key] = revenue(book, line, sold, key)
        place = found[key]
        result.append(place if place is not None and not place.departmental else _noted(book, line, place))
    return tuple(result)


def _noted(book: Book, line: Line, place: Place | None) -> Place | None:
    """Return a line's place, with the product where many share it, or in suspense where there is none and the book has one."""
    if place is not None:
        return replace(place, note=line.product or line.description) if place.departmental else place
    account = suspense(book)
    if account is None:
        return None
    code = line.product_class or line.product or line.description
    return Place(account, tuple(sorted((line.dimensions or {}).items())), f"revenue {code}", suspended=True)


def revenue(book: Book, line: Line, sold: Sold, key: str | None) -> Place | None:
    """Return where a line's net posts: its own account, the debtor's, product class, branch, then the default (rulebook G5)."""
    branch = book.mapped("branch", sold.branch, sold.day) if sold.branch else None
    value = _revenue_value(book, key, sold) if key is not None else None
    described = product_class(book, key, sold.day) if key is not None and "product_class" in book.kinds else None
    of_class = _class_account(described, sold.channel) if described else None
    account = line.revenue_account or sold.revenue_account or (value.account if value else None) or of_class
    if account is None and branch is not None:
        account = branch.account
    if value is None and of_class:
        value = described
    if account is None:
        value = book.mapped("revenue", DEFAULT, sold.day)
        account = value.account if value else None
        if account is None:
            return None
    department = described.department if described and described.behaviour == "DEPARTMENTAL" else None
    dimensions = {
        **(branch.dimensions if branch else {}),
        **(value.dimensions if value else {}),
        **({DEPARTMENT: department} if department else {}),
        **(line.dimensions or {}),
    }
    return Place(account, tuple(sorted(dimensions.items())) if dimensions else (), departmental=department is not None)


def _gift_card(book: Book, line: Line, sold: Sold) -> Place | None:
    """Return the liability that the sale of a gift card raises; never a revenue account that other lines fall back on (L9)."""
    key = class_of(book, line, sold)
    value = book.mapped("revenue", GIFT_CARD, sold.day) or (_revenue_value(book, key, sold) if key is not None else None)
    account = line.revenue_account or (value.account if value else None)
    dimensions = {**(value.dimensions if value else {}), **(line.dimensions or {})}
    return Place(account, tuple(sorted(dimensions.items()))) if account else None


def _class_account(described: MappingValue, channel: Channel | None) -> str | None:
    """Return where a product class posts: the account of the channel, so that shop and service stay apart, or its own (G4)."""
    return (described.accounts.get(channel) if channel else None) or described.account


def _revenue_value(book: Book, key: str, sold: Sold) -> MappingValue | None:
    named = book.mapped("revenue", f"{key}:{sold.branch}", sold.day) if sold.branch else None
    return named or book.mapped("revenue", key, sold.day)


def revenue_keys(book: Book, line: Line, sold: Sold) -> tuple[str, ...]:
    """Return what a definition would have to be called to give a line its revenue account."""
    key, branch = class_of(book, line, sold), sold.branch
    if line.gift_card:
        return (f"mapping:revenue:{GIFT_CARD}", *((f"mapping:revenue:{key}",) if key else ()))
    named = [f"mapping:revenue:{key}", f"mapping:product_class:{key}"] if key else []
    named += [f"mapping:revenue:{key}:{branch}"] if key and branch else []
    product = product_keys(line, sold) if line.product or line.product_class is None else ()
    return (*named, *product, *((f"mapping:branch:{branch}",) if branch else ()), f"mapping:revenue:{DEFAULT}")


def tax_account(book: Book, code: str, day: str) -> MappingValue | None:
    """Return where a tax component posts."""
    value = book.mapped("tax", code, day)
    return value if value and value.account else None


def tender_account(book: Book, code: str, day: str) -> MappingValue | None:
    """Return the bank or clearing account of a tender."""
    value = book.mapped("tender", code, day)
    return value if value and value.account else None


def suspense(book: Book) -> str | None:
    """Return the account for what has no place, where the book chose to post it all the same (M7)."""
    opened = book.opened
    return opened.control_accounts.suspense if opened and opened.policies.suspense == "POST" else None


def dimension_keys(book: Book, accounts: Sequence[str]) -> Iterator[str]:
    """Yield what would change the dimensions that ledger accounts ask for."""
    if "dimension_policy" in book.kinds:
        yield from (f"mapping:dimension_policy:{account}" for account in dict.fromkeys(accounts))
