"""Contradictions that the door refuses, each with what is accepted just beside it and what mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests import said
from tests.given import Story
from tests.said import Saying


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: what was `known`, what is `refused`, what just `beside` it is accepted, and what `mends` it."""

    row: str
    code: str
    known: Callable[[], Story]
    refused: Saying
    beside: Saying
    mends: tuple[Saying, ...] = ()


say = said.say
MARCH = ("2026-03", "2026-03-01", "2026-03-31")


def _shop() -> Story:
    return Story().shop().account("globex")


def _with_payer() -> Story:
    """c1 is linked; c2 is invoiced through c1."""
    return _shop().customer("c2", invoice_to="c1").customer("c3")


def _currencies() -> Story:
    return _shop().account("dollars", currency="USD").account("euros", currency="EUR").customer("c2", currency="EUR")


def _status(status: str) -> Story:
    return _shop().account("globex", version=2, status=status).customer("c2")


def _confirmed() -> Story:
    return Story().say(say("posting.acknowledged", posting_key="k1", target="books", external_id="INV-1"))


REFUSALS = (
    Refusal(
        "B4",
        "LINK_ALREADY_EXISTS",
        _shop,
        refused=said.link("c1", "globex"),
        beside=said.link("c2", "globex"),
        mends=(say("link.removed", customer="c1"),),
    ),
    Refusal(
        "B5",
        "EXTERNAL_REF_IN_USE",
        lambda: _shop().account("acme", version=2, external_ref="QB-1"),
        refused=said.account("globex", version=2, external_ref="QB-1"),
        beside=said.account("globex", version=2, external_ref="QB-2"),
        mends=(said.account("acme", version=3, external_ref="QB-3"),),
    ),
    Refusal(
        "B6",
        "INVOICE_TO_AND_ACCOUNT_BOTH_SET",
        _with_payer,
        refused=said.link("c2", "globex"),
        beside=said.link("c3", "globex"),
        mends=(said.customer("c2", version=2),),
    ),
    Refusal(
        "B6",
        "INVOICE_TO_AND_ACCOUNT_BOTH_SET",
        _with_payer,
        refused=said.customer("c1", version=2, invoice_to="c3"),
        beside=said.customer("c3", version=2, invoice_to="c1"),
        mends=(say("link.removed", customer="c1"),),
    ),
    Refusal(
        "B8",
        "INVOICE_TO_CHAIN",
        _with_payer,
        refused=said.customer("c3", version=2, invoice_to="c2"),
        beside=said.customer("c3", version=2, invoice_to="c1"),
        mends=(said.customer("c2", version=2),),
    ),
    Refusal(
        "B8",
        "INVOICE_TO_CHAIN",
        _with_payer,
        refused=said.customer("c3", version=2, invoice_to="c3"),
        beside=said.customer("c3", version=2, invoice_to="c1"),
    ),
    Refusal(
        "B9",
        "LINK_TARGET_INACTIVE",
        lambda: _status("CLOSED"),
        refused=said.link("c2", "globex"),
        beside=said.link("c2", "acme"),
        mends=(said.account("globex", version=3, status="SUSPENDED"),),
    ),
    Refusal(
        "B9",
        "LINK_TARGET_INACTIVE",
        lambda: _status("DRAFT"),
        refused=said.link("c2", "globex"),
        beside=said.link("c2", "acme"),
        mends=(said.account("globex", version=3, status="HIDDEN"),),
    ),
    Refusal(
        "B10",
        "LINK_CURRENCY_MISMATCH",
        _currencies,
        refused=said.link("c2", "dollars"),
        beside=said.link("c2", "euros"),
        mends=(said.customer("c2", version=2),),
    ),
    Refusal(
        "B15",
        "MERGE_CIRCLE",
        lambda: Story().say(
            say("customer.merged", survivor="c2", merged=["c1"]), say("customer.merged", survivor="c3", merged=["c2"])
        ),
        refused=say("customer.merged", survivor="c1", merged=["c3"]),
        beside=say("customer.merged", survivor="c4", merged=["c3"]),
    ),
    Refusal(
        "B15",
        "MERGE_CIRCLE",
        lambda: Story().say(say("account.merged", survivor="a2", merged=["a1"])),
        refused=say("account.merged", survivor="a1", merged=["a2"]),
        beside=say("account.merged", survivor="a3", merged=["a2"]),
    ),
    Refusal(
        "B15",
        "ALREADY_MERGED",
        lambda: Story().say(say("customer.merged", survivor="c2", merged=["c1"])),
        refused=say("customer.merged", survivor="c3", merged=["c1"]),
        beside=say("customer.merged", survivor="c3", merged=["c2"]),
    ),
    Refusal(
        "B15",
        "ALREADY_MERGED",
        lambda: Story().say(say("account.merged", survivor="a2", merged=["a1"])),
        refused=say("account.merged", survivor="a3", merged=["a1"]),
        beside=say("account.merged", survivor="a3", merged=["a2"]),
    ),
    Refusal(
        "C8",
        "CLASS_INVALID_COMBINATION",
        Story,
        refused=said.class_("X", "GENERIC", generic_account="counter", batch_billing=True),
        beside=said.class_("X", "ACCOUNT", batch_billing=True),
    ),
    Refusal(
        "C5",
        "CLASS_INVALID_COMBINATION",
        Story,
        refused=said.class_("X", "GENERIC"),
        beside=said.class_("X", "GENERIC", generic_account="counter"),
    ),
    Refusal(
        "C9",
        "CLASS_INACTIVE",
        lambda: _shop().defined("NEW").said("class.deactivated", class_="HOUSE"),
        refused=say("class.assigned", account="globex", class_="HOUSE"),
        beside=say("class.assigned", account="globex", class_="NEW"),
    ),
    Refusal(
        "C9",
        "CLASS_NOT_ASSIGNED",
        _shop,
        refused=say("class.unassigned", account="acme", class_="NEW"),
        beside=say("class.unassigned", account="acme", class_="HOUSE"),
        mends=(said.class_("NEW"), say("class.assigned", account="acme", class_="NEW")),
    ),
    Refusal(
        "H8",
        "TIMEZONE_UNKNOWN",
        Story,
        refused=said.book(timezone="Europe/Lndon"),
        beside=said.book(timezone="Europe/London"),
    ),
    Refusal(
        "F11",
        "SCALE",
        Story,
        refused=said.book(rounding_max="0.005"),
        beside=said.book(rounding_max="0.05"),
    ),
    Refusal(
        "A7",
        "BOOK_ALREADY_OPEN",
        lambda: Story().say(said.book(currency="EUR")),
        refused=said.book(currency="USD"),
        beside=said.mapping("tax", "VAT", account="2200"),
    ),
    Refusal(
        "A5",
        "VERSION_CONFLICT",
        _shop,
        refused=said.account("acme", name="Another name"),
        beside=said.account("acme", name="Another name", version=2),
    ),
    Refusal(
        "A5",
        "VERSION_CONFLICT",
        _shop,
        refused=said.customer("c1", name="Another name"),
        beside=said.customer("c1", name="Another name", version=2),
    ),
    Refusal(
        "A5",
        "VERSION_CONFLICT",
        _shop,
        refused=said.class_("HOUSE", "ASK"),
        beside=said.class_("HOUSE", "ASK", version=2),
    ),
    Refusal(
        "A3",
        "DOCUMENT_KIND_CHANGED",
        lambda: _shop().invoice("i1"),
        refused=said.credit_note("i1"),
        beside=said.credit_note("k1"),
    ),
    Refusal(
        "A3",
        "DOCUMENT_KIND_CHANGED",
        lambda: _shop().payment("p1"),
        refused=said.refund("p1"),
        beside=said.refund("r1"),
    ),
    Refusal(
        "L10",
        "REVERSAL_DIFFERS",
        lambda: _shop().payment("p1", "100.00"),
        refused=said.reversal("p1", "99.99"),
        beside=said.reversal("p1", "100.00"),
    ),
    Refusal(
        "H1",
        "PERIOD_INVALID",
        lambda: Story().say(said.period(*MARCH)),
        refused=said.period("late-march", "2026-03-31", "2026-04-15"),
        beside=said.period("april", "2026-04-01", "2026-04-15"),
    ),
    Refusal(
        "H1",
        "PERIOD_INVALID",
        lambda: Story().say(said.period(*MARCH)),
        refused=said.period("2026-03", "2026-03-01", "2026-03-30", verb="closed"),
        beside=said.period("2026-03", "2026-03-01", "2026-03-31", verb="closed"),
    ),
    Refusal(
        "N6",
        "TARGET_CONFLICT",
        _confirmed,
        refused=say("posting.acknowledged", posting_key="k1", target="books", external_id="INV-2"),
        beside=say("posting.acknowledged", posting_key="k1", target="other", external_id="INV-2"),
    ),
    Refusal(
        "N6",
        "TARGET_CONFLICT",
        _confirmed,
        refused=say("posting.refused", posting_key="k1", target="books", code="E1"),
        beside=say("posting.refused", posting_key="k2", target="books", code="E1"),
    ),
    Refusal(
        "A1",
        "MESSAGE_ID_REUSED",
        lambda: Story().say(said.account("acme").under("x1")),
        refused=said.account("globex").under("x1"),
        beside=said.account("globex").under("x2"),
    ),
    Refusal(
        "P1",
        "RELEASE_NOT_ALLOWED",
        lambda: _shop().said("customer.held", customer="c1").invoice("i1"),
        refused=said.release("i1", "STOP_CREDIT"),
        beside=said.release("i1", "CUSTOMER_ON_HOLD"),
    ),
)
