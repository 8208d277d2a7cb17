"""Billed and summed up together: batches, days, and what is taken out of them (edge cases 13, 17, 26, 28, 33, 40, 73)."""

from __future__ import annotations

import pytest

from schemas.events import Billed, PostingAuthorised
from tests import said
from tests.edges.case import tells
from tests.given import Story
from tests.said import CASH, RECEIVABLE, REVENUE, ROUNDING, VAT

MARCH = ("2026-03", "2026-03-01", "2026-03-31")
APRIL = ("2026-04", "2026-04-01", "2026-04-30")
TAKEN = [said.tender("CASH", "100.00")]


def jobs(**policies: object) -> Story:
    """Return a shop whose class `HOUSE` is billed in batches."""
    return Story().shop(**policies).defined("HOUSE", version=2, batch_billing=True)


def till(**policies: object) -> Story:
    """Return a shop whose anonymous sales at branch `b1` are summed up day by day on the shared debtor `counter`."""
    story = Story().shop(anonymous_class="TILL", **policies).account("counter", generic=True)
    return story.defined("TILL", "GENERIC", generic_account="counter", detail="SUMMARY")


def run(story: Story, batch: str = "b1", **fields: object) -> Story:
    """Run a batch of the class `HOUSE`."""
    said_so = {"batch": batch, "cut_off": "2026-03-31", "date": "2026-03-10", "by": "ann", "class": "HOUSE"}
    return story.said("batch.run", **said_so | fields)


def closed(story: Story, day: str = said.DAY) -> Story:
    """Close a day of branch `b1`."""
    return story.said("day.closed", branch="b1", day=day, currency="EUR")


def kept(story: Story, key: str) -> list[PostingAuthorised]:
    """Return the journals that stand of a batch or a day."""
    return story.journals(key)


@tells(13)
def test_what_accumulates_stays_in_its_batch_when_the_class_changes() -> None:
    """The customer gets another class while a job waits: it is billed as it was, the next one posts by itself (O8)."""
    story = jobs().invoice("i1").classified("acme", "DIRECT").invoice("i2")
    assert [story.state(name) for name in ("i1", "i2")] == ["ACCUMULATING", "POSTED"]
    run(story)
    assert (story.state("i1"), story.decision("i1").class_) == ("POSTED", "HOUSE")
    assert [(posting.route, posting.class_, posting.sources) for posting in kept(story, "b1")] == [("BATCH", "HOUSE", ["i1"])]


@tells(13)
def test_one_job_may_be_taken_out_of_its_batch() -> None:
    """A person pulls it, and it posts alone; the run bills the others (J4)."""
    story = jobs().invoice("i1").invoice("i2").said("document.pulled", document="i1", version=1, by="ann")
    assert [story.state(name) for name in ("i1", "i2")] == ["POSTED", "ACCUMULATING"]
    run(story)
    assert [posting.sources for posting in kept(story, "b1")] == [["i2"]]
    assert story.ledger()[RECEIVABLE, "acme"] == "200.00"


@tells(17)
def test_an_anonymous_sale_that_a_customer_claims_leaves_the_summary() -> None:
    """Its lines are taken out of the summary by journals of their own; it posts on the customer's account, settled as it was."""
    story = (
        till().invoice("i1", customer=None, branch="b1", tenders=TAKEN).invoice("i2", customer=None, branch="b1", tenders=TAKEN)
    )
    closed(story)
    assert {line.party for posting in story.journals() for line in posting.lines if line.party} == {"counter"}
    summary = list(story.journals())
    story.amended("i1", customer="c1")
    assert [posting for posting in story.journals() if posting in summary] == summary
    assert story.state("i1") == "POSTED"
    assert ("D", RECEIVABLE, "acme", "100.00") in story.postings("i1")
    assert story.ledger() == {(CASH, ""): "200.00", (REVENUE, ""): "-200.00"}


