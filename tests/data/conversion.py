"""How a row of a table becomes exact money, a safe id and a structured message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.values import scaled

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._:/-]+")


def minor_units(price: str, quantity: int) -> int:
    """Return quantity times price in hundredths, halves away from zero (`"2.555"` twice is 511, `"0.005"` once is 1)."""
    numerator, denominator = scaled(price)
    hundredths = numerator * quantity * 100
    rounded = (2 * abs(hundredths) + denominator) // (2 * denominator)
    return -rounded if hundredths < 0 else rounded


def slug(text: str) -> str:
    """Return text as an id: each run of characters that an id may not hold becomes one hyphen."""
    return _NOT_IN_IDS.sub("-", text.strip()).strip("-")


@dataclass(frozen=True, slots=True)
class Publisher:
    """A system that publishes for one book; `says` writes one line of JSON Lines, without its line end."""

    book: str
    source: str

    def says(self, kind: str, message_id: str, time: str, data: Mapping[str, object]) -> bytes:
        """Return a structured CloudEvent of a kind such as `invoice.issued`."""
        event = {
            "specversion": "1.0",
            "id": message_id,
            "source": self.source,
            "type": f"postgate.{kind}.v1",
            "time": time,
            "book": self.book,
            "data": data,
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
