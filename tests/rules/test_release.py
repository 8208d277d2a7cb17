"""A release lets one version pass the reasons it names, where a rule allows that; nothing else (P1, P2)."""

from __future__ import annotations

import pytest

from engine.firewall.rulebook import RULES
from tests import said
from tests.given import Story
from tests.rules.case import Case, covers
from tests.rules.table import CASES
from tests.rules.test_rules import named

OVERRIDABLE = {rule.code for rule in RULES if rule.overridable}
ALONE = [case for case in CASES if case.held and not case.also]
RELEASED = [case for case in ALONE if case.code in OVERRIDABLE]
REFUSED = [case for case in ALONE if case.code not in OVERRIDABLE]
VERSIONED = [case for case in RELEASED if not case.document.startswith(("p", "r"))]


def reference(case: Case) -> str:
    """Return how a release names the document: payments have a prefix."""
    return f"payment:{case.document}" if case.document.startswith(("p", "r")) else case.document


@pytest.mark.parametrize("case", RELEASED, ids=named(RELEASED))
def test_an_overridable_reason_can_be_released(case: Case) -> None:
    """The release posts the document in its own transaction, and the reason stays on record as a remark."""
    story = case.fires().released(reference(case), case.code)
    assert (story.verdict, story.state(case.document)) == (("ACCEPTED", "ACCEPTED"), "POSTED")
    assert case.document in story.posted_now()
    assert [(reason.code, reason.severity) for reason in story.decision(case.document).reasons] == [(case.code, "WARN")]


@pytest.mark.parametrize("case", VERSIONED, ids=named(VERSIONED))
def test_a_release_is_for_one_version_only(case: Case) -> None:
    """The next version is judged without it: what was posted is reversed, and the reason is back."""
    story = case.fires().released(reference(case), case.code)
    story.amended(case.document)
    assert (story.codes(case.document), story.state(case.document)) == ([case.code], case.state)
    assert story.state(case.document, 1) == "REVERSED"
    assert story.journals(case.document) == []


@pytest.mark.parametrize("case", REFUSED, ids=named(REFUSED))
def test_a_reason_that_needs_mending_cannot_be_released(case: Case) -> None:
    """The release is refused and quarantined, and the document stays where it was."""
    story = case.fires().released(reference(case), case.code)
    assert story.verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert (story.state(case.document), story.journals(case.document)) == (case.state, [])


def test_a_release_names_every_reason_or_the_document_stays() -> None:
    """Two reasons need two releases, in one message or in two."""
    held = Story().shop().account("acme", version=2, stop_credit=True).said("customer.held", customer="c1").invoice("i1")
    assert held.codes("i1") == ["CUSTOMER_ON_HOLD", "STOP_CREDIT"]
    held.released("i1", "STOP_CREDIT")
    assert held.state("i1") == "REQUIRES_ATTENTION"
    assert held.released("i1", "CUSTOMER_ON_HOLD").state("i1") == "POSTED"
    both = Story().shop().account("acme", version=2, stop_credit=True).said("customer.held", customer="c1").invoice("i1")
    assert both.released("i1", "CUSTOMER_ON_HOLD", "STOP_CREDIT").state("i1") == "POSTED"


def test_one_reason_that_needs_mending_spoils_the_release() -> None:
    """A release that names a reason nobody may release is refused whole."""
    story = Story().shop().said("link.removed", customer="c1").said("customer.held", customer="c1").invoice("i1")
    story.released("i1", "CUSTOMER_ON_HOLD", "LINK_MISSING")
    assert story.verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert story.linked("c1", "acme").codes("i1") == ["CUSTOMER_ON_HOLD"]


def test_a_released_reason_does_not_carry_the_others() -> None:
    """A release is remembered: when the other reason is mended later, the document posts."""
    story = Story().shop().said("link.removed", customer="c1").said("customer.held", customer="c1").invoice("i1")
    story.released("i1", "CUSTOMER_ON_HOLD")
    assert (story.state("i1"), story.journals("i1")) == ("REQUIRES_ATTENTION", [])
    assert story.linked("c1", "acme").state("i1") == "POSTED"


