"""Closing the month: what is open is listed and acknowledged, what an accounting system changed is resolved, edits are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import said
from tests.rules.case import covers
from tests.said import Saying, say
from tests.stories.command import asked, changed, postgate

MARCH, APRIL = ("2026-03", "2026-03-01", "2026-03-31"), ("2026-04", "2026-04-01", "2026-04-30")
AMENDED = Saying("invoice.amended", said.invoice("i1", "90.00", version=2, order_number="PO-7").fields)
FACTS = (
    said.book(),
    *said.mappings(),
    said.account("acme"),
    said.class_("HOUSE"),
    say("class.assigned", account="acme", class_="HOUSE"),
    said.customer("c1"),
    said.link("c1", "acme"),
    said.customer("c2"),
    said.invoice("i1"),
    AMENDED,
    said.invoice("i2", "55.00", customer="c2"),
    said.period(*MARCH),
    said.period(*APRIL),
)


@pytest.fixture
def shop(empty: Path, tmp_path: Path) -> Path:
    """A store with a posted invoice, amended once, and one that is held for its link; both of March."""
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"\n".join(saying.written("shop", f"m{number}") for number, saying in enumerate(FACTS)) + b"\n")
    assert postgate("ingest", path).code == 0
    return empty


@pytest.mark.usefixtures("shop")
def test_periods_are_listed_with_what_is_open_in_them() -> None:
    """Count and amounts of what is held, waits or accumulates, by business day."""
    rows = postgate("period", "list", "--json").rows
    assert [(row["period"], row["of"], row["state"], row["documents"], row["amounts"]) for row in rows] == [
        ("2026-03", "books", "OPEN", 1, {"EUR": "55.00"}),
        ("2026-04", "books", "OPEN", 0, {}),
    ]


@covers("H9")
def test_a_period_with_open_documents_is_closed_knowingly(shop: Path) -> None:
    """It lists them and refuses; acknowledged, it closes, and what is released later is held for the period."""
    events = asked(shop, "SELECT COUNT(*) FROM stored_events")
    refused = postgate("period", "close", "2026-03")
    assert (refused.code, asked(shop, "SELECT COUNT(*) FROM stored_events")) == (5, events)
    assert refused.err.splitlines()[0] == "1 document of period 2026-03, 55.00 EUR, not posted"
    assert refused.err.splitlines()[1].split() == ["i2", "2026-03-10", "55.00", "EUR", "REQUIRES_ATTENTION", "LINK_MISSING"]
    assert "PERIOD_HAS_OPEN_ITEMS" in refused.err.splitlines()[2]
    tried = postgate("period", "close", "2026-03", "--acknowledge", "--by", "ann", "--dry-run")
    assert (tried.code, postgate("period", "list", "--json").rows[0]["state"]) == (0, "OPEN")
    done = postgate("period", "close", "2026-03", "--acknowledge", "--by", "ann")
    assert (done.code, done.out.splitlines()[0]) == (0, "period 2026-03 closed: done")
    again = postgate("period", "close", "2026-03")
    assert (again.code, again.out, again.err) == (0, "period 2026-03 closed: it is so already; nothing changes\n", "")
    assert postgate("link", "c2", "acme").out.splitlines()[1] == "released 0 documents"
    opened = postgate("period", "reopen", "2026-03")
    assert opened.out.splitlines()[:2] == ["period 2026-03 reopened: done", "released 1 document, 55.00 EUR"]


@pytest.mark.usefixtures("shop")
def test_a_period_without_open_documents_just_closes() -> None:
    """There is nothing to list; said again it is no news; its days are known, and those of a month need not be said."""
    assert postgate("period", "close", "2026-04").out == "period 2026-04 closed: done\nreleased 0 documents\n"
    assert postgate("period", "close", "2026-04").out == "period 2026-04 closed: it is so already; nothing changes\n"
    assert postgate("period", "lock", "2028-02").code == 0
    last = postgate("period", "list", "--json").rows[-1]
    assert (last["period"], last["to"], last["state"]) == ("2028-02", "2028-02-29", "LOCKED")
    unknown = postgate("period", "open", "Q3")
    assert (unknown.code, unknown.err) == (
        2,
        "postgate: Q3: nobody declared this period, and it is no month; say --from DAY and --to DAY\n",
    )


@pytest.mark.usefixtures("shop")
def test_a_tax_period_is_closed_apart_from_that_of_the_books() -> None:
    """The books are open, the return was made: what comes late is held for it, and released when it is reopened."""
    assert postgate("period", "close", "2026-Q1", "--tax", "--from", "2026-01-01", "--to", "2026-03-31").code == 0
    assert postgate("link", "c2", "acme").code == 0
    (held,) = postgate("held", "--json").rows
    assert (held["reason"], held["documents"]) == ("TAX_PERIOD_CLOSED", 1)
    done = postgate("period", "reopen", "2026-Q1", "--tax")
    assert done.out.splitlines()[1] == "released 1 document, 55.00 EUR"


@covers("H11")
def test_what_is_offered_again_meets_the_same_gate(shop: Path, tmp_path: Path) -> None:
    """A link that was refused and is requeued after the month was closed releases nothing into it."""
    facts = (
        said.account("gone", status="CLOSED"),
        said.link("c2", "gone"),
        said.account("gone", version=2),
        say("class.assigned", account="gone", class_="HOUSE"),
    )
    path = tmp_path / "link.jsonl"
    path.write_bytes(b"\n".join(saying.written("shop", f"l{number}") for number, saying in enumerate(facts)) + b"\n")
    assert postgate("ingest", path).code == 0
    assert [row["code"] for row in postgate("quarantine", "--json").rows] == ["LINK_TARGET_INACTIVE"]
    assert postgate("period", "close", "2026-03", "--acknowledge").code == 0
    assert postgate("requeue", "--all").out.splitlines()[-1] == "released 0 documents"
    (held,) = postgate("held", "--json").rows
    assert (held["reason"], held["documents"]) == ("PERIOD_CLOSED", 1)
    assert asked(shop, "SELECT COUNT(*) FROM view_postings WHERE stream = 'shop|document|i2'") == [(0,)]


@covers("P3")
@pytest.mark.usefixtures("shop")
def test_what_changed_between_versions_is_shown_field_by_field() -> None:
    """Each version with who said it and when, and every field that it says differently (P3)."""
    first, second = postgate("documents", "i1", "--json").rows
    assert (first["version"], first["by"], first["changes"]) == (1, "/till", [])
    assert (second["said"], second["version"]) == ("InvoiceAmended", 2)
    assert second["changes"] == [
        {"field": "lines[1].net", "old": "100.00", "new": "90.00"},
        {"field": "totals.net", "old": "100.00", "new": "90.00"},
        {"field": "totals.gross", "old": "100.00", "new": "90.00"},
        {"field": "order_number", "old": None, "new": "PO-7"},
    ]
    told = postgate("documents", "i1").out.splitlines()
    assert told[-2:] == ["  totals.gross: 100.00 -> 90.00", "  order_number: (nothing) -> PO-7"]


@covers("P7")
@pytest.mark.usefixtures("shop")
def test_what_is_posted_is_found_by_number_and_day() -> None:
    """Whoever has no access to the accounting system looks here (P7)."""
    for search in (("--number", "N-i1"), ("--date", "2026-03-10")):
        (row,) = postgate("documents", "--state", "posted", *search, "--json").rows
        assert (row["document"], row["version"], row["gross"]) == ("i1", 2, "90.00")
    assert postgate("documents", "--state", "posted", "--date", "2026-03-11", "--json").rows == []


@covers("N14")
def test_what_stands_too_long_is_told(shop: Path) -> None:
    """Held since today is not stuck; the same document a fortnight old is, on the list and for the doctor (N14)."""
    assert [row["documents"] for row in postgate("held", "--older-than", "0d", "--json").rows] == [1]
    assert postgate("held", "--older-than", "1d", "--json").rows == []
    assert [row["found"] for row in postgate("doctor", "--json").rows if row["check"] == "stuck"] == ["nothing"]
    changed(shop, "UPDATE view_documents SET since = date(since, '-14 days')")
    assert [row["documents"] for row in postgate("held", "--older-than", "14d", "--json").rows] == [1]
    assert postgate("held", "--older-than", "15d", "--json").rows == []
    (check,) = (row for row in postgate("doctor", "--json").rows if row["check"] == "stuck")
    assert (check["found"], check["remedy"]) == ("1 document came more than 7 days ago", "look at postgate held --older-than 7d")


def test_a_person_resolves_what_an_accounting_system_changed(shop: Path, tmp_path: Path) -> None:
    """The drift is shown with its reason, and the decision with its author sends ours again."""
    key = str(asked(shop, "SELECT posting_key FROM view_postings WHERE reverses IS NULL AND reversed_by IS NULL")[0][0])
    answers = (
        say("posting.acknowledged", posting_key=key, target="books", external_id="INV-1"),
        say("posting.drifted", posting_key=key, target="books", finding="MISSING"),
    )
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b"\n".join(saying.written("shop", f"a{number}") for number, saying in enumerate(answers)))
    assert postgate("ingest", path).code == 0
    shown = postgate("postings", "--delivery", "drifted")
    assert "books DRIFTED TARGET_DOCUMENT_MISSING" in shown.out
    assert shown.err.startswith("TARGET_DOCUMENT_MISSING: ask who removed it, then postgate resolve")
    (told,) = postgate("postings", "--delivery", "drifted", "--deliveries", "--json").rows
    assert [each["reason"] for each in told["deliveries"]] == ["TARGET_DOCUMENT_MISSING"]  # type: ignore[attr-defined]
    resolved = postgate("resolve", key, "books", "send_ours", "--by", "ann", "--note", "booked anew")
    assert resolved.out.splitlines()[0] == f"resolve {key} with books: done"
    assert postgate("postings", "--delivery", "drifted", "--json").rows == []
    again = postgate("resolve", key, "books", "accept_theirs", "--by", "ann")
    assert (again.code, "NOTHING_TO_RESOLVE" in again.err) == (5, True)
