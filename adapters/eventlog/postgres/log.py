"""The log on PostgreSQL: the library's recorder, with receipts, chains and views in the same transaction.

Positions are the last one plus one, taken under the writer's lock, so that a rolled back batch leaves no hole and two
databases that heard the same have the same log. Nothing that reads relies on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, PersistenceError, StoredEvent, Tracking
from psycopg import Cursor as DriverCursor
from psycopg.rows import DictRow, dict_row, tuple_row

from adapters.cells import CellMap
from adapters.dialect import POSTGRES, Cursor
from adapters.eventlog.postgres import schema
from adapters.eventlog.postgres.checks import findings, refuse_shared_session
from adapters.eventlog.postgres.place import Place, connected, place, unreachable
from adapters.eventlog.postgres.recorder import Cells, Datastore, Recorder
from adapters.eventlog.postgres.roles import give_rights, refuse_reader
from adapters.eventlog.store import Finding
from adapters.eventlog.tables import Migration, refuse_another_release, remake_views, stale_views
from adapters.eventlog.writing import SqlWriting
from adapters.viewstore import SqlViews
from engine.errors import Conflict
from engine.ports import Gap, Receipt
from engine.record import Happened, Recorded

LOCK_TIMEOUT_S = 60


class PostgresLog:
    """The log port over one schema of a PostgreSQL database."""

    dialect = POSTGRES

    def __init__(self, url: str, *, lock_timeout_s: int = LOCK_TIMEOUT_S, cells: CellMap | None = None) -> None:
        """Open a store that `create` has made; with `cells`, only for the books that it keeps.

        Raises StoreUnreachable or StoreVersion.
        """
        self._place = place(url, lock_timeout_s=lock_timeout_s)
        self._books = cells
        self._may_write = False
        self.path = str(self._place)
        with connected(self._place) as connection:
            refuse_shared_session(self._place, connection)
            self.deployment = schema.deployment(self._place, connection)
        self._recorder = Recorder(Datastore(self._place))

    @classmethod
    def create(cls, url: str) -> PostgresLog:
        """Create the store if it is missing, and open it."""
        cls.migrate(url)
        return cls(url)

    @classmethod
    def migrate(cls, url: str, *, lock_timeout_s: int = LOCK_TIMEOUT_S) -> Migration:
        """Create the store if it is missing, and rebuild views of another version; all of it in one transaction."""
        there = place(url, lock_timeout_s=lock_timeout_s)
        recorder = Recorder(Datastore(there))
        with connected(there) as connection:
            refuse_shared_session(there, connection)
            created, facts = schema.make(there, connection, recorder)
            stale = stale_views(facts)
            if stale:
                raw = connection.cursor(row_factory=dict_row)
                remake_views(_cells(raw), POSTGRES, stale)
                PostgresWriting(raw, recorder, facts["deployment"]).rebuild(stale)
            give_rights(there, connection)
        return Migration(created, tuple(view.name for view in stale))

    @contextmanager
    def writing(self, *, dry: bool = False) -> Iterator[PostgresWriting]:
        """Open the one writer's transaction; its first statement takes the lock, so that what is read stays true."""
        self.ready_to_write()
        with _reaching(self._place):
            writing, complete = None, False
            try:
                with self._recorder.datastore.transaction(commit=not dry) as cursor:
                    self._recorder._lock_table(cursor)
                    refuse_another_release(self.path, _cells(cursor))
                    writing = PostgresWriting(cursor, self._recorder, self.deployment, self._admit)
                    yield writing
                    complete = True
            except (OperationalError, InterfaceError):
                # The commit was sent and its answer was lost: only the log itself can say what became of it.
                if dry or not complete or writing is None or not self._kept(writing):
                    raise

    def ready_to_write(self) -> None:
        """Look once whether this user may write and whose books these are. Raises StoreUnreachable or StoreVersion."""
        if self._may_write:
            return
        with self.querying() as cursor:
            refuse_reader(self._place, cursor)
            cursor.execute("SELECT book FROM heads")
            self._admit({str(row[0]) for row in cursor.fetchall()})
        self._may_write = True

    def _admit(self, books: Collection[str]) -> None:
        if self._books is not None:
            self._books.admit(self.path, self._place.schema, books)

    def _kept(self, writing: PostgresWriting) -> bool:
        """Look for a batch whose commit was not acknowledged. The lock waits until the server is done with it."""
        with self._recorder.datastore.transaction(commit=False) as cursor:
            self._recorder._lock_table(cursor)
            return writing.is_kept(_cells(cursor))

    @contextmanager
    def reading(self) -> Iterator[SqlViews]:
        """Open a snapshot for reading views."""
        with self.querying() as cursor:
            yield SqlViews(cursor, dialect=POSTGRES)

    @contextmanager
    def querying(self) -> Iterator[Cursor]:
        """Open a snapshot for reading receipts and the chain."""
        with _reaching(self._place), self._recorder.datastore.transaction(commit=False) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield _cells(cursor)

    @contextmanager
    def noting(self) -> Iterator[Cursor]:
        """Open a transaction for notes."""
        self.ready_to_write()
        with _reaching(self._place), self._recorder.datastore.transaction(commit=True) as cursor:
            yield _cells(cursor)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Return up to `limit` records after a position, in order."""
        with _reaching(self._place), self._recorder.datastore.transaction(commit=False) as cursor:
            return PostgresWriting(cursor, self._recorder, self.deployment).events_after(after, limit)

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        with _reaching(self._place), self._recorder.datastore.transaction(commit=False) as cursor:
            return PostgresWriting(cursor, self._recorder, self.deployment).head()

    def source_position(self, source: str) -> int:
        """Return the last position read of a source, 0 before the first."""
        with _reaching(self._place), self._recorder.datastore.transaction(commit=False) as cursor:
            return PostgresWriting(cursor, self._recorder, self.deployment).source_position(source)

    def durability(self) -> tuple[str, str]:
        """Return how commits reach the disk, and what to do when a power cut may lose them."""
        with self.querying() as cursor:
            return schema.durability(cursor)

    def unguarded(self) -> Sequence[str]:
        """Return what should keep history from being changed and is not as it was made."""
        with self.querying() as cursor:
            return schema.unguarded(self._place, cursor)

    def findings(self) -> Sequence[Finding]:
        """Return what a doctor tells of the server, and what should be better there."""
        with self.querying() as cursor:
            return findings(self._place, cursor)

    def close(self) -> None:
        """Close the connections."""
        self._recorder.datastore.close()


class PostgresWriting(SqlWriting):
    """One transaction of the log on PostgreSQL."""

    def __init__(
        self,
        cursor: DriverCursor[DictRow],
        recorder: Recorder,
        deployment: str,
        admit: Callable[[Collection[str]], None] = lambda _: None,
    ) -> None:
        """Work through the transaction's cursor, for the books that are admitted."""
        self._cells = _cells(cursor)
        super().__init__(self._cells, POSTGRES, deployment)
        self._recorder = recorder
        self._raw = cursor
        self._admit = admit
        self._receipts: list[Receipt] = []
        self._positions: dict[str, int] = {}
        self._books: set[str] = set()

    def _append(self, stored: Sequence[StoredEvent]) -> Sequence[int]:
        return self._recorder.append(self._raw, stored)

    def _track(self, tracking: Tracking) -> None:
        self._recorder._insert_tracking(self._raw, tracking)

    def _add(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._cells.copy(table, rows)

    def record(
        self, happened: Sequence[Happened], receipts: Sequence[Receipt], positions: Mapping[str, int], gaps: Sequence[Gap] = ()
    ) -> None:
        """Append events, receipts, gaps, source positions and chain, and remember what to look for if the answer is lost."""
        self._admit({*(event.book for event in happened), *(receipt.book for receipt in receipts)})
        super().record(happened, receipts, positions, gaps)
        self._receipts += receipts
        self._positions.update(positions)
        self._books |= {event.book for event in happened}

    def is_kept(self, cursor: Cells) -> bool:
        """Say whether all of this batch stands in the log. Raises Conflict when another stands in its place.

        A link binds its record and everything before it, so equal links at the ends of the chains are equal events.
        """
        found = [self._stands(cursor, book) for book in sorted(self._books)]
        for receipt in self._receipts:
            select = "SELECT verdict, code, digest, message_key, book FROM receipts WHERE source = ? AND position = ?"
            cursor.execute(select, (receipt.source, receipt.position))
            said = (receipt.verdict, receipt.code, receipt.digest, receipt.message_key, receipt.book)
            found.append(_equal(cursor.fetchall(), said, receipt.locator))
        for source, position in self._positions.items():
            cursor.execute("SELECT notification_id FROM tracking WHERE application_name = ?", (source,))
            found.append(any(row[0] >= position for row in cursor.fetchall()))
        if any(found) and not all(found):
            raise Conflict("somebody else wrote a part of this batch first")
        return bool(found) and all(found)

    def _stands(self, cursor: Cells, book: str) -> bool:
        end = self._chains[book]
        cursor.execute("SELECT link FROM chain WHERE book = ? AND sequence = ?", (book, end.sequence))
        return _equal(cursor.fetchall(), (end.link,), f"record {end.sequence} of book {book}")


def _equal(rows: Sequence[Sequence[object]], said: tuple[object, ...], what: str) -> bool:
    if rows and tuple(rows[0]) != said:
        raise Conflict(f"{what}: somebody else wrote first")
    return bool(rows)


def _cells(cursor: DriverCursor[DictRow]) -> Cells:
    return Cells(cursor.connection.cursor(row_factory=tuple_row))


@contextmanager
def _reaching(there: Place) -> Iterator[None]:
    """Turn what the library says into one error with the place and a remedy; a key that is taken is a Conflict."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(f"{there}: somebody else wrote first: {' '.join(str(error).split())}") from error
    except PersistenceError as error:
        raise unreachable(there, str(error)) from error
