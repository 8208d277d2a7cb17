"""The examples of the catalogue: for each code the shortest story that makes it, written out as the messages that tell it.

    python -m tests.rules.examples      writes adapters/reasons/CODE.jsonl and engine/firewall/README.md anew

The stories are those of the tests: the cases of the rules, what the door refuses, and the corpus of hostile messages. An
example is read at any time, so it must say the same on the day of the stories and many years later.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adapters.eventlog.memory import MemoryLog
from adapters.ingest import Ingester, incoming
from engine.firewall.catalogue import catalogue
from projections.documents import DOCUMENTS
from schemas.billed import Billed
from schemas.gate import KEYS_MAX
from schemas.values import instant
from tests import said
from tests.corpus import content, form
from tests.given import Story
from tests.rules.accumulation import closed, jobs, run, sold, till
from tests.rules.door import REFUSALS
from tests.rules.page import page
from tests.rules.table import CASES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "adapters" / "reasons"
PAGE = ROOT / "engine" / "firewall" / "README.md"
READ_AT = ("2026-03-10T12:00:00Z", "2070-01-01T00:00:00Z")
EXAMPLE_BYTES_MAX = 200_000

Lines = tuple[bytes, ...]

WITHOUT: Mapping[str, str] = {
    "TOO_LARGE": "one line of more than 256 KiB; any file that long shows it",
    "NOT_QUARANTINED": "answers a command of the operator, not a message",
    "TOMBSTONE_NOT_ALLOWED": "comes from a broker only",
    "CONTENT_TYPE": "comes from a broker only",
    "BATCH_UNREADABLE": "comes from a broker only",
    "DECOMPRESSION_BOMB": "comes from a broker only",
    "KILLED_THE_PROCESS": "is a fault of ours: no message is known to make it",
    "ENGINE_ERROR": "is a fault of ours: no message is known to make it",
    "RULE_ERROR": "is a fault of ours: no message is known to make it",
    "JOURNAL_IMPOSSIBLE": "is a fault of ours: no message is known to make it",
    "UNBALANCED_TXN_CURRENCY": "is a fault of ours: no message is known to make it",
    "JOURNAL_TOO_SHORT": "is a fault of ours: no message is known to make it",
    "CONTROL_LINE_WITHOUT_PARTY": "is a fault of ours: no message is known to make it",
    "ROUTE_MISSING": "is a fault of ours: rules speak first wherever no class decides",
}
"""Codes that no file of messages makes, and why."""

BESIDES: Mapping[str, Callable[[], Story]] = {
    "UNBALANCED_BY_KEY": lambda: (
        Story().shop(balance_by=["SITE"]).mapped("branch", "north", dimensions={"SITE": "N"}).invoice("i1", branch="north")
    ),
    "WAITING_FOR_VERSION": lambda: Story().shop().invoice("i1", version=2),
    "MEMBER_OF_POSTED_BATCH": lambda: jobs().invoice("i1").say(run()).amended("i1", net="90.00"),
    "FUTURE_DATED": lambda: Story().shop().invoice("i1", date="2100-12-31"),
    "TENDER_NOT_CLEARED": lambda: (
        Story()
        .shop()
        .mapped("tender", "CHEQUE", account="1020", clears_after_days=365)
        .payment("p1", tender="CHEQUE", date="2100-12-31")
    ),
    "COSMETIC_EDIT": lambda: Story().shop().invoice("i1").amended("i1", session="s2"),
    "CLEARING_NOT_ZERO": lambda: sold(till(), "i1").say(closed(CASH="90.00")),
    "ALLOCATED_TOO_MUCH": lambda: Story().payment("p1", "10.00", on={"i1": "20.00"}),
    "DUPLICATE_LINE": lambda: Story().invoice("i1", lines=[said.line(line=1), said.line(line=1)]),
    "TOO_MANY_ITEMS": lambda: Story().defined("HOUSE", channels=["WEB", "POS", "SERVICE", "WEB"]),
    "POSITION": lambda: Story().said("source.gap_declared", source="/till", from_=5, to=4, reason="the tape was lost", by="ann"),
}
"""Stories told here, because no case of a rule tells them, or only for a day that passes."""

_KEYS = b"{%s}" % b",".join(b'"%x":0' % number for number in range(KEYS_MAX + 1))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What messages come to in an empty store: the codes that documents, batches and days have, and those of refused messages."""

    reasons: frozenset[str]
    refusals: frozenset[str]

    def makes(self, code: str) -> bool:
        """True when a document has the reason, or a message was refused for it."""
        return code in self.reasons or code in self.refusals

    def makes_only(self, code: str) -> bool:
        """True when nothing else is wrong with any document or message."""
        return self.makes(code) and not (self.reasons | self.refusals) - {code}


