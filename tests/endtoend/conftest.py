"""A broker and a database of its own for a test that kills them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker import own_broker
from tests.servers import Server, ended, started

__all__ = ["own_broker"]


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL for one test alone, to be killed."""
    server = started()
    yield server
    if server.process is None:
        server.start()
    ended(server)
