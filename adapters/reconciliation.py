"""Reconciliation: everything received is in exactly one place, and the ledger holds what the documents say (law 10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from adapters.eventlog.store import Store
from adapters.viewstore import index_of
from projections.billing import MEMBERS
from projections.completeness import COMPLETENESS, RECEIVED, CompletenessRow
from projections.ledger import BALANCES, POSTINGS, BalanceRow
from schemas.values import major

FAULTS_TOLD_MAX = 100
STATES = ("POSTED", "REQUIRES_ATTENTION", "WAITING", "ACCUMULATING", "EXCLUDED", "CANCELLED", "REVERSED")
"""Where a document version can be; together they are everything that was received."""

# The library keeps a mark of its own among the sources.
_SOURCES_APART = """
SELECT name, MAX(last), MAX(seen), SUM(covered) FROM (
  SELECT source AS name, MAX(position) AS last, 0 AS seen, COUNT(*) AS covered FROM receipts GROUP BY source
  UNION ALL SELECT source, MAX(last), 0, SUM(last - first + 1) FROM gaps GROUP BY source
  UNION ALL SELECT application_name, 0, notification_id, 0 FROM tracking WHERE application_name <> '__migration__'
) AS sources GROUP BY name HAVING MAX(last) <> MAX(seen) OR SUM(covered) <> MAX(seen)
"""
# A version that says the same in other words leaves the posting of an earlier one as it is.
_UNPOSTED = """
SELECT d.stream, d.version FROM view_documents d WHERE d.state = 'POSTED' AND NOT EXISTS (
  SELECT 1 FROM view_postings p{by_postings} WHERE p.book = d.book AND p.stream = d.stream AND p.reverses IS NULL
  AND p.reversed_by IS NULL AND (p.version = d.version OR (p.version < d.version AND d.codes LIKE '%COSMETIC_EDIT%')))
AND NOT EXISTS (
  SELECT 1 FROM view_members m{by_members} WHERE m.book = d.book AND m.stream = d.stream AND m.state = 'BILLED')
"""
_UNFOUNDED = """
SELECT p.posting_key, p.stream, p.version FROM view_postings p WHERE p.reverses IS NULL AND p.reversed_by IS NULL
AND p.kind NOT IN ('WITHDRAWAL', 'BALANCE_TRANSFER') AND NOT EXISTS (
  SELECT 1 FROM view_members m WHERE m.book = p.book AND m.whole = p.stream AND m.state IN ('BILLED', 'WITHDRAWN'))
AND NOT EXISTS (SELECT 1 FROM view_documents d WHERE d.book = p.book AND d.stream = p.stream AND d.state = 'POSTED'
  AND (d.version = p.version OR (d.version > p.version AND d.codes LIKE '%COSMETIC_EDIT%' AND NOT EXISTS (
    SELECT 1 FROM view_postings q{by_postings} WHERE q.book = p.book AND q.stream = p.stream AND q.version > p.version
    AND q.reverses IS NULL AND q.reversed_by IS NULL AND q.kind <> 'WITHDRAWAL'))))
