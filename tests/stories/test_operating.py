"""Operating: each command acts or shows its effect, is refused with a reason and a remedy, and stays quiet when said twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.gate import MESSAGE_BYTES_MAX
from tests.stories.command import SETUP, asked, dump, postgate

CUSTOMER, ACCOUNT = "hh-b123f95a5578", "band-15-24k"
UNPAID = "33385646912"


def test_a_link_releases_what_waited_for_it(store: Path) -> None:
    """The rehearsal names the documents and keeps nothing; the real link does what it said."""
    before = dump(store)
    tried = postgate("link", CUSTOMER, ACCOUNT, "--dry-run")
    assert (tried.code, dump(store)) == (0, before)
    assert tried.out.splitlines()[:2] == [
        f"link {CUSTOMER} to {ACCOUNT}: nothing is kept",
        "would release 10 documents, 107.63 USD",
    ]
    done = postgate("link", CUSTOMER, ACCOUNT)
    assert done.out.splitlines()[:2] == [f"link {CUSTOMER} to {ACCOUNT}: done", "released 10 documents, 107.63 USD"]
    assert done.out.splitlines()[2:] == tried.out.splitlines()[2:]
    assert len(postgate("documents", "--customer", CUSTOMER, "--state", "posted", "--json").rows) == 10


def test_a_command_is_a_message_of_its_own(store: Path) -> None:
    """It goes through the same door, has one receipt, and its author is the operator."""
    assert postgate("link", CUSTOMER, ACCOUNT).code == 0
    ((source, position, verdict),) = asked(store, "SELECT source, position, verdict FROM receipts WHERE source LIKE 'operator:%'")
    assert (str(source).startswith("operator:"), position, verdict) == (True, 1, "ACCEPTED")
    told = postgate("explain", "33363070671", "--json").row
    history = told["history"]
    assert isinstance(history, list)
    assert [(each["told"].split(" ")[0], each["actor"]) for each in history] == [
        ("InvoiceIssued", "/pos/store-321"),
        ("decided", "/pos/store-321"),
        ("decided", "/postgate/operator"),
        ("posting", "/postgate/operator"),
    ]


def test_a_link_said_twice_changes_nothing(store: Path) -> None:
    """Said again it is no news."""
    assert postgate("link", CUSTOMER, ACCOUNT).code == 0
    events = asked(store, "SELECT COUNT(*) FROM stored_events")
    again = postgate("link", CUSTOMER, ACCOUNT)
    assert (again.code, again.out) == (0, f"link {CUSTOMER} to {ACCOUNT}: it is so already; nothing changes\n")
    assert asked(store, "SELECT COUNT(*) FROM stored_events") == events


def test_a_second_link_is_refused(store: Path) -> None:
    """Exit code 5, with code and remedy, and nothing is recorded: not even in quarantine."""
    assert postgate("link", CUSTOMER, ACCOUNT).code == 0
    before = dump(store)
    refused = postgate("link", CUSTOMER, "band-150-174k")
    assert (refused.code, refused.out, dump(store)) == (5, "", before)
    assert refused.err == (
        f"postgate: refused: customer {CUSTOMER} is already linked to {ACCOUNT} (LINK_ALREADY_EXISTS); "
        f"unlink it first: postgate unlink {CUSTOMER}\n"
    )


@pytest.mark.usefixtures("store")
def test_a_name_that_nobody_announced_is_pointed_out() -> None:
    """Facts may come in any order, so an unknown name is allowed, but it may be a slip."""
    tried = postgate("link", "hh-nobody", "no-account", "--dry-run")
    assert (tried.code, tried.err.splitlines()) == (
        0,
        [
            "note: customer hh-nobody was never registered in book grocer",
            "note: account no-account was never opened in book grocer",
        ],
    )


@pytest.mark.usefixtures("store")
def test_a_word_that_is_no_id_is_refused() -> None:
    """The door's own grammar holds for the operator too."""
    refused = postgate("link", "two words", ACCOUNT)
    assert (refused.code, "ID_CHARSET" in refused.err) == (5, True)


@pytest.mark.usefixtures("store")
def test_unlink_lets_what_was_posted_stand() -> None:
    """It acts forward only, and said twice it is silent."""
    assert postgate("link", CUSTOMER, ACCOUNT).code == 0
    done = postgate("unlink", CUSTOMER, "--reason", "moved away")
    assert (done.code, done.out) == (0, f"unlink {CUSTOMER}: done\n")
    assert postgate("customers", "--customer", CUSTOMER, "--json").row["account"] is None
    assert len(postgate("documents", "--customer", CUSTOMER, "--state", "posted", "--json").rows) == 10
    assert "nothing changes" in postgate("unlink", CUSTOMER).out


@pytest.mark.usefixtures("store")
def test_classify_releases_what_waited_for_a_class() -> None:
    """An account with a class has posting rules; a program reads the same effect."""
    tried = postgate("classify", "debtor-e22e9c22f92b", "HOUSE", "--dry-run", "--json").row
    assert tried == {
        "book": "grocer",
        "dry_run": True,
        "code": "ACCEPTED",
        "released": [
            {"document": "33362690388", "currency": "USD", "gross": "6.96"},
            {"document": "33362690499", "currency": "USD", "gross": "23.80"},
            {"document": "33420824018", "currency": "USD", "gross": "52.40"},
        ],
        "documents": 3,
        "amounts": {"USD": "83.16"},
    }
    assert postgate("classify", "debtor-e22e9c22f92b", "HOUSE", "--json").row == {**tried, "dry_run": False}
    unknown = postgate("classify", "debtor-e22e9c22f92b", "NOPE", "--dry-run")
    assert (unknown.code, unknown.err) == (0, "note: class NOPE was never defined in book grocer\n")


