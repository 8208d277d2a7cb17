"""The clock: the only place that asks what time it is, and what day that is in a time zone."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECONDS = 1_000_000


def now() -> int:
    """Return the time in microseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1_000


def day(timezone: str, instant: int) -> str | None:
    """Return the day of an instant in a time zone, None when there is no such zone."""
    zone = _zone(timezone)
    return datetime.fromtimestamp(instant // MICROSECONDS, tz=zone).date().isoformat() if zone else None


def text(instant: int) -> str:
    """Return an instant as RFC 3339 text in UTC, to the second."""
    return datetime.fromtimestamp(instant // MICROSECONDS, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=256)
def _zone(timezone: str) -> ZoneInfo | None:
    if timezone in ("localtime", "posixrules", "Factory"):
        return None  # These mean another zone on every machine.
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        return None
