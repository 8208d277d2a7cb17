"""Topics on the command line: those that are read and written, and the positions of one that an operator gives up as lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from adapters.cli.options import book_option, dry_option, json_option, store_option
from adapters.cli.output import counted, emit, show
from adapters.errors import BrokerUnreachable, CheckFailed, NotFound

if TYPE_CHECKING:
    from adapters.settings import KafkaSettings

COLUMNS = (("topic", "topic"), ("partitions ", "partitions"), ("state", "state"))


@click.command()
@click.option("--create", "make", is_flag=True, help="Make those that are missing; those that are there stay as they are.")
@json_option
def topics(make: bool, as_json: bool) -> None:
    """Check the topics of the broker against those that Postgate reads and writes.

    Exit code 4 when one is missing, 3 when one would lose messages. A number of partitions is chosen once, at birth: another
    than ours is well, a change of it is not, and `doctor` tells.
    """
    from adapters import settings
    from adapters.kafka import topics as kept

    in_force = settings.read_kafka()
    model = kept.topics()[0]
    wanted = (*(replace(model, name=name) for name in in_force.inbound), *kept.outbound())
    names = [topic.name for topic in wanted]
    with kept.administering(in_force) as client:
        made = kept.create(client, wanted) if make else ()
        there = kept.found(client, names)
    wrong: dict[str, list[str]] = {}
    for topic, told in kept.wrong(there, wanted):
        wrong.setdefault(topic.name, []).append(told)
    rows = [
        {
            "topic": name,
            "partitions": there[name].partitions if name in there else 0,
            "created": name in made,
            "state": "; ".join(wrong.get(name, ["created" if name in made else "ok"])),
        }
        for name in names
    ]
    show(rows, COLUMNS, as_json=as_json, limit=0)
    missing = [name for name in names if name not in there]
    if missing:
        told = f"has no topic {', '.join(missing)}"
        raise BrokerUnreachable(in_force.bootstrap.value, told, "create it: postgate topics --create")
    faults = [told for name in wrong for told in wrong[name] if "partitions" not in told]
    if faults:
        told = f"{counted(len(faults), 'fault')}, such as: {faults[0]}"
        raise CheckFailed("topics", told, "correct it with the broker's own tools")


@click.command()
@click.argument("topic")
@click.argument("partition", type=click.IntRange(min=0))
@click.option("--to", required=True, type=click.IntRange(min=1), metavar="OFFSET", help="The offset at which reading goes on.")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the records before it are lost for good.")
@click.option("--from", "first", type=click.IntRange(min=0), metavar="OFFSET", help="The first lost offset, to be sure of it.")
@book_option
@dry_option
@json_option
@store_option
def skip(topic: str, partition: int, to: int, by: str, reason: str, **how: object) -> None:
    """Declare records of a stopped partition lost, from where it stopped up to an offset, so that it is read on from there.

    It is recorded in the book, with who said so and why; reading goes on by itself. Nothing is deleted anywhere: what turns
    up later can be taken in as a file.
    """
    from adapters import settings, wiring
    from adapters.cli.choice import one_book
    from adapters.operator import Operator

    in_force = settings.read(_text(how["store"]))
    source = _source(in_force.kafka, topic, partition, to)
    with wiring.opened(in_force, _text(how["book"])) as log:
        book, position = one_book(log, _text(how["book"])), log.source_position(source)
        if how["first"] not in (None, position):
            told = f"the store has read it up to offset {position}, not {how['first']}"
            raise NotFound(source, told, f"write --from {position}, or leave it out")
        if to <= position:
            raise NotFound(source, f"the store has read it up to offset {position} already", f"name an offset after {position}")
        # A position counts from 1: the record at offset n stands at position n + 1.
        gap = {"source": source, "from": position + 1, "to": to, "by": by, "reason": reason}
        dry = bool(how["dry_run"])
        done = Operator(log).say("source.gap_declared", book, gap, dry=dry)
    if how["as_json"]:
        emit({**gap, "book": book, "offsets": to - position, "verdict": done.verdict, "dry_run": dry})
        return
    would = "would be" if dry else "are"
    click.echo(f"{topic} partition {partition}: offsets {position} to {to - 1} {would} declared lost; reading goes on at {to}")


def _source(settings: KafkaSettings, topic: str, partition: int, to: int) -> str:
    """Return the source that a partition is, if reading may go on there at an offset."""
    from adapters.kafka.probing import probing, source

    with probing(settings) as broker:
        found = broker.topics([topic])[topic]
        if partition >= found.partitions:
            told = f"has no partition {partition} of topic {topic}" if found.partitions else f"has no topic {topic}"
            raise NotFound(settings.bootstrap.value, told, "look at postgate topics")
        kept = broker.ranges([found])[topic, partition]
        if not kept.first <= to <= kept.end:
            told = f"the broker has offsets {kept.first} to {kept.end - 1} of it"
            raise NotFound(f"{topic} partition {partition}", told, f"write --to {kept.first}, or up to {kept.end}")
        return source(broker.cluster(), found, partition)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
