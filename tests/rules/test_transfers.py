"""Row O7: what is open moves to another account by an explicit journal, and what comes later follows it."""

from __future__ import annotations

from adapters.announcing import Authorities, announcement
from engine.audit.recheck import Recheck
from engine.record import decode
from schemas.outbound import AuthorisedPosting, DecidedDocument
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.test_rules import Past
from tests.said import CASH, DAY, RECEIVABLE, REVENUE, Saying


def two_accounts(**settings: object) -> Story:
    """c1 owes through acme; globex, with a receivable account of its own, has the same class."""
    story = Story().shop(**settings).account("globex", ledger_account="1110").assigned("globex", "HOUSE")
    return story.customer("c2").linked("c2", "globex")


def transfer(*documents: str, **fields: object) -> Saying:
    """Move what is open of documents from acme to globex."""
    moved = {"transfer": "t1", "date": DAY, "from_account": "acme", "to_account": "globex", "by": "ann"}
    return said.say("balance.transferred", documents=list(documents), **(moved | fields))


def proven(story: Story) -> Story:
    """Replay the story from its records: the same facts give the same journals (I12)."""
    recheck = Recheck(Past(story.log))
    faults = [fault for recorded in story.log.records for fault in recheck.check(decode(recorded))]
    assert [*faults, *recheck.at_the_end(story.log.head())] == []
    return story


@covers("O7")
def test_what_is_open_moves_by_a_journal_for_each_document() -> None:
    """40 of one invoice and 100 of another: two journals, Dr the new receivable, Cr the old; the invoices stay posted."""
    story = two_accounts().invoice("i1", due_date="2026-04-01").invoice("i2").payment("p1", "60.00", on="i1")
    story.say(transfer("i1", "i2"))
    assert story.postings("t1") == [
        ("D", "1110", "globex", "40.00"),
        ("C", RECEIVABLE, "acme", "40.00"),
        ("D", "1110", "globex", "100.00"),
        ("C", RECEIVABLE, "acme", "100.00"),
    ]
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1": "40.00", "i2": "100.00"})
    assert [(one.kind, one.leg, one.account, one.number, one.due_date) for one in story.journals("t1")] == [
        ("BALANCE_TRANSFER", "transferred:i1", "globex", "N-i1", "2026-04-01"),
        ("BALANCE_TRANSFER", "transferred:i2", "globex", "N-i2", None),
    ]
    assert [story.state(name) for name in ("i1", "i2")] == ["POSTED", "POSTED"]
    proven(story)


@covers("O7", "K2")
def test_money_and_credits_follow_the_transfer() -> None:
    """A payment, a credit note and a deposit that come later go to the new account, and the old one stays at zero."""
    story = two_accounts().deposit("d1", "10.00", on="i2").invoice("i1").invoice("i2").say(transfer("i1", "i2"))
    story.payment("p1", "30.00", on="i1").credit_note("k1", "20.00", original="i1").deposit("d2", "15.00", on="i2")
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1": "50.00", "i2": "75.00"})
    assert {posting.account for name in ("p1", "k1") for posting in story.journals(name)} == {"globex"}
    proven(story)


@covers("O7")
def test_a_credit_moves_the_other_way_round() -> None:
    """What an overpaid invoice has to its credit is owed by the new account afterwards."""
    story = two_accounts().invoice("i1").payment("p1", "120.00", on="i1").say(transfer("i1"))
    assert story.postings("t1") == [("D", RECEIVABLE, "acme", "20.00"), ("C", "1110", "globex", "20.00")]
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1": "-20.00"})


@covers("O7", "O4")
def test_an_amendment_takes_the_transfer_back() -> None:
    """The new version posts where its customer owes, and the money stays where it was posted; nothing is open elsewhere."""
    story = two_accounts().invoice("i1").say(transfer("i1")).payment("p1", "30.00", on="i1").amended("i1", net="80.00")
    assert (story.receivables("acme"), story.receivables("globex")) == ({"i1": "80.00"}, {"i1": "-30.00"})
    assert story.ledger() == {
        (RECEIVABLE, "acme"): "80.00",
        ("1110", "globex"): "-30.00",
        (CASH, ""): "30.00",
        (REVENUE, ""): "-80.00",
    }
    story.say(transfer("i1", transfer="t2", from_account="globex", to_account="acme"))
    assert (story.receivables("acme"), story.receivables("globex")) == ({"i1": "50.00"}, {})
    proven(story)


