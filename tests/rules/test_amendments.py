"""Rows of family O: what happens to a document after it was accepted, and what stays as it is."""

from __future__ import annotations

import pytest

from schemas.events import DocumentSuperseded, PostingReversed
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.test_batches import checked
from tests.said import CASH, DEPOSITS, RECEIVABLE, REVENUE

PAID = [said.tender("CASH", "100.00", reference="slip 1")]


def two_debtors() -> Story:
    """c1 owes through acme, c2 through globex; both post one to one."""
    return Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")


@covers("O3")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lines": [said.line("100.00", description="better goods")]},
        {"tenders": [said.tender("CASH", "100.00", reference="slip 2")]},
        {"session": "s2", "job": "j2"},
        {"walk_in": {"name": "Ann", "email": "ann@example.org", "address": "1 High Street"}},
    ],
    ids=["nothing", "description", "reference", "session and job", "contact"],
)
def test_an_edit_of_words_leaves_the_posting(changes: dict[str, object]) -> None:
    """The new version is on record and POSTED, the old one CANCELLED; no journal is touched."""
    story = Story().shop().invoice("i1", tenders=PAID, walk_in={"name": "Ann", "email": "a@example.org"})
    before = story.journals()
    story.amended("i1", **changes)
    assert [story.state("i1", version) for version in (1, 2)] == ["CANCELLED", "POSTED"]
    assert (story.codes("i1"), story.journals()) == (["COSMETIC_EDIT"], before)
    assert [told.kind for told in story.last.happened] == ["InvoiceAmended.v1", "DocumentSuperseded.v1", "DocumentDecided.v1"]


