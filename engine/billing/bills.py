"""Bills: the journals of many documents added up into those of one, per account, tax code and dimension (J5, J6).

What is added was rounded for each document before; nothing is computed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.firewall.balance import journal_is_sound
from engine.firewall.calendar import posting_period
from engine.firewall.facts import Facts
from engine.firewall.standing import debtor
from engine.handling.judging import Judged
from engine.journal import Leg
from engine.journal.sale import settlement
from schemas.events import PostingLine

MEMBERS_PER_POSTING_MAX = 5_000
"""How many documents one posting of a batch names; a larger group posts in several."""

POSTING_BYTES_MAX = 768 * 1024
"""How large a posting of several documents is told at most, so that brokers that take a megabyte take it."""

_LINE_BYTES = 400
"""What a line is told with at most, besides its names: amounts, currencies, a memo."""

Group = tuple[str, str, int, str, bool, str, str, bool]
"""Debtor, class, its version, currency, prices with tax, target period, branch where it is mapped, credit note."""


_Key = tuple[str, str, str, str, tuple[tuple[str, str], ...]]
"""Side, account, party, tax code and dimensions; None sorts with no name."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document that is billed with others: how it was judged just now, and its own journals."""

    stream: str
    judged: Judged
    legs: tuple[Leg, ...]

    @property
    def facts(self) -> Facts:
        """The facts it was judged by."""
        return self.judged.facts

    @property
    def document(self) -> str:
        """The document's own id."""
        return self.facts.subject.document

    @property
    def group(self) -> Group:
        """Return with which others it may stand in one posting (J5, J11)."""
        facts, subject = self.facts, self.facts.subject
        owed, branch, invoice = debtor(facts), subject.said.branch, subject.invoice
        mapped = branch is not None and facts.book.mapped("branch", branch, subject.business_date) is not None
        return (
            owed.account if owed else "",
            facts.class_id or "",
            facts.class_.version,
            subject.currency,
            bool(invoice and invoice.prices_include_tax),
            posting_period(facts).name,
            branch or "" if mapped else "",
            subject.kind == "CREDIT_NOTE",
        )


@dataclass(frozen=True, slots=True)
class Bill:
    """Members that post together; `suffix` tells the bills of one run apart, it is empty where there is one only."""

    members: tuple[Member, ...]
    suffix: str

    @property
    def facts(self) -> Facts:
        """The facts that all members share: debtor, class, currency and period."""
        return self.members[0].facts

    @property
    def prefix(self) -> str:
        """What the class writes before the numbers of its documents (C13)."""
        record = self.facts.class_.record
        return (record.invoice_prefix if record else None) or ""

    def sources(self, leg: str) -> list[str]:
        """Return the documents whose lines are in a journal of the bill."""
        name = leg.removesuffix(self.suffix)
        return [member.document for member in self.members if any(own.name == name for own in member.legs)]

    def legs(self, memo: str) -> Iterator[Leg]:
        """Yield the journals of the bill: of each kind of journal, the members' lines added up."""
        names = dict.fromkeys(leg.name for member in self.members for leg in member.legs)
        for name in names:
            parts = [(member, leg) for member in self.members for leg in member.legs if leg.name == name]
            lines = added_up((leg.lines for _, leg in parts), memo)
            if lines:
                first = parts[0][1]
                yield Leg(f"{name}{self.suffix}", first.kind, first.account, lines)

    def fault(self) -> str | None:
        """Say why the journals cannot stand, where they cannot: a sum above the largest amount."""
        findings = (journal_is_sound(leg, ()) for leg in self.legs(""))
        return next((finding.message for finding in findings if finding), None)


def by_tender(facts: Facts, built: Sequence[Leg]) -> Iterator[Leg]:
    """Yield a member's journals with one settlement for each tender (J13); tenders of a foreign sale settle it together."""
    invoice, owed, opened = facts.subject.invoice, debtor(facts), facts.book.opened
    for leg in built:
        if leg.name != "settlement" or invoice is None or owed is None or opened is None:
            yield leg
            continue
        codes = list(dict.fromkeys(part.tender for part in invoice.tenders))
        if len(codes) == 1:
            yield replace(leg, name=f"settlement:{codes[0]}")
        elif facts.foreign:
            yield leg
        else:
            for code in codes:
                # What cash was rounded by belongs to the tenders as a whole; the first one has it.
                alone = _paid_by(facts, code, rounded=code == codes[0])
                part = settlement(alone, owed, opened, built[0])
                if part is not None:
                    yield replace(part, name=f"settlement:{code}")