"""
_BILLED = """
SELECT stream, members, found, standing FROM (
SELECT w.stream, w.members, COUNT(m.stream) AS found, COALESCE(SUM(CASE WHEN m.stream IS NOT NULL AND (EXISTS (
  SELECT 1 FROM view_documents d WHERE d.book = m.book AND d.stream = m.stream AND d.state = 'POSTED'
  AND (d.version = m.version OR (d.version > m.version AND d.codes LIKE '%COSMETIC_EDIT%' AND m.state = 'BILLED'))
)) = (m.state = 'BILLED') THEN 1 ELSE 0 END), 0) AS standing FROM (
  SELECT book, book || '|batch|' || batch AS stream, members FROM view_batches WHERE state = 'POSTED'
  UNION ALL SELECT book, book || '|day|' || "window", members FROM view_days
) AS w LEFT JOIN view_members m ON m.book = w.book AND m.whole = w.stream AND m.state IN ('BILLED', 'WITHDRAWN')
GROUP BY w.stream, w.members) AS billed WHERE found <> members OR standing <> members
"""
_QUARANTINE = """
SELECT (SELECT COUNT(*) FROM receipts WHERE verdict = 'QUARANTINED'), (SELECT COUNT(*) FROM view_quarantine)
"""


@dataclass(slots=True)
class Account:
    """Documents of one book and currency, of one day or of all: received, and where they are; minor units."""

    book: str
    day: str
    currency: str
    counts: dict[str, int] = field(default_factory=dict)
    gross: dict[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[int, int]:
        """What was received and is nowhere: documents, gross."""
        placed = sum(self.counts.get(state, 0) for state in STATES), sum(self.gross.get(state, 0) for state in STATES)
        return self.counts.get(RECEIVED, 0) - placed[0], self.gross.get(RECEIVED, 0) - placed[1]


@dataclass(slots=True)
class Reconciliation:
    """The accounts of what was received, and every difference, each named."""

    accounts: list[Account]
    faults: list[str]
    checks: list[str]


def reconcile(log: Store, *, book: str | None = None, by_day: bool = False) -> Reconciliation:
    """Compare receipts, documents, postings and balances with each other, from one snapshot each."""
    with log.reading() as views:
        accounts = _accounts(views.find(COMPLETENESS, {"book": book} if book else None), by_day=by_day)
        trial = trial_faults(views.find(BALANCES, {"book": book} if book else None))
    faults = [_missing(account) for account in accounts if account.missing != (0, 0)]
    faults += sources_apart(log)
    faults += [f"{name} version {version} is posted, but no posting of it stands" for name, version in _asked(log, _UNPOSTED)]
    faults += [
        f"posting {key} stands, but {name} version {version} is not posted" for key, name, version in _asked(log, _UNFOUNDED)
    ]
    faults += [
        f"{name} took {members} documents, {found} name it and {standing} of them stand as they must"
        for name, members, found, standing in _asked(log, _BILLED)
    ]
    for receipts, rows in _asked(log, _QUARANTINE):
        if receipts != rows:
            faults.append(f"{receipts} receipts say quarantined, {rows} messages are in quarantine")
    checks = [
        "received is the sum of its places, in documents and in amount",
        "every position read has its receipt",
        "posted documents have postings in force, and only they",
        "debits equal credits in every book and currency",
    ]
    return Reconciliation(accounts, [*faults, *trial][:FAULTS_TOLD_MAX], checks)


def sources_apart(log: Store) -> list[str]:
    """Return the sources whose receipts and gaps do not cover just what was read of them, each in a sentence."""
    return [
        f"source {name}: the last receipt is {last}, the position read is {read}"
        if last != read
        else f"source {name}: {read} positions were read, receipts and gaps cover {covered}"
        for name, last, read, covered in _asked(log, _SOURCES_APART)
    ]


def _accounts(rows: Iterable[CompletenessRow], *, by_day: bool) -> list[Account]:
    accounts: dict[tuple[str, str, str], Account] = {}
    for row in rows:
        key = (row.book, row.day if by_day else "", row.currency)
        account = accounts.setdefault(key, Account(*key))
        account.counts[row.state] = account.counts.get(row.state, 0) + row.documents
        account.gross[row.state] = account.gross.get(row.state, 0) + row.gross
    return [accounts[key] for key in sorted(accounts)]


def _missing(account: Account) -> str:
    documents, gross = account.missing
    where = " ".join(part for part in (account.book, account.day, account.currency) if part)
    return f"{where}: {documents} documents and {major(gross, account.currency)} {account.currency} were received and are nowhere"


def _asked(log: Store, question: str) -> Sequence[Sequence[object]]:
    # Left to itself, a database without statistics reads all of a book for every document of it.
    by_postings, by_members = log.dialect.by(index_of(POSTINGS, "stream")), log.dialect.by(index_of(MEMBERS, "stream"))
    with log.querying() as cursor:
        cursor.execute(question.format(by_postings=by_postings, by_members=by_members))
        return [tuple(row) for row in cursor.fetchall()]


def trial_faults(rows: Iterable[BalanceRow]) -> list[str]:
    """Return the books and currencies whose debits and credits differ."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        difference = sums.setdefault((row.book, row.currency), [0, 0])
        difference[0] += row.debit - row.credit
        difference[1] += row.base_debit - row.base_credit
    return [
        f"{book} {currency}: debits less credits are {major(difference[0], currency)}, and {difference[1]} base units"
        for (book, currency), difference in sorted(sums.items())
        if difference != [0, 0]
    ]