@covers("O2")
@pytest.mark.parametrize(
    "changes",
    [
        {"net": "90.00"},
        {"tax": "20.00"},
        {"date": "2026-03-09"},
        {"number": "N-other"},
        {"order_number": "4711"},
        {"branch": "north"},
        {"tenders": [said.tender("CARD", "100.00")]},
        {"walk_in": {"name": "Bea"}},
        {"lines": [said.line("100.00", dimensions={"shop": "north"})]},
        {"due_date": "2026-04-30"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_edit_of_substance_reverses_and_posts_anew(changes: dict[str, object]) -> None:
    """Amount, tax, day, number, reference of the customer, branch, money, name, place and due day are all financial."""
    story = Story().shop().invoice("i1", tenders=PAID).amended("i1", **changes)
    assert [story.state("i1", version) for version in (1, 2)] == ["REVERSED", "POSTED"]
    assert {journal.version for journal in story.journals("i1")} == {2}


@covers("O3")
def test_words_may_change_again_and_substance_after_words() -> None:
    """Two edits of words keep the first journal; an edit of the amount then reverses it, once."""
    story = Story().shop().invoice("i1").amended("i1", session="s2").amended("i1", session="s3")
    assert [journal.version for journal in story.journals("i1")] == [1]
    story.amended("i1", net="50.00")
    assert [story.state("i1", version) for version in (1, 2, 3, 4)] == ["CANCELLED", "CANCELLED", "REVERSED", "POSTED"]
    assert story.ledger() == {(RECEIVABLE, "acme"): "50.00", (REVENUE, ""): "-50.00"}


@covers("O3", "O6")
def test_an_edit_of_words_stays_where_the_document_was_posted() -> None:
    """The customer owes through another account by now; other words do not move the document there, other amounts do."""
    story = Story().shop().invoice("i1").said("link.removed", customer="c1").account("globex").assigned("globex", "HOUSE")
    story.linked("c1", "globex").amended("i1", session="s2")
    assert (story.journals("i1")[0].account, story.row("i1").account) == ("acme", "acme")
    story.amended("i1", net="90.00")
    assert (story.journals("i1")[0].account, story.codes("i1")) == ("globex", ["REASSIGNED"])


@covers("O3")
def test_words_that_came_before_their_predecessor_leave_the_posting_too() -> None:
    """Version 2 waits for version 1, which posts; then version 2 takes its place without a journal."""
    story = Story().shop().invoice("i1", version=2, session="s2").invoice("i1")
    assert [story.state("i1", version) for version in (1, 2)] == ["CANCELLED", "POSTED"]
    assert [journal.version for journal in story.journals("i1")] == [1]


@covers("O4")
def test_a_void_after_words_reverses_the_journal() -> None:
    """The journal of version 1 is version 2's to reverse."""
    story = Story().shop().invoice("i1").amended("i1", session="s2").voided("i1", version=3)
    assert ([story.state("i1", version) for version in (1, 2)], story.journals()) == (["CANCELLED", "REVERSED"], [])


@covers("O4")
def test_an_edit_to_zero_is_a_full_reversal() -> None:
    """Edge case 7: nothing is left in the ledger, the version before is REVERSED, the new one is on record as EXCLUDED."""
    story = Story().shop().invoice("i1", tax="20.00").amended("i1", net="0.00", tax=None)
    assert [story.state("i1", version) for version in (1, 2)] == ["REVERSED", "EXCLUDED"]
    assert (story.codes("i1"), story.ledger(), story.receivables("acme")) == (["ZERO_VALUE"], {}, {})


@covers("O5")
def test_a_document_of_another_customer_moves_to_its_debtor() -> None:
    """Edge case 8: the reversal is at the old account, the posting at the new one, under the same number."""
    story = two_debtors().invoice("i1").amended("i1", customer="c2")
    reversal = next(told.event for told in story.last.happened if isinstance(told.event, PostingReversed))
    posting = story.journals("i1")[0]
    assert (reversal.account, posting.account, reversal.number == posting.number) == ("acme", "globex", True)
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1": "100.00"})


@covers("O6")
def test_unlinking_acts_forward_only() -> None:
    """Edge case 9: what was posted stays, its payment and credit note follow it, and a new document waits for a link."""
    story = Story().shop().invoice("i1").said("link.removed", customer="c1")
    story.payment("p1", "40.00", on="i1").credit_note("k1", "10.00", original="i1").invoice("i2")
    assert [story.state(name) for name in ("i1", "p1", "k1")] == ["POSTED"] * 3
    assert (story.codes("i2"), story.receivables("acme")) == (["LINK_MISSING"], {"i1": "50.00"})


@covers("O7")
def test_relinking_acts_forward_only() -> None:
    """Edge case 10: old credits and payments stay with the old debtor; new documents go to the new one."""
    story = two_debtors().invoice("i1").said("link.removed", customer="c1").linked("c1", "globex")
    story.credit_note("k1", "10.00", original="i1").payment("p1", "30.00", on="i1").invoice("i2")
    assert (story.receivables("acme"), story.receivables("globex")) == ({"i1": "60.00"}, {"i2": "100.00"})


@covers("O8")
def test_another_class_acts_forward_only() -> None:
    """What was posted stays; what is held is judged anew at once."""
    story = Story().book().account("acme").classified("acme", "ASKS", "ASK").customer("c1").linked("c1", "acme").invoice("i1")
    story.defined("HOUSE").assigned("acme", "HOUSE")
    assert (story.posted_now(), story.journals("i1")[0].class_) == (["i1"], "HOUSE")
    story.account("counter", generic=True).classified("acme", "COUNTER", "GENERIC", generic_account="counter").invoice("i2")
    assert (story.journals("i1")[0].account, story.codes("i2")) == ("acme", ["PAYMENT_REQUIRED_FOR_GENERIC"])


@covers("O9")
def test_a_reversal_said_twice_is_no_news() -> None:
    """The same words again are a duplicate; the ledger is reversed once."""
    story = Story().shop().payment("p1").reversed("p1").reversed("p1")
    assert (story.verdict, story.ledger()) == (("DUPLICATE", "DUPLICATE_DOCUMENT"), {})


@covers("O10")
def test_what_is_judged_again_is_judged_by_the_periods_of_now() -> None:
    """Edge case 74: held for a payment that comes when the period is closed, a sale rolls forward and keeps its date."""
    story = Story().counter(closed_period="ROLL_FORWARD").invoice("i1")
    story.period("2026-03", "2026-03-01", "2026-03-31", verb="closed").period("2026-04", "2026-04-01", "2026-04-30")
    story.payment("p1", on="i1")
    posting = story.journals("i1")[0]
    assert (posting.period, posting.business_date) == ("2026-04", said.DAY)


@covers("O10")
def test_a_period_closed_meanwhile_holds() -> None:
    """Where the book does not roll forward, a payment of a day that is still open is no help: the sale's own period holds it."""
    story = Story().counter().invoice("i1").period("2026-03", "2026-03-01", "2026-03-31", verb="closed")
    story.payment("p1", on="i1", date="2026-02-27")
    assert (story.codes("i1"), story.codes("p1"), story.ledger()) == (["PERIOD_CLOSED"], ["WAITING_FOR_DEPENDENCY"], {})
    assert story.period("2026-03", "2026-03-01", "2026-03-31", verb="reopened").posted_now() == ["i1", "p1"]


@covers("M11")
def test_a_posted_journal_is_only_ever_reversed() -> None:
    """POSTED_IMMUTABLE: through amendment, void and reversal no record of a journal changes; each is undone by another.

    That the log itself only appends is held by tests/contracts, for every store.
    """
    story = Story().shop().invoice("i1").payment("p1", on="i1")
    kept = [(recorded.position, recorded.state) for recorded in story.log.records]
    story.amended("i1", net="80.00").reversed("p1").voided("i1", version=3)
    assert [(recorded.position, recorded.state) for recorded in story.log.records][: len(kept)] == kept
    assert (story.journals(), story.ledger()) == ([], {})


@covers("L2", "O4")
def test_a_void_gives_a_deposit_back() -> None:
    """What a deposit paid on a voided invoice is a liability again, and pays its next version."""
    story = Story().shop().deposit("d1", "60.00", on="i1").invoice("i1").voided("i1")
    assert (story.ledger(), story.waits("d1")) == ({(CASH, ""): "60.00", (DEPOSITS, "acme"): "-60.00"}, ["document:i1"])
    story.invoice("i1", "90.00", version=3)
    assert story.ledger() == {(CASH, ""): "60.00", (RECEIVABLE, "acme"): "30.00", (REVENUE, ""): "-90.00"}
    assert [journal.leg for journal in story.journals("d1")] == ["payment", "applied:i1~2"]


@covers("L2", "O2")
def test_an_amendment_takes_its_deposit_along() -> None:
    """The deposit leaves the old account with the invoice, and is applied where the new version is posted."""
    story = two_debtors().deposit("d1", "60.00", on="i1").invoice("i1").amended("i1", customer="c2")
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1": "40.00"})
    assert story.ledger()[RECEIVABLE, "globex"] == "40.00"
    assert (DEPOSITS, "acme") not in story.ledger()


@covers("L2")
def test_a_conflict_gives_a_deposit_back_until_it_is_settled() -> None:
    """Two contents under one version: the invoice leaves the ledger with what was applied to it; the next version takes it."""
    story = Story().shop().deposit("d1", on="i1").invoice("i1").invoice("i1", "90.00")
    assert story.ledger() == {(CASH, ""): "100.00", (DEPOSITS, "acme"): "-100.00"}
    story.amended("i1", net="100.00")
    assert story.ledger() == {(CASH, ""): "100.00", (REVENUE, ""): "-100.00"}


def test_what_a_superseded_version_says_of_its_end() -> None:
    """A version whose journal another took over is not REVERSED, and says by which it was overtaken."""
    story = Story().shop().invoice("i1").amended("i1", session="s2")
    closed = [told.event for told in story.last.happened if isinstance(told.event, DocumentSuperseded)]
    assert [(one.state, one.was, one.by) for one in closed] == [("CANCELLED", "POSTED", 2)]


@covers("A4", "O2")
def test_a_number_is_free_again_when_its_document_leaves_the_ledger() -> None:
    """i2 waits for the number that i1 has; i1 is amended into a version that is held: i2 posts, and then i1 under its own."""
    story = Story().book().defined("PLAIN").defined("LETTERED", invoice_prefix="A-")
    for name, class_ in (("north", "PLAIN"), ("south", "LETTERED")):
        story.account(name).assigned(name, class_).customer(name).linked(name, name)
    story.invoice("i2", customer="south", number="2").invoice("i1", customer="north", number="2")
    story.amended("i2", customer="north")
    assert [story.codes(name) for name in ("i1", "i2")] == [[], ["DOCUMENT_NUMBER_COLLISION", "REASSIGNED"]]
    story.amended("i1", customer="south")
    assert [(name, story.journals(name)[-1].number) for name in story.posted_now()] == [("i2", "2"), ("i1", "A-2")]
    assert checked(story.log) == []


@covers("L1")
def test_money_that_is_held_is_judged_anew_when_its_document_leaves_the_ledger() -> None:
    """The payment of somebody else waits for the document once that is held; a conflict with it is told beside that it waits."""
    held = {"net": "99.00", "tax": {"NOPE": "1.00"}}
    story = two_debtors().invoice("i1").payment("p1", on="i1", customer="c2")
    assert (story.state("p1"), story.codes("p1")) == ("REQUIRES_ATTENTION", ["PAYMENT_CUSTOMER_MISMATCH"])
    story.amended("i1", **held)
    assert (story.state("p1"), story.codes("p1")) == ("WAITING", ["WAITING_FOR_DEPENDENCY"])
    other = two_debtors().invoice("i1").payment("p1", on="i1", customer="c2").payment("p1", "90.00", on="i1", customer="c2")
    assert "WAITING_FOR_DEPENDENCY" in other.amended("i1", **held).codes("p1")
    assert (checked(story.log), checked(other.log)) == ([], [])


@covers("A3")
def test_money_that_is_held_is_judged_anew_when_its_document_is_said_twice() -> None:
    """Another content under the same version takes the document out of the ledger as well."""
    story = two_debtors().invoice("i1").payment("p1", on="i1", customer="c2").invoice("i1", "90.00")
    assert (story.state("i1"), story.codes("p1")) == ("REQUIRES_ATTENTION", ["WAITING_FOR_DEPENDENCY"])
