"""Looking: what is listed, filtered and grouped, for people and for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.values import minor
from tests.stories.command import asked, postgate

HELD_CUSTOMER = "hh-b123f95a5578"


@pytest.mark.usefixtures("store")
def test_documents_are_filtered() -> None:
    """By state, reason, customer and number; amounts are decimal text."""
    assert len(postgate("documents", "--json").rows) == 314
    assert len(postgate("documents", "--state", "posted", "--json").rows) == 138
    unclassed = postgate("documents", "--reason", "CLASS_MISSING", "--json").rows
    assert sum(minor(str(row["gross"]), "USD") for row in unclassed) == 49522
    assert len(postgate("documents", "--customer", HELD_CUSTOMER, "--json").rows) == 11
    (row,) = postgate("documents", "--number", "33385646912", "--json").rows
    assert {name: row[name] for name in ("document", "kind", "gross", "currency", "state", "account", "class")} == {
        "document": "33385646912",
        "kind": "INVOICE",
        "gross": "37.54",
        "currency": "USD",
        "state": "REQUIRES_ATTENTION",
        "account": "counter-sales",
        "class": "COUNTER",
    }


@pytest.mark.usefixtures("store")
def test_a_long_list_shows_its_beginning() -> None:
    """People see 50 rows and are told so on standard error; programs see all, unless they ask for fewer."""
    shown = postgate("documents")
    assert (len(shown.out.splitlines()), shown.err) == (52, "the first 50; --limit 0 shows all\n")
    assert len(postgate("documents", "--limit", "0").out.splitlines()) == 316
    assert len(postgate("documents", "--limit", "3", "--json").rows) == 3


@pytest.mark.usefixtures("store")
def test_what_is_held_is_grouped_by_reason() -> None:
    """Count, amount and the oldest day for each reason, the most frequent first."""
    assert postgate("held", "--json").rows[:2] == [
        {
            "book": "grocer",
            "reason": "LINK_MISSING",
            "currency": "USD",
            "documents": 145,
            "amount": "4307.13",
            "oldest": "2017-05-29",
        },
        {
            "book": "grocer",
            "reason": "CLASS_MISSING",
            "currency": "USD",
            "documents": 15,
            "amount": "495.22",
            "oldest": "2017-05-29",
        },
    ]
    shown = postgate("held")
    assert shown.out.splitlines()[2].split() == ["LINK_MISSING", "145", "4,307.13", "USD", "2017-05-29"]
    assert shown.err == "176 documents held, 5,159.99 USD\n"


@pytest.mark.usefixtures("store")
def test_what_is_held_is_grouped_by_what_it_waits_for() -> None:
    """One link may release many documents."""
    waits = {row["wait"]: row["documents"] for row in postgate("held", "--by", "wait", "--json").rows}
    assert (waits[f"link:{HELD_CUSTOMER}"], waits["book:"]) == (11, 9)


def test_a_wait_is_shown_where_a_reason_names_it(store: Path) -> None:
    """What only stands on the way of a document is indexed for the engine, and shown neither in groups nor by explain."""
    named, beside = "account:debtor-e22e9c22f92b", ["customer:hh-e22e9c22f92b", "link:hh-e22e9c22f92b"]
    indexed = asked(store, "SELECT key FROM view_holds WHERE stream = 'grocer|document|33362690388' ORDER BY key")
    assert [key for (key,) in indexed] == [named, *beside]
    shown = {str(row["wait"]) for row in postgate("held", "--by", "wait", "--json").rows}
    assert shown & {named, *beside} == {named}
    assert postgate("explain", "33362690388", "--json").row["waits_for"] == [named]


@pytest.mark.usefixtures("store")
def test_held_documents_tell_their_remedy() -> None:
    """One by one, with what each waits for."""
    (row,) = [row for row in postgate("held", "--documents", "--json").rows if row["document"] == "33362690388"]
    assert row["waits_for"] == ["account:debtor-e22e9c22f92b"]
    assert row["remedy"] == "give the account a class: postgate classify debtor-e22e9c22f92b CLASS"
    assert len(postgate("held", "--documents", "--reason", "CLASS_MISSING", "--json").rows) == 15


@pytest.mark.usefixtures("store")
def test_postings_are_listed_with_their_lines() -> None:
    """A journal as people read it, and the message that consumers get."""
    assert len(postgate("postings", "--limit", "0").out.splitlines()) == 161
    shown = postgate("postings", "--document", "33363010463", "--lines")
    assert [line.split() for line in shown.out.splitlines()[1:]] == [
        ["1100", "98.80", "USD", "debtor-a8caa602fb66"],
        ["4020", "21.93", "USD"],
        ["4010", "74.78", "USD"],
        ["4040", "2.09", "USD"],
    ]
    (message,) = postgate("postings", "--document", "33363010463", "--json").rows
    assert (message["type"], message["book"]) == ("postgate.posting.authorised.v1", "grocer")
    journal = message["data"]
    assert isinstance(journal, dict)
    assert message["id"] == journal["posting_key"]
    assert [(line["side"], line["account"], line["amount"]) for line in journal["lines"]] == [
        ("D", "1100", "98.80"),
        ("C", "4020", "21.93"),
        ("C", "4010", "74.78"),
        ("C", "4040", "2.09"),
    ]


@pytest.mark.usefixtures("store")
def test_every_posting_is_a_message_that_balances() -> None:
    """All messages of the ledger, in order, each under its own key."""
    messages = postgate("postings", "--json").rows
    assert len({str(message["id"]) for message in messages}) == 159
    for message in messages:
        journal = message["data"]
        assert isinstance(journal, dict)
        sides = {side: sum(minor(line["amount"], "USD") for line in journal["lines"] if line["side"] == side) for side in "DC"}
        assert sides["D"] == sides["C"] > 0


@pytest.mark.usefixtures("store")
def test_parties_are_listed() -> None:
    """Customers with their accounts, accounts with their classes, classes with what they do."""
    assert len(postgate("customers", "--json").rows) == 145
    assert len(postgate("customers", "--unlinked", "--json").rows) == 64
    assert len(postgate("customers", "--account", "band-15-24k", "--json").rows) == 5
    assert len(postgate("accounts", "--unclassified", "--json").rows) == 10
    assert {row["class"] for row in postgate("accounts", "--class", "COUNTER", "--json").rows} == {"COUNTER"}
    assert [(row["class"], row["behaviour"], row["generic_account"]) for row in postgate("classes", "--json").rows] == [
        ("COUNTER", "GENERIC", "counter-sales"),
        ("HOUSE", "ACCOUNT", None),
    ]
    assert postgate("classes").out.splitlines()[2].split() == [
        "COUNTER",
        "1",
        "Counter",
        "sales",
        "GENERIC",
        "counter-sales",
        "yes",
    ]


@pytest.mark.usefixtures("empty")
def test_nothing_is_said_as_such() -> None:
    """An empty list prints no data, and says so on standard error."""
    for name, said in (
        ("documents", "no such document"),
        ("held", "nothing is held"),
        ("postings", "no such posting"),
        ("customers", "no such customer"),
        ("accounts", "no such account"),
        ("classes", "no such class"),
        ("quarantine", "the quarantine is empty"),
        ("balances", "nothing was posted yet"),
    ):
        shown = postgate(name)
        assert (name, shown.code, shown.out, shown.err.splitlines()[0]) == (name, 0, "", said)
        assert postgate(name, "--json").out == ""
