"""Rows of the rulebook about classes: versions by day, what is copied once, prefixes, the till, and how journals are made."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.ingest import incoming, rehearsal
from engine.decider import stream
from schemas import outbound
from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.classes import two_prefixes
from tests.said import DAY, REVENUE

EARLIER = "2026-03-09"


def _terms(days: int) -> dict[str, int]:
    return {"days": days}


def _versions(story: Story, *documents: str) -> list[int | None]:
    return [story.journals(name)[0].class_version for name in documents]


@covers("C14")
def test_each_document_has_the_version_of_its_day() -> None:
    """A version that begins on a day takes the documents of that day and later ones; each posting keeps which it was."""
    story = Story().shop().defined("HOUSE", version=2, effective_from=DAY, invoice_prefix="X-")
    story.invoice("i1", date=EARLIER).invoice("i2", date=DAY)
    assert _versions(story, "i1", "i2") == [1, 2]
    assert [posting.number for posting in story.journals()] == ["N-i1", "X-N-i2"]


@covers("C14", "C4")
def test_a_debtor_changes_on_the_day_on_which_the_version_begins() -> None:
    """Sales before it go to the account, sales from it on to the shared debtor, in whatever order they come."""
    story = Story().shop().account("counter", generic=True)
    story.defined("HOUSE", "GENERIC", version=2, generic_account="counter", effective_from=DAY, payment_required=False)
    story.invoice("i1", date=EARLIER).invoice("i2", date=DAY).invoice("i3", date=EARLIER)
    assert [story.journals(name)[0].account for name in ("i1", "i2", "i3")] == ["acme", "counter", "acme"]


@covers("C14")
def test_a_version_that_begins_earlier_takes_the_place_of_one_that_begins_later() -> None:
    """The newest word counts: what it overtakes never comes in force, and what was posted keeps its version."""
    story = Story().shop().defined("HOUSE", version=2, effective_from=DAY).invoice("i1")
    story.defined("HOUSE", version=3, effective_from=EARLIER).invoice("i2").invoice("i3", date=EARLIER).invoice(
        "i4", date="2026-03-08"
    )
    assert _versions(story, "i1", "i2", "i3", "i4") == [2, 3, 3, 1]


@covers("C14", "K2")
def test_a_correction_keeps_the_version_of_its_original() -> None:
    """A credit note is made under the rules its invoice was posted under, whatever the class says by then."""
    story = Story().counter().defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False)
    story.invoice("i1").defined("COUNTER", "GENERIC", version=3, generic_account="counter", payment_required=True)
    story.credit_note("k1", original="i1").invoice("i2")
    assert (_versions(story, "i1", "k1"), story.codes("i2")) == ([2, 2], ["PAYMENT_REQUIRED_FOR_GENERIC"])


@covers("C14")
def test_customers_of_a_shared_debtor_get_an_account_without_anything_posted_anew() -> None:
    """A class that turns from GENERIC to ACCOUNT takes later sales only (edge case 14)."""
    paid = [said.tender("CASH", "100.00")]
    story = Story().counter().invoice("i1", tenders=paid).defined("COUNTER", version=2).invoice("i2")
    assert [posting.account for posting in story.journals()] == ["counter", "counter", "walkers"]


@covers("C12")
def test_what_was_copied_from_a_class_stays() -> None:
    """Terms, limit and prefix are those of the class an account was first given, in the version of that day."""
    story = Story().book().account("acme").customer("c1").linked("c1", "acme")
    story.defined("HOUSE", default_terms=_terms(14), default_credit_limit="500", account_prefix="C-").assigned("acme", "HOUSE")
    story.defined("HOUSE", version=2, default_terms=_terms(60), default_credit_limit="9", account_prefix="D-").invoice("i1")
    story.classified("acme", "OTHER", default_terms=_terms(90), account_prefix="E-").invoice("i2")
    assert [(posting.due_date, posting.account_code) for posting in story.journals()] == [("2026-03-24", "C-acme")] * 2
    defaults = story.facts("i2").account.defaults
    assert defaults is not None
    assert (defaults.credit_limit, defaults.class_version) == ("500", 1)


@covers("C13")
@pytest.mark.parametrize(("origin", "code"), [("CREATED", "C-acme"), ("IMPORTED", None)])
def test_only_an_account_made_here_gets_the_prefix(origin: str, code: str | None) -> None:
    """What the accounting system knows already keeps its code there (edge case 21: a customer beside a supplier of that name)."""
    story = Story().book().defined("HOUSE", account_prefix="C-").account("acme", origin=origin).assigned("acme", "HOUSE")
    story.customer("c1").linked("c1", "acme").invoice("i1").voided("i1")
    codes = [happened.event for happened in story.last.happened if hasattr(happened.event, "account_code")]
    assert [getattr(event, "account_code", "") for event in codes] == [code]


@covers("A4", "C13")
def test_a_number_is_free_again_when_its_owner_gets_another_prefix() -> None:
    """Who came first may still take the number, so the second waits; once the first has another, it is released."""
    story = two_prefixes(None, "S-").account("late").customer("c3").linked("c3", "late")
    story.invoice("i1", number="7", customer="c3").invoice("i2", number="7")
    assert (story.codes("i1"), story.codes("i2")) == (["CLASS_MISSING"], ["DOCUMENT_NUMBER_COLLISION"])
    story.then_released_by("i2", said.say("class.assigned", account="late", class_="SERVICE"))
    assert [posting.number for name in ("i1", "i2") for posting in story.journals(name)] == ["S-7", "7"]


@covers("A4", "C13")
def test_two_documents_never_get_one_number_in_the_books() -> None:
    """Whoever is judged second is held, also when the prefix comes last."""
    story = two_prefixes("S-", None).invoice("i1", number="1", customer="c2")
    assert [posting.number for posting in story.journals()] == ["S-1", "1"]
    story.invoice("i2", number="2", customer="c2").defined("SERVICE", version=2, invoice_prefix="S-")
    story.amended("i2", number="1")
    assert (story.codes("i2"), story.state("i2")) == (["DOCUMENT_NUMBER_COLLISION"], "REQUIRES_ATTENTION")


@covers("C15", "B4")
def test_what_was_decided_at_the_till_is_kept_with_who_did_it() -> None:
    """A link and a class from the till are the facts that a person at a desk would say; who and where stay on record."""
    story = Story().book().account("acme").defined("HOUSE").customer("c1").invoice("i1")
    story.say(said.say("link.made", customer="c1", account="acme", origin="POS", by="till 3"))
    story.then_released_by("i1", said.say("class.assigned", account="acme", class_="HOUSE", by="till 3"))
    with story.log.writing(dry=True) as writing:
        kept = [
            recorded.state for recorded in writing.events_of([stream("shop", "link", "c1"), stream("shop", "account", "acme")])
        ]
    assert [b'"by": "till 3"' in state for state in kept] == [False, True, True, False]
    assert b'"origin": "POS"' in kept[1]


@covers("F16")
def test_an_invoice_below_zero_is_posted_as_the_credit_note_it_is() -> None:
    """Under the policy the journal is a credit note, without a due date; beside it an invoice stays one (edge case 36)."""
    story = Story().shop(negative_invoice="CREDIT_NOTE").account("acme", version=2, terms=_terms(14))
    story.invoice("i1", "-100.00", tax="-20.00").invoice("i2")
    assert [(posting.kind, posting.due_date) for posting in story.journals()] == [
        ("CREDIT_NOTE", None),
        ("INVOICE", "2026-03-24"),
    ]
    lines = [("C", "1100", "acme", "120.00"), ("D", "2200", "", "20.00"), ("D", "4000", "", "100.00")]
    assert sorted(story.postings("i1")) == lines


@covers("M9")
@pytest.mark.parametrize(("policy", "told"), [("PERMANENT", None), ("PROVISIONAL", "PROVISIONAL"), ("HELD", "HELD")])
def test_the_posting_says_how_it_is_to_be_booked(policy: str, told: str | None) -> None:
    """The mode of the book reaches the posting, its reversal and the message; what is for good says nothing, as before."""
    story = Story().shop(posting_mode=policy).invoice("i1")
    posting, decided = story.journals()[0], story.decision("i1")
    announced = outbound.posting(posting, outbound.Place("shop", "i1", 1, story.now, "story#1"), decided, 1)
    assert (posting.mode, getattr(announced.data, "mode", "")) == (policy, told)
    assert (b'"mode"' in announced.payload()) == (told is not None)
    story.voided("i1")
    assert [getattr(happened.event, "mode", policy) for happened in story.last.happened] == [policy] * len(story.last.happened)


@covers("M8")
def test_a_dry_run_decides_and_keeps_nothing() -> None:
    """Rehearsed, a document is judged as it would be, and the log is as long as before."""
    story = Story().shop()
    before = story.log.head()
    with rehearsal(story.log, now=lambda: story.now) as door:
        handled = door.take([incoming("rehearsal", 1, said.invoice("i1").written("shop", "r1"))])
    kinds = [happened.kind for happened in handled.happened]
    assert kinds == ["InvoiceIssued.v1", "DocumentDecided.v1", "PostingAuthorised.v1"]
    assert (story.log.head(), story.journals()) == (before, [])


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale of repair work: its channel, and the account and memo of its revenue lines."""

    channel: str | None
    lines: tuple[tuple[str, str], ...]


