"""What happens in the accounting system: lost answers, edits, other connections (edge cases 3 to 5, 42, 64 to 66, 72)."""

from __future__ import annotations

import json

import pytest

from projections.ledger import DELIVERIES, DeliveryRow
from schemas.events import PostingAuthorised
from tests.edges.case import tells
from tests.given import Story
from tests.said import RECEIVABLE, REVENUE


def delivery(story: Story, key: str, target: str = "books") -> DeliveryRow | None:
    """Return where a posting stands with an accounting system, None while nothing was heard."""
    rows = story.log.views.rows(DELIVERIES)
    return next((row for row in rows if (row.posting_key, row.target) == (key, target)), None)


def stands(story: Story, key: str, target: str = "books") -> tuple[str, str | None]:
    """Return state and reason of a delivery."""
    row = delivery(story, key, target)
    return (row.state, row.reason) if row else ("PENDING", None)


def sent(**answer: object) -> tuple[Story, str]:
    """Return a shop with one posted sale, and its posting's key, once the accounting system has answered."""
    story = Story().shop().invoice("i1")
    key = story.journals("i1")[0].posting_key
    kind = str(answer.pop("kind", "posting.acknowledged"))
    return story.said(kind, posting_key=key, target="books", **answer), key


@tells(3)
def test_an_answer_that_was_lost_is_looked_up_before_anything_is_sent_again() -> None:
    """The delivery is unknown, not failed; what the look-up finds decides, and the document stays posted throughout (N4, N5).

    The posting's key never changes, so it is the reference that an adapter looks up; the looking is the adapter's duty.
    """
    story, key = sent(kind="posting.unanswered", text="timeout after 30 s")
    assert (stands(story, key), story.state("i1")) == (("UNKNOWN", "DELIVERY_UNKNOWN"), "POSTED")
    story.said("posting.acknowledged", posting_key=key, target="books", external_id="INV-1")
    assert (stands(story, key), story.state("i1")) == (("CONFIRMED", None), "POSTED")
    story.said("posting.unanswered", posting_key=key, target="books")
    assert stands(story, key) == ("CONFIRMED", None)


@tells(4)
def test_the_ids_of_the_accounting_system_are_kept_line_by_line() -> None:
    """Document and line ids that it gave stay with the posting, so that a later correction can name them (N12).

    Using them when it sends again is the adapter's duty.
    """
    story, key = sent(external_id="INV-1", external_lines=["L-1", "L-2"])
    row = delivery(story, key)
    assert row is not None
    assert (row.external_id, json.loads(row.external_lines)) == ("INV-1", ["L-1", "L-2"])


@tells(5)
def test_two_sales_never_share_a_number() -> None:
    """A second sale under a number that is taken is held, so no system that knows documents by number loses one (A4).

    Creating only, never overwriting, is the adapter's duty.
    """
    story = Story().shop().invoice("i1", number="A-7").invoice("i2", "55.00", number="A-7")
    assert (story.state("i2"), story.codes("i2"), story.journals("i2")) == (
        "REQUIRES_ATTENTION",
        ["DOCUMENT_NUMBER_COLLISION"],
        [],
    )
    story.amended("i2", number="A-8")
    assert [posting.number for posting in story.journals()] == ["A-7", "A-8"]


@tells(5)
def test_an_answer_that_names_another_document_is_a_conflict() -> None:
    """Confirmed as one document and then as another: the second answer is set aside, the first stands (N6)."""
    story, key = sent(external_id="INV-1")
    story.said("posting.acknowledged", posting_key=key, target="books", external_id="INV-2")
    assert (story.verdict, stands(story, key)) == (("QUARANTINED", "TARGET_CONFLICT"), ("CONFIRMED", None))


DRIFTS = {
    "deleted there": (64, "MISSING", "TARGET_DOCUMENT_MISSING"),
    "edited there": (65, "CHANGED", "TARGET_DRIFT"),
    "paid there": (42, "PAID", "TARGET_ALREADY_PAID"),
}


