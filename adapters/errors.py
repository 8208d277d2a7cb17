"""The errors of the edge: what is wrong with the world, where, and how to mend it; each has its exit code."""

from __future__ import annotations


class EdgeError(Exception):
    """Something outside the engine does not let us go on."""

    exit_code = 1

    def __init__(self, place: str, reason: str, remedy: str) -> None:
        super().__init__(f"{place}: {reason}; {remedy}")
        self.place, self.reason, self.remedy = place, reason, remedy


class StoreUnreachable(EdgeError):
    """The store cannot be opened, read or written."""

    exit_code = 4


class StoreVersion(EdgeError):
    """The store was made by another release, or not made at all."""

    exit_code = 3


class NotFound(EdgeError):
    """What was asked for is not there, or several things have the name."""

    exit_code = 2


class CheckFailed(EdgeError):
    """A check ran to its end and found something wrong."""

    exit_code = 3


class Stopped(EdgeError):
    """The work was stopped from outside before its end; what is told says what was kept."""

    exit_code = 130


class BrokerUnreachable(EdgeError):
    """The broker does not answer, does not let us in, or does not have what is asked for."""

    exit_code = 4


class BrokerSetup(EdgeError):
    """The broker answers, and is not the one, or not set up as, this store needs."""

    exit_code = 3
