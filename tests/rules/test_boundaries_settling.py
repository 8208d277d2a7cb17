"""Boundaries of what money and credits settle: which documents, how much of each, and at what worth."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.boundary import messages
from tests.rules.dimensions import suspending
from tests.rules.test_settlement import base_of, open_of
from tests.said import CARD, DEPOSITS, RECEIVABLE, ROUNDING, line, tender

FX = {"fx_difference": "7900"}
USD = {"currency": "USD"}


def _legs(story: Story, document: str) -> list[str]:
    return [posting.leg for posting in story.journals(document)]


def _settled(story: Story, document: str) -> list[tuple[str, int, int]]:
    """Return what the last journal of a document settles, in both currencies."""
    return [(one.document, one.amount, one.base_amount) for one in story.journals(document)[-1].settles]


def test_a_deposit_is_kept_by_who_made_it_and_applied_to_who_owes() -> None:
    """The customer moved to another account between the two."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").deposit("d1", "60.00", on="i1")
    story.said("link.removed", customer="c1").linked("c1", "globex").invoice("i1")
    assert story.postings("d1")[2:] == [("D", DEPOSITS, "acme", "60.00"), ("C", RECEIVABLE, "globex", "60.00")]
    assert (story.receivables("acme"), story.receivables("globex")) == ({}, {"i1": "40.00"})