SALES = (
    Sale("POS", (("4210", "N-i1 brake"), ("4210", "N-i1 an hour of work"))),
    Sale("SERVICE", (("4220", "N-i1 brake"), ("4220", "N-i1 an hour of work"))),
    Sale("WEB", (("4200", "N-i1 brake"), ("4200", "N-i1 an hour of work"))),
    Sale(None, (("4200", "N-i1 brake"), ("4200", "N-i1 an hour of work"))),
)


@covers("G4")
@pytest.mark.parametrize("sale", SALES, ids=lambda sale: str(sale.channel))
def test_shop_and_service_post_apart_and_each_line_keeps_its_product(sale: Sale) -> None:
    """A departmental line goes to the account of its channel, else to the one of the class, under its department."""
    channels = {"POS": "4210", "SERVICE": "4220"}
    value = {"behaviour": "DEPARTMENTAL", "department": "WORKSHOP", "account": "4200", "accounts": channels}
    story = Story().shop().mapped("product_class", "repair", **value).mapped("product", "brake", product_class="repair")
    lines = [said.line("60.00", product="brake"), said.line("40.00", product_class="repair", description="an hour of work")]
    story.invoice("i1", lines=lines, channel=sale.channel)
    credits = [line for line in story.journals("i1")[0].lines if line.side == "C"]
    assert tuple((line.account, line.memo) for line in credits) == sale.lines
    assert [line.dimensions for line in credits] == [{"department": "WORKSHOP"}] * 2