@tells(17)
def test_an_anonymous_sale_of_an_open_day_never_enters_the_summary() -> None:
    """Claimed before the day is closed, it posts on the customer's account, and the summary is made without it."""
    story = (
        till().invoice("i1", customer=None, branch="b1", tenders=TAKEN).invoice("i2", customer=None, branch="b1", tenders=TAKEN)
    )
    story.amended("i1", customer="c1")
    closed(story)
    assert story.postings("i1")[0] == ("D", RECEIVABLE, "acme", "100.00")
    assert [posting.sources for posting in story.journals() if posting.sources] == [["i2"], ["i2"]]


@tells(26)
def test_a_batch_is_the_sum_of_rounded_documents() -> None:
    """250.50 and 50.50, each rounded to whole euros, are 300 together with 1.00 of rounding: what was paid settles it (J6)."""
    story = jobs(rounding_max="0.50").invoice("i1", "250.50", totals={"rounding": "-0.50"})
    story.invoice("i2", "50.50", totals={"rounding": "-0.50"})
    run(story)
    assert story.ledger() == {(RECEIVABLE, "acme"): "300.00", (ROUNDING, ""): "1.00", (REVENUE, ""): "-301.00"}
    story.payment("p1", "300.00", on={"i1": "250.00", "i2": "50.00"})
    assert (RECEIVABLE, "acme") not in story.ledger()


@tells(26)
def test_a_batch_never_computes_its_tax_again() -> None:
    """Three lines with 3.76, 3.84 and 3.84 of tax are 11.44 together, though 15 % of their sum is 11.45 (J6, I7)."""
    story = jobs()
    for name, net, tax in (("i1", "25.06", "3.76"), ("i2", "25.61", "3.84"), ("i3", "25.63", "3.84")):
        story.invoice(name, net, tax=tax)
    run(story)
    assert story.ledger() == {(RECEIVABLE, "acme"): "87.74", (REVENUE, ""): "-76.30", (VAT, ""): "-11.44"}


@tells(28)
def test_a_closed_day_names_what_is_not_in_its_summary() -> None:
    """One sale of the day is held when the till is closed: the closing names it, it stays visible, and posts late, apart (J8)."""
    story = till().invoice("i1", customer=None, branch="b1", tenders=TAKEN)
    story.invoice("i2", customer=None, branch="b1", tenders=TAKEN, tax={"GST": "0.00"})
    closed(story)
    (billed,) = [each.event for each in story.last.happened if isinstance(each.event, Billed)]
    assert (billed.members, billed.unresolved) == (1, ["i2"])
    assert (story.state("i2"), "TAX_CODE_UNMAPPED" in story.codes("i2")) == ("REQUIRES_ATTENTION", True)
    story.then_released_by("i2", said.mapping("tax", "GST", account="2230"))
    assert (story.row("i2").route, story.codes("i2")) == ("SUMMARY", ["LATE_FOR_WINDOW"])
    assert story.ledger() == {(CASH, ""): "200.00", (REVENUE, ""): "-200.00"}


@tells(33)
def test_a_batch_over_the_end_of_a_month_is_a_posting_for_each_month() -> None:
    """Jobs of March and April billed in one run are two invoices, each in the period of its jobs (J5)."""
    story = (
        jobs().period(*MARCH).period(*APRIL).invoice("i1", date="2026-03-31").until("2026-04-02").invoice("i2", date="2026-04-01")
    )
    run(story, cut_off="2026-04-30", date="2026-04-02")
    assert [(posting.period, posting.sources) for posting in kept(story, "b1")] == [("2026-03", ["i1"]), ("2026-04", ["i2"])]
    assert len({posting.number for posting in kept(story, "b1")}) == 2


