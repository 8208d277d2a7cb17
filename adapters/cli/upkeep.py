"""Upkeep: the store is made and brought up to date, views are made anew, schemas are written out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from adapters.cli.options import json_option, store_option
from adapters.cli.output import emit
from adapters.cli.progress import progress
from adapters.errors import NotFound


@click.command()
@store_option
@json_option
def migrate(as_json: bool, store: str | None) -> None:
    """Create the store, or bring it up to this release; running it again changes nothing."""
    from adapters import settings, wiring
    from adapters.eventlog.tables import SCHEMA_VERSION

    for path, done in wiring.migrated(settings.read(store)).items():
        if as_json:
            emit({"store": path, "created": done.created, "schema_version": SCHEMA_VERSION, "views_rebuilt": list(done.rebuilt)})
            continue
        click.echo(f"{path}: {'created' if done.created else 'is up to date'}, store version {SCHEMA_VERSION}")
        if done.rebuilt:
            click.echo(f"views rebuilt: {', '.join(done.rebuilt)}")


@click.command()
@click.argument("view", required=False)
@click.option("--all", "every", is_flag=True, help="Every view.")
@store_option
@json_option
def rebuild(view: str | None, every: bool, as_json: bool, store: str | None) -> None:
    """Make a view anew from the log, in one transaction: until it ends, and if it is stopped, the old one stands."""
    from adapters import settings, wiring
    from projections.views import VIEWS

    names = [known.name for known in VIEWS]
    if (view is None) != every or (view is not None and view not in names):
        raise NotFound(view or "VIEW", "names no view" if view else "name one view, or --all", f"there are {', '.join(names)}")
    chosen = [known for known in VIEWS if every or known.name == view]
    with wiring.opened(settings.read(store)) as log:
        head = log.head()
        with progress(head, "rebuilding") as moved, log.writing() as writing:
            writing.rebuild(chosen, moved)
    if as_json:
        emit({"views": [known.name for known in chosen], "records": head})
    else:
        click.echo(f"rebuilt {', '.join(known.name for known in chosen)} from {head:,} records")


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="Write them into this folder.")
@json_option
def schemas(output: Path | None, as_json: bool) -> None:
    """List the published message schemas, or write them into a folder."""
    from schemas.publish import published

    files = published()
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (output / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(f"{len(files)} files are in {output}", err=True)
    for name, content in files.items():
        title = content.get("description") if isinstance(content, dict) else None
        if as_json:
            emit({"file": name, "description": title})
        elif output is None:
            click.echo(f"{name:<48} {title or ''}".rstrip())