@covers("G4", "G16")
def test_a_product_class_that_changes_restates_nothing() -> None:
    """What was posted stays with its department, what comes later goes to the new one (edge case 52)."""
    story = Story().shop().mapped("product_class", "repair", behaviour="DEPARTMENTAL", department="A", account="4200")
    story.invoice("i1", lines=[said.line(product_class="repair")])
    story.mapped("product_class", "repair", behaviour="DEPARTMENTAL", department="B", account="4300")
    story.invoice("i2", lines=[said.line(product_class="repair")])
    lines = [line for posting in story.journals() for line in posting.lines if line.side == "C"]
    assert [(line.account, line.dimensions) for line in lines] == [("4200", {"department": "A"}), ("4300", {"department": "B"})]


@covers("G1")
def test_free_text_has_the_class_of_its_channel() -> None:
    """A line that names no product finds the default class of the channel, else of all; a product never does (edge case 51)."""
    story = (
        Story()
        .shop(catalogue_required=True)
        .mapped("revenue", "counter", account="4100")
        .mapped("revenue", "misc", account="4200")
    )
    story.mapped("product", "default:POS", product_class="counter").mapped("product", "pear")
    text, pear = [said.line(description="a favour")], [said.line(product="pear")]
    story.invoice("i1", lines=text, channel="POS").invoice("i2", lines=text, channel="WEB").invoice(
        "i3", lines=pear, channel="POS"
    )
    assert [story.codes(name) for name in ("i1", "i2", "i3")] == [[], ["LINE_UNCLASSIFIED"], ["LINE_UNCLASSIFIED"]]
    story.then_released_by("i2", said.mapping("product", "default", product_class="misc"))
    assert [story.postings(name)[1][1] for name in ("i1", "i2")] == ["4100", "4200"]
    assert story.state("i3") == "REQUIRES_ATTENTION"


