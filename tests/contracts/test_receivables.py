"""The look-ups of what accounts owe, on every implementation, and the same from history as it is heard again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from engine.facts.receivables import Receivables
from engine.indexed import Indexed
from engine.ports import Index, Log, Pending, Receivable
from engine.record import Happened
from schemas.events import DocumentDecided, DocumentSuperseded, PostingAuthorised, PostingLine, PostingReversed, Settled
from schemas.shape import Shape
from tests.contracts.batches import CAUSE

Told = Sequence[tuple[str, Shape]]


def posted(
    leg: str,
    kind: str,
    amount: int,
    *,
    party: str = "acme",
    on: dict[str, int] | None = None,
    number: str = "N-1",
    due: str | None = None,
) -> PostingAuthorised:
    """Return a posting of a debtor: a debit, or a credit below zero, of which some settles other documents."""
    line = PostingLine(
        account="1100", side="D" if amount > 0 else "C", amount=abs(amount), base_amount=2 * abs(amount), party=party
    )
    return PostingAuthorised(
        posting_key=f"{kind}/{leg}/{amount}",
        version=1,
        leg=leg,
        kind=kind,
        number=number,
        route="ACCOUNT",
        account=party,
        date="2026-01-01",
        business_date="2026-01-01",
        period="2026-01",
        due_date=due,
        currency="USD",
        base_currency="EUR",
        lines=[line],
        settles=[Settled(document=name, amount=part, base_amount=2 * part) for name, part in (on or {}).items()],
    )


def taken_back(posting: PostingAuthorised) -> PostingReversed:
    """Return the reversal of a posting."""
    lines = [line.model_copy(update={"side": "C" if line.side == "D" else "D"}) for line in posting.lines]
    settles = [part.model_copy(update={"amount": -part.amount, "base_amount": -part.base_amount}) for part in posting.settles]
    fields = {name: getattr(posting, name) for name in PostingAuthorised.model_fields}
    return PostingReversed.model_construct(
        **fields
        | {
            "posting_key": f"{posting.posting_key}/reversal",
            "leg": f"{posting.leg}/reversal",
            "lines": lines,
            "settles": settles,
            "due_date": None,
            "reverses": posting.posting_key,
        }
    )


def decided(state: str, account: str | None = "acme", **more: object) -> DocumentDecided:
    """Return a decision that leaves a version in a state."""
    fields: dict[str, object] = {
        "version": 1,
        "outcome": "HOLD",
        "state": state,
        "kind": "INVOICE",
        "number": "N-1",
        "date": "2026-01-01",
        "business_date": "2026-01-02",
        "currency": "EUR",
        "gross": 100,
        "account": account,
        "received": 1,
        "since": "2026-01-01",
        "today": "2026-01-01",
        "rulebook": "1",
    }
    return DocumentDecided.model_validate(fields | more)


def happening(told: Told) -> list[Happened]:
    """Return events at their places in streams and books."""
    versions: dict[str, int] = {}
    sequences: dict[str, int] = {}
    happened = []
    for name, event in told:
        book = name.partition("|")[0]
        versions[name], sequences[book] = versions.get(name, 0) + 1, sequences.get(book, 0) + 1
        happened.append(Happened(name, versions[name], sequences[book], event, CAUSE, is_fact=False))
    return happened


class Looked:
    """What there is to look at, whoever keeps it."""

    def __init__(self, kept: Index | Receivables) -> None:
        """Look at an index, or at what a batch knows."""
        self.open = kept.open if isinstance(kept, Receivables) else kept.receivables
        self.receivable, self.pending = kept.receivable, kept.pending


Look = Callable[[Looked], object]


def everywhere(log: Log, told: Told, look: Look) -> object:
    """Record events, each in a transaction of its own; return what the log, history, and every batch on the way answer."""
    history, answers, happened = Indexed(), [], happening(told)
    for number, each in enumerate(happened):
        with log.writing(dry=True) as writing:
            answers += [in_a_batch(writing, happened[number:], look, early=early) for early in (False, True)]
        with log.writing() as writing:
            writing.record([each], [], {})
        history.note(each)
    with log.writing(dry=True) as writing:
        answers += [look(Looked(writing)), look(Looked(history))]
    assert all(answer == answers[0] for answer in answers), answers
    return answers[0]


def in_a_batch(stored: Index, happened: Sequence[Happened], look: Look, *, early: bool) -> object:
    """Return what a batch knows that records the rest, whether or not it looked before."""
    batch = Receivables(stored)
    if early:
        look(Looked(batch))
    for each in happened:
        batch.noted(each)
    return look(Looked(batch))


INVOICE = posted("document", "INVOICE", 100, due="2026-01-31")
OWED = Receivable("acme", "i1", "INVOICE", "N-1", "2026-01-01", "2026-01-31", "USD", 100, 100, 200)


@pytest.mark.parametrize(
    ("paid", "open_"),
    [({"i1": 30}, {"i1": 70}), ({"i1": 100}, {}), ({"i1": 130}, {"i1": -30}), ({}, {"i1": 100, "payment:i1": -130})],
    ids=["in part", "whole", "too much", "on account"],
)
def test_money_lowers_what_it_settles(log: Log, paid: dict[str, int], open_: dict[str, int]) -> None:
    """What is settled in whole is open no more; what settles nothing stands as a credit, even under the number of an invoice."""
    amount = -sum(paid.values()) or -130
    told = [("shop|document|i1", INVOICE), ("shop|payment|i1", posted("payment", "PAYMENT", amount, on=paid))]
    found = everywhere(log, told, lambda index: {each.document: each.open for each in index.open("shop", "acme")})
    assert found == open_


def test_a_receivable_says_what_it_is(log: Log) -> None:
    """A receivable carries the document's number, dates and currency, and what is open in the book's currency."""
    told = [
        ("shop|document|i1", INVOICE),
        ("other|document|i2", INVOICE),
        ("shop|document|i3", posted("document", "INVOICE", 5, party="b")),
    ]
    assert everywhere(log, told, lambda index: list(index.open("shop", "acme"))) == [OWED]


def test_a_settled_receivable_is_known_by_itself(log: Log) -> None:
    """What was settled is not among the open, and is still known with its dates; what never was is not."""
    told = [("shop|document|i1", INVOICE), ("shop|document|i1", posted("settlement", "PAYMENT", -100))]
    found = everywhere(log, told, lambda index: (list(index.open("shop", "acme")), index.receivable("shop", "acme", "i1", "USD")))
    assert found == ([], Receivable("acme", "i1", "INVOICE", "N-1", "2026-01-01", "2026-01-31", "USD", 100, 0, 0))
    with log.writing(dry=True) as writing:
        assert writing.receivable("shop", "acme", "i2", "USD") is None
        assert writing.receivable("shop", "acme", "i1", "EUR") is None
        assert writing.receivable("shop", "other", "i1", "USD") is None


def test_a_document_in_two_currencies_is_owed_in_each(log: Log) -> None:
    """What was paid before an amendment into another currency stands apart from what is owed since, by currency."""
    paid = posted("payment", "PAYMENT", -70, on={"i1": 70}).model_copy(update={"currency": "EUR"})
    told = [("shop|document|i1", INVOICE), ("shop|payment|p1", paid)]
    euros = Receivable("acme", "i1", "PAYMENT", "i1", "2026-01-01", None, "EUR", 0, -70, -140)
    found = everywhere(log, told, lambda index: (list(index.open("shop", "acme")), index.receivable("shop", "acme", "i1", "EUR")))
    assert found == ([euros, OWED], euros)


def test_money_taken_back_is_owed_again(log: Log) -> None:
    """A reversed payment gives back what it settled, and leaves nothing of its own."""
    paid = posted("payment", "PAYMENT", -130, on={"i1": 100})
    told = [("shop|document|i1", INVOICE), ("shop|payment|p1", paid), ("shop|payment|p1", taken_back(paid))]
    assert everywhere(log, told, lambda index: list(index.open("shop", "acme"))) == [OWED]


def test_an_amended_document_says_its_new_sum(log: Log) -> None:
    """After a reversal and a new posting the receivable is that of the new version."""
    anew = posted("document", "INVOICE", 70, number="N-2", due="2026-02-28")
    told = [("shop|document|i1", INVOICE), ("shop|document|i1", taken_back(INVOICE)), ("shop|document|i1", anew)]
    changed = Receivable("acme", "i1", "INVOICE", "N-2", "2026-01-01", "2026-02-28", "USD", 70, 70, 140)
    assert everywhere(log, told, lambda index: list(index.open("shop", "acme"))) == [changed]


def test_a_deposit_stands_with_who_made_it_until_it_is_applied(log: Log) -> None:
    """An applied part lowers the document of one account and the deposit of another."""
    applied = posted("applied:i1", "DEPOSIT_APPLIED", -40, on={"i1": 40})
    from_deposit = PostingLine(account="2400", side="D", amount=40, base_amount=80, party="giver")
    told = [
        ("shop|document|i1", INVOICE),
        ("shop|payment|d1", posted("payment", "DEPOSIT", -60, party="giver", number="D-1")),
        ("shop|payment|d1", applied.model_copy(update={"lines": [*applied.lines, from_deposit]})),
    ]
    found = everywhere(
        log,
        told,
        lambda index: [
            (each.account, each.document, each.kind, each.number, each.amount, each.open)
            for account in ("acme", "giver")
            for each in index.open("shop", account)
        ],
    )
    assert found == [("acme", "i1", "INVOICE", "N-1", 100, 60), ("giver", "payment:d1", "DEPOSIT", "D-1", -60, -20)]


def test_what_is_not_posted_yet_is_pending(log: Log) -> None:
    """What waits, is held or accumulates counts, in the book's currency; what is posted, excluded or nobody's does not."""
    told = [
        ("shop|document|a", decided("ACCUMULATING")),
        ("shop|document|e", decided("EXCLUDED")),
        ("shop|document|h", decided("REQUIRES_ATTENTION", base_gross=55, currency="USD", version=2)),
        ("shop|document|n", decided("REQUIRES_ATTENTION", None)),
        ("shop|document|o", decided("WAITING", "other")),
        ("shop|document|p", decided("POSTED")),
        ("shop|payment|w", decided("WAITING", kind="PAYMENT")),
        ("other|document|x", decided("WAITING")),
    ]
    found = everywhere(log, told, lambda index: list(index.pending("shop", "acme")))
    assert found == [
        Pending("shop|document|a", 1, "INVOICE", "ACCUMULATING", "2026-01-02", 100, 1),
        Pending("shop|document|h", 2, "INVOICE", "REQUIRES_ATTENTION", "2026-01-02", 55, 1),
        Pending("shop|payment|w", 1, "PAYMENT", "WAITING", "2026-01-02", 100, 1),
    ]


@pytest.mark.parametrize("after", ["posted", "moved", "overtaken"])
def test_what_was_pending_is_so_no_more(log: Log, after: str) -> None:
    """A document that posts, goes to another account, or is overtaken is not pending on its first account."""
    over = DocumentSuperseded(
        version=1, state="CANCELLED", was="WAITING", by=2, business_date="2026-01-02", currency="EUR", gross=100
    )
    then = {"posted": decided("POSTED"), "moved": decided("WAITING", "other"), "overtaken": over}[after]
    told = [("shop|document|i1", decided("WAITING")), ("shop|document|i1", then)]
    found = everywhere(log, told, lambda index: (len(index.pending("shop", "acme")), len(index.pending("shop", "other"))))
    assert found == (0, 1 if after == "moved" else 0)
