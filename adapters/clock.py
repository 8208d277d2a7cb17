"""The clock: the only place that asks what time it is, and what day that is in a time zone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS


def now() -> int:
    """Return the time in microseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1_000


def day(timezone: str, instant: int, begins: str = "00:00") -> str | None:
    """Return the day of an instant in a time zone whose days begin at an hour of its clocks; None when there is no such zone."""
    zone = _zone(timezone)
    if zone is None:
        return None
    local = datetime.fromtimestamp(instant // MICROSECONDS, tz=zone)
    if begins == "00:00":
        return local.date().isoformat()
    # As timestamps: an hour that clocks show twice, or never, does not begin a day twice or end it early.
    begun = local.replace(hour=int(begins[:2]), minute=int(begins[3:]), second=0, microsecond=0, fold=0)
    return (local.date() - timedelta(days=begun.timestamp() > local.timestamp())).isoformat()


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
