"""Facts that contradict what is known are refused at the door: kept in quarantine with their code, and nothing else changes."""

from __future__ import annotations

import ast

import pytest

from tests import said
from tests.given import Story
from tests.rules.case import covers
from tests.rules.door import REFUSALS, Refusal
from tests.said import DAY
from tests.tidy.source import nodes, product

NAMES = [f"{refusal.row}-{refusal.code}-{at}" for at, refusal in enumerate(REFUSALS)]
MENDED = [refusal for refusal in REFUSALS if refusal.mends]


@pytest.mark.parametrize("refusal", REFUSALS, ids=NAMES)
def test_a_contradiction_is_refused(refusal: Refusal) -> None:
    """The message is quarantined under its code; no fact is recorded, so nothing that was decided changes."""
    story = refusal.known().say(refusal.refused)
    assert story.verdict == ("QUARANTINED", refusal.code)
    assert [happened.kind for happened in story.last.happened] == ["MessageQuarantined.v1"]


@pytest.mark.parametrize("refusal", REFUSALS, ids=NAMES)
def test_what_is_just_beside_is_accepted(refusal: Refusal) -> None:
    """The nearest fact that contradicts nothing is recorded."""
    assert refusal.known().say(refusal.beside).verdict == ("ACCEPTED", "ACCEPTED")


@pytest.mark.parametrize("refusal", MENDED, ids=lambda refusal: refusal.code)
def test_what_was_refused_is_accepted_after_its_remedy(refusal: Refusal) -> None:
    """The same words under another id are taken once the contradiction is gone."""
    story = refusal.known().say(refusal.refused).each(*refusal.mends)
    assert story.say(refusal.refused.under("again")).verdict == ("ACCEPTED", "ACCEPTED")


@pytest.mark.parametrize("refusal", REFUSALS, ids=NAMES)
def test_a_refusal_does_not_stop_its_batch(refusal: Refusal) -> None:
    """What stands before and after a refused message in a batch is taken (A12)."""
    story = refusal.known().say(said.customer("before"), refusal.refused, said.customer("after"))
    assert [receipt.verdict for receipt in story.last.receipts] == ["ACCEPTED", "QUARANTINED", "ACCEPTED"]


def test_every_refusal_of_the_engine_has_a_case() -> None:
    """Whatever code the engine refuses with is refused here."""
    given = {
        node.args[0].value
        for module in product()
        if module.package == "engine"
        for node in nodes(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused" and node.args
        if isinstance(node.args[0], ast.Constant)
    }
    requeue = {"NOT_QUARANTINED"}  # An operator's command, not a message: it is tested with the command.
    assert sorted(map(str, given - {refusal.code for refusal in REFUSALS} - requeue)) == []


def test_a_reference_is_bound_once_in_one_batch() -> None:
    """Two accounts of one batch cannot share a customer of the accounting system (B5)."""
    story = Story().say(said.account("acme", external_ref="QB-1"), said.account("globex", external_ref="QB-1"))
    assert [receipt.code for receipt in story.last.receipts] == ["ACCEPTED", "EXTERNAL_REF_IN_USE"]


@covers("B4")
def test_a_link_said_twice_is_no_news() -> None:
    """The same link again is a duplicate, not a contradiction."""
    story = Story().shop().linked("c1", "acme")
    assert story.verdict == ("DUPLICATE", "DUPLICATE_DOCUMENT")


@covers("H1")
def test_a_period_that_runs_backwards_is_unreadable() -> None:
    """The door refuses it before the engine sees it."""
    assert Story().say(said.period("x", DAY, "2026-03-09")).verdict == ("QUARANTINED", "DATE")
