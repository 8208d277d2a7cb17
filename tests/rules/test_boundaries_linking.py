"""The way to the account at its boundaries: who is named, what is waited for, and what is not asked of what follows another."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.boundary import messages, objections
from tests.rules.linking import ADDRESS, CONTACT, FOLLOWED
from tests.said import DAY


def _house(**policies: object) -> Story:
    return Story().book(**policies).account("acme").classified("acme", "HOUSE")


def _without(**fields: object) -> dict[str, object]:
    """Return a customer's record that would be complete, but for some fields."""
    return {**CONTACT, "addresses": [ADDRESS], **fields}


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({}, False),
        ({"contact_name": None}, True),
        ({"first_name": None}, True),
        ({"last_name": None}, True),
        ({"addresses": []}, True),
        ({"addresses": [{**ADDRESS, "use": "DELIVERY"}]}, True),
        ({"addresses": [{"use": "BILLING", "lines": ["1 High Street"]}]}, True),
        ({"addresses": [{**ADDRESS, "use": "DELIVERY"}, ADDRESS]}, False),
    ],
)
def test_a_service_customer_has_a_contact_and_a_billing_address(fields: dict[str, object], *, held: bool) -> None:
    """Every part of the contact counts, and the address is one for bills, with a city."""
    told = {name: value for name, value in _without(**fields).items() if value is not None}
    story = _house(service_address_required=True).customer("c1", **told).linked("c1", "acme").invoice("i1", channel="SERVICE")
    assert objections(story) == ([("CUSTOMER_INCOMPLETE", "HOLD", None, ["customer:c1"])] if held else [])


def test_only_a_service_sale_asks_for_the_address() -> None:
    """In the shop, and where the book does not ask, and of a customer that is unknown, nothing is missing."""
    story = _house(service_address_required=True).customer("c1").linked("c1", "acme").invoice("i1", channel="POS").invoice("i2")
    assert (story.codes("i1"), story.codes("i2")) == ([], [])
    assert _house().customer("c1").linked("c1", "acme").invoice("i1", channel="SERVICE").codes("i1") == []
    unknown = _house(service_address_required=True).linked("c1", "acme").invoice("i1", channel="SERVICE")
    assert unknown.codes("i1") == ["CUSTOMER_UNKNOWN"]
    bookless = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    assert bookless.invoice("i1", channel="SERVICE").codes("i1") == ["BOOK_UNKNOWN"]


def test_a_customer_invoiced_through_another_who_is_is_named_with_both() -> None:
    """Both records could mend it, and nobody further on is asked."""
    story = _house().customer("c3").linked("c3", "acme").customer("c2").customer("c1", invoice_to="c2")
    story.customer("c2", version=2, invoice_to="c3").invoice("i1")
    assert ("INVOICE_TO_CHAIN", "HOLD", None, ["customer:c2", "customer:c1"]) in objections(story)
    assert "customer c2 is itself invoiced through c3" in messages(story)


def test_a_payer_nobody_knows_is_waited_for() -> None:
    """Whether it is invoiced through another is not known yet."""
    story = _house().customer("c1", invoice_to="c2").invoice("i1")
    assert objections(story)[0] == ("CUSTOMER_UNKNOWN", "WAIT", None, ["customer:c2", "date:2026-03-18"])
    assert story.codes("i1") == ["CUSTOMER_UNKNOWN", "LINK_MISSING"]


def test_the_one_without_a_link_is_told_how_to_get_it() -> None:
    """It is the one invoiced in the place of the customer; each on the way is waited for, once."""
    story = _house().customer("c2").customer("c1", invoice_to="c2").invoice("i1").invoice("i2", customer="c2")
    assert objections(story) == [("LINK_MISSING", "HOLD", None, ["link:c2", "customer:c1", "customer:c2"])]
    assert objections(story, "i2") == [("LINK_MISSING", "HOLD", None, ["link:c2", "customer:c2"])]
    assert story.decision("i1").reasons[0].remedy == "link the customer: postgate link c2 ACCOUNT"


