"""Credit beside its cases: what a decision records, what invoices that wait do to each other, and when a hold ends."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.credit import UNMAPPED, limited, more, overdue
from tests.said import RECEIVABLE, REVENUE

OVER = ["CREDIT_LIMIT_EXCEEDED"]


def test_a_decision_records_what_the_account_owed() -> None:
    """The exposure in its parts, the limits, and the mode are kept with the decision, and its reason tells them in words."""
    story = limited(warning="90.00", overdue="5.00", days=3).invoice("i0", "30.00", date="2026-03-01", due_date="2026-03-08")
    story.invoice("h1", "20.00", tax=UNMAPPED).invoice("i1", "60.00")
    credit = story.decision("i1").credit
    assert credit is not None
    assert credit.model_dump() == {
        "mode": "WARN_AND_BLOCK",
        "open": 3000,
        "pending": 2500,
        "asked": 6000,
        "overdue": 3000,
        "overdue_days": 2,
        "limit": 10000,
        "warning": 9000,
        "overdue_limit": 500,
        "days_max": 3,
    }
    told = {reason.code: reason.message for reason in story.decision("i1").reasons}
    parts = "account acme: 30.00 EUR open, 25.00 EUR not posted yet, 60.00 EUR of this"
    assert told == {
        "CREDIT_LIMIT_EXCEEDED": f"{parts} exceed the limit of 100.00 EUR",
        "CREDIT_WARNING": f"{parts} exceed the warning limit of 90.00 EUR",
        "OVERDUE_LIMIT_EXCEEDED": "account acme owes 30.00 EUR overdue, more than 5.00 EUR",
    }


def test_an_account_without_limits_is_not_looked_up() -> None:
    """Where there is nothing to check, nothing is recorded about credit."""
    assert Story().shop().invoice("i1").decision("i1").credit is None
    assert limited(None).invoice("i1").decision("i1").credit is None
    assert limited(mode="NO_CHECK").invoice("i1").decision("i1").credit is None


@covers("E5")
@pytest.mark.parametrize(
    ("account", "class_", "book", "outcome"),
    [
        ("BLOCK_ONLY", "NO_CHECK", "NO_CHECK", "REQUIRES_ATTENTION"),
        ("WARN_ONLY", "BLOCK_ONLY", "BLOCK_ONLY", "POSTED"),
        ("NOT_SET", "BLOCK_ONLY", "WARN_ONLY", "REQUIRES_ATTENTION"),
        ("NOT_SET", "WARN_ONLY", "BLOCK_ONLY", "POSTED"),
        ("NOT_SET", "NOT_SET", "WARN_AND_BLOCK", "REQUIRES_ATTENTION"),
        ("NOT_SET", "NOT_SET", "NO_CHECK", "POSTED"),
    ],
)
def test_the_account_says_the_mode_then_its_class_then_the_book(account: str, class_: str, book: str, outcome: str) -> None:
    """A mode that is not set falls through to the next."""
    story = limited(mode=account, policies={"credit_mode": book}).defined("HOUSE", version=2, credit_mode=class_)
    assert story.invoice("i1", "100.01").state("i1") == outcome


def test_the_book_warns_by_default() -> None:
    """An account with a limit and no mode anywhere posts with a warning."""
    story = limited(mode="NOT_SET").invoice("i1", "100.01")
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", OVER)


@covers("E6", "C12")
def test_the_limit_of_the_first_class_counts_where_the_account_has_none() -> None:
    """The default is copied once: a later change of the class changes nothing, a limit of the account's own does."""
    story = Story().book(credit_mode="BLOCK_ONLY").account("acme").customer("c1").linked("c1", "acme")
    story.classified("acme", "HOUSE", default_credit_limit="50.00")
    assert story.invoice("i1", "50.01").codes("i1") == OVER
    assert story.defined("HOUSE", version=2, default_credit_limit="1000.00").codes("i1") == OVER
    story.account("acme", version=2, credit={"limit": "50.01"})
    assert story.state("i1") == "POSTED"


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "in two"])
@covers("E8")
def test_edge_53_of_two_invoices_at_once_only_one_passes(*, at_once: bool) -> None:
    """Each is within the limit, both are not: the first posts, the second is held, in one transaction or in two."""
    story, two = limited(), [said.invoice("i1", "60.00"), said.invoice("i2", "60.00")]
    for messages in [two] if at_once else [[message] for message in two]:
        story.say(*messages)
    assert (story.state("i1"), story.state("i2"), story.codes("i2")) == ("POSTED", "REQUIRES_ATTENTION", OVER)


