"""The look-ups of the index port, on every implementation: what was just recorded is found, in the same transaction."""

from __future__ import annotations

from engine.ports import ALIKE_MAX, Log, Waiting, Writing
from engine.record import Happened
from schemas.events import DocumentDecided, DocumentSuperseded
from schemas.inbound import AccountOpened, ClassAssigned, ClassUnassigned
from schemas.shape import Shape
from tests.contracts.batches import CAUSE


def decided(
    number: str, received: int, *waits: str, version: int = 1, kind: str = "INVOICE", no_more: tuple[str, ...] = ()
) -> Shape:
    """Return a decision that holds a document for some keys."""
    return DocumentDecided(
        version=version,
        outcome="HOLD",
        state="REQUIRES_ATTENTION",
        waits_for=list(waits),
        waits_no_more_for=list(no_more),
        kind=kind,
        number=number,
        date="2026-01-01",
        business_date="2026-01-01",
        currency="EUR",
        gross=100,
        order_number=f"c1|{number}",
        received=received,
        since="2026-01-01",
        today="2026-01-01",
        rulebook="1",
    )


def record(writing: Writing, *events: tuple[str, Shape], first: int = 1) -> None:
    """Record events, each on the stream named, as its version `first` and the following."""
    versions: dict[str, int] = {}
    sequences: dict[str, int] = {}
    happened = []
    for name, event in events:
        book = name.split("|")[0]
        versions[name] = versions.get(name, first - 1) + 1
        sequences[book] = sequences.get(book, writing.chain(book).sequence) + 1
        happened.append(Happened(name, versions[name], sequences[book], event, CAUSE, is_fact=False))
    writing.record(happened, [], {})


def test_waiting_documents_are_found_by_what_they_wait_for(log: Log) -> None:
    """A key finds the documents of the book that wait for it, and no others."""
    with log.writing() as writing:
        record(
            writing,
            ("shop|document|d1", decided("1", 1, "link:c1", "class:k")),
            ("shop|document|d2", decided("2", 2, "link:c2")),
            ("other|document|d1", decided("1", 1, "link:c1")),
        )
        assert list(writing.waiting("shop", ["link:c1"])) == [Waiting("link:c1", "shop|document|d1", 1)]
        both = writing.waiting("shop", ["link:c1", "link:c2", "link:c3"])
        assert sorted(waiting.stream for waiting in both) == ["shop|document|d1", "shop|document|d2"]


def test_a_wait_that_is_over_is_not_found(log: Log) -> None:
    """A later decision or the end of the version takes the wait away."""
    with log.writing() as writing:
        record(writing, ("shop|document|d1", decided("1", 1, "link:c1", "link:c2")))
    with log.writing() as writing:
        record(writing, ("shop|document|d1", decided("1", 1, "link:c2", no_more=("link:c1",))), first=2)
        assert list(writing.waiting("shop", ["link:c1"])) == []
    over = DocumentSuperseded(
        version=1,
        state="CANCELLED",
        was="REQUIRES_ATTENTION",
        by=2,
        business_date="2026-01-01",
        currency="EUR",
        gross=100,
        waits_no_more_for=["link:c2"],
    )
    with log.writing() as writing:
        record(writing, ("shop|document|d1", over), first=3)
        assert list(writing.waiting("shop", ["link:c2"])) == []


def test_waiting_documents_are_found_between_keys(log: Log) -> None:
    """Both ends of a range of keys are included."""
    with log.writing() as writing:
        record(
            writing,
            *((f"shop|document|d{day}", decided(str(day), day, f"period:2026-01-0{day}")) for day in range(1, 6)),
            ("other|document|d3", decided("3", 3, "period:2026-01-03")),
        )
        found = writing.waiting_between("shop", "period:2026-01-02", "period:2026-01-04")
        assert sorted(waiting.stream for waiting in found) == ["shop|document|d2", "shop|document|d3", "shop|document|d4"]


def test_books_are_found_by_a_wait_that_is_over(log: Log) -> None:
    """A book appears once, when one of its documents waits for a time that has come."""
    with log.writing() as writing:
        record(
            writing,
            ("due|document|d1", decided("1", 1, "date:2026-01-05")),
            ("due|document|d2", decided("2", 2, "instant:00000000000000000005")),
            ("later|document|d1", decided("1", 1, "date:2026-01-07", "link:a")),
        )
        last = {"date:": "date:2026-01-06", "instant:": "instant:00000000000000000009"}
        assert list(writing.books_waiting_until(last)) == ["due"]


def test_the_first_user_of_a_number_owns_it(log: Log) -> None:
    """Of two documents with one number, the one received first owns it; payments use no numbers."""
    with log.writing() as writing:
        record(
            writing,
            ("shop|document|late", decided("N-1", 9)),
            ("shop|document|early", decided("N-1", 3)),
            ("shop|payment|p", decided("N-2", 1, kind="PAYMENT")),
            ("other|document|x", decided("N-3", 1)),
        )
        assert writing.owners("shop", "number", ["N-1", "N-2", "N-3"]) == {"N-1": "shop|document|early"}
        assert writing.owners("shop", "order_number", ["c1|N-1"]) == {"c1|N-1": "shop|document|early"}