@covers("O7")
def test_a_transfer_said_twice_is_no_news() -> None:
    """The same words again record nothing."""
    story = two_accounts().invoice("i1").say(transfer("i1")).say(transfer("i1"))
    assert (story.verdict, story.last.happened) == (("DUPLICATE", "DUPLICATE_DOCUMENT"), [])


@covers("O7", "H2")
def test_a_transfer_goes_through_the_gate_of_periods() -> None:
    """A closed period refuses it; where the book rolls forward it posts in the next open one, under its own date."""
    story = two_accounts(closed_period="ROLL_FORWARD").invoice("i1")
    story.period("2026-03", "2026-03-01", "2026-03-31", verb="closed").period("2026-04", "2026-04-01", "2026-04-30")
    story.say(transfer("i1"))
    assert [(posting.period, posting.date) for posting in story.journals("t1")] == [("2026-04", DAY)]


@covers("O7", "I9")
def test_a_foreign_balance_moves_in_both_currencies() -> None:
    """What is open in the book's currency moves with it, and a later payment at another rate leaves nothing open."""
    story = two_accounts(control={"fx_difference": "7900"}).invoice("i1", currency="USD", exchange_rate="0.90")
    story.say(transfer("i1")).payment("p1", on="i1", currency="USD", exchange_rate="0.95")
    sides = {"D": 1, "C": -1}
    owed: dict[str, int] = {}
    for line in [line for posting in story.journals() for line in posting.lines if line.party]:
        owed[line.party or ""] = owed.get(line.party or "", 0) + sides[line.side] * line.base_amount
    assert (owed, story.receivables("globex")) == ({"acme": 0, "globex": 0}, {})


@covers("O7")
def test_a_transfer_releases_the_payment_of_the_new_debtor() -> None:
    """A payment of c2 for what acme owed is held; when globex owes it, it posts in the same transaction."""
    story = two_accounts().invoice("i1").payment("p1", on="i1", customer="c2")
    assert story.codes("p1") == ["PAYMENT_CUSTOMER_MISMATCH"]
    story.then_released_by("p1", transfer("i1"))


def test_a_class_that_turns_to_an_account_moves_nothing_by_itself() -> None:
    """Edge case 14: cash sales on the shared debtor stay there; they are settled, so there is nothing to move."""
    story = Story().counter().invoice("i1", tenders=[said.tender("CASH", "100.00")]).defined("HOUSE").assigned("walkers", "HOUSE")
    story.say(transfer("i1", from_account="counter", to_account="walkers"))
    assert story.verdict == ("QUARANTINED", "TRANSFER_NOT_OPEN")
    assert story.invoice("i2").journals("i2")[0].account == "walkers"


def test_the_world_hears_of_a_transfer_and_of_other_words() -> None:
    """Each journal is told with the decision behind it; a version of other words names the posting that stands."""
    story = two_accounts().invoice("i1").say(transfer("i1")).amended("i1", session="s2")
    authorities, told = Authorities(), []
    for recorded in story.log.records:
        happened = decode(recorded)
        authorities.hear(happened)
        heard = announcement(happened, authorities)
        told += [heard] if heard is not None else []
    kinds = [said.data.kind for said in told if isinstance(said.data, AuthorisedPosting)]
    decided = [said.data for said in told if isinstance(said.data, DecidedDocument)]
    assert kinds == ["INVOICE", "BALANCE_TRANSFER"]
    assert [said.posting_key for said in decided] == [story.journals("i1")[0].posting_key] * 2


@covers("O7", "I9")
def test_a_document_moves_with_what_was_paid_in_another_currency() -> None:
    """60 dollars are owed and 40 euros are to their credit: both go to the new account, by a journal each, and both come back."""
    story = two_accounts().invoice("i1").payment("p1", "40.00", on="i1")
    story.amended("i1", net="60.00", currency="USD", exchange_rate="1.25").say(transfer("i1"))
    assert [(one.leg, one.currency) for one in story.journals("t1")] == [
        ("transferred:i1", "USD"),
        ("transferred:i1~EUR", "EUR"),
    ]
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1 EUR": "-40.00", "i1 USD": "60.00"})
    story.amended("i1", net="70.00")
    assert (story.receivables("acme"), story.receivables("globex")) == ({"i1 EUR": "-40.00", "i1 USD": "70.00"}, {})
    proven(story)


