"""A year of a wholesaler's sales (UCI "Online Retail") as messages for the book `online-retail`.

    python -m tests.acceptance.online_retail ../shared/data/online-retail.parquet sales.jsonl [--anonymous-class] [--documents N]

How the table is read:

* One document per number, in order of its first line's time. `C…` is a credit note with quantities and amounts made
  positive; it names no original, because the data names none. `A…` (three bad-debt adjustments, two of them negative)
  are invoices as they stand.
* A line's net is quantity times unit price, rounded half up to pennies from the price's decimal text; totals are sums of
  lines. The data has no tax and no tenders, so neither have the messages.
* A product id that does not fit the grammar of ids has each run of other characters replaced by one hyphen
  (`BANK CHARGES` becomes `BANK-CHARGES`). A missing description stays empty.
* A class per country; a customer seen in two countries belongs to the first. Customers whose number ends in 0 get no link.
* Document 573585 has 1,114 lines. It stays whole, and is refused at the door.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.values import LINES_MAX, major
from tests.data.conversion import Publisher, minor_units, slug

BOOK = "online-retail"
CURRENCY = "GBP"
LONDON = ZoneInfo("Europe/London")
OPENED = "2010-12-01T00:00:00+00:00"
RECEIVABLE = "1100"
UNLINKED_DIGIT = 0
"""Customers whose number ends in this digit are the tenth that nobody linked."""

Mark = Literal["credit_note", "anonymous", "unlinked", "zero", "negative", "too_large"]

_WHOLESALER = Publisher(book=BOOK, source="/online-retail")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, with its price as decimal text."""

    number: str
    product: str
    description: str
    quantity: int
    price: str
    moment: datetime
    customer: int | None
    country: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many documents, and their gross in pennies as the table has it: credit notes count negative."""

    documents: int
    pennies: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The documents of the table, counted by the exact set of marks they carry."""

    by_marks: Mapping[frozenset[Mark], Tally]

    def of(self, *, has: frozenset[Mark] = frozenset(), lacks: frozenset[Mark] = frozenset()) -> Tally:
        """Count the documents that carry all marks of `has` and none of `lacks`."""
        chosen = [tally for marks, tally in self.by_marks.items() if has <= marks and not lacks & marks]
        return Tally(sum(t.documents for t in chosen), sum(t.pennies for t in chosen))


def messages(parquet: Path, *, anonymous_class: bool, documents: int | None = None) -> Iterator[bytes]:
    """Yield the book's setup and then its first documents (all, unless told how many), one structured message each."""
    chosen = list(islice(_documents(parquet), documents))
    yield from _setup(chosen, anonymous_class=anonymous_class)
    for rows in chosen:
        yield _document(rows)


def expected(parquet: Path) -> Summary:
    """Count the table by decimal arithmetic over whole columns, sharing nothing with the code that writes messages."""
    table = pq.read_table(parquet, columns=["inv", "q", "p", "cust"])
    prices = pc.cast(pc.cast(table["p"], pa.string()), pa.decimal128(12, 3))
    nets = pc.round(pc.multiply(prices, pc.cast(table["q"], pa.decimal128(19, 0))), 2, "half_towards_infinity")
    lines = pa.table({"inv": table["inv"], "cust": table["cust"], "net": nets})
    summed = lines.group_by("inv").aggregate([("net", "sum"), ("net", "count"), ("cust", "min")])
    columns = (summed[name].to_pylist() for name in ("inv", "net_sum", "net_count", "cust_min"))
    tallies: dict[frozenset[Mark], Tally] = {}
    for number, gross, count, customer in zip(*columns, strict=True):
        pennies = int(gross * 100)
        marks = _marks(number, pennies, count, customer)
        before = tallies.get(marks, Tally(0, 0))
        tallies[marks] = Tally(before.documents + 1, before.pennies + pennies)
    return Summary(tallies)


