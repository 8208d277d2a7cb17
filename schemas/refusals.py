"""Turns a validation error into one refusal: a stable code, the place, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import ErrorDetails

from schemas.gate import Unreadable
from schemas.shape import Shape
from schemas.values import (
    AMOUNT_PATTERN,
    CODE_PATTERN,
    CURRENCY_PATTERN,
    DAY_PATTERN,
    DECIMAL_PATTERN,
    ID_PATTERN,
    READ_FROM_PATTERN,
    SOURCE_PATTERN,
    THRESHOLD_PATTERN,
    TIME_PATTERN,
    TYPE_PATTERN,
)

ERRORS_SHOWN_MAX = 20
STEP_SHOWN_MAX = 64


class Grammar(NamedTuple):
    """How text of one kind is refused: the code for wrong text, the code for no text at all, and what to write."""

    code: str
    code_unless_text: str
    remedy: str


_AMOUNT = 'write decimal text in quotes such as "1234.50", without exponent, sign + or separators'
_GRAMMARS = {
    ID_PATTERN: Grammar("ID_CHARSET", "ID_CHARSET", "write 1 to 128 of the characters A-Z a-z 0-9 . _ : / - in quotes"),
    SOURCE_PATTERN: Grammar("ID_CHARSET", "ID_CHARSET", "write a URI reference such as /pos/store-12"),
    READ_FROM_PATTERN: Grammar("ID_CHARSET", "ID_CHARSET", "write the source as postgate doctor shows it"),
    AMOUNT_PATTERN: Grammar("AMOUNT_FORMAT", "AMOUNT_NOT_STRING", _AMOUNT),
    THRESHOLD_PATTERN: Grammar("AMOUNT_FORMAT", "AMOUNT_NOT_STRING", f"{_AMOUNT}, from zero upward"),
    DECIMAL_PATTERN: Grammar("AMOUNT_FORMAT", "AMOUNT_NOT_STRING", 'write decimal text in quotes such as "0.125"'),
    DAY_PATTERN: Grammar("DATE", "DATE", 'write a day in quotes as "YYYY-MM-DD"'),
    TIME_PATTERN: Grammar("DATE", "DATE", 'write an RFC 3339 time in quotes such as "2026-01-31T13:45:00+01:00"'),
    CURRENCY_PATTERN: Grammar("CURRENCY", "CURRENCY", "write an ISO 4217 code such as EUR"),
    CODE_PATTERN: Grammar("SCHEMA_INVALID", "SCHEMA_INVALID", "write a reason code in capitals"),
    TYPE_PATTERN: Grammar("UNKNOWN_TYPE", "SCHEMA_INVALID", "write a type of the contract such as postgate.invoice.issued.v1"),
}
_LONG_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?", re.ASCII)
_OWN_CODES = frozenset(
    "SCHEMA_INVALID DATE TIMEZONE_REQUIRED CURRENCY SCALE AMOUNT_FORMAT AMOUNT_RANGE DUPLICATE_LINE ALLOCATED_TOO_MUCH".split()
    + "TOO_LONG CONTROL_CHARACTER POSITION".split()
)
_BY_TYPE = {
    "extra_forbidden": ("UNKNOWN_FIELD", "is not a field of this type; remove it or publish under a later version"),
    "missing": ("SCHEMA_INVALID", "is required"),
    "string_type": ("SCHEMA_INVALID", "write text in quotes"),
    "int_type": ("SCHEMA_INVALID", "write a whole number without quotes"),
    "bool_type": ("SCHEMA_INVALID", "write true or false without quotes"),
    "string_too_long": ("TOO_LONG", ""),
    "too_long": ("TOO_MANY_ITEMS", ""),
}


def explain(error: ValidationError, *, at: str, shape: type[Shape] | None = None) -> Unreadable:
    """Return the refusal for a validation error; the first fault gives the code, the text names up to 20."""
    faults = error.errors(include_url=False)
    patterns = _patterns(shape) if shape else {}
    judged = [_judged(fault, patterns) for fault in faults[:ERRORS_SHOWN_MAX]]
    told = "; ".join(f"{at}{_place(fault)}: {remedy}" for fault, (_, remedy) in zip(faults, judged, strict=False))
    more = f"; and {len(faults) - ERRORS_SHOWN_MAX} more" if len(faults) > ERRORS_SHOWN_MAX else ""
    return Unreadable(judged[0][0], told + more)


def _place(fault: ErrorDetails) -> str:
    """Name the field; a check of the whole message brings the place along."""
    known = str(fault.get("ctx", {}).get("place", ""))
    return ".".join([*(str(step)[:STEP_SHOWN_MAX] for step in fault["loc"]), *([known] if known else [])]) or "message"


def _judged(fault: ErrorDetails, patterns: dict[tuple[str, ...], str]) -> tuple[str, str]:
    """Return the code and the remedy of one fault."""
    kind, told = fault["type"], fault["msg"]
    if kind in _OWN_CODES:
        return kind, told
    if kind == "string_pattern_mismatch":
        return _mismatched(str(fault.get("ctx", {}).get("pattern")), fault["input"], told)
    if fault["loc"] == ("lines",) and kind in ("too_short", "too_long"):
        few = kind == "too_short"
        return ("NO_LINES", "a document has at least one line") if few else ("TOO_MANY_LINES", told)
    if kind in ("string_type", "string_too_long"):
        grammar = _GRAMMARS.get(_pattern_at(fault["loc"], patterns))
        if grammar:
            return grammar.code_unless_text, grammar.remedy
    code, remedy = _BY_TYPE.get(kind, ("SCHEMA_INVALID", ""))
    return code, remedy or told


def _mismatched(pattern: str, text: object, told: str) -> tuple[str, str]:
    grammar = _GRAMMARS.get(pattern)
    if grammar is None:
        return "SCHEMA_INVALID", told
    if pattern in (AMOUNT_PATTERN, THRESHOLD_PATTERN) and isinstance(text, str) and _LONG_AMOUNT.fullmatch(text):
        whole, _, fraction = text.lstrip("-").partition(".")
        if len(whole) > 15:
            return "AMOUNT_RANGE", "the largest amount is 10^15 of the currency's smallest unit"
        if len(fraction) > 4:
            return "SCALE", "no currency has more than 4 digits after the point"
    return grammar.code, grammar.remedy


def _pattern_at(place: tuple[int | str, ...], patterns: dict[tuple[str, ...], str]) -> str:
    steps = tuple("[]" if isinstance(step, int) else step for step in place)
    return patterns.get(steps) or patterns.get((*steps[:-1], "{}"), "")


@lru_cache(maxsize=256)
def _patterns(shape: type[Shape]) -> dict[tuple[str, ...], str]:
    """Return the grammar of every text field by its place, with [] for an item and {} for a value of a mapping."""
    schema = shape.model_json_schema()
    return dict(_patterns_in(schema, schema.get("$defs", {}), ()))


def _patterns_in(node: JsonSchemaValue, shapes: JsonSchemaValue, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    node = shapes[node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    if "pattern" in node:
        yield at, node["pattern"]
    for choice in node.get("anyOf", []):
        yield from _patterns_in(choice, shapes, at)
    for name, field in node.get("properties", {}).items():
        yield from _patterns_in(field, shapes, (*at, name))
    if "items" in node:
        yield from _patterns_in(node["items"], shapes, (*at, "[]"))
    others = node.get("additionalProperties")
    for values in (*node.get("patternProperties", {}).values(), *((others,) if isinstance(others, dict) else ())):
        yield from _patterns_in(values, shapes, (*at, "{}"))