def test_a_deposit_of_an_account_that_was_merged_away_leaves_nothing_there() -> None:
    """It is taken from where it was kept, and applied to the survivor."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").deposit("d1", "60.00", on="i1")
    story.said("account.merged", survivor="globex", merged=["acme"]).invoice("i1")
    assert story.postings("d1")[2:] == [("D", DEPOSITS, "acme", "60.00"), ("C", RECEIVABLE, "globex", "60.00")]
    assert [key for key in story.ledger() if key[0] == DEPOSITS] == []


def test_a_deposit_passes_over_what_it_cannot_be_applied_to() -> None:
    """A document that is not posted, or of another currency, does not keep it from the next one."""
    story = Story().shop(control=FX).invoice("i2", exchange_rate="0.90", **USD).invoice("i3")
    story.deposit("d1", on={"i1": "20.00", "i3": "30.00"})
    assert _legs(story, "d1") == ["payment", "applied:i3"]
    assert story.receivables("acme") == {"i2": "100.00", "i3": "70.00", "payment:d1": "-70.00"}


def test_a_deposit_of_another_currency_is_not_applied() -> None:
    """It stays a deposit, and what it names of its own currency is paid."""
    story = Story().shop(control=FX).invoice("i1", exchange_rate="0.90", **USD).invoice("i2")
    story.deposit("d1", on={"i1": "20.00", "i2": "30.00"}).deposit("d2", "10.00", on="i1")
    assert story.receivables("acme")["i1"] == "100.00"
    assert [leg for name in ("d1", "d2") for leg in _legs(story, name) if leg == "applied:i1"] == []


def test_what_a_deposit_is_not_applied_to_takes_no_part_of_its_worth() -> None:
    """Two cents at a half are one: it goes to the one that is paid, not to the document of another currency before it."""
    story = Story().shop().invoice("i1").invoice("i2", exchange_rate="0.50", **USD)
    story.deposit("d1", "0.02", on={"i1": "0.01", "i2": "0.01"}, exchange_rate="0.50", **USD)
    assert _legs(story, "d1") == ["payment", "applied:i2"]
    assert [(row.amount, row.base_amount) for row in story.journals("d1")[1].lines if row.account == DEPOSITS] == [(1, 1)]


def test_what_is_too_much_of_a_deposit_stays_one_on_a_shared_debtor_alone() -> None:
    """There nobody could claim it; an account of one customer has it as a credit. The next document is paid in both."""
    shared = (
        Story()
        .counter()
        .invoice("i1", tenders=[tender("CASH", "100.00")])
        .invoice("i2", "60.00", tenders=[tender("CASH", "10.00")])
    )
    shared.deposit("d1", on={"i1": "50.00", "i2": "50.00"})
    own = Story().shop().invoice("i1", tenders=[tender("CASH", "100.00")]).deposit("d1", "50.00", on="i1")
    assert _legs(shared, "d1") == ["payment", "applied:i2"]
    assert (_legs(own, "d1"), own.receivables("acme")) == (["payment", "applied:i1"], {"i1": "-50.00"})


def test_money_back_without_a_place_goes_to_suspense() -> None:
    """A tender that nobody mapped has no account for refunds either."""
    story = suspending(suspense="POST", unreferenced_credit="POST").credit_note("k1").refund("r1", on="k1", tender="VOUCHER")
    assert story.postings("r1") == [("D", RECEIVABLE, "acme", "100.00"), ("C", "9999", "", "100.00")]
    assert messages(story, "r1") == ["posts to suspense account 9999: tender VOUCHER"]


def test_a_fee_alone_is_on_the_account_of_the_tender() -> None:
    """Nothing goes back, so the account for refunds is not meant."""
    story = Story().shop().mapped("tender", "CARD", account=CARD, refund_account="1011")
    story.invoice("i1", tenders=[tender("CARD", "0.00", fee="0.30")]).invoice("i2", tenders=[tender("CARD", "0.01")])
    assert story.postings("i1")[2:] == [("D", said.FEES, "", "0.30"), ("C", CARD, "", "0.30")]
    assert story.postings("i2")[2:] == [("D", CARD, "", "0.01"), ("C", RECEIVABLE, "acme", "0.01")]


def test_a_cent_that_goes_back_settles_a_cent() -> None:
    """Money in lowers what it settles, money back raises it, in both currencies."""
    story = Story().shop(unreferenced_credit="POST").credit_note("k1", "0.01").refund("r1", "0.01", on="k1")
    story.invoice("i1", "0.01").payment("p1", "0.01", on="i1")
    assert (_settled(story, "r1"), _settled(story, "p1")) == ([("k1", -1, -1)], [("i1", 1, 1)])
    assert story.receivables("acme") == {}


def test_a_credit_in_part_at_the_same_rate_is_what_its_lines_are() -> None:
    """23.00 at 0.4007 stands at 9.21; 10.00 of it at the same rate are 4.01, not a share, and leave no rounding."""
    story = Story().shop().invoice("i1", lines=[line("20.00"), line("3.00")], exchange_rate="0.4007", **USD)
    story.credit_note("k1", "10.00", original="i1", exchange_rate="0.4007", **USD)
    assert (base_of(story, ROUNDING), open_of(story)) == (0, {"i1": (1300, 520)})


def test_a_credit_in_part_at_another_rate_takes_its_share() -> None:
    """10.00 of 23.00 that stand at 9.21 are 4.00, whatever they are worth today; the rest is a difference."""
    story = Story().shop(control=FX).invoice("i1", lines=[line("20.00"), line("3.00")], exchange_rate="0.4007", **USD)
    story.credit_note("k1", "10.00", original="i1", exchange_rate="0.50", **USD)
    assert (base_of(story, "7900"), base_of(story, ROUNDING), open_of(story)) == (-100, 0, {"i1": (1300, 521)})


def test_a_return_at_the_till_in_foreign_money_leaves_nothing_open() -> None:
    """What was paid back closes what the credit opened, at the rates of both."""
    paid = [tender("CASH", "23.00")]
    lines = [line("20.00"), line("3.00")]
    story = Story().shop(control=FX).invoice("i1", lines=lines, tenders=paid, exchange_rate="0.4007", **USD)
    story.credit_note("k1", original="i1", lines=lines, tenders=paid, exchange_rate="0.50", **USD)
    assert (story.state("k1"), open_of(story)) == ("POSTED", {})
    assert base_of(story, RECEIVABLE, "acme") == 0


def test_a_return_that_was_paid_back_leaves_the_sale_open_at_its_worth() -> None:
    """The credit takes 4.00 of 9.21 off and the till puts what it paid on again, in both currencies."""
    story = Story().shop(control=FX).invoice("i1", lines=[line("20.00"), line("3.00")], exchange_rate="0.4007", **USD)
    story.credit_note("k1", "10.00", original="i1", tenders=[tender("CASH", "10.00")], exchange_rate="0.50", **USD)
    assert open_of(story) == {"i1": (2300, 1021)}
    assert (base_of(story, "7900"), base_of(story, said.CASH), base_of(story, RECEIVABLE, "acme")) == (-100, -500, 1021)