def test_a_link_counts_from_its_day() -> None:
    """The day before it is held and waits for another link; on the day it posts; a link without a day always counts."""
    story = _house().customer("c1").linked("c1", "acme", "2026-03-11").invoice("i1", date=DAY).until("2026-03-11")
    assert objections(story) == [("LINK_MISSING", "HOLD", None, ["link:c1"])]
    assert messages(story) == ["customer c1 is linked from 2026-03-11 on, the document is dated 2026-03-10"]
    assert story.invoice("i2", date="2026-03-11").state("i2") == "POSTED"


@pytest.mark.parametrize(
    ("customer", "account", "held"), [("EUR", "GBP", True), ("EUR", "EUR", False), (None, "EUR", False), ("GBP", None, False)]
)
def test_a_customer_and_its_account_have_one_currency(customer: str | None, account: str | None, *, held: bool) -> None:
    """Only two that differ are a contradiction; where one of them says nothing there is none."""
    story = Story().shop().account("acme", version=2, currency=account) if account else Story().shop()
    story = story.customer("c1", version=2, currency=customer) if customer else story
    story.invoice("i1")
    found = [each for each in objections(story) if each[0] == "LINK_CURRENCY_MISMATCH"]
    keys = ["customer:c1", "account:acme", "link:c1"]
    assert found == ([("LINK_CURRENCY_MISMATCH", "HOLD", None, keys)] if held else [])


def test_an_account_that_is_unknown_has_no_currency_yet() -> None:
    """It is waited for, and compared when it comes."""
    story = Story().book().classified("acme", "HOUSE").customer("c1", currency="GBP").linked("c1", "acme").invoice("i1")
    assert story.codes("i1") == ["ACCOUNT_UNKNOWN"]
    assert story.account("acme", currency="EUR").codes("i1") == ["LINK_CURRENCY_MISMATCH"]


def test_what_follows_another_document_does_not_ask_for_one_currency() -> None:
    """A payment goes where its invoice went, whatever currency its customer trades in by now."""
    story = Story().shop().invoice("i1").customer("c1", version=2, currency="GBP").account("acme", version=2, currency="EUR")
    assert story.payment("p1", on="i1").codes("p1") == []
    assert "LINK_CURRENCY_MISMATCH" in story.payment("p2").codes("p2")


def test_an_account_that_was_never_opened_is_waited_for() -> None:
    """A link may come before its account."""
    story = Story().book().classified("acme", "HOUSE").customer("c1").linked("c1", "acme").invoice("i1")
    assert objections(story) == [("ACCOUNT_UNKNOWN", "WAIT", None, ["account:acme", "date:2026-03-18"])]


@pytest.mark.parametrize(
    ("policy", "fields", "waits"),
    [
        ("WAIT", {"origin": "CREATED"}, True),
        ("WAIT", {"origin": "CREATED", "external_ref": "A-1"}, False),
        ("WAIT", {"origin": "IMPORTED"}, False),
        ("CREATE_ON_FIRST_POSTING", {"origin": "CREATED"}, False),
    ],
)
def test_an_account_that_was_created_here_must_exist_there(policy: str, fields: dict[str, object], *, waits: bool) -> None:
    """Only where the book waits, only for what was created here, and only until it has a reference."""
    story = Story().book(account_sync=policy).account("acme", **fields).classified("acme", "HOUSE").customer("c1")
    story.linked("c1", "acme").invoice("i1")
    assert objections(story) == ([("ACCOUNT_CUSTOMER_NOT_SYNCED", "WAIT", None, ["account:acme"])] if waits else [])


def test_an_account_nobody_opened_has_no_origin() -> None:
    """It is waited for as unknown, not as one that accounting has not created yet."""
    story = Story().book(account_sync="WAIT").classified("acme", "HOUSE").customer("c1").linked("c1", "acme").invoice("i1")
    assert story.codes("i1") == ["ACCOUNT_UNKNOWN"]


