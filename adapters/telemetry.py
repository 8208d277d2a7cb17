"""Telemetry: one line for each batch and each turn of events, a constant text with its facts as keys, on standard error."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any, Literal, TextIO

import structlog

VALUE_CHARACTERS_MAX = 2_000
REPEATED_NS = 60 * 10**9
REMEMBERED_MAX = 256
Level = Literal["info", "warning", "error"]
_LEVELS: Mapping[Level, int] = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_HIDDEN = "…"


class Lines:
    """Writes lines: JSON for machines, or easier to read where a person looks on. What is secret never leaves it."""

    def __init__(self, stream: TextIO | None = None, *, secrets: Sequence[str] = ()) -> None:
        """Write to a stream, standard error if none is given; `secrets` are texts that may not appear."""
        self._stream = sys.stderr if stream is None else stream
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        person = self._stream.isatty()
        rendered: list[Any] = (
            [_printable, structlog.dev.ConsoleRenderer(colors=True, sort_keys=False, timestamp_key="time")]
            if person
            # Everything outside ASCII is escaped too, so no id can move the cursor or begin a line of its own.
            else [structlog.processors.JSONRenderer(ensure_ascii=True, default=str)]
        )
        self._logger = structlog.wrap_logger(
            structlog.WriteLogger(self._stream),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                self._bounded,
                _in_order,
                *rendered,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            cache_logger_on_first_use=True,
        )

    def tell(self, event: str, facts: Mapping[str, object] | None = None, *, level: Level = "info") -> None:
        """Write one line. Losing one, because nobody takes them or the disk is full, is no reason to stop posting."""
        with suppress(OSError, ValueError):
            self._logger.log(_LEVELS[level], event, **(facts or {}))

    def listen(self, *loggers: str) -> None:
        """Write what libraries warn of as lines like ours."""
        for name in loggers:
            logger = logging.getLogger(name)
            logger.handlers[:] = [_Overheard(self)]
            logger.setLevel(logging.WARNING)
            logger.propagate = False

    def _bounded(self, _logger: object, _method: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Take secrets out of every value, and cut those short that somebody made endless."""
        return {self._plain(name): self._safe(value) for name, value in facts.items()}

    def _safe(self, value: object) -> object:
        match value:
            case str():
                return self._plain(value)
            case bytes():
                return self._plain(value.decode("utf-8", "backslashreplace"))
            case Mapping():
                return {self._plain(str(name)): self._safe(part) for name, part in value.items()}
            case list() | tuple():
                return [self._safe(part) for part in value]
            case None | bool() | int():
                return value
        return self._plain(str(value))

    def _plain(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text if len(text) <= VALUE_CHARACTERS_MAX else text[: VALUE_CHARACTERS_MAX - 1] + _HIDDEN


class _Overheard(logging.Handler):
    """Hands on what a library says; what it repeats many times a second is told once a minute."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines
        self._told_at: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        said, now = record.getMessage(), time.monotonic_ns()
        if now - self._told_at.get(said, -REPEATED_NS) < REPEATED_NS:
            return
        if len(self._told_at) >= REMEMBERED_MAX:
            self._told_at.clear()
        self._told_at[said] = now
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self._lines.tell("a library says", {"logger": record.name, "said": said}, level=level)


def _in_order(_logger: object, _method: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put first what every line has: when, how grave, what."""
    return {**{name: facts[name] for name in ("time", "level", "event")}, **facts}


def _printable(_logger: object, _method: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write what a terminal would obey as what it is: `\\x1b`, `\\r`."""
    return {_seen(name): _all_seen(value) for name, value in facts.items()}


def _all_seen(value: object) -> object:
    match value:
        case str():
            return _seen(value)
        case Mapping():
            return {_seen(name): _all_seen(part) for name, part in value.items()}
        case list():
            return [_all_seen(part) for part in value]
    return value


def _seen(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
