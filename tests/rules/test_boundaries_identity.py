"""Identity at its boundaries: how long is waited for what, and who waits for another document alone."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.boundary import objections
from tests.said import DAY


def test_without_a_book_a_document_waits_seven_days() -> None:
    """Nobody has said how long to wait while the book is unknown: seven days after the day it came."""
    story = Story().say(*said.mappings()).account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.invoice("i1")
    assert objections(story) == [("BOOK_UNKNOWN", "WAIT", None, ["book:", "date:2026-03-18"])]


def test_the_book_says_how_long_is_waited() -> None:
    """A dependency is waited for as long as the book says, to the day, and then asks for attention without a date."""
    story = Story().book(dependency_days_max=2).account("acme").classified("acme", "HOUSE").linked("c1", "acme").invoice("i1")
    assert objections(story) == [("CUSTOMER_UNKNOWN", "WAIT", None, ["customer:c1", "date:2026-03-13"])]
    assert story.until("2026-03-12").state("i1") == "WAITING"
    assert objections(story.until("2026-03-13")) == [("CUSTOMER_UNKNOWN", "HOLD", None, ["customer:c1"])]


def test_a_credit_note_of_its_own_needs_a_debtor() -> None:
    """Without an original there is no other way to post: the customer must be linked."""
    story = Story().book(unreferenced_credit="POST").account("acme").classified("acme", "HOUSE").customer("c1").credit_note("k1")
    assert objections(story, "k1") == [("LINK_MISSING", "HOLD", None, ["link:c1", "customer:c1"])]


def test_a_credit_note_with_an_original_waits_for_that_alone() -> None:
    """Where the original went is where it goes, whether its customer is linked or not."""
    story = Story().book().account("acme").classified("acme", "HOUSE").customer("c1").credit_note("k1", original="i1")
    assert objections(story, "k1") == [("WAITING_FOR_DEPENDENCY", "WAIT", None, ["document:i1", "date:2026-03-18"])]


def test_money_waits_for_the_document_it_names_alone() -> None:
    """A payment of a document that nobody has sent says nothing of links; money on account needs a debtor."""
    story = Story().book().account("acme").classified("acme", "HOUSE").customer("c1").payment("p1", on="i1").payment("p2")
    assert objections(story, "p1") == [("WAITING_FOR_DEPENDENCY", "WAIT", None, ["document:i1", "date:2026-03-18"])]
    assert story.codes("p2") == ["LINK_MISSING"]
    assert story.deposit("d1", on="i1").codes("d1") == ["LINK_MISSING"]


def test_each_reason_names_its_field() -> None:
    """What is wrong with the document itself names the field, and waits for the next version alone."""
    story = Story().shop(cutover=DAY).invoice("i0", number="7")
    story.invoice("i1", number="7", date="2026-03-09", status="DRAFT", do_not_post=True)
    assert objections(story) == [
        ("DOCUMENT_NUMBER_COLLISION", "HOLD", "number", ["document:i0"]),
        ("BEFORE_CUTOVER", "EXCLUDE", "date", []),
        ("DOCUMENT_NOT_FINAL", "WAIT", "status", []),
        ("MARKED_DO_NOT_POST", "EXCLUDE", "do_not_post", []),
    ]


def test_the_customer_who_is_not_for_the_books_is_named() -> None:
    """Whoever on the way is marked: the customer invoiced in the place of another counts as well."""
    story = Story().book().account("acme").classified("acme", "HOUSE")
    story.customer("c2", do_not_post=True).linked("c2", "acme").customer("c1", invoice_to="c2")
    assert objections(story.invoice("i1")) == [("MARKED_DO_NOT_POST", "EXCLUDE", None, ["customer:c2"])]