def test_edge_54_a_limit_that_is_lowered_changes_nothing_that_is_posted() -> None:
    """What was accepted stays; only the next invoice meets the new limit."""
    story = limited().invoice("i1", "90.00")
    keys = [posting.posting_key for posting in story.journals()]
    more(story, limit="10.00")
    assert ([posting.posting_key for posting in story.journals()], story.state("i1")) == (keys, "POSTED")
    assert story.invoice("i2", "0.01").codes("i2") == OVER


@covers("E8")
def test_of_two_that_wait_together_only_the_later_counts_the_other() -> None:
    """Both are held for a mapping; when it comes, the first is released, and they do not hold each other."""
    story = limited().invoice("i1", "55.00", tax=UNMAPPED).invoice("i2", "55.00", tax=UNMAPPED)
    assert [story.codes(name) for name in ("i1", "i2")] == [["TAX_CODE_UNMAPPED"], ["TAX_CODE_UNMAPPED", *OVER]]
    story.mapped("tax", "GST", account="2230")
    assert [story.codes(name) for name in ("i1", "i2")] == [[], OVER]


@covers("E9")
def test_corrections_money_and_shared_debtors_are_exempt() -> None:
    """With no credit at all, a credit note, a payment, a refund, and a paid sale on a shared debtor post."""
    story = more(limited().invoice("i1", "100.00"), limit="0")
    story.payment("p1", "80.00", on="i1").credit_note("k1", "50.00", original="i1").refund("r1", "30.00", on="k1")
    assert [story.state(name) for name in ("p1", "k1", "r1")] == ["POSTED"] * 3
    assert [story.decision(name).credit for name in ("p1", "k1", "r1")] == [None] * 3
    shared = Story().counter(credit_mode="BLOCK_ONLY").account("walkers", version=2, credit={"limit": "0"})
    shared.account("counter", version=2, generic=True, credit={"limit": "0"})
    assert shared.invoice("i1", tenders=[said.tender("CASH", "100.00")]).state("i1") == "POSTED"


@covers("E10")
def test_a_release_is_for_one_version_and_its_amount() -> None:
    """Released and posted, then amended: the new version is held again, and needs a release of its own."""
    story = limited().invoice("i1", "150.00").released("i1", "CREDIT_LIMIT_EXCEEDED")
    assert (story.state("i1"), story.ledger()[RECEIVABLE, "acme"]) == ("POSTED", "150.00")
    story.amended("i1", net="151.00")
    assert (story.state("i1"), story.codes("i1"), story.ledger()) == ("REQUIRES_ATTENTION", OVER, {})
    assert story.released("i1", "CREDIT_LIMIT_EXCEEDED", version=1).verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert story.invoice("i2", "200.00").codes("i2") == OVER, "a release of one document releases no other"


RELIEFS = {
    "a payment": (said.payment("p1", "10.00", on="i0"),),
    "a payment on account": (said.payment("p1", "10.00"),),
    "a deposit": (said.payment("p1", "10.00", kind="DEPOSIT"),),
    "a credit note": (said.credit_note("k1", "10.00", original="i0"),),
    "a void": (said.say("invoice.voided", document="i0", version=2),),
    "a smaller version": (said.Saying("invoice.amended", said.invoice("i0", "50.00", version=2).fields),),
    "a void of what waits": (said.say("invoice.voided", document="h0", version=2),),
    "money on what waits": (said.payment("p1", "10.00", on="h0"),),
    "money on itself": (said.payment("p1", "10.00", on="i1"),),
    "what waits becomes another's": (
        said.account("b"),
        said.say("class.assigned", account="b", class_="HOUSE"),
        said.say("link.removed", customer="c2"),
        said.link("c2", "b"),
    ),
    "a higher limit": (said.account("acme", version=3, credit={"mode": "BLOCK_ONLY", "limit": "110.00"}),),
    "a milder mode": (said.account("acme", version=3, credit={"mode": "WARN_ONLY", "limit": "100.00"}),),
    "no mode but the class's": (
        said.class_("HOUSE", version=2, credit_mode="NO_CHECK"),
        said.account("acme", version=3, credit={"limit": "100.00"}),
    ),
}


