"""Values: money as integer minor units, identifiers, days, times, and the limit of each.

Amounts travel as decimal text and live as integers of the currency's minor unit (ISO 4217 exponent). Nothing is
rounded, defaulted or repaired here: a value that does not fit its grammar is refused with a stable code.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated

from iso4217 import Currency as IsoCurrency
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

ID_LENGTH_MAX = 128
NAME_LENGTH_MAX = 256
TEXT_LENGTH_MAX = 1_000
LINES_MAX = 1_000
TENDERS_MAX = 50
TAXES_PER_LINE_MAX = 10
ALLOCATIONS_MAX = 1_000
MERGED_MAX = 100
DUNNING_LEVELS_MAX = 10
TRANSFERRED_MAX = 500
MINOR_UNITS_MAX = 10**15
YEAR_MIN, YEAR_MAX = 1990, 2100

EXPONENTS: dict[str, int] = {c.code: c.exponent for c in IsoCurrency if c.exponent is not None}
"""Digits after the point by currency code; codes without a minor unit (gold, test codes) are absent, so refused."""

ID_PATTERN = r"^[A-Za-z0-9._:/-]{1,128}$"
READ_FROM_PATTERN = r"^[A-Za-z0-9._:/-]{1,400}$"
AMOUNT_PATTERN = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$"
THRESHOLD_PATTERN = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$"
DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?$"
DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PERIODS_APART_PATTERN = r"^(C|[+-][0-9]{1,3}\.\.[+-][0-9]{1,3})$"
HOUR_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
CLOCK_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
TIME_PATTERN = CLOCK_PATTERN + r"(Z|[+-][0-9]{2}:[0-9]{2})$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"
CODE_PATTERN = r"^[A-Z][A-Z0-9_]{0,63}$"
TYPE_PATTERN = r"^[a-z0-9_.]{1,128}$"
SOURCE_PATTERN = r"^[A-Za-z0-9._:/?#@!$&'()*+,;=%~-]{1,256}$"

_TIME = re.compile(TIME_PATTERN, re.ASCII)
_NAIVE = re.compile(CLOCK_PATTERN, re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class InvalidAmount(ValueError):
    """Text that is not an amount of its currency; `code` is AMOUNT_FORMAT, SCALE or AMOUNT_RANGE."""

    def __init__(self, code: str, text: str, currency: str) -> None:
        super().__init__(f"{text!r} is not an amount in {currency} ({code})")
        self.code = code


@lru_cache(maxsize=65_536)
def minor(amount: str, currency: str) -> int:
    """Return an amount as integer minor units of its currency (`"12.50"`, EUR -> 1250).

    Raises InvalidAmount when it has more digits than the currency, is a signed zero, or is out of range.
    """
    whole, _, fraction = amount.partition(".")
    exponent = EXPONENTS[currency]
    if len(fraction) > exponent:
        raise InvalidAmount("SCALE", amount, currency)
    units = int(whole + fraction.ljust(exponent, "0"))
    if not units and amount[0] == "-":
        raise InvalidAmount("AMOUNT_FORMAT", amount, currency)
    if not -MINOR_UNITS_MAX <= units <= MINOR_UNITS_MAX:
        raise InvalidAmount("AMOUNT_RANGE", amount, currency)
    return units


def major(units: int, currency: str) -> str:
    """Return minor units as the decimal text of their currency (1250, EUR -> `"12.50"`)."""
    exponent = EXPONENTS[currency]
    sign, digits = ("-" if units < 0 else ""), str(abs(units)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else sign + digits


def scaled(rate: str) -> tuple[int, int]:
    """Return decimal text as an exact fraction (numerator, power-of-ten denominator); for rates and quantities."""
    whole, _, fraction = rate.partition(".")
    return int(whole + fraction), 10 ** len(fraction)


@lru_cache(maxsize=4096)
def _real_day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("DATE", "not a day of the calendar, write YYYY-MM-DD") from error
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise PydanticCustomError("DATE", "the year must be from 1990 to 2100")
    return text


def _real_time(text: str) -> str:
    if not _TIME.fullmatch(text):
        if _NAIVE.fullmatch(text):
            raise PydanticCustomError("TIMEZONE_REQUIRED", "a time needs its offset: Z or +01:00")
        raise PydanticCustomError("DATE", "not an RFC 3339 time, write 2026-01-31T13:45:00+01:00")
    instant(text)
    return text


@lru_cache(maxsize=4096)
def instant(text: str) -> int:
    """Return an RFC 3339 time as microseconds since 1970-01-01T00:00:00Z."""
    try:
        moment = datetime.fromisoformat(text)
        micros = int(moment.timestamp()) * 1_000_000 + moment.microsecond
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("DATE", "not a time of the calendar") from error
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        raise PydanticCustomError("DATE", "the year must be from 1990 to 2100")
    return micros


def _known_currency(code: str) -> str:
    if code not in EXPONENTS:
        raise PydanticCustomError("CURRENCY", "not a current ISO 4217 code with a minor unit")
    return code


def _composed(text: str, length_max: int = TEXT_LENGTH_MAX) -> str:
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    if len(composed) > length_max:
        # What is stored must be readable again, and a few characters have no composed form: they become two.
        told = "is too long once composed; write at most {length_max} characters"
        raise PydanticCustomError("TOO_LONG", told, {"length_max": length_max})
    return composed


def _on_one_line(text: str) -> str:
    if not text.isprintable() and _CONTROL.search(text):
        raise PydanticCustomError("CONTROL_CHARACTER", "a name stands on one line, without tabs and line breaks")
    return _composed(text, NAME_LENGTH_MAX)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
ReadFrom = Annotated[str, StringConstraints(pattern=READ_FROM_PATTERN)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Amount = Annotated[str, StringConstraints(pattern=AMOUNT_PATTERN), Field(description="decimal text in the currency's scale")]
Threshold = Annotated[str, StringConstraints(pattern=THRESHOLD_PATTERN), Field(description="decimal text from zero upward")]
Decimal = Annotated[str, StringConstraints(pattern=DECIMAL_PATTERN), Field(description="decimal text: quantity or rate")]
Day = Annotated[str, StringConstraints(pattern=DAY_PATTERN), AfterValidator(_real_day)]
Time = Annotated[
    str, StringConstraints(max_length=40), Field(json_schema_extra={"pattern": TIME_PATTERN}), AfterValidator(_real_time)
]
Currency = Annotated[str, StringConstraints(pattern=CURRENCY_PATTERN), AfterValidator(_known_currency)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH_MAX), AfterValidator(_on_one_line)]
Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH_MAX), AfterValidator(_composed)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
