"""Cases of engine/firewall/accumulation.py: what is billed with others waits for them, and what comes late posts beside them."""

from __future__ import annotations

from tests import said
from tests.given import Story
from tests.rules.case import Case
from tests.said import DAY, Saying

CASH_100 = [said.tender("CASH", "100.00")]


def jobs(prefix: str | None = None) -> Story:
    """`acme` is of class HOUSE, which bills in batches."""
    return Story().shop().defined("HOUSE", "ACCOUNT", version=2, batch_billing=True, invoice_prefix=prefix)


def run(batch: str = "b1", cut_off: str = DAY, **fields: object) -> Saying:
    """Run a batch for the class HOUSE, dated the day of the story."""
    scope = {} if "account" in fields else {"class_": "HOUSE"}
    return said.say("batch.run", **{"batch": batch, "cut_off": cut_off, "date": DAY, "by": "Ada", **scope, **fields})


def undo(batch: str = "b1") -> Saying:
    """Take a batch back."""
    return said.say("batch.reversed", batch=batch, by="Ada", reason="a price was wrong")


def till(**fields: object) -> Story:
    """`c1` buys over the counter, in branches whose sales post by the day; `c2` has the account `acme`."""
    story = Story().counter().mapped("branch", "north").mapped("branch", "south")
    story.defined("COUNTER", "GENERIC", version=2, generic_account="counter", detail="SUMMARY", **fields)
    return story.account("acme").classified("acme", "HOUSE").customer("c2").linked("c2", "acme")


def closed(branch: str = "north", day: str = DAY, currency: str = "EUR", **counted: str) -> Saying:
    """Close a day of a branch, with what was counted of each tender."""
    tenders = [{"tender": tender, "amount": amount} for tender, amount in counted.items()]
    return said.say("day.closed", branch=branch, day=day, currency=currency, counted=tenders, by="Bo")


def sold(story: Story, document: str, amount: str = "100.00", tender: str = "CASH", **fields: object) -> Story:
    """Sell over the counter of the branch north, paid at the till."""
    return story.invoice(document, amount, **{"branch": "north", "tenders": [said.tender(tender, amount)], **fields})


CASES = (
    Case(
        "J9",
        "AGGREGATE_WINDOW_OPEN",
        fires=lambda: sold(till(), "i1"),
        beside=lambda: till().invoice("i1", tenders=CASH_100),
        remedy=lambda s: s.say(closed()),
        state="ACCUMULATING",
    ),
    Case(
        "J8",
        "LATE_FOR_WINDOW",
        fires=lambda: sold(till().say(closed()), "i1"),
        beside=lambda: till().say(closed()).invoice("i1", tenders=CASH_100),
        state="POSTED",
    ),
)
