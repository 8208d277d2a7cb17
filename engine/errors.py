"""The errors of the engine, on one page.

PostgateError
  Refused      the caller is wrong: a stable code, plain words and a remedy
  Outdated     an older version than the one recorded; nothing changes
  Conflict     the world moved while we decided: read again and try again
  Corrupt      what is stored contradicts itself: stop, nothing is guessed
"""

from __future__ import annotations


class PostgateError(Exception):
    """The root of all errors that Postgate raises on purpose."""


class Refused(PostgateError):
    """A fact or command that the rules do not admit."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{message} ({code}); {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy


class Outdated(PostgateError):
    """A version older than the one already recorded."""

    def __init__(self, told: int, known: int) -> None:
        super().__init__(f"version {told} is older than version {known}, which is recorded")


class Conflict(PostgateError):
    """Somebody else wrote first."""


class Corrupt(PostgateError):
    """Stored history that cannot be true."""
