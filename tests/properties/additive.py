"""Shops that only ever add: parties, links, classes, mappings, sales, their corrections and their money, none against another.

What races by its nature is left out, because there the first one wins: two links of one customer, two classes of one
account, credits above their invoice, payments above the sale on a shared debtor, two documents with one number, and
mappings with a fallback.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from schemas.values import major
from tests.properties.messages import (
    Said,
    account,
    class_,
    classify,
    credit_note,
    customer,
    gross,
    invoice,
    link,
    mapping,
    opened,
    payment,
    period,
    renamed,
    sale,
    say,
)

CUSTOMERS = ("c1", "c2", "c3")
NETS = st.lists(st.sampled_from([1, 4, 5, 99, 1000, 12_345, -5, 0]), min_size=1, max_size=3)
usually = st.integers(0, 9).map(bool)


@dataclass(slots=True)
class Draft:
    """A shop while it is drawn."""

    draw: st.DrawFn
    messages: list[Said] = field(default_factory=list)

    def maybe(self, *messages: Said) -> None:
        """Say most of the messages: now and then the publisher forgets one."""
        self.messages += [message for message in messages if self.draw(usually)]

    def one_of(self, *choices: str | None) -> str | None:
        """Draw one of several names."""
        return self.draw(st.sampled_from(choices))


@st.composite
def shops(draw: st.DrawFn) -> list[Said]:
    """Draw the messages of a shop, in the order in which a tidy publisher would say them."""
    draft = Draft(draw)
    _setting(draft)
    _parties(draft)
    for number in range(1, draw(st.integers(1, 3)) + 1):
        _sale(draft, f"i{number}")
    for number in range(draw(st.integers(0, 2))):
        who = draft.one_of(*CUSTOMERS, None)
        draft.messages.append(payment(f"free{number}", 700, customer=who, kind=draft.one_of("PAYMENT", "DEPOSIT")))
    return draft.messages


def _setting(draft: Draft) -> None:
    control = draft.one_of("OPEN_UNLESS_CLOSED", "CLOSED_UNLESS_OPENED")
    policies = {"period_control": control, "anonymous_class": draft.one_of("walk-in", None), "rounding_max": "0.05"}
    draft.messages.append(opened(**{name: value for name, value in policies.items() if value}))
    if control == "CLOSED_UNLESS_OPENED":
        draft.maybe(period())
    draft.maybe(
        mapping("revenue", "mugs", account="4000"), mapping("tax", "S", account="2200"), mapping("tender", "cash", account="1000")
    )


def _parties(draft: Draft) -> None:
    draft.maybe(account("g1", generic=True), class_("walk-in", "GENERIC", generic_account="g1"))
    draft.maybe(class_("trade", default_terms={"days": 14}), class_("jobs", batch_billing=True), class_("asks", "ASK"))
    for number in (1, 2):
        key = f"a{number}"
        draft.maybe(account(key), account(key, 2, remarks="again"))
        draft.maybe(classify(key, str(draft.one_of("trade", "trade", "walk-in", "walk-in", "jobs", "asks"))))
    for key in CUSTOMERS:
        draft.maybe(customer(key), customer(key, 2, short_name="again"), link(key, str(draft.one_of("a1", "a2"))))


def _sale(draft: Draft, document: str) -> None:
    """Draw an invoice with what was paid at the till, and later: the parts add up to the whole at most."""
    who, nets = draft.one_of(*CUSTOMERS, None), draft.draw(NETS)
    bare = invoice(document, nets, customer=who)
    left = gross(bare)
    till = draft.draw(st.sampled_from([0, max(left, 0), max(left, 0) // 3]))
    tenders = [{"tender": "cash", "amount": major(till, "EUR")}] if till else []
    draft.messages.append(invoice(document, nets, customer=who, tenders=tenders))
    left -= till
    if draft.draw(st.booleans()) and left > 0:
        rest = draft.draw(st.sampled_from([left, left // 2 or 1]))
        extra = draft.draw(st.sampled_from([0, 50])) if rest == left else 0
        kind = draft.one_of("PAYMENT", "DEPOSIT")
        draft.messages.append(payment(f"p-{document}", rest + extra, {document: rest}, customer=who, kind=kind))
        if rest < left and draft.draw(st.booleans()):
            draft.messages.append(
                payment(f"q-{document}", left - rest, {document: left - rest}, customer=draft.one_of(who, None))
            )
    if draft.draw(st.booleans()):
        _credit(draft, document, nets, who)


def _credit(draft: Draft, document: str, nets: list[int], who: str | None) -> None:
    """Draw a credit of one line of a sale, and perhaps the money that goes back."""
    note, back = f"n-{document}", [max(nets)]
    amount = gross(say("x", sale(note, back)))
    if amount > gross(say("x", sale(document, nets))):
        return
    draft.messages.append(credit_note(note, back, customer=who, original=document))
    if amount > 0 and draft.draw(st.booleans()):
        draft.messages.append(payment(f"r-{document}", amount, {note: amount}, "refund.paid", customer=who))


@st.composite
def orders(draw: st.DrawFn, messages: list[Said]) -> list[Said]:
    """Draw an order of the messages in which some are said twice, as the same message or under a new id."""
    again = draw(st.lists(st.sampled_from(messages), max_size=4))
    anew = draw(st.lists(st.sampled_from(messages), max_size=4, unique=True))
    return draw(st.permutations([*messages, *again, *(renamed(message, f"again-{n}") for n, message in enumerate(anew))]))
