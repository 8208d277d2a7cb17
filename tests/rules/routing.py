"""Cases of engine/firewall/routing.py: the class of the account decides whether and where a document posts."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case

PAID = [said.tender("CASH", "100.00")]


def _classless() -> Story:
    return Story().book().account("acme").customer("c1").linked("c1", "acme")


def _shared(*, generic: bool) -> Story:
    """A shared debtor that was opened as one, or not."""
    story = Story().book().account("walkers").account("counter", generic=generic).customer("c1").linked("c1", "walkers")
    return story.classified("walkers", "COUNTER", "GENERIC", generic_account="counter")


def _web_only() -> Story:
    return Story().shop().defined("HOUSE", version=2, channels=["WEB"])


CASES = (
    Case(
        "C1",
        "CLASS_MISSING",
        fires=lambda: _classless().defined("HOUSE").invoice("i1"),
        beside=lambda: _classless().classified("acme", "HOUSE").invoice("i1"),
        remedy=lambda s: s.assigned("acme", "HOUSE"),
    ),
    Case(
        "C1",
        "CLASS_UNKNOWN",
        fires=lambda: _classless().assigned("acme", "HOUSE").invoice("i1"),
        beside=lambda: _classless().assigned("acme", "HOUSE").defined("HOUSE").invoice("i1"),
        remedy=lambda s: s.defined("HOUSE"),
    ),
    Case(
        "C2",
        "CLASS_REQUIRES_DECISION",
        fires=lambda: _classless().classified("acme", "NEW", "ASK").defined("HOUSE").invoice("i1"),
        beside=lambda: _classless().classified("acme", "NEW", "ACCOUNT").invoice("i1"),
        remedy=lambda s: s.assigned("acme", "HOUSE"),
    ),
    Case(
        "C2",
        "CLASS_REQUIRES_DECISION",
        fires=lambda: _classless().classified("acme", "NEW", "ASK").invoice("i1"),
        beside=lambda: _classless().classified("acme", "NEW", "ACCOUNT").invoice("i1"),
        remedy=lambda s: s.defined("NEW", "ACCOUNT", version=2),
    ),
    Case(
        "C5",
        "GENERIC_ACCOUNT_UNAVAILABLE",
        fires=lambda: _shared(generic=False).invoice("i1", tenders=PAID),
        beside=lambda: _shared(generic=True).invoice("i1", tenders=PAID),
        remedy=lambda s: s.account("counter", version=2, generic=True),
    ),
    Case(
        "C5",
        "GENERIC_ACCOUNT_UNAVAILABLE",
        fires=lambda: Story().counter().account("counter", version=2, generic=True, status="CLOSED").invoice("i1", tenders=PAID),
        beside=lambda: Story().counter().account("counter", version=2, generic=True, status="HIDDEN").invoice("i1", tenders=PAID),
        remedy=lambda s: s.account("counter", version=3, generic=True),
        also=("ACCOUNT_CLOSED",),
    ),
    Case(
        "C6",
        "PAYMENT_REQUIRED_FOR_GENERIC",
        fires=lambda: Story().counter().invoice("i1", tenders=[said.tender("CASH", "99.99")]),
        beside=lambda: Story().counter().invoice("i1", tenders=PAID),
        remedy=lambda s: s.payment("p1", "0.01", on="i1"),
    ),
    Case(
        "C6",
        "PAYMENT_REQUIRED_FOR_GENERIC",
        fires=lambda: Story().counter().invoice("i1"),
        beside=lambda: (
            Story()
            .counter()
            .defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False)
            .invoice("i1")
        ),
        remedy=lambda s: s.defined("COUNTER", "GENERIC", version=2, generic_account="counter", payment_required=False),
    ),
    Case(
        "C10",
        "CLASS_INACTIVE",
        fires=lambda: Story().shop().said("class.deactivated", class_="HOUSE").defined("NEW").invoice("i1"),
        beside=lambda: Story().shop(inactive_class="POST").said("class.deactivated", class_="HOUSE").invoice("i1"),
        remedy=lambda s: s.assigned("acme", "NEW"),
    ),
    Case(
        "C11",
        "CLASS_CHANNEL_DISABLED",
        fires=lambda: _web_only().invoice("i1", channel="POS"),
        beside=lambda: _web_only().invoice("i1", channel="WEB"),
        remedy=lambda s: s.defined("HOUSE", version=3, channels=["WEB", "POS"]),
    ),
    Case(
        "K7",
        "PAYMENT_REQUIRED_FOR_GENERIC",
        fires=lambda: Story().counter().invoice("i1", tenders=PAID).credit_note("k1", original="i1"),
        beside=lambda: Story().counter().invoice("i1", tenders=PAID).credit_note("k1", original="i1", tenders=PAID),
        remedy=lambda s: s.refund("r1", "100.00", on="k1"),
        document="k1",
    ),
)
