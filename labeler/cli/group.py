"""The `labeler` command itself, and what its subcommands share: settings, the database, one line on an error."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from labeler import __version__
from labeler.config import Settings, read_settings
from labeler.errors import LabelerError
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade


class OneLineErrors(click.Group):
    """A group whose commands answer a LabelerError with one line and status 1 instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        from sqlalchemy.exc import InterfaceError, OperationalError

        try:
            return super().invoke(ctx)
        except LabelerError as error:
            click.echo(f"Error: {error.message}", err=True)
        except (OperationalError, InterfaceError) as error:
            reason = str(error.orig).partition("\n")[0]
            click.echo(f"Error: The database cannot be used: {reason}", err=True)
        except OSError as error:
            click.echo(f"Error: {error.filename or 'A file'} cannot be used: {error.strerror or error}.", err=True)
        raise SystemExit(1)


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="labeler")
def labeler() -> None:
    """Label images and text as a team, find the labels that are probably wrong, export a clean set."""


@contextmanager
def opened(instance: Path | None = None) -> Iterator[tuple[Settings, Database, FileStore]]:
    """Open the instance the environment names, its database brought up to date; close it afterwards."""
    settings = read_settings(instance=instance)
    database = Database(settings)
    try:
        upgrade(database)
        yield settings, database, FileStore.of(settings)
    finally:
        database.close()


def print_json(value: Any) -> None:
    """Print one JSON value on one line of standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))


@contextmanager
def progress_bar(label: str, *, quiet: bool = False) -> Iterator[Any]:
    """Yield a function (share 0 to 1, message) that draws a bar on standard error, or nothing when quiet."""
    if quiet:
        yield lambda _share, _message: None
        return
    steps = 1000
    with click.progressbar(
        length=steps, label=label, file=sys.stderr, item_show_func=lambda message: str(message or ""), show_eta=False
    ) as bar:

        def draw(share: float, message: str) -> None:
            bar.update(max(0, round(share * steps) - bar.pos), message)

        yield draw


as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print machine-readable output, and nothing else, on standard output."
)
