"""Restating: parties, classes and mappings said anew, without what a rule objects to and with what one asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.decider import parts
from engine.explain.supposing import ACCOUNT, CLASS, LEDGER, Fact
from engine.states import States
from engine.streams.documents import Document
from engine.streams.links import Linked
from engine.streams.payments import Payment
from schemas.inbound import InvoiceIssued
from schemas.shape import Shape

Facts = Iterator[Fact]
HARMLESS = ("account", "class", "customer", "version", "name", "ledger_account", "generic", "terms", "origin", "external_ref")
"""Fields of a record that no rule holds a document for."""

_COMPLETE: dict[str, object] = {
    "contact_name": "NAME",
    "first_name": "NAME",
    "last_name": "NAME",
    "addresses": [{"use": "BILLING", "lines": ["STREET"], "city": "CITY"}],
}
_NAMED: tuple[dict[str, object], ...] = (
    {"generic": True},
    {"external_ref": "REFERENCE"},
    {"interest_account": LEDGER},
    {"fx_account": LEDGER},
)
"""What an account may be asked for."""
_PLACED: dict[str, dict[str, object]] = {
    "branch": {},
    "product": {"product_class": CLASS},
    "product_class": {"behaviour": "DIRECT"},
    "unit": {"base": "EACH", "factor": "1"},
    "ledger_account": {"status": "OPEN"},
    "dimension": {"status": "OPEN"},
    "dimension_policy": {"dimensions": {}},
    "rate": {"rate": "1"},
}
"""Kind of mapping -> a value that takes what comes; any other kind names a ledger account."""
_ANEW = ("ledger_account", "dimension", "dimension_policy")
"""Kinds whose value is said anew as a whole, because what else it says is what a rule objects to."""


def link(states: States, name: str, customer: str) -> Facts:
    """Yield what links a customer, or takes a link away that leads nowhere."""
    state = states.link(parts(name)[0], customer)
    if isinstance(state, Linked):
        yield Fact("link.removed", {"customer": customer}, f"unlink {customer}", command=f"postgate unlink {customer}")
        return
    told, command = f"link {customer} to an account that is open and has a class", f"postgate link {customer} ACCOUNT"
    yield Fact("link.made", {"customer": customer, "account": ACCOUNT}, told, chosen=("account",), command=command)


def customer(states: States, name: str, customer: str) -> Facts:
    """Yield what registers a customer, or changes what is held against it."""
    state = states.customer(parts(name)[0], customer)
    if state.record is None:
        fields = {"customer": customer, "version": 1, "name": customer}
        yield Fact("customer.registered", fields, f"register customer {customer}", chosen=("name",))
        return
    if state.hold is not None:
        yield Fact("customer.hold_released", {"customer": customer}, f"release the hold of customer {customer}")
    if not state.active:
        yield Fact("customer.reactivated", {"customer": customer}, f"reactivate customer {customer}")
    yield from _record("customer.changed", state.record, f"change customer {customer}", more=_COMPLETE)


def account(states: States, name: str, account: str) -> Facts:
    """Yield what opens an account, changes what is held against it, or gives it a class."""
    book = parts(name)[0]
    state, opened = states.account(book, account), states.book(book).opened
    if state.record is None:
        ledger = opened.control_accounts.receivable if opened else LEDGER
        plain = {"account": account, "version": 1, "name": account, "ledger_account": ledger}
        for extra in ({}, {"generic": True}):
            yield Fact("account.opened", plain | extra, f"open account {account}", chosen=("name", "ledger_account"))
        return
    if getattr(state, "hold", None) is not None:
        yield Fact("account.hold_released", {"account": account}, f"release the hold of account {account}")
    yield from _record("account.changed", state.record, f"change account {account}")
    for more in _NAMED:
        yield from _record("account.changed", state.record, f"change account {account}", more=more)
    told = f"give account {account} a class that posts to it"
    assigned = {"account": account, "class": CLASS}
    yield Fact("class.assigned", assigned, told, chosen=("class",), command=f"postgate classify {account} CLASS")


def class_(states: States, name: str, class_: str) -> Facts:
    """Yield what defines a class, or revises what it objects to."""
    record = states.class_(parts(name)[0], class_).record
    plain: dict[str, object] = {"class": class_, "version": 1, "name": class_, "behaviour": "ACCOUNT"}
    if record is None:
        yield Fact("class.defined", plain, f"define class {class_}", chosen=("name", "behaviour"))
        return
    kept = ("behaviour", "generic_account") if record.behaviour == "GENERIC" else ("behaviour",)
    if record.behaviour != "ASK":
        yield from _record("class.revised", record, f"revise class {class_}", kept=kept)
    if record.behaviour == "GENERIC":
        yield from _record("class.revised", record, f"revise class {class_}", kept=kept, more={"payment_required": False})
    yield from _record("class.revised", record, f"revise class {class_}", more={"behaviour": "ACCOUNT"})


def _record(kind: str, record: Shape, told: str, *, kept: Sequence[str] = (), more: Mapping[str, object] | None = None) -> Facts:
    """Yield a record said anew, with everything left out that a rule could object to, and more of what one could ask for."""
    before = record.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    fields = {name: value for name, value in before.items() if name in HARMLESS or name in kept}
    fields |= {name: value for name, value in (more or {}).items() if name not in before or name not in _COMPLETE}
    fields["version"] = int(str(before["version"])) + 1
    changed = tuple(name for name in dict.fromkeys((*before, *fields)) if before.get(name) != fields.get(name))
    changed = tuple(name for name in changed if name != "version")
    if changed:
        yield Fact(kind, fields, told, changed=changed, chosen=changed, before=before)


def mapping(states: States, name: str, place: str) -> Facts:
    """Yield what gives a source code its place in the books."""
    kind, _, key = place.partition(":")
    day = day_of(states, name)
    said = [each.said for each in states.book(parts(name)[0]).mappings.get((kind, key), ())]
    known = [each for each in said if (each.effective_from or "") <= day]
    value = _PLACED.get(kind, {"account": LEDGER, **({"fee_account": LEDGER} if kind == "tender" else {})})
    kept = known[-1].value.model_dump(by_alias=True, exclude_defaults=True, mode="json") if known and kind not in _ANEW else {}
    fields: dict[str, object] = {"kind": kind, "key": key, "value": {**kept, **value}}
    if known and known[-1].effective_from:
        fields["effective_from"] = known[-1].effective_from
    yield Fact("mapping.defined", fields, f"define the {kind} mapping of {key}", chosen=("value",))


def day_of(states: States, name: str) -> str:
    """Return the business date of a document, or the date of a payment."""
    state = states.of(name)[0]
    content = state.content if isinstance(state, Document | Payment) else None
    if content is None:
        return ""
    return content.business_date if isinstance(content, InvoiceIssued) else content.date
