"""Rows of the rulebook beside the rules: which message counts, where a document posts, and on what day."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.said import RECEIVABLE, REVENUE

PAID = [said.tender("CASH", "100.00")]


@covers("A1")
def test_the_same_message_is_taken_once() -> None:
    """The same bytes again, at another position, are a duplicate and record nothing."""
    story = Story().shop().say(said.invoice("i1").under("x")).say(said.invoice("i1").under("x"))
    assert (story.verdict, story.last.happened) == (("DUPLICATE", "DUPLICATE_EVENT"), [])


@covers("A2")
def test_the_same_document_under_another_id_is_taken_once() -> None:
    """The same content under another message id records nothing and posts nothing."""
    story = Story().shop().invoice("i1").invoice("i1")
    assert (story.verdict, story.last.happened, len(story.journals())) == (("DUPLICATE", "DUPLICATE_DOCUMENT"), [], 1)


@covers("A5")
def test_an_older_version_is_stale() -> None:
    """A version below the one in force changes nothing."""
    story = Story().shop().invoice("i1").amended("i1", net="90.00").invoice("i1")
    assert (story.verdict, story.state("i1", 2)) == (("STALE", "STALE_VERSION"), "POSTED")


@covers("A6")
def test_a_version_waits_for_its_predecessors() -> None:
    """Version 3 waits for 1 and 2; when they come, in any order, version 3 stands and nothing else does."""
    story = Story().shop().invoice("i1", version=3, net="80.00")
    assert (story.state("i1"), story.codes("i1")) == ("WAITING", ["WAITING_FOR_VERSION"])
    story.invoice("i1", version=2, net="90.00")
    assert [story.state("i1", version) for version in (2, 3)] == ["WAITING", "WAITING"]
    story.invoice("i1")
    assert [story.state("i1", version) for version in (1, 2, 3)] == ["REVERSED", "REVERSED", "POSTED"]
    assert story.ledger() == {(RECEIVABLE, "acme"): "80.00", (REVENUE, ""): "-80.00"}


@covers("A7")
def test_waiting_too_long_is_a_hold() -> None:
    """A credit note whose original never comes waits seven days, and then asks for attention; it still posts when it comes."""
    story = Story().shop().credit_note("k1", original="i1")
    assert story.until("2026-03-17").state("k1") == "WAITING"
    assert story.until("2026-03-18").state("k1") == "REQUIRES_ATTENTION"
    assert story.codes("k1") == ["WAITING_FOR_DEPENDENCY"]
    assert story.invoice("i1").state("k1") == "POSTED"


@covers("A8")
def test_an_unreadable_message_is_kept() -> None:
    """A message that misses a field is quarantined at the door."""
    story = Story().say(said.say("link.made", customer="c1"))
    assert story.verdict == ("QUARANTINED", "SCHEMA_INVALID")


@covers("A12")
def test_a_held_document_holds_nobody_else() -> None:
    """Of one batch, the documents of other customers post while one is held; its own payment waits with it."""
    story = Story().shop().customer("c2")
    story.say(said.invoice("i2", customer="c2"), said.payment("p2", on="i2", customer="c2"), said.invoice("i1"))
    assert [story.state(name) for name in ("i2", "p2", "i1")] == ["REQUIRES_ATTENTION", "WAITING", "POSTED"]


@covers("B12")
def test_an_account_without_a_reference_may_post() -> None:
    """By default an account is created in the accounting system with its first posting, so nothing waits for that."""
    story = Story().shop().invoice("i1")
    record = story.facts("i1").account.record
    assert record is not None
    assert (record.origin, record.external_ref, story.state("i1")) == ("CREATED", None, "POSTED")


@covers("B15")
def test_the_survivor_owes_what_the_merged_buys() -> None:
    """Documents of a merged customer, and of a merged account, post to the survivor."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")
    story.said("link.removed", customer="c1").said("customer.merged", survivor="c2", merged=["c1"]).invoice("i1")
    assert story.postings("i1")[0] == ("D", RECEIVABLE, "globex", "100.00")
    story.said("account.merged", survivor="acme", merged=["globex"]).invoice("i2")
    assert story.postings("i2")[0] == ("D", RECEIVABLE, "acme", "100.00")


