"""Batch billing: what accumulates becomes one invoice for each account, to the cent, and can be taken back as a whole."""

from __future__ import annotations

import pytest

from adapters.eventlog.memory import MemoryLog
from engine.audit.recheck import Recheck
from engine.record import decode
from projections.billing import BATCHES, MEMBERS
from schemas.events import Billed, DocumentBilled, PostingAuthorised, PostingReversed
from tests import said
from tests.given import Story, lines_of
from tests.rules.accumulation import jobs, run, undo
from tests.rules.case import covers
from tests.rules.test_rules import Past
from tests.said import CASH, CITY_TAX, DAY, RECEIVABLE, REVENUE, VAT


def checked(log: MemoryLog) -> list[str]:
    """Return what is wrong with a history that is heard again."""
    recheck = Recheck(Past(log))
    faults = [fault for recorded in log.records for fault in recheck.check(decode(recorded))]
    return [f"{fault.code}: {fault.message}" for fault in (*faults, *recheck.at_the_end(log.head()))]


def states(story: Story, *documents: str) -> list[str]:
    """Return the states of documents."""
    return [story.state(document) for document in documents]


@covers("C7", "J1", "J2", "J6")
def test_a_run_posts_what_accumulates_up_to_the_cut_off() -> None:
    """One journal with the members' lines added up, their ids as its sources, and the state of each member says so."""
    story = jobs("B-").invoice("i1", "100.00", tax="20.00", date="2026-03-01")
    story.invoice("i2", "50.00", tax={"VAT": "10.00", "CITY": "1.00"}, date="2026-03-09").invoice("i3", date="2026-03-10")
    assert states(story, "i1", "i2", "i3") == ["ACCUMULATING"] * 3
    assert story.say(run(cut_off="2026-03-09")).verdict == ("ACCEPTED", "ACCEPTED")
    assert states(story, "i1", "i2", "i3") == ["POSTED", "POSTED", "ACCUMULATING"]
    (posting,) = story.journals()
    assert (posting.number, posting.kind, posting.route, posting.leg) == ("B-b1", "INVOICE", "BATCH", "document")
    assert (posting.account, posting.class_, posting.class_version, posting.sources) == ("acme", "HOUSE", 2, ["i1", "i2"])
    assert (posting.date, posting.business_date, posting.period) == (DAY, DAY, "2026-03")
    assert lines_of(posting) == [
        ("D", RECEIVABLE, "acme", "181.00"),
        ("C", VAT, "", "30.00"),
        ("C", CITY_TAX, "", "1.00"),
        ("C", REVENUE, "", "50.00"),
        ("C", REVENUE, "", "100.00"),
    ]
    assert [line.tax_code for line in posting.lines] == [None, "VAT", "CITY", None, "VAT"]
    assert story.receivables("acme") == {"batch:b1": "181.00"}
    assert checked(story.log) == []


@covers("J2")
def test_each_member_says_of_which_batch_it_is() -> None:
    """The decision names route, batch and posting; the views list the members, and the whole can be told from its sources."""
    story = jobs().invoice("i1").say(run())
    decision, (posting,) = story.decision("i1"), story.journals()
    assert (decision.outcome, decision.state, decision.route, decision.batch) == ("POST", "POSTED", "BATCH", "b1")
    assert decision.posting_key == posting.posting_key
    assert [(row.document, row.state, row.posting_key) for row in story.log.views.rows(MEMBERS)] == [
        ("i1", "BILLED", posting.posting_key)
    ]
    (row,) = story.log.views.rows(BATCHES)
    assert (row.batch, row.class_, row.state, row.members, row.unresolved, row.by) == ("b1", "HOUSE", "POSTED", 1, "", "Ada")


@covers("J1")
def test_a_run_said_twice_changes_nothing() -> None:
    """The same batch again is a duplicate, and nothing is billed twice."""
    story = jobs().invoice("i1").say(run())
    before = story.log.head()
    assert story.say(run()).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert story.log.head() == before