@pytest.mark.usefixtures("store")
def test_a_release_lets_one_document_pass() -> None:
    """Only for a reason that may be overridden, by somebody who answers for it."""
    words = ("--by", "Ann", "--role", "accountant", "--note", "paid by bank transfer")
    done = postgate("release", UNPAID, "--reason", "payment_required_for_generic", *words)
    assert (done.code, done.out.splitlines()[1]) == (0, "released 1 document, 37.54 USD")
    hard = postgate("release", "33362821300", "--reason", "ANONYMOUS_NO_DEFAULT", *words)
    assert (hard.code, "RELEASE_NOT_ALLOWED" in hard.err) == (5, True)
    twice = postgate("release", UNPAID, "--reason", "PAYMENT_REQUIRED_FOR_GENERIC", *words)
    assert (twice.code, "RELEASE_NOT_ALLOWED" in twice.err) == (5, True)
    unsaid = postgate("release", UNPAID, "--reason", "PAYMENT_REQUIRED_FOR_GENERIC")
    assert (unsaid.code, "--by" in unsaid.err) == (2, True)


@pytest.mark.usefixtures("store")
def test_a_book_is_named_where_there_are_two(tmp_path: Path) -> None:
    """With one book it is understood; with two, a command must say which."""
    said = json.loads(SETUP.read_text(encoding="utf-8").splitlines()[0])
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({**said, "id": "second", "book": "bakery"}), encoding="utf-8")
    assert postgate("ingest", other).code == 0
    unsaid = postgate("link", CUSTOMER, ACCOUNT)
    assert (unsaid.code, unsaid.err) == (2, "postgate: --book: the store has 2 books: bakery, grocer; name one\n")
    assert postgate("link", CUSTOMER, ACCOUNT, "--book", "grocer").code == 0
    unknown = postgate("link", CUSTOMER, ACCOUNT, "--book", "brewery")
    assert (unknown.code, unknown.err) == (2, "postgate: brewery: the store has no such book; it has bakery, grocer\n")


def test_a_requeued_message_that_is_still_wrong_stays(empty: Path, tmp_path: Path) -> None:
    """Exit code 5, and the store is as it was."""
    path = tmp_path / "wrong.jsonl"
    path.write_text('{"half": ', encoding="utf-8")
    assert postgate("ingest", path).code == 0
    (kept,) = postgate("quarantine", "--json").rows
    assert (kept["code"], kept["size"], kept["requeued"]) == ("SCHEMA_INVALID", 9, None)
    before = dump(empty)
    again = postgate("requeue", str(kept["locator"]))
    assert (again.code, dump(empty)) == (5, before)
    assert "0 of 1 message taken" in again.out


def test_a_requeued_message_that_is_right_now_is_taken(store: Path, tmp_path: Path) -> None:
    """A link that was refused is taken once the one before is gone; its quarantine ends in the same transaction."""
    link = {"specversion": "1.0", "id": "l2", "source": "/crm", "type": "postgate.link.made.v1", "time": "2017-06-05T09:00:00Z"}
    said = {**link, "book": "grocer", "data": {"customer": CUSTOMER, "account": "band-150-174k"}}
    path = tmp_path / "late.jsonl"
    path.write_text(json.dumps(said), encoding="utf-8")
    assert postgate("link", CUSTOMER, ACCOUNT).code == 0
    assert postgate("ingest", path).code == 0
    (kept,) = postgate("quarantine", "--code", "LINK_ALREADY_EXISTS", "--json").rows
    assert postgate("requeue", "--all").code == 5
    assert postgate("unlink", CUSTOMER).code == 0
    before = dump(store)
    assert postgate("requeue", "--all", "--dry-run").code == 0
    assert dump(store) == before
    done = postgate("requeue", "--all", "--code", "LINK_ALREADY_EXISTS")
    assert (done.code, done.out.splitlines()[1]) == (0, "1 of 1 message taken")
    assert postgate("customers", "--customer", CUSTOMER, "--json").row["account"] == "band-150-174k"
    assert postgate("quarantine").out == ""
    assert postgate("quarantine", "--all", "--json").row["requeued"] == "ACCEPTED"
    assert asked(store, "SELECT source, position, verdict FROM receipts WHERE source LIKE 'requeue:%'") == [
        (f"requeue:{kept['locator']}", 1, "ACCEPTED"),
    ]
    assert postgate("verify").code == 0
    assert postgate("reconcile").code == 0
    assert postgate("requeue", str(kept["locator"]), "--json").row["code"] in ("DUPLICATE_EVENT", "DUPLICATE_DOCUMENT")


@pytest.mark.usefixtures("empty")
def test_a_message_over_the_limit_cannot_be_requeued(tmp_path: Path) -> None:
    """Only its head was kept, and that is said."""
    path = tmp_path / "large.jsonl"
    path.write_text(json.dumps({"text": "x" * MESSAGE_BYTES_MAX}), encoding="utf-8")
    assert postgate("ingest", path).code == 0
    again = postgate("requeue", "--all")
    assert (again.code, "so only its head was kept" in again.out) == (5, True)


@pytest.mark.usefixtures("empty")
def test_requeue_says_what_it_is_given() -> None:
    """It wants messages or --all, and only messages that are in quarantine."""
    assert [postgate("requeue").code, postgate("requeue", "x", "--all").code, postgate("requeue", "file:x#1").code] == [2, 2, 2]
    assert postgate("requeue", "--all").out.splitlines()[0] == "0 of 0 messages taken"
