"""The doctor: looks at settings, store, disk and clock, and says for each whether it is well and what to do if not."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.broker import Check
from adapters.cli.options import json_option, store_option
from adapters.cli.output import counted, emit
from adapters.errors import CheckFailed, EdgeError

if TYPE_CHECKING:
    from adapters.eventlog.store import Store
    from adapters.settings import Settings

FREE_BYTES_MIN = 500 * 1024 * 1024


@click.command()
@store_option
@json_option
def doctor(as_json: bool, store: str | None) -> None:
    """Check settings, store, disk, clock and broker. Exit code 3 when a check failed, 4 when something cannot be reached."""
    from adapters import settings

    worst = 0
    for check in checks(settings.read(store)):
        bad = bool(check.remedy) and check.exit_code > 0
        worst = max(worst, check.exit_code if bad else 0)
        if as_json:
            emit({"check": check.name, "found": check.found, "ok": not bad, "remedy": check.remedy or None})
        else:
            click.echo(f"{'FAIL' if bad else 'warn' if check.remedy else 'ok':<5} {check.name:<28} {check.found}")
            if check.remedy:
                click.echo(f"{'':<34} {check.remedy}")
    if worst:
        failed = CheckFailed("doctor", "something is not well", "do what stands under each FAIL")
        failed.exit_code = worst
        raise failed


def checks(in_force: Settings) -> Iterator[Check]:
    """Yield every check; those that need the store come after it, and those of the broker last."""
    from adapters import wiring
    from adapters.cli import broker
    from adapters.workers.sharing import own_share

    yield from _programs()
    for setting in in_force.all():
        if setting in in_force.kafka.all()[1:] and not in_force.kafka.bootstrap.value and setting.origin == "default":
            continue  # Without a broker, nobody asks how it is spoken to.
        is_server = setting.name == "store" and not setting.value.startswith("sqlite:")
        shown = setting.value.partition(":")[0] + "://…" if is_server else setting.shown
        yield Check(f"setting {setting.name}", f"{shown or 'not set'} ({setting.origin}; {setting.environment})")
    yield from _set(in_force)
    with ExitStack() as opened:
        log: Store | None = None
        try:
            if path := wiring.store_path(in_force):
                yield from _disk(path)
            log = opened.enter_context(wiring.opened(in_force))
            yield from _store(log)
        except EdgeError as error:
            yield Check("store", f"{error.place}: {error.reason}", error.remedy, error.exit_code)
        try:
            kafka, _ = own_share(in_force)
        except EdgeError:
            return  # The store has told of it.
        yield from broker.checks(kafka, log)


def _set(in_force: Settings) -> Iterator[Check]:
    """Look at settings that only `run` uses, so that it is known before."""
    from adapters import health

    try:
        health.address(in_force.health.value)
        _ = in_force.kafka.inbound, in_force.expected_targets
    except EdgeError as error:
        yield Check("settings", f"{error.place}: {error.reason}", error.remedy, error.exit_code)


def _programs() -> Iterator[Check]:
    from adapters import clock
    from engine.firewall.rulebook import RULEBOOK, RULES

    yield Check("python", f"{platform.python_version()} on {platform.system()}")
    yield Check("postgate", version("postgate") if _installed() else "not installed, run from its source")
    yield Check("rulebook", f"{RULEBOOK}, {len(RULES)} rules")
    yield Check("sqlite", sqlite3.sqlite_version)
    known = clock.day("America/New_York", 0) is not None
    yield Check("time zones", "known" if known else "unknown", "" if known else "install the time zone database: tzdata")


def _installed() -> bool:
    from importlib.metadata import PackageNotFoundError

    try:
        return bool(version("postgate"))
    except PackageNotFoundError:
        return False


def _disk(path: Path) -> Iterator[Check]:
    folder = next((place for place in path.parents if place.exists()), Path("/"))
    free = shutil.disk_usage(folder).free
    remedy = "" if free >= FREE_BYTES_MIN else f"free some space on the disk of {folder}; ingest stops when it is full"
    yield Check("disk", f"{free // (1024 * 1024):,} MiB free at {folder}", remedy)


def _rights(log: Store) -> Iterator[Check]:
    """Say what `run` would find when it wants to write."""
    try:
        log.ready_to_write()
    except EdgeError as error:
        yield Check("rights", f"{error.place}: {error.reason}", error.remedy, error.exit_code)


def _store(log: Store) -> Iterator[Check]:
    from adapters import clock
    from adapters.eventlog.tables import SCHEMA_VERSION
    from adapters.standing import STUCK_DAYS
    from engine.record import decode

    head = log.head()
    yield Check("store", f"{log.path}, version {SCHEMA_VERSION}, deployment {log.deployment[:12]}, {head:,} records")
    with log.querying() as cursor:
        cursor.execute(
            "SELECT COUNT(*), COALESCE(SUM(notification_id), 0) FROM tracking WHERE application_name <> '__migration__'"
        )
        ((sources, read),) = cursor.fetchall()
        cursor.execute("SELECT MIN(business_date), COUNT(*) FROM view_documents WHERE state IN ('REQUIRES_ATTENTION', 'WAITING')")
        ((oldest, held),) = cursor.fetchall()
        since = clock.text(clock.now() - STUCK_DAYS * clock.DAY)[:10]
        unposted = "SELECT COUNT(*) FROM view_documents WHERE state IN ('REQUIRES_ATTENTION', 'WAITING')"
        cursor.execute(f"{unposted} AND since < ?", (since,))
        ((stuck,),) = cursor.fetchall()
        cursor.execute("SELECT COUNT(*) FROM view_quarantine WHERE requeued IS NULL")
        ((quarantined,),) = cursor.fetchall()
    yield from _rights(log)
    for finding in log.findings():
        yield Check(finding.name, finding.found, finding.advice, 0)
    yield Check("durability", *log.durability())
    yield Check("sources", f"{sources:,} sources, {read:,} positions read")
    yield Check("held", f"{held:,} documents, the oldest of {oldest}" if held else "none")
    told = f"{counted(stuck, 'document')} came more than {STUCK_DAYS} days ago" if stuck else "nothing"
    yield Check("stuck", told, f"look at postgate held --older-than {STUCK_DAYS}d" if stuck else "", 0)
    yield Check("quarantine", f"{quarantined:,} messages" if quarantined else "empty")
    last = log.read(head - 1, 1) if head else ()
    ahead = bool(last) and decode(last[0]).cause.at > clock.now()
    yield Check("clock", clock.text(clock.now()), "the last record is from the future: set this machine's clock" if ahead else "")
