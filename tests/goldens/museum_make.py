"""The museum's workshop: one real sample of every stored kind, made by real messages through the real engine.

python -m tests.goldens.museum_make            adds samples of kinds that have none; never touches the others
python -m tests.goldens.museum_make --again    makes all of them anew; only while nothing has been released
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from adapters import clock
from adapters.eventlog.memory import MemoryLog
from adapters.ingest import Ingester
from engine.decider import stream
from engine.handling.batch import Batch
from engine.record import Recorded
from engine.states import States
from schemas.envelope import read_structured
from schemas.events import KINDS, MessageRequeued
from schemas.examples import EXAMPLES

MUSEUM = Path(__file__).parent / "museum"
SOURCE = "museum"
NOW = 1_770_894_000_000_000  # 2026-02-12T11:00:00Z, while the customer of the examples is on hold.

FIRST = """
    book.opened mapping.defined period.opened class.defined class.revised class.deactivated customer.registered customer.changed
    account.opened account.changed class.assigned link.made
    statement.run interest.run dunning.run customer.held invoice.issued release.granted customer.hold_released
    account.held account.hold_released
    credit_note.issued payment.received payment.reversed refund.paid invoice.voided invoice.amended
    credit_note.amended credit_note.voided posting.refused posting.acknowledged
    posting.unanswered posting.drifted drift.resolved source.gap_declared
    customer.deactivated customer.reactivated customer.merged account.merged link.removed class.unassigned
    period.locked period.closed period.reopened tax_period.closed tax_period.reopened