@covers("B16")
def test_a_walk_in_keeps_its_name_on_the_posting() -> None:
    """A shared debtor's lines say whose sale it was."""
    story = Story().counter().invoice("i1", tenders=PAID, walk_in={"name": "Ann Lee"})
    assert {line.memo for line in story.journals("i1")[0].lines} == {"N-i1 Ann Lee"}


@covers("B3")
@pytest.mark.parametrize("missing", ["contact_name", "first_name", "last_name", "city"])
def test_a_service_customer_is_named_and_has_an_address(missing: str) -> None:
    """Each part of the contact, and the city of the billing address, is asked for."""
    named = {name: "Ann" for name in ("contact_name", "first_name", "last_name") if name != missing}
    address = {"use": "BILLING", "lines": ["1 High Street"], **({} if missing == "city" else {"city": "Leeds"})}
    story = Story().shop(service_address_required=True).customer("c1", version=2, addresses=[address], **named)
    assert story.invoice("i1", channel="SERVICE").codes("i1") == ["CUSTOMER_INCOMPLETE"]


@covers("C3", "C4")
def test_the_class_decides_where_a_document_posts() -> None:
    """ACCOUNT posts to the customer's own account, GENERIC to the shared one, with the customer on each line."""
    own, shared = Story().shop().invoice("i1"), Story().counter().invoice("i1", tenders=PAID)
    assert [(posting.route, posting.account) for posting in own.journals("i1")] == [("ACCOUNT", "acme")]
    assert [(posting.route, posting.account) for posting in shared.journals("i1")] == [
        ("GENERIC", "counter"),
        ("GENERIC", "counter"),
    ]
    assert {line.customer for posting in shared.journals("i1") for line in posting.lines} == {"c1"}


@covers("C7")
def test_a_batch_class_accumulates() -> None:
    """A document of a class that bills in batches is allowed, but posts nothing by itself."""
    story = Story().shop().defined("HOUSE", version=2, batch_billing=True).invoice("i1")
    assert (story.state("i1"), story.codes("i1"), story.journals("i1")) == ("ACCUMULATING", [], [])


@covers("C12")
def test_terms_are_copied_once_from_the_first_class() -> None:
    """The account takes the class's terms when it gets it; a later revision of the class changes nothing."""
    story = Story().book().account("acme").customer("c1").linked("c1", "acme")
    story.classified("acme", "HOUSE", default_terms={"days": 14}).defined("HOUSE", version=2, default_terms={"days": 30}).invoice(
        "i1"
    )
    assert story.journals("i1")[0].due_date == "2026-03-24"


@covers("C13")
def test_the_prefix_of_the_class_goes_before_the_number() -> None:
    """A posting's number has the prefix of the class that sent it."""
    story = Story().book().account("acme").classified("acme", "HOUSE", invoice_prefix="H-").customer("c1").linked("c1", "acme")
    assert story.invoice("i1", number="7").journals("i1")[0].number == "H-7"


@covers("C14", "O8")
def test_a_posting_keeps_the_version_of_its_class() -> None:
    """A revision acts forward only."""
    story = Story().shop().invoice("i1").defined("HOUSE", version=2).invoice("i2")
    assert [story.journals(name)[0].class_version for name in ("i1", "i2")] == [1, 2]


@covers("D4")
def test_a_hidden_account_posts() -> None:
    """HIDDEN hides an account from lists, not from postings."""
    assert Story().shop().account("acme", version=2, status="HIDDEN").invoice("i1").state("i1") == "POSTED"