@covers("J3")
def test_what_stays_behind_must_be_acknowledged() -> None:
    """A held document of the account up to the cut-off refuses the run and is named; acknowledged, the batch records it."""
    story = jobs().invoice("i1").invoice("bad", tax={"NOPE": "1.00"}, date="2026-03-09").invoice("later", date="2026-03-11")
    before = story.log.head()
    assert story.say(run()).verdict == ("QUARANTINED", "BATCH_HAS_UNRESOLVED")
    assert [happened.kind for happened in story.last.happened] == ["MessageQuarantined.v1"]
    assert story.log.head() == before + 1
    assert story.say(run(acknowledged=True)).verdict == ("ACCEPTED", "ACCEPTED")
    (billed,) = [each.event for each in story.last.happened if isinstance(each.event, Billed)]
    assert (billed.members, billed.unresolved, billed.acknowledged_by) == (1, ["bad"], "Ada")
    assert states(story, "i1", "bad", "later") == ["POSTED", "REQUIRES_ATTENTION", "ACCUMULATING"]


@covers("J3")
def test_a_member_that_no_longer_passes_is_held() -> None:
    """The run judges each document anew: whoever would not pass now is held, stays behind, and has to be acknowledged."""
    story = jobs().invoice("i1", date="2026-02-10").invoice("i2")
    story.period("2026-02", "2026-02-01", "2026-02-28", verb="closed")
    assert story.say(run()).verdict == ("QUARANTINED", "BATCH_HAS_UNRESOLVED")
    assert states(story, "i1", "i2") == ["ACCUMULATING", "ACCUMULATING"]
    story.say(run(acknowledged=True))
    assert (states(story, "i1", "i2"), story.codes("i1")) == (["REQUIRES_ATTENTION", "POSTED"], ["PERIOD_CLOSED"])
    assert checked(story.log) == []


@covers("J3")
def test_a_credit_note_of_a_member_does_not_stay_behind() -> None:
    """It waits for its original only, and posts right after the batch, to the account of the batch (K1, K2)."""
    story = jobs().invoice("i1").credit_note("k1", "30.00", original="i1")
    assert (story.state("k1"), story.codes("k1")) == ("WAITING", ["WAITING_FOR_DEPENDENCY"])
    story.say(run())
    assert states(story, "i1", "k1") == ["POSTED", "POSTED"]
    assert story.postings("k1") == [("D", REVENUE, "", "30.00"), ("C", RECEIVABLE, "acme", "30.00")]
    assert story.journals("k1")[0].route == "ACCOUNT"
    assert story.receivables("acme") == {"batch:b1": "70.00"}


@covers("J4")
def test_one_document_is_pulled_out_of_the_batch() -> None:
    """It posts alone at once; the run later bills the others."""
    story = jobs().invoice("i1").invoice("i2").said("document.pulled", document="i1", version=1, by="Ada")
    assert states(story, "i1", "i2") == ["POSTED", "ACCUMULATING"]
    assert (story.journals("i1")[0].route, story.journals("i1")[0].number) == ("ACCOUNT", "N-i1")
    story.say(run())
    assert story.journals("b1")[0].sources == ["i2"]
    assert story.amended("i1", net="90.00").state("i1", 2) == "POSTED"
    assert story.said("document.pulled", document="i2", version=1, by="Ada").verdict == ("QUARANTINED", "PULL_NOT_ALLOWED")
    assert checked(story.log) == []


@covers("J5")
def test_documents_of_one_invoice_have_one_group() -> None:
    """Account, currency, tax basis, period, branch and kind: what differs in one of them is on an invoice of its own."""
    story = jobs().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")
    story.mapped("branch", "north")
    story.invoice("i1").invoice("i2", customer="c2").invoice("i3", currency="USD", exchange_rate="0.9")
    story.invoice("i4", prices_include_tax=True).invoice("i5", date="2026-02-27").invoice("i6", branch="north").invoice("i7")
    story.say(run())
    groups = {posting.number: posting.sources for posting in story.journals()}
    assert sorted(groups.values()) == [["i1", "i7"], ["i2"], ["i3"], ["i4"], ["i5"], ["i6"]]
    assert sorted(groups) == [f"b1-{number}" for number in range(1, 7)]
    assert sorted(story.receivables("acme")) == [f"batch:b1#{number}" for number in range(1, 6)]
    assert story.receivables("globex") == {"batch:b1#6": "100.00"}
    assert checked(story.log) == []