@covers("G5")
def test_a_debtor_may_ask_for_a_revenue_account_of_its_own() -> None:
    """It goes before every mapping; an account that the line itself names goes before it."""
    story = Story().shop().mapped("revenue", "fruit", account="4100").account("acme", version=2, revenue_account="4700")
    story.invoice("i1", lines=[said.line("1.00", product_class="fruit"), said.line("2.00", revenue_account="4999")])
    assert [(account, amount) for _, account, _, amount in story.postings("i1")[1:]] == [("4700", "1.00"), ("4999", "2.00")]


@covers("G9", "I7")
def test_a_tax_taken_off_the_books_later_leaves_what_was_charged() -> None:
    """The document carries what was charged; a mapping that points elsewhere later changes nothing (edge cases 49, 50)."""
    story = Story().shop().invoice("i1", tax={"VAT": "20.00", "CITY": "1.50"}).mapped("tax", "CITY", account="2299")
    assert [account for side, account, _, _ in story.postings("i1") if side == "C"] == [REVENUE, "2200", "2210"]


@covers("G8", "G10")
def test_what_is_taken_back_was_taxed_on_the_day_it_was_sold() -> None:
    """A credit note has the rate and the exemptions of its original's day, whatever holds by then."""
    taxed = [{**said.line("100.00"), "tax": [{"code": "VAT", "amount": "20.00", "rate": "0.20"}]}]
    story = (
        Story()
        .shop()
        .mapped("tax", "VAT", account="2200", rate="0.20")
        .mapped("tax", "VAT", account="2200", rate="0.19", effective_from=DAY)
    )
    story.customer("c1", version=2, tax_exemptions=[{"tax": "VAT", "valid_from": DAY}]).invoice("i1", lines=taxed, date=EARLIER)
    story.credit_note("k1", original="i1", lines=taxed).invoice("i2", lines=taxed)
    assert (story.codes("i1"), story.codes("k1")) == ([], [])
    assert story.codes("i2") == ["TAX_RATE_MISMATCH", "TAX_EXEMPTION_CONFLICT"]


@covers("B13")
def test_a_merge_ends_the_doubt() -> None:
    """Two accounts that were one are merged: the newer one's documents go to the survivor, and nothing is in doubt."""
    story = Story().shop(duplicate_accounts="HOLD").account("twin", name="Acme").assigned("twin", "HOUSE")
    story.customer("c2").linked("c2", "twin").invoice("i1", customer="c2")
    assert story.codes("i1") == ["POSSIBLE_DUPLICATE_ACCOUNT"]
    story.then_released_by("i1", said.say("account.merged", survivor="acme", merged=["twin"]))
    assert (story.journals("i1")[0].account, story.codes("i1")) == ("acme", ["REDIRECTED_TO_SURVIVOR"])


@covers("B13")
def test_the_older_account_is_not_in_doubt() -> None:
    """Whoever was there first sells on; in one batch the second of two is the one that waits."""
    story = Story().shop(duplicate_accounts="HOLD").say(said.account("b", name="Twin"), said.account("a", name="twin."))
    story.assigned("a", "HOUSE").assigned("b", "HOUSE").customer("ca").customer("cb").linked("ca", "a").linked("cb", "b")
    story.invoice("i1", customer="ca").invoice("i2", customer="cb")
    assert (story.codes("i1"), story.codes("i2")) == (["POSSIBLE_DUPLICATE_ACCOUNT"], [])