@pytest.mark.parametrize("relief", RELIEFS)
def test_whatever_lowers_the_debt_releases_in_its_own_transaction(relief: str) -> None:
    """60 are posted, 20 wait for a mapping, 30 are held for 10 too much: what makes room for them posts them at once."""
    story = limited().invoice("i0", "60.00").customer("c2").linked("c2", "acme")
    story.invoice("h0", "15.00", customer="c2", tax=UNMAPPED).invoice("i1", "30.00")
    assert story.codes("i1") == OVER
    *before, last = RELIEFS[relief]
    story.each(*before)
    assert story.state("i1") == "REQUIRES_ATTENTION" or relief == "what waits becomes another's"
    story.say(last)
    assert (story.state("i1"), story.codes("i1") in ([], OVER)) == ("POSTED", True)


def test_a_payment_taken_back_is_owed_again() -> None:
    """The next invoice meets the debt that came back."""
    story = limited().invoice("i0", "100.00").payment("p1", on="i0").reversed("p1")
    assert story.receivables("acme") == {"i0": "100.00"}
    assert story.invoice("i1", "0.01").codes("i1") == OVER


def test_a_held_invoice_does_not_count_itself() -> None:
    """Judged again for another reason, an invoice of exactly the limit is not too much."""
    story = limited().invoice("i1", "95.00", tax=UNMAPPED)
    assert story.codes("i1") == ["TAX_CODE_UNMAPPED"]
    assert story.mapped("tax", "GST", account="2230").state("i1") == "POSTED"


def test_an_amended_invoice_counts_once() -> None:
    """What was paid on the version before is not counted against the limit twice, nor is the version itself."""
    story = limited().invoice("i1", "100.00").payment("p1", "40.00", on="i1").amended("i1", net="140.00")
    assert (story.state("i1"), story.receivables("acme")) == ("POSTED", {"i1": "100.00"})


def test_what_has_no_due_date_is_not_overdue() -> None:
    """Nobody said when it is due; with terms of the account, the day it is due follows from its date."""
    story = limited(None, days=0).invoice("i0", date="2026-02-01")
    assert story.invoice("i1").codes("i1") == []
    terms = limited(None, days=0).account("acme", version=3, terms={"days": 14}, credit={"days": 0, "mode": "BLOCK_ONLY"})
    assert terms.invoice("i0", date="2026-02-01").invoice("i1").codes("i1") == ["CREDIT_DAYS_EXCEEDED"]


def test_debt_falls_due_as_days_pass() -> None:
    """On the day it is due it is not overdue; the day after it is."""
    story = overdue(due="2026-03-10", days=0)
    assert story.invoice("i1").codes("i1") == []
    assert story.until("2026-03-11").invoice("i2").codes("i2") == ["CREDIT_DAYS_EXCEEDED"]


def test_jobs_of_a_batch_are_checked_as_they_accumulate() -> None:
    """What accumulates counts towards the limit, and what is too much is held instead of accumulating."""
    story = limited().defined("HOUSE", version=2, batch_billing=True).invoice("i1", "60.00").invoice("i2", "60.00")
    assert [story.state(name) for name in ("i1", "i2")] == ["ACCUMULATING", "REQUIRES_ATTENTION"]


FACTS = (
    said.account("acme", credit={"limit": "50.00", "mode": "WARN_ONLY"}),
    said.say("class.assigned", account="acme", class_="HOUSE"),
    said.link("c1", "acme"),
    said.invoice("i1", "60.00"),
    said.invoice("i2", "70.00"),
)


def test_where_credit_only_warns_the_order_does_not_matter() -> None:
    """In each of the 120 orders the same two postings come out; warnings tell what was known then."""
    outcomes = set()
    for order in permutations(FACTS):
        story = Story().book().defined("HOUSE").customer("c1").each(*order)
        keys = tuple(sorted(posting.posting_key for posting in story.journals()))
        outcomes.add((keys, tuple(sorted(story.ledger().items()))))
    assert len(outcomes) == 1
    ((keys, ledger),) = outcomes
    assert (len(keys), ledger) == (2, (((RECEIVABLE, "acme"), "130.00"), ((REVENUE, ""), "-130.00")))


