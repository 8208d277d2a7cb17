"""Owing on the command line: what is open, who is near a limit or stopped, and why an invoice is held for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import said
from tests.said import Saying
from tests.stories.command import asked, postgate

CREDIT = {"limit": "100.00", "mode": "BLOCK_ONLY"}
TOLD: tuple[Saying, ...] = (
    said.book(),
    *said.mappings(),
    said.class_("HOUSE", default_credit_limit="500"),
    said.account("acme", credit=CREDIT, head_office="group", stop_credit=False),
    said.account("group"),
    *(said.say("class.assigned", account=account, class_="HOUSE") for account in ("acme", "group")),
    said.customer("c1"),
    said.link("c1", "acme"),
    said.invoice("i1", "60.00", due_date="2099-03-31"),
    said.invoice("i3", "20.00", currency="USD", exchange_rate="0.5"),
    said.invoice("i2", "65.00"),
    said.payment("i1", "30.00", on={"i1": "25.00"}),
)


@pytest.fixture
def owing(empty: Path, tmp_path: Path) -> Path:
    """A store where acme has bought, was held, and has paid."""
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"\n".join(each.written("shop", f"m{number}") for number, each in enumerate(TOLD)) + b"\n")
    assert postgate("ingest", feed).code == 0
    return empty


def more(tmp_path: Path, name: str, *sayings: Saying) -> None:
    """Take in more messages."""
    feed = tmp_path / f"{name}.jsonl"
    feed.write_bytes(b"\n".join(each.written("shop", f"{name}{number}") for number, each in enumerate(sayings)) + b"\n")
    assert postgate("ingest", feed).code == 0


def test_what_is_open_is_listed_by_document(owing: Path) -> None:
    """Each document with what is left of it, in its own currency and in the book's; money that names nothing is a credit."""
    assert owing.exists()
    rows = postgate("receivables", "--account", "acme", "--json").rows
    assert [(row["document"], row["amount"], row["open"], row["base_open"], row["due_date"]) for row in rows] == [
        ("i1", "60.00", "35.00", "35.00", "2099-03-31"),
        ("i3", "20.00", "20.00", "10.00", None),
        ("payment:i1", "-5.00", "-5.00", "-5.00", None),
    ]
    assert rows[1] == {
        "book": "shop",
        "account": "acme",
        "document": "i3",
        "kind": "INVOICE",
        "number": "N-i3",
        "date": "2026-03-10",
        "due_date": None,
        "currency": "USD",
        "amount": "20.00",
        "open": "20.00",
        "base_currency": "EUR",
        "base_open": "10.00",
        "state": "OPEN",
    }
    assert postgate("receivables").out.splitlines()[2].split() == [
        *("acme", "i1", "INVOICE", "N-i1", "2026-03-10", "2099-03-31", "60.00", "35.00", "EUR")
    ]


def test_what_is_settled_is_listed_when_asked_for(owing: Path, tmp_path: Path) -> None:
    """A document that is paid is open no more; --all shows it with what it came to."""
    assert owing.exists()
    more(tmp_path, "paid", said.payment("p2", "35.00", on="i1"))
    assert [row["document"] for row in postgate("receivables", "--json").rows] == ["i2", "i3", "payment:i1"]
    settled = [row for row in postgate("receivables", "--all", "--json").rows if row["state"] == "SETTLED"]
    assert [(row["document"], row["amount"], row["open"]) for row in settled] == [("i1", "60.00", "0.00")]
    assert postgate("receivables", "--account", "group").err == "nothing is open\n"


def test_accounts_show_limits_debts_and_what_stops_them(owing: Path, tmp_path: Path) -> None:
    """The limit is the account's, else that of its first class; what is held counts as pending."""
    assert owing.exists()
    more(tmp_path, "held", said.say("account.held", account="acme", until="2030-01-01T00:00:00Z"))
    more(tmp_path, "stop", said.account("group", version=2, stop_credit=True))
    rows = {str(row["account"]): row for row in postgate("accounts", "--json").rows}
    names = (
        "credit_limit",
        "credit_mode",
        "open",
        "pending",
        "base_currency",
        "held",
        "hold_until",
        "stop_credit",
        "head_office",
    )
    assert [rows["acme"][name] for name in names] == [
        *("100.00", "BLOCK_ONLY", "40.00", "65.00", "EUR", True, "2030-01-01T00:00:00Z", False, "group")
    ]
    assert [rows["group"][name] for name in names] == ["500", None, "0.00", "0.00", "EUR", False, None, True, None]
    more(tmp_path, "free", said.say("account.hold_released", account="acme"))
    rows = {str(row["account"]): row for row in postgate("accounts", "--json").rows}
    assert (rows["acme"]["held"], rows["acme"]["hold_until"]) == (False, None)


def test_a_held_invoice_tells_what_the_account_owes(owing: Path, tmp_path: Path) -> None:
    """Explained as of when it came, and as of now, by what was owed then and is owed now."""
    (head,) = asked(owing, "SELECT rowid FROM stored_events WHERE originator_id = 'shop|document|i2' AND originator_version = 2")
    then = " ".join(postgate("explain", "i2", "--as-of", str(head[0])).out.split())
    assert "account acme: 70.00 EUR open, 0.00 EUR not posted yet, 65.00 EUR of this exceed the limit of 100.00 EUR" in then
    more(tmp_path, "raised", said.account("acme", version=2, credit={**CREDIT, "limit": "104.99"}))
    now = " ".join(postgate("explain", "i2").out.split())
    assert "account acme: 40.00 EUR open, 0.00 EUR not posted yet, 65.00 EUR of this exceed the limit of 104.99 EUR" in now
    assert "40.00 EUR open, 0.00 EUR not posted yet, 65.00 EUR of this, 0.00 EUR overdue, limit 104.99 EUR, BLOCK_ONLY" in now
    assert postgate("verify").code == 0
