"""What may be said in a life: parties, rules of the books, documents and money of a small shop, drawn from a few names.

A record with version 0 is said under its next version; `Life` counts them.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests import said
from tests.said import DAY, Fields, Saying

CUSTOMERS = ("c1", "c2", "c3")
ACCOUNTS = ("a1", "a2", "a3")
SHARED = "g1"
CLASSES = ("HOUSE", "COUNTER", "ASKS", "JOBS", "TILL")
INVOICES = ("i1", "i2", "i3", "i4")
CREDITS = ("k1", "k2")
MONTHS = (("2026-03", "2026-03-01", "2026-03-31"), ("2026-04", "2026-04-01", "2026-04-30"))
MONTH_ENDS = ("2026-03-31", "2026-04-10", "2026-04-30")
NETS = ("100.00", "100.00", "50.00", "10.01", "0.00")
RELEASABLE = ("STOP_CREDIT", "CUSTOMER_ON_HOLD", "CUSTOMER_BLOCKED", "CREDIT_EXCEEDS_INVOICE", "PAYMENT_REQUIRED_FOR_GENERIC")

customers = st.sampled_from(CUSTOMERS)
accounts = st.sampled_from(ACCOUNTS)
classes = st.sampled_from(CLASSES)
invoices = st.sampled_from(INVOICES)
credits = st.sampled_from(CREDITS)
documents = st.sampled_from((*INVOICES, *CREDITS))
payments = st.sampled_from(("p1", "p2", "p3", "p4", "p5", "p6"))
deposits = st.sampled_from(("d1", "d2", "d3"))
refunds = st.sampled_from(("r1", "r2"))
amounts = st.sampled_from(("120.00", "60.00", "20.00", "0.01"))
nets = st.lists(st.sampled_from(NETS), min_size=1, max_size=2)
days = st.sampled_from((DAY, DAY, DAY, "2026-03-11", "2026-03-31", "2026-02-28"))
versions = st.sampled_from((0, 0, 0, 0, 1, 2, 3, 0, 0, 0))

buyers = st.sampled_from(("c1", "c1", "c2", "c2", "c3"))
CHOICES: tuple[Fields, ...] = (
    {"closed_period": "ROLL_FORWARD"},
    {"period_control": "CLOSED_UNLESS_OPENED"},
    {"unreferenced_credit": "POST"},
    {"negative_invoice": "CREDIT_NOTE"},
    {"credit_mode": "WARN_AND_BLOCK"},
    {"credit_mode": "NO_CHECK"},
    {"overdue_min": "1.00"},
    {"dependency_days_max": 1},
    {"rounding_max": "0.05"},
    {"anonymous_class": "COUNTER"},
    {"cutover": "2026-03-01"},
    {"tax_period": "WARN"},
    {"disputed": "HOLD", "payment_tolerance": "0.02"},
)
POLICIES = st.lists(st.sampled_from(CHOICES), max_size=2).map(
    lambda chosen: {name: given for one in chosen for name, given in one.items()}
)
ACCOUNT_FIELDS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"terms": st.just({"days": 1})}),
    st.just({"terms": {"days": 1}, "interest_applies": True}),
    st.fixed_dictionaries({"status": st.sampled_from(("SUSPENDED", "CLOSED", "HIDDEN"))}),
    st.fixed_dictionaries({"stop_credit": st.just(True)}),
    st.fixed_dictionaries({"head_office": accounts}),
    st.fixed_dictionaries({"block": st.sampled_from(("INVOICE", "ALL"))}),
    st.fixed_dictionaries(
        {
            "credit": st.sampled_from(
                (
                    {"limit": "150", "mode": "WARN_AND_BLOCK"},
                    {"limit": "0", "mode": "BLOCK_ONLY"},
                    {"limit": "1000", "overdue": "10", "days": 1, "mode": "BLOCK_ONLY"},
                    {"limit": "50"},
                )
            )
        }
    ),
)
CUSTOMER_FIELDS: st.SearchStrategy[Fields] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"block": st.sampled_from(("INVOICE", "ALL"))}),
    st.just({"do_not_post": True}),
    st.fixed_dictionaries({"invoice_to": customers}),
)
CLASS_FIELDS: st.SearchStrategy[Fields] = st.one_of(
    st.just({}),
    st.just({"invoice_prefix": "X-"}),
    st.just({"default_terms": {"days": 14}, "default_credit_limit": "150"}),
    st.just({"credit_mode": "BLOCK_ONLY"}),
    st.just({"interest": {"rate": "12", "minimum": "0"}}),
)
news = st.sampled_from((0, 0, 0, 1, 2))


CONTROL = {
    "receivable": said.RECEIVABLE,
    "deposits": said.DEPOSITS,
    "rounding": said.ROUNDING,
    "fees": said.FEES,
    "fx_difference": "8910",
    "interest": "4900",
    "cash_rounding": "8920",
    "cutover": "1199",
}


def book_said(policies: Fields) -> Saying:
    """Return a book with every control account that a life may need."""
    return said.say("book.opened", base_currency="EUR", control_accounts=CONTROL, timezone="UTC", policies=policies)


def class_said(name: str, version: int, fields: Fields) -> Saying:
    """Return a class with the behaviour that its name promises."""
    match name:
        case "COUNTER":
            return said.class_(name, "GENERIC", generic_account=SHARED, version=version, **fields)
        case "TILL":
            return said.class_(name, "GENERIC", generic_account=SHARED, detail="SUMMARY", version=version, **fields)
        case "ASKS":
            return said.class_(name, "ASK", version=version, **fields)
    return said.class_(name, "ACCOUNT", version=version, batch_billing=name == "JOBS", **fields)


def _merged(noun: str, names: tuple[str, ...]) -> st.SearchStrategy[Saying]:
    pairs = st.permutations(names).map(lambda drawn: (drawn[0], [drawn[1]]))
    return pairs.map(lambda pair: said.say(f"{noun}.merged", survivor=pair[0], merged=pair[1]))


PARTIES = st.one_of(
    st.builds(lambda name, version, fields: said.customer(name, version=version, **fields), customers, news, CUSTOMER_FIELDS),
    st.builds(lambda name, version, fields: said.account(name, version=version, **fields), accounts, news, ACCOUNT_FIELDS),
    st.builds(class_said, classes, news, CLASS_FIELDS),
    st.builds(lambda name, class_: said.say("class.assigned", account=name, class_=class_), accounts, classes),
    st.builds(lambda name, class_: said.say("class.unassigned", account=name, class_=class_), accounts, classes),
    st.builds(said.link, customers, accounts),
    st.builds(lambda name: said.say("link.removed", customer=name), customers),
    st.builds(
        lambda name, verb: said.say(f"customer.{verb}", customer=name),
        customers,
        st.sampled_from(("held", "hold_released", "deactivated", "reactivated")),
    ),
    st.builds(
        lambda name, first, last: said.say("customer.held", customer=name, from_=first, until=last),
        customers,
        st.sampled_from((None, "2026-03-12T09:00:00Z")),
        st.sampled_from(("2026-03-12T12:00:00Z", "2026-03-20T00:00:00Z")),
    ),
    st.builds(
        lambda name, until: said.say("account.held", account=name, until=until),
        accounts,
        st.sampled_from((None, "2026-03-12T12:00:00Z")),
    ),
    st.builds(lambda name: said.say("account.hold_released", account=name), accounts),
    _merged("customer", CUSTOMERS),
    _merged("account", ACCOUNTS),
)
BOOKS = st.one_of(
    st.builds(
        lambda verb: said.say(f"tax_period.{verb}", period="T1", from_="2026-02-01", to="2026-03-10"),
        st.sampled_from(("closed", "reopened")),
    ),
    st.builds(
        lambda month, verb: said.period(*month, verb=verb),
        st.sampled_from(MONTHS),
        st.sampled_from(("opened", "locked", "closed", "reopened")),
    ),
    st.builds(
        lambda mapped, account: said.mapping(*mapped, account=account),
        st.sampled_from((("tax", "VAT"), ("tender", "CARD"), ("revenue", "default"))),
        st.sampled_from(("7000", "7001")),
    ),
)

BATCHES = ("b1", "b2", "b3")
TRANSFERS = st.builds(
    lambda transfer, pair, moved: said.say(
        "balance.transferred", transfer=transfer, date=DAY, from_account=pair[0], to_account=pair[1], documents=moved, by="ann"
    ),
    st.sampled_from(("t1", "t2")),
    st.permutations((*ACCOUNTS, SHARED)),
    st.sampled_from((["i1"], ["i2"], ["i1", "i2"], ["k1"], ["i3"])),
)
BILLING = st.one_of(
    st.builds(
        lambda batch, cut_off, class_, sure: said.say(
            "batch.run", batch=batch, cut_off=cut_off, date=cut_off, by="ann", class_=class_, acknowledged=sure
        ),
        st.sampled_from(BATCHES),
        days,
        st.sampled_from(("JOBS", "JOBS", "HOUSE")),
        st.booleans(),
    ),
    st.builds(
        lambda batch, account: said.say(
            "batch.run", batch=batch, cut_off="2026-04-30", date="2026-03-31", by="ann", account=account, acknowledged=True
        ),
        st.sampled_from(BATCHES),
        accounts,
    ),
    st.builds(lambda batch: said.say("batch.reversed", batch=batch, by="ann"), st.sampled_from(BATCHES)),
    st.builds(
        lambda document, version: said.say("document.pulled", document=document, version=version, by="ann"),
        documents,
        st.sampled_from((1, 1, 2)),
    ),
    st.builds(lambda day: said.say("day.closed", branch="b1", day=day, currency="EUR"), days),
    st.builds(lambda class_, to: said.say("interest.run", class_=class_, to=to, by="ann"), classes, st.sampled_from(MONTH_ENDS)),
    st.builds(
        lambda class_, to: said.say("statement.run", class_=class_, as_of=to, by="ann"), classes, st.sampled_from(MONTH_ENDS)
    ),
)


def _tax(net: str) -> str:
    whole, cents = net.split(".")
    return f"{(int(whole) * 100 + int(cents)) // 5 // 100}.{(int(whole) * 100 + int(cents)) // 5 % 100:02}"


@st.composite
def sales(draw: st.DrawFn) -> Fields:
    """Draw what an invoice or credit note says beside its names."""
    taxed = draw(st.booleans())
    lines = [said.line(net, tax=_tax(net)) if taxed and net != "0.00" else said.line(net) for net in draw(nets)]
    fields: Fields = {"lines": lines, "date": draw(days), "branch": draw(st.sampled_from((None, None, "b1")))}
    fields["customer"] = draw(st.sampled_from(("c1", "c1", "c1", "c2", "c2", "c3", None)))
    tendered = draw(st.sampled_from((None, None, "120.00", "100.00", "40.00")))
    if tendered:
        fields["tenders"] = [said.tender(draw(st.sampled_from(("CASH", "CARD"))), tendered)]
    if draw(st.sampled_from((False, False, False, True))):
        fields |= {"currency": "USD", "exchange_rate": draw(st.sampled_from(("0.4007", "1.25")))}
    return fields


@st.composite
def monies(draw: st.DrawFn) -> tuple[str, Fields]:
    """Draw an amount, and what a payment says beside its name."""
    amount = draw(amounts)
    on = draw(st.sampled_from((None, "i1", "i1", "i2", "i3", "k1", "two")))
    fields: Fields = {"customer": draw(st.sampled_from((*CUSTOMERS, "c1", None)))}
    if on == "two" and amount != "0.01":
        half = {"120.00": "60.00", "60.00": "30.00", "20.00": "10.00"}[amount]
        fields["on"] = {"i1": half, "i2": half}
    elif on and on != "two":
        fields["on"] = on
    if draw(st.sampled_from((False, False, False, True))):
        fields |= {"currency": "USD", "exchange_rate": "0.5"}
    return amount, fields