def test_what_was_paid_on_the_version_before_makes_no_room() -> None:
    """Money on the invoice itself lowers what it asks for, and is not a credit besides."""
    story = limited().invoice("i1", "100.00").payment("p1", "40.00", on="i1")
    assert story.amended("i1", net="140.01").codes("i1") == OVER


def test_a_credit_does_not_make_another_debt_less_overdue() -> None:
    """What is overdue is the debts alone; what is due today is not overdue yet."""
    story = overdue("50.00", overdue="40.00").invoice("i9", "50.00", due_date="2026-03-01").payment("p9", "70.00", on="i9")
    assert story.receivables("acme") == {"i0": "50.00", "i9": "-20.00"}
    assert story.invoice("i1").codes("i1") == ["OVERDUE_LIMIT_EXCEEDED"]
    assert overdue(due=said.DAY, overdue="0").invoice("i1").codes("i1") == []


def test_only_invoices_count_as_pending() -> None:
    """A credit note that waits for its original is no debt."""
    story = limited().credit_note("k1", "60.00", original="nowhere")
    assert (story.state("k1"), story.invoice("i1", "60.00").state("i1")) == ("WAITING", "POSTED")


def test_a_sale_on_a_shared_debtor_is_not_checked_for_credit() -> None:
    """Unpaid, it is held because it is unpaid, whatever the limit of the customer's own account."""
    shared = Story().counter(credit_mode="BLOCK_ONLY").account("walkers", version=2, credit={"limit": "0"})
    assert shared.invoice("i1").codes("i1") == ["PAYMENT_REQUIRED_FOR_GENERIC"]


def merged() -> Story:
    """Account acme owes 90.00 and is merged into `big`, which may owe 100.00; `c2` buys through `big`."""
    story = limited(None).invoice("i1", "90.00", date="2026-02-01", due_date="2026-03-01").account("big").assigned("big", "HOUSE")
    story.account("big", version=2, credit={"mode": "BLOCK_ONLY", "limit": "100.00", "days": 20})
    return story.customer("c2").linked("c2", "big").said("account.merged", survivor="big", merged=["acme"])


@covers("E7")
@pytest.mark.parametrize("customer", ["c1", "c2"])
def test_a_survivor_answers_for_what_the_merged_owes(customer: str) -> None:
    """A merge makes no new credit, for either account's customers, and money on the old debt releases what it held."""
    story = merged().invoice("i2", "10.01", customer=customer)
    credit = story.decision("i2").credit
    assert (story.codes("i2")[-1:], credit.open if credit else 0, story.decision("i2").account) == (OVER, 9000, "big")
    assert story.payment("p1", "0.01", on="i1").state("i2") == "POSTED"
    assert merged().invoice("i2", "10.00", customer=customer).state("i2") == "POSTED"


@covers("E4", "E7")
def test_what_was_paid_after_a_merge_is_not_overdue() -> None:
    """The debt stands under the account that was merged, the money under the survivor: together they are nothing."""
    story = merged().payment("p1", "90.00", on="i1").until("2026-04-20").invoice("i2", "100.00", date="2026-04-20", customer="c2")
    assert story.codes("i2") == []
    unpaid = merged().until("2026-04-20").invoice("i2", "1.00", date="2026-04-20", customer="c2")
    assert unpaid.codes("i2") == ["CREDIT_DAYS_EXCEEDED"]


@covers("E7")
def test_a_merge_of_merges_counts_all_of_them() -> None:
    """Each survivor answers for those before it, in whichever order they were merged."""
    for pairs in ([("acme", "big"), ("big", "top")], [("big", "top"), ("acme", "big")]):
        story = limited(None).invoice("i1", "90.00").account("big").account("top").assigned("top", "HOUSE")
        story.account("top", version=2, credit={"mode": "BLOCK_ONLY", "limit": "100.00"}).customer("c2").linked("c2", "top")
        for gone, survivor in pairs:
            story.said("account.merged", survivor=survivor, merged=[gone])
        assert story.invoice("i2", "10.01", customer="c2").codes("i2") == OVER
        assert story.voided("i1").state("i2") == "POSTED"