@covers("P1")
@pytest.mark.parametrize(
    ("document", "version", "code"),
    [
        ("i1", 2, "CUSTOMER_ON_HOLD"),
        ("i1", 1, "STOP_CREDIT"),
        ("i2", 1, "CUSTOMER_ON_HOLD"),
        ("payment:i1", 1, "CUSTOMER_ON_HOLD"),
    ],
    ids=["another version", "another reason", "another document", "a payment"],
)
def test_a_release_must_fit_what_is_held(document: str, version: int, code: str) -> None:
    """A release of something that is not held so is refused, and nothing passes."""
    story = Story().shop().said("customer.held", customer="c1").invoice("i1")
    story.say(said.release(document, code, version=version))
    assert story.verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert story.codes("i1") == ["CUSTOMER_ON_HOLD"]


def test_a_posted_document_needs_no_release() -> None:
    """What stands in the ledger cannot be released again."""
    story = Story().shop().said("customer.held", customer="c1").invoice("i1").released("i1", "CUSTOMER_ON_HOLD")
    assert story.released("i1", "CUSTOMER_ON_HOLD").verdict == ("QUARANTINED", "RELEASE_NOT_ALLOWED")
    assert len(story.journals("i1")) == 1


def unmapped(story: Story) -> Story:
    """Issue an invoice that is held for its tax besides, so that its customer can move on to `beta` before it posts."""
    return story.account("beta").assigned("beta", "HOUSE").invoice("i1", "50.00", tax={"GST": "5.00"})


@covers("P1", "E10")
@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("STOP_CREDIT", {"stop_credit": True}),
        ("ACCOUNT_SUSPENDED", {"status": "SUSPENDED"}),
        ("CUSTOMER_BLOCKED", {"block": "INVOICE"}),
        ("CREDIT_LIMIT_EXCEEDED", {"credit": {"limit": "10.00", "mode": "BLOCK_ONLY"}}),
    ],
)
def test_a_release_for_one_account_does_not_pass_another(code: str, fields: dict[str, object]) -> None:
    """Both accounts are against it: what was let pass for the first is asked again for the second."""
    story = unmapped(Story().shop().account("acme", version=2, **fields)).account("beta", version=2, **fields)
    story.released("i1", code).said("link.removed", customer="c1").linked("c1", "beta").mapped("tax", "GST", account="2230")
    assert (story.state("i1"), story.codes("i1")) == ("REQUIRES_ATTENTION", [code])
    assert story.released("i1", code).state("i1") == "POSTED"


@covers("P1", "D7")
@pytest.mark.parametrize("verb", ["held", "deactivated"])
def test_a_release_for_one_customer_does_not_pass_the_one_invoiced(verb: str) -> None:
    """Who buys is released; that who is invoiced is held too is told then, and needs a release of its own."""
    story = Story().shop().customer("c2").linked("c2", "acme").customer("c3", invoice_to="c2")
    story.said(f"customer.{verb}", customer="c3")
    code = "CUSTOMER_ON_HOLD" if verb == "held" else "CUSTOMER_INACTIVE"
    story.invoice("i1", customer="c3", tax={"GST": "5.00"}).released("i1", code)
    story.said(f"customer.{verb}", customer="c2").mapped("tax", "GST", account="2230")
    (reason,) = story.decision("i1").reasons
    assert (story.state("i1"), reason.path) == ("REQUIRES_ATTENTION", "customer:c3 customer:c2")
    assert story.released("i1", code).state("i1") == "POSTED"


@covers("P1")
def test_a_release_for_two_passes_either_alone() -> None:
    """Both holds were let pass; when one ends, the other stays so."""
    story = Story().shop().customer("c2").linked("c2", "acme").customer("c3", invoice_to="c2")
    story.said("customer.held", customer="c3").said("customer.held", customer="c2")
    story.invoice("i1", customer="c3", tax={"GST": "5.00"}).released("i1", "CUSTOMER_ON_HOLD")
    story.said("customer.hold_released", customer="c3").mapped("tax", "GST", account="2230")
    assert story.state("i1") == "POSTED"
