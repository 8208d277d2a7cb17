"""Contradictions that the door refuses, each with what is accepted just beside it and what mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests import said
from tests.given import Story
from tests.rules.accumulation import closed, jobs, run, till, undo
from tests.said import DAY, Saying


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: what was `known`, what is `refused`, what just `beside` it is accepted, and what `mends` it."""

    row: str
    code: str
    known: Callable[[], Story]
    refused: Saying
    beside: Saying
    mends: tuple[Saying, ...] = ()


say = said.say
MARCH = ("2026-03", "2026-03-01", "2026-03-31")


def _shop() -> Story:
    return Story().shop().account("globex")


def _with_payer() -> Story:
    """c1 is linked; c2 is invoiced through c1."""
    return _shop().customer("c2", invoice_to="c1").customer("c3")


def _currencies() -> Story:
    return _shop().account("dollars", currency="USD").account("euros", currency="EUR").customer("c2", currency="EUR")


def _status(status: str) -> Story:
    return _shop().account("globex", version=2, status=status).customer("c2")


def _open_invoices(**policies: object) -> Story:
    """Two invoices are open on acme, and globex has a class."""
    story = Story().shop(**policies).account("globex").assigned("globex", "HOUSE")
    return story.invoice("i1").invoice("i2")


def _transfer(document: str, **fields: object) -> Saying:
    moved = {"transfer": "t1", "date": said.DAY, "from_account": "acme", "to_account": "globex", "by": "ann"}
    return say("balance.transferred", documents=[document], **(moved | fields))


def _moved() -> Story:
    return _open_invoices().say(_transfer("i1"))


def _confirmed() -> Story:
    return Story().say(say("posting.acknowledged", posting_key="k1", target="books", external_id="INV-1"))


def _decided(key: str) -> Saying:
    return say("drift.resolved", posting_key=key, target="books", resolution="SEND_OURS", by="ann")


def _held(**policies: object) -> Story:
    """An invoice of a customer on hold, whom ann linked."""
    linked = Story().shop(**policies).said("link.removed", customer="c1")
    return linked.said("link.made", customer="c1", account="acme", by="ann").said("customer.held", customer="c1").invoice("i1")


def _released(role: str, by: str) -> Saying:
    fields = {"document": "i1", "version": 1, "reasons": ["CUSTOMER_ON_HOLD"], "note": "agreed"}
    return say("release.granted", by=by, role=role, **fields)


LETTERS = {"levels": [{"level": 1, "days": 10, "letter": "Reminder"}]}


def _collecting() -> Story:
    """HOUSE has no terms, LATE charges interest and sends letters."""
    return _shop().defined("LATE", interest={"rate": "8"}, dunning=LETTERS)


