"""What must be true when everything is settled: each check looks at what was seen and returns its faults in words."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.endtoend.specification import Name, Posting, units

FAULTS_MAX = 20
POSTINGS, DECISIONS, QUARANTINE = "postgate.postings", "postgate.decisions", "postgate.quarantine"
Place = tuple[str, int]
"""A topic and a partition."""


@dataclass(frozen=True, slots=True)
class Told:
    """A record of an output topic, as an independent consumer read it."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def id(self) -> str:
        """The id by which a consumer knows what it has seen."""
        return f"{self.header('ce_source')} {self.header('ce_id')}"

    @property
    def position(self) -> int:
        """Where the log has it."""
        return int(self.header("postgate_position"))

    def header(self, name: str) -> str:
        """Return a header as text."""
        return next(value.decode() for known, value in self.headers if known == name)


@dataclass(slots=True)
class Read:
    """One source as the database has it: the verdict at each position, the gaps, and how far it is read."""

    verdicts: dict[int, str] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    """Why, where the verdict has a reason."""
    gaps: list[tuple[int, int]] = field(default_factory=list)
    position: int = 0


@dataclass(slots=True)
class Seen:
    """Everything that can be seen from outside: what was acknowledged, what the store kept, what the topics say."""

    acknowledged: dict[Place, dict[int, str]] = field(default_factory=dict)
    """Offset by offset what was sent: the kind of poison, empty for a sound message."""
    ends: dict[Place, int] = field(default_factory=dict)
    sources: dict[str, Read] = field(default_factory=dict)
    states: dict[Name, str] = field(default_factory=dict)
    told: Sequence[Told] = ()


def faults(seen: Seen, states: Mapping[Name, str], postings: Mapping[str, Posting]) -> dict[str, list[str]]:
    """Return the faults by check, the first few of each; nothing but empty lists is right."""
    said = [told for told in seen.told if told.topic == POSTINGS]
    found = {
        "every offset has one receipt": uncovered(seen),
        "poison is quarantined, and nothing else": misjudged(seen),
        "every document has its state": differing(seen.states, states),
        "no posting is lost, none leaks": leaks(said, postings),
        "every journal is what it must be": unbalanced(said, postings),
        "books add up": totals(said, postings),
        "order is kept": disordered(seen.told),
        "copies are alike": unlike(seen.told),
        "decisions tell where documents stand": mistold(seen.told, states),
        "quarantine is told": untold(seen),
    }
    return {
        name: [*each[:FAULTS_MAX], *[f"and {len(each) - FAULTS_MAX} more"] * (len(each) > FAULTS_MAX)]
        for name, each in found.items()
    }


def place_of(source: str) -> Place:
    """Return the topic and partition in a source's name: kafka:CLUSTER/TOPIC/TOPIC-ID/PARTITION."""
    parts = source.removeprefix("kafka:").split("/")
    return (parts[1], int(parts[3])) if len(parts) == 4 else (source, 0)


def uncovered(seen: Seen) -> list[str]:
    """Every offset below the end has a receipt or lies in a gap, never both, under one name; none was acknowledged in a gap."""
    found: list[str] = []
    read: dict[Place, Read] = {}
    for source, kept in seen.sources.items():
        if place_of(source) in read:
            found.append(f"{source} is read under another name too")
        read[place_of(source)] = kept
    for place, end in seen.ends.items():
        kept = read.get(place, Read())
        if kept.position != end:
            found.append(f"{place} is read up to {kept.position}, its end is {end}")
        covered = Counter(kept.verdicts.keys())
        covered.update(position for first, last in kept.gaps for position in range(first, last + 1))
        found += [
            f"{place} offset {number - 1} is covered {covered[number]} times"
            for number in range(1, end + 1)
            if covered[number] != 1
        ]
        found += [
            f"{place} has a receipt for offset {number - 1}, beyond its end" for number in covered if not 1 <= number <= end
        ]
        sent = seen.acknowledged.get(place, {})
        found += [
            f"{place} offset {offset} was acknowledged and has no receipt" for offset in sent if offset + 1 not in kept.verdicts
        ]
    return found


def misjudged(seen: Seen) -> list[str]:
    """What was sent as poison is quarantined, and no sound message is."""
    kept = {place_of(source): read for source, read in seen.sources.items()}
    return [
        f"{place} offset {offset}, {poison or 'sound'}: {verdict} {kept[place].codes.get(offset + 1, '')}"
        for place, sent in seen.acknowledged.items()
        for offset, poison in sent.items()
        if (verdict := kept.get(place, Read()).verdicts.get(offset + 1)) and (verdict == "QUARANTINED") != bool(poison)
    ]


def differing(seen: Mapping[Name, str], states: Mapping[Name, str]) -> list[str]:
    """Every version of every document stands in one state, the one it must."""
    names = sorted(seen.keys() | states.keys())
    return [f"{name} is {seen.get(name)}, must be {states.get(name)}" for name in names if seen.get(name) != states.get(name)]


def leaks(said: Sequence[Told], postings: Mapping[str, Posting]) -> list[str]:
    """The distinct keys on the topic are those that must be: none is missing, none passed the firewall without right."""
    keys = {told.header("ce_id") for told in said}
    missing = [f"lost: {posting.name} {posting.leg}" for key, posting in postings.items() if key not in keys]
    return [*missing, *(f"leaked: {key}" for key in sorted(keys - postings.keys()))]


