"""Sending on the command line: files of messages go to their topics, checked first as the door would check them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from adapters.cli.options import json_option
from adapters.cli.output import counted, emit
from adapters.cli.progress import progress
from adapters.errors import BrokerUnreachable, CheckFailed, EdgeError

if TYPE_CHECKING:
    from adapters.files import Source
    from adapters.kafka.sending import Sender, Sent
    from adapters.settings import KafkaSettings

FAULTS_TOLD_MAX = 100
STRUCTURED = "application/cloudevents+json; charset=utf-8"
ORDERED_BY = ("document", "payment", "customer", "survivor", "account", "class", "posting_key")
"""What must stay in order, as its field in the message: the first of these that it has is the key, with the book."""


@dataclass(frozen=True, slots=True)
class Way:
    """How messages are sent: to one topic or to that of their type, in one piece or attributes apart, checked or as they are."""

    topic: str | None
    structured: bool
    as_is: bool


@dataclass(slots=True)
class Read:
    """What was read in one file: how many messages it has, and the lines that would be refused."""

    source: Source
    messages: int = 0
    faults: list[tuple[int, str, str]] = field(default_factory=list)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...|-")
@click.option("--topic", metavar="TOPIC", help="Send everything here, instead of to the topic of each type.")
@click.option("--structured", is_flag=True, help="Send each message in one piece, instead of attributes as headers.")
@click.option("--as-is", is_flag=True, help="Send lines that would be refused too, byte by byte, to see them in quarantine.")
@json_option
def publish(files: tuple[str, ...], topic: str | None, structured: bool, as_is: bool, as_json: bool) -> None:
    """Send files of JSON Lines to Kafka, one CloudEvent a line, as a system that sells would; `-` reads standard input.

    All files are checked first, and when a line would be refused nothing is sent (exit code 3). Messages about one document,
    payment, customer, account or class share a key, so that they stay in order. To send a file twice is safe.
    """
    from adapters import settings
    from adapters.files import open_source

    way, kafka = Way(topic, structured, as_is), settings.read_kafka()
    with ExitStack() as opened:
        read = [_checked(opened.enter_context(open_source(path)), path) for path in files]
        _refuse_faults(read, way)
        _send(kafka, read, way, as_json=as_json)


def _checked(source: Source, path: str) -> Read:
    from schemas.envelope import read_structured
    from schemas.gate import Unreadable

    read = Read(source)
    with progress(source.lines, f"checking {path}") as moved:
        last = 0
        for number, raw in source.messages():
            read.messages += 1
            try:
                read_structured(raw)
            except Unreadable as fault:
                read.faults.append((number, fault.code, fault.message))
            moved(number - last)
            last = number
    return read


def _refuse_faults(read: Sequence[Read], way: Way) -> None:
    faults = [(each.source.path, *fault) for each in read for fault in each.faults]
    if not faults or way.as_is:
        return
    for path, line, code, message in faults[:FAULTS_TOLD_MAX]:
        click.echo(f"{path}:{line}: {code}: {message}", err=True)
    told = f"{counted(len(faults), 'message')} would be refused, so nothing was sent"
    raise CheckFailed(" ".join(each.source.path for each in read), told, "correct the lines above, or send them with --as-is")


def _send(kafka: KafkaSettings, read: Sequence[Read], way: Way, *, as_json: bool) -> None:
    from adapters.kafka.probing import probing
    from adapters.kafka.sending import sending
    from schemas.asyncapi import NOUNS

    wanted = [way.topic] if way.topic else list(NOUNS)
    with probing(kafka) as broker:
        there = {name for name, found in broker.topics(wanted).items() if found.partitions}
    with sending(kafka) as sender:
        for each in read:
            before = dict(sender.acknowledged)
            try:
                _send_file(sender, each, way, there)
            except EdgeError as error:
                safe = sum(sender.acknowledged.values()) - sum(before.values())
                told = f"{error.reason}; {safe:,} of {each.messages:,} messages of {each.source.path} are acknowledged"
                failed = type(error)(error.place, told, f"{error.remedy}; then send the file again, which is safe")
                raise failed from error
            topics = {name: count - before.get(name, 0) for name, count in sender.acknowledged.items()}
            _tell(each, {name: count for name, count in sorted(topics.items()) if count}, as_json=as_json)


def _send_file(sender: Sender, read: Read, way: Way, there: set[str]) -> None:
    last = 0
    with progress(read.source.lines, f"sending {read.source.path}") as moved:
        for number, raw in read.source.messages():
            message = prepared(raw, way)
            if message.topic not in there:
                place = f"{read.source.path}:{number}"
                raise BrokerUnreachable(place, f"the broker has no topic {message.topic}", "create it: postgate topics --create")
            sender.send(message)
            moved(number - last)
            last = number
        sender.flush()


def prepared(raw: bytes, way: Way) -> Sent:
    """Return a message as it stands on the wire; one that would be refused goes in one piece, byte by byte."""
    from adapters.kafka.sending import Sent
    from schemas.envelope import read_structured
    from schemas.gate import Unreadable

    try:
        read_structured(raw)
    except Unreadable:
        said = _seen(raw)
        return Sent(way.topic or topic_of(str(said.get("type"))), b"", bytes(raw), {"content-type": STRUCTURED})
    said = json.loads(raw)
    data = said.pop("data")
    topic, key = way.topic or topic_of(said["type"]), key_of(said, data)
    if way.structured:
        return Sent(topic, key, bytes(raw), {"content-type": STRUCTURED})
    content = said.pop("datacontenttype", "application/json")
    headers = {**{f"ce_{name}": value for name, value in said.items()}, "content-type": content}
    return Sent(topic, key, json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), headers)


def topic_of(type_: str) -> str:
    """Return the topic where messages of a type arrive by default; that of documents for what is no type of ours."""
    from schemas.asyncapi import NOUNS

    noun = type_.split(".")[1] if type_.count(".") >= 2 else ""
    return next((topic for topic, nouns in NOUNS.items() if noun in nouns), "postgate.documents")


def key_of(said: dict[str, str], data: dict[str, object]) -> bytes:
    """Return the key of a message: its own partition key if it has one, else the book and what must stay in order."""
    named = next((str(data[name]) for name in ORDERED_BY if isinstance(data.get(name), str)), "")
    return (said.get("partitionkey") or f"{said['book']}|{named}").encode()


def _seen(raw: bytes) -> dict[str, object]:
    """Return what can be seen in a message that cannot be read."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _tell(read: Read, topics: dict[str, int], *, as_json: bool) -> None:
    acknowledged = sum(topics.values())
    if as_json:
        told = {"file": read.source.path, "messages": read.messages, "acknowledged": acknowledged}
        emit({**told, "refusable": len(read.faults), "topics": topics})
        return
    click.echo(f"{read.source.path}: {counted(acknowledged, 'message')} acknowledged")
    for name, count in topics.items():
        click.echo(f"  {name:<30}{count:>8,}")