def outcome(lines: Sequence[bytes], *, at: str) -> Outcome:
    """Take messages into an empty log in one batch, at a moment, and look at what came of them."""
    log = MemoryLog()
    handled = Ingester(log, now=lambda: instant(at)).take([incoming("example", n, raw) for n, raw in enumerate(lines, 1)])
    rows = [row for row in log.views.rows(DOCUMENTS) if row.state not in ("CANCELLED", "REVERSED")]
    billed = [reason.code for each in handled.happened if isinstance(each.event, Billed) for reason in each.event.reasons]
    reasons = frozenset((*billed, *(code for row in rows for code in row.codes.split())))
    refusals = frozenset(receipt.code for receipt in handled.receipts if receipt.verdict == "QUARANTINED")
    return Outcome(reasons, refusals)


@cache
def examples() -> Mapping[str, Lines]:
    """Return the example of each code that has one: the clearest, then the shortest, whose code is there at any time."""
    chosen: dict[str, tuple[tuple[bool, int], Lines]] = {}
    codes = catalogue()
    for code, lines in _told():
        size = sum(map(len, lines))
        if code not in codes or size > EXAMPLE_BYTES_MAX or (code in chosen and chosen[code][0] <= (False, size)):
            continue
        found = [outcome(lines, at=at) for at in READ_AT]
        if all(each.makes(code) for each in found):
            worth = (not all(each.makes_only(code) for each in found), size)
            if code not in chosen or worth < chosen[code][0]:
                chosen[code] = (worth, lines)
    return {code: chosen[code][1] for code in codes if code in chosen}


def _told() -> Iterator[tuple[str, Lines]]:
    """Yield every story there is under the code it is about; reasons of documents before refusals of messages."""
    yield "TOO_MANY_KEYS", (_KEYS,)
    documents = {case.code for case in CASES}
    for code, tell in (*BESIDES.items(), *((case.code, case.fires) for case in CASES)):
        yield code, tuple(tell().messages)
    for refusal in REFUSALS:
        if refusal.code not in documents:
            yield refusal.code, tuple(refusal.known().say(refusal.refused).messages)
    for hostile in (*form.SHAPE_OF_BYTES, *content.FIELDS, *content.NUMBERS, *content.TEXTS, *content.TIMES):
        raw = hostile.raw if hostile.verdict == "QUARANTINED" and hostile.code not in documents else b""
        if raw.strip() and b"\n" not in raw and b"\r" not in raw and len(raw) <= EXAMPLE_BYTES_MAX:
            yield hostile.code, (*hostile.before, raw)


def written(lines: Lines) -> bytes:
    """Return an example as a file of JSON Lines."""
    return b"".join(line + b"\n" for line in lines)


def main() -> str:
    """Write every example and the page that are not fresh, delete what is of no code any more; return what was done."""
    wanted = {FOLDER / f"{code}.jsonl": written(lines) for code, lines in examples().items()}
    wanted[PAGE] = page(set(examples())).encode()
    FOLDER.mkdir(exist_ok=True)
    stale = [path for path in FOLDER.glob("*.jsonl") if path not in wanted]
    for path in stale:
        path.unlink()
    fresh = [path for path, text in wanted.items() if path.exists() and path.read_bytes() == text]
    for path in wanted.keys() - set(fresh):
        path.write_bytes(wanted[path])
    missing = sorted(catalogue().keys() - examples().keys() - WITHOUT.keys())
    told = f"; no story makes {', '.join(missing)}" if missing else ""
    return f"wrote {len(wanted) - len(fresh)} files, deleted {len(stale)}{told}"


if __name__ == "__main__":
    sys.stdout.write(main() + "\n")
