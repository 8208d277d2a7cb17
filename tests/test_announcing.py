"""Announcing: the log as messages, the same whatever the page, each posting with the decision that authorised it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from adapters import announcing
from adapters.announcing import DECISIONS, OUTPUTS, POSTINGS, QUARANTINE, Announcer, Message, digest, identity, link_at
from adapters.eventlog.postgres.log import PostgresLog
from adapters.eventlog.sqlite import SqliteLog
from adapters.eventlog.store import Store
from adapters.ingest import Ingester, incoming
from engine.errors import Corrupt
from engine.record import decode
from tests import said
from tests.said import Saying


class Book:
    """A book in a store of its own."""

    def __init__(self, log: Store) -> None:
        """Open it, with one account, its customer, and one that has no account yet."""
        self.log = log
        self._ingester, self._count = Ingester(self.log), 0
        parties = (said.account("acme"), said.class_("HOUSE"), said.say("class.assigned", account="acme", class_="HOUSE"))
        self.say(said.book(), *said.mappings(), *parties, said.customer("c1"), said.link("c1", "acme"), said.customer("c2"))

    def say(self, *sayings: Saying | bytes, source: str = "till") -> Book:
        """Take in messages as one batch."""
        written = []
        for saying in sayings:
            self._count += 1
            raw = saying if isinstance(saying, bytes) else saying.written("shop", f"m{self._count}")
            written.append(incoming(source, self._count, raw))
        self._ingester.take(written)
        return self

    def life(self) -> Book:
        """Post, hold and release, amend, pay, take back, void, and say what cannot be read."""
        self.say(said.invoice("i1"), said.invoice("i2", customer="c2"), b"not JSON")
        self.say(
            said.deposit("p1", "40.00") if hasattr(said, "deposit") else said.payment("p1", "40.00", kind="DEPOSIT", on="i9")
        )
        self.say(Saying("invoice.amended", said.invoice("i1", "90.00", version=2).fields))
        self.say(said.link("c2", "acme"), said.invoice("i9", "100.00"))
        self.say(said.reversal("p1", "40.00"))
        return self.say(said.say("invoice.voided", document="i1", version=3))

    def pages(self, records_max: int) -> list[Message]:
        """Return everything that is told, read in pages of a size."""
        announcer, after, found = Announcer(self.log), 0, list[Message]()
        while (page := announcer.page(after, records_max)).position > after:
            found += page.messages
            after = page.position
        assert after == self.log.head()
        return found

    def told(self, topic: str) -> list[dict[str, object]]:
        """Return the data of the messages on a topic."""
        return [json.loads(message.value) for message in self.pages(1_000) if message.topic == topic]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    """A new book, in a store of each kind; slow on a server, because each book needs a schema of its own."""
    if request.param == "postgres":
        log: Store = PostgresLog.create(request.getfixturevalue("postgres").fresh())
    else:
        log = SqliteLog.create(str(tmp_path / "store.db"))
    yield Book(log)
    log.close()


@pytest.mark.parametrize("records_max", [1, 2, 3, 7])
def test_pages_of_any_size_say_the_same(book: Book, records_max: int) -> None:
    """A posting names its decision also where the two stand on different pages, or far apart."""
    book.life()
    assert book.pages(records_max) == book.pages(1_000)


def test_each_kind_has_its_topic(book: Book) -> None:
    """Facts are told to nobody; positions grow; every id is there once."""
    told = book.life().pages(1_000)
    assert [message.position for message in told] == sorted({message.position for message in told})
    assert len({message.identity for message in told}) == len({message.digest for message in told}) == len(told)
    assert {message.topic for message in told} == set(OUTPUTS)
    kinds = {(message.topic, dict(message.headers)["ce_type"].decode()) for message in told}
    assert kinds == {
        (POSTINGS, "postgate.posting.authorised.v1"),
        (POSTINGS, "postgate.posting.reversed.v1"),
        (DECISIONS, "postgate.document.decided.v1"),
        (QUARANTINE, "postgate.message.quarantined.v1"),
    }
    assert sum(recorded.kind in announcing.KINDS_ANNOUNCED for recorded in book.log.read(0, 1_000)) == len(told)


def test_a_posting_names_the_last_decision_about_its_version(book: Book) -> None:
    """So does its reversal, long after; and the decision that posted is at the position named."""
    book.life()
    by_position = {message.position: json.loads(message.value) for message in book.pages(1_000) if message.topic == DECISIONS}
    postings = book.told(POSTINGS)
    assert {posting["kind"] for posting in postings} == {"INVOICE", "DEPOSIT", "DEPOSIT_APPLIED"}
    for posting in postings:
        authority = posting["decision"]
        assert isinstance(authority, dict)
        decided = by_position[authority["position"]]
        assert (decided["document"], decided["version"]) == (posting["document"], posting["document_version"])
        assert decided["state"] == "POSTED"
    assert sum("reverses" in posting for posting in postings) == 4


def test_a_decision_names_the_posting_of_the_document_itself(book: Book) -> None:
    """Its other journals have keys of their own; what is not posted has none."""
    book.life()
    own = {
        str(posting["posting_key"])
        for posting in book.told(POSTINGS)
        if posting["kind"] in ("INVOICE", "DEPOSIT") and "reverses" not in posting
    }
    decisions = book.told(DECISIONS)
    assert {str(decision["posting_key"]) for decision in decisions if decision["state"] == "POSTED"} == own
    assert all("posting_key" not in decision for decision in decisions if decision["state"] != "POSTED")


def test_keys_and_headers_are_those_of_the_contract(book: Book) -> None:
    """Attributes as ce_ headers, the content type, where the log has the record, and which log it is."""
    book.say(said.invoice("i1"))
    decision, posting = book.pages(1_000)
    assert (decision.key, posting.key) == (b"shop|i1", b"shop|acme")
    assert [name for name, _ in posting.headers] == [
        *(f"ce_{name}" for name in "specversion id source type time book subject partitionkey causationid".split()),
        "content-type",
        "postgate_position",
        "postgate_log",
    ]
    headers = dict(posting.headers)
    assert headers["ce_id"].decode() == posting.id == json.loads(posting.value)["posting_key"]
    assert headers["postgate_position"] == b"%d" % posting.position
    assert headers["postgate_log"] == book.log.deployment.encode()


ERRORS = "__connect.errors."


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("kafka:Cl-1/pos.sales/T_1/11", {"topic": b"pos.sales", "partition": b"11", "offset": b"41"}),
        ("file:abc", {}),
        ("kafka:Cl-1/pos.sales/T_1/x", {}),
    ],
)
def test_a_quarantine_notice_has_the_conventional_headers(book: Book, source: str, place: dict[str, bytes]) -> None:
    """Positions count from 1 and offsets from 0; what was not read from Kafka has no offset."""
    book._count = 41
    book.say(b"not JSON", source=source)
    (told,) = book.pages(1_000)
    found = {name.removeprefix(ERRORS): value for name, value in told.headers if name.startswith(ERRORS)}
    code, message = found.pop("exception.class.name"), found.pop("exception.message").decode()
    assert found == {"connector.name": b"postgate", **place}
    said_so = json.loads(told.value)
    assert (code.decode(), message) == (said_so["code"], said_so["message"])
    assert told.key == f"{source}#42".encode()


def test_a_page_is_bounded_in_bytes(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large messages fill a page early, none is left out, and one that is larger than a page has a page of its own."""
    book.say(*[b"x" * size for size in (10, 50_000, 20, 60_000, 200_000, 30)])
    everything = book.pages(1_000)
    monkeypatch.setattr(announcing, "PAGE_BYTES_MAX", 100_000)
    announcer, after, sizes = Announcer(book.log), 0, list[Sequence[int]]()
    while (page := announcer.page(after)).position > after:
        sizes.append([len(message.value) // 1_000 for message in page.messages])
        after = page.position
    assert book.pages(1_000) == everything
    assert sizes == [[0, 66, 0], [80], [266], [0]]


def test_a_page_knows_the_history_it_ends(book: Book) -> None:
    """By the link of the chain at its position; where no record stands there is none."""
    book.say(said.invoice("i1"))
    page = Announcer(book.log).page(0)
    with book.log.querying() as cursor:
        cursor.execute("SELECT link FROM chain ORDER BY position DESC LIMIT 1")
        assert cursor.fetchall()[0][0].hex() == page.link
        assert (link_at(cursor, page.position), link_at(cursor, page.position + 1)) == (page.link, "")
    assert (page.position, page.head) == (book.log.head(), book.log.head())
    following = Announcer(book.log).page(page.position)
    assert (following.messages, following.position) == ([], page.position)


def test_a_posting_that_nothing_decided_is_not_told(book: Book) -> None:
    """History that cannot be is a fault, not a guess."""
    book.say(said.invoice("i1"))
    rows = [row for row in book.log.read(0, 1_000) if row.kind == "PostingAuthorised.v1"]
    with pytest.raises(Corrupt, match=r"posts shop\|document\|i1 version 1, which nothing decided"):
        announcing.announcement(decode(rows[0]), announcing.Authorities())


def test_digests_bind_every_part() -> None:
    """A byte that moves from one part to its neighbour is seen."""
    parts = [(b"k", b"v", [("a", b"b")]), (b"kv", b"", [("a", b"b")]), (b"k", b"v", [("ab", b"")]), (b"k", b"va", [("", b"b")])]
    assert len({digest(*part) for part in parts}) == len(parts)
    assert identity("s", "1") != identity("s1", "")
