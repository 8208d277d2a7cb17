"""Output: rows as a table for people or as JSON for programs, and amounts as each of them reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import click

from adapters.cli.options import ROWS_SHOWN

Json = Mapping[str, object]
Table = Sequence[tuple[str, str]]
"""Columns of a table: the heading, and where the cell is in the JSON object. A heading that ends in a space aligns right."""

CELL_CHARACTERS_MAX = 90
AMOUNTS = ("amount", "gross", "total", "debit", "credit", "balance", "open", "pending", "credit_limit")


def emit(told: Json) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(told, ensure_ascii=False, separators=(",", ":")))


def show(rows: Iterable[Json], columns: Table, *, as_json: bool, limit: int | None, none: str = "nothing") -> None:
    """Print rows as JSON Lines or as a table; of a long list people see the beginning and are told so."""
    if as_json:
        for number, row in enumerate(rows):
            if limit and number >= limit:
                return
            emit(row)
        return
    most = ROWS_SHOWN if limit is None else limit
    shown: list[Json] = []
    more = False
    for row in rows:
        if most and len(shown) == most:
            more = True
            break
        shown.append(row)
    if not shown:
        click.echo(none, err=True)
        return
    click.echo(table([[_cell(key, row.get(key)) for _, key in columns] for row in shown], [heading for heading, _ in columns]))
    if more:
        click.echo(f"the first {most}; --limit 0 shows all", err=True)


def table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> str:
    """Return a table; a heading that ends in a space has its column aligned right."""
    from tabulate import tabulate

    align = ["right" if heading.endswith(" ") else "left" for heading in headings]
    names = [heading.strip() for heading in headings]
    text = tabulate(rows, names, tablefmt="simple", disable_numparse=True, colalign=align if rows else None)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _cell(key: str, value: object) -> str:
    if key in AMOUNTS and isinstance(value, str):
        return grouped(value)
    if key == "reasons" and isinstance(value, list):
        return " ".join(dict.fromkeys(str(reason["code"]) for reason in value))
    if value is None or value is False:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    text = "yes" if value is True else str(value)
    return text if len(text) <= CELL_CHARACTERS_MAX else f"{text[: CELL_CHARACTERS_MAX - 1]}…"


def amount(units: int, currency: str) -> str:
    """Return minor units as people read them: `12,400.00`."""
    from schemas.values import major

    return grouped(major(units, currency))


def grouped(text: str) -> str:
    """Return decimal text with its thousands set apart."""
    whole, point, fraction = text.lstrip("-").partition(".")
    return f"{'-' if text[:1] == '-' else ''}{int(whole):,}{point}{fraction}"


def amounts(sums: Mapping[str, int]) -> str:
    """Return amounts of several currencies as people read them: `12,400.00 EUR and 30.00 USD`."""
    return " and ".join(f"{amount(units, currency)} {currency}" for currency, units in sorted(sums.items())) or "0"


def exact(sums: Mapping[str, int]) -> dict[str, str]:
    """Return amounts of several currencies as decimal text, by currency."""
    from schemas.values import major

    return {currency: major(units, currency) for currency, units in sorted(sums.items())}


def documents(count: int) -> str:
    """Return a number of documents in words."""
    return counted(count, "document")


def counted(count: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