@covers("J5")
def test_a_batch_over_the_end_of_a_month_is_split() -> None:
    """Each part posts in the period of its documents, dated by the run; the day of an earlier part is its last document's."""
    story = jobs().invoice("i1", date="2026-02-26").invoice("i2", date="2026-02-27").invoice("i3", date="2026-03-02").say(run())
    told = [(p.number, p.period, p.business_date, p.date, p.sources) for p in story.journals()]
    assert told == [
        ("b1-1", "2026-02", "2026-02-27", DAY, ["i1", "i2"]),
        ("b1-2", "2026-03", DAY, DAY, ["i3"]),
    ]


@covers("J6", "J11")
def test_tenders_and_credits_are_journals_of_their_own() -> None:
    """Money taken with the documents is one settlement; credit notes without an original are another bill."""
    story = Story().shop(unreferenced_credit="POST").defined("HOUSE", version=2, batch_billing=True)
    story.invoice("i1", tenders=[said.tender("CASH", "40.00")]).invoice("i2", tenders=[said.tender("CASH", "60.00")])
    story.credit_note("k1", "25.00").say(run())
    told = [(p.number, p.leg, p.kind, p.sources, lines_of(p)) for p in story.journals()]
    assert told == [
        ("b1-1", "document#1", "INVOICE", ["i1", "i2"], [("D", RECEIVABLE, "acme", "200.00"), ("C", REVENUE, "", "200.00")]),
        ("b1-1", "settlement#1", "PAYMENT", ["i1", "i2"], [("D", CASH, "", "100.00"), ("C", RECEIVABLE, "acme", "100.00")]),
        ("b1-2", "document#2", "CREDIT_NOTE", ["k1"], [("D", REVENUE, "", "25.00"), ("C", RECEIVABLE, "acme", "25.00")]),
    ]
    assert story.receivables("acme") == {"batch:b1#1": "100.00", "batch:b1#2": "-25.00"}


@covers("J2")
def test_the_invoice_is_due_by_the_terms_from_the_date_of_the_run() -> None:
    """Terms of the account count from the run, not from its documents."""
    story = jobs().account("acme", version=2, terms={"days": 14}).invoice("i1", date="2026-03-01", due_date="2026-03-05")
    assert story.say(run()).journals()[0].due_date == "2026-03-24"


@covers("J3", "H11")
@pytest.mark.parametrize(("verb", "code"), [("closed", "PERIOD_CLOSED"), ("locked", "PERIOD_LOCKED"), ("opened", "FUTURE_DATED")])
def test_a_run_is_dated_where_a_document_could_post(verb: str, code: str) -> None:
    """The day of the run passes the same gate as that of a document; else nothing is billed."""
    story = jobs().invoice("i1").period("2026-04", "2026-04-01", "2026-04-30", verb=verb)
    assert story.say(run(date="2026-04-01")).verdict == ("QUARANTINED", code)
    assert story.state("i1") == "ACCUMULATING"


@covers("J3", "H7")
def test_a_run_is_not_dated_where_the_tax_return_was_made() -> None:
    """The invoice that is sent bears the day of the run, so that day is asked as that of any invoice."""
    story = jobs().said("tax_period.closed", period="2026-Q0", from_="2026-01-01", to="2026-02-28", by="Ada").invoice("i1")
    assert story.say(run(date="2026-02-27")).verdict == ("QUARANTINED", "TAX_PERIOD_CLOSED")
    assert story.say(run()).verdict == ("ACCEPTED", "ACCEPTED")


