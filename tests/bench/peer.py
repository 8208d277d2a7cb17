"""Ingest against `eventsourcing` used in its usual way, one aggregate a save; run `python -m tests.bench.peer --help`.

The peer is a small application of the kind that the library's manual teaches: aggregates with decorated methods, its own
mapper, PostgreSQL with a pool. Both read and check each message with the same code, both look up the customer, the link, the
account and the class of a document, and both keep what was said, what was decided, and what was posted. The peer does less:
it has no rulebook, no receipts, no hash chain and no views. Beside its usual form it is measured with its aggregates cached
and never looked at again, which is only right while nobody else writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from adapters.eventlog.postgres.log import PostgresLog
from schemas.envelope import read_structured
from schemas.inbound import AccountOpened, ClassAssigned, ClassDefined, CustomerRegistered, InvoiceIssued, LinkMade
from schemas.values import minor
from tests.bench import postgres_floor
from tests.bench.figures import ROUNDS, Took, heading, in_turns, timed, told, undisturbed
from tests.bench.ingest import ingested
from tests.bench.workload import Workload, arguments, chosen
from tests.servers import PASSWORD, Server

Lines = list[dict[str, object]]
CACHED = {"AGGREGATE_CACHE_MAXSIZE": "100000", "AGGREGATE_CACHE_FASTFORWARD": "n", "DEEPCOPY_FROM_AGGREGATE_CACHE": "n"}


class Customer(Aggregate):
    """Who buys."""

    @event("Registered")
    def __init__(self, customer: str, name: str) -> None:
        self.customer, self.name = customer, name

    @staticmethod
    def create_id(customer: str) -> UUID:
        """Derive the id."""
        return uuid5(NAMESPACE_URL, f"/customers/{customer}")


class Link(Aggregate):
    """Which account a customer owes through."""

    @event("Made")
    def __init__(self, customer: str, account: str) -> None:
        self.customer, self.account = customer, account

    @staticmethod
    def create_id(customer: str) -> UUID:
        """Derive the id."""
        return uuid5(NAMESPACE_URL, f"/links/{customer}")


class Account(Aggregate):
    """Who owes."""

    class_: str | None = None

    @event("Opened")
    def __init__(self, account: str, ledger_account: str) -> None:
        self.account, self.ledger_account = account, ledger_account

    @staticmethod
    def create_id(account: str) -> UUID:
        """Derive the id."""
        return uuid5(NAMESPACE_URL, f"/accounts/{account}")

    @event("Classified")
    def classify(self, class_: str) -> None:
        """Give the account a class."""
        self.class_ = class_


class CustomerClass(Aggregate):
    """How documents post."""

    @event("Defined")
    def __init__(self, name: str, behaviour: str) -> None:
        self.name, self.behaviour = name, behaviour

    @staticmethod
    def create_id(name: str) -> UUID:
        """Derive the id."""
        return uuid5(NAMESPACE_URL, f"/classes/{name}")


class Document(Aggregate):
    """A sale: what was said, what was decided, what was posted."""

    @event("Issued")
    def __init__(self, document: str, said: dict[str, object]) -> None:
        self.document, self.said = document, said
        self.posted: dict[str, Lines] = {}

    @staticmethod
    def create_id(document: str) -> UUID:
        """Derive the id, so that a document said twice is refused by the store."""
        return uuid5(NAMESPACE_URL, f"/documents/{document}")

    @event("Decided")
    def decide(self, outcome: str, account: str, class_: str, read: dict[str, int]) -> None:
        """Keep the decision and what it looked at."""
        self.outcome, self.account, self.class_, self.read = outcome, account, class_, read

    @event("Posted")
    def post(self, posting_key: str, lines: Lines) -> None:
        """Keep the journal."""
        self.posted[posting_key] = lines


class Till(Application[UUID]):
    """Takes in messages, one aggregate a save."""

    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_POOL_SIZE": "5"}

    def take_all(self, messages: Iterable[bytes]) -> None:
        """Take in messages one after the other."""
        for raw in messages:
            self.take(raw)

    def take(self, raw: bytes) -> None:
        """Read one message, and keep what follows from it."""
        said = read_structured(raw).data
        match said:
            case InvoiceIssued():
                self.save(self._judged(said))
            case CustomerRegistered():
                self.save(Customer(said.customer, said.name))
            case LinkMade():
                self.save(Link(said.customer, said.account))
            case AccountOpened():
                self.save(Account(said.account, said.ledger_account))
            case ClassDefined():
                self.save(CustomerClass(said.class_, said.behaviour))
            case ClassAssigned():
                account: Account = self.repository.get(Account.create_id(said.account))
                account.classify(said.class_)
                self.save(account)

    def _judged(self, said: InvoiceIssued) -> Document:
        customer: Customer = self.repository.get(Customer.create_id(said.customer or ""))
        link: Link = self.repository.get(Link.create_id(customer.customer))
        account: Account = self.repository.get(Account.create_id(link.account))
        class_: CustomerClass = self.repository.get(CustomerClass.create_id(account.class_ or ""))
        document = Document(said.document, said.model_dump(exclude_defaults=True))
        lines = _lines(said, account)
        is_sound = class_.behaviour == "ACCOUNT" and sum(int(str(line["amount"])) for line in lines) == 0
        read = {"customer": customer.version, "link": link.version, "account": account.version, "class": class_.version}
        document.decide("POST" if is_sound else "HOLD", account.account, class_.name, read)
        if is_sound:
            document.post(f"{document.id}:1", lines)
        return document


def _lines(said: InvoiceIssued, account: Account) -> Lines:
    net = sum(minor(line.net, said.currency) for line in said.lines)
    tax = sum(minor(tax.amount, said.currency) for line in said.lines for tax in line.tax)
    gross = minor(said.totals.gross, said.currency)
    signed = ((account.ledger_account, gross, account.account), ("4000", -net, None), ("2200", -tax, None))
    return [{"account": of, "amount": amount, "currency": said.currency, "party": party} for of, amount, party in signed]


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__, documents=2_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often ({ROUNDS})")
    asked = parser.parse_args()
    work = chosen(None, asked.documents)
    with postgres_floor.serving() as server:
        sides = {
            "postgate": partial(_ours, server, work),
            "peer": partial(_peer, server, work, {}),
            "peer, cached": partial(_peer, server, work, CACHED),
        }
        measured = in_turns(asked.rounds, len(work.documents), sides)
    heading(f"{len(work.documents):,} {work.name} of {work.bytes_each:,} bytes", asked.rounds)
    told(measured, of="postgate", to="peer")
    print(f"{'to cached':<14} {measured['postgate'].rate / measured['peer, cached'].rate:>9.2f}")


def _ours(server: Server, work: Workload) -> Took:
    url = server.fresh()
    took = ingested(PostgresLog.create(url), work, server)
    postgres_floor.drop(server, url)
    return took


def _peer(server: Server, work: Workload, more: dict[str, str]) -> Took:
    schema = postgres_floor.schema_of(server.fresh())
    with server.connect() as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    place = {"DBNAME": "postgres", "HOST": "127.0.0.1", "PORT": str(server.port), "USER": "postgres", "PASSWORD": PASSWORD}
    till = Till({**{f"POSTGRES_{name}": value for name, value in place.items()}, "POSTGRES_SCHEMA": schema, **more})
    till.take_all(work.setup)
    postgres_floor.settle(server)
    with undisturbed():
        took = timed(lambda: till.take_all(work.documents))
    till.close()
    with server.connect() as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())
    return took


if __name__ == "__main__":
    main()