REFUSALS = (
    Refusal(
        "B4",
        "LINK_ALREADY_EXISTS",
        _shop,
        refused=said.link("c1", "globex"),
        beside=said.link("c2", "globex"),
        mends=(say("link.removed", customer="c1"),),
    ),
    Refusal(
        "B5",
        "EXTERNAL_REF_IN_USE",
        lambda: _shop().account("acme", version=2, external_ref="QB-1"),
        refused=said.account("globex", version=2, external_ref="QB-1"),
        beside=said.account("globex", version=2, external_ref="QB-2"),
        mends=(said.account("acme", version=3, external_ref="QB-3"),),
    ),
    Refusal(
        "B6",
        "INVOICE_TO_AND_ACCOUNT_BOTH_SET",
        _with_payer,
        refused=said.link("c2", "globex"),
        beside=said.link("c3", "globex"),
        mends=(said.customer("c2", version=2),),
    ),
    Refusal(
        "B6",
        "INVOICE_TO_AND_ACCOUNT_BOTH_SET",
        _with_payer,
        refused=said.customer("c1", version=2, invoice_to="c3"),
        beside=said.customer("c3", version=2, invoice_to="c1"),
        mends=(say("link.removed", customer="c1"),),
    ),
    Refusal(
        "B8",
        "INVOICE_TO_CHAIN",
        _with_payer,
        refused=said.customer("c3", version=2, invoice_to="c2"),
        beside=said.customer("c3", version=2, invoice_to="c1"),
        mends=(said.customer("c2", version=2),),
    ),
    Refusal(
        "B8",
        "INVOICE_TO_CHAIN",
        _with_payer,
        refused=said.customer("c3", version=2, invoice_to="c3"),
        beside=said.customer("c3", version=2, invoice_to="c1"),
    ),
    Refusal(
        "B9",
        "LINK_TARGET_INACTIVE",
        lambda: _status("CLOSED"),
        refused=said.link("c2", "globex"),
        beside=said.link("c2", "acme"),
        mends=(said.account("globex", version=3, status="SUSPENDED"),),
    ),
    Refusal(
        "B9",
        "LINK_TARGET_INACTIVE",
        lambda: _status("DRAFT"),
        refused=said.link("c2", "globex"),
        beside=said.link("c2", "acme"),
        mends=(said.account("globex", version=3, status="HIDDEN"),),
    ),
    Refusal(
        "B10",
        "LINK_CURRENCY_MISMATCH",
        _currencies,
        refused=said.link("c2", "dollars"),
        beside=said.link("c2", "euros"),
        mends=(said.customer("c2", version=2),),
    ),
    Refusal(
        "B15",
        "MERGE_CIRCLE",
        lambda: Story().say(
            say("customer.merged", survivor="c2", merged=["c1"]), say("customer.merged", survivor="c3", merged=["c2"])
        ),
        refused=say("customer.merged", survivor="c1", merged=["c3"]),
        beside=say("customer.merged", survivor="c4", merged=["c3"]),
    ),
    Refusal(
        "B15",
        "MERGE_CIRCLE",
        lambda: Story().say(say("account.merged", survivor="a2", merged=["a1"])),
        refused=say("account.merged", survivor="a1", merged=["a2"]),
        beside=say("account.merged", survivor="a3", merged=["a2"]),
    ),
    Refusal(
        "B15",
        "ALREADY_MERGED",
        lambda: Story().say(say("customer.merged", survivor="c2", merged=["c1"])),
        refused=say("customer.merged", survivor="c3", merged=["c1"]),
        beside=say("customer.merged", survivor="c3", merged=["c2"]),
    ),
    Refusal(
        "B15",
        "ALREADY_MERGED",
        lambda: Story().say(say("account.merged", survivor="a2", merged=["a1"])),
        refused=say("account.merged", survivor="a3", merged=["a1"]),
        beside=say("account.merged", survivor="a3", merged=["a2"]),
    ),
    Refusal(
        "J3",
        "BATCH_HAS_UNRESOLVED",
        lambda: jobs().invoice("i1").invoice("i2", tax={"GST": "1.00"}),
        refused=run(),
        beside=run(acknowledged=True),
        mends=(said.mapping("tax", "GST", account="2220"),),
    ),
    Refusal("J2", "BATCH_EMPTY", lambda: jobs().invoice("i1"), refused=run(cut_off="2026-03-09"), beside=run()),
    Refusal(
        "J1",
        "BATCH_EXISTS",
        lambda: jobs().invoice("i1").say(run()).invoice("i2"),
        refused=run(cut_off="2026-03-11"),
        beside=run("b2"),
    ),
    Refusal("J14", "BATCH_UNKNOWN", lambda: jobs().invoice("i1").say(run()), refused=undo("b2"), beside=undo("b1")),
    Refusal(
        "J4",
        "PULL_NOT_ALLOWED",
        lambda: jobs().invoice("i1").invoice("i2", date="2026-03-11").say(run()),
        refused=say("document.pulled", document="i1", version=1, by="Ada"),
        beside=say("document.pulled", document="i2", version=1, by="Ada"),
        mends=(undo(),),
    ),
    Refusal(
        "J9",
        "DAY_ALREADY_CLOSED",
        lambda: till().say(closed()),
        refused=closed(CASH="1.00"),
        beside=closed("south", CASH="1.00"),
    ),
    Refusal(
        "J6",
        "BATCH_TOO_LARGE",
        lambda: jobs().invoice("i1", "9000000000000.00", date="2026-03-09").invoice("i2", "9000000000000.00"),
        refused=run(),
        beside=run(cut_off="2026-03-09"),
    ),
    Refusal(
        "J10",
        "CLASS_INVALID_COMBINATION",
        Story,
        refused=said.class_("X", "ACCOUNT", detail="SUMMARY"),
        beside=said.class_("X", "GENERIC", generic_account="counter", detail="SUMMARY"),
    ),
    Refusal(
        "C8",
        "CLASS_INVALID_COMBINATION",
        Story,
        refused=said.class_("X", "GENERIC", generic_account="counter", batch_billing=True),
        beside=said.class_("X", "ACCOUNT", batch_billing=True),
    ),
    Refusal(
        "C5",
        "CLASS_INVALID_COMBINATION",
        Story,
        refused=said.class_("X", "GENERIC"),
        beside=said.class_("X", "GENERIC", generic_account="counter"),
    ),
    Refusal(
        "C9",
        "CLASS_INACTIVE",
        lambda: _shop().defined("NEW").said("class.deactivated", class_="HOUSE"),
        refused=say("class.assigned", account="globex", class_="HOUSE"),
        beside=say("class.assigned", account="globex", class_="NEW"),
    ),
    Refusal(
        "C9",
        "CLASS_NOT_ASSIGNED",
        _shop,
        refused=say("class.unassigned", account="acme", class_="NEW"),
        beside=say("class.unassigned", account="acme", class_="HOUSE"),
        mends=(said.class_("NEW"), say("class.assigned", account="acme", class_="NEW")),
    ),
    Refusal(
        "H8",
        "TIMEZONE_UNKNOWN",
        Story,
        refused=said.book(timezone="Europe/Lndon"),
        beside=said.book(timezone="Europe/London"),
    ),
    Refusal(
        "F11",
        "SCALE",
        Story,
        refused=said.book(rounding_max="0.005"),
        beside=said.book(rounding_max="0.05"),
    ),
    Refusal(
        "A7",
        "BOOK_ALREADY_OPEN",
        lambda: Story().say(said.book(currency="EUR")),
        refused=said.book(currency="USD"),
        beside=said.mapping("tax", "VAT", account="2200"),
    ),
    Refusal(
        "A5",
        "VERSION_CONFLICT",
        _shop,
        refused=said.account("acme", name="Another name"),
        beside=said.account("acme", name="Another name", version=2),
    ),
    Refusal(
        "A5",
        "VERSION_CONFLICT",
        _shop,
        refused=said.customer("c1", name="Another name"),
        beside=said.customer("c1", name="Another name", version=2),
    ),
    Refusal(
        "A5",
        "VERSION_CONFLICT",
        _shop,
        refused=said.class_("HOUSE", "ASK"),
        beside=said.class_("HOUSE", "ASK", version=2),
    ),
    Refusal(
        "A3",
        "DOCUMENT_KIND_CHANGED",
        lambda: _shop().invoice("i1"),
        refused=said.credit_note("i1"),
        beside=said.credit_note("k1"),
    ),
    Refusal(
        "A3",
        "DOCUMENT_KIND_CHANGED",
        lambda: _shop().payment("p1"),
        refused=said.refund("p1"),
        beside=said.refund("r1"),
    ),
    Refusal(
        "D8",
        "HEAD_OFFICE_CHAIN",
        _shop,
        refused=said.account("acme", version=2, head_office="acme"),
        beside=said.account("acme", version=2, head_office="globex"),
    ),
    Refusal(
        "D8",
        "HEAD_OFFICE_CHAIN",
        lambda: _shop().account("acme", version=2, head_office="globex"),
        refused=said.account("branch", head_office="acme"),
        beside=said.account("branch", head_office="globex"),
        mends=(said.account("acme", version=3),),
    ),
    Refusal(
        "O9",
        "ALREADY_REVERSED",
        lambda: _shop().payment("p1", "100.00").reversed("p1", "100.00"),
        refused=said.reversal("p1", "100.00", reference="again"),
        beside=said.reversal("p2", "100.00"),
    ),
    Refusal(
        "O7",
        "TRANSFER_KNOWN",
        _moved,
        refused=_transfer("i2"),
        beside=_transfer("i2", transfer="t2"),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: _open_invoices().account("globex", version=2, status="CLOSED"),
        refused=_transfer("i1"),
        beside=said.account("globex", version=3),
        mends=(said.account("globex", version=3),),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: _open_invoices().account("counter", generic=True),
        refused=_transfer("i1", to_account="counter"),
        beside=_transfer("i1"),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: _open_invoices().account("dollars", currency="USD"),
        refused=_transfer("i1", to_account="dollars"),
        beside=_transfer("i1"),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: _open_invoices().account("fresh"),
        refused=_transfer("i1", to_account="fresh"),
        beside=_transfer("i1"),
        mends=(say("class.assigned", account="fresh", class_="HOUSE"),),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: _open_invoices().account("fresh").assigned("fresh", "LATER"),
        refused=_transfer("i1", to_account="fresh"),
        beside=_transfer("i1"),
        mends=(said.class_("LATER", effective_from=said.DAY),),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: _open_invoices().account("fresh").classified("fresh", "RETIRED").said("class.deactivated", class_="RETIRED"),
        refused=_transfer("i1", to_account="fresh"),
        beside=_transfer("i1"),
        mends=(say("class.assigned", account="fresh", class_="HOUSE"),),
    ),
    Refusal(
        "O7",
        "TRANSFER_ACCOUNT_UNUSABLE",
        lambda: (
            _open_invoices()
            .account("fresh")
            .assigned("fresh", "HOUSE")
            .said("account.merged", survivor="globex", merged=["fresh"])
        ),
        refused=_transfer("i1", to_account="fresh"),
        beside=_transfer("i1"),
    ),
    Refusal(
        "O7",
        "TRANSFER_NOT_OPEN",
        lambda: _open_invoices().payment("p1", on="i1"),
        refused=_transfer("i1"),
        beside=_transfer("i2"),
        mends=(said.reversal("p1"),),
    ),
    Refusal(
        "O7",
        "TRANSFER_DATE",
        lambda: _open_invoices().period("2026-02", "2026-02-01", "2026-02-28", verb="closed"),
        refused=_transfer("i1", date="2026-02-10"),
        beside=_transfer("i1", date="2026-03-09"),
        mends=(said.period("2026-02", "2026-02-01", "2026-02-28", verb="reopened"),),
    ),
    Refusal(
        "O7",
        "TRANSFER_DATE",
        _open_invoices,
        refused=_transfer("i1", date="2026-03-12"),
        beside=_transfer("i1", date="2026-03-11"),
    ),
    Refusal(
        "O7",
        "TRANSFER_DATE",
        lambda: _open_invoices(dates_from="2026-03-01"),
        refused=_transfer("i1", date="2026-02-28"),
        beside=_transfer("i1", date="2026-03-01"),
    ),
    Refusal(
        "L10",
        "REVERSAL_DIFFERS",
        lambda: _shop().payment("p1", "100.00"),
        refused=said.reversal("p1", "99.99"),
        beside=said.reversal("p1", "100.00"),
    ),
    Refusal(
        "H1",
        "PERIOD_INVALID",
        lambda: Story().say(said.period(*MARCH)),
        refused=said.period("late-march", "2026-03-31", "2026-04-15"),
        beside=said.period("april", "2026-04-01", "2026-04-15"),
    ),
    Refusal(
        "H1",
        "PERIOD_INVALID",
        lambda: Story().say(said.period(*MARCH)),
        refused=said.period("2026-03", "2026-03-01", "2026-03-30", verb="closed"),
        beside=said.period("2026-03", "2026-03-01", "2026-03-31", verb="closed"),
    ),
    Refusal(
        "N6",
        "TARGET_CONFLICT",
        _confirmed,
        refused=say("posting.acknowledged", posting_key="k1", target="books", external_id="INV-2"),
        beside=say("posting.acknowledged", posting_key="k1", target="other", external_id="INV-2"),
    ),
    Refusal(
        "N6",
        "TARGET_CONFLICT",
        _confirmed,
        refused=say("posting.refused", posting_key="k1", target="books", code="E1"),
        beside=say("posting.refused", posting_key="k2", target="books", code="E1"),
    ),
    Refusal(
        "N10",
        "NOTHING_TO_RESOLVE",
        _confirmed,
        refused=_decided("k1"),
        beside=say("drift.resolved", posting_key="k2", target="books", resolution="STOP", by="ann"),
        mends=(say("posting.drifted", posting_key="k1", target="books", finding="CHANGED"),),
    ),
    Refusal(
        "H9",
        "PERIOD_HAS_OPEN_ITEMS",
        lambda: Story().shop(period_close="ACKNOWLEDGE").customer("c2").invoice("i1", customer="c2"),
        refused=said.period(*MARCH, verb="closed"),
        beside=said.period("2026-03a", "2026-03-01", "2026-03-09", verb="closed"),
        mends=(said.link("c2", "acme"),),
    ),
    Refusal(
        "H9",
        "PERIOD_HAS_OPEN_ITEMS",
        lambda: Story().shop(period_close="ACKNOWLEDGE").customer("c2").invoice("i1", customer="c2"),
        refused=said.period(*MARCH, verb="closed"),
        beside=say("period.closed", period="2026-03", from_="2026-03-01", to="2026-03-31", acknowledged=True, by="ann"),
        mends=(say("invoice.voided", document="i1", version=2),),
    ),
    Refusal(
        "P1",
        "RELEASE_ROLE_REQUIRED",
        lambda: _held(release_roles={"CUSTOMER_ON_HOLD": ["credit controller"]}),
        refused=said.release("i1", "CUSTOMER_ON_HOLD"),
        beside=_released("credit controller", "bob"),
    ),
    Refusal(
        "P6",
        "FOUR_EYES_REQUIRED",
        lambda: _held(four_eyes=True),
        refused=said.release("i1", "CUSTOMER_ON_HOLD"),
        beside=_released("accountant", "bob"),
        mends=(
            say("link.removed", customer="c1"),
            say("link.made", customer="c1", account="acme", by="bob"),
        ),
    ),
    Refusal(
        "A1",
        "MESSAGE_ID_REUSED",
        lambda: Story().say(said.account("acme").under("x1")),
        refused=said.account("globex").under("x1"),
        beside=said.account("globex").under("x2"),
    ),
    Refusal(
        "Q1",
        "RUN_BACKWARDS",
        lambda: _collecting().said("statement.run", class_="HOUSE", as_of=DAY, by="ann"),
        refused=say("statement.run", class_="HOUSE", as_of="2026-03-09", by="ann"),
        beside=say("dunning.run", class_="LATE", as_of="2026-03-09", by="ann"),
    ),
    Refusal(
        "Q2",
        "RUN_IN_FUTURE",
        _collecting,
        refused=say("interest.run", class_="LATE", to="2100-12-31", by="ann"),
        beside=say("interest.run", class_="LATE", to=DAY, by="ann"),
    ),
    Refusal(
        "Q1",
        "RUN_CLASS_UNKNOWN",
        _shop,
        refused=say("statement.run", class_="LATE", as_of=DAY, by="ann"),
        beside=say("statement.run", class_="HOUSE", as_of=DAY, by="ann"),
        mends=(said.class_("LATE"),),
    ),
    Refusal(
        "Q7",
        "RUN_TERMS_MISSING",
        _collecting,
        refused=say("dunning.run", class_="HOUSE", as_of=DAY, by="ann"),
        beside=say("dunning.run", class_="LATE", as_of=DAY, by="ann"),
        mends=(said.class_("HOUSE", version=2, dunning=LETTERS),),
    ),
    Refusal(
        "Q2",
        "RUN_TERMS_MISSING",
        _collecting,
        refused=say("interest.run", class_="HOUSE", to=DAY, by="ann"),
        beside=say("interest.run", class_="LATE", to=DAY, by="ann"),
        mends=(said.class_("HOUSE", version=2, interest={"rate": "8"}),),
    ),
    Refusal(
        "Q4",
        "SCALE",
        lambda: _collecting().defined("FINE", interest={"rate": "8", "minimum": "0.005"}),
        refused=say("interest.run", class_="FINE", to=DAY, by="ann"),
        beside=say("interest.run", class_="LATE", to=DAY, by="ann"),
        mends=(said.class_("FINE", version=2, interest={"rate": "8", "minimum": "0.05"}),),
    ),
    Refusal(
        "P1",
        "RELEASE_NOT_ALLOWED",
        lambda: _shop().said("customer.held", customer="c1").invoice("i1"),
        refused=said.release("i1", "STOP_CREDIT"),
        beside=said.release("i1", "CUSTOMER_ON_HOLD"),
    ),
)