@covers("L3", "K2")
def test_payments_follow_the_batch() -> None:
    """Money for a member waits for the batch, and then settles what the batch asks for."""
    story = jobs().invoice("i1").invoice("i2").payment("p1", "80.00", on="i1").deposit("d1", "15.00", on="i2")
    assert states(story, "p1", "d1") == ["WAITING", "POSTED"]
    story.say(run())
    assert story.state("p1") == "POSTED"
    assert story.postings("p1") == [("D", CASH, "", "80.00"), ("C", RECEIVABLE, "acme", "80.00")]
    assert story.receivables("acme") == {"batch:b1": "105.00"}
    assert checked(story.log) == []


@covers("J7")
def test_a_new_version_of_a_member_waits_for_the_batch() -> None:
    """It is held and shown; the batch stays as it was; taken back, the version comes in force and accumulates."""
    story = jobs().invoice("i1").invoice("i2").say(run())
    key = story.journals()[0].posting_key
    story.amended("i1", net="90.00")
    assert (story.state("i1", 1), story.state("i1", 2), story.codes("i1", 2)) == (
        "POSTED",
        "REQUIRES_ATTENTION",
        ["MEMBER_OF_POSTED_BATCH"],
    )
    assert [posting.posting_key for posting in story.journals()] == [key]
    story.amended("i1", net="95.00")
    assert story.codes("i1", 3) == ["MEMBER_OF_POSTED_BATCH"]
    story.say(undo())
    assert [story.state("i1", version) for version in (1, 2, 3)] == ["REVERSED", "CANCELLED", "ACCUMULATING"]
    assert story.say(run("b2")).postings("b2") == [("D", RECEIVABLE, "acme", "195.00"), ("C", REVENUE, "", "195.00")]
    assert checked(story.log) == []


@covers("J7", "A6")
def test_a_version_that_skips_one_waits_for_it_when_the_batch_is_taken_back() -> None:
    """While the batch stands, that is why it is held; afterwards the reason is the version before it, and can be released."""
    story = jobs().invoice("i1").say(run()).amended("i1", net="90.00", version=3)
    assert story.codes("i1", 3) == ["MEMBER_OF_POSTED_BATCH"]
    story.say(undo())
    assert (story.state("i1", 3), story.codes("i1", 3)) == ("WAITING", ["WAITING_FOR_VERSION"])
    story.released("i1", "WAITING_FOR_VERSION", version=3)
    assert [story.state("i1", version) for version in (1, 3)] == ["CANCELLED", "ACCUMULATING"]
    assert checked(story.log) == []


@covers("J7")
def test_a_void_of_a_member_waits_for_the_batch() -> None:
    """A void has no content to hold: the member itself says that it waits; the credit note is the other way out."""
    story = jobs().invoice("i1").invoice("i2").say(run()).voided("i1")
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", ["MEMBER_OF_POSTED_BATCH"])
    assert story.postings("b1") == [("D", RECEIVABLE, "acme", "200.00"), ("C", REVENUE, "", "200.00")]
    story.say(undo())
    assert (states(story, "i1", "i2"), story.ledger()) == (["REVERSED", "ACCUMULATING"], {})
    assert checked(story.log) == []


@covers("J7")
def test_a_contradiction_of_a_member_waits_for_the_batch() -> None:
    """Other content under the version of a member is a remark, and a hold once the batch is taken back."""
    story = jobs().invoice("i1").say(run()).say(said.invoice("i1", "70.00"))
    assert (story.state("i1"), story.codes("i1")) == ("POSTED", ["MEMBER_OF_POSTED_BATCH"])
    story.say(undo())
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", ["DOCUMENT_CONFLICT"])
    assert checked(story.log) == []


