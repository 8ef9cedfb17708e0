"""`labeler backup`, `labeler restore`, and going on with a database that lost something."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from labeler.cli.group import as_json, labeler, opened, print_json, progress_bar
from labeler.config import read_settings
from labeler.storage.backup import back_up
from labeler.storage.database import accept_as_complete, clock
from labeler.storage.migrations import HEAD
from labeler.storage.restore import as_it_was, restore
from labeler.webhooks.actions import pause_all


@labeler.command()
@click.argument("path", type=click.Path(path_type=Path))
@as_json
def backup(path: Path, as_json: bool) -> None:
    """Write everything to one file, while everybody works: all rows, pictures, files that jobs need.

    In a folder the file gets a name with the time. It holds hashes of passwords, so only its owner may read it; the
    key that signs cookies is not in it, so after restoring everybody signs in again.
    """
    with opened() as (_, database, _files), progress_bar("Backing up", quiet=as_json) as progress:
        made = back_up(database, path, HEAD, progress=progress)
    if as_json:
        print_json({**made._asdict(), "path": str(made.path)})
        return
    click.echo(f"{made.path}: {made.rows:,} rows and {made.files:,} files, {made.size:,} bytes.")
    click.echo(f"Everything acknowledged before {made.as_of} is in it.")


@labeler.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--webhooks", is_flag=True, help="Go on calling webhooks: the original is gone, and this replaces it.")
@as_json
def restore_(path: Path, webhooks: bool, as_json: bool) -> None:
    """Bring a backup into an empty instance, on SQLite or PostgreSQL, and compare every row with it.

    Webhooks are paused, so that a copy does not call the same programs as the original; what there is to tell waits
    until a lead switches them on, on the page Webhooks of each project.
    """
    paused = 0

    def pause(session: Session) -> None:
        nonlocal paused
        paused = pause_all(session, clock(session))

    with progress_bar("Restoring", quiet=as_json) as progress:
        made = restore(read_settings(), path, progress=progress, then=as_it_was if webhooks else pause)
    if as_json:
        print_json({**made._asdict(), "webhooks_paused": paused})
        return
    for name, rows in made.tables.items():
        click.echo(f"{name:<20} {rows:>12,} rows, each as it was saved")
    click.echo(f"{'files':<20} {made.files:>12,}")
    click.echo(f"Everything acknowledged before {made.as_of} is here. Everybody signs in again.")
    if paused:
        click.echo(
            f"{paused:,} webhooks are paused, so that a copy does not call what the original calls. A lead switches "
            "them on, on the page Webhooks of each project; with --webhooks they go on at once."
        )


@labeler.command("accept-database")
def accept_database() -> None:
    """Go on with the SQLite database that is there, although changes are missing from it."""
    settings = read_settings()
    accept_as_complete(settings)
    click.echo("From now on the database is taken as it is; what is missing from it stays missing.", err=True)