def main() -> int:
    """Write the messages of the table into a file."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.online_retail", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parquet", type=Path, help="the table, online-retail.parquet")
    parser.add_argument("output", type=Path, help="the JSON Lines file to write")
    parser.add_argument("--anonymous-class", action="store_true", help="sales without a customer go to a walk-in account")
    parser.add_argument("--documents", type=int, metavar="N", help="only the first N documents")
    asked = parser.parse_args()
    written = 0
    with asked.output.open("wb") as output:
        for line in messages(asked.parquet, anonymous_class=asked.anonymous_class, documents=asked.documents):
            output.write(line + b"\n")
            written += 1
    sys.stderr.write(f"{written:,} messages in {asked.output}\n")
    return 0


def _marks(number: str, pennies: int, lines: int, customer: int | None) -> frozenset[Mark]:
    is_credit_note = number.startswith("C")
    marks: dict[Mark, bool] = {
        "credit_note": is_credit_note,
        "anonymous": customer is None,
        "unlinked": customer is not None and customer % 10 == UNLINKED_DIGIT,
        "zero": pennies == 0,
        "negative": pennies < 0 and not is_credit_note,
        "too_large": lines > LINES_MAX,
    }
    return frozenset(mark for mark, holds in marks.items() if holds)


def _documents(parquet: Path) -> Iterator[list[Row]]:
    """Yield the rows of each document, documents in order of time."""
    by_number: dict[str, list[Row]] = {}
    for row in _rows(parquet):
        by_number.setdefault(row.number, []).append(row)
    yield from sorted(by_number.values(), key=lambda rows: rows[0].moment)


def _rows(parquet: Path) -> Iterator[Row]:
    table = pq.read_table(parquet, columns=["inv", "sku", "d", "q", "p", "ts", "cust", "c"])
    for number, sku, description, quantity, price, moment, customer, country in zip(
        *(column.to_pylist() for column in table.columns), strict=True
    ):
        # The table stores prices in binary; its shortest decimal text is what the wholesaler wrote.
        yield Row(number, slug(sku), description or "", quantity, repr(price), moment, customer, country)


def _setup(chosen: list[list[Row]], *, anonymous_class: bool) -> Iterator[bytes]:
    countries: dict[int, str] = {}
    for rows in chosen:
        if rows[0].customer is not None:
            countries.setdefault(rows[0].customer, rows[0].country)
    yield from _book(anonymous_class=anonymous_class)
    for country in dict.fromkeys(countries.values()):
        rules = {"class": _class_of(country), "version": 1, "name": country, "behaviour": "ACCOUNT"}
        yield _said("class.defined", _class_of(country), rules)
    for customer, country in countries.items():
        yield from _customer(customer, country)


def _book(*, anonymous_class: bool) -> Iterator[bytes]:
    policies = {"unreferenced_credit": "POST"} | ({"anonymous_class": "WALK-IN"} if anonymous_class else {})
    yield _said(
        "book.opened",
        BOOK,
        {
            "base_currency": CURRENCY,
            "control_accounts": {"receivable": RECEIVABLE, "deposits": "2300", "rounding": "8900"},
            "timezone": LONDON.key,
            "policies": policies,
        },
    )
    yield _said("mapping.defined", "revenue", {"kind": "revenue", "key": "default", "value": {"account": "4000"}})
    if anonymous_class:
        walk_in = {"account": "walk-in", "version": 1, "name": "Walk-in customers", "ledger_account": RECEIVABLE, "generic": True}
        yield _said("account.opened", "walk-in", walk_in)
        rules = {"behaviour": "GENERIC", "generic_account": "walk-in", "payment_required": False}
        yield _said("class.defined", "WALK-IN", {"class": "WALK-IN", "version": 1, "name": "Walk-in", **rules})


def _customer(number: int, country: str) -> Iterator[bytes]:
    customer, account, name = str(number), f"debtor-{number}", f"Customer {number}"
    yield _said("customer.registered", customer, {"customer": customer, "version": 1, "name": name})
    yield _said("account.opened", account, {"account": account, "version": 1, "name": name, "ledger_account": RECEIVABLE})
    yield _said("class.assigned", account, {"account": account, "class": _class_of(country)})
    if number % 10 != UNLINKED_DIGIT:
        yield _said("link.made", customer, {"customer": customer, "account": account})


def _said(kind: str, subject: str, data: Mapping[str, object]) -> bytes:
    return _WHOLESALER.says(kind, f"{kind}/{subject}", OPENED, data)


def _class_of(country: str) -> str:
    return slug(country).lower()


def _document(rows: list[Row]) -> bytes:
    first = rows[0]
    is_credit_note = first.number.startswith("C")
    sign = -1 if is_credit_note else 1
    nets = [sign * minor_units(row.price, row.quantity) for row in rows]
    gross = major(sum(nets), CURRENCY)
    moment = first.moment.replace(tzinfo=LONDON)
    day = moment.date().isoformat()
    data: dict[str, object] = {
        "document": first.number,
        "version": 1,
        "number": first.number,
        "date": day,
        "business_date": day,
        "currency": CURRENCY,
        "prices_include_tax": False,
        "lines": [_line(at, row, sign * row.quantity, net) for at, (row, net) in enumerate(zip(rows, nets, strict=True), 1)],
        "totals": {"net": gross, "tax": "0.00", "gross": gross},
    }
    if first.customer is not None:
        data["customer"] = str(first.customer)
    if is_credit_note:
        data["reason"] = "return"
    kind = "credit_note.issued" if is_credit_note else "invoice.issued"
    return _WHOLESALER.says(kind, first.number, moment.isoformat(), data)


def _line(at: int, row: Row, quantity: int, net: int) -> dict[str, object]:
    """Write one line with six keys: the longest documents would not pass the limit of 5,000 keys with more."""
    return {
        "line": at,
        "description": row.description,
        "net": major(net, CURRENCY),
        "tax": [],
        "product": row.product,
        "quantity": str(quantity),
    }


if __name__ == "__main__":
    sys.exit(main())