@covers("J14", "O7")
@pytest.mark.parametrize("document", ["i1", "batch:b1"])
def test_nothing_of_a_batch_is_transferred(document: str) -> None:
    """Neither a member nor the whole: the batch could not be taken back any more, and money for members would go astray."""
    story = jobs().account("globex").assigned("globex", "HOUSE").invoice("i1").say(run())
    move = {"transfer": "t1", "date": DAY, "from_account": "acme", "to_account": "globex", "by": "Ada"}
    assert story.said("balance.transferred", documents=[document], **move).verdict == ("QUARANTINED", "TRANSFER_NOT_OPEN")
    assert story.receivables("acme") == {"batch:b1": "100.00"}


@covers("J8")
def test_what_comes_late_waits_for_the_next_run() -> None:
    """A document dated before the cut-off of a batch that was run accumulates, and the next batch takes it."""
    story = jobs().invoice("i1").say(run()).invoice("i2", date="2026-03-01")
    assert story.state("i2") == "ACCUMULATING"
    assert story.say(run("b2")).journals("b2")[0].sources == ["i2"]


@covers("J14")
def test_a_batch_is_taken_back_as_a_whole() -> None:
    """Its journals are reversed, its members accumulate again, and the books are as if it had never been run."""
    story = jobs().invoice("i1").invoice("i2", tenders=[said.tender("CASH", "10.00")]).say(run())
    assert story.say(undo()).verdict == ("ACCEPTED", "ACCEPTED")
    assert (states(story, "i1", "i2"), story.ledger(), story.receivables("acme")) == (["ACCUMULATING"] * 2, {}, {})
    reversed_ = [each.event for each in story.last.happened if isinstance(each.event, PostingReversed)]
    assert [event.leg for event in reversed_] == ["document/reversal", "settlement/reversal"]
    assert {row.state for row in story.log.views.rows(MEMBERS)} == {"REVERSED"}
    assert [(row.state, row.reversed_by) for row in story.log.views.rows(BATCHES)] == [("REVERSED", "Ada")]
    assert story.say(undo()).verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")
    assert story.say(run("b2")).journals("b2")[0].sources == ["i1", "i2"]
    assert checked(story.log) == []


@covers("J14", "L3", "K3")
def test_what_settled_a_member_settles_the_next_batch() -> None:
    """Money and credits name the member: they stand under its own id when the batch is taken back, and settle the next one."""
    story = jobs().invoice("i1").invoice("i2").say(run()).payment("p1", "80.00", on="i1").credit_note("k1", "5.00", original="i1")
    story.payment("p2", "30.00", on={"i1": "10.00", "i2": "20.00"})
    assert story.receivables("acme") == {"batch:b1": "85.00"}
    assert story.say(undo()).receivables("acme") == {"i1": "-95.00", "i2": "-20.00"}
    assert story.said("document.pulled", document="i2", version=1, by="Ada").receivables("acme") == {
        "i1": "-95.00",
        "i2": "80.00",
    }
    assert story.say(run("b2")).receivables("acme") == {"batch:b2": "5.00", "i2": "80.00"}
    assert story.reversed("p1", "80.00").receivables("acme") == {"batch:b2": "85.00", "i2": "80.00"}
    assert story.voided("k1").receivables("acme") == {"batch:b2": "90.00", "i2": "80.00"}
    assert story.say(undo("b2")).receivables("acme") == {"i1": "-10.00", "i2": "80.00"}
    assert story.ledger() == {(CASH, ""): "30.00", (RECEIVABLE, "acme"): "70.00", (REVENUE, ""): "-100.00"}
    assert checked(story.log) == []


@covers("J14", "I9")
def test_foreign_money_for_a_member_goes_with_it() -> None:
    """What closed the first batch at the rates of its documents closes the next one: nothing is open in either currency."""
    story = Story().shop(control={"fx_difference": "7900"}).defined("HOUSE", "ACCOUNT", version=2, batch_billing=True)
    for name, rate in (("i1", "0.9"), ("i2", "0.8")):
        story.invoice(name, currency="USD", exchange_rate=rate)
    story.say(run())
    for name in ("i1", "i2"):
        story.payment(f"p-{name}", currency="USD", exchange_rate="1.0", on=name)
    before = dict(story.ledger())
    assert story.receivables("acme") == {}
    assert story.say(undo()).receivables("acme") == {"i1": "-100.00", "i2": "-100.00"}
    assert (story.say(run("b2")).receivables("acme"), story.ledger()) == ({}, before)
    with story.log.writing(dry=True) as writing:
        known = writing.receivable(story.name, "acme", "batch:b2", "USD")
    assert known is not None
    assert (known.open, known.base_open) == (0, 0)
    assert checked(story.log) == []


