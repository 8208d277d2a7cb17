"""Boundaries of the class rules: what a document waits for, who is not asked, and the last cent of a shared debtor."""

from __future__ import annotations

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import Tell


def _waits(story: Story, document: str = "i1") -> list[tuple[str, list[str]]]:
    """Return the codes of a document, each with what it waits for."""
    return [(reason.code, reason.waits_for) for reason in story.decision(document).reasons]


def _linked() -> Story:
    return Story().book().account("acme").customer("c1").linked("c1", "acme")


UNDECIDED: dict[str, Tell] = {
    "no class": _linked,
    "unknown": lambda: _linked().assigned("acme", "NEVER"),
    "asks": lambda: _linked().classified("acme", "NEW", "ASK"),
    "generic missing": lambda: _linked().classified("acme", "COUNTER", "GENERIC", generic_account="nobody"),
    "inactive": lambda: Story().shop().said("class.deactivated", class_="HOUSE"),
    "channel": lambda: Story().shop().defined("HOUSE", version=2, channels=["WEB"]),
}
"""Accounts whose class lets nothing of their own post."""


@pytest.mark.parametrize("undecided", UNDECIDED)
def test_a_credit_note_that_waits_for_its_original_is_not_asked_for_a_class(undecided: str) -> None:
    """It posts where the original was posted, so until that is there nothing else is wrong with it."""
    story = UNDECIDED[undecided]().credit_note("k1", original="i9", channel="POS", tenders=[said.tender("CASH", "100.00")])
    assert story.codes("k1") == ["WAITING_FOR_DEPENDENCY"]


def test_an_account_that_nobody_opened_is_not_asked_for_a_class() -> None:
    """One thing is missing, and one thing is told."""
    story = Story().book().customer("c1").linked("c1", "acme").invoice("i1")
    assert story.codes("i1") == ["ACCOUNT_UNKNOWN"]


def test_a_shared_debtor_that_nobody_opened_is_a_reason() -> None:
    """The class names it, so either the account or the class mends it."""
    story = _linked().classified("acme", "COUNTER", "GENERIC", generic_account="nobody")
    story.invoice("i1", tenders=[said.tender("CASH", "100.00")])
    assert ("GENERIC_ACCOUNT_UNAVAILABLE", ["account:nobody", "class:COUNTER"]) in _waits(story)
    assert "RULE_ERROR" not in story.codes("i1")


def test_only_documents_that_name_a_channel_are_asked_for_it() -> None:
    """Money has no channel, and a document may name none."""
    story = Story().shop().defined("HOUSE", version=2, channels=["WEB"]).payment("p1").invoice("i1").invoice("i2", channel="POS")
    assert [story.codes(name) for name in ("p1", "i1")] == [[], []]
    assert _waits(story, "i2") == [("CLASS_CHANNEL_DISABLED", ["class:HOUSE"])]


def test_a_class_that_begins_later_is_told_from_one_that_never_was() -> None:
    """Both are unknown on the day of the document; the words say which it is."""
    later = _linked().defined("HOUSE", effective_from="2026-03-11").assigned("acme", "HOUSE").invoice("i1")
    never = _linked().assigned("acme", "HOUSE").invoice("i1")
    told = [story.decision("i1").reasons[0].message for story in (later, never)]
    assert told == ["class HOUSE has no version in force on 2026-03-10", "class HOUSE was never defined"]


def test_what_a_class_leaves_open_is_mended_by_the_class_or_at_the_account() -> None:
    """A document of nobody's account waits for the class alone."""
    asked = _linked().classified("acme", "NEW", "ASK").invoice("i1")
    retired = Story().shop().said("class.deactivated", class_="HOUSE").invoice("i1")
    assert _waits(asked) == [("CLASS_REQUIRES_DECISION", ["class:NEW", "account:acme"])]
    assert _waits(retired) == [("CLASS_INACTIVE", ["class:HOUSE", "account:acme"])]
    nobody = Story().book(anonymous_class="NEW").defined("NEW", "ASK").invoice("i1", customer=None)
    assert ("CLASS_REQUIRES_DECISION", ["class:NEW"]) in _waits(nobody)
    nobody.said("class.deactivated", class_="NEW")
    assert ("CLASS_INACTIVE", ["class:NEW"]) in _waits(nobody)


def test_a_retired_class_in_a_book_that_was_never_opened() -> None:
    """No policy lets it pass, and no rule fails for want of one."""
    story = Story().account("acme").classified("acme", "HOUSE").customer("c1").linked("c1", "acme")
    story.said("class.deactivated", class_="HOUSE").invoice("i1")
    assert {"BOOK_UNKNOWN", "CLASS_INACTIVE"} <= set(story.codes("i1"))
    assert "RULE_ERROR" not in story.codes("i1")


def test_the_last_cent_of_a_shared_debtor() -> None:
    """A sale that is paid over is paid; one of nothing or below is not, by money that was not asked for."""
    story = Story().counter(negative_invoice="CREDIT_NOTE", zero_value="HOLD")
    story.invoice("i1", "0.01", tenders=[said.tender("CASH", "0.02")])
    story.invoice("i2", "-50.00")
    lines = [said.line("10.00"), said.line("-10.00")]
    story.invoice("i3", lines=lines, tenders=[said.tender("CASH", "0.01")])
    assert "PAYMENT_REQUIRED_FOR_GENERIC" not in story.codes("i1")
    assert _waits(story, "i2") == [("PAYMENT_REQUIRED_FOR_GENERIC", ["payment:i2", "class:COUNTER"])]
    assert ("PAYMENT_REQUIRED_FOR_GENERIC", ["payment:i3", "class:COUNTER"]) in _waits(story, "i3")
    assert "OVERPAYMENT_ON_GENERIC" not in story.codes("i3")
