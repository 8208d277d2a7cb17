"""Cases of the versions, policies and prefixes of classes, and of accounts that may be one."""

from __future__ import annotations

from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY

MARCH = ("2026-03", "2026-03-01", "2026-03-31")
APRIL = ("2026-04", "2026-04-01", "2026-04-30")


def _beginning(day: str) -> Story:
    """A shop whose class has one version, from a day on."""
    story = Story().book().account("acme").defined("HOUSE", effective_from=day).assigned("acme", "HOUSE")
    return story.customer("c1").linked("c1", "acme")


def _of_class(*, book: dict[str, str] | None = None, **rules: str) -> Story:
    """A shop whose class has rules of its own beside those of the book."""
    return Story().shop(**(book or {})).defined("HOUSE", "ACCOUNT", version=2, **rules)


def two_prefixes(first: str | None, second: str | None) -> Story:
    """A shop with two accounts whose classes put prefixes before numbers; `i0` of the first has the number 1."""
    story = Story().shop().defined("HOUSE", version=2, invoice_prefix=first).account("globex").customer("c2")
    story.classified("globex", "SERVICE", invoice_prefix=second).linked("c2", "globex")
    return story.invoice("i0", number="1")


def _twins(name: str = "ACME, ", *, tax_id: str | None = None, **policies: object) -> Story:
    """A shop where the account `twin` is opened after `acme`, and owes what customer `c2` buys."""
    story = Story().shop(**policies).account("acme", version=2, tax_id="DE 123.456")
    return story.account("twin", name=name, tax_id=tax_id).assigned("twin", "HOUSE").customer("c2").linked("c2", "twin")


CASES = (
    Case(
        "C1",
        "CLASS_UNKNOWN",
        fires=lambda: _beginning("2026-03-11").invoice("i1"),
        beside=lambda: _beginning(DAY).invoice("i1"),
        remedy=lambda s: s.defined("HOUSE", version=2, effective_from="2026-01-01"),
    ),
    Case(
        "C2",
        "CLASS_REQUIRES_DECISION",
        fires=lambda: Story().shop().defined("HOUSE", "ASK", version=2, effective_from=DAY).invoice("i1"),
        beside=lambda: Story().shop().defined("HOUSE", "ASK", version=2, effective_from="2026-03-11").invoice("i1"),
        remedy=lambda s: s.defined("HOUSE", version=3, effective_from="2026-02-01"),
    ),
    Case(
        "F15",
        "ZERO_VALUE",
        fires=lambda: _of_class(zero_value="HOLD").invoice("i1", "0.00"),
        beside=lambda: _of_class(zero_value="HOLD").invoice("i1", "0.01"),
        remedy=lambda s: s.amended("i1", net="0.01"),
    ),
    Case(
        "F15",
        "ZERO_VALUE",
        fires=lambda: _of_class(book={"zero_value": "HOLD"}, zero_value="EXCLUDE").invoice("i1", "0.00"),
        beside=lambda: _of_class(book={"zero_value": "HOLD"}, zero_value="EXCLUDE").invoice("i1", "0.01"),
        remedy=lambda s: s.amended("i1", net="0.01"),
        state="EXCLUDED",
    ),
    Case(
        "F16",
        "NEGATIVE_INVOICE",
        fires=lambda: _of_class(book={"negative_invoice": "CREDIT_NOTE"}, negative_invoice="HOLD").invoice("i1", "-1.00"),
        beside=lambda: _of_class(negative_invoice="CREDIT_NOTE").invoice("i1", "-1.00"),
        remedy=lambda s: s.defined("HOUSE", version=3, negative_invoice="CREDIT_NOTE"),
    ),
    Case(
        "H1",
        "PERIOD_CLOSED",
        fires=lambda: (
            _of_class(book={"closed_period": "ROLL_FORWARD"}, closed_period="HOLD")
            .period(*MARCH, verb="closed")
            .period(*APRIL)
            .invoice("i1")
        ),
        beside=lambda: _of_class(closed_period="ROLL_FORWARD").period(*MARCH, verb="closed").period(*APRIL).invoice("i1"),
        remedy=lambda s: s.defined("HOUSE", version=3, closed_period="ROLL_FORWARD"),
    ),
    Case(
        "A4",
        "DOCUMENT_NUMBER_COLLISION",
        fires=lambda: two_prefixes("A-", "A-").invoice("i1", number="1", customer="c2"),
        beside=lambda: two_prefixes("A-", "S-").invoice("i1", number="1", customer="c2"),
        remedy=lambda s: s.defined("SERVICE", version=2, invoice_prefix="S-"),
    ),
    Case(
        "A4",
        "DOCUMENT_NUMBER_COLLISION",
        fires=lambda: two_prefixes(None, "A-").invoice("i2", number="A-1").invoice("i1", number="1", customer="c2"),
        beside=lambda: two_prefixes(None, "A-").invoice("i2", number="A-2").invoice("i1", number="1", customer="c2"),
        remedy=lambda s: s.amended("i1", number="2"),
    ),
    Case(
        "B13",
        "POSSIBLE_DUPLICATE_ACCOUNT",
        fires=lambda: _twins(duplicate_accounts="HOLD").invoice("i1", customer="c2"),
        beside=lambda: _twins("acme two", duplicate_accounts="HOLD").invoice("i1", customer="c2"),
        remedy=lambda s: s.account("twin", version=2, name="ACME, ", distinct_from=["acme"]),
    ),
    Case(
        "B13",
        "POSSIBLE_DUPLICATE_ACCOUNT",
        fires=lambda: _twins("Other", tax_id="de123456", duplicate_accounts="HOLD").invoice("i1", customer="c2"),
        beside=lambda: _twins("Other", tax_id="de123456").invoice("i1", customer="c2"),
        remedy=lambda s: s.account("acme", version=3),
    ),
    Case(
        "B13",
        "POSSIBLE_DUPLICATE_ACCOUNT",
        fires=lambda: _twins(duplicate_accounts="HOLD").invoice("i1", customer="c2"),
        beside=lambda: (
            _twins(duplicate_accounts="HOLD").account("twin", version=2, external_ref="QB-7").invoice("i1", customer="c2")
        ),
        remedy=lambda s: s.released("i1", "POSSIBLE_DUPLICATE_ACCOUNT"),
    ),
    Case(
        "B13",
        "POSSIBLE_DUPLICATE_ACCOUNT",
        fires=lambda: _twins(duplicate_accounts="WARN").invoice("i1", customer="c2"),
        beside=lambda: _twins("acme two", duplicate_accounts="WARN").invoice("i1", customer="c2"),
        state="POSTED",
    ),
)