@covers("J14", "L12")
def test_money_booked_in_accounting_goes_with_its_member() -> None:
    """It has no journal here, and settles the next batch all the same, until it is taken back."""
    story = jobs().invoice("i1").payment("p1", "30.00", on="i1", origin="ACCOUNTING").say(run(), undo())
    assert story.receivables("acme") == {"i1": "-30.00"}
    assert story.say(run("b2")).receivables("acme") == {"batch:b2": "70.00"}
    assert story.reversed("p1", "30.00").receivables("acme") == {"batch:b2": "100.00"}
    assert checked(story.log) == []


@covers("J14")
def test_a_deposit_of_a_member_is_free_again() -> None:
    """What a deposit paid on the batch is the deposit's again, and pays the next one."""
    story = jobs().deposit("d1", "30.00", on="i1").invoice("i1").say(run())
    assert story.receivables("acme") == {"batch:b1": "70.00"}
    story.say(undo())
    assert story.ledger() == {(CASH, ""): "30.00", ("2300", "acme"): "-30.00"}
    story.say(run("b2"))
    assert story.receivables("acme") == {"batch:b2": "70.00"}
    assert checked(story.log) == []


@covers("O8")
def test_what_accumulates_stays_in_its_batch_when_the_class_changes() -> None:
    """Documents that accumulate keep the class, and its version, that they began under; new ones take the new class."""
    story = jobs().invoice("i1").classified("acme", "DIRECT").invoice("i2")
    assert states(story, "i1", "i2") == ["ACCUMULATING", "POSTED"]
    story.defined("HOUSE", version=3, batch_billing=False)
    assert story.state("i1") == "ACCUMULATING"
    story.say(run())
    assert [(p.class_, p.class_version, p.sources) for p in story.journals("b1")] == [("HOUSE", 2, ["i1"])]
    assert checked(story.log) == []


def test_a_run_for_one_account_leaves_the_others() -> None:
    """The scope is a class, or one account."""
    story = jobs().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")
    story.invoice("i1").invoice("i2", customer="c2").say(run(account="globex"))
    assert states(story, "i1", "i2") == ["ACCUMULATING", "POSTED"]


def test_a_large_group_posts_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """A posting names so many documents at most; each part adds up by itself."""
    monkeypatch.setattr("engine.billing.bills.MEMBERS_PER_POSTING_MAX", 2)
    story = jobs().invoice("i1").invoice("i2").invoice("i3").say(run())
    assert [(p.number, p.sources) for p in story.journals()] == [("b1-1", ["i1", "i2"]), ("b1-2", ["i3"])]
    assert story.receivables("acme") == {"batch:b1#1": "200.00", "batch:b1#2": "100.00"}


def test_members_are_told_with_their_own_lines() -> None:
    """Each member keeps the lines that were added up, so that the whole can be taken apart again."""
    story = jobs().invoice("i1", "10.00").invoice("i2", "20.00").say(run())
    parts = {each.key: each.event.parts for each in story.last.happened if isinstance(each.event, DocumentBilled)}
    assert {name: [(line.side, line.amount) for line in part.lines] for name, (part,) in parts.items()} == {
        "i1": [("D", 1000), ("C", 1000)],
        "i2": [("D", 2000), ("C", 2000)],
    }
    keys = {part.posting_key for (part,) in parts.values()}
    assert keys == {each.event.posting_key for each in story.last.happened if isinstance(each.event, PostingAuthorised)}
