"""Cases of engine/firewall/linking.py: from the customer named to the account that owes."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY

ADDRESS = {"use": "BILLING", "lines": ["1 High Street"], "city": "Leeds"}
CONTACT = {"contact_name": "Ann Lee", "first_name": "Ann", "last_name": "Lee"}
FOLLOWED = 64
"""How many merges are followed."""


def _house() -> Story:
    return Story().book().account("acme").classified("acme", "HOUSE")


def _unlinked() -> Story:
    return _house().customer("c1")


def _chain() -> Story:
    """c1 is invoiced through c2, who is later invoiced through c3; only c3 is linked."""
    story = _house().customer("c3").linked("c3", "acme").customer("c2").customer("c1", invoice_to="c2")
    return story.customer("c2", version=2, invoice_to="c3")


def _two_accounts(survivor: str) -> Story:
    """c1, who owes through acme, was merged into c2, who owes through `survivor`."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").customer("c2").linked("c2", survivor)
    return story.said("customer.merged", survivor="c2", merged=["c1"])


def _merged(times: int) -> Story:
    """c1 was merged into c2, that into c3 and so on, `times` times; who stands at the end of what is followed is linked."""
    story = _house().customer(f"c{FOLLOWED + 1}").linked(f"c{FOLLOWED + 1}", "acme")
    return story.say(*(said.say("customer.merged", survivor=f"c{n + 1}", merged=[f"c{n}"]) for n in range(1, times + 1)))


def _counter_beside() -> Story:
    return Story().shop().account("counter", generic=True).defined("COUNTER", "GENERIC", generic_account="counter")


def _anonymous(story: Story) -> Story:
    return story.invoice("i1", customer=None, branch="north", tenders=[said.tender("CASH", "100.00")])


CASES = (
    Case(
        "B1",
        "LINK_MISSING",
        fires=lambda: _unlinked().invoice("i1"),
        beside=lambda: _unlinked().linked("c1", "acme").invoice("i1"),
        remedy=lambda s: s.linked("c1", "acme"),
    ),
    Case(
        "B1",
        "LINK_MISSING",
        fires=lambda: _unlinked().linked("c1", "acme", "2026-03-11").invoice("i1"),
        beside=lambda: _unlinked().linked("c1", "acme", DAY).invoice("i1"),
        remedy=lambda s: s.say(said.say("link.removed", customer="c1"), said.link("c1", "acme", DAY)),
    ),
    Case(
        "B7",
        "LINK_MISSING",
        fires=lambda: _house().customer("c2").customer("c1", invoice_to="c2").invoice("i1"),
        beside=lambda: _house().customer("c2").customer("c1", invoice_to="c2").linked("c2", "acme").invoice("i1"),
        remedy=lambda s: s.linked("c2", "acme"),
    ),
    Case(
        "B2",
        "CUSTOMER_UNKNOWN",
        fires=lambda: _house().linked("c1", "acme").invoice("i1"),
        beside=lambda: _house().linked("c1", "acme").customer("c1").invoice("i1"),
        remedy=lambda s: s.customer("c1"),
        state="WAITING",
    ),
    Case(
        "B2",
        "ACCOUNT_UNKNOWN",
        fires=lambda: Story().book().classified("acme", "HOUSE").customer("c1").linked("c1", "acme").invoice("i1"),
        beside=lambda: Story().shop().invoice("i1"),
        remedy=lambda s: s.account("acme"),
        state="WAITING",
    ),
    Case(
        "B3",
        "CUSTOMER_INCOMPLETE",
        fires=lambda: Story().shop(service_address_required=True).invoice("i1", channel="SERVICE"),
        beside=lambda: Story().shop(service_address_required=True).invoice("i1", channel="POS"),
        remedy=lambda s: s.customer("c1", version=2, addresses=[ADDRESS], **CONTACT),
    ),
    Case(
        "B8",
        "INVOICE_TO_CHAIN",
        fires=lambda: _chain().invoice("i1"),
        beside=lambda: _unlinked().linked("c1", "acme").customer("c0", invoice_to="c1").invoice("i1", customer="c0"),
        remedy=lambda s: s.customer("c1", version=2, invoice_to="c3"),
        also=("LINK_MISSING",),
    ),
    Case(
        "B10",
        "LINK_CURRENCY_MISMATCH",
        fires=lambda: (
            Story().shop().account("acme", version=2, currency="EUR").customer("c1", version=2, currency="USD").invoice("i1")
        ),
        beside=lambda: (
            Story().shop().account("acme", version=2, currency="EUR").customer("c1", version=2, currency="EUR").invoice("i1")
        ),
        remedy=lambda s: s.customer("c1", version=3, currency="EUR"),
    ),
    Case(
        "B11",
        "ACCOUNT_CUSTOMER_NOT_SYNCED",
        fires=lambda: Story().shop(account_sync="WAIT").invoice("i1"),
        beside=lambda: Story().shop(account_sync="WAIT").account("acme", version=2, origin="IMPORTED").invoice("i1"),
        remedy=lambda s: s.account("acme", version=2, external_ref="QB-17"),
        state="WAITING",
    ),
    Case(
        "B14",
        "ANONYMOUS_NO_DEFAULT",
        fires=lambda: _anonymous(_counter_beside()),
        beside=lambda: _anonymous(_counter_beside().mapped("branch", "north", generic_class="COUNTER")),
        remedy=lambda s: s.mapped("branch", "north", generic_class="COUNTER"),
    ),
    Case(
        "B15",
        "REDIRECTED_TO_SURVIVOR",
        fires=lambda: Story().shop().said("customer.merged", survivor="c1", merged=["c0"]).invoice("i1", customer="c0"),
        beside=lambda: Story().shop().said("customer.merged", survivor="c1", merged=["c0"]).invoice("i1", customer="c1"),
        state="POSTED",
    ),
    Case(
        "B15",
        "MERGE_UNRESOLVED",
        fires=lambda: _merged(FOLLOWED + 1).invoice("i1"),
        beside=lambda: _merged(FOLLOWED).invoice("i1"),
        remedy=lambda s: s.customer("late").linked("late", "acme").amended("i1", customer="late"),
        also=("REDIRECTED_TO_SURVIVOR",),
    ),
    Case(
        "B15",
        "MERGE_LINKS_DIFFER",
        fires=lambda: _two_accounts("globex").invoice("i1"),
        beside=lambda: _two_accounts("acme").invoice("i1"),
        remedy=lambda s: s.then_released_by("i1", said.say("link.removed", customer="c1")),
        also=("REDIRECTED_TO_SURVIVOR",),
    ),
)
