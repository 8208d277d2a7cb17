"""Cases of engine/firewall/identity.py: which document this is, and whether it is meant for the books."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY


def _no_book() -> Story:
    story = Story().say(*said.mappings())
    return story.account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")


CASES = (
    Case(
        "A7",
        "BOOK_UNKNOWN",
        fires=lambda: _no_book().invoice("i1"),
        beside=lambda: _no_book().say(said.book()).invoice("i1"),
        remedy=lambda s: s.say(said.book()),
        state="WAITING",
    ),
    Case(
        "A3",
        "DOCUMENT_CONFLICT",
        fires=lambda: Story().shop().invoice("i1", "100.00").invoice("i1", "90.00"),
        beside=lambda: Story().shop().invoice("i1", "100.00").invoice("i1", "100.00"),
        remedy=lambda s: s.amended("i1", net="90.00"),
    ),
    Case(
        "A4",
        "DOCUMENT_NUMBER_COLLISION",
        fires=lambda: Story().shop().invoice("i0", number="7").invoice("i1", number="7"),
        beside=lambda: Story().shop().invoice("i0", number="7").invoice("i1", number="07"),
        remedy=lambda s: s.amended("i1", number="8"),
    ),
    Case(
        "A9",
        "BEFORE_CUTOVER",
        fires=lambda: Story().shop(cutover=DAY).invoice("i1", date="2026-03-09"),
        beside=lambda: Story().shop(cutover=DAY).invoice("i1", date=DAY),
        remedy=lambda s: s.amended("i1", date=DAY),
        state="EXCLUDED",
    ),
    Case(
        "A10",
        "DOCUMENT_NOT_FINAL",
        fires=lambda: Story().shop().invoice("i1", status="DRAFT"),
        beside=lambda: Story().shop().invoice("i1", status="FINAL"),
        remedy=lambda s: s.amended("i1", status="FINAL"),
        state="WAITING",
    ),
    Case(
        "A11",
        "MARKED_DO_NOT_POST",
        fires=lambda: Story().shop().invoice("i1", do_not_post=True),
        beside=lambda: Story().shop().invoice("i1", do_not_post=False),
        remedy=lambda s: s.amended("i1", do_not_post=False),
        state="EXCLUDED",
    ),
    Case(
        "A11",
        "MARKED_DO_NOT_POST",
        fires=lambda: Story().shop().customer("c1", version=2, do_not_post=True).invoice("i1"),
        beside=lambda: Story().shop().customer("c2", do_not_post=True).invoice("i1"),
        remedy=lambda s: s.customer("c1", version=3),
        state="EXCLUDED",
    ),
)
