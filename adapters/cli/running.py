"""Running on the command line: the workers as one process or as several, until a signal, a fault, or the end of the work."""

from __future__ import annotations

import click

from adapters.cli.options import store_option

PARTS = ("ingest", "publish")


@click.command()
@click.argument("part", type=click.Choice(PARTS), required=False)
@click.option("--once", is_flag=True, help="Take in and publish what is there at the start, then end with exit code 0.")
@store_option
def run(part: str | None, once: bool, store: str | None) -> None:
    """Keep going between Kafka and the store: messages in, postings, decisions and quarantine notices out.

    Without a word both parts run in this process; `run ingest` and `run publish` are the same in processes of their own.
    Several may run at once: those that ingest share the partitions, and of those that publish one is at work. Views are
    kept by ingest in the transaction of what they show; a store whose views are of another release is refused, as by every
    command. The broker is named by POSTGATE_KAFKA, and POSTGATE_HEALTH is where /metrics, /healthz and /readyz answer.

    Logs are one line of JSON each on standard error. SIGTERM and SIGINT end it within 10 seconds, and nothing is half done.
    """
    from adapters import settings
    from adapters.workers.operation import Operation

    in_force = settings.read(store)
    code = Operation(in_force, PARTS if part is None else (part,), once=once).run()
    if code:
        raise click.exceptions.Exit(code)
