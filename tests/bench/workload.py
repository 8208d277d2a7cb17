"""The workload: messages to measure with, a year of a wholesaler's real sales or as many small invoices as one likes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from schemas.values import major
from tests.acceptance.online_retail import messages
from tests.data.conversion import Publisher

DOCUMENT_MARKS = (b'"postgate.invoice.', b'"postgate.credit_note.')
BOOK = "bench"
CUSTOMERS = 2_000
LINES = 5
_TILL = Publisher(book=BOOK, source="/bench/till")
_OPENED = "2026-01-05T00:00:00Z"
_NAMES = ("Espresso beans, dark roast", "Paper cups 0.3 l, 50 pieces", "Oat drink, one litre", "Cleaning agent", "Gift box")


@dataclass(frozen=True, slots=True)
class Workload:
    """Facts about parties, and the documents that follow them."""

    name: str
    setup: Sequence[bytes]
    documents: Sequence[bytes]

    @property
    def bytes_each(self) -> int:
        """How large a document is on average."""
        return sum(map(len, self.documents)) // len(self.documents)


def arguments(about: str | None, *, documents: int) -> argparse.ArgumentParser:
    """Return a parser of what every measurement can be told: which messages, and how many."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parquet", type=Path, nargs="?", help="online-retail.parquet; without it, invoices of five lines")
    parser.add_argument("--documents", type=int, default=documents, help=f"how many documents ({documents:,})")
    return parser


def chosen(parquet: Path | None, documents: int) -> Workload:
    """Return the messages that were asked for; documents of the table are repeated when more are wanted."""
    if parquet is None:
        return Workload("invoices of five lines", list(parties()), list(islice(invoices(), documents)))
    setup, told = split(list(messages(parquet, anonymous_class=True, documents=None)))
    return Workload("the wholesaler's documents", setup, multiplied(told, documents))


def split(lines: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Part the facts about parties from the documents."""
    documents = [line for line in lines if any(mark in line[:400] for mark in DOCUMENT_MARKS)]
    return [line for line in lines if not any(mark in line[:400] for mark in DOCUMENT_MARKS)], documents


def multiplied(documents: Sequence[bytes], wanted: int) -> list[bytes]:
    """Repeat documents under new ids until there are enough of them."""
    result = list(documents[:wanted])
    for copy in range(1, -(-wanted // len(documents))):
        for line in documents:
            message = json.loads(line)
            message["id"] = f"{message['id']}.{copy}"
            message["data"]["document"] += f".{copy}"
            message["data"]["number"] += f".{copy}"
            result.append(json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode())
    return result[:wanted]


def parties() -> Iterator[bytes]:
    """Yield the setup of a book whose customers each have an account of a class."""
    control = {"receivable": "1100", "deposits": "2300", "rounding": "8900"}
    yield _said("book.opened", BOOK, {"base_currency": "EUR", "control_accounts": control, "timezone": "UTC", "policies": {}})
    yield _said("mapping.defined", "revenue", {"kind": "revenue", "key": "default", "value": {"account": "4000"}})
    yield _said("mapping.defined", "tax", {"kind": "tax", "key": "VAT", "value": {"account": "2200"}})
    yield _said("class.defined", "trade", {"class": "trade", "version": 1, "name": "Trade", "behaviour": "ACCOUNT"})
    for number in range(CUSTOMERS):
        customer, account = f"c{number}", f"debtor-{number}"
        yield from stranger(customer, account)
        yield link(customer, account)


def stranger(customer: str, account: str) -> Iterator[bytes]:
    """Yield a customer and an account that nobody has linked yet."""
    yield _said("customer.registered", customer, {"customer": customer, "version": 1, "name": customer})
    yield _said("account.opened", account, {"account": account, "version": 1, "name": account, "ledger_account": "1100"})
    yield _said("class.assigned", account, {"account": account, "class": "trade"})


def link(customer: str, account: str) -> bytes:
    """Return the fact that a customer owes through an account."""
    return _said("link.made", customer, {"customer": customer, "account": account})


def invoices(first: int = 0, *, customer: str | None = None) -> Iterator[bytes]:
    """Yield invoices without end, about a kilobyte each; their ids are random, so that indexes are hit everywhere."""
    while True:
        yield invoice(first, customer or f"c{first * 7_919 % CUSTOMERS}")
        first += 1


def invoice(number: int, customer: str) -> bytes:
    """Return one invoice of five lines."""
    id = sha256(b"%d" % number).hexdigest()[:20]
    nets = [1_000 + (number * 37 + line * 211) % 9_000 for line in range(LINES)]
    taxes = [net // 5 for net in nets]
    lines = [
        {
            "line": at + 1,
            "description": _NAMES[at],
            "net": major(net, "EUR"),
            "tax": [{"code": "VAT", "amount": major(tax, "EUR")}],
            "product": f"sku-{(number + at) % 500}",
            "quantity": "2",
        }
        for at, (net, tax) in enumerate(zip(nets, taxes, strict=True))
    ]
    day = f"2026-03-{1 + number % 28:02}"
    totals = {"net": major(sum(nets), "EUR"), "tax": major(sum(taxes), "EUR"), "gross": major(sum(nets) + sum(taxes), "EUR")}
    data: dict[str, object] = {
        "document": id,
        "version": 1,
        "number": f"R{number:08}",
        "date": day,
        "business_date": day,
        "currency": "EUR",
        "prices_include_tax": False,
        "lines": lines,
        "totals": totals,
        "customer": customer,
    }
    return _TILL.says("invoice.issued", f"till-{id}", f"{day}T10:00:00Z", data)


def _said(kind: str, subject: str, data: dict[str, object]) -> bytes:
    return _TILL.says(kind, f"{kind}/{subject}", _OPENED, data)