@tells(33)
def test_what_comes_after_the_cut_off_waits_for_the_next_run() -> None:
    """A job of 1 February is not in the run up to 31 January (J2, golden number 6)."""
    story = Story(on="2026-02-02").shop().defined("HOUSE", version=2, batch_billing=True)
    story.invoice("i1", date="2026-01-31").invoice("i2", date="2026-02-01")
    run(story, cut_off="2026-01-31", date="2026-01-31")
    assert [story.state(name) for name in ("i1", "i2")] == ["POSTED", "ACCUMULATING"]


@tells(40)
def test_returns_are_credit_notes_of_their_own_beside_the_summary() -> None:
    """Two sales and a return of one day: the sales are one summary, the return is no part of it but a credit note (J11)."""
    story = (
        till().invoice("i1", customer=None, branch="b1", tenders=TAKEN).invoice("i2", customer=None, branch="b1", tenders=TAKEN)
    )
    story.credit_note("k1", "40.00", customer=None, branch="b1", original="i1", tenders=[said.tender("CASH", "40.00")])
    closed(story)
    assert [story.state(name) for name in ("i1", "i2", "k1")] == ["POSTED"] * 3
    assert story.ledger() == {(CASH, ""): "160.00", (REVENUE, ""): "-160.00"}
    kinds = {posting.kind: posting.sources for posting in story.journals() if posting.leg.startswith("document")}
    assert {kind: sources for kind, sources in kinds.items() if kind == "INVOICE"} == {"INVOICE": ["i1", "i2"]}
    assert "CREDIT_NOTE" in kinds
    assert "k1" not in kinds["INVOICE"]


@tells(40)
def test_returns_of_two_summaries_each_name_their_own_sale() -> None:
    """Sales of two closed days come back together: each is a credit note of its own sale, never one note for both (J11)."""
    story = till().invoice("i1", customer=None, branch="b1", tenders=TAKEN)
    closed(story).until("2026-03-11").invoice("i2", customer=None, branch="b1", tenders=TAKEN, date="2026-03-11")
    closed(story, "2026-03-11")
    for name, original in (("k1", "i1"), ("k2", "i2")):
        back = [said.tender("CASH", "30.00")]
        story.credit_note(name, "30.00", customer=None, branch="b1", original=original, tenders=back, date="2026-03-11")
    assert [(story.state(name), len(story.journals(name))) for name in ("k1", "k2")] == [("POSTED", 2)] * 2
    assert story.ledger() == {(CASH, ""): "140.00", (REVENUE, ""): "-140.00"}


@tells(73)
@pytest.mark.parametrize("kind", ["a void", "an amendment"])
def test_a_member_of_a_posted_batch_is_locked(kind: str) -> None:
    """The batch invoice was sent: void and amendment of one job wait, and the batch stays as it is (J7)."""
    story = run(jobs().invoice("i1").invoice("i2"))
    before = story.ledger()
    story.voided("i1") if kind == "a void" else story.amended("i1", net="60.00")
    assert (story.verdict[0], story.ledger()) == ("ACCEPTED", before)
    assert "MEMBER_OF_POSTED_BATCH" in story.codes("i1")


@tells(73)
def test_reversing_the_batch_lets_the_void_in() -> None:
    """The batch is taken back as a whole; the void comes in force, and the next run bills what is left (J14)."""
    story = run(jobs().invoice("i1").invoice("i2")).voided("i1").said("batch.reversed", batch="b1", by="ann")
    assert ([story.state(name) for name in ("i1", "i2")], story.ledger()) == (["REVERSED", "ACCUMULATING"], {})
    run(story, "b2")
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-100.00"}


@tells(73)
def test_a_credit_note_corrects_a_member_without_reversing_the_batch() -> None:
    """The other way out: a credit note of the one job, on the account the batch was posted to (J14, K2)."""
    story = run(jobs().invoice("i1").invoice("i2")).credit_note("k1", "100.00", original="i1")
    assert (story.state("k1"), story.postings("k1")) == (
        "POSTED",
        [("D", REVENUE, "", "100.00"), ("C", RECEIVABLE, "acme", "100.00")],
    )
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-100.00"}
