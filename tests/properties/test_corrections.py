"""What holds through the whole life of a few documents and their money, whatever is corrected, and in whichever order."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.audit.recheck import Recheck
from engine.facts.receivables import entries
from engine.record import decode
from projections.receivables import RECEIVABLES
from schemas.events import PostingAuthorised, SettlementBooked
from tests import said
from tests.given import Story
from tests.rules.test_rules import Past
from tests.said import DAY, Fields, Saying

CURRENCIES: dict[str, list[str | None]] = {"EUR": [None], "USD": ["0.90", "0.95", "1.10"]}
AMOUNTS = st.sampled_from(["100.00", "60.00", "40.00", "10.01", "0.01"])
invoices = st.sampled_from(["i1", "i2"])


def money(currency: str) -> st.SearchStrategy[Fields]:
    """Draw a currency with a rate, where it needs one."""
    return st.sampled_from(CURRENCIES[currency]).map(lambda rate: _money(currency, rate))


def _money(currency: str, rate: str | None) -> Fields:
    return {"currency": currency, "exchange_rate": rate} if rate else {"currency": currency}


def steps(currency: str) -> st.SearchStrategy[Saying]:
    """Draw one thing that may be said about the invoices, their money, their credits and who owes them."""
    return st.one_of(_sales(currency), _paid(currency), _corrected(currency))


def _sales(currency: str) -> st.SearchStrategy[Saying]:
    rate, versions = CURRENCIES[currency][0], st.integers(1, 4)
    return st.one_of(
        st.builds(
            lambda document, version, net, customer, told: said.invoice(
                document, net, version=version, customer=customer, **told
            ),
            invoices,
            versions,
            AMOUNTS,
            st.sampled_from(["c1", "c1", "c2"]),
            money(currency),
        ),
        st.builds(
            lambda document, version, session: said.invoice(
                document, version=version, session=session, currency=currency, exchange_rate=rate
            ),
            invoices,
            versions,
            st.sampled_from(["s1", "s2"]),
        ),
        st.builds(lambda document, version: said.say("invoice.voided", document=document, version=version), invoices, versions),
    )


def _paid(currency: str) -> st.SearchStrategy[Saying]:
    origins = st.sampled_from(["OPERATIONAL", "OPERATIONAL", "ACCOUNTING"])
    return st.one_of(
        st.builds(
            lambda name, amount, on, origin, told: said.payment(name, amount, on=on, customer=None, origin=origin, **told),
            st.sampled_from(["p1", "p2", "p3"]),
            AMOUNTS,
            invoices,
            origins,
            money(currency),
        ),
        st.builds(
            lambda name, amount, on, told: said.payment(name, amount, on=on, kind="DEPOSIT", **told),
            st.sampled_from(["d1", "d2"]),
            AMOUNTS,
            invoices,
            money(currency),
        ),
        st.builds(
            lambda name, amount, told: said.reversal(name, amount, **told),
            st.sampled_from(["p1", "p2", "d1"]),
            AMOUNTS,
            money(currency),
        ),
        st.builds(lambda amount, on, told: said.refund("r1", amount, on=on, **told), AMOUNTS, invoices, money(currency)),
    )


def _corrected(currency: str) -> st.SearchStrategy[Saying]:
    march = ("2026-03", "2026-03-01", "2026-03-31")
    return st.one_of(
        st.builds(
            lambda name, net, original, at, told: said.credit_note(
                name, lines=[said.line(net, **({"original_line": at} if at else {}))], original=original, **told
            ),
            st.sampled_from(["k1", "k2"]),
            AMOUNTS,
            invoices,
            st.sampled_from([None, 1, 2]),
            money(currency),
        ),
        st.builds(_transfer, st.sampled_from(["t1", "t2", "t3"]), invoices, st.sampled_from(["acme", "globex"])),
        st.sampled_from(["opened", "closed", "reopened"]).map(lambda verb: said.period(*march, verb=verb)),
    )


def _transfer(name: str, document: str, to: str) -> Saying:
    other = "globex" if to == "acme" else "acme"
    moved = {"transfer": name, "date": DAY, "from_account": other, "to_account": to, "by": "ann"}
    return said.say("balance.transferred", documents=[document], **moved)


def shop() -> Story:
    """Open a book with two debtors of two customers, and a period to come."""
    story = Story().shop(closed_period="ROLL_FORWARD", control={"fx_difference": "7900"}).account("globex", ledger_account="1110")
    story.assigned("globex", "HOUSE").customer("c2").linked("c2", "globex")
    return story.period("2026-04", "2026-04-01", "2026-04-30")


def assert_receivables_are_the_postings(story: Story) -> None:
    """What the view says is open is what the lines of all postings, and the money booked elsewhere, say of each party."""
    parties: Counter[tuple[str, str]] = Counter()
    for recorded in story.log.records:
        told = decode(recorded)
        if isinstance(told.event, PostingAuthorised):
            for line in told.event.lines:
                side = 1 if line.side == "D" else -1
                parties[line.party or "", "amount"] += side * line.amount
                parties[line.party or "", "base"] += side * line.base_amount
        elif isinstance(told.event, SettlementBooked):
            for entry in entries(told):
                parties[entry.account, "amount"] += entry.amount
                parties[entry.account, "base"] += entry.base_amount
    for account in ("acme", "globex"):
        rows = [row for row in story.log.views.rows(RECEIVABLES) if row.account == account]
        assert sum(row.open for row in rows) == parties[account, "amount"]
        assert sum(row.base_open for row in rows) == parties[account, "base"]


@given(st.data(), st.sampled_from(["EUR", "USD"]))
def test_every_correction_leaves_the_books_right(drawn: st.DataObject, currency: str) -> None:
    """After each step the journals balance, everything received is in one state, and what is open is what was posted.

    In the end history is heard again from its records, and gives the same.
    """
    story = shop()
    for step in drawn.draw(st.lists(steps(currency), min_size=1, max_size=14)):
        story.say(step)
        assert_receivables_are_the_postings(story)
    recheck = Recheck(Past(story.log))
    faults = [fault for recorded in story.log.records for fault in recheck.check(decode(recorded))]
    assert [*faults, *recheck.at_the_end(story.log.head())] == []