@covers("D7")
@pytest.mark.parametrize("who", ["buyer", "payer", "account"])
def test_a_block_on_any_party_counts(who: str) -> None:
    """The customer who buys, the one who is invoiced, and the account that owes are all looked at."""
    story = Story().shop().customer("c0", invoice_to="c1", block="INVOICE" if who == "buyer" else "NONE")
    story.customer("c1", version=2, block="INVOICE" if who == "payer" else "NONE")
    story.account("acme", version=2, block="INVOICE" if who == "account" else "NONE")
    assert story.invoice("i1", customer="c0").codes("i1") == ["CUSTOMER_BLOCKED"]


@covers("D11")
def test_money_and_credit_pass_a_frozen_customer() -> None:
    """A hold stops sales; a block of invoices and a stop of credit stop invoices only."""
    story = Story().shop().invoice("i1").account("acme", version=2, block="INVOICE", stop_credit=True)
    assert story.credit_note("k1", "10.00", original="i1").state("k1") == "POSTED"
    story.said("customer.held", customer="c1").said("customer.deactivated", customer="c1").payment("p1", on="i1")
    assert (story.state("p1"), story.codes("p1")) == ("POSTED", [])


@covers("F11")
def test_an_amount_finer_than_its_currency_is_unreadable() -> None:
    """A third digit of cents is refused at the door; yen have none."""
    assert Story().say(said.say("invoice.issued", **_with_net("100.001"))).verdict == ("QUARANTINED", "SCALE")
    assert Story().shop(currency="JPY").invoice("i1", "100", currency="JPY").postings("i1")[0] == ("D", RECEIVABLE, "acme", "100")


def _with_net(net: str) -> dict[str, object]:
    fields = dict(said.invoice("i1").fields)
    return fields | {"lines": [{"line": 1, "description": "goods", "net": net, "tax": []}]}


@covers("H2")
def test_a_rolled_document_keeps_its_date() -> None:
    """It posts in the first open period, and its dates stay."""
    story = Story().shop(closed_period="ROLL_FORWARD").period("2026-03", "2026-03-01", "2026-03-31", verb="closed")
    story.period("2026-05", "2026-05-01", "2026-05-31").period("2026-04", "2026-04-01", "2026-04-30").invoice("i1")
    posting = story.journals("i1")[0]
    assert (posting.period, posting.date, posting.business_date) == ("2026-04", said.DAY, said.DAY)


@covers("H8")
def test_today_is_the_day_of_the_book() -> None:
    """At noon in London it is tomorrow in Auckland, so a sale dated tomorrow is not in the future there."""
    tomorrow = "2026-03-11"
    assert Story().shop(timezone="Europe/London", future_days_max=0).invoice("i1", date=tomorrow).codes("i1") == ["FUTURE_DATED"]
    assert Story().shop(timezone="Pacific/Auckland", future_days_max=0).invoice("i1", date=tomorrow).codes("i1") == []


@covers("H10", "H11", "O2")
def test_a_reversal_goes_into_an_open_period() -> None:
    """A document of a closed period is amended: the reversal goes into the next open period, the new version is held."""
    story = (
        Story().shop().period("2026-03", "2026-03-01", "2026-03-31").period("2026-04", "2026-04-01", "2026-04-30").invoice("i1")
    )
    story.period("2026-03", "2026-03-01", "2026-03-31", verb="closed").amended("i1", net="90.00")
    reversals = [happened.event for happened in story.last.happened if happened.kind == "PostingReversed.v1"]
    assert [getattr(reversal, "period", None) for reversal in reversals] == ["2026-04"]
    assert (story.state("i1", 1), story.state("i1", 2), story.codes("i1")) == (
        "REVERSED",
        "REQUIRES_ATTENTION",
        ["PERIOD_CLOSED"],
    )


@covers("I4")
def test_rounding_has_a_line_of_its_own() -> None:
    """What the till rounded off goes to the rounding account."""
    story = Story().shop(rounding_max="0.04").invoice("i1", "99.98", totals={"rounding": "0.02"})
    expected = [("D", RECEIVABLE, "acme", "100.00"), ("C", said.REVENUE, "", "99.98"), ("C", said.ROUNDING, "", "0.02")]
    assert story.postings("i1") == expected