@covers("O7", "D10", "G13")
def test_a_ledger_account_that_takes_no_lines_takes_no_transfer() -> None:
    """One that is closed, or asks for a code that an account does not have, refuses it; accounts that have the code give it."""
    for asked in (
        said.mapping("ledger_account", "1110", status="CLOSED"),
        said.mapping("ledger_account", RECEIVABLE, status="SUSPENDED"),
        said.mapping("dimension_policy", RECEIVABLE, dimensions={"account.1": "MANDATORY"}),
    ):
        refused = two_accounts().invoice("i1").say(asked).say(transfer("i1"))
        assert (refused.verdict, refused.journals("t1")) == (("QUARANTINED", "TRANSFER_ACCOUNT_UNUSABLE"), [])
    coded = two_accounts().account("globex", version=2, ledger_account="1110", analysis_codes={"1": "N"}).invoice("i1")
    coded.mapped("dimension_policy", "1110", dimensions={"account.1": "MANDATORY"}).say(transfer("i1"))
    assert [line.dimensions for line in proven(coded).journals("t1")[0].lines] == [{"account.1": "N"}, {}]


@covers("O7", "C14")
def test_a_transfer_has_the_version_of_the_class_in_force_on_its_day() -> None:
    """A revision that begins later has no say in it."""
    story = two_accounts().defined("HOUSE", version=2, effective_from="2026-04-01").invoice("i1").say(transfer("i1"))
    assert [posting.class_version for posting in story.journals("t1")] == [1]


@covers("O7", "C1")
def test_what_is_open_moves_to_an_account_with_posting_rules_only() -> None:
    """What follows a document that was moved needs a class as well: of an account without one, nothing would hold it."""
    story = Story().counter(anonymous_class="COUNTER").account("acme")
    story.defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False).invoice("i1", customer=None)
    moved = {"from_account": "counter", "to_account": "acme"}
    story.say(transfer("i1", **moved))
    assert story.verdict == ("QUARANTINED", "TRANSFER_ACCOUNT_UNUSABLE")
    story.defined("HOUSE", effective_from="2026-04-01").assigned("acme", "HOUSE").say(transfer("i1", transfer="t2", **moved))
    assert story.verdict == ("QUARANTINED", "TRANSFER_ACCOUNT_UNUSABLE")
    story.defined("HOUSE", version=2, effective_from=DAY).say(transfer("i1", transfer="t3", **moved))
    story.credit_note("k1", "10.00", original="i1")
    assert [(one.account, one.class_, one.class_version) for one in story.journals("k1")] == [("acme", "HOUSE", 2)]
    proven(story)


@covers("O7", "C1")
def test_a_class_that_is_taken_away_later_stays_with_what_was_moved() -> None:
    """A credit note follows the document under the class that it was moved to, whatever the account has by now."""
    story = two_accounts().defined("VIP").assigned("globex", "VIP").invoice("i1").say(transfer("i1"))
    story.said("class.unassigned", account="globex", class_="VIP").credit_note("k1", "10.00", original="i1")
    assert [(one.account, one.class_, one.class_version) for one in story.journals("k1")] == [("globex", "VIP", 1)]
    proven(story)


@covers("O7", "L6")
def test_a_credit_that_was_left_behind_moves_without_its_document() -> None:
    """40.00 stayed on acme when the invoice went to globex; moved to hub, they take no later money and credits there."""
    story = two_accounts().account("hub").assigned("hub", "HOUSE").invoice("i1").payment("p1", "40.00", on="i1")
    story.amended("i1", customer="c2").say(transfer("i1", to_account="hub")).payment("p2", "70.00", on="i1", customer="c2")
    story.credit_note("k1", "10.00", original="i1", customer="c2")
    assert [story.receivables(name) for name in ("acme", "globex", "hub")] == [{}, {"i1": "20.00"}, {"i1": "-40.00"}]
    proven(story)


@covers("O7", "L2")
def test_the_reversal_of_one_document_is_not_the_posting_of_another() -> None:
    """Of `a` and `a/reversal`, moved together and paid by one deposit, `a` is voided: the other stays moved and paid."""
    story = two_accounts().invoice("a").invoice("a/reversal")
    story.deposit("d1", "50.00", on={"a": "30.00", "a/reversal": "20.00"}).say(transfer("a", "a/reversal")).voided("a")
    assert {one.leg: one.account for one in (*story.journals("t1"), *story.journals("d1"))} == {
        "transferred:a/reversal~": "globex",
        "payment": "acme",
        "applied:a/reversal~": "acme",
    }
    assert (story.receivables("acme"), story.receivables("globex")) == ({"payment:d1": "-30.00"}, {"a/reversal": "80.00"})
    proven(story)
