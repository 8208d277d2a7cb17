"""Our recorder is still the library's recorder: the suites that ship with `eventsourcing` pass on it, with text ids.

The application, process and tracking suites apply, and the one that looks for interleaved positions. The aggregate suite
does not: it wants a recorder that gives no positions (None), while ours is a process recorder and gives them, as the
application suite asks. The factory, mapper and transcoder suites do not: we build the recorder ourselves and keep our own
bytes. The subscription test is optional in the library, and its SQLite recorder refuses it.

The library's module of suites also imports its cipher, for the mapper suite, and with it a cryptography package that we
have no other use for; while the suites are imported, a class that cannot be used stands in its place.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from uuid import uuid4

import pytest
from eventsourcing.sqlite import SQLiteDatastore

from adapters.eventlog.postgres.place import place
from adapters.eventlog.postgres.recorder import Datastore
from adapters.eventlog.postgres.recorder import Recorder as PostgresRecorder
from adapters.eventlog.sqlite import Recorder, SqliteLog
from tests.servers import Server

_NO_CIPHER = ModuleType("eventsourcing.cipher")
_NO_CIPHER.AESCipher = None  # type: ignore[attr-defined]  # Only the mapper suite, which is not run here, would use it.

with pytest.MonkeyPatch.context() as patch:
    patch.setitem(sys.modules, "eventsourcing.cipher", _NO_CIPHER)
    from eventsourcing.tests.persistence import (
        ApplicationRecorderTestCase,
        NonInterleavingNotificationIDsBaseCase,
        ProcessRecorderTestCase,
        RecorderTestCase,
        TrackingRecorderTestCase,
    )


def _join(before: set[threading.Thread]) -> None:
    """Wait for the readers that a suite started and did not wait for, so that no connection closes under them."""
    for thread in set(threading.enumerate()) - before:
        thread.join()


class OnOurRecorder(RecorderTestCase):
    """Gives the library's suites a fresh store and stream names like ours."""

    def create_recorder(self) -> Recorder:
        """Return a recorder over a new file."""
        folder, threads = TemporaryDirectory(), set(threading.enumerate())
        self.addCleanup(folder.cleanup)
        datastore = SQLiteDatastore(str(Path(folder.name) / "log.sqlite"), lock_timeout=60, originator_id_type="text")
        self.addCleanup(datastore.close)
        recorder = Recorder(datastore, events_table_name="stored_events")
        recorder.create_table()
        self.addCleanup(_join, threads)
        return recorder

    def new_originator_id(self) -> str:
        """Return a stream name."""
        return f"shop|customer|{uuid4()}"


class TestApplicationRecorder(OnOurRecorder, ApplicationRecorderTestCase[Recorder]):
    """Events and notifications."""


class TestProcessRecorder(OnOurRecorder, ProcessRecorderTestCase):
    """Events together with the position they came from."""


class TestTrackingRecorder(OnOurRecorder, TrackingRecorderTestCase):
    """Positions of sources."""


class TestPositionsOfTwoWriters(OnOurRecorder, NonInterleavingNotificationIDsBaseCase):
    """Batches of two writers do not interleave."""


class OnOurPostgresRecorder(RecorderTestCase):
    """Gives the library's suites a fresh schema of a real server."""

    server: Server

    @pytest.fixture(autouse=True)
    def _on_a_server(self, postgres: Server) -> None:
        self.server = postgres

    def create_recorder(self) -> PostgresRecorder:
        """Return a recorder over a new schema."""
        there, threads = place(f"{self.server.fresh()}&pool_size=5"), set(threading.enumerate())
        with self.server.connect() as connection:
            connection.execute(f"CREATE SCHEMA {there.schema}".encode())
        datastore = Datastore(there)
        self.addCleanup(datastore.close)
        recorder = PostgresRecorder(datastore)
        recorder.create_table()
        self.addCleanup(_join, {*threads, *(thread for thread in threading.enumerate() if "pool-" in thread.name)})
        return recorder

    def new_originator_id(self) -> str:
        """Return a stream name."""
        return f"shop|customer|{uuid4()}"


@pytest.mark.postgres
class TestPostgresApplicationRecorder(OnOurPostgresRecorder, ApplicationRecorderTestCase[PostgresRecorder]):
    """Events and notifications."""


@pytest.mark.postgres
class TestPostgresProcessRecorder(OnOurPostgresRecorder, ProcessRecorderTestCase):
    """Events together with the position they came from."""


@pytest.mark.postgres
class TestPostgresTrackingRecorder(OnOurPostgresRecorder, TrackingRecorderTestCase):
    """Positions of sources."""


@pytest.mark.postgres
class TestPostgresPositionsOfTwoWriters(OnOurPostgresRecorder, NonInterleavingNotificationIDsBaseCase):
    """Batches of two writers do not interleave."""


del RecorderTestCase, ApplicationRecorderTestCase, ProcessRecorderTestCase
del TrackingRecorderTestCase, NonInterleavingNotificationIDsBaseCase, OnOurRecorder, OnOurPostgresRecorder


def test_a_compacted_store_keeps_its_positions(tmp_path: Path) -> None:
    """VACUUM may number unnamed rows anew; positions are a column of their own, so holes between them stay."""
    log = SqliteLog.create(str(tmp_path / "store.db"))
    with sqlite3.connect(tmp_path / "store.db") as base:
        rows = [(position, f"b|customer|c{position}", 1, "CustomerRegistered.v1", b"{}") for position in (3, 7, 20)]
        base.executemany("INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)", rows)
    base = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    base.execute("VACUUM")
    assert [recorded.position for recorded in log.read(0, 10)] == [3, 7, 20]
    assert log.head() == 20
