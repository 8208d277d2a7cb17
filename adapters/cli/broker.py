"""The broker as the doctor sees it: reached, the right one, with its topics, and read as far as the store says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.cli.output import counted
from adapters.errors import EdgeError

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from adapters.kafka.probing import Probe, Range, Topic
    from adapters.settings import KafkaSettings

CREATE = "create it: postgate topics --create"
RIGHTS = "grant it to this user with the broker's ACLs"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `remedy` is empty when it is well. `exit_code` says how bad it is otherwise, 0 no harm."""

    name: str
    found: str
    remedy: str = ""
    exit_code: int = 3


def checks(settings: KafkaSettings, log: Store | None) -> Iterator[Check]:
    """Yield every check of the broker; those against the store only where it can be opened."""
    if not settings.bootstrap.value:
        yield Check("broker", f"none is set ({settings.bootstrap.environment}); files need none")
        return
    from adapters.kafka.probing import probing

    try:
        with probing(settings) as broker:
            cluster = broker.cluster()
            yield Check("broker", f"{settings.bootstrap.value} speaks like Kafka {broker.release()}, cluster {cluster}")
            topics = broker.topics(settings.inbound)
            for name, topic in topics.items():
                yield _topic(name, topic, "READ")
            yield from _outbound(settings, broker, cluster, log)
            if log is not None:
                yield from _positions(settings, broker, topics, log)
                yield _published(log, cluster)
    except EdgeError as error:
        yield Check("broker", f"{error.place}: {error.reason}", error.remedy, error.exit_code)


def _topic(name: str, topic: Topic, need: str) -> Check:
    what = f"topic {name}"
    if topic.is_forbidden or (topic.allowed and need not in topic.allowed):
        return Check(what, f"this user may not {need.lower()} it", RIGHTS, 4)
    if not topic.partitions:
        return Check(what, "is not there", CREATE, 4)
    return Check(what, f"{topic.partitions} partitions")


def _outbound(settings: KafkaSettings, broker: Probe, cluster: str, log: Store | None) -> Iterator[Check]:
    """Look at the topics that are written: there, writable, whole, and with as many partitions as when they were begun."""
    from adapters.kafka.topics import administering, found, outbound, wrong

    wanted = {topic.name: topic for topic in outbound()}
    seen = broker.topics(list(wanted))
    there = [name for name, topic in seen.items() if topic.partitions and not topic.is_forbidden]
    with administering(settings) as client:
        kept = found(client, there) if there else {}
    faults = {topic.name: told for topic, told in wrong(kept, list(wanted.values())) if "partitions" not in told}
    for name, topic in seen.items():
        check = _topic(name, topic, "WRITE")
        first = _noted(log, f"partitions:{cluster}/{name}")
        if not check.remedy and first not in (None, topic.partitions):
            told = f"{topic.partitions} partitions, and {first} when it was first written to"
            check = Check(check.name, told, f"make it anew with {first}: keys have changed their partitions")
        elif not check.remedy and name in faults:
            check = Check(check.name, faults[name], "correct it with the broker's own tools: it would lose messages")
        yield check


def _positions(settings: KafkaSettings, broker: Probe, topics: Mapping[str, Topic], log: Store) -> Iterator[Check]:
    """Hold how far the store has read against what the broker has, and what the group was told."""
    from adapters.kafka.connection import right_cluster
    from adapters.kafka.probing import source
    from adapters.kafka.sources import known

    cluster = broker.cluster()
    right_cluster(settings, cluster, {each.cluster: each for each in known(log)})
    group = broker.group(settings.group.value)
    left, ahead = 0, 0
    for (name, partition), kept in broker.ranges(topics.values()).items():
        position = log.source_position(source(cluster, topics[name], partition))
        left += max(0, kept.end - max(position, kept.first))
        ahead += (group or {}).get((name, partition), 0) > position
        check = _partition(log, source(cluster, topics[name], partition), (name, partition), kept)
        if check is not None:
            yield check
    yield Check("lag", f"{left:,} offsets are left to read")
    name = settings.group.value
    if group is None:
        yield Check("group", f"this user may not describe group {name}", RIGHTS, 4)
    elif ahead:
        told = f"{name}: ahead of the store in {counted(ahead, 'partition')}"
        yield Check("group", told, "no harm: reading goes on where the store is. Was it restored?", 0)
    else:
        yield Check("group", f"{name}: no further than the store")


def _partition(log: Store, name: str, place: tuple[str, int], kept: Range) -> Check | None:
    """Return what stops a partition, none when it is read on."""
    from adapters.kafka.sources import stop_of

    position, stop = log.source_position(name), stop_of(log, name)
    what = f"{place[0]} {place[1]}"
    skip = f"postgate skip {place[0]} {place[1]} --to {max(kept.first, position + 1)} --by NAME --reason TEXT"
    if position and position < kept.first:
        lost = f"stopped: offsets {position} to {kept.first - 1} are gone from the broker"
        return Check(what, lost, f"find the records and take them in as a file, or declare them lost: {skip}")
    if position > kept.end:
        told = f"stopped: the store has read up to offset {position}, and the broker ends at {kept.end}"
        return Check(what, told, "the broker was restored or lost records: restore them, or make the topic anew")
    if stop is not None and stop.position == position:
        return Check(what, f"stopped at offset {position}: {stop.why}", f"find out what happened to it; then {skip}")
    return None


def _published(log: Store, cluster: str) -> Check:
    from adapters.kafka.notes import noted_position, too_large

    head, told, unsent = log.head(), noted_position(log, cluster).position, too_large(log, cluster)
    if told > head:
        found = f"the topics were told up to position {told:,}, and the log ends at {head:,}"
        return Check("published", found, "was the store restored? postgate reconcile --topic shows what differs")
    if unsent:
        found = f"{counted(len(unsent), 'message')} larger than the broker takes"
        return Check("published", found, "raise max.message.bytes of the topic, then postgate reconcile --topic")
    return Check("published", f"up to position {told:,} of {head:,}")


def _noted(log: Store | None, name: str) -> int | None:
    if log is None:
        return None
    with log.querying() as cursor:
        cursor.execute("SELECT number FROM notes WHERE name = ?", (name,))
        row = cursor.fetchone()
    return int(row[0]) if row else None