def test_a_sale_to_nobody_waits_for_its_branch_and_its_book() -> None:
    """Without a branch only the book could have a default; money that names a document needs none."""
    story = Story().shop().invoice("i1", customer=None, branch="north").invoice("i2", customer=None)
    assert objections(story)[0] == ("ANONYMOUS_NO_DEFAULT", "HOLD", None, ["mapping:branch:north", "book:"])
    assert objections(story, "i2")[0] == ("ANONYMOUS_NO_DEFAULT", "HOLD", None, ["book:"])
    story.payment("p1", customer=None, on="i9").payment("p2", customer=None)
    assert (story.codes("p1"), story.codes("p2")[:1]) == (["WAITING_FOR_DEPENDENCY"], ["ANONYMOUS_NO_DEFAULT"])


def test_the_merge_that_was_followed_is_told() -> None:
    """Each step is named, and a remark waits for nothing."""
    story = _house().customer("c2").linked("c2", "acme").customer("c1")
    story.said("customer.merged", survivor="c2", merged=["c1"]).invoice("i1")
    assert objections(story) == [("REDIRECTED_TO_SURVIVOR", "WARN", None, [])]
    assert messages(story) == ["routed along the merge c1 to c2"]


def test_the_merge_that_has_no_end_is_named() -> None:
    """The customer at which we stopped to follow is the one whose survivor must be said."""
    last = FOLLOWED + 1
    story = _house().customer(f"c{last}").linked(f"c{last}", "acme")
    story.say(*(said.say("customer.merged", survivor=f"c{n + 1}", merged=[f"c{n}"]) for n in range(1, last + 1))).invoice("i1")
    assert ("MERGE_UNRESOLVED", "HOLD", None, [f"customer:c{last}"]) in objections(story)


def test_the_merge_of_accounts_that_has_no_end_is_named() -> None:
    """The account at which we stopped to follow is the one whose survivor must be said."""
    last = FOLLOWED + 1
    story = _house().customer("c1").linked("c1", "acme").account(f"a{last}").classified(f"a{last}", "HOUSE")
    story.say(*(said.account(f"a{n}") for n in range(1, last)))
    story.say(*(said.say("account.merged", survivor=f"a{n + 1}", merged=[f"a{n}"]) for n in reversed(range(1, last))))
    story.said("account.merged", survivor="a1", merged=["acme"]).invoice("i1")
    assert ("MERGE_UNRESOLVED", "HOLD", None, [f"account:a{last - 1}"]) in objections(story)
    assert f"account a{last - 1} was merged along too many steps" in messages(story)


def _merged(*, survivor_owes: bool) -> Story:
    """c3 and c2 had accounts of their own, and were merged: c3 into c2, c2 into c1."""
    story = _house().account("globex").assigned("globex", "HOUSE").account("initech").assigned("initech", "HOUSE")
    story.customer("c1").customer("c2").linked("c2", "globex").customer("c3").linked("c3", "initech").invoice("i1", customer="c3")
    if survivor_owes:
        story.linked("c1", "acme")
    return story.said("customer.merged", survivor="c1", merged=["c2"]).said("customer.merged", survivor="c2", merged=["c3"])


def test_a_credit_note_goes_where_its_original_went_whatever_was_merged() -> None:
    """Who owes was decided when the original posted; links of those that were merged away since are not asked."""
    story = _merged(survivor_owes=True).credit_note("k1", "10.00", original="i1", customer="c3")
    assert story.codes("k1") == ["REDIRECTED_TO_SURVIVOR"]
    assert story.journals("k1")[0].account == "initech"


def test_a_credit_note_that_waits_for_its_original_is_not_asked_for_links() -> None:
    """Its account will be that of the original."""
    story = _merged(survivor_owes=True).credit_note("k1", "10.00", original="i9", customer="c3")
    assert story.codes("k1") == ["REDIRECTED_TO_SURVIVOR", "WAITING_FOR_DEPENDENCY"]


def test_a_survivor_without_a_link_is_told_of_that_alone() -> None:
    """While the survivor owes through nobody, no link differs from its own."""
    story = _merged(survivor_owes=False).invoice("i2", customer="c3")
    assert story.codes("i2") == ["LINK_MISSING", "REDIRECTED_TO_SURVIVOR"]
