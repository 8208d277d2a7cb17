"""Shops in which things also change: amendments, voids, conflicts, reversals, merges, unlinks, other classes, closed periods."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.properties.additive import NETS, shops
from tests.properties.messages import (
    Said,
    account,
    class_,
    classify,
    credit_note,
    customer,
    invoice,
    link,
    payment,
    period,
    release,
    renamed,
    say,
    unlink,
    void,
)

documents = st.sampled_from(["i1", "i2", "n-i1"])
customers = st.sampled_from(["c1", "c2"])
accounts = st.sampled_from(["a1", "a2"])
versions = st.integers(1, 3)

CHANGES = st.one_of(
    st.builds(lambda d, v, nets: invoice(d, nets, version=v), st.sampled_from(["i1", "i2"]), versions, NETS),
    st.builds(lambda v, nets, o: credit_note("n-i1", nets, version=v, original=o), versions, NETS, st.sampled_from(["i1", "i2"])),
    st.builds(lambda d, v: void(d, v, "credit_note" if d[0] == "n" else "invoice"), documents, versions),
    st.builds(lambda d, amount: payment(f"p-{d}", amount, {d: amount}), documents, st.integers(1, 2000)),
    st.builds(lambda d, amount: payment(f"p-{d}", amount, verb="payment.reversed"), documents, st.integers(1, 2000)),
    st.builds(
        lambda d, v, code: release(d, code, version=v),
        documents,
        versions,
        st.sampled_from(["STOP_CREDIT", "CREDIT_EXCEEDS_INVOICE"]),
    ),
    st.builds(unlink, customers),
    st.builds(link, customers, accounts),
    st.builds(classify, accounts, st.sampled_from(["trade", "walk-in", "jobs"])),
    st.builds(lambda stop: account("a1", 3 + stop, stop_credit=bool(stop)), st.integers(0, 1)),
    st.builds(lambda block: customer("c1", 3, block=block), st.sampled_from(["NONE", "ALL"])),
    st.builds(lambda terms: class_("trade", version=2 + terms, default_terms={"days": terms}), st.integers(0, 1)),
    st.builds(period, st.sampled_from(["opened", "locked", "closed", "reopened"])),
    st.just(say("customer.merged", {"survivor": "c1", "merged": ["c2"]})),
    st.just(say("account.merged", {"survivor": "a1", "merged": ["a2"]})),
    st.builds(
        lambda key, verb: say(f"customer.{verb}", {"customer": key}),
        customers,
        st.sampled_from(["held", "hold_released", "deactivated"]),
    ),
)


@st.composite
def changing_shops(draw: st.DrawFn) -> list[Said]:
    """Draw a shop whose messages come in any order, mixed with changes; a change may be made again and again."""
    changes = [renamed(change, f"change-{number}") for number, change in enumerate(draw(st.lists(CHANGES, max_size=12)))]
    return draw(st.permutations([*draw(shops()), *changes])) if draw(st.booleans()) else [*draw(shops()), *changes]