""".split()
"""The story: the void comes before the amendment, so that a version waits and is then advanced."""


def story() -> Iterator[bytes]:
    """Yield the messages of the story; the last ones are a document said twice and a message nobody can read."""
    for name in FIRST:
        said = EXAMPLES[f"postgate.{name}.v1"]
        if name == "account.changed":
            said = _changed(said, stop_credit=False)
        yield _written(said)
        if name == "link.made":
            for kind, changes in _OWING.items():
                yield _written(_changed(EXAMPLES[kind], **changes) | {"id": f"owing-{kind}"})
        if name == "mapping.defined":
            yield from (_written(said | {"id": f"mapping-{n}", "data": content}) for n, content in enumerate(_MAPPINGS))
    invoice = EXAMPLES["postgate.invoice.issued.v1"]
    yield _written(_changed(invoice, document="i-3002", number="12-3002") | {"id": "i-3002"})
    yield _written(_changed(invoice, document="i-3002", number="12-3002", channel="WEB") | {"id": "i-3002-again"})
    yield from _alike()
    yield from _billed()
    yield b'{"specversion": "1.0"'


def _billed() -> Iterator[bytes]:
    """Yield a third book, in which documents are billed together, by a batch that is taken back and by a day that is closed."""
    for number, (name, changes) in enumerate(_BILLING):
        content = EXAMPLES[f"postgate.{name}.v1"]
        yield _written(_changed(content, **changes) | {"id": f"billed-{number}", "book": "third"})


def _alike() -> Iterator[bytes]:
    """Yield a second book, which asks about accounts like one that is there, and two accounts of one name."""
    opened, account = EXAMPLES["postgate.book.opened.v1"], EXAMPLES["postgate.account.opened.v1"]
    yield _written(_changed(opened, policies={"duplicate_accounts": "HOLD"}) | {"id": "book-2", "book": "second"})
    for name in ("a-1", "a-2"):
        content = {"account": name, "version": 1, "name": "Twin", "ledger_account": "1100"}
        yield _written(account | {"id": name, "book": "second", "data": content})


_MAPPINGS: tuple[dict[str, object], ...] = (
    {"kind": "tax", "key": "Z", "value": {"account": "2201", "rate": "0", "code": "Z"}},
    {"kind": "revenue", "key": "default", "value": {"account": "4000"}},
    {"kind": "tender", "key": "card", "value": {"account": "1250", "fee_account": "7400"}},
)

_SALE: dict[str, object] = {
    "date": "2026-01-30",
    "business_date": "2026-01-30",
    "currency": "EUR",
    "prices_include_tax": False,
    "lines": [{"line": 1, "description": "goods", "net": "10.00", "tax": []}],
    "totals": {"net": "10.00", "tax": "0.00", "gross": "10.00"},
    "tenders": [{"tender": "card", "amount": "10.00"}],
    "branch": "store-12",
}
_SHOP: dict[str, object] = {"class": "till", "version": 1, "name": "Till", "behaviour": "GENERIC", "generic_account": "a-2001"}
_MONEY: dict[str, object] = {"payment": "m-1", "amount": "1.00", "currency": "EUR", "customer": None, "fee": None}

_BILLING: tuple[tuple[str, dict[str, object]], ...] = (
    ("book.opened", {"base_currency": "EUR", "policies": {"anonymous_class": "till"}}),
    ("mapping.defined", {"kind": "revenue", "key": "default", "value": {"account": "4000"}}),
    ("mapping.defined", {"kind": "tender", "key": "card", "value": {"account": "1250"}}),
    ("account.opened", {"currency": "EUR", "generic": True}),
    ("class.defined", {"batch_billing": True}),
    ("class.defined", {**_SHOP, "detail": "SUMMARY"}),
    ("class.assigned", {}),
    ("customer.registered", {"currency": "EUR"}),
    ("link.made", {}),
    ("invoice.issued", {**_SALE, "document": "b-1", "number": "b-1"}),
    ("invoice.issued", {**_SALE, "document": "i-3001", "number": "i-3001"}),
    ("document.pulled", {}),
    ("batch.run", {}),
    ("batch.reversed", {}),
    ("invoice.issued", {**_SALE, "document": "b-2", "number": "b-2", "customer": None}),
    ("day.closed", {"currency": "EUR"}),
    ("account.opened", {"account": "a-2002", "currency": "EUR", "generic": False, "external_ref": "C-2002"}),
    ("class.assigned", {"account": "a-2002"}),
    ("invoice.issued", {**_SALE, "document": "b-3", "number": "b-3", "tenders": []}),
    ("document.pulled", {"document": "b-3"}),
    ("balance.transferred", {"documents": ["b-3"]}),
    ("payment.received", {**_MONEY, "allocations": [{"document": "b-3", "amount": "1.00"}], "origin": "ACCOUNTING"}),
)
"""What is billed together: an account of a class that bills in batches, and the till of a branch."""

_OWING: dict[str, dict[str, object]] = {
    "postgate.class.revised.v1": {
        "version": 3,
        "interest": {"rate": "8"},
        "dunning": {"levels": [{"level": 1, "days": 7, "letter": "Reminder"}]},
    },
    "postgate.account.changed.v1": {"version": 3, "stop_credit": False, "interest_applies": True, "interest_account": "4900"},
    "postgate.invoice.issued.v1": {
        "document": "i-3000",
        "number": "12-3000",
        "date": "2026-01-06",
        "business_date": "2026-01-06",
        "due_date": "2026-01-09",
        "order_number": "PO-700",
    },
}
"""What is overdue when the class is run, and the terms on which it is charged and asked for."""


def _changed(said: dict[str, object], **changes: object) -> dict[str, object]:
    content = said["data"]
    assert isinstance(content, dict)
    return said | {"data": content | changes}


def _written(said: dict[str, object]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def samples() -> dict[str, Recorded]:
    """Return the first record of every kind that the story makes."""
    log = MemoryLog("museum")
    messages = list(enumerate(story(), start=1))
    Ingester(log, now=lambda: NOW).ingest(SOURCE, messages)
    _requeue(log, f"{SOURCE}#{messages[-1][0]}")
    made: dict[str, Recorded] = {}
    for recorded in log.records:
        made.setdefault(recorded.kind, recorded)
    return made


def _requeue(log: MemoryLog, locator: str) -> None:
    """Offer the quarantined message again, mended, as an operator does."""
    with log.writing() as writing:
        states = States()
        states.begin(writing)
        batch = Batch(writing, states, NOW, clock.day)
        mended = read_structured(_written(EXAMPLES["postgate.customer.registered.v1"]))
        batch.begin("operator#1", "", mended)
        batch.record(stream("~", "quarantine", locator), MessageRequeued(locator=locator, verdict="DUPLICATE"))
        writing.record(batch.happened, [], {})


def text(recorded: Recorded) -> str:
    """Return a record as the text of a sample."""
    kept = {
        "stream": recorded.stream,
        "version": recorded.version,
        "kind": recorded.kind,
        "state": recorded.state.decode(),
    }
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Recorded:
    """Return the record that a sample keeps."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Recorded(1, kept["stream"], kept["version"], kept["kind"], kept["state"].encode())


def released() -> bool:
    """True when the repository has a tag: what was written by then may lie in somebody's store."""
    told = subprocess.run(["git", "tag", "--list"], cwd=MUSEUM, capture_output=True, text=True, check=True)
    return bool(told.stdout.strip())


def main(arguments: list[str]) -> str:
    """Write the samples that are missing, or all; return what was done."""
    again = arguments == ["--again"]
    if again and released():
        return "refused: there has been a release, so samples are never made again; retire the kind and write an upcast"
    made = samples()
    written = [kind for kind in made if again or not (MUSEUM / f"{kind}.json").exists()]
    for kind in written:
        (MUSEUM / f"{kind}.json").write_text(text(made[kind]), encoding="utf-8")
    missing = sorted(kind for kind in KINDS if not (MUSEUM / f"{kind}.json").exists())
    return f"wrote {len(written)} samples; still without one: {', '.join(missing) or 'none'}"


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
