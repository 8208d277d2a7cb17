"""A generated world: books with all they say, in random order over topics and partitions, with copies and poison, from a seed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.endtoend.facts import BookFacts
from tests.endtoend.specification import Said

CURRENCIES = ("EUR", "GBP", "JPY")
COPIES, POISON = 50, 10
"""How many of a thousand messages are said twice, and how many records of a thousand are poison."""
STRUCTURED = 100
ASTRAY = 100
TOPICS = ("customers", "accounts", "links", "classes", "documents", "books")
_TOPIC_OF = {
    "customer": "customers",
    "account": "accounts",
    "link": "links",
    "class": "classes",
    "book": "books",
    "mapping": "books",
    "period": "books",
}
_TIME = "2026-03-10T12:00:00+01:00"


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent to a broker, and under which kind of poison, if it is."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    poison: str = ""


@dataclass(slots=True)
class World:
    """Everything that is said, and how it is sent; the same seed gives the same world."""

    seed: int
    documents: int
    partitions: int = 3
    waves: tuple[list[Said], list[Said]] = field(init=False)
    books: int = 3

    def __post_init__(self) -> None:
        """Let every book say its part; the last and smallest is never opened."""
        random = Random(self.seed)
        shops = [BookFacts(random, f"book-{number}", CURRENCIES[number]) for number in range(self.books)]
        shops.append(BookFacts(random, "never-opened", "EUR", opened=False))
        for shop in shops:
            for _ in range(max(self.documents // 15, 10)):
                shop.party()
        while sum(shop.documents for shop in shops) < self.documents:
            shop = shops[-1] if random.random() < 0.02 else random.choice(shops[:-1])
            shop.sale()
        self.waves = ([said for shop in shops for said in shop.waves[0]], [said for shop in shops for said in shop.waves[1]])
        for wave in self.waves:
            random.shuffle(wave)

    def records(self, wave: int) -> Iterator[Record]:
        """Yield the records of a wave: every message, now and then a copy of an earlier one, and poison."""
        random, said = Random(self.seed + 1 + wave), self.waves[wave]
        for number, message in enumerate(said):
            structured = chance(random, STRUCTURED)
            yield self._record(random, message, structured=structured)
            if chance(random, COPIES):
                earlier = said[random.randrange(number + 1)] if random.random() < 0.5 else message
                if earlier is message and random.random() < 0.5:
                    yield self._record(random, message, structured=structured)
                else:
                    # The bytes of an earlier message depend on its mode, so a copy of it goes under an id of its own.
                    yield self._record(random, {**earlier, "id": f"{earlier['id']}-again-{number}"}, structured=structured)
            if chance(random, POISON):
                yield self._poison(random, number, message)

    def _record(self, random: Random, said: Said, *, structured: bool) -> Record:
        noun = said["type"].split(".")[1]
        topic = random.choice(TOPICS) if chance(random, ASTRAY) else _TOPIC_OF.get(noun, "documents")
        attributes = attributes_of(said)
        headers = [("content-type", b"application/cloudevents+json")] if structured else binary(attributes)
        content = {**attributes, "data": said["data"]} if structured else said["data"]
        key = f"{said['book']}|{said['id']}".encode() if random.random() < 0.9 else None
        return Record(topic, random.randrange(self.partitions), key, json.dumps(content).encode(), tuple(headers))

    def _poison(self, random: Random, number: int, said: Said) -> Record:
        """Spoil a message in one of many ways; no two spoilt records are alike."""
        spoilt = {**said, "id": f"{said['id']}-poison-{number}"}
        kind = random.choice(list(POISONS))
        value, headers = POISONS[kind](attributes_of(spoilt), said["data"])
        return Record(
            random.choice(TOPICS), random.randrange(self.partitions), spoilt["id"].encode(), value, tuple(headers), kind
        )


def chance(random: Random, of_a_thousand: int) -> bool:
    """Return True so many times of a thousand."""
    return random.randrange(1000) < of_a_thousand


def attributes_of(said: Said) -> dict[str, str]:
    """Return the envelope of a message."""
    return {
        "specversion": "1.0",
        "id": said["id"],
        "source": f"/pos/{said['book']}",
        "type": said["type"],
        "time": _TIME,
        "book": said["book"],
    }


def binary(attributes: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Return the headers of binary mode."""
    return [(f"ce_{name}", value.encode()) for name, value in attributes.items()] + [("content-type", b"application/json")]


Spoilt = tuple[bytes | None, list[tuple[str, bytes]]]


def _bytes(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return b"\xff\xfe\x00" + json.dumps(data).encode(), binary(attributes)


def _tombstone(attributes: Mapping[str, str], _: Mapping[str, Any]) -> Spoilt:
    return None, binary(attributes)


def _empty(attributes: Mapping[str, str], _: Mapping[str, Any]) -> Spoilt:
    return b"", binary(attributes)


def _cut(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return json.dumps({**attributes, "data": data}).encode()[:-7], [("content-type", b"application/cloudevents+json")]


def _unknown_type(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return json.dumps(data).encode(), binary({**attributes, "type": "postgate.invoice.exploded.v1"})


def _later_version(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return json.dumps(data).encode(), binary({**attributes, "type": attributes["type"].replace(".v1", ".v9")})


def _nameless(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return json.dumps(data).encode(), binary({name: value for name, value in attributes.items() if name != "book"})


def _foreign(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    headers = [(name, b"application/avro" if name == "content-type" else value) for name, value in binary(attributes)]
    return json.dumps(data).encode(), headers


def _framed(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return b"\0\0\0\0\x07" + json.dumps(data).encode(), binary(attributes)


def _unknown_field(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return json.dumps({**data, "posting_key": "mine"}).encode(), binary(attributes)


def _twice(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    first = next(iter(data))
    return json.dumps(data).encode()[:-1] + b"," + json.dumps({first: data[first]}).encode()[1:], binary(attributes)


def _number(attributes: Mapping[str, str], _: Mapping[str, Any]) -> Spoilt:
    money = {"payment": attributes["id"], "date": "2026-03-10", "currency": "EUR", "amount": 12.5, "tender": "cash"}
    return json.dumps(money).encode(), binary({**attributes, "type": "postgate.payment.received.v1"})


def _precise(attributes: Mapping[str, str], _: Mapping[str, Any]) -> Spoilt:
    money = {"payment": attributes["id"], "date": "2026-03-10", "currency": "EUR", "amount": "12.505", "tender": "cash"}
    return json.dumps(money).encode(), binary({**attributes, "type": "postgate.payment.received.v1"})


def _large(attributes: Mapping[str, str], data: Mapping[str, Any]) -> Spoilt:
    return json.dumps({**data, "remarks": attributes["id"] * 30_000}).encode()[: 300 * 1024], binary(attributes)


POISONS = {
    "bytes": _bytes,
    "tombstone": _tombstone,
    "empty": _empty,
    "cut": _cut,
    "unknown type": _unknown_type,
    "later version": _later_version,
    "nameless": _nameless,
    "foreign": _foreign,
    "framed": _framed,
    "unknown field": _unknown_field,
    "key twice": _twice,
    "number": _number,
    "precise": _precise,
    "large": _large,
}
"""Kinds of poison, each with what it makes of a message."""
