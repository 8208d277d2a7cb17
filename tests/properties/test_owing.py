"""What accounts owe: the view is the sum of the postings, and limits judge the same in every batch and every time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import day
from engine.audit.recheck import Recheck
from engine.indexed import Indexed
from engine.ports import Log
from engine.record import Recorded
from projections.ledger import BALANCES
from projections.receivables import RECEIVABLES
from tests.properties.additive import orders, shops
from tests.properties.changing import changing_shops
from tests.properties.messages import (
    SHOP,
    Said,
    account,
    credit_note,
    customer,
    invoice,
    link,
    mapping,
    payment,
    release,
    renamed,
    unlink,
    void,
)
from tests.properties.shop import Shop, batches, overlooked

ACCOUNTS = ("a1", "a2", "a3", "g1")
sizes = st.lists(st.integers(1, 25), min_size=1, max_size=3)
modes = st.sampled_from(["WARN_AND_BLOCK", "BLOCK_ONLY"])
limits = st.sampled_from(["0", "0.05", "10.00", "123.45"])


def limited(said: Sequence[Said], mode: str, limit: str) -> list[Said]:
    """Return the same messages, with limits on every account that is opened or changed."""
    credit = {"limit": limit, "warning": "0.04", "overdue": "0", "days": 0, "mode": mode}
    told = [json.loads(message) for message in said]
    for message in told:
        if message["type"] in ("postgate.account.opened.v1", "postgate.account.changed.v1"):
            message["data"] |= {"credit": credit}
    return [Said(json.dumps(message).encode()) for message in told]


invoices = st.sampled_from(["i1", "i2", "i3", "i4"])
nets = st.sampled_from([0, 5, 10, 20, 50, 100, 200])
BUSY = st.one_of(
    st.builds(
        lambda d, net, due: invoice(d, (net,), due_date=due), invoices, nets, st.sampled_from(["2026-01-15", "2026-01-31"])
    ),
    st.builds(lambda d, net: invoice(d, (net,), due_date="2026-01-20"), invoices, nets),
    st.builds(lambda d, net, v: invoice(d, (net,), version=v, due_date="2026-01-14"), invoices, nets, st.integers(2, 3)),
    st.builds(lambda d, net: invoice(d, (net,), channel="WEB", due_date="2026-01-01"), invoices, nets),
    st.builds(void, invoices, st.integers(2, 3)),
    st.builds(lambda k, d, amount: payment(k, amount, {d: amount}), st.sampled_from(["p1", "p2", "p3"]), invoices, nets),
    st.builds(payment, st.sampled_from(["p1", "p4"]), nets.filter(bool)),
    st.builds(lambda k, amount: payment(k, amount, verb="payment.reversed"), st.sampled_from(["p1", "p2"]), nets.filter(bool)),
    st.builds(lambda d, net: credit_note("n1", (net,), original=d), invoices, nets),
    st.builds(release, invoices, st.sampled_from(["CREDIT_LIMIT_EXCEEDED", "CREDIT_DAYS_EXCEEDED"])),
    st.builds(
        lambda version, limit, mode, days: account(
            "a1", version, credit={"limit": limit, "mode": mode, "days": days, "warning": "0.10"}
        ),
        st.integers(2, 5),
        st.sampled_from(["0", "0.30", "1.00", "3.00"]),
        modes,
        st.sampled_from([0, 5, 30]),
    ),
    st.sampled_from(
        [unlink("c1"), link(), mapping("tax", "S", account="2200"), customer("c1", 2, block="ALL"), customer("c1", 3)]
    ),
)
"""Sales, corrections and money of one account near its limits."""


@st.composite
def busy_shops(draw: st.DrawFn) -> list[Said]:
    """Draw a shop whose one account buys and pays near its limits; a message may come again under another id."""
    first = account("a1", 1, credit={"limit": draw(st.sampled_from(["0", "1.00", "2.50"])), "mode": draw(modes), "days": 0})
    shop = [first if json.loads(message)["type"] == "postgate.account.opened.v1" else message for message in SHOP]
    return [*shop, *(renamed(said, f"busy-{number}") for number, said in enumerate(draw(st.lists(BUSY, max_size=25))))]


@dataclass(frozen=True, slots=True)
class Past:
    """A log as it stood at a position."""

    log: Log

    def events_until(self, streams: Collection[str], position: int) -> Sequence[Recorded]:
        """Return the records of several streams up to a position."""
        return [recorded for recorded in self.log.read(0, position) if recorded.stream in streams]


limited_shops = st.builds(limited, changing_shops(), modes, limits)


@given(st.one_of(changing_shops(), busy_shops()))
def test_what_is_open_adds_up_to_the_balance_of_the_party(said: list[Said]) -> None:
    """After every message, what documents leave open of an account is what its postings say, in both currencies."""
    shop = Shop()
    for message in said:
        shop.hear(message)
        open_, base = Counter[tuple[str, str]](), Counter[str]()
        for row in shop.views.rows(RECEIVABLES):
            open_[row.account, row.currency] += row.open
            base[row.account] += row.base_open
        for balance in shop.views.rows(BALANCES):
            if balance.party:
                open_[balance.party, balance.currency] -= balance.debit - balance.credit
                base[balance.party] -= balance.base_debit - balance.base_credit
        assert not any(open_.values()), open_
        assert not any(base.values()), base


@given(st.one_of(limited_shops, busy_shops()))
def test_history_and_the_store_tell_the_same(told: list[Said]) -> None:
    """What is open and pending of every account is the same by the views and by the records, one by one."""
    shop, history = Shop().hear_one_by_one(told), Indexed()
    for happened in shop.happened:
        history.note(happened)
    with shop.log.writing(dry=True) as writing:
        for account in ACCOUNTS:
            assert list(writing.receivables("shop", account)) == list(history.receivables("shop", account))
            assert list(writing.pending("shop", account)) == list(history.pending("shop", account))


@given(st.one_of(limited_shops, busy_shops()), sizes)
def test_limits_judge_the_same_in_any_batches_and_again(told: list[Said], cut: list[int]) -> None:
    """Where a batch ends changes no decision about credit, nothing is left behind, and history judged again is the same."""
    alone, batched = Shop().hear_one_by_one(told), Shop()
    for batch in batches(told, cut):
        batched.hear(*batch)
    assert [(each.stream, each.version, each.event) for each in batched.happened] == [
        (each.stream, each.version, each.event) for each in alone.happened
    ]
    assert overlooked(batched) == []
    recheck = Recheck(Past(batched.log), day)
    faults = [fault for happened in batched.happened for fault in recheck.check(happened)]
    assert [*faults, *recheck.at_the_end(batched.log.head())] == []


@given(st.data(), shops(), limits)
def test_where_limits_only_warn_any_order_gives_the_same_postings(drawn: st.DataObject, said: list[Said], limit: str) -> None:
    """A warning depends on what came before; a posting does not."""
    told = limited(said, "WARN_ONLY", limit)
    tidy = Shop().hear_one_by_one(told)
    heard = Shop().hear_one_by_one(drawn.draw(orders(told)))
    assert (heard.postings, heard.states_of) == (tidy.postings, tidy.states_of)
    assert tidy.postings == Shop().hear_one_by_one(said).postings