def _paid_by(facts: Facts, code: str, *, rounded: bool) -> Facts:
    subject, sums = facts.subject, facts.subject.sums
    tenders = [part for part in subject.invoice.tenders if part.tender == code] if subject.invoice else []
    said = subject.invoice.model_copy(update={"tenders": tenders}) if subject.invoice else None
    return replace(facts, subject=replace(subject, invoice=said, sums=sums if rounded else replace(sums, cash_rounding=0)))


def bills(members: Iterable[Member]) -> list[Bill]:
    """Return the postings that documents make together, each group by itself, in one order whatever theirs was."""
    groups: dict[Group, list[Member]] = {}
    for member in members:
        groups.setdefault(member.group, []).append(member)
    portions = [portion for group in sorted(groups) for portion in _portions(sorted(groups[group], key=_by_day))]
    several = len(portions) > 1
    return [Bill(tuple(portion), f"#{number}" if several else "") for number, portion in enumerate(portions, 1)]


def _portions(members: Sequence[Member]) -> Iterator[Sequence[Member]]:
    """Yield members that fit into one posting of each kind, by their number and by the bytes it is told in."""
    portion: list[Member] = []
    kept, told = set[tuple[str, _Key]](), defaultdict[str, int](int)
    for member in members:
        more = _told(member, kept)
        if len(portion) == MEMBERS_PER_POSTING_MAX or any(told[leg] + size > POSTING_BYTES_MAX for leg, size in more.items()):
            if portion:
                yield portion
            portion, kept, told = [], set(), defaultdict(int)
            more = _told(member, kept)
        portion.append(member)
        for leg in member.legs:
            kept.update((leg.name, _key(line)) for line in leg.lines)
            told[leg.name] += more[leg.name]
    if portion:
        yield portion


def _told(member: Member, kept: Collection[tuple[str, _Key]]) -> dict[str, int]:
    """Return by how many bytes a member makes postings longer: its name, and lines that no member before it has."""
    sizes: dict[str, int] = {}
    for leg in member.legs:
        fresh = {key: line for line in leg.lines if (leg.name, key := _key(line)) not in kept}
        sizes[leg.name] = len(member.document) + 3 + sum(map(_length, fresh.values()))
    return sizes


def _length(line: PostingLine) -> int:
    names = (line.account, line.party or "", line.tax_code or "", line.customer or "")
    return _LINE_BYTES + sum(map(len, names)) + sum(len(name) + len(value) + 6 for name, value in line.dimensions.items())


def _key(line: PostingLine) -> _Key:
    """Return what lines that are added up have in common: the debit side comes first, as in every journal."""
    dimensions = tuple(sorted(line.dimensions.items())) if line.dimensions else ()
    return "0" if line.side == "D" else "1", line.account, line.party or "", line.tax_code or "", dimensions


def _by_day(member: Member) -> tuple[str, str]:
    return member.facts.subject.business_date, member.document


def added_up(journals: Iterable[Sequence[PostingLine]], memo: str) -> tuple[PostingLine, ...]:
    """Add lines by side, account, party, tax code and dimensions; a customer stays only where all lines name that one."""
    sums: dict[_Key, tuple[PostingLine, int, int, bool]] = {}
    for lines in journals:
        for line in lines:
            key = _key(line)
            first, amount, base, same = sums.get(key, (line, 0, 0, True))
            sums[key] = first, amount + line.amount, base + line.base_amount, same and first.customer == line.customer
    return tuple(
        [
            first.model_copy(
                update={"amount": amount, "base_amount": base, "memo": memo, "customer": first.customer if same else None}
            )
            for _, (first, amount, base, same) in sorted(sums.items(), key=lambda entry: entry[0])
        ]
    )