def unbalanced(said: Sequence[Told], postings: Mapping[str, Posting]) -> list[str]:
    """Every journal balances in both currencies, and adds to each ledger account what it must, on the account it must."""
    found = []
    for told in firsts(said):
        content, must = json.loads(told.value), postings.get(told.header("ce_id"))
        rows = [(line["account"], signed(line)) for line in content["lines"]]
        base = sum(
            (1 if line["side"] == "D" else -1) * units(line["base_amount"], line["base_currency"]) for line in content["lines"]
        )
        if sum(amount for _, amount in rows) or base:
            found.append(f"{told.id} does not balance")
        if must is None:
            continue
        book, _, key, version = must.name
        where = (content["book"], content["document"], content["document_version"], content["account"], content["currency"])
        if where != (book, key, version, must.account, must.currency) or added(rows) != added(must.rows):
            found.append(f"{told.id} is {where} {added(rows)}, must be {must.name} {must.account} {added(must.rows)}")
        if content["posting_key"] != told.header("ce_id"):
            found.append(f"{told.id} has key {content['posting_key']} inside")
    return found


def totals(said: Sequence[Told], postings: Mapping[str, Posting]) -> list[str]:
    """What a consumer that drops known keys has booked: debits equal credits per book and currency, and are what they must be."""
    debits, credits, must = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for told in firsts(said):
        content = json.loads(told.value)
        for line in content["lines"]:
            side = debits if line["side"] == "D" else credits
            side[content["book"], line["currency"]] += units(line["amount"], line["currency"])
    for posting in postings.values():
        must[posting.name[0], posting.currency] += sum(amount for _, amount in posting.rows if amount > 0)
    return [
        f"{book} in {currency}: debits {debits[book, currency]}, credits {credits[book, currency]}, must be {amount}"
        for book, currency in sorted({*debits, *credits, *must})
        if not (amount := must[book, currency]) == debits[book, currency] == credits[book, currency]
    ]


def disordered(told: Sequence[Told]) -> list[str]:
    """First occurrences come in the order of the log, partition by partition, and a key stays in its partition."""
    found, last, home = [], dict[Place, int](), dict[tuple[str, bytes], int]()
    for one in firsts(told):
        place = one.topic, one.partition
        if one.position < last.get(place, 0):
            found.append(f"{one.id} of position {one.position} comes after {last[place]} in {place}")
        last[place] = max(one.position, last.get(place, 0))
        if home.setdefault((one.topic, one.key), one.partition) != one.partition:
            found.append(f"{one.id} with key {one.key!r} is in partition {one.partition} and {home[one.topic, one.key]}")
    return found


def unlike(told: Sequence[Told]) -> list[str]:
    """All copies of one message have the same bytes, headers and key, in the same partition."""
    known: dict[tuple[str, str], Told] = {}
    for one in told:
        known.setdefault((one.topic, one.id), one)
    return [
        f"{one.id} at {one.topic} {one.partition} offset {one.offset} is not the copy of offset {first.offset}"
        for one in told
        if (one.partition, one.key, one.value, one.headers)
        != ((first := known[one.topic, one.id]).partition, first.key, first.value, first.headers)
    ]


def mistold(told: Sequence[Told], states: Mapping[Name, str]) -> list[str]:
    """The last decision told of each version in force is where it stands; of an overtaken one, where it stood before."""
    last: dict[Name, tuple[int, str]] = {}
    for one in told:
        if one.topic == DECISIONS:
            content = json.loads(one.value)
            noun = "payment" if content["kind"] in ("PAYMENT", "REFUND") else "document"
            name = (one.header("ce_book"), noun, content["document"], content["version"])
            last[name] = max(last.get(name, (0, "")), (one.position, content["state"]))
    overtaken = {"REVERSED": ("POSTED",), "CANCELLED": ("REQUIRES_ATTENTION", "WAITING", "EXCLUDED", "ACCUMULATING")}
    return [
        f"{name} was told {last.get(name, (0, 'nothing'))[1]}, stands {states.get(name)}"
        for name in sorted(last.keys() | states.keys())
        if last.get(name, (0, ""))[1] not in overtaken.get(states.get(name, ""), (states.get(name),))
    ]


def untold(seen: Seen) -> list[str]:
    """Every receipt of quarantine is told once, with the place of the record; nothing else is."""
    kept = {
        (source, number)
        for source, read in seen.sources.items()
        for number, verdict in read.verdicts.items()
        if verdict == "QUARANTINED"
    }
    notices = {}
    for one in seen.told:
        if one.topic == QUARANTINE:
            content = json.loads(one.value)
            notices[content["source"], content["position"]] = content
    found = [f"{source} position {number} is quarantined and not told" for source, number in sorted(kept - notices.keys())]
    found += [f"{source} position {number} is told and not quarantined" for source, number in sorted(notices.keys() - kept)]
    for (source, number), content in notices.items():
        size = len(base64.b64decode(content["original_bytes"]))
        if size != content["size"] and size < 64 * 1024:
            found.append(f"{source} position {number} is told with {size} of {content['size']} bytes")
    return found


def firsts(told: Sequence[Told]) -> Iterator[Told]:
    """Yield what is left for a consumer that drops the ids it knows."""
    known: set[tuple[str, str]] = set()
    for one in told:
        if (one.topic, one.id) not in known:
            known.add((one.topic, one.id))
            yield one


def signed(line: Mapping[str, str]) -> int:
    """Return the amount of a told line in minor units, debit above zero."""
    return (1 if line["side"] == "D" else -1) * units(line["amount"], line["currency"])


def added(rows: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Add rows up by ledger account."""
    total = Counter[str]()
    for account, amount in rows:
        total[account] += amount
    return {account: amount for account, amount in total.items() if amount}