def test_all_users_of_a_number_are_found(log: Log) -> None:
    """Each document once, in the order received, whatever became of it; payments use no numbers."""
    with log.writing() as writing:
        record(
            writing,
            ("shop|document|late", decided("N-1", 9)),
            ("shop|document|early", decided("N-1", 3)),
            ("shop|document|early", decided("N-1", 5, version=2)),
            ("shop|payment|p", decided("N-1", 1, kind="PAYMENT")),
            ("other|document|x", decided("N-1", 1)),
        )
        assert list(writing.users("shop", "N-1")) == ["shop|document|early", "shop|document|late"]
        assert list(writing.users("shop", "N-2")) == []


def test_accounts_are_found_by_name_and_tax_id(log: Log) -> None:
    """By the latest record of each, without case, order and punctuation; an account is found once."""
    with log.writing() as writing:
        record(
            writing,
            ("shop|account|b", opened("b", "Doe, John", tax_id="DE 12.3")),
            ("shop|account|a", opened("a", "JOHN DOE")),
            ("shop|account|c", opened("c", "Doe, Jane", tax_id="de123")),
            ("other|account|d", opened("d", "John Doe")),
        )
        assert list(writing.accounts_like("shop", ["doe john"])) == ["a", "b"]
        assert list(writing.accounts_like("shop", ["doe john", "de123"])) == ["a", "b", "c"]
        assert list(writing.accounts_like("shop", ["doe", "de"])) == []
    with log.writing() as writing:
        record(writing, ("shop|account|a", opened("a", "Somebody else", version=2)), first=2)
        assert list(writing.accounts_like("shop", ["doe john"])) == ["b"]


def test_of_many_like_accounts_the_first_few_are_found(log: Log) -> None:
    """A name that everybody has does not make the look-up read everybody."""
    with log.writing() as writing:
        record(writing, *((f"shop|account|a{n:03}", opened(f"a{n:03}", "Cash")) for n in range(100)))
        assert list(writing.accounts_like("shop", ["cash"])) == [f"a{n:03}" for n in range(ALIKE_MAX)]


def opened(account: str, name: str, *, version: int = 1, tax_id: str | None = None) -> AccountOpened:
    """Return an account of a name."""
    return AccountOpened(account=account, version=version, name=name, ledger_account="1100", tax_id=tax_id)


def test_many_numbers_are_looked_up(log: Log) -> None:
    """The look-up has no limit of its own."""
    with log.writing() as writing:
        record(writing, *((f"shop|document|d{n}", decided(f"N-{n}", n)) for n in range(1, 1_102)))
        assert len(writing.owners("shop", "number", [f"N-{n}" for n in range(1, 1_102)])) == 1_101


def test_accounts_are_found_by_reference_and_class(log: Log) -> None:
    """The latest facts about accounts answer: who is bound to a reference, and who has a class."""
    opened = AccountOpened(account="b", version=1, name="B", ledger_account="1100", external_ref="X-1")
    with log.writing() as writing:
        record(
            writing,
            ("shop|account|b", opened),
            ("shop|account|b", ClassAssigned.model_validate({"account": "b", "class": "k"})),
            ("shop|account|a", ClassAssigned.model_validate({"account": "a", "class": "k"})),
            ("other|account|c", ClassAssigned.model_validate({"account": "c", "class": "k"})),
        )
        assert (writing.account_of_reference("shop", "X-1"), writing.account_of_reference("other", "X-1")) == ("b", None)
        assert list(writing.accounts_of_class("shop", "k")) == ["a", "b"]
    with log.writing() as writing:
        record(writing, ("shop|account|a", ClassUnassigned.model_validate({"account": "a", "class": "k"})), first=2)
        assert list(writing.accounts_of_class("shop", "k")) == ["b"]


def test_outstanding_documents_are_counted_by_business_day(log: Log) -> None:
    """Both ends of the days are included; what is posted, and what is of another book, is not counted."""
    with log.writing() as writing:
        days = [decided(str(day), day).model_copy(update={"business_date": f"2026-01-0{day}"}) for day in range(1, 6)]
        posted = days[2].model_copy(update={"state": "POSTED", "was": "REQUIRES_ATTENTION"})
        record(writing, *((f"shop|document|d{day}", event) for day, event in enumerate(days, 1)), ("other|document|d1", days[1]))
        assert [
            writing.outstanding("shop", f"2026-01-0{first}", f"2026-01-0{last}") for first, last in ((1, 5), (2, 4), (6, 9))
        ] == [
            5,
            3,
            0,
        ]
        record(writing, ("shop|document|d3", posted), first=2)
        assert writing.outstanding("shop", "2026-01-02", "2026-01-04") == 2