@tells(42, 64, 65)
@pytest.mark.parametrize(("_case", "finding", "reason"), DRIFTS.values(), ids=DRIFTS)
@pytest.mark.parametrize(("resolution", "state"), [("ACCEPT_THEIRS", "CONFIRMED"), ("SEND_OURS", "PENDING"), ("STOP", "STOPPED")])
def test_what_was_changed_there_is_for_a_person(_case: int, finding: str, reason: str, resolution: str, state: str) -> None:
    """Nothing is made again or overwritten by itself: the drift is shown, books stay, and somebody decides (N9, N10, L5)."""
    story, key = sent(external_id="INV-1")
    story.said("posting.drifted", posting_key=key, target="books", finding=finding, external_id="INV-1")
    assert (stands(story, key), story.state("i1")) == (("DRIFTED", reason), "POSTED")
    assert story.ledger() == {(RECEIVABLE, "acme"): "100.00", (REVENUE, ""): "-100.00"}
    story.said("drift.resolved", posting_key=key, target="books", resolution=resolution, by="ann", note="looked at it")
    assert (stands(story, key), story.state("i1"), len(story.journals())) == ((state, None), "POSTED", 1)


@tells(66)
def test_what_happens_at_one_accounting_system_leaves_the_other_alone() -> None:
    """Each posting has a delivery for each system: refused, lost or changed at one, it is what it was at the other (N8).

    A credential of its own for each connection is the adapter's duty.
    """
    story, key = sent(external_id="INV-1")
    story.said("posting.refused", posting_key=key, target="north", code="AUTH", text="the connection was replaced")
    assert (stands(story, key), stands(story, key, "north")) == (("CONFIRMED", None), ("FAILED", "TARGET_REJECTED:AUTH"))
    story.said("posting.drifted", posting_key=key, target="books", finding="CHANGED")
    story.said("posting.acknowledged", posting_key=key, target="north", external_id="N-1")
    assert (stands(story, key), stands(story, key, "north")) == (("DRIFTED", "TARGET_DRIFT"), ("CONFIRMED", None))


@tells(66)
def test_a_second_store_takes_nothing_from_the_first() -> None:
    """Two books with the same customers, documents and numbers have keys of their own, and each its own books."""
    one, other = Story(book="leeds").shop().invoice("i1"), Story(book="york").shop().invoice("i1")
    assert one.ledger() == other.ledger()
    assert {posting.posting_key for posting in one.journals()} & {posting.posting_key for posting in other.journals()} == set()


@tells(72)
def test_an_amendment_during_an_unknown_delivery_sends_nothing_twice() -> None:
    """The sale is amended before anybody knows whether it arrived: reversal and new posting have keys of their own behind it.

    An adapter sends a document's postings in their order, so both stay behind the one that is unknown until it is settled (N4).
    """
    story, first = sent(kind="posting.unanswered")
    story.amended("i1", net="80.00")
    events = [each.event for each in story.last.happened]
    reversal, anew = [posting.posting_key for posting in events if isinstance(posting, PostingAuthorised)]
    assert (stands(story, first), stands(story, reversal), stands(story, anew)) == (
        ("UNKNOWN", "DELIVERY_UNKNOWN"),
        ("PENDING", None),
        ("PENDING", None),
    )
    assert len({first, reversal, anew}) == 3
    story.said("posting.acknowledged", posting_key=first, target="books", external_id="INV-1")
    story.said("posting.acknowledged", posting_key=reversal, target="books", external_id="CN-1")
    story.said("posting.acknowledged", posting_key=anew, target="books", external_id="INV-2")
    assert {stands(story, key) for key in (first, reversal, anew)} == {("CONFIRMED", None)}
    assert story.ledger() == {(RECEIVABLE, "acme"): "80.00", (REVENUE, ""): "-80.00"}
